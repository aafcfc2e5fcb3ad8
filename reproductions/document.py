"""The document of a reproduction: sections with their question, data and claims, as JSON from which a page is made."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from evenhand.sweeps.sweep_file import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evenhand.sweeps.trial import Outcome

ONE_RUN = "One run gives no verdict: this is what one seed, or one instance, shows."
KIND, VERSION = "evenhand reproduction", 1
Verdict = Literal["holds", "partly", "differs", "not tested"]
VERDICTS = get_args(Verdict)


@dataclass(frozen=True)
class Claim:
    """A claim of the paper beside what was measured.

    Attributes
    ----------
    claim
        What the paper says, in a sentence.
    published, ours
        Its figure and ours, with interval and number of instances or seeds.
    verdict
        Whether it holds, by a rule that the section's code states.
    why
        What does not agree and why, in a sentence or two; may be empty where it holds.
    """

    claim: str
    published: str
    ours: str
    verdict: Verdict
    why: str = ""


def untested(claim: str) -> Claim:
    """Return a claim for which there are no results."""
    return Claim(claim, "", "", "not tested", "No trial that would tell has ended well.")


@dataclass(frozen=True)
class Table:
    """A table that is ready to print."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """A question, its figure's data, and the claims that belong to it.

    Attributes
    ----------
    key
        Its name on the command line.
    title, question
        For a reader who has the paper at hand.
    command
        What makes it.
    chart, caption
        Which figure is drawn of the rows, and what it shows; None where there is none.
    axes
        Titles of the figure's axes with their units, where the chart does not know them by the columns.
    rows
        The figure's data, one dict of JSON values each.
    tables, claims, notes, failed
        What stands beneath; ``failed`` names trials that did not end well, with their last line.
    """

    key: str
    title: str
    question: str
    command: str
    chart: str | None = None
    caption: str = ""
    axes: tuple[str, str] = ("", "")
    rows: Sequence[dict[str, Any]] = ()
    tables: Sequence[Table] = ()
    claims: Sequence[Claim] = ()
    notes: Sequence[str] = ()
    failed: Sequence[str] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        values: dict[str, Any] = _plain(asdict(self))
        chart, caption, axes = values.pop("chart"), values.pop("caption"), values.pop("axes")
        figure = None if chart is None else {"chart": chart, "caption": caption, "x": axes[0], "y": axes[1]}
        return values | {"figure": figure}


def _plain(value: Any) -> Any:
    """Return JSON values: lists for tuples, null for what was not measured."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def judged(section: dict[str, Any], done: Iterable[Outcome]) -> dict[str, Any]:
    """Return a section as JSON values, its claims without verdicts where only one seed, or one instance, was run.

    What one run shows is one draw: it says that everything works, and nothing about whether a claim holds.

    Parameters
    ----------
    section
        As JSON values.
    done
        The outcomes that its claims rest upon; those that failed do not count.
    """
    if len({_drawn(outcome.trial.config) for outcome in done if outcome.status == "done"}) != 1:
        return section
    claims = [
        claim if claim["verdict"] == "not tested" else claim | {"verdict": "not tested", "why": ONE_RUN}
        for claim in section["claims"]
    ]
    return section | {"claims": claims}


def _drawn(config: Mapping[str, Any]) -> Any:
    """Return what tells one run of a task from another: the seed, or the file of an instance."""
    return config.get("file", config.get("config", config).get("seed"))


def failures(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a line for each trial that did not end well."""
    return [
        f"{in_words(outcome.trial)}: {outcome.status}: {outcome.why}"
        for outcome in outcomes
        if outcome.status != "done"
    ]


def document(
    name: str,
    title: str,
    paper: dict[str, str],
    sections: Sequence[Mapping[str, Any]],
    outcomes: Sequence[Outcome],
    *,
    command: str,
    quick: bool,
) -> dict[str, Any]:
    """Return the whole reproduction as JSON values, from its sections as JSON values.

    ``seconds`` is what the trials took together, one after the other; the machine is that of the last of them.
    """
    newest = max(outcomes, key=lambda outcome: str(outcome.machine.get("date", "")), default=None)
    return {
        "kind": KIND,
        "version": VERSION,
        "name": name,
        "title": title,
        "quick": quick,
        "paper": paper,
        "machine": {} if newest is None else newest.machine,
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 1),
        "trials": len(outcomes),
        "command": command,
        "sections": list(sections),
    }
