"""Write a trained team to one file that plays without evenhand's training libraries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from evenhand.errors import InputError
from evenhand.learning.acting import curve_of, description_of
from evenhand.learning.episodes import Played
from evenhand.learning.networks import Utility
from evenhand.learning.run import Run
from evenhand.player.team_file import FORMAT, digest
from evenhand.tables.write import atomic_writer, check_writable, write_json

NETWORKS: dict[type, str] = {Utility: "flat"}
"""Kinds of networks that a file's description names, by the class of the network."""


def export(run: Run, path: str | Path, *, tau: float | None = None, progress: Played | None = None) -> Path:
    """Write the team of a run to a file that :func:`evenhand.player.load` plays with NumPy alone.

    The file is one of `safetensors <https://github.com/huggingface/safetensors>`__: the weights of the acting network
    and, as metadata, a description in JSON with names, sizes and the trade-off curve from which lotteries are read. The
    description is also written beside it, as ``<path>.json``.

    Parameters
    ----------
    run
        The run.
    path
        The file; the ending ``.safetensors`` is usual.
    tau
        Threshold that the team plays for by default, and around which the curve is densest; the run's by default.
    progress
        As in :func:`evenhand.learning.pick`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the team was not trained for `tau`, its network is unknown, or the file cannot be written.

    References
    ----------
    The format: https://huggingface.co/docs/safetensors
    """
    target = check_writable(path)
    beside = check_writable(beside_of(target))
    network, parameters = _network_of(run)
    description = {
        "format": FORMAT,
        **description_of(run, tau),
        "network": network,
        "curve": [vertex._asdict() for vertex in curve_of(run, tau, progress)],
    }
    content = _packed(description, _tensors(parameters))
    write_json(beside, description)
    with atomic_writer(target) as stream:
        stream.write(content)
    return target


def beside_of(path: Path) -> Path:
    """Return the path of the description that is written beside an exported file."""
    return path.with_name(f"{path.name}.json")


def _network_of(run: Run) -> tuple[dict[str, Any], Any]:
    """Return the description of the acting network, and its parameters."""
    acting = getattr(run.learner, "acting", lambda parameters: (run.learner, parameters))
    network, parameters = acting(run.parameters)
    kind = NETWORKS.get(type(network))
    if kind is None:
        known = ", ".join(known.__name__ for known in NETWORKS)
        raise InputError(
            f"the team's network is {type(network).__name__}, which export does not know; known are {known}"
        )
    return {"kind": kind, "hidden_size": network.width, "num_layers": network.layers}, parameters


def _tensors(parameters: Any) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    """Return a network's parameters by their dotted names, such as ``Dense_0.kernel``."""
    leaves = jax.tree_util.tree_leaves_with_path(parameters["params"])
    return {".".join(key.key for key in path): np.asarray(leaf, "<f4") for path, leaf in leaves}


def _packed(description: Mapping[str, Any], tensors: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """Return the bytes of a file of safetensors."""
    text = json.dumps(description, allow_nan=False)
    body, header = b"", dict[str, Any]()
    for name, tensor in tensors.items():
        part = tensor.tobytes()
        offsets = [len(body), len(body) + len(part)]
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": offsets}
        body += part
    header["__metadata__"] = {"format": "np", "evenhand": text, "sha256": digest(text, header, body)}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + body
