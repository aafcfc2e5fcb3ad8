"""Read and write outcomes, one file per trial, atomically."""

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
"""Version of the files of trials; other versions are refused."""
SPENT = ("seconds", "processor_seconds")
"""Elapsed time of a trial, and processor time of its process, both in seconds."""

logger = logging.getLogger(__name__)


def _file_of(folder: Path, trial: Trial) -> Path:
    """Return the file for the outcome of a trial."""
    return folder / "trials" / f"{trial.digest}.json"


def write_outcome(folder: Path, outcome: Outcome) -> None:
    """Write an outcome to its file."""
    values = {"kind": KIND, "schema": SCHEMA, "digest": outcome.trial.digest, **dataclasses.asdict(outcome)}
    lines = ",\n".join(f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in values.items())
    # Unpaired surrogates, which stand for bytes of file names that are not UTF-8, become escape sequences of JSON.
    write_text(_file_of(folder, outcome.trial), encodable(f"{{\n{lines}\n}}\n"))


def encodable(text: str) -> str:
    """Return a text in which unpaired surrogates, which UTF-8 cannot encode, are replaced by escape sequences."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def read_outcome(folder: Path, trial: Trial) -> Outcome | None:
    """Return the outcome of a trial; None if there is no file yet, or if it is damaged.

    Raises
    ------
    InputError
        If the file is of another version, or cannot be read.
    """
    file = _file_of(folder, trial)
    values: dict[str, Any] | None = None
    try:
        values = parse_json(file.read_text("utf-8"), str(file), python=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error}); delete it to run the trial again") from None
    except ValueError:  # damaged JSON (an InputError), or not UTF-8
        pass
    schema = values.get("schema") if isinstance(values, dict) and values.get("kind") == KIND else None
    if isinstance(schema, int) and schema != SCHEMA:
        raise InputError(
            f"{file}: written by another version of evenhand (schema {schema}, this one reads {SCHEMA}); "
            "use a new folder"
        )
    outcome = None if values is None or schema is None else _outcome(values, trial)
    if outcome is None:
        logger.warning("%s: is damaged; the trial is run again", file)
    return outcome


def read_outcomes(folder: Path, trials: Iterable[Trial]) -> dict[str, Outcome]:
    """Return the outcomes on disk of these trials, by digest; errors as in :func:`read_outcome`."""
    found = ((trial.digest, read_outcome(folder, trial)) for trial in trials)
    return {digest: outcome for digest, outcome in found if outcome is not None}


def _outcome(values: dict[str, Any], trial: Trial) -> Outcome | None:
    """Return the outcome in a file's values; None if a value is missing or of the wrong type, or of another trial."""
    kept = {part.name: values[part.name] for part in dataclasses.fields(Outcome) if part.name in values}
    kinds: dict[str, Any] = {"status": str, "result": dict, "trace": str, "machine": dict, "version": str}
    kinds |= {"source": str} if "source" in kept else {}
    kinds |= dict.fromkeys(SPENT, (int, float))
    if not all(isinstance(kept.get(name), kind) for name, kind in kinds.items()):
        return None
    try:
        outcome = Outcome(**kept | {"trial": Trial(**values["trial"])})
        same = outcome.trial.digest == trial.digest
    except (KeyError, TypeError, ValueError):
        return None
    return outcome if same and outcome.status in get_args(Status) else None
