"""What a team's network sees, and the network, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .reading import Floats


def sight(seen: Any, work: Any, xp: Any = np) -> Any:
    """Return observations (B, n, D), followed by every agent's share of the work (B, n) and Jain's index of it.

    `xp` is the library of the arrays, NumPy or one with its functions.
    """
    # Scaled by a power of two, which is exact, because the sum of large workloads could overflow.
    _, exponent = xp.frexp(work.max(axis=-1, keepdims=True))
    scaled = xp.ldexp(work, -exponent)
    shares = scaled / xp.maximum(scaled.sum(axis=-1, keepdims=True), xp.float32(1e-6))
    relative = xp.where(scaled.any(axis=-1, keepdims=True), scaled, xp.float32(1.0))
    relative = relative / relative.mean(axis=-1, keepdims=True)
    index = 1.0 / (1.0 + xp.square(relative - 1.0).mean(axis=-1, keepdims=True))
    return _followed(seen, xp.concatenate([shares, index], axis=-1), xp)


def inputs(description: Mapping[str, Any], sight: Any, memory: Any, force: Any, xp: Any = np) -> Any:
    """Return what the network sees, (B, n, F): the sight, what is remembered, and features of multipliers (B,)."""
    part = (force / xp.float32(description["multiplier"]["cap"]))[:, None]
    scales = xp.array(description["multiplier"]["half_saturation"], xp.float32)
    features = xp.concatenate([part, part / (part + scales)], axis=-1)
    return _followed(xp.concatenate([sight, memory], axis=-1), features, xp)


def _followed(agents: Any, common: Any, xp: Any) -> Any:
    """Return arrays (B, n, D), each agent's followed by what is common to all, (B, C)."""
    everybody = xp.broadcast_to(common[:, None], (*agents.shape[:2], common.shape[-1]))
    return xp.concatenate([agents, everybody], axis=-1, dtype=xp.float32)


class Layers:
    """Layers of a network, by number.

    Parameters
    ----------
    tensors
        ``Dense_i.kernel`` (in, out) and ``Dense_i.bias`` of layer i, ``LayerNorm_i.scale`` and ``LayerNorm_i.bias`` of
        normalisation i. If each of n agents has a network of its own, all have one more axis (n, ...) in front.
    """

    def __init__(self, tensors: Mapping[str, Floats]) -> None:
        self._of = tensors

    def dense(self, layer: int, values: Floats) -> Floats:
        """Return a linear layer's (..., out), given its (..., in)."""
        kernel, bias = self._of[f"Dense_{layer}.kernel"], self._of[f"Dense_{layer}.bias"]
        if kernel.ndim == 2:
            return values @ kernel + bias
        return (values[..., None, :] @ kernel)[..., 0, :] + bias

    def hidden(self, layer: int, values: Floats) -> Floats:
        """Return values (..., H), normalised and rectified."""
        mean = values.mean(axis=-1, keepdims=True)
        variance = np.square(values - mean).mean(axis=-1, keepdims=True)
        normal = (values - mean) / np.sqrt(variance + np.float32(1e-6))
        scale, bias = self._of[f"LayerNorm_{layer}.scale"], self._of[f"LayerNorm_{layer}.bias"]
        return np.asarray(np.maximum(normal * scale + bias, 0.0))


class Flat(Layers):
    """Hidden layers, each normalised and rectified, and a linear layer: the scores of the actions.

    Parameters
    ----------
    sizes
        ``num_layers``, the number of hidden layers.
    tensors
        As for :class:`Layers`.
    """

    def __init__(self, sizes: Mapping[str, Any], tensors: Mapping[str, Floats]) -> None:
        super().__init__(tensors)
        self._layers = sizes["num_layers"]

    def __call__(self, values: Floats) -> Floats:
        """Return the scores (..., A) of the inputs (..., F)."""
        for layer in range(self._layers):
            values = self.hidden(layer, self.dense(layer, values))
        return self.dense(self._layers, values)


class FlatPolicy:
    """The actions of the highest scores.

    Parameters
    ----------
    description
        The team's description.
    tensors
        The network's, as for :class:`Layers`.
    """

    def __init__(self, description: Mapping[str, Any], tensors: Mapping[str, Floats]) -> None:
        self._network = Flat(description["network"], tensors)

    def __call__(self, agents: Floats, mask: NDArray[np.bool_]) -> NDArray[Any]:
        """Return the actions (B, n), given what agents see (B, n, F) and which actions are possible (B, n, A)."""
        return np.asarray(np.where(mask, self._network(agents), -np.inf).argmax(axis=-1))
