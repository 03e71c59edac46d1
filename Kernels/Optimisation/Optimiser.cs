using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The update rule; the value is the one kernels see.</summary>
public enum OptimiserKind
{
    /// <summary>Adam; weight decay, if any, is added to the gradient (Kingma and Ba, ICLR 2015, algorithm 1).</summary>
    Adam = 0,

    /// <summary>AdamW; weight decay shrinks the parameters directly (Loshchilov and Hutter, ICLR 2019, algorithm 2).</summary>
    AdamW = 1,

    /// <summary>Stochastic gradient descent with momentum: m = momentum m + g, p -= rate m.</summary>
    Sgd = 2,
}

/// <summary>The update rule with its constants.</summary>
public readonly record struct OptimiserRule(OptimiserKind Kind)
{
    /// <summary>Adam's beta1, or SGD's momentum.</summary>
    public float FirstMomentDecay { get; init; } = 0.9f;

    /// <summary>Adam's beta2.</summary>
    public float SecondMomentDecay { get; init; } = 0.999f;

    /// <summary>Added to the root of the second moment.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Weight decay.</summary>
    public float WeightDecay { get; init; }

    /// <summary>A step size of its own, for parameters that the schedule does not drive; 0 for the scheduled one.</summary>
    public float OwnRate { get; init; }
}

/// <summary>Updates all parameters, one flat buffer, in one launch. The rate and the gradient's scale come from the step's state.</summary>
internal static class Optimiser
{
    /// <summary>
    /// Records the update of parameters [P] from gradient [P], first moment [P] and second moment [P] (which <see cref="OptimiserKind.Sgd"/> leaves alone).
    /// </summary>
    public static void Record(
        LaunchList list,
        ArrayView<StepState> state,
        OptimiserRule rule,
        ArrayView<float> parameters,
        ArrayView<float> gradient,
        ArrayView<float> first,
        ArrayView<float> second)
    {
        int n = checked((int)parameters.Length);
        if (rule.Kind == OptimiserKind.Sgd)
            list.Vectors("optimiser.sgd", n, [parameters, gradient, first], new SgdKernel(state, rule, parameters, gradient, first), Cost(rule, n));
        else
            list.Vectors(
                "optimiser.adam", n, [parameters, gradient, first, second], new AdamKernel(state, rule, parameters, gradient, first, second), Cost(rule, n));
    }

    /// <summary>Adam reads four numbers and writes three for each parameter; SGD three and two.</summary>
    public static KernelCost Cost(OptimiserRule rule, long parameters) =>
        rule.Kind == OptimiserKind.Sgd ? KernelCost.Floats(5 * parameters, 4 * parameters) : KernelCost.Floats(7 * parameters, 12 * parameters);

    // A scale of 0 marks a step that is not finite: everything keeps its last good value.
    internal readonly struct AdamKernel(
        ArrayView<StepState> state,
        OptimiserRule rule,
        ArrayView<float> parameters,
        ArrayView<float> gradient,
        ArrayView<float> first,
        ArrayView<float> second) : IVectorKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<TVector>(int start)
            where TVector : struct, IVector<TVector>
        {
            float scale = state[0].GradientScale;
            if (scale > 0f)
            {
                int count = (int)parameters.Length - start;
                float rate = rule.OwnRate > 0f ? rule.OwnRate : state[0].Scheduled.LearningRate;
                float coupledDecay = rule.Kind == OptimiserKind.Adam ? rule.WeightDecay : 0f;
                float decoupledDecay = rule.Kind == OptimiserKind.AdamW ? rate * rule.WeightDecay : 0f;
                TVector p = TVector.LoadPart(parameters, start, count, 0f);
                TVector g = TVector.MultiplyAdd(TVector.Fill(coupledDecay), p, TVector.LoadPart(gradient, start, count, 0f) * TVector.Fill(scale));
                TVector m = TVector.MultiplyAdd(
                    TVector.Fill(rule.FirstMomentDecay), TVector.LoadPart(first, start, count, 0f), TVector.Fill(1f - rule.FirstMomentDecay) * g);
                TVector v = TVector.MultiplyAdd(
                    TVector.Fill(rule.SecondMomentDecay), TVector.LoadPart(second, start, count, 0f), TVector.Fill(1f - rule.SecondMomentDecay) * g * g);
                TVector correctedRoot = TVector.Sqrt(v * TVector.Fill(1f / (1f - state[0].SecondMomentPower)));
                p -= TVector.Fill(decoupledDecay) * p;
                p -= TVector.Fill(rate / (1f - state[0].FirstMomentPower)) * m / (correctedRoot + TVector.Fill(rule.Epsilon));
                TVector.StorePart(p, parameters, start, count);
                TVector.StorePart(m, first, start, count);
                TVector.StorePart(v, second, start, count);
            }
        }
    }

    internal readonly struct SgdKernel(
        ArrayView<StepState> state, OptimiserRule rule, ArrayView<float> parameters, ArrayView<float> gradient, ArrayView<float> first) : IVectorKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<TVector>(int start)
            where TVector : struct, IVector<TVector>
        {
            float scale = state[0].GradientScale;
            if (scale > 0f)
            {
                int count = (int)parameters.Length - start;
                float rate = rule.OwnRate > 0f ? rule.OwnRate : state[0].Scheduled.LearningRate;
                TVector p = TVector.LoadPart(parameters, start, count, 0f);
                TVector m = TVector.MultiplyAdd(
                    TVector.Fill(rule.FirstMomentDecay),
                    TVector.LoadPart(first, start, count, 0f),
                    TVector.LoadPart(gradient, start, count, 0f) * TVector.Fill(scale));
                m = TVector.MultiplyAdd(TVector.Fill(rule.WeightDecay), p, m);
                TVector.StorePart(p - (TVector.Fill(rate) * m), parameters, start, count);
                TVector.StorePart(m, first, start, count);
            }
        }
    }
}
