"""Find outcomes that were made by another version of evenhand or of the user's module; they are kept, with a notice."""

from __future__ import annotations

import hashlib
import importlib.util
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from evenhand.sweeps.tasks import TASKS
from evenhand.sweeps.trial import Outcome
from evenhand.version import __version__


def source_of(task: str) -> str:
    """Return a hash of the file that contains a user's task.

    It is empty for a built-in task, whose version is that of evenhand, and if the file cannot be found.
    """
    if task in TASKS:
        return ""
    try:
        found = importlib.util.find_spec(task.partition(":")[0])
        return hashlib.sha256(Path(found.origin).read_bytes()).hexdigest()[:20] if found and found.origin else ""
    except (ImportError, OSError, ValueError, AttributeError):
        return ""


def stale(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a line for each other version that results were made by; an empty list if there is none.

    Parameters
    ----------
    outcomes
        The outcomes; failed ones are ignored, because the next call runs them again.
    """
    done = [outcome for outcome in outcomes if outcome.status == "done"]
    others = Counter(outcome.version for outcome in done if outcome.version != __version__)
    lines = [
        f"{_were(number)} made by evenhand {version}, this is {__version__}; {_anew(number)}"
        for version, number in others.items()
    ]
    sources = {task: source_of(task) for task in dict.fromkeys(outcome.trial.task for outcome in done)}
    changed = Counter(
        outcome.trial.task for outcome in done if outcome.source and outcome.source != sources[outcome.trial.task]
    )
    lines += [
        f"{_were(number)} made by {task} before its module was changed; {_anew(number)}"
        for task, number in changed.items()
    ]
    return lines


def _were(number: int) -> str:
    return "1 trial was" if number == 1 else f"{number} trials were"


def _anew(number: int) -> str:
    return f"a new folder makes {'it' if number == 1 else 'them'} again"
