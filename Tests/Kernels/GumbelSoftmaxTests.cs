using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The Gumbel-Softmax relaxation against float64 with the noise made again on the host, soft and hard, forward and backward.</summary>
public class GumbelSoftmaxTests(Target target) : AcceleratorSuite(target)
{
    private const ulong Seed = 0x0123_4567_89AB_CDEF;
    private const int Step = 3;

    [Test]
    public void SoftAlone_GivesTheSameBits([Values(2, 8, 10, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 3, k, 1);
        GuardedMatrix with = new(Device, Arena, 3, k), without = new(Device, Arena, 3, k);
        GuardedCodes hard = new(Device, Arena, 3, 1, k);
        Run(list =>
        {
            GumbelSoftmax.Forward(list, Upload(State(0.5f)), Upload(logits, 3, k), with.Matrix, hard.Codes, Seed, Randomness.Codes);
            GumbelSoftmax.Forward(list, Upload(State(0.5f)), Upload(logits, 3, k), without.Matrix, null, Seed, Randomness.Codes);
        });
        Assert.That(without.Download(), Is.EqualTo(with.Download()));
    }

    /// <summary>The relaxation and the sampler are two views of one draw: with the same seed, stream and step the hard value is the sample.</summary>
    [Test]
    public void Hard_IsTheGumbelMaxSample([Values(2, 3, 4, 8, 33)] int k)
    {
        Matrix logits = Upload(RowInputs.Make(InputKind.Normal, 9, k, 2), 9, k);
        GuardedMatrix soft = new(Device, Arena, 9, k);
        GuardedCodes hard = new(Device, Arena, 9, 1, k), sample = new(Device, Arena, 9, 1, k);
        Run(list =>
        {
            GumbelSoftmax.Forward(list, Upload(State(1)), logits, soft.Matrix, hard.Codes, Seed, Randomness.Codes);
            CategoricalSample.Record(list, Upload(State(1)), logits, sample.Codes, Seed, Randomness.Codes);
        });
        Assert.That(hard.Download(), Is.EqualTo(sample.Download()));
    }

    [Test]
    public void Reference_GradientMatchesDifferences([Values(0.1, 1, 10)] double temperature)
    {
        double[] logits = [0.3, -1.2, 1.5, 0], noise = [0.7, 0.1, -0.4, 2], weights = [1.5, -0.25, 0.75, 3];
        CentralDifference.Verify(
            l => GumbelSoftmaxReference.Soft(l, noise, temperature).Zip(weights, (y, w) => y * w).Sum(),
            logits,
            GumbelSoftmaxReference.Backward(GumbelSoftmaxReference.Soft(logits, noise, temperature), weights, temperature, new double[4]));
    }

    private static StepState State(float temperature) => new() { Step = Step, Scheduled = { Temperature = temperature } };
}
