using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Tests.Models;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// A whole model in float64, straight from the formulas: perceptrons, softmax posterior, analytic KL, and every expectation a sum over all K^N joint codes
/// with each code decoded and met by each example on its own. It shares no code with the product; its gradients are central differences. Examples x are [B, D +
/// C]: the numbers of each and, in a conditional model, its context behind them.
/// </summary>
public sealed class ReferenceVae(ModelCase shape, IReadOnlyDictionary<string, Matrix<double>> parameters)
{
    // The error of a central difference is of order Step^2 in the third derivative and 1e-16 / Step in rounding: 1e-10 and 1e-11 here.
    private const double Step = 1e-5;

    /// <summary>Posterior log-probabilities [B, N K].</summary>
    public Matrix<double> LogPosterior(Matrix<double> x) => LogSoftmax(Logits(x));

    /// <summary>Posterior logits [B, N K].</summary>
    public Matrix<double> Logits(Matrix<double> x)
    {
        Matrix<double> logits = Perceptron(EncoderInput(x), "encoder", 0, shape.Encoder.Count);
        if (shape.OneLogit)
        {
            Matrix<double> phi = logits;
            logits = Matrix<double>.Build.Dense(x.RowCount, 2 * shape.Latents, (b, i) => i % 2 == 0 ? 0 : phi[b, i / 2]);
        }

        return shape.UniformMix == 0
            ? logits
            : LogSoftmax(logits).Map(logQ => Math.Log(((1 - (double)shape.UniformMix) * Math.Exp(logQ)) + ((double)shape.UniformMix / shape.Categories)));
    }

    /// <summary>Prior log-probabilities of each example, [B, N K].</summary>
    public Matrix<double> LogPrior(Matrix<double> x) => LogSoftmax(shape.Prior switch
    {
        PriorKind.Uniform => Matrix<double>.Build.Dense(x.RowCount, shape.CodeWidth),
        PriorKind.Learned =>
            Matrix<double>.Build.Dense(x.RowCount, shape.CodeWidth, (_, i) => parameters["prior.logits"][i / shape.Categories, i % shape.Categories]),
        _ => Perceptron(Contexts(x), "prior", 0, shape.PriorNetwork.Count),
    });

    /// <summary>The contexts c [B, C] of examples.</summary>
    public Matrix<double> Contexts(Matrix<double> x) => Matrix<double>.Build.Dense(x.RowCount, shape.ContextWidth, (b, i) => x[b, shape.DataWidth + i]);

    /// <summary>KL of each variable of each example, [B, N].</summary>
    public Matrix<double> Kl(Matrix<double> x)
    {
        Matrix<double> logQ = LogPosterior(x), logP = LogPrior(x);
        return Matrix<double>.Build.Dense(x.RowCount, shape.Latents, (b, n) => Enumerable.Range(n * shape.Categories, shape.Categories)
            .Sum(i => Math.Exp(logQ[b, i]) * (logQ[b, i] - logP[b, i])));
    }

    /// <summary>All S joint codes as one-hot rows [S, N K], the first variable the most significant digit.</summary>
    public Matrix<double> JointCodes()
    {
        int s = (int)Math.Round(Math.Pow(shape.Categories, shape.Latents));
        Matrix<double> codes = Matrix<double>.Build.Dense(s, shape.CodeWidth);
        for (int row = 0; row < s; row++)
        {
            int rest = row;
            for (int n = shape.Latents - 1; n >= 0; n--)
            {
                codes[row, (n * shape.Categories) + (rest % shape.Categories)] = 1;
                rest /= shape.Categories;
            }
        }

        return codes;
    }

    /// <summary>Decoder outputs [R, W] of codes [R, N K], one-hot or relaxed, in contexts [R, C].</summary>
    public Matrix<double> Decode(Matrix<double> codes, Matrix<double> contexts)
    {
        switch (shape.Embedding)
        {
            case CodeEmbedding.Sign:
                Matrix<double> signs = Matrix<double>.Build.Dense(codes.RowCount, shape.Latents, (r, n) => codes[r, (2 * n) + 1] - codes[r, 2 * n]);
                return Perceptron(Beside(signs, contexts), "decoder", 1, shape.Decoder.Count);
            case CodeEmbedding.Table:
                Matrix<double> table = parameters["decoder.0.weight"];
                Matrix<double> embedded = Matrix<double>.Build.Dense(codes.RowCount, shape.Latents * shape.EmbeddingWidth);
                for (int n = 0; n < shape.Latents; n++)
                {
                    Matrix<double> part = codes.SubMatrix(0, codes.RowCount, n * shape.Categories, shape.Categories) * table.SubMatrix(
                        n * shape.Categories, shape.Categories, 0, shape.EmbeddingWidth);
                    embedded.SetSubMatrix(0, n * shape.EmbeddingWidth, part);
                }

                return Perceptron(Beside(embedded, contexts), "decoder", 1, shape.Decoder.Count);
            default:
                return Perceptron(Beside(codes, contexts), "decoder", 0, shape.Decoder.Count);
        }
    }

    /// <summary>log p(x_b | outputs of row r), nats.</summary>
    public double LogLikelihood(Matrix<double> outputs, int r, Matrix<double> x, int b)
    {
        double sum = 0;
        for (int d = 0; d < shape.DataWidth; d++)
            sum += ElementLogLikelihood(outputs, r, x[b, d], d);
        return sum;
    }

    /// <summary>F [B, S] under all joint codes.</summary>
    public Matrix<double> LogLikelihoods(Matrix<double> x)
    {
        Matrix<double> codes = JointCodes(), contexts = Contexts(x), result = Matrix<double>.Build.Dense(x.RowCount, codes.RowCount);
        for (int b = 0; b < x.RowCount; b++)
        {
            Matrix<double> outputs = Decode(codes, Matrix<double>.Build.Dense(codes.RowCount, shape.ContextWidth, (_, i) => contexts[b, i]));
            for (int s = 0; s < codes.RowCount; s++)
                result[b, s] = LogLikelihood(outputs, s, x, b);
        }

        return result;
    }

    /// <summary>Joint log-probabilities [rows, S] from those of the variables [rows, N K].</summary>
    public Matrix<double> Joint(Matrix<double> logProbabilities) => logProbabilities * JointCodes().Transpose();

    /// <summary>E_q[log p(x | z)] of each example, summed over all codes.</summary>
    public double[] ExpectedReconstruction(Matrix<double> x)
    {
        Matrix<double> weighted = Joint(LogPosterior(x)).PointwiseExp().PointwiseMultiply(LogLikelihoods(x));
        return [.. weighted.RowSums()];
    }

    /// <summary>log p(x), or log p(x | c), of each example, summed over all codes.</summary>
    public double[] LogMarginal(Matrix<double> x)
    {
        Matrix<double> joint = LogLikelihoods(x) + Joint(LogPrior(x));
        return [.. joint.EnumerateRows().Select(row => LogSumExp([.. row]))];
    }

    /// <summary>The derivative of <paramref name="loss"/>, which evaluates this model, with respect to every entry of every parameter, row by row.</summary>
    public Dictionary<string, double[]> Gradient(Func<double> loss) => parameters.ToDictionary(
        entry => entry.Key,
        entry => (double[])[.. Enumerable.Range(0, entry.Value.RowCount * entry.Value.ColumnCount).Select(i => Derivative(loss, entry.Value, i))]);

    /// <summary>The derivative of <paramref name="loss"/> along <paramref name="direction"/> of one parameter.</summary>
    public double DirectionalDerivative(Func<double> loss, string parameter, Matrix<double> direction)
    {
        Matrix<double> value = parameters[parameter], kept = value.Clone();
        (value + (Step * direction)).CopyTo(value);
        double above = loss();
        (kept - (Step * direction)).CopyTo(value);
        double below = loss();
        kept.CopyTo(value);
        return (above - below) / (2 * Step);
    }

    private static double Derivative(Func<double> loss, Matrix<double> value, int i)
    {
        (int row, int column) = (i / value.ColumnCount, i % value.ColumnCount);
        double kept = value[row, column];
        value[row, column] = kept + Step;
        double above = loss();
        value[row, column] = kept - Step;
        double below = loss();
        value[row, column] = kept;
        return (above - below) / (2 * Step);
    }

    private static double LogSumExp(double[] values)
    {
        double max = values.Max();
        return max + Math.Log(values.Sum(value => Math.Exp(value - max)));
    }

    private Matrix<double> LogSoftmax(Matrix<double> logits)
    {
        int k = shape.Categories;
        Matrix<double> result = logits.Clone();
        for (int row = 0; row < logits.RowCount; row++)
        {
            for (int start = 0; start < logits.ColumnCount; start += k)
            {
                double normaliser = LogSumExp([.. Enumerable.Range(start, k).Select(i => logits[row, i])]);
                for (int i = start; i < start + k; i++)
                    result[row, i] -= normaliser;
            }
        }

        return result;
    }

    // The categorical model's encoder reads one-hot levels.
    private Matrix<double> EncoderInput(Matrix<double> x) => shape.Likelihood != LikelihoodKind.Categorical
        ? x
        : Beside(
            Matrix<double>.Build.Dense(x.RowCount, shape.DataWidth * ModelCase.Levels, (b, i) => x[b, i / ModelCase.Levels] == i % ModelCase.Levels ? 1 : 0),
            Contexts(x));

    private static Matrix<double> Beside(Matrix<double> left, Matrix<double> right) => right.ColumnCount == 0 ? left : left.Append(right);

    private Matrix<double> Perceptron(Matrix<double> x, string name, int first, int hidden)
    {
        for (int layer = 0; layer <= hidden; layer++)
        {
            // PyTorch's Sequential counts activations.
            int place = first + (shape.Activation == ActivationKind.Identity ? layer : 2 * layer);
            x *= parameters[$"{name}.{place}.weight"];
            Matrix<double> bias = parameters[$"{name}.{place}.bias"];
            bool last = layer == hidden;
            x.MapIndexedInplace((_, j, value) => last ? value + bias[0, j] : Activate(value + bias[0, j]));
        }

        return x;
    }

    private double Activate(double x) => shape.Activation switch
    {
        ActivationKind.Relu => Math.Max(x, 0),
        ActivationKind.LeakyRelu => x < 0 ? 0.01 * x : x,
        ActivationKind.Tanh => Math.Tanh(x),
        ActivationKind.Silu => x / (1 + Math.Exp(-x)),
        _ => x,
    };

    private double ElementLogLikelihood(Matrix<double> outputs, int r, double x, int d)
    {
        switch (shape.Likelihood)
        {
            case LikelihoodKind.Bernoulli:
                double a = outputs[r, d];
                return (x * a) - Math.Max(a, 0) - Math.Log(1 + Math.Exp(-Math.Abs(a)));
            case LikelihoodKind.Categorical:
                int start = d * ModelCase.Levels;
                return outputs[r, start + (int)x] - LogSumExp([.. Enumerable.Range(start, ModelCase.Levels).Select(i => outputs[r, i])]);
            case LikelihoodKind.Poisson:
                return new PoissonReference(1).LogLikelihood([outputs[r, d]], [x]);
            case LikelihoodKind.NegativeBinomial:
                return new NegativeBinomialReference(1, ModelCase.TotalCount).LogLikelihood([outputs[r, d]], [x]);
            default:
                double logVariance = shape.Likelihood == LikelihoodKind.Gaussian
                    ? 8 * Math.Tanh(outputs[r, shape.DataWidth + d] / 8)
                    : 2 * Math.Log(ModelCase.FixedDeviation);
                double difference = x - outputs[r, d];
                return -0.5 * ((difference * difference * Math.Exp(-logVariance)) + logVariance + Math.Log(2 * Math.PI));
        }
    }
}
