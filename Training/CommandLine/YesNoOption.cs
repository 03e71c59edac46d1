using System.CommandLine;

namespace IlgpuVae.Training.CommandLine;

/// <summary>An option that is yes or no, and yes where it stands alone.</summary>
internal static class YesNoOption
{
    internal static Option<bool> Create(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = given =>
        {
            switch (given.Tokens.Count == 0 ? "yes" : given.Tokens[0].Value)
            {
                case "yes" or "true":
                    return true;
                case "no" or "false":
                    return false;
                default:
                    given.AddError($"{name} takes yes or no.");
                    return false;
            }
        },
    };
}
