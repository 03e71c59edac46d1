using System.Reflection;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The body that a recorded launch runs, so that a test can see which of a kernel's forms was taken, and not only which was named.</summary>
internal static class LaunchedBody
{
    /// <summary>The body's type: on the processor that of its shares' body, elsewhere that of the kernel's argument.</summary>
    internal static Type Of(Launch launch)
    {
        object[] kept = [.. Kept(launch.Run.Target!)];
        return kept.OfType<IShares>().SingleOrDefault() is { } shares
            ? shares.GetType().GetGenericArguments().Single()
            : kept.Single(value => value is IRowBody or IElementBody or IMatrixBody or ITileBody).GetType();
    }

    // What the launch's closure holds, closures around it included.
    private static IEnumerable<object> Kept(object closure) => closure.GetType()
        .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Select(field => field.GetValue(closure))
        .OfType<object>()
        .SelectMany(value => value.GetType().Name.Contains("DisplayClass", StringComparison.Ordinal) ? Kept(value) : [value]);
}
