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
        return $"{What(call, command)} {help}";
    }

    // No name of a file or a word can be empty; lists of layers can.
    private static string? Empty(ParseResult call)
    {
        OptionResult? empty = call.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(option =>
            option.Tokens is [{ Value: var value }] && string.IsNullOrWhiteSpace(value) && option.Option.Name is not ("--encoder" or "--decoder"));
        return empty is null ? null : $"{empty.Option.Name} is empty. It takes {empty.Option.Description}.";
    }

    private static string What(ParseResult call, Command command)
    {
        if (call.UnmatchedTokens.Count > 0)
            return Unknown(call.UnmatchedTokens[0], command);
        ParseError error = call.Errors[0];
        OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        if (option is null)
            return Missing(command) ?? error.Message;
        string name = option.Option.Name;
        if (option.IdentifierTokenCount > 1)
            return $"{name} is given {option.IdentifierTokenCount} times. Give it once.";
        return option.Tokens.Count switch
        {
            0 when option.Option.Required && option.IdentifierTokenCount == 0 => $"{command.Name} needs {name}, {option.Option.Description}.",
            0 => $"{name} needs a value behind it: {option.Option.Description}.",
            1 => $"{name} {Shown.Text(option.Tokens[0].Value)}: {Wanted(option.Option.ValueType)} is wanted here.",
            _ => $"{name} takes one value, and {option.Tokens.Count} follow it. Put quotes around a value that has blanks in it.",
        };
    }

    private static string Unknown(string token, Command command)
    {
        string shown = Shown.Text(token);
        if (command is RootCommand && !token.StartsWith('-'))
            return $"There is no command {shown}.{NearNames.Suggest(token, command.Subcommands.Select(known => known.Name))}";
        string owner = command is RootCommand ? "ilgpu-vae" : command.Name;
        return token.StartsWith('-')
            ? $"{owner} has no option {shown}.{NearNames.Suggest(token, command.Options.Select(known => known.Name))}"
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

    private static string Wanted(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int32 or TypeCode.Int64 => "a whole number (one of ordinary size)",
        TypeCode.UInt64 => "a whole number from 0 on",
        TypeCode.Double => "a number, with a point before its decimals,",
        TypeCode.Boolean => "true, false or nothing",
        _ => "another value",
    };
}
