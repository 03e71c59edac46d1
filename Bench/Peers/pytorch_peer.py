#!/usr/bin/env python3
"""The same works as Bench, done with PyTorch: eager, compiled (reduce-overhead, max-autotune) and, on a GPU, with the whole step as one CUDA graph.

    pytorch_peer.py [--device cpu|cuda] [--quick] [--only WORK] [--provider TEXT] [--json FILE]

Float32 throughout; a provider that ends in tf32 lets products round their inputs to TF32. On the CPU, reduce-overhead has no CUDA graphs and is Inductor alone.
Run so far on the CPU only (PyTorch 2.6): what is for a GPU alone has not been run yet.
"""

import math

import torch
from torch.nn import functional as F

import peer_rows
import same_state

EXAMPLES = 4096
TEMPERATURE = 1.0
SMALLEST_UNIFORM = 1e-7
COPY_FLOATS = 16 << 20
COMPILED = ("reduce-overhead", "max-autotune")


class Layers(torch.nn.Module):
    """Parameters of the given shapes in IlgpuVae's order, set to the same state on every side; [out, in] weights before their biases."""

    def __init__(self, *shapes):
        super().__init__()
        self.tensors = torch.nn.ParameterList([torch.nn.Parameter(torch.from_numpy(same_state.parameter(t, shape))) for t, shape in enumerate(shapes)])

    def linear(self, x, tensor):
        return F.linear(x, self.tensors[tensor], self.tensors[tensor + 1])


def categorical_loss(logits, log_likelihoods):
    """mean_b sum_k q_k (log q_k - F_k) + log K for q = softmax(logits) [B, K] and a uniform prior."""
    log_q = logits.log_softmax(1)
    return (log_q.exp() * (log_q - log_likelihoods)).sum() / logits.shape[0] + math.log(logits.shape[1])


def categorical_loss_and_gradients(logits, log_likelihoods):
    """The same with dL/dl = q (log q - F + log K - L_b) / B and dL/dF = -q / B written out."""
    terms = logits.log_softmax(1)
    q = terms.exp()
    terms = terms - log_likelihoods
    rows = (q * terms).sum(1)
    return rows.mean() + math.log(logits.shape[1]), (terms - rows.unsqueeze(1)) * q / logits.shape[0], q / -logits.shape[0]


class Exact(Layers):
    """Encoder 784-H-K, a table [K, E] of codes, decoder E-H-784; the loss sums over all codes."""

    def __init__(self, k, h, e, naive):
        super().__init__((h, same_state.PIXELS), (h,), (k, h), (k,), (k, e), (h, e), (h,), (same_state.PIXELS, h), (same_state.PIXELS,))
        self.naive = naive

    def forward(self, x):
        logits = self.linear(self.linear(x, 0).relu(), 2)
        outputs = self.linear(self.linear(self.tensors[4], 5).relu(), 7)
        if self.naive:
            shape = (x.shape[0], *outputs.shape)
            log_likelihoods = -F.binary_cross_entropy_with_logits(outputs.expand(shape), x.unsqueeze(1).expand(shape), reduction="none").sum(2)
        else:
            # F = X A^T - 1 rowsum(softplus(A))^T
            log_likelihoods = torch.addmm(-F.softplus(outputs).sum(1), x, outputs.t())
        return categorical_loss(logits, log_likelihoods)


class GumbelSoftmax(Layers):
    """Encoder 784-512-256-N K, decoder N K-256-512-784; one relaxed sample, the KL analytic."""

    def __init__(self, n, k):
        d = same_state.PIXELS
        super().__init__((512, d), (512,), (256, 512), (256,), (n * k, 256), (n * k,), (256, n * k), (256,), (512, 256), (512,), (d, 512), (d,))
        self.n, self.k = n, k

    def forward(self, x):
        b = x.shape[0]
        logits = self.linear(self.linear(self.linear(x, 0).relu(), 2).relu(), 4).view(b, self.n, self.k)
        minus_gumbel = torch.empty_like(logits).exponential_().log()
        codes = ((logits - minus_gumbel) / TEMPERATURE).softmax(2).view(b, -1)
        outputs = self.linear(self.linear(self.linear(codes, 6).relu(), 8).relu(), 10)
        log_q = logits.log_softmax(2)
        return ((log_q.exp() * log_q).sum() + F.binary_cross_entropy_with_logits(outputs, x, reduction="sum")) / b + self.n * math.log(self.k)


class Bernoulli(Layers):
    """Encoder 784-N of one logit a variable, decoder N-784, both linear; one relaxed sample in (-1, 1), tanh((phi + logistic noise) / 2 t)."""

    def __init__(self, n):
        super().__init__((n, same_state.PIXELS), (n,), (same_state.PIXELS, n), (same_state.PIXELS,))

    def forward(self, x):
        phi = self.linear(x, 0)
        noise = torch.rand_like(phi).logit(eps=SMALLEST_UNIFORM)
        outputs = self.linear(((phi + noise) * (0.5 / TEMPERATURE)).tanh(), 2)
        kl = (phi.sigmoid() * phi - F.softplus(phi)).sum()
        return (kl + F.binary_cross_entropy_with_logits(outputs, x, reduction="sum")) / x.shape[0] + phi.shape[1] * math.log(2)


class Batches:
    """Shuffled batches of a data set on the device; with as many examples as a batch, the same batch in another order at every step."""

    def __init__(self, examples, size, device):
        self.data = torch.from_numpy(same_state.pixels(examples)).to(device)
        self.batch = torch.empty(size, same_state.PIXELS, device=device)
        self.position = examples

    def next(self):
        size, examples = self.batch.shape[0], self.data.shape[0]
        if self.position + size > examples:
            self.order = torch.randperm(examples, device=self.data.device)
            self.position = 0
        torch.index_select(self.data, 0, self.order[self.position : self.position + size], out=self.batch)
        self.position += size
        return self.batch


class Step:
    """A training step: a shuffled batch, the loss, its gradient, Adam."""

    def __init__(self, model, batches, mode):
        self.batches = batches
        on_gpu = batches.batch.is_cuda
        self.loss = model
        if mode in COMPILED:
            self.loss = torch.compile(model, mode=mode, fullgraph=True, dynamic=False)
        elif mode == "cuda-graph":
            self.loss = torch.compile(model, mode="max-autotune-no-cudagraphs", fullgraph=True, dynamic=False)
        self.optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, fused=True, capturable=on_gpu)
        self.graph = self.capture() if mode == "cuda-graph" else None

    def descend(self, x):
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.loss(x)
        loss.backward()
        self.optimiser.step()
        return loss.detach()

    def capture(self):
        """Records forward pass, backward pass and update; warming up trains, so everything is put back afterwards."""
        before = [parameter.detach().clone() for parameter in self.optimiser.param_groups[0]["params"]]
        x = self.batches.next()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.descend(x)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        self.optimiser.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            self.captured_loss = self.descend(x)
        with torch.no_grad():
            for parameter, value in zip(self.optimiser.param_groups[0]["params"], before):
                parameter.copy_(value)
            for moments in self.optimiser.state.values():
                for value in moments.values():
                    value.zero_()
        return graph

    def run(self):
        x = self.batches.next()
        if self.graph is None:
            return self.descend(x)
        self.graph.replay()
        return self.captured_loss


class Peer:
    def __init__(self, options):
        self.options = options
        self.device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.on_gpu = self.device.type == "cuda"
        torch.manual_seed(1)
        description = torch.cuda.get_device_name() if self.on_gpu else peer_rows.processor()
        source, target = torch.randn(COPY_FLOATS, device=self.device), torch.empty(COPY_FLOATS, device=self.device)
        copy = 8 * COPY_FLOATS / peer_rows.measure(lambda: target.copy_(source), self.wait, options.quick)["p20"] / 1e6
        versions = {"torch": torch.__version__, "threads": torch.get_num_threads()}
        if self.on_gpu:
            versions["cuda"] = torch.version.cuda
        self.file = peer_rows.PeerFile(options.json, str(self.device), description, copy, **versions)

    def wait(self):
        if self.on_gpu:
            torch.cuda.synchronize()

    def variants(self, work, form="", compiled=COMPILED):
        """(provider, mode) of a work's variants that are asked for; TF32 is switched on while its turn lasts."""
        if self.options.only not in work:
            return
        modes = ["eager", *compiled, *(["cuda-graph"] if self.on_gpu and "step" in work else [])]
        for precision, suffix in (("highest", ""), ("high", " tf32")) if self.on_gpu and ("step" in work or work == "matmul") else (("highest", ""),):
            for mode in modes:
                provider = f"pytorch {mode}{form}{suffix}"
                if self.options.provider not in provider:
                    continue
                torch.set_float32_matmul_precision(precision)
                torch.compiler.reset()
                yield provider, mode
        torch.set_float32_matmul_precision("highest")

    def measure(self, provider, work, shape, start, size, flops, losses=None):
        """Times what start() returns; its peak memory is read on a GPU, inputs included."""
        try:
            if self.on_gpu:
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            run = start()
            ms = peer_rows.measure(run, self.wait, self.options.quick)
            peak = torch.cuda.max_memory_allocated() if self.on_gpu else None
            del run
            self.file.add(provider, work, shape, ms, size, flops, peak, losses() if losses else None)
        except Exception as error:  # noqa: BLE001: one variant that fails must not lose the others.
            print(f"{provider} {work} {shape}: left out, {type(error).__name__}: {' '.join(str(error).split()[:30])}", flush=True)

    def step(self, work, shape, batch, multiply_adds, model, form="", compiled=COMPILED):
        for provider, mode in self.variants(work, form, compiled):
            def new_step(examples, mode=mode):
                return Step(model().to(self.device), Batches(examples, batch, self.device), mode)

            def losses(new_step=new_step):
                step = new_step(batch)
                first = step.run().item()
                for _ in range(1, same_state.STEPS):
                    step.run()
                return first, step.run().item()

            self.measure(provider, work, shape, lambda new_step=new_step: new_step(EXAMPLES).run, 0, 6 * multiply_adds, losses)

    def exact_step(self, b, k, h, e):
        d = same_state.PIXELS
        shape = f"B={b} K={k} D={d} H={h} E={e}"
        multiply_adds = b * (d * h + h * k) + k * (e * h + h * d) + b * k * d
        self.step("exact step", shape, b, multiply_adds, lambda: Exact(k, h, e, naive=False), " product form")

        # Eager, the array itself, the expanded targets' gradient path and the gradient are alive together.
        needed, free = 3 * 4 * b * k * d, torch.cuda.mem_get_info()[0] if self.on_gpu else None
        if free is not None and needed > free:
            print(f"pytorch naive exact step {shape}: left out, it needs about {needed / 1e9:.0f} GB and {free / 1e9:.0f} GB are free", flush=True)
            return
        self.step("exact step", shape, b, multiply_adds, lambda: Exact(k, h, e, naive=True), " naive", COMPILED[:1])

    def categorical_pass(self, r, k):
        work, shape = "categorical-pass", f"R={r} K={k}"

        def inputs(requires_grad):
            arrays = same_state.logits(r, k), same_state.log_likelihoods(r, k)
            return [torch.from_numpy(array).to(self.device).requires_grad_(requires_grad) for array in arrays]

        def autograd():
            logits, log_likelihoods = inputs(True)
            return lambda: torch.autograd.grad(categorical_loss(logits, log_likelihoods), (logits, log_likelihoods))

        for provider, mode in self.variants(work):
            function = categorical_loss_and_gradients
            if mode == "eager":
                self.measure(provider, work, shape, autograd, 16 * r * k, 12 * r * k, lambda: (categorical_loss(*inputs(False)).item(), None))
                provider = "pytorch eager by hand"
            else:
                function = torch.compile(function, mode=mode, fullgraph=True, dynamic=False)

            def by_hand(function=function):
                logits, log_likelihoods = inputs(False)
                return lambda: function(logits, log_likelihoods)

            self.measure(provider, work, shape, by_hand, 16 * r * k, 12 * r * k, lambda function=function: (function(*inputs(False))[0].item(), None))

    def matmul(self, n):
        for provider, _ in self.variants("matmul", compiled=()):
            a, b, c = (torch.randn(n, n, device=self.device) for _ in range(3))
            self.measure(provider, "matmul", f"{n}x{n}x{n}", lambda a=a, b=b, c=c: lambda: torch.mm(a, b, out=c), 12 * n * n, 2 * n**3)

    def elementwise(self, work, shape, function, make_inputs, size, flops):
        """A memory-bound kernel: eager, and compiled without CUDA graphs, which would add a copy of the inputs."""
        for provider, mode in self.variants(work, compiled=COMPILED[1:]):
            compiled = function if mode == "eager" else torch.compile(function, mode="max-autotune-no-cudagraphs", fullgraph=True, dynamic=False)

            def start(compiled=compiled):
                inputs = make_inputs()
                return lambda: compiled(*inputs)

            self.measure(provider, work, shape, start, size, flops)

    def memory_bound(self):
        r, k, rows, d, p = 1_562_500, 64, 127_552, same_state.PIXELS, 100_000_000
        self.elementwise("softmax.forward", f"R={r} K={k}", lambda x: x.softmax(1), lambda: [torch.randn(r, k, device=self.device)], 8 * r * k, 5 * r * k)
        self.elementwise(
            "gumbel-softmax.forward", f"R={r} K={k}", lambda x: (x - torch.empty_like(x).exponential_().log()).softmax(1), lambda: [torch.randn(r, k, device=self.device)], 8 * r * k, 5 * r * k)

        def bernoulli_rows(outputs, data):
            return -F.binary_cross_entropy_with_logits(outputs, data, reduction="none").sum(1), (outputs.sigmoid() - data) / rows

        self.elementwise(
            "bernoulli.rows", f"R={rows} D={d}", bernoulli_rows, lambda: [torch.randn(rows, d, device=self.device), torch.rand(rows, d, device=self.device)], 12 * rows * d, 10 * rows * d)

        def adam():
            parameter = torch.nn.Parameter(torch.randn(p, device=self.device))
            parameter.grad = torch.randn(p, device=self.device)
            return torch.optim.Adam([parameter], lr=1e-3, fused=True, capturable=True).step

        for provider, _ in self.variants("adam", compiled=()):
            self.measure(provider, "adam", f"P={p}", adam, 28 * p, 12 * p)

    def run(self):
        d = same_state.PIXELS
        self.categorical_pass(262_144, 64)
        self.exact_step(128, 64, 256, 64)
        self.exact_step(512, 256, 256, 64)
        if self.on_gpu:
            self.exact_step(8192, 1024, 512, 64)
        self.step("gumbel-softmax step", f"B=100 N=20 K=10 D={d} 512-256", 100, 200 * (d * 512 + 512 * 256 + 256 * 200), lambda: GumbelSoftmax(20, 10))
        self.step("bernoulli step", f"B=50 N=200 K=2 D={d} linear", 50, 100 * 200 * d, lambda: Bernoulli(200))
        self.matmul(1024)
        if self.on_gpu:
            self.matmul(4096)
            self.memory_bound()


if __name__ == "__main__":
    Peer(peer_rows.options(__doc__.splitlines()[0], ["cpu", "cuda"]).parse_args()).run()
