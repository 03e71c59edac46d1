using IlgpuVae.Bench;
using TorchSharp;
using static TorchSharp.torch;

namespace IlgpuVae.TorchSharpPeer;

/// <summary>The works that IlgpuVae is compared on.</summary>
internal static class Works
{
    private const int D = Batches.Width;
    private const int Examples = 4096;

    /// <summary>All of them; where the process was told to keep freed memory instead of giving it back, each provider's name says so.</summary>
    internal static IEnumerable<Work> All(bool memoryKept) =>
        Plain().Select(work => memoryKept ? work with { Provider = $"{work.Provider} memory kept" } : work);

    private static IEnumerable<Work> Plain() =>
    [
        .. CategoricalPass(262_144, 64),
        .. ExactStep(128, 64, 256, 64),
        .. ExactStep(512, 256, 256, 64),
        GumbelSoftmaxStep(100, 20, 10),
        BernoulliStep(50, 200),
        MatrixProduct(1024),
    ];

    // Logits and log-likelihoods in; loss and both gradients out. Autograd, then the gradients as one would write them by hand.
    private static IEnumerable<Work> CategoricalPass(int r, int k)
    {
        Work work = new()
        {
            Provider = "torchsharp",
            Name = "categorical-pass",
            Shape = $"R={r} K={k}",
            Bytes = 4L * sizeof(float) * r * k,
            Flops = 12L * r * k,
            Start = () =>
            {
                Tensors inputs = CategoricalInputs(r, k);
                return new Job(
                    () =>
                    {
                        using DisposeScope scope = NewDisposeScope();
                        Models.CategoricalLoss(inputs[0], inputs[1]).backward();
                        foreach (Tensor input in inputs.All)
                            input.grad = null;
                    },
                    inputs);
            },
            Losses = () =>
            {
                using Tensors inputs = CategoricalInputs(r, k);
                using DisposeScope scope = NewDisposeScope();
                return (Models.CategoricalLoss(inputs[0], inputs[1]).item<float>(), null);
            },
        };
        yield return work;
        yield return work with
        {
            Provider = "torchsharp by hand",
            Start = () =>
            {
                Tensors inputs = CategoricalInputs(r, k);
                return new Job(
                    () =>
                    {
                        using DisposeScope scope = NewDisposeScope();
                        using IDisposable noGrad = no_grad();
                        _ = Models.CategoricalLossAndGradients(inputs[0], inputs[1]);
                    },
                    inputs);
            },
            Losses = () =>
            {
                using Tensors inputs = CategoricalInputs(r, k);
                using DisposeScope scope = NewDisposeScope();
                using IDisposable noGrad = no_grad();
                return (Models.CategoricalLossAndGradients(inputs[0], inputs[1]).Loss.item<float>(), null);
            },
        };
    }

    private static IEnumerable<Work> ExactStep(int b, int k, int h, int e)
    {
        string shape = $"B={b} K={k} D={D} H={h} E={e}";
        long encoder = (long)D * h + (long)h * k, decoder = (long)e * h + (long)h * D;
        long products = b * encoder + k * decoder + (long)b * k * D;
        Network Model() => Models.Exact(k, h, e);
        yield return Step("torchsharp product form", "exact step", shape, b, products, Model, Models.ExactProductLoss);
        yield return Step("torchsharp naive", "exact step", shape, b, products, Model, Models.ExactNaiveLoss);
    }

    private static Work GumbelSoftmaxStep(int b, int n, int k)
    {
        long layers = 2L * ((D * 512) + (512 * 256) + (256 * n * k));
        return Step(
            "torchsharp",
            "gumbel-softmax step",
            $"B={b} N={n} K={k} D={D} 512-256",
            b,
            b * layers,
            () => Models.GumbelSoftmax(n, k),
            (network, x) => Models.GumbelSoftmaxLoss(network, x, n, k));
    }

    private static Work BernoulliStep(int b, int n) =>
        Step("torchsharp", "bernoulli step", $"B={b} N={n} K=2 D={D} linear", b, 2L * b * n * D, () => Models.Bernoulli(n), Models.BernoulliLoss);

    // A training step: a shuffled batch, the loss, its gradient, Adam. Each product of the forward pass has two in the backward pass.
    private static Work Step(
        string provider, string name, string shape, int batch, long multiplyAdds, Func<Network> model, Func<Network, Tensor, Tensor> loss) => new()
    {
        Provider = provider,
        Name = name,
        Shape = shape,
        Flops = 6 * multiplyAdds,
        Start = () =>
        {
            Network network = model();
            Batches batches = new(Examples, batch);
            return new Job(() => _ = Descend(network, batches, loss, read: false), network, batches);
        },
        Losses = () =>
        {
            using Network network = model();
            using Batches batches = new(batch, batch);
            double first = Descend(network, batches, loss, read: true);
            for (int step = 1; step < SameState.Steps; step++)
                _ = Descend(network, batches, loss, read: false);
            return (first, Descend(network, batches, loss, read: true));
        },
    };

    private static double Descend(Network network, Batches batches, Func<Network, Tensor, Tensor> loss, bool read)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor value = loss(network, batches.Next());
        network.Descend(value);
        return read ? value.item<float>() : double.NaN;
    }

    private static Work MatrixProduct(int n) => new()
    {
        Provider = "torchsharp",
        Name = "matmul",
        Shape = $"{n}x{n}x{n}",
        Bytes = 3L * sizeof(float) * n * n,
        Flops = 2L * n * n * n,
        Start = () =>
        {
            Tensors matrices = new(randn(n, n), randn(n, n), zeros(n, n));
            return new Job(
                () =>
                {
                    using IDisposable noGrad = no_grad();
                    matrices[2].addmm_(matrices[0], matrices[1], beta: 0);
                },
                matrices);
        },
    };

    private static Tensors CategoricalInputs(int r, int k)
    {
        Tensors inputs = new(tensor(SameState.Logits(r * k), r, k), tensor(SameState.LogLikelihoods(r * k), r, k));
        foreach (Tensor input in inputs.All)
            input.requires_grad_(true);
        return inputs;
    }

    private sealed class Tensors(params Tensor[] all) : IHeld
    {
        internal Tensor this[int i] => all[i];

        internal IEnumerable<Tensor> All => all;

        public long Bytes => all.Sum(each => each.NumberOfElements * each.ElementSize);

        public void Dispose()
        {
            foreach (Tensor each in all)
                each.Dispose();
        }
    }
}
