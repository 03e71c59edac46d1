using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Audit;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Audits;

/// <summary>
/// A model small enough to audit in a moment, with parameters of order one: posteriors are far from uniform, and the decoder is far from linear.
/// </summary>
internal sealed class AuditedModel : IDisposable
{
    private const int Examples = 24;
    private const int Width = 5;

    private readonly DeviceData data;

    internal AuditedModel(ComputeDevice device, int latents, int categories)
    {
        VaeDesign design = new()
        {
            DataWidth = Width,
            Latents = latents,
            Categories = categories,
            Prior = PriorKind.Learned,
            Decoder = VaeDesign.Mlp([6], ActivationKind.Tanh),
        };
        Vae = new DiscreteVae(device, design, seed: 3);
        Random random = new(5);
        foreach (Parameter parameter in Vae.Parameters.All)
            device.Upload<float>(parameter.Value.View, Draws.Normal(random, (int)parameter.Length, 0.9));
        data = new DeviceData(
            device, Vae.Arena, new DataSet { Name = "draws", Count = Examples, Width = Width, Values = Draws.Uniform(random, Examples * Width) });
    }

    internal DiscreteVae Vae { get; }

    internal IReadOnlyList<AuditedEstimator> Named(float? temperature, params string[] names) =>
        [.. names.SelectMany(name => AuditedEstimator.Of(name, Vae.Design, Batch, Vae.Device, temperature))];

    internal AuditReport Run(int draws, IReadOnlyList<AuditedEstimator> estimators) =>
        new EstimatorAudit(Vae, data, new AuditSettings { Batch = Batch, Draws = draws, Tune = 20, Seed = 11 }).Run(estimators);

    public void Dispose() => Vae.Dispose();

    private const int Batch = 8;
}
