"""The folder of a run: its configuration, the versions it was made with, and its checkpoints."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import evenhand
from evenhand.errors import InputError
from evenhand.learning import checkpoint
from evenhand.learning.cloning import Clone
from evenhand.learning.config import Config
from evenhand.learning.disturbance import inner
from evenhand.learning.host.environment import FromPettingZoo
from evenhand.tables.documents import SETTINGS, read_json
from evenhand.tables.files import make_folder, no_folder
from evenhand.tables.shapes import check_shape, refuse_unknown
from evenhand.tables.write import write_json

CONFIGURATION = "config.json"
"""Name of the file that holds the configuration."""
ENVIRONMENT = "environment"
"""Key in that file under which the class of a custom environment is named."""
ON_HOST = "PettingZoo's "
"""Beginning of the name of an environment that is made by a function."""
SEED_FOLDER = "seed-"
"""Name of the folder of one of several seeds, up to the seed."""
BETWEEN_CHECKPOINTS = 20.0
"""Shortest time between two checkpoints, in seconds."""


class Keeper:
    """Writes the checkpoints of a run.

    Parameters
    ----------
    folder
        Folder of the run; None to write nothing.
    owner
        Values that identify the run, as :func:`owner_of` returns them.
    done
        Number of iterations of the latest checkpoint on disk.
    """

    def __init__(self, folder: Path | None, owner: dict[str, Any], done: int) -> None:
        self._folder, self._owner, self._done = folder, owner, done
        self._saved = time.monotonic()

    def save(self, training: Any, done: int) -> None:
        """Write a checkpoint, unless the one on disk has the same number of iterations."""
        if self._folder is None or done == self._done:
            return
        checkpoint.save(self._folder, training, done, self._owner)
        self._done, self._saved = done, time.monotonic()

    def save_now_and_then(self, training: Any, done: int) -> None:
        """Write a checkpoint if the last one is more than BETWEEN_CHECKPOINTS seconds old."""
        if time.monotonic() - self._saved > BETWEEN_CHECKPOINTS:
            self.save(training, done)


def prepare(
    folder: Path,
    config: Config,
    *,
    resume: bool,
    env: Any = None,
    start: str | os.PathLike[str] | None = None,
    clone: Clone | None = None,
) -> Path:
    """Create the folder of a new run, or check the folder of a run to resume.

    A resumed run may have more steps than before; the new number is written to the folder.

    Parameters
    ----------
    folder, config
        Folder and configuration of the run.
    resume
        Whether the folder holds the run already.
    env
        The custom environment, if there is one; the name of its class is written to the folder.
    start
        Folder of the run whose parameters this one starts from, if any; its name is written to the folder.
    clone
        The scripted policy that it starts from, if any, and how; written to the folder.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If a new run's folder holds a run already or cannot be written; if a run to resume does not exist, has another
        configuration, or was made with other versions of the libraries.
    """
    if resume:
        there = read_config(folder)
        if dataclasses.replace(there, steps=config.steps) != config:
            raise InputError(
                f"{folder}: the run there has another configuration; resume takes it as it is, or with more steps"
            )
        if config.steps < there.steps:
            raise InputError(f"{folder}: the run there is for {there.steps:,} steps; resume takes as many or more")
        _refuse_other_versions(folder)
        if config.steps > there.steps:
            write_json(folder / CONFIGURATION, _written(folder) | {"config": config.to_dict()})
        return folder
    refuse_taken(folder)
    make_folder(folder)
    known: dict[str, Any] = {"config": config.to_dict(), "versions": _versions()}
    if env is not None:
        known[ENVIRONMENT] = _name_of(env)
    if start is not None:
        known["from"] = os.fspath(start)
    if clone is not None:
        known["clone"] = clone.to_dict()
    write_json(folder / CONFIGURATION, known)
    return folder


def own_environment(folder: Path) -> str | None:
    """Return the class name of a run's custom environment; None if it was trained in a hospital scenario."""
    name = _written(folder).get(ENVIRONMENT)
    return None if name is None else str(name)


def _name_of(env: Any) -> str:
    """Return the class of a custom environment, or the name that a PettingZoo environment has."""
    if isinstance(env, FromPettingZoo):
        return f"{ON_HOST}{env.name}"
    return f"{type(env).__module__}.{type(env).__qualname__}"


def clone_of(folder: Path) -> Clone | None:
    """Return the scripted policy that a run starts from, and how it is cloned; None if it starts from none.

    Raises
    ------
    InputError
        If it is a function, which no file holds.
    """
    values = _written(folder).get("clone")
    if values is None:
        return None
    if values["policy"].startswith("<"):
        raise InputError(
            f"{folder}: the run there starts from your own function {values['policy'][1:-1]} and has no checkpoint "
            "yet; give it to train as clone, in a new folder"
        )
    refuse_unknown(values, [part.name for part in dataclasses.fields(Clone)])
    return Clone(**values)


def refuse_uncertified(folder: Path) -> None:
    """Raise an InputError that says how a certificate is made, if a run was trained in a custom environment."""
    name = own_environment(folder) if (folder / CONFIGURATION).is_file() else None
    if name is not None:
        raise InputError(
            f"{folder}: its team works in your own environment, {name}, whose states are not enumerated; describe the "
            "game to evenhand.equilibrium.certify, as arrays (FiniteGame) or in layers (LayeredGame), or train a "
            "response of each agent with evenhand.learning.learned_response, which gives a lower bound on its gain"
        )


def refuse_own_environment(folder: Path) -> None:
    """Raise an InputError that says how to load the run in Python, if it was trained in a custom environment."""
    name = own_environment(folder)
    if name is not None:
        of = str(folder)
        made = "env=lambda: ..." if name.startswith(ON_HOST) else f"env={name.rpartition('.')[2]}(...)"
        raise InputError(
            f"{folder}: its team works in your own environment, {name}, which only Python can make: "
            f"run = evenhand.learning.load({of!r}, {made}), then evenhand.learning.record.record_of(run) evaluates, "
            "run.act acts, evenhand.learning.export(run, 'team.safetensors') exports; "
            f"train(run.config, folder={of!r}, resume=True, {made}) goes on"
        )


def _written(folder: Path) -> dict[str, Any]:
    """Return the contents of a run's configuration file; the configuration itself is not checked yet."""
    path = folder / CONFIGURATION
    values: dict[str, Any] = read_json(path, limits=SETTINGS)
    check_shape(
        values, {"config": object, "versions?": {str: str}, f"{ENVIRONMENT}?": str, "clone?": {str: object}}, str(path)
    )
    return values


def refuse_taken(folder: Path) -> None:
    """Raise an InputError if a folder holds a run already, or cannot be read."""
    try:
        taken = (folder / CONFIGURATION).exists()
    except OSError as error:
        raise no_folder(folder, error) from None
    if taken or seeds_in(folder):
        what = "a run" if taken else "runs of several seeds"
        raise InputError(f"{folder}: holds {what} already; resume or choose another folder")


def read_config(folder: Path) -> Config:
    """Return the configuration of the run in a folder, or raise an InputError if there is none."""
    path = folder / CONFIGURATION
    if not path.exists():
        several = seeds_in(folder)
        hint = f"; there are several seeds: name one, {several[0]} for instance" if several else ""
        raise InputError(f"{folder}: no run here ({CONFIGURATION} is missing{hint})")
    return Config.from_dict(_written(folder)["config"], str(path))


def seeds_in(folder: Path) -> list[Path]:
    """Return the folders of seeds in a folder, in the order of the seeds; an empty list if there are none."""
    found = [path.parent for path in folder.glob(f"{SEED_FOLDER}*/{CONFIGURATION}")]
    numbers = {path: path.name.removeprefix(SEED_FOLDER) for path in found}
    return sorted((path for path in found if numbers[path].isdecimal()), key=lambda path: int(numbers[path]))


def differ_by_seed_only(one: Config, other: Config) -> bool:
    """Return whether two configurations are equal, seeds aside."""
    return dataclasses.replace(one, seed=other.seed) == other


def owner_of(config: Config, env: Any) -> dict[str, Any]:
    """Return the values that a checkpoint and the run that reads it must have in common, as JSON values."""
    sizes = {
        name: int(getattr(env, name)) for name in ("n_agents", "n_actions", "observation_size", "state_size", "horizon")
    }
    owner: dict[str, Any] = {
        "configuration": config.to_dict(),
        "environment": {"class": _name_of(inner(env)).rpartition(".")[2], **sizes},
    }
    scenario = getattr(env, "scenario", None)
    if scenario is not None:
        owner["scenario"] = hashlib.sha256(scenario.model_dump_json().encode()).hexdigest()
    return json.loads(json.dumps(owner))


def _refuse_other_versions(folder: Path) -> None:
    """Raise an InputError if a run was begun with other versions of the libraries, which may round differently."""
    then = _written(folder).get("versions", {})
    for name, now in _versions().items():
        if then.get(name, now) != now:
            raise InputError(
                f"{folder}: the run there began with {name} {then[name]}, and this is {now}; it would not go on bit "
                f"for bit: install {then[name]}, or begin anew"
            )


def _versions() -> dict[str, str]:
    libraries = {name: version(name) for name in ("numpy", "jax", "flax", "optax")}
    return {"evenhand": evenhand.__version__, "python": platform.python_version(), **libraries}
