using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// p(x | decoder outputs): an exponential family over D data dimensions. In row form each decoded row meets its own example's statistic [B, T]; in natural form
/// S codes meet B examples through one matrix product.
/// </summary>
public abstract class Likelihood
{
    /// <summary>Independent ones and zeros from logits; grey levels in [0, 1] count as probabilities of a one.</summary>
    public static Likelihood Bernoulli { get; } = new Bernoulli();

    /// <summary>Independent Poisson counts from log-rates.</summary>
    public static Likelihood Poisson { get; } = new Poisson();

    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Independent dimensions with V levels each, 0 to V - 1, from V logits a dimension.</summary>
    /// <param name="levels">V.</param>
    public static Likelihood Categorical(int levels) => new Categorical(levels, 1f);

    /// <summary>Independent normal dimensions.</summary>
    /// <param name="standardDeviation">The fixed standard deviation, or null to learn one for every dimension and code.</param>
    public static Likelihood Gaussian(float? standardDeviation = null) => new Gaussian(standardDeviation);

    /// <summary>Independent negative-binomial counts of mean mu and variance mu + mu^2 / r.</summary>
    /// <param name="totalCount">r, from 0.001 to a million.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public static Likelihood NegativeBinomial(float totalCount) => new NegativeBinomial(totalCount);

    /// <summary>Decoder outputs for D data dimensions.</summary>
    public abstract int OutputWidth(int dimensions);

    /// <summary>Width of the statistic.</summary>
    public abstract int StatisticWidth(int dimensions);

    /// <summary>Records the statistic [B, T] of a batch [B, D]. Only called where <see cref="StatisticIsData"/> is false.</summary>
    internal virtual void Statistic(LaunchList list, Matrix batch, Matrix statistic) => throw new InvalidOperationException("the statistic is the data.");

    /// <summary>Whether observations have a factor h(x) of their own: log p(x | z) = log h(x) + T(x) . eta(z) - c(z).</summary>
    public virtual bool HasBaseMeasure => false;

    /// <summary>Records log h(x) [B, 1], nats, of a batch [B, D]. Only called where <see cref="HasBaseMeasure"/>.</summary>
    internal virtual void LogBase(LaunchList list, Matrix batch, Matrix logBase) => throw new InvalidOperationException("log h is 0.");

    /// <summary>Whether data are ones and zeros, or the probabilities of ones.</summary>
    public virtual bool IsOfBits => false;

    /// <summary>Whether data are whole numbers from 0 on.</summary>
    public virtual bool IsOfCounts => false;

    /// <summary>Whether the statistic is x itself.</summary>
    public virtual bool StatisticIsData => false;

    /// <summary>Whether the natural parameters are the outputs themselves.</summary>
    public virtual bool OutputsAreNatural => false;

    /// <summary>Whether the encoder reads the statistic rather than x.</summary>
    public virtual bool EncodesStatistic => StatisticIsData;

    /// <summary>Records the row form for D <paramref name="dimensions"/>.</summary>
    internal abstract void Rows(LaunchList list, LikelihoodRows rows, int dimensions);

    /// <summary>Width of the natural form's statistic and parameters; the statistic's own unless <see cref="HasNaturalStatistic"/>.</summary>
    public virtual int NaturalWidth(int dimensions) => StatisticWidth(dimensions);

    /// <summary>Whether the natural form has a statistic of its own.</summary>
    public virtual bool HasNaturalStatistic => false;

    /// <summary>Where the natural form measures x from, [D]; null for 0. It changes no likelihood but by its rounding.</summary>
    public virtual IReadOnlyList<float>? Centre => null;

    /// <summary>What the decoder's outputs begin at, [W], so that training starts from the data's own place and spread; null for 0.</summary>
    public virtual IReadOnlyList<float>? FirstOutputs => null;

    /// <summary>
    /// Records the natural form's statistic from the other one, measured from <paramref name="centre"/> [1, D]. Only called where
    /// <see cref="HasNaturalStatistic"/>.
    /// </summary>
    internal virtual void NaturalStatistic(LaunchList list, Matrix statistic, Matrix? centre, Matrix naturalStatistic) =>
        throw new InvalidOperationException("the natural form has no statistic of its own.");

    /// <summary>
    /// Records the natural parameters, which may lie over the outputs where they are the same, and minus the log-normalisers [1, S] of outputs [S, W], measured
    /// from
    /// <paramref name="centre"/> [1, D].
    /// </summary>
    internal abstract void Natural(LaunchList list, Matrix outputs, Matrix? centre, Matrix natural, Matrix negativeLogNormaliser, int dimensions);

    /// <summary>Records the outputs' gradient from that of the natural form; see <see cref="NaturalForm.Backward"/>.</summary>
    internal abstract void NaturalBackward(
        LaunchList list, Matrix outputs, Matrix? centre, Matrix naturalGrad, Matrix codeWeights, Matrix outputsGrad, int dimensions);

    /// <summary>The mean of x for one row of decoder outputs, on the host: what a picture shows. [D], in the units that the model sees.</summary>
    public abstract float[] Mean(ReadOnlySpan<float> outputs, int dimensions);

    /// <summary>The standard deviation of x for one row of decoder outputs, on the host. [D], in the units that the model sees.</summary>
    public abstract float[] Deviation(ReadOnlySpan<float> outputs, int dimensions);

    /// <summary>A draw of x for one row of decoder outputs, on the host. [D], in the units that the model sees.</summary>
    public abstract float[] Draw(ReadOnlySpan<float> outputs, int dimensions, Random random);

    /// <summary>What is read from each row of decoder outputs [n, W], such as its <see cref="Mean"/>, in one array [n, D].</summary>
    internal float[] OfRows(float[] outputs, int dimensions, Func<ReadOnlySpan<float>, int, float[]> read)
    {
        int width = OutputWidth(dimensions), count = outputs.Length / width;
        float[] values = new float[count * dimensions];
        for (int row = 0; row < count; row++)
            read(outputs.AsSpan(row * width, width), dimensions).CopyTo(values, row * dimensions);
        return values;
    }

    /// <summary>Explains why data in this range cannot be meant for this likelihood, or null where they can.</summary>
    public abstract string? Refuses(float minimum, float maximum, bool whole);
}
