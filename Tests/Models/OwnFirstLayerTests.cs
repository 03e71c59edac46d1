using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Models;

/// <summary>
/// A decoder whose first layer knows nothing of category numbers: it gets one-hot rows, and the step is the one of a layer that reads numbers.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class OwnFirstLayerTests(Target target) : ModelSuite(target)
{
    private const int Hidden = 9;

    [TestCase("exact")]
    [TestCase("reinforce")]
    [TestCase("straight-through")]
    [TestCase("gumbel-softmax")]
    public void Step_IsTheSame(string estimator)
    {
        float[] numbers = Gradient(estimator, new Dense(Hidden, ActivationKind.Tanh));
        float[] rows = Gradient(estimator, new OneHotReader(new Dense(Hidden, ActivationKind.Tanh)));
        Assert.That(rows, Is.EqualTo(numbers).Within(1e-5f).And.Some.Not.Zero);
    }

    private float[] Gradient(string estimator, Layer first)
    {
        ModelCase shape = new() { Latents = 2, Categories = 3 };
        using DiscreteVae vae = new(Device, shape.Design() with { Decoder = [first] }, seed: 1);
        MeasuredStep.DrawParameters(vae);
        StepSettings settings = new() { Batch = 5, Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = estimator }, vae.Design, 5, Device).Build };
        using TrainingStep step = new(vae, new DeviceData(Device, vae.Arena, shape.Data(5)), settings);
        step.Run();
        Device.Wait();
        return Device.Download(vae.Parameters.Gradients);
    }

    /// <summary>A layer as a user may write one: what it must have, done by another.</summary>
    private sealed class OneHotReader(Layer inner) : Layer
    {
        public override BuiltLayer Build(ParameterSet parameters, string name, Shape inputs, int contextWidth = 0)
        {
            BuiltLayer built = inner.Build(parameters, name, inputs, contextWidth);
            return new BuiltLayer(built.Outputs, (arena, rows, training, context) => new Pass(built.Bind(arena, rows, training, context)));
        }

        public override LayerCost Cost(Shape inputs) => inner.Cost(inputs);

        private sealed class Pass(LayerPass inner) : LayerPass
        {
            public override Matrix Output => inner.Output;

            public override Epilogue GradientEpilogue => inner.GradientEpilogue;

            public override void Forward(LaunchList list, Matrix input) => inner.Forward(list, input);

            public override void Backward(
                LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters) =>
                inner.Backward(list, input, outputGrad, inputGrad, inputEpilogue, parameters);
        }
    }
}
