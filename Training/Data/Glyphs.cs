using System.Globalization;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// The built-in data set: binary pictures, each one of P prototypes drawn with equal probability, every pixel flipped independently with
/// probability <see cref="Noise"/>. Its log-likelihood is known (<see cref="GlyphsTruth"/>). The same on every machine.
/// With <see cref="Classes"/>, each class has prototypes of its own and probabilities for them (<see cref="GlyphClasses"/>), so that the modes of p(x | class)
/// are known too. Written <c>glyphs:prototypes=16,classes=4,size=16,noise=0.05,train=8192,valid=1024,test=2048,seed=0</c>; every key may be left out.
/// </summary>
internal sealed record Glyphs
{
    private static readonly string[] Keys = ["prototypes", "classes", "size", "noise", "train", "valid", "test", "seed"];

    /// <summary>Number of prototypes, P: 1 to 1024.</summary>
    public int Prototypes { get; init; } = 16;

    /// <summary>Number of classes, C: 1 to P. Null makes every prototype a class of its own.</summary>
    public int? Classes { get; init; }

    /// <summary>Height and width of the pictures: 8 to 64, so D is its square.</summary>
    public int Size { get; init; } = 16;

    /// <summary>Probability that a pixel is flipped: from 0 up to, but not including, 0.5.</summary>
    public double Noise { get; init; } = 0.05;

    /// <summary>Examples to train on.</summary>
    public int Train { get; init; } = 8192;

    /// <summary>Examples to validate on; 0 for none.</summary>
    public int Valid { get; init; } = 1024;

    /// <summary>Examples to test on; 0 for none.</summary>
    public int Test { get; init; } = 2048;

    /// <summary>Seed of prototypes and examples.</summary>
    public int Seed { get; init; }

    /// <summary>Draws the prototypes and the splits; labels are classes.</summary>
    public DataSplits Generate()
    {
        GlyphsTruth truth = new(GlyphPrototypes.Draw(Prototypes, Size, Seed), Size, Noise, Classes);
        return new DataSplits
        {
            Train = truth.Draw("glyphs train", Train, Random(GlyphStream.Train)),
            Valid = Valid > 0 ? truth.Draw("glyphs valid", Valid, Random(GlyphStream.Valid)) : null,
            Test = Test > 0 ? truth.Draw("glyphs test", Test, Random(GlyphStream.Test)) : null,
            Truth = truth,
        };
    }

    internal static Glyphs Parse(string spec, DataOptions options)
    {
        if (options with { StandardisesTables = false, HoldsTruthValues = null } != new DataOptions { SplitSeed = options.SplitSeed })
            throw new InputException(
                "glyphs are generated split and scaled, so the options that read and split files do not apply to them. Drop those, or set "
                    + "glyphs:train=...,valid=...,test=...");
        Glyphs glyphs = new();
        HashSet<string> seen = [];
        foreach (string item in spec == "glyphs" ? [] : spec["glyphs:".Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            string[] pair = item.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length != 2)
                throw new InputException($"{spec}: expected key=value, found '{item}'. The keys are {string.Join(", ", Keys)}.");
            if (!seen.Add(pair[0]))
                throw new InputException($"{spec} sets {pair[0]} twice. Set it once.");
            glyphs = glyphs.With(spec, pair[0], pair[1]);
        }
        if (glyphs.Classes > glyphs.Prototypes)
            throw new InputException(
                $"{spec}: {glyphs.Classes} classes need as many prototypes, and there are {glyphs.Prototypes}. Lower classes or raise prototypes.");
        return HostBudget.Allows((UInt128)((long)glyphs.Train + glyphs.Valid + glyphs.Test) * (UInt128)(glyphs.Size * glyphs.Size), 1)
            ? glyphs
            : throw new InputException($"{spec}: so many examples of that size do not fit in host memory. Lower train, valid, test or size.");
    }

    private Glyphs With(string spec, string key, string value)
    {
        return key switch
        {
            "prototypes" => this with { Prototypes = Whole(1, 1024) },
            "classes" => this with { Classes = Whole(1, 1024) },
            "size" => this with { Size = Whole(8, 64) },
            "noise" => this with { Noise = Share() },
            "train" => this with { Train = Whole(1, int.MaxValue) },
            "valid" => this with { Valid = Whole(0, int.MaxValue) },
            "test" => this with { Test = Whole(0, int.MaxValue) },
            "seed" => this with { Seed = Whole(0, int.MaxValue) },
            _ => throw new InputException($"{spec}: there is no key '{key}'.{SpellingSuggestion.For(key, Keys)} The keys are {string.Join(", ", Keys)}."),
        };

        int Whole(int least, int most) =>
            int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
                ? number
                : throw new InputException(
                    $"{spec}: {key} is '{value}', but must be a whole number from {least} to {most}. Correct it, or leave it out for the default.");

        double Share() =>
            double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= 0 && number < 0.5
                ? number
                : throw new InputException(
                    $"{spec}: {key} is '{value}', but must be a number from 0 up to, but not including, 0.5. Correct it, or leave it out for the default.");
    }

    private CounterRandom Random(GlyphStream stream) => new((ulong)Seed, (ulong)stream);
}
