"""Outcomes on disk: a file for each trial, there whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from evenhand.errors import InputError
from evenhand.sweeps.trial import Outcome, Status, Trial
from evenhand.tables.documents import parse_json
from evenhand.tables.write import write_text

KIND = "evenhand trial"
SCHEMA = 1
SPENT = ("seconds", "processor_seconds")

logger = logging.getLogger(__name__)


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
    """Return the outcome of a trial; None where there is none yet, or a damaged file that tells none.

    Raises
    ------
    InputError
        Where the file is of another version, or cannot be read at all.
    """
    file = file_of(folder, trial)
    values: dict[str, Any] | None = None
    try:
        values = parse_json(file.read_text("utf-8"), str(file), python=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error}); delete it, and the trial is run again") from None
    except ValueError:  # damaged, as an InputError says, or no UTF-8
        pass
    schema = values.get("schema") if isinstance(values, dict) and values.get("kind") == KIND else None
    if isinstance(schema, int) and schema != SCHEMA:
        raise InputError(
            f"{file}: written by another version of evenhand (schema {schema}, this one reads {SCHEMA}); "
            "use a new folder"
        )
    outcome = None if values is None or schema is None else _outcome(values, trial)
    if outcome is None:
        logger.warning("%s: damaged, no outcome of the trial; the trial is run again", file)
    return outcome


def read_outcomes(folder: Path, trials: Iterable[Trial]) -> dict[str, Outcome]:
    """Return what there is of these trials, by digest; errors as in :func:`read_outcome`."""
    found = ((trial.digest, read_outcome(folder, trial)) for trial in trials)
    return {digest: outcome for digest, outcome in found if outcome is not None}


def _outcome(values: dict[str, Any], trial: Trial) -> Outcome | None:
    """Return the outcome that a file tells; None where a part is missing or is none, or it is of another trial."""
    told = {part.name: values[part.name] for part in dataclasses.fields(Outcome) if part.name in values}
    kinds: dict[str, Any] = {"status": str, "result": dict, "trace": str, "machine": dict, "version": str}
    kinds |= {"source": str} if "source" in told else {}
    kinds |= dict.fromkeys(SPENT, (int, float))
    if not all(isinstance(told.get(name), kind) for name, kind in kinds.items()):
        return None
    try:
        outcome = Outcome(**told | {"trial": Trial(**values["trial"])})
        same = outcome.trial.digest == trial.digest
    except (KeyError, TypeError, ValueError):
        return None
    return outcome if same and outcome.status in get_args(Status) else None
