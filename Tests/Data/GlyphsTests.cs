using IlgpuVae.Training.Data;
using MathNet.Numerics;

namespace IlgpuVae.Tests.Data;

public sealed class GlyphsTests : SourceSuite
{
    [Test]
    public void Default_HasTheDocumentedSizes()
    {
        DataSplits splits = DataSource.Open("glyphs", new DataOptions());
        using (Assert.EnterMultipleScope())
        {
            Assert.That((splits.Train.Count, splits.Valid!.Count, splits.Test!.Count), Is.EqualTo((8192, 1024, 2048)));
            Assert.That((splits.Train.Width, splits.Train.Picture), Is.EqualTo((256, (16, 16))));
            Assert.That((splits.Truth!.Count, splits.Truth.Noise), Is.EqualTo((16, 0.05)));
            Assert.That(splits.Train.Bytes!.Distinct(), Is.EquivalentTo((byte[])[0, 255]));
            Assert.That(splits.Train.Labels!.Distinct().Count(), Is.EqualTo(16));
            Assert.That(splits.Valid.Bytes, Is.Not.EqualTo(splits.Test.Bytes!.Take(splits.Valid.Bytes!.Length)));
        }
    }

    /// <summary>The numbers were made by glyphs_reference.py, beside this file.</summary>
    [Test]
    public void Seed_GivesTheSameNumbersEverywhere()
    {
        DataSplits splits = DataSource.Open("glyphs", new DataOptions());
        Assert.That(Hash(splits.Truth!.Prototypes), Is.EqualTo(18377961950473307321UL));
        Assert.That(Hash(splits.Train.Bytes!), Is.EqualTo(918083583402475454UL));
        Assert.That(Hash(splits.Test!.Bytes!), Is.EqualTo(3989641053824633122UL));
        Assert.That(Hash(DataSource.Open("glyphs:seed=1", new DataOptions()).Truth!.Prototypes), Is.Not.EqualTo(Hash(splits.Truth.Prototypes)));
    }

    [TestCase("glyphs", 32)]
    [TestCase("glyphs:size=28,prototypes=32,train=1", 98)]
    [TestCase("glyphs:size=8,prototypes=8,train=1", 8)]
    public void Prototypes_AreFarApart(string spec, int distance)
    {
        GlyphsTruth truth = DataSource.Open(spec, new DataOptions()).Truth!;
        byte[][] glyphs = [.. truth.Prototypes.Chunk(truth.Width)];
        for (int i = 0; i < glyphs.Length; i++)
        {
            for (int j = 0; j < i; j++)
                Assert.That(glyphs[i].Zip(glyphs[j]).Count(pair => pair.First != pair.Second), Is.GreaterThanOrEqualTo(distance), $"{i} and {j}");
        }
    }

    [Test]
    public void Truth_MatchesEnumeration()
    {
        // 2 x 2 pixels, so all 16 pictures can be listed: their probabilities must sum to 1 and give the entropy.
        byte[] prototypes = [0, 0, 0, 255, 255, 255, 0, 255, 255, 0, 255, 0];
        const double noise = 0.2;
        GlyphsTruth truth = new(prototypes, 2, noise);
        double total = 0, entropy = 0;
        for (int bits = 0; bits < 16; bits++)
        {
            byte[] x = [.. Enumerable.Range(0, 4).Select(d => (byte)(((bits >> d) & 1) * 255))];
            double p = 0;
            foreach (byte[] glyph in prototypes.Chunk(4))
                p += glyph.Zip(x).Aggregate(1 / 3.0, (product, pair) => product * (pair.First == pair.Second ? 1 - noise : noise));
            double logLikelihood = truth.MeanLogLikelihood(new DataSet { Name = "x", Count = 1, Width = 4, Bytes = x });
            Assert.That(logLikelihood, Is.EqualTo(Math.Log(p)).Within(1e-12));
            total += Math.Exp(logLikelihood);
            entropy -= p * Math.Log(p);
        }
        (double mean, double error) = truth.EstimateLogLikelihood(20000, seed: 1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(total, Is.EqualTo(1).Within(1e-12));
            Assert.That(truth.ConditionalEntropy, Is.EqualTo(-4 * ((0.2 * Math.Log(0.2)) + (0.8 * Math.Log(0.8)))).Within(1e-12));
            Assert.That(entropy, Is.InRange(truth.ConditionalEntropy, truth.EntropyBound));
            Assert.That(error, Is.GreaterThan(0).And.LessThan(0.02));
            Assert.That(mean, Is.EqualTo(-entropy).Within(5 * error));
        }
    }

    [Test]
    public void Truth_ReachesItsBoundWhereNoiseDoesNotConfuse()
    {
        DataSplits splits = DataSource.Open("glyphs", new DataOptions());
        GlyphsTruth truth = splits.Truth!;
        // The flips of one picture have standard deviation sqrt(D noise (1 - noise)), each worth log((1 - noise) / noise) nats.
        double deviation = Math.Sqrt(256 * 0.05 * 0.95) * Math.Log(19) / Math.Sqrt(splits.Test!.Count);
        Assert.That(truth.MeanLogLikelihood(splits.Test), Is.EqualTo(-truth.EntropyBound).Within(5 * deviation));
    }

    [Test]
    public void Noise_FlipsTheStatedShareOfPixels()
    {
        DataSplits splits = DataSource.Open("glyphs", new DataOptions());
        DataSet train = splits.Train;
        int flips = 0;
        int[] perClass = new int[16];
        for (int i = 0; i < train.Count; i++)
        {
            perClass[train.Labels![i]]++;
            for (int d = 0; d < 256; d++)
                flips += train.Bytes![(i * 256) + d] != splits.Truth!.Prototypes[(train.Labels[i] * 256) + d] ? 1 : 0;
        }
        // n = 2 097 152 pixels: sigma is 1.5e-4, so a noise of 0.0513 is 8 sigma away.
        double n = train.Count * 256.0;
        Assert.That(flips / n, Is.EqualTo(0.05).Within(Significance.Sigmas * Math.Sqrt(0.05 * 0.95 / n)));
        double chiSquare = perClass.Sum(count => (count - 512.0) * (count - 512.0) / 512);
        Assert.That(SpecialFunctions.GammaUpperRegularized(7.5, chiSquare / 2), Is.GreaterThan(Significance.Alpha));
    }

    /// <summary>The numbers were made by glyphs_reference.py, beside this file.</summary>
    [Test]
    public void Classes_GiveTheSameNumbersEverywhere()
    {
        DataSet test = DataSource.Open("glyphs:classes=4,test=512", new DataOptions()).Test!;
        Assert.That(Hash(test.Labels!.Select(label => (byte)label)), Is.EqualTo(15531656720953558097UL));
        Assert.That(Hash(test.Bytes!), Is.EqualTo(11162699951914509154UL));
    }

    /// <summary>
    /// Log p(x), log p(x | class) and log p(lower half | upper half) by glyphs_reference.py; much noise confuses prototypes, so that their weights count.
    /// </summary>
    [TestCase("0.05", null, -53.92547827653491)]
    [TestCase("0.05", "label", -53.186979776101836)]
    [TestCase("0.05", "top-half", -26.04019234791916)]
    [TestCase("0.4", null, -174.2123693800244)]
    [TestCase("0.4", "label", -173.74632954324807)]
    [TestCase("0.4", "top-half", -86.94470202158324)]
    public void Truth_IsOfWhatTheSplitIsToldAbout(string noise, string? condition, double expected)
    {
        DataSplits splits = Condition.Apply(DataSource.Open($"glyphs:classes=4,test=512,noise={noise}", new DataOptions()), condition);
        Assert.That(splits.Truth!.MeanLogLikelihood(splits.Test!), Is.EqualTo(expected).Within(1e-10 * Math.Abs(expected)));
        Assert.That(splits.Truth.MeanLogLikelihood(splits.Test!.First(64)), Is.Not.EqualTo(expected).Within(1e-10 * Math.Abs(expected)));
    }

    [Test]
    public void Classes_HaveTheStatedModes()
    {
        DataSplits splits = DataSource.Open("glyphs:classes=4,noise=0", new DataOptions());
        GlyphsTruth truth = splits.Truth!;
        byte[][] prototypes = [.. truth.Prototypes.Chunk(truth.Width)];
        int[,] counts = new int[4, 16];
        foreach ((byte[] picture, int label) in splits.Train.Bytes!.Chunk(truth.Width).Zip(splits.Train.Labels!))
            counts[label, Array.FindIndex(prototypes, prototype => prototype.AsSpan().SequenceEqual(picture))]++;
        for (int c = 0; c < 4; c++)
        {
            int drawn = Enumerable.Range(0, 16).Sum(k => counts[c, k]);
            // Each class draws 8 prototypes, so the statistic has 7 degrees of freedom; a mode that the class has not must not turn up at all.
            double chiSquare = 0;
            for (int k = 0; k < 16; k++)
            {
                double own = (1 + (k / 4)) * (k % 4 == c ? 2 : k % 4 == (c + 1) % 4 ? 1 : 0) / 30.0;
                Assert.That(truth.Probability(k, c), Is.EqualTo(own).Within(1e-15), $"p({k} | {c})");
                if (own == 0)
                    Assert.That(counts[c, k], Is.Zero, $"prototype {k} in class {c}");
                else
                    chiSquare += Math.Pow(counts[c, k] - (drawn * own), 2) / (drawn * own);
            }

            Assert.That(SpecialFunctions.GammaUpperRegularized(3.5, chiSquare / 2), Is.GreaterThan(Significance.Alpha));
            Assert.That(drawn, Is.EqualTo(2048).Within(Significance.Sigmas * Math.Sqrt(8192 * 0.25 * 0.75)));
        }

        Assert.That(Enumerable.Range(0, 16).Sum(truth.Probability), Is.EqualTo(1).Within(1e-14));
        Assert.That(truth.Probability(5), Is.EqualTo(Enumerable.Range(0, 4).Average(c => truth.Probability(5, c))).Within(1e-15));
    }

    [Test]
    public void WithoutClasses_AClassIsAPrototype()
    {
        DataSplits splits = Condition.Apply(DataSource.Open("glyphs:prototypes=4,train=64,noise=0", new DataOptions()), "label");
        Assert.That(splits.Truth!.Classes, Is.EqualTo(4));
        Assert.That(splits.Truth.MeanLogLikelihood(splits.Train), Is.Zero);
    }

    [Test]
    public void NoNoise_GivesThePrototypesAndLogOfTheirNumber()
    {
        DataSplits splits = DataSource.Open("glyphs:noise=0,prototypes=4,train=64", new DataOptions());
        Assert.That(splits.Truth!.MeanLogLikelihood(splits.Train), Is.EqualTo(-Math.Log(4)).Within(1e-12));
        byte[] other = [.. splits.Truth.Prototypes.Take(256).Select(level => (byte)(255 - level))];
        DataSet impossible = new() { Name = "x", Count = 1, Width = 256, Bytes = other };
        Assert.That(splits.Truth.MeanLogLikelihood(impossible), Is.EqualTo(double.NegativeInfinity));
        Assert.That(() => splits.Truth.MeanLogLikelihood(impossible with { Bytes = new byte[256].Select(_ => (byte)7).ToArray() }), Throws.ArgumentException);
    }

    [Test]
    public void Keys_SetWhatTheyName()
    {
        DataSplits splits = DataSource.Open("glyphs:prototypes=3, size=12,noise=0.1,train=5,valid=0,test=2,seed=4", new DataOptions());
        Assert.That((splits.Truth!.Count, splits.Truth.Size, splits.Truth.Noise), Is.EqualTo((3, 12, 0.1)));
        Assert.That((splits.Train.Count, splits.Valid, splits.Test!.Count), Is.EqualTo((5, (DataSet?)null, 2)));
    }

    [TestCase("glyphs:prototype=3", "no key 'prototype'", "Did you mean prototypes?")]
    [TestCase("glyphs:classes=0", "classes is '0'", "from 1 to 1024")]
    [TestCase("glyphs:classes=5,prototypes=4", "5 classes need as many prototypes, and there are 4", "Lower classes")]
    [TestCase("glyphs:size", "expected key=value, found 'size'", "The keys are")]
    [TestCase("glyphs:", "expected key=value", "The keys are")]
    [TestCase("glyphs:size=7", "size is '7'", "from 8 to 64")]
    [TestCase("glyphs:noise=0.5", "noise is '0.5'", "not including, 0.5")]
    [TestCase("glyphs:noise=NaN", "noise is 'NaN'", "not including, 0.5")]
    [TestCase("glyphs:train=1e3", "train is '1e3'", "whole number")]
    [TestCase("glyphs:train=0", "train is '0'", "whole number")]
    [TestCase("glyphs:size=8,size=9", "sets size twice", "once")]
    [TestCase("glyphs:train=2000000000", "do not fit", "Lower train")]
    public void Refuses_KeysThatAreNone(string spec, string problem, string cure) => AssertRefused(spec, null, spec, problem, cure);

    [Test]
    public void Refuses_OptionsOfFiles() => AssertRefused("glyphs", new DataOptions { Invert = true }, "do not apply", "Drop those");

    // FNV-1a.
    private static ulong Hash(IEnumerable<byte> bytes) => bytes.Aggregate(14695981039346656037UL, (hash, b) => (hash ^ b) * 1099511628211UL);
}
