"""The folder of a run: what was asked, and the checkpoints of what has been learned."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import platform
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import evenhand
from evenhand.errors import InputError
from evenhand.learning import checkpoint
from evenhand.learning.config import Config
from evenhand.tables.documents import SETTINGS, read_json
from evenhand.tables.files import make_folder, no_folder
from evenhand.tables.shapes import check_shape
from evenhand.tables.write import write_json

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = "config.json"
ENVIRONMENT = "environment"
"""Key of the class of an environment that was given, in the file above."""
SEED_FOLDER = "seed-"
"""What the folder of one of several seeds is called, before its number."""
BETWEEN_CHECKPOINTS = 20.0
"""Seconds between two checkpoints, at least."""


class Keeper:
    """Writes a run's checkpoints.

    Parameters
    ----------
    folder
        Of the run; None to keep nothing.
    owner
        What a checkpoint must share with the run that reads it.
    done
        Iterations that are on disk already.
    """

    def __init__(self, folder: Path | None, owner: dict[str, Any], done: int) -> None:
        self._folder, self._owner, self._done = folder, owner, done
        self._saved = time.monotonic()

    def save(self, training: Any, done: int) -> None:
        """Write a checkpoint, unless these iterations are on disk already."""
        if self._folder is None or done == self._done:
            return
        checkpoint.save(self._folder, training, done, self._owner)
        self._done, self._saved = done, time.monotonic()

    def save_now_and_then(self, training: Any, done: int) -> None:
        """Write a checkpoint if the last one was some time ago."""
        if time.monotonic() - self._saved > BETWEEN_CHECKPOINTS:
            self.save(training, done)


def prepare(
    folder: Path, config: Config, *, resume: bool, env: Any = None, start: str | os.PathLike[str] | None = None
) -> Path:
    """Return the folder, made and with the configuration in it; with `resume`, checked to have this one.

    A run that is resumed may have more steps than before; they are written down.

    Parameters
    ----------
    folder, config
        Of the run.
    resume
        Whether it is there already.
    env
        The environment, where it is not the configuration's; its class is written down.
    start
        The run whose parameters this one starts from, likewise.

    Raises
    ------
    InputError
        If it holds a run already (with `resume`: none, another, or one of other versions), or cannot be written.
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
        known[ENVIRONMENT] = f"{type(env).__module__}.{type(env).__qualname__}"
    if start is not None:
        known["from"] = os.fspath(start)
    write_json(folder / CONFIGURATION, known)
    return folder


def own_environment(folder: Path) -> str | None:
    """Return the class of the environment that a run was given; None where its scenario makes it."""
    name = _written(folder).get(ENVIRONMENT)
    return None if name is None else str(name)


def refuse_own_environment(folder: Path) -> None:
    """Raise an InputError that says how to load a run in Python, if no scenario makes its environment."""
    name = own_environment(folder)
    if name is not None:
        of, made = str(folder), f"env={name.rpartition('.')[2]}(...)"
        raise InputError(
            f"{folder}: its team works in an environment of your own, {name}, which only Python can make: "
            f"run = evenhand.learning.load({of!r}, {made}), then evenhand.learning.record.record_of(run) plays; "
            f"train(run.config, folder={of!r}, resume=True, {made}) goes on"
        )


def _written(folder: Path) -> dict[str, Any]:
    """Return all that is written about the run in a folder, the configuration not yet checked."""
    path = folder / CONFIGURATION
    values: dict[str, Any] = read_json(path, limits=SETTINGS)
    check_shape(values, {"config": object, "versions?": {str: str}, f"{ENVIRONMENT}?": str}, str(path))
    return values


def refuse_taken(folder: Path) -> None:
    """Raise an InputError if a folder holds a run already, or cannot be looked into."""
    try:
        taken = (folder / CONFIGURATION).exists()
    except OSError as error:
        raise no_folder(folder, error) from None
    if taken or seeds_in(folder):
        what = "a run" if taken else "runs of several seeds"
        raise InputError(f"{folder}: holds {what} already; resume or choose another folder")


def read_config(folder: Path) -> Config:
    """Return the configuration of the run in `folder`; InputError if there is none."""
    path = folder / CONFIGURATION
    if not path.exists():
        several = seeds_in(folder)
        hint = f"; there are several seeds: name one, {several[0]} for instance" if several else ""
        raise InputError(f"{folder}: no run here ({CONFIGURATION} is missing{hint})")
    return Config.from_dict(_written(folder)["config"], str(path))


def seeds_in(folder: Path) -> list[Path]:
    """Return the folders of the seeds that a folder holds, in the order of their numbers; none where it holds none."""
    found = [path.parent for path in folder.glob(f"{SEED_FOLDER}*/{CONFIGURATION}")]
    numbers = {path: path.name.removeprefix(SEED_FOLDER) for path in found}
    return sorted((path for path in found if numbers[path].isdecimal()), key=lambda path: int(numbers[path]))


def differ_by_seed_only(one: Config, other: Config) -> bool:
    """Tell whether two configurations are the same but for the seed, or altogether."""
    return dataclasses.replace(one, seed=other.seed) == other


def owner_of(config: Config, env: Any) -> dict[str, Any]:
    """Return what a checkpoint must share with the run that reads it."""
    sizes = {
        name: int(getattr(env, name)) for name in ("n_agents", "n_actions", "observation_size", "state_size", "horizon")
    }
    owner: dict[str, Any] = {"configuration": config.to_dict(), "environment": {"class": type(env).__name__, **sizes}}
    scenario = getattr(env, "scenario", None)
    if scenario is not None:
        owner["scenario"] = hashlib.sha256(scenario.model_dump_json().encode()).hexdigest()
    return json.loads(json.dumps(owner))


def _refuse_other_versions(folder: Path) -> None:
    """Raise an InputError if a run would not go on as it began: other versions round otherwise."""
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
