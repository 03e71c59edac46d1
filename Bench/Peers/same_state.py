"""The state that every side of the comparison makes for itself, as Bench/SameState.cs does: numbers from an integer hash of (stream, index)."""

import numpy as np

STEPS = 20
"""Steps of Adam between the first loss that is compared and the last."""

PIXELS = 784
_PIXEL_STREAM, _LOGIT_STREAM, _LOG_LIKELIHOOD_STREAM = 1000, 2000, 2001


def parameter(tensor, shape):
    """A model's tensor number `tensor`, in PyTorch's layout ([out, in] for a weight), in (-0.1, 0.1)."""
    return _signed(tensor, shape, 0.1)


def pixels(examples):
    """[examples, 784], a fifth of them 1 and the others 0."""
    return (_uniform(_PIXEL_STREAM, (examples, PIXELS)) < np.float32(0.2)).astype(np.float32)


def logits(rows, k):
    """Of the categorical pass, in (-4, 4)."""
    return _signed(_LOGIT_STREAM, (rows, k), 4)


def log_likelihoods(rows, k):
    """Of the categorical pass, in (-20, 20)."""
    return _signed(_LOG_LIKELIHOOD_STREAM, (rows, k), 20)


def _signed(stream, shape, scale):
    return np.float32(scale) * (2 * _uniform(stream, shape) - 1)


def _uniform(stream, shape):
    h = np.arange(np.prod(shape), dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(stream * 0x85EBCA77 & 0xFFFFFFFF)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    # The upper 24 bits are exact in a float.
    return ((h ^ (h >> np.uint32(16))) >> np.uint32(8)).astype(np.float32).reshape(shape) * np.float32(2.0**-24)
