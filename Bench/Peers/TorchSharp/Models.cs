using TorchSharp;
using static TorchSharp.torch;

namespace IlgpuVae.TorchSharpPeer;

/// <summary>
/// The reference models' losses: mean negative ELBO of a batch x [B, 784], nats. Parameters come in the order of IlgpuVae's, [out, in] weights before their
/// biases.
/// </summary>
internal static class Models
{
    private const int D = Batches.Width;
    private const double Temperature = 1;

    /// <summary>Encoder 784-H-K, a table [K, E] of codes, decoder E-H-784.</summary>
    internal static Network Exact(int k, int h, int e) => new([h, D], [h], [k, h], [k], [k, e], [h, e], [h], [D, h], [D]);

    /// <summary>The expected reconstruction over all K codes, whose log-likelihoods are one matrix product: F = X A^T - 1 rowsum(softplus(A))^T.</summary>
    internal static Tensor ExactProductLoss(Network network, Tensor x)
    {
        (Tensor logits, Tensor outputs) = ExactPasses(network, x);
        Tensor logLikelihoods = addmm(outputs.softplus().sum(1).neg(), x, outputs.t(), 1, 1);
        return CategoricalLoss(logits, logLikelihoods);
    }

    /// <summary>The same by way of an array [B, K, 784].</summary>
    internal static Tensor ExactNaiveLoss(Network network, Tensor x)
    {
        (Tensor logits, Tensor outputs) = ExactPasses(network, x);
        long[] every = [x.shape[0], outputs.shape[0], D];
        using Tensor all = outputs.unsqueeze(0).expand(every), targets = x.unsqueeze(1).expand(every);
        Tensor logLikelihoods = nn.functional.binary_cross_entropy_with_logits(all, targets, reduction: nn.Reduction.None).sum(2).neg();
        return CategoricalLoss(logits, logLikelihoods);
    }

    /// <summary>mean_b sum_k q_k (log q_k - F_k) + log K for q = softmax(logits) [B, K] and a uniform prior.</summary>
    internal static Tensor CategoricalLoss(Tensor logits, Tensor logLikelihoods)
    {
        Tensor logQ = logits.log_softmax(1);
        return (logQ.exp() * (logQ - logLikelihoods)).sum().div(logits.shape[0]).add(Math.Log(logits.shape[1]));
    }

    /// <summary>The same with dL/dl = q (log q - F + log K - L_b) / B and dL/dF = -q / B written out and as much as possible done in place.</summary>
    internal static (Tensor Loss, Tensor LogitsGrad, Tensor LogLikelihoodsGrad) CategoricalLossAndGradients(Tensor logits, Tensor logLikelihoods)
    {
        (long b, long k) = (logits.shape[0], logits.shape[1]);
        Tensor terms = logits.log_softmax(1);
        Tensor q = terms.exp();
        terms.sub_(logLikelihoods);
        Tensor rows = einsum("bk,bk->b", q, terms);
        Tensor logitsGrad = terms.sub_(rows.unsqueeze(1)).mul_(q).div_(b);
        return (rows.mean().add(Math.Log(k)), logitsGrad, q.div_(-b));
    }

    /// <summary>Encoder 784-512-256-N K, decoder N K-256-512-784.</summary>
    internal static Network GumbelSoftmax(int n, int k) =>
        new([512, D], [512], [256, 512], [256], [n * k, 256], [n * k], [256, n * k], [256], [512, 256], [512], [D, 512], [D]);

    /// <summary>One relaxed sample of N variables of K categories, the KL analytic.</summary>
    internal static Tensor GumbelSoftmaxLoss(Network network, Tensor x, int n, int k)
    {
        long b = x.shape[0];
        Tensor logits = network.Linear(network.Linear(network.Linear(x, 0).relu_(), 2).relu_(), 4).view(b, n, k);
        Tensor minusGumbel = empty_like(logits).exponential_().log_();
        Tensor codes = ((logits - minusGumbel) / Temperature).softmax(2).view(b, n * k);
        Tensor outputs = network.Linear(network.Linear(network.Linear(codes, 6).relu_(), 8).relu_(), 10);
        Tensor logQ = logits.log_softmax(2);
        return ((logQ.exp() * logQ).sum() + MinusLogLikelihood(outputs, x)).div(b).add(n * Math.Log(k));
    }

    /// <summary>Encoder 784-N of one logit a variable, decoder N-784, both linear.</summary>
    internal static Network Bernoulli(int n) => new([n, D], [n], [D, n], [D]);

    /// <summary>One relaxed sample in (-1, 1) of N binary variables: tanh((phi + logistic noise) / 2 t) is 2 sigmoid((phi + noise) / t) - 1.</summary>
    internal static Tensor BernoulliLoss(Network network, Tensor x)
    {
        long b = x.shape[0];
        Tensor phi = network.Linear(x, 0);
        Tensor noise = rand_like(phi).logit_(SmallestUniform);
        Tensor outputs = network.Linear(((phi + noise) * (0.5 / Temperature)).tanh(), 2);
        Tensor kl = (phi.sigmoid() * phi - phi.softplus()).sum();
        return (kl + MinusLogLikelihood(outputs, x)).div(b).add(phi.shape[1] * Math.Log(2));
    }

    // Keeps the logistic noise finite.
    private const double SmallestUniform = 1e-7;

    private static (Tensor Logits, Tensor Outputs) ExactPasses(Network network, Tensor x) =>
        (network.Linear(network.Linear(x, 0).relu_(), 2), network.Linear(network.Linear(network[4], 5).relu_(), 7));

    private static Tensor MinusLogLikelihood(Tensor outputs, Tensor x) =>
        nn.functional.binary_cross_entropy_with_logits(outputs, x, reduction: nn.Reduction.Sum);
}
