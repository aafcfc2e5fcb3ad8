"""Contents of the chapter on trained teams; the template ``team.html`` lays it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.report.formats import NOTHING, at_least, count, percent, plain, quantity
from evenhand.report.teams import team_charts, team_sentences
from evenhand.report.teams.film import film
from evenhand.report.teams.records import TeamRecord, curve_rows, learning_rows, least_steps, reliable, workload_rows
from evenhand.report.template import Chapter, Exact, Table, exact, rendered
from evenhand.statistics import Estimate

if TYPE_CHECKING:
    from evenhand.hospital.planner import TradeOff
    from evenhand.learning.multiplier_curve import Point

Shown = dict[str, Any]


def team_chapter(
    records: Sequence[TeamRecord],
    *,
    curve: Sequence[Point] = (),
    planner: TradeOff | None = None,
    commands: Sequence[str] = (),
) -> Chapter:
    """Return a chapter that compares a team trained to share its work with one trained without a constraint.

    Parameters
    ----------
    records
        The unconstrained team first and the fair team last; any others in between are shown as well.
    curve
        Trade-off curve of the fair team over the multipliers.
    planner
        Exact trade-off between time and fairness in the same scenario, as a bound for the teams.
    commands
        Command lines that reproduce the result.

    Returns
    -------
    Chapter
        A chapter for :func:`evenhand.report.write_report`.

    Raises
    ------
    InputError
        If there are fewer than two teams, or two with the same name.
    MissingExtraError
        If Altair is not installed, or if there are episodes to draw and Pillow is not installed.
    """
    names = [record.name for record in records]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(f"teams are {names}; a chapter compares at least two teams with different names")
    first, last = records[0], records[-1]
    body = rendered(
        "team.html",
        headline=team_sentences.headline(first, last),
        lede=team_sentences.lede(first, last),
        level=3,
        **shown_of(records, curve, planner, commands),
    )
    return Chapter("teams", "A team that learns to share its work", body)


def shown_of(
    records: Sequence[TeamRecord], curve: Sequence[Point], planner: TradeOff | None, commands: Sequence[str]
) -> Shown:
    """Return what a chapter or the page of a run shows below the headline; parameters as in :func:`team_chapter`.

    A single team is shown without comparisons.
    """
    last = records[-1]
    return {
        "key_figures": _key_figures(records[0] if len(records) > 1 else None, last, planner),
        "films": _films(records),
        "comparison": _comparison(records, planner),
        "workload": _workload(records),
        "price": _price(curve, records, planner),
        "learning": _learning(records),
        "commands": "\n".join(commands),
        "depends_on": _depends_on(last),
    }


def _key_figures(
    first: TeamRecord | None, last: TeamRecord, planner: TradeOff | None
) -> list[tuple[str, str | Exact, str]]:
    after = last.evaluation
    agent, most = (last if first is None else first).busiest
    least = least_steps(planner, after)

    def beside(before: str, *more: str) -> str:
        return "; ".join(part for part in ("" if first is None else f"{before} without a bound", *more) if part)

    before = after if first is None else first.evaluation
    asked = f"at least {plain(after.tau)} asked"
    possible = "" if least is None else f"{at_least(least)} possible"
    return [
        ("Jain’s index", exact(after.jain.value, plain, 3), beside(plain(before.jain.value, 3), asked)),
        (f"Work of {agent}", team_sentences.share(last.part_of(agent)), beside(team_sentences.share(most))),
        ("Steps", exact(after.episode_steps.value, quantity), beside(quantity(before.episode_steps.value), possible)),
        (
            "Success",
            exact(after.success.value, team_sentences.success),
            beside(team_sentences.success(before.success.value)),
        ),
    ]


def _films(records: Sequence[TeamRecord]) -> Shown:
    shown = [(record, record.episode) for record in records if record.episode is not None]
    longest = max((len(episode.deeds) for _, episode in shown), default=0)
    films = [
        film(
            episode,
            f"The {record.name} team",
            team_sentences.film_caption(episode, record.episode_multiplier),
            steps=longest,
        )
        for record, episode in shown
    ]
    return {"note": team_sentences.films_note(records[-1]), "shown": films}


def _comparison(records: Sequence[TeamRecord], planner: TradeOff | None) -> Shown:
    planned = planner is not None
    rows = [
        (
            record.name,
            _with_interval(record.evaluation.success, team_sentences.success),
            _with_interval(record.evaluation.episode_steps, _two_decimals),
            *([_least(planner, record)] if planned else []),
            _with_interval(record.evaluation.jain, _three_digits),
            *(exact(work, _two_decimals) for work in record.workload),
        )
        for record in records
    ]
    headers = ("Team", "Success", "Steps", *(["Least possible"] if planned else []), "Jain’s index", *records[0].agents)
    episodes = min(record.evaluation.episodes for record in records)
    note = (
        f"Means over {count(episodes, 'fresh episode')}, with their {percent(0.95)} intervals. "
        + ("Least possible: the mean steps of the best plans with the same mean index, by exact search. " * planned)
        + "The columns of the agents: mean work in an episode."
    )
    alone = len(records) == 1
    finding = "" if alone else team_sentences.comparison(records[0], records[-1], planner)
    heading = "What the team does" if alone else "What sharing costs"
    return {"heading": heading, "finding": finding, "table": Table("What each team does", headers, rows), "note": note}


def _least(planner: TradeOff | None, record: TeamRecord) -> str | Exact:
    least = least_steps(planner, record.evaluation)
    return NOTHING if least is None else exact(least, _two_decimals)


def _with_interval(measured: Estimate, written: Any) -> Exact:
    return Exact(measured.value, written(measured.value), f"{written(measured.low)} to {written(measured.high)}")


def _two_decimals(value: float) -> str:
    return f"{value:.2f}"


def _three_digits(value: float) -> str:
    return f"{value:.3f}"


def _workload(records: Sequence[TeamRecord]) -> Shown:
    cells = [
        (row["team"], row["agent"], exact(row["work"], _two_decimals), team_sentences.share(row["part"]))
        for row in workload_rows(records)
    ]
    return {
        "chart": team_charts.workload_chart(records),
        "note": team_sentences.work_note(records[-1].evaluation.workload_definition),
        "table": Table("Work of each agent", ("Team", "Agent", "Work", "Of all work"), cells, text_columns=2),
    }


def _price(curve: Sequence[Point], records: Sequence[TeamRecord], planner: TradeOff | None) -> Shown | None:
    if not any(reliable(point) for point in curve):
        return None
    cells = [
        (
            exact(row["multiplier"], plain, 3),
            exact(row["jain"], _three_digits),
            exact(row["steps"], _two_decimals),
            exact(row["success"], team_sentences.success),
            "yes" if row["best"] else "",
        )
        for row in curve_rows(curve)
    ]
    headers = ("Multiplier λ", "Jain’s index", "Steps", "Success", "On the line")
    note = (
        "Each dot is a multiplier; the line joins those that no lottery between others beats. "
        + ("" if planner is None else "The broad line: the least mean steps at each mean index, by exact search. ")
        + "The large marks are the teams above."
    )
    return {
        "finding": team_sentences.curve_finding(curve),
        "chart": team_charts.trade_off_chart(curve, records, planner),
        "note": note,
        "table": Table("What each multiplier does", headers, cells),
    }


def _learning(records: Sequence[TeamRecord]) -> Shown | None:
    rows = learning_rows(records)
    if not rows:
        return None
    cells = [
        (
            row["team"],
            f"{row['steps']:.2f}",
            *(NOTHING if row[what] is None else _three_digits(row[what]) for what in team_charts.LEARNED),
        )
        for row in rows
    ]
    headers = ("Team", "Million steps", "Success", "Jain’s index", "Multiplier λ")
    tau = records[-1].evaluation.tau
    return {
        "finding": team_sentences.learning_note(records),
        "charts": [
            (what, team_charts.learning_chart(records, what, tau if what == "jain" else None))
            for what in team_charts.LEARNED
        ],
        "table": Table("Reports of training", headers, cells),
    }


def _depends_on(last: TeamRecord) -> list[tuple[str, str]]:
    config = last.run.config
    return [
        ("Scenario", config.scenario),
        ("Learner", f"{config.learner}, {config.method}, seed {config.seed}"),
        ("Steps", count(config.steps, "step")),
        ("Multiplier", team_sentences.force(last)),
        *(
            [("Training", f"{count(round(last.run.seconds), 'second')}, compiling included")]
            if last.run.seconds
            else []
        ),
    ]
