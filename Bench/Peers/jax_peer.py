#!/usr/bin/env python3
"""The same works as Bench, done with JAX: each a jitted function, a training step with its gather and its update included.

    jax_peer.py [--device cpu|gpu] [--quick] [--only WORK] [--provider TEXT] [--json FILE]

THIS SCRIPT HAS NOT BEEN RUN YET: no machine with JAX was at hand when it was written. It was compiled, and read against JAX's documentation; its numbers
count only once its losses have been seen to agree with the other peers'.
Float32 products in full precision; a provider that ends in tf32 lets a GPU round their inputs to TF32. XLA does not reset its peak of memory, so that is left out.
"""

import functools
import math

import jax
import jax.numpy as jnp

import peer_rows
import same_state

EXAMPLES = 4096
TEMPERATURE = 1.0
SMALLEST_UNIFORM = 1e-7
RATE, FIRST_MOMENT_DECAY, SECOND_MOMENT_DECAY, EPSILON = 1e-3, 0.9, 0.999, 1e-8
COPY_FLOATS = 16 << 20


def parameters(*shapes):
    """Parameters of the given shapes in IlgpuVae's order, [out, in] weights before their biases."""
    return [jnp.array(same_state.parameter(t, shape)) for t, shape in enumerate(shapes)]


def linear(p, x, tensor):
    return x @ p[tensor].T + p[tensor + 1]


def minus_log_likelihood(outputs, x):
    """-log p(x) of Bernoulli logits, element by element: softplus(a) - x a."""
    return jax.nn.softplus(outputs) - x * outputs


def categorical_loss(logits, log_likelihoods):
    """mean_b sum_k q_k (log q_k - F_k) + log K for q = softmax(logits) [B, K] and a uniform prior."""
    log_q = jax.nn.log_softmax(logits, axis=1)
    return jnp.sum(jnp.exp(log_q) * (log_q - log_likelihoods)) / logits.shape[0] + math.log(logits.shape[1])


def exact(k, h, e):
    d = same_state.PIXELS
    return parameters((h, d), (h,), (k, h), (k,), (k, e), (h, e), (h,), (d, h), (d,))


def exact_loss(p, x, key, naive):
    """Encoder 784-H-K, a table [K, E] of codes, decoder E-H-784; the sum over all codes."""
    logits = linear(p, jax.nn.relu(linear(p, x, 0)), 2)
    outputs = linear(p, jax.nn.relu(linear(p, p[4], 5)), 7)
    if naive:
        log_likelihoods = -jnp.sum(minus_log_likelihood(outputs[None], x[:, None]), axis=2)
    else:
        # F = X A^T - 1 rowsum(softplus(A))^T
        log_likelihoods = x @ outputs.T - jnp.sum(jax.nn.softplus(outputs), axis=1)
    return categorical_loss(logits, log_likelihoods)


def gumbel_softmax(n, k):
    d = same_state.PIXELS
    return parameters((512, d), (512,), (256, 512), (256,), (n * k, 256), (n * k,), (256, n * k), (256,), (512, 256), (512,), (d, 512), (d,))


def gumbel_softmax_loss(p, x, key, n, k):
    """Encoder 784-512-256-N K, decoder N K-256-512-784; one relaxed sample, the KL analytic."""
    b = x.shape[0]
    logits = linear(p, jax.nn.relu(linear(p, jax.nn.relu(linear(p, x, 0)), 2)), 4).reshape(b, n, k)
    codes = jax.nn.softmax((logits + jax.random.gumbel(key, logits.shape)) / TEMPERATURE, axis=2).reshape(b, n * k)
    outputs = linear(p, jax.nn.relu(linear(p, jax.nn.relu(linear(p, codes, 6)), 8)), 10)
    log_q = jax.nn.log_softmax(logits, axis=2)
    return (jnp.sum(jnp.exp(log_q) * log_q) + jnp.sum(minus_log_likelihood(outputs, x))) / b + n * math.log(k)


def bernoulli(n):
    return parameters((n, same_state.PIXELS), (n,), (same_state.PIXELS, n), (same_state.PIXELS,))


def bernoulli_loss(p, x, key):
    """Encoder 784-N of one logit a variable, decoder N-784, both linear; one relaxed sample in (-1, 1), tanh((phi + logistic noise) / 2 t)."""
    phi = linear(p, x, 0)
    u = jax.random.uniform(key, phi.shape, minval=SMALLEST_UNIFORM, maxval=1 - SMALLEST_UNIFORM)
    outputs = linear(p, jnp.tanh((phi + jnp.log(u) - jnp.log1p(-u)) * (0.5 / TEMPERATURE)), 2)
    kl = jnp.sum(jax.nn.sigmoid(phi) * phi - jax.nn.softplus(phi))
    return (kl + jnp.sum(minus_log_likelihood(outputs, x))) / x.shape[0] + phi.shape[1] * math.log(2)


class Step:
    """A training step: a shuffled batch, the loss, its gradient, Adam, all in one jitted function that overwrites the state it is given."""

    def __init__(self, start, loss, examples, batch):
        self.data = jnp.asarray(same_state.pixels(examples))
        self.examples, self.steps_an_epoch = examples, examples // batch
        self.count = 0
        self.order = None
        values = start()
        self.state = (values, [jnp.zeros_like(v) for v in values], [jnp.zeros_like(v) for v in values], jnp.zeros((), jnp.int32))

        def step(state, data, order, key):
            values, first, second, count = state
            rows = jax.lax.dynamic_slice_in_dim(order, (count % self.steps_an_epoch) * batch, batch)
            value, gradients = jax.value_and_grad(loss)(values, jnp.take(data, rows, axis=0), jax.random.fold_in(key, count))
            count = count + 1
            t = count.astype(jnp.float32)
            first = [FIRST_MOMENT_DECAY * m + (1 - FIRST_MOMENT_DECAY) * g for m, g in zip(first, gradients)]
            second = [SECOND_MOMENT_DECAY * v + (1 - SECOND_MOMENT_DECAY) * g * g for v, g in zip(second, gradients)]
            rate, correction = RATE / (1 - FIRST_MOMENT_DECAY**t), 1 - SECOND_MOMENT_DECAY**t
            values = [w - rate * m / (jnp.sqrt(v / correction) + EPSILON) for w, m, v in zip(values, first, second)]
            return (values, first, second, count), value

        self.step = jax.jit(step, donate_argnums=0)
        self.key = jax.random.key(1)

    def run(self):
        if self.count % self.steps_an_epoch == 0:
            self.order = jax.random.permutation(jax.random.key(self.count), self.examples)
        self.count += 1
        self.state, self.loss = self.step(self.state, self.data, self.order, self.key)
        return self.loss

    def wait(self):
        jax.block_until_ready((self.state, self.loss))


class Call:
    """A jitted function of fixed inputs."""

    def __init__(self, function, *inputs):
        self.function, self.inputs = jax.jit(function), inputs

    def run(self):
        self.result = self.function(*self.inputs)
        return self.result

    def wait(self):
        jax.block_until_ready(self.result)


class Peer:
    def __init__(self, options):
        self.options = options
        if options.device:
            jax.config.update("jax_default_device", jax.devices(options.device)[0])
        device = jax.devices(options.device)[0] if options.device else jax.devices()[0]
        self.on_gpu = device.platform == "gpu"
        copy = Call(lambda x: x + 1, jnp.zeros(COPY_FLOATS, jnp.float32))
        ms = peer_rows.measure(copy.run, copy.wait, options.quick)
        description = device.device_kind if self.on_gpu else peer_rows.processor()
        self.file = peer_rows.PeerFile(options.json, device.platform, description, 8 * COPY_FLOATS / ms["p20"] / 1e6, jax=jax.__version__)

    def measure(self, provider, work, shape, start, size, flops, losses=None, products=True):
        if self.options.only not in work:
            return
        for precision, suffix in (("float32", ""), ("tensorfloat32", " tf32")) if self.on_gpu and products else (("float32", ""),):
            name = provider + suffix
            if self.options.provider not in name:
                continue
            try:
                # Read when a function is traced, which its first call does.
                with jax.default_matmul_precision(precision):
                    job = start()
                    ms = peer_rows.measure(job.run, job.wait, self.options.quick)
                    del job
                    self.file.add(name, work, shape, ms, size, flops, losses=losses() if losses else None)
            except Exception as error:  # noqa: BLE001: one variant that fails must not lose the others.
                print(f"{name} {work} {shape}: left out, {type(error).__name__}: {' '.join(str(error).split()[:30])}", flush=True)

    def step(self, provider, work, shape, batch, multiply_adds, start, loss):
        def losses():
            step = Step(start, loss, batch, batch)
            first = float(step.run())
            for _ in range(1, same_state.STEPS):
                step.run()
            return first, float(step.run())

        self.measure(provider, work, shape, lambda: Step(start, loss, EXAMPLES, batch), 0, 6 * multiply_adds, losses)

    def exact_step(self, b, k, h, e, naive=True):
        d = same_state.PIXELS
        shape = f"B={b} K={k} D={d} H={h} E={e}"
        multiply_adds = b * (d * h + h * k) + k * (e * h + h * d) + b * k * d
        for form in (False, True) if naive else (False,):
            provider = "jax naive" if form else "jax product form"
            self.step(provider, "exact step", shape, b, multiply_adds, lambda: exact(k, h, e), functools.partial(exact_loss, naive=form))
        if not naive:
            print(f"jax naive exact step {shape}: left out, its array [B, K, D] alone is {4 * b * k * d / 1e9:.0f} GB", flush=True)

    def categorical_pass(self, r, k):
        function = jax.value_and_grad(categorical_loss, argnums=(0, 1))

        def start():
            return Call(function, jnp.asarray(same_state.logits(r, k)), jnp.asarray(same_state.log_likelihoods(r, k)))

        self.measure("jax", "categorical-pass", f"R={r} K={k}", start, 16 * r * k, 12 * r * k, lambda: (float(start().run()[0]), None), products=False)

    def matmul(self, n):
        def start():
            keys = jax.random.split(jax.random.key(1))
            return Call(jnp.matmul, jax.random.normal(keys[0], (n, n)), jax.random.normal(keys[1], (n, n)))

        self.measure("jax", "matmul", f"{n}x{n}x{n}", start, 12 * n * n, 2 * n**3)

    def memory_bound(self):
        r, k, rows, d, p = 1_562_500, 64, 127_552, same_state.PIXELS, 100_000_000
        key = jax.random.key(1)

        def softmax_rows():
            return Call(lambda x: jax.nn.softmax(x, axis=1), jax.random.normal(key, (r, k)))

        def gumbel_rows():
            return Call(lambda x, noise_key: jax.nn.softmax(x + jax.random.gumbel(noise_key, x.shape), axis=1), jax.random.normal(key, (r, k)), key)

        def bernoulli_rows():
            def function(outputs, data):
                return -jnp.sum(minus_log_likelihood(outputs, data), axis=1), (jax.nn.sigmoid(outputs) - data) / rows

            return Call(function, jax.random.normal(key, (rows, d)), jax.random.uniform(key, (rows, d)))

        self.measure("jax", "softmax.forward", f"R={r} K={k}", softmax_rows, 8 * r * k, 5 * r * k, products=False)
        self.measure("jax", "gumbel-softmax.forward", f"R={r} K={k}", gumbel_rows, 8 * r * k, 5 * r * k, products=False)
        self.measure("jax", "bernoulli.rows", f"R={rows} D={d}", bernoulli_rows, 12 * rows * d, 10 * rows * d, products=False)
        self.measure("jax", "adam", f"P={p}", lambda: Adam(p), 28 * p, 12 * p, products=False)

    def run(self):
        d = same_state.PIXELS
        self.categorical_pass(262_144, 64)
        self.exact_step(128, 64, 256, 64)
        self.exact_step(512, 256, 256, 64)
        if self.on_gpu:
            self.exact_step(8192, 1024, 512, 64, naive=False)
        gumbel_loss = functools.partial(gumbel_softmax_loss, n=20, k=10)
        self.step("jax", "gumbel-softmax step", f"B=100 N=20 K=10 D={d} 512-256", 100, 200 * (d * 512 + 512 * 256 + 256 * 200), lambda: gumbel_softmax(20, 10), gumbel_loss)
        self.step("jax", "bernoulli step", f"B=50 N=200 K=2 D={d} linear", 50, 100 * 200 * d, lambda: bernoulli(200), bernoulli_loss)
        self.matmul(1024)
        if self.on_gpu:
            self.matmul(4096)
            self.memory_bound()


class Adam:
    """The update alone, of p parameters, in place."""

    def __init__(self, p):
        key = jax.random.key(1)
        self.gradient = jax.random.normal(key, (p,))
        self.state = (jax.random.normal(key, (p,)), jnp.zeros(p), jnp.zeros(p), jnp.zeros((), jnp.int32))

        def update(state, gradient):
            value, first, second, count = state
            t = (count + 1).astype(jnp.float32)
            first = FIRST_MOMENT_DECAY * first + (1 - FIRST_MOMENT_DECAY) * gradient
            second = SECOND_MOMENT_DECAY * second + (1 - SECOND_MOMENT_DECAY) * gradient * gradient
            root = jnp.sqrt(second / (1 - SECOND_MOMENT_DECAY**t))
            return value - RATE / (1 - FIRST_MOMENT_DECAY**t) * first / (root + EPSILON), first, second, count + 1

        self.update = jax.jit(update, donate_argnums=0)

    def run(self):
        self.state = self.update(self.state, self.gradient)

    def wait(self):
        jax.block_until_ready(self.state)


if __name__ == "__main__":
    Peer(peer_rows.options(__doc__.splitlines()[0], ["cpu", "gpu"]).parse_args()).run()
