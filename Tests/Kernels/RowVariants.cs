using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Which variant of a row kernel the shapes of <see cref="RowInputs"/> reach.</summary>
public static class RowVariants
{
    /// <summary>One lane a row up to 16 columns and everywhere in the one-lane style, a group a row beyond; the shapes reach every variant of the target.</summary>
    public static void Verify(Target target, Func<int, RowVariant> variantFor)
    {
        HashSet<RowVariant> reached = [];
        foreach ((_, int k) in RowInputs.Shapes(target))
        {
            RowVariant expected = target.Style == LaunchStyle.Processor || k <= 16 ? RowVariant.RowPerLane : RowVariant.RowPerGroup;
            Assert.That(variantFor(k), Is.EqualTo(expected), $"rows of {k}");
            reached.Add(variantFor(k));
        }

        RowVariant[] all = target.Style == LaunchStyle.Processor ? [RowVariant.RowPerLane] : Enum.GetValues<RowVariant>();
        Assert.That(reached, Is.EquivalentTo(all), "variants that the shapes reach");
    }
}
