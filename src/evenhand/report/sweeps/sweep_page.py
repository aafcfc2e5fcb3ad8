"""Write the page of a sweep: results against the settings that were varied, and the failed trials."""

from __future__ import annotations

import datetime
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from evenhand.report.formats import count, quantity
from evenhand.report.panels.columns import distinct, label, named, word
from evenhand.report.panels.drawing import Rows
from evenhand.report.panels.figure import encoded_csv
from evenhand.report.sweeps.choice import choose, is_seed, number_of, text_among_numbers
from evenhand.report.sweeps.sweep_figure import result_figure
from evenhand.report.template import filled
from evenhand.sweeps.results_table import Results
from evenhand.sweeps.trial import in_one_line
from evenhand.version import __version__

_MINUTE, _HOUR = 60, 3600


def duration(seconds: float) -> str:
    """Return a duration in words: seconds, minutes, or hours and minutes."""
    if seconds < 2 * _MINUTE:
        return f"{quantity(round(seconds, 1 if seconds < 10 else 0))} s"
    if seconds < 2 * _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return f"{hours} h {minutes} min"


def when(machine: Mapping[str, Any]) -> str:
    """Return the date of a measurement, or the text in its place if it is not a date."""
    written = str(machine.get("date") or "")
    try:
        day = datetime.datetime.fromisoformat(written)
    except ValueError:
        return written
    return f"{day.day} {day:%B %Y}"


def machine_words(machine: Mapping[str, Any]) -> str:
    """Return a machine in a few words."""
    cores = machine.get("cores")
    parts = [str(machine.get("processor") or "")]
    parts += [count(cores, "core")] if isinstance(cores, int) else []
    parts += [str(machine[key]) for key in ("system",) if machine.get(key)]
    return ", ".join(part for part in parts if part)


Facts = list[tuple[str, str]]

_MOST_VALUES = 12
"""Upper limit on the values of a setting that the page lists."""
_MOST_LISTED = 100
"""Upper limit on the failed trials that the page lists."""
_STATUS = {"failed": "failed", "timed_out": "timed out"}


def sweep_page(
    results: Results, *, x: str | None = None, y: Sequence[str] = (), by: Sequence[str] = (), command: str | None = None
) -> str:
    """Return a self-contained HTML page on a sweep.

    Parameters
    ----------
    results
        The sweep's table, as :func:`evenhand.sweeps.read_results` returns it.
    x, y, by
        The setting along the axis, the results to draw, and the settings that distinguish series and panels; by default
        chosen from those that vary.
    command
        The command line that reproduces the page.

    Raises
    ------
    InputError
        If a name is unknown, or if there is nothing to draw.
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    rows = results.to_rows()
    done = [row for row in rows if row["status"] == "done"]
    tasks = distinct(rows, "task")
    title = f"A sweep of {', '.join(map(str, tasks)) or 'nothing'}"
    figures: list[dict[str, Any]] = []
    lacking: list[str] = []
    if done:
        choice = choose(done, results.config, results.result, x=x, y=y, by=by)
        for k, name in enumerate(choice.y, start=1):
            heading, place = label(name), f"result-{k}"
            drawn = result_figure(done, choice, name, place)
            figures.append({"name": place, "heading": heading[:1].upper() + heading[1:], "drawn": drawn})
        lacking = _lacking(done, choice.y)
    return filled(
        "sweep.html",
        title,
        [_headline(rows, done), *_lede(done, results.config), *lacking],
        key_figures=_key_figures(rows),
        figures=figures,
        trials=_trials(done, results, y),
        failures=_failures([row for row in rows if row["status"] != "done"], results.config),
        settings=_settings(rows, results.config),
        depends_on=_depends_on(rows),
        command_line=command,
    )


def _lacking(done: Rows, names: Sequence[str]) -> list[str]:
    """Return a sentence on each result that is not a finite number in some of the finished trials."""
    numbers = {name: sum(math.isnan(number_of(row.get(name))) for row in done) for name in names}
    return [
        f"{label(name)}: no finite number in {number} of {count(len(done), 'trial')} done."
        for name, number in numbers.items()
        if number
    ]


def _headline(rows: Rows, done: Rows) -> str:
    if len(done) == len(rows):
        return f"{_all(len(rows))} done."
    statuses = Counter(row["status"] for row in rows if row["status"] != "done")
    others = " and ".join(f"{number} {_STATUS.get(status, status)}" for status, number in statuses.items())
    return f"{len(done)} of {count(len(rows), 'trial')} are done; {others}."


def _all(number: int) -> str:
    return "The only trial is" if number == 1 else f"All {count(number, 'trial')} are"


def _lede(done: Rows, config: Sequence[str]) -> list[str]:
    seeds = max((len(distinct(done, name)) for name in config if is_seed(name)), default=0)
    varied = [label(name) for name in config if not is_seed(name) and len(distinct(done, name)) > 1]
    sentences = [f"Varied: {', '.join(varied)}."] if varied else []
    return [*sentences, f"{count(seeds, 'seed')} of each."] if seeds > 1 else sentences


def _key_figures(rows: Rows) -> list[tuple[str, str, str]]:
    failures = sum(row["status"] != "done" for row in rows)
    spent = sum(row.get("processor_seconds") or 0.0 for row in rows)
    longest = max((row.get("seconds") or 0.0 for row in rows), default=0.0)
    return [
        ("Trials", str(len(rows)), "each in a separate process"),
        ("Not done", str(failures), "listed below with their traces" if failures else "nothing failed"),
        ("Processor time", duration(spent), "all trials together"),
        ("Longest trial", duration(longest), "from start to end"),
    ]


def _trials(done: Rows, results: Results, asked: Sequence[str]) -> dict[str, Any] | None:
    """Return the section on results that are not drawn, with a CSV file of all trials."""
    if not done:
        return None
    hint = "" if asked else " To draw others than those above, use --y."
    texts = {name: text_among_numbers(done, name) for name in results.result}
    of = count(len(done), "trial")
    rows = [{name: _plain(row[name]) for name in (*results.config, *results.result, "seconds")} for row in done]
    return {
        "finding": f"Results of each trial: {', '.join(results.result) or 'none'}.{hint}",
        "remarks": [
            f"{name} is not drawn: {number} of {of} returned text, others numbers."
            for name, number in texts.items()
            if number
        ],
        "csv": encoded_csv(rows),
    }


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


def _failures(failed: Rows, config: Sequence[str]) -> dict[str, Any] | None:
    if not failed:
        return None
    hidden = len(failed) - _MOST_LISTED
    return {
        "heading": f"{count(len(failed), 'trial')} without a result",
        "listed": [_failure(row, config) for row in failed[:_MOST_LISTED]],
        "more": f"And {count(hidden, 'trial')} more, in the table." if hidden > 0 else "",
    }


def _failure(row: Mapping[str, Any], config: Sequence[str]) -> dict[str, str]:
    trace = str(row.get("trace") or "").strip()
    where = ", ".join(named(name, row[name]) for name in config if row.get(name) is not None)
    status = _STATUS.get(row["status"], row["status"])
    return {"what": f"{where}: {status}: {in_one_line(trace) or 'no trace'}", "trace": trace}


def _settings(rows: Rows, config: Sequence[str]) -> Facts:
    facts = []
    for name in config:
        values = distinct(rows, name)
        if values:
            shown = ", ".join(map(word, values[:_MOST_VALUES]))
            more = f" and {len(values) - _MOST_VALUES} more" if len(values) > _MOST_VALUES else ""
            facts.append((label(name), shown + more))
    return facts


def _depends_on(rows: Rows) -> Facts:
    machines = [json.loads(text) for text in distinct(rows, "machine")]
    described = list(dict.fromkeys(machine_words(machine) for machine in machines))
    days = list(dict.fromkeys(when(machine) for machine in sorted(machines, key=lambda m: str(m.get("date") or ""))))
    span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}" if days else ""
    versions = ", ".join(map(str, distinct(rows, "version")))
    facts = [("When", span), ("Machine", "; ".join(described)), ("Trials run by", f"evenhand {versions}")]
    facts.append(("Page made by", f"evenhand {__version__}"))
    return [fact for fact in facts if fact[1]]
