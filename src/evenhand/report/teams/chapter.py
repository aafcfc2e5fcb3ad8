"""Putting the chapter together, from runs and their records to HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.report.formats import NOTHING, at_least, count, percent, plain, quantity
from evenhand.report.html import Chapter, escaped, exact, figure, folded, paragraph, section, table, tile
from evenhand.report.sections import specification
from evenhand.report.teams import charts, words
from evenhand.report.teams.film import film
from evenhand.report.teams.records import curve_rows, learning_rows, least_steps, reliable, workload_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evenhand.hospital.planner import TradeOff
    from evenhand.learning.curve import Point
    from evenhand.report.teams.records import TeamRecord
    from evenhand.statistics import Estimate

_NUMBERS = "The numbers"


def team_chapter(
    records: Sequence[TeamRecord],
    *,
    curve: Sequence[Point] = (),
    planner: TradeOff | None = None,
    commands: Sequence[str] = (),
) -> Chapter:
    """Return a chapter about a team that learned to share its work, beside the same without a bound.

    Parameters
    ----------
    records
        The team without a bound first, the fair one last; others between them are listed and drawn too.
    curve
        What each multiplier does with the fair team's network.
    planner
        The exact trade-off of the same scenario, to judge the teams by.
    commands
        Command lines that make the result again.

    Returns
    -------
    Chapter
        For :func:`evenhand.report.write_report`.

    Raises
    ------
    InputError
        If there are fewer than two teams, or two of the same name.
    MissingExtraError
        If Altair is not installed, or Pillow where there are episodes to draw.
    """
    names = [record.name for record in records]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(f"teams are {names}; a chapter compares at least two, each with a name of its own")
    first, last = records[0], records[-1]
    title = words.headline(first, last)
    body = (
        '<p class="eyebrow">Teams that learn</p>',
        f'<h2 id="teams-title">{escaped(title)}</h2>',
        paragraph(" ".join(words.lede(first, last)), "lede"),
        _tiles(first, last, planner),
        _films(records),
        _comparison(records, planner),
        _workload(records),
        _price(curve, records, planner),
        _learning(records),
        _again(last, commands),
    )
    return Chapter("teams", "A team that learns to share its work", "\n".join(part for part in body if part))


def _tiles(first: TeamRecord, last: TeamRecord, planner: TradeOff | None) -> str:
    before, after = first.evaluation, last.evaluation
    agent, most = first.busiest
    least = least_steps(planner, after)
    possible = "" if least is None else f"; {at_least(least)} possible"
    parts = [
        tile(
            "Jain’s index",
            exact(after.jain.value, plain(after.jain.value, 3)),
            f"{plain(before.jain.value, 3)} without a bound; at least {plain(after.tau)} asked",
        ),
        tile(f"Work of {agent}", words.share(last.part_of(agent)), f"{words.share(most)} without a bound"),
        tile(
            "Steps",
            exact(after.steps.value, quantity(after.steps.value)),
            f"{quantity(before.steps.value)} without a bound{possible}",
        ),
        tile(
            "Success",
            exact(after.success.value, words.success(after.success.value)),
            f"{words.success(before.success.value)} without a bound",
        ),
    ]
    return f'<dl class="tiles">{"".join(parts)}</dl>'


def _films(records: Sequence[TeamRecord]) -> str:
    shown = [(record, record.episode) for record in records if record.episode is not None]
    if not shown:
        return ""
    longest = max(len(episode.deeds) for _, episode in shown)
    films = "".join(
        film(
            episode,
            f"The {record.name} team",
            words.film_caption(episode, record.episode_multiplier),
            steps=longest,
        )
        for record, episode in shown
    )
    note = words.films_note(records[-1])
    return section(
        "teams-films", "Watch them work", paragraph(note, "finding"), f'<div class="pair wide">{films}</div>', level=3
    )


def _comparison(records: Sequence[TeamRecord], planner: TradeOff | None) -> str:
    rows = [
        (
            escaped(record.name),
            _with_interval(record.evaluation.success, words.success),
            _with_interval(record.evaluation.steps, _two_decimals),
            _least(planner, record),
            _with_interval(record.evaluation.jain, _three_digits),
            *(exact(work, _two_decimals(work)) for work in record.workload),
        )
        for record in records
    ]
    headers = ("Team", "Success", "Steps", "Least possible", "Jain’s index", *records[0].agents)
    episodes = min(record.evaluation.episodes for record in records)
    note = (
        f"Means over {count(episodes, 'fresh episode')}, with their {percent(0.95)} intervals. Least possible: the "
        "mean steps of the best plans with the same mean index, by exact search. The columns of the agents: mean work "
        "in an episode."
    )
    return section(
        "teams-comparison",
        "What sharing costs",
        paragraph(words.comparison(records[0], records[-1], planner), "finding"),
        table("What each team does", headers, rows),
        paragraph(note, "note"),
        level=3,
    )


def _least(planner: TradeOff | None, record: TeamRecord) -> str:
    least = least_steps(planner, record.evaluation)
    return NOTHING if least is None else exact(least, _two_decimals(least))


def _with_interval(measured: Estimate, written: Any) -> str:
    value = exact(measured.value, written(measured.value))
    return f"{value} <small>{escaped(written(measured.low))} to {escaped(written(measured.high))}</small>"


def _two_decimals(value: float) -> str:
    return f"{value:.2f}"


def _three_digits(value: float) -> str:
    return f"{value:.3f}"


def _workload(records: Sequence[TeamRecord]) -> str:
    definition = records[-1].evaluation.workload_definition
    cells = [
        (
            escaped(row["team"]),
            escaped(row["agent"]),
            exact(row["work"], _two_decimals(row["work"])),
            words.share(row["part"]),
        )
        for row in workload_rows(records)
    ]
    behind = folded(
        _NUMBERS, table("Work of each agent", ("Team", "Agent", "Work", "Of all work"), cells, text_columns=2)
    )
    spec = specification(charts.workload_chart(records))
    return section(
        "teams-work", "Who does the work", figure("teams-work", spec, words.work_note(definition), behind), level=3
    )


def _price(curve: Sequence[Point], records: Sequence[TeamRecord], planner: TradeOff | None) -> str:
    if not any(reliable(point) for point in curve):
        return ""
    cells = [
        (
            exact(row["multiplier"], plain(row["multiplier"], 3)),
            exact(row["jain"], _three_digits(row["jain"])),
            exact(row["steps"], _two_decimals(row["steps"])),
            exact(row["success"], words.success(row["success"])),
            "yes" if row["best"] else "",
        )
        for row in curve_rows(curve)
    ]
    headers = ("Multiplier λ", "Jain’s index", "Steps", "Success", "On the line")
    behind = folded(_NUMBERS, table("What each multiplier does", headers, cells))
    note = (
        "Each dot is a multiplier; the line joins those that no lottery between others beats. "
        + ("" if planner is None else "The broad line: the least mean steps at each mean index, by exact search. ")
        + "The large marks are the teams above."
    )
    spec = specification(charts.trade_off_chart(curve, records, planner))
    return section(
        "teams-price",
        "One network, every price of fairness",
        paragraph(words.curve_finding(curve), "finding"),
        figure("teams-price", spec, note, behind),
        level=3,
    )


def _learning(records: Sequence[TeamRecord]) -> str:
    rows = learning_rows(records)
    if not rows:
        return ""
    cells = [
        (
            escaped(row["team"]),
            f"{row['steps']:.2f}",
            *(NOTHING if row[what] is None else _three_digits(row[what]) for what in charts.LEARNED),
        )
        for row in rows
    ]
    headers = ("Team", "Million steps", "Success", "Jain’s index", "Multiplier λ")
    numbers = folded(_NUMBERS, table("Reports of training", headers, cells))
    elsewhere = paragraph("The numbers: with the first picture.", "aside")
    tau = records[-1].evaluation.tau
    figures = "".join(
        figure(
            f"teams-{what}",
            specification(charts.learning_chart(records, what, tau if what == "jain" else None)),
            "",
            numbers if what == "success" else elsewhere,
        )
        for what in charts.LEARNED
    )
    return section(
        "teams-learning",
        "How it was learned",
        paragraph(words.learning_note(records), "finding"),
        f'<div class="trio">{figures}</div>',
        level=3,
    )


def _again(last: TeamRecord, commands: Sequence[str]) -> str:
    config = last.run.config
    listed = "\n".join(commands)
    facts = [
        ("Scenario", config.scenario),
        ("Learner", f"{config.learner}, {config.method}, seed {config.seed}"),
        ("Steps", count(config.steps, "step")),
        ("Multiplier", words.force(last)),
        ("Training", f"{count(round(last.run.seconds), 'second')}, compiling included"),
    ]
    shown = f"<pre><code>{escaped(listed)}</code></pre>" if commands else ""
    rows = "".join(f"<div><dt>{escaped(name)}</dt><dd>{escaped(value)}</dd></div>" for name, value in facts)
    return section("teams-again", "How to make this again", shown, f'<dl class="facts">{rows}</dl>', level=3)
