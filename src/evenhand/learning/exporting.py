"""Write a trained team to one file: weights that play with NumPy alone, or a program for compilers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.errors import InputError
from evenhand.hospital.scenario_arrays import WORKLOADS
from evenhand.learning.acting import curve_of, description_of, policy_of
from evenhand.learning.disturbance import Disturbed
from evenhand.learning.entity_network import HEADS, KEYS, EntityActor
from evenhand.learning.episodes import Played
from evenhand.learning.networks import Separate, Utility
from evenhand.learning.run import Run
from evenhand.player.hospital import TABLES
from evenhand.player.networks import inputs, sight
from evenhand.player.team_file import FORMAT, TYPES, digest
from evenhand.tables.write import atomic_writer, check_writable, write_json

ENDINGS = (".safetensors", ".stablehlo")
"""Endings of the files that can be written."""
NETWORKS: dict[type, str] = {Utility: "flat", Separate: "flat", EntityActor: "entity"}
"""Kinds of networks that a file's description names, by the class of the network."""
KINDS = {theirs: name for name, theirs in TYPES.items()}
"""Names of the types of tensors in a file, by NumPy's."""
Tensors = dict[str, np.ndarray[Any, Any]]
"""The tensors of a file by name."""


def export(run: Run, path: str | Path, *, tau: float | None = None, progress: Played | None = None) -> Path:
    """Write the team of a run to a file, and a description of it beside, as ``<path>.json``.

    The ending of the path decides what is written:

    ``.safetensors``
        The weights of the acting network, and the description as metadata, in a file of `safetensors
        <https://github.com/huggingface/safetensors>`__ that :func:`evenhand.player.load` plays with NumPy alone.
    ``.stablehlo``
        The policy as a portable program of `StableHLO <https://openxla.org/stablehlo>`__, for compilers such as IREE
        and XLA: from observations, workloads, multipliers and masks of any number of episodes to actions.

    The description has names, sizes, and the trade-off curve from which lotteries are read.

    Parameters
    ----------
    run
        The run.
    path
        The file.
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
        If the ending is another, the team was not trained for `tau`, its network is unknown, or the file cannot be
        written.
    """
    target = check_writable(path)
    if target.suffix not in ENDINGS:
        raise InputError(f"{path}: unknown ending {target.suffix!r}; use {' or '.join(ENDINGS)}")
    beside = check_writable(beside_of(target))
    description = {"format": FORMAT, **description_of(run, tau)}
    if target.suffix == ENDINGS[0]:
        network, tensors = _network_of(run)
        description |= {"network": network}
    else:
        program, signature = _program(run, description)
        description |= {"program": signature}
    if description["fairness"]["form"] == "share":
        only = (
            f"the file's curve counts the episodes that meet {description['fairness']['tau']:g}: export the team for it"
        )
        description["fairness"]["no_other"] = only
    description |= {"curve": [vertex._asdict() for vertex in curve_of(run, tau, progress)]}
    content = _packed(description, tensors) if target.suffix == ENDINGS[0] else program
    write_json(beside, description)
    with atomic_writer(target) as stream:
        stream.write(content)
    return target


def beside_of(path: Path) -> Path:
    """Return the path of the description that is written beside an exported file."""
    return path.with_name(f"{path.name}.json")


def _network_of(run: Run) -> tuple[dict[str, Any], Tensors]:
    """Return the description of the acting network, and all tensors that its player needs."""
    acting = getattr(run.learner, "acting", lambda parameters: (run.learner, parameters))
    network, parameters = acting(run.parameters)
    kind = NETWORKS.get(type(network))
    if kind is None:
        known = ", ".join(known.__name__ for known in NETWORKS)
        raise InputError(
            f"the team's network is {type(network).__name__}, of which there is no copy in NumPy (there is of {known});"
            f" write it as a program, {ENDINGS[1]}"
        )
    described: dict[str, Any] = {"kind": kind, "hidden_size": network.width, "num_layers": network.layers}
    tensors = _tensors(parameters)
    if isinstance(network, EntityActor):
        policy_of(run.learner)  # refuses an environment whose states observations do not show
        env: Any = run.learner.team.env
        places, work = list(network.action_places), WORKLOADS.index(env.workload_definition)
        described |= {"keys": KEYS, "heads": HEADS, "action_places": places, "work": work}
        tables = {f"scenario.{name}": getattr(env.tables, name) for name in TABLES}
        tables |= {f"entities.{name}": table for name, table in env.entity_tables._asdict().items()}
        tensors |= {name: np.asarray(table) for name, table in tables.items()}
    return described, tensors


def _program(run: Run, description: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """Return a run's policy as a program, and the arrays that it takes and returns."""
    policy, parameters, env = policy_of(run.learner), run.parameters, run.learner.team.env
    remembered = env.observation_size - env.sight_size if isinstance(env, Disturbed) else 0
    n, size = len(description["agents"]), description["observation_size"]
    (episodes,) = jax.export.symbolic_shape("episodes")
    takes = {
        "observations": ((episodes, n, size), jnp.float32),
        "workloads": ((episodes, n), jnp.float32),
        "multipliers": ((episodes,), jnp.float32),
        "masks": ((episodes, n, description["n_actions"]), jnp.bool_),
    }
    if remembered:
        takes["memory"] = ((episodes, n, remembered), jnp.float32)

    def program(seen: Array, work: Array, force: Array, mask: Array, memory: Array | None = None) -> Array:
        past = jnp.zeros((*seen.shape[:2], 0), jnp.float32) if memory is None else memory
        agents = inputs(description, sight(seen, work, jnp), past, force, jnp)
        return policy(parameters, agents, mask)

    given = [jax.ShapeDtypeStruct(shape, kind) for shape, kind in takes.values()]  # type: ignore[no-untyped-call]
    made = jax.export.export(jax.jit(program))(*given)
    arrays = [
        {"name": name, "shape": [str(size) for size in shape], "type": jnp.dtype(kind).name}
        for name, (shape, kind) in takes.items()
    ]
    # What the policy does not depend on is no argument of the program.
    arrays = [arrays[position] for position in made.module_kept_var_idx]
    returned = {"name": "actions", "shape": ["episodes", str(n)], "type": "int32"}
    return made.mlir_module_serialized, {"takes": arrays, "returns": [returned]}


def _tensors(parameters: Any) -> Tensors:
    """Return a network's parameters by their dotted names, such as ``Dense_0.kernel``."""
    leaves = jax.tree_util.tree_leaves_with_path(parameters["params"])
    return {".".join(key.key for key in path): np.asarray(leaf, "<f4") for path, leaf in leaves}


def _packed(description: Mapping[str, Any], tensors: Tensors) -> bytes:
    """Return the bytes of a file of safetensors."""
    text = json.dumps(description, allow_nan=False)
    body, header = b"", dict[str, Any]()
    for name, tensor in tensors.items():
        part = tensor.tobytes()
        offsets = [len(body), len(body) + len(part)]
        header[name] = {"dtype": KINDS[tensor.dtype.str], "shape": list(tensor.shape), "data_offsets": offsets}
        body += part
    header["__metadata__"] = {"format": "np", "evenhand": text, "sha256": digest(text, header, body)}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + body
