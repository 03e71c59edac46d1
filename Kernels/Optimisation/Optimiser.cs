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
public static class Optimiser
{
    /// <summary>
    /// Records the update of parameters [P] from gradient [P], first moment [P] and second moment [P] (which <see cref="OptimiserKind.Sgd"/> leaves alone).
    /// </summary>
    public static void Record(LaunchList list, ArrayView<StepState> state, OptimiserRule rule, ArrayView<float> parameters, ArrayView<float> gradient, ArrayView<float> first, ArrayView<float> second)
    {
        int n = checked((int)parameters.Length);
        if (rule.Kind == OptimiserKind.Sgd)
            list.Elements("optimiser.sgd", n, new SgdBody(state, rule, parameters, gradient, first), Cost(rule, n));
        else
            list.Elements("optimiser.adam", n, new AdamBody(state, rule, parameters, gradient, first, second), Cost(rule, n));
    }

    /// <summary>Adam reads four numbers and writes three for each parameter; SGD three and two.</summary>
    public static KernelCost Cost(OptimiserRule rule, long parameters) =>
        rule.Kind == OptimiserKind.Sgd ? KernelCost.Floats(5 * parameters, 4 * parameters) : KernelCost.Floats(7 * parameters, 12 * parameters);

    internal readonly struct AdamBody(ArrayView<StepState> state, OptimiserRule rule, ArrayView<float> parameters, ArrayView<float> gradient, ArrayView<float> first, ArrayView<float> second) : IElementBody
    {
        public void At(int i)
        {
            float scale = state[0].GradientScale;
            float rate = rule.OwnRate > 0f ? rule.OwnRate : state[0].LearningRate;
            float p = parameters[i];
            float g = gradient[i] * scale;
            g += rule.Kind == OptimiserKind.Adam ? rule.WeightDecay * p : 0f;
            float m = (rule.FirstMomentDecay * first[i]) + ((1f - rule.FirstMomentDecay) * g);
            float v = (rule.SecondMomentDecay * second[i]) + ((1f - rule.SecondMomentDecay) * g * g);
            p -= rule.Kind == OptimiserKind.AdamW ? rate * rule.WeightDecay * p : 0f;
            float correctedRoot = MathF.Sqrt(v / (1f - state[0].SecondMomentPower));
            p -= rate / (1f - state[0].FirstMomentPower) * m / (correctedRoot + rule.Epsilon);

            // A scale of 0 marks a step that is not finite: everything keeps its last good value.
            bool good = scale > 0f;
            parameters[i] = good ? p : parameters[i];
            first[i] = good ? m : first[i];
            second[i] = good ? v : second[i];
        }
    }

    internal readonly struct SgdBody(ArrayView<StepState> state, OptimiserRule rule, ArrayView<float> parameters, ArrayView<float> gradient, ArrayView<float> first) : IElementBody
    {
        public void At(int i)
        {
            float scale = state[0].GradientScale;
            float rate = rule.OwnRate > 0f ? rule.OwnRate : state[0].LearningRate;
            float p = parameters[i];
            float m = (rule.FirstMomentDecay * first[i]) + (gradient[i] * scale) + (rule.WeightDecay * p);
            bool good = scale > 0f;
            parameters[i] = good ? p - (rate * m) : p;
            first[i] = good ? m : first[i];
        }
    }
}
