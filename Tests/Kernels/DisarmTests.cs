using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>DisARM's pull-back, pair by pair.</summary>
[SuiteOf(typeof(Disarm), typeof(EstimatorReference))]
public class DisarmTests(Target target) : AcceleratorSuite(target)
{
    private const float Scale = 0.37f;

    [Test]
    public void PullBack_MatchesFloat64([Values(1, 5)] int examples, [Values(1, 3, 17)] int n)
    {
        Random random = new(19);
        float[] logits = Draws.Normal(random, examples * n * 2, 3), codes = Draws.OneHot(random, 2 * examples, n, 2);
        float[] f = Draws.Normal(random, 2 * examples, 10), initial = Draws.Normal(random, logits.Length);
        logits[0] = float.NegativeInfinity;
        logits[^1] = 40f;

        // Of a masked category no sample is ever drawn.
        codes[0] = codes[2 * n] = 0f;
        codes[1] = codes[(2 * n) + 1] = 1f;
        float[] actual = Result(
            examples,
            2 * n,
            (list, grad) => Disarm.Backward(list, UploadCodes(codes, n, 2), Upload(f, 2 * examples, 1), Upload(logits, examples, 2 * n), grad, Scale),
            initial);
        Tolerance.Check(
            "dL/dl", actual, PullBack(ByRow.As<double>(logits), codes, ByRow.As<double>(f), ByRow.As<double>(initial), n),
            PullBack(logits, codes, f, initial, n), 2);
    }

    private static T[] PullBack<T>(T[] logits, float[] codes, T[] f, T[] initial, int n)
        where T : struct, System.Numerics.IFloatingPointIeee754<T>
    {
        T[] result = [.. initial];
        for (int variable = 0; variable < logits.Length / 2; variable++)
        {
            int example = variable / n, column = variable % n;
            int first = (int)codes[(2 * (((2 * example) * n) + column)) + 1], second = (int)codes[(2 * ((((2 * example) + 1) * n) + column)) + 1];
            T slope = T.CreateChecked(Scale)
                * EstimatorReference.Disarm(first, second, f[2 * example], f[(2 * example) + 1], logits[(2 * variable) + 1] - logits[2 * variable]);

            // phi = l_1 - l_0.
            result[(2 * variable) + 1] -= slope;
            result[2 * variable] += slope;
        }

        return result;
    }
}
