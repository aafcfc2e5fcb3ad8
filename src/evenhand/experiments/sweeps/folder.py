"""Outcomes on disk: a file for each trial, there whole or not at all."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.experiments.sweeps.trial import Outcome, Trial
from evenhand.tables.write import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KIND = "evenhand trial"
SCHEMA = 1


def file_of(folder: Path, trial: Trial) -> Path:
    """Return where the outcome of a trial is kept."""
    return folder / "trials" / f"{trial.digest}.json"


def write_outcome(folder: Path, outcome: Outcome) -> None:
    """Keep an outcome."""
    values = {"kind": KIND, "schema": SCHEMA, "digest": outcome.trial.digest, **dataclasses.asdict(outcome)}
    lines = ",\n".join(f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in values.items())
    # Half a character, as in the name of a file that is not UTF-8, is written as JSON's own escape.
    write_text(file_of(folder, outcome.trial), encodable(f"{{\n{lines}\n}}\n"))


def encodable(text: str) -> str:
    """Return a text with lone surrogates, which UTF-8 has no bytes for, spelt out (backslash, u, four digits)."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def read_outcome(folder: Path, trial: Trial) -> Outcome | None:
    """Return the outcome of a trial; None where there is none yet.

    Raises
    ------
    InputError
        Where the file is of another version, or none of ours.
    """
    file = file_of(folder, trial)
    try:
        values = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({error}); delete it, and the trial is run again") from None
    if not isinstance(values, dict) or values.get("kind") != KIND:
        raise InputError(f"{file}: not the outcome of a trial; delete it, and the trial is run again")
    if values["schema"] != SCHEMA:
        raise InputError(
            f"{file}: written by another version of evenhand (schema {values['schema']}, this one reads {SCHEMA}); "
            "use a new folder"
        )
    return _outcome(values)


def read_outcomes(folder: Path, trials: Iterable[Trial]) -> dict[str, Outcome]:
    """Return what there is of these trials, by digest; errors as in :func:`read_outcome`."""
    found = ((trial.digest, read_outcome(folder, trial)) for trial in trials)
    return {digest: outcome for digest, outcome in found if outcome is not None}


def _outcome(values: dict[str, Any]) -> Outcome:
    names = {part.name for part in dataclasses.fields(Outcome)}
    return Outcome(
        **{name: value for name, value in values.items() if name in names} | {"trial": Trial(**values["trial"])}
    )
