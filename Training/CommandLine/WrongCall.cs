using System.CommandLine;
using System.CommandLine.Parsing;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.CommandLine;

/// <summary>Says in plain words what is wrong with a call that does not parse; the parser's own words speak of .NET types.</summary>
internal static class WrongCall
{
    /// <summary>What is wrong with the call, or null where it can be done.</summary>
    internal static string? Find(ParseResult call) => call.Errors.Count > 0 ? Explain(call) : Empty(call);

    private static string Explain(ParseResult call)
    {
        Command command = call.CommandResult.Command;
        string help = command is RootCommand ? "`ilgpu-vae --help` lists the commands." : $"`ilgpu-vae {command.Name} --help` lists its options.";
        string what = What(call, command);
        return what.EndsWith('?') ? what : $"{what} {help}";
    }

    // No name of a file or a word can be empty; lists of layers can. An option that lacks its value takes the next option's name for it.
    private static string? Empty(ParseResult call)
    {
        foreach (OptionResult option in call.CommandResult.Children.OfType<OptionResult>().Where(option => option.Tokens.Count == 1))
        {
            string value = option.Tokens[0].Value;
            if (string.IsNullOrWhiteSpace(value) && option.Option.Name is not ("--encoder" or "--decoder" or "--prior-network"))
                return $"{option.Option.Name} is empty. It takes {option.Option.Description}.";
            if (IsOption(value, call.CommandResult.Command))
                return $"{NeedsValue(option.Option)}.";
        }

        return null;
    }

    private static bool IsOption(string text, Command command) => command.Options.Any(option => option.Name == text);

    private static string NeedsValue(Option option) => $"{option.Name} needs a value behind it: {option.Description}";

    private static string What(ParseResult call, Command command)
    {
        OptionResult? option = call.Errors.Select(error => error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult)
            .FirstOrDefault(result => result is not null);
        if (option is null)
            return call.UnmatchedTokens.Count > 0 ? Unknown(call.UnmatchedTokens[0], command) : Missing(command) ?? call.Errors[0].Message;
        string name = option.Option.Name;
        if (option.IdentifierTokenCount > 1 && option.Tokens.Count > 1)
            return $"{name} is given {option.IdentifierTokenCount} times; give it once.";
        return option.Tokens.Count switch
        {
            0 when option.Option.Required && option.IdentifierTokenCount == 0 => $"{command.Name} needs {name}, {option.Option.Description}.",
            0 => $"{NeedsValue(option.Option)}.",
            1 when IsOption(option.Tokens[0].Value, command) => $"{NeedsValue(option.Option)}.",
            1 => $"{name} {MessageText.Excerpt(option.Tokens[0].Value)}: {Wanted(option.Option.ValueType)} is wanted here.",
            _ => $"{name} takes one value, and {option.Tokens.Count} follow it. Put quotes around a value that has blanks in it.",
        };
    }

    private static string Unknown(string token, Command command)
    {
        string shown = MessageText.Excerpt(token);
        if (command is RootCommand && !token.StartsWith('-'))
            return $"There is no command {shown}.{SpellingSuggestion.For(token, command.Subcommands.Select(known => known.Name))}";
        string owner = command is RootCommand ? "ilgpu-vae" : command.Name;
        return token.StartsWith('-')
            ? $"{owner} has no option {shown}.{SpellingSuggestion.For(token, command.Options.Select(known => known.Name))}"
            : $"{owner} cannot do anything with '{shown}': every value follows the name of its option.";
    }

    // A required option that is left out altogether has no result of its own.
    private static string? Missing(Command command)
    {
        if (command is RootCommand)
            return "No command is given.";
        Option? required = command.Options.FirstOrDefault(option => option.Required);
        return required is null ? null : $"{command.Name} needs {required.Name}, {required.Description}.";
    }

    private static string Wanted(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Int32 => $"a whole number up to {int.MaxValue:N0}",
        TypeCode.Int64 => "a whole number",
        TypeCode.UInt64 => "a whole number from 0 on",
        TypeCode.Double => "a number, with a point before its decimals,",
        TypeCode.Boolean => "true, false or nothing",
        _ => "another value",
    };
}
