"""The sentences on trained teams, as plain text that the templates escape."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR
from typing import TYPE_CHECKING

from evenhand.learning.episode_windows import RARE
from evenhand.report.formats import at_least, count, percent, plain, quantity
from evenhand.report.teams.records import RELIABLE, TeamRecord, least_steps, reliable

if TYPE_CHECKING:
    from evenhand.hospital.planner import TradeOff
    from evenhand.hospital.playing import Episode
    from evenhand.learning.multiplier_curve import Point

_WORK = {
    "useful": "units of progress, to whoever did them",
    "actions": "actions, other than moving and waiting",
    "effort": "energy spent",
}
"""What the hospital's definitions of work count, by name."""


def share(part: float) -> str:
    """Return a fraction as a whole percentage."""
    return percent(round(part, 2))


def success(rate: float) -> str:
    """Return a success rate as a percentage, rounded down."""
    return percent(rate, rounding=ROUND_FLOOR)


def headline(plain_team: TeamRecord, fair: TeamRecord) -> str:
    """Return a headline on what the constraint changed, or that the team has not learned enough yet."""
    if min(record.evaluation.success.value for record in (plain_team, fair)) < RARE:
        return "A team that has not learned its task yet."
    agent, before = plain_team.busiest
    after = fair.part_of(agent)
    if after >= before:
        return "A team that has not learned to share its work yet."
    return f"One agent did {share(before)} of the work. Now it does {share(after)}."


def lede(plain_team: TeamRecord, fair: TeamRecord) -> list[str]:
    """Return sentences on the task, on what the constraint changed, and on how the teams were trained."""
    before, after = plain_team.evaluation, fair.evaluation
    if min(before.success.value, after.success.value) < RARE:
        said = (
            f"The {plain_team.name} team succeeds in {success(before.success.value)} of its episodes, the {fair.name} "
            f"one in {success(after.success.value)}. An index says little of a team that fails: one that does nothing "
            "is perfectly fair."
        )
    else:
        said = (
            f"Under a bound on how unequally work may be shared, the team takes {quantity(after.episode_steps.value)} "
            f"steps instead of {quantity(before.episode_steps.value)}, and succeeds in "
            f"{success(after.success.value)} of its episodes. The bound, a mean Jain index of at least "
            f"{plain(after.tau)}, is {after.met}."
        )
    return [*_about(fair), said, _kinship(plain_team, fair)]


def headline_alone(team: TeamRecord) -> str:
    """Return a headline on a team's success rate and fairness."""
    found = team.evaluation
    if found.success.value < RARE:
        return "A team that has not learned its task yet."
    done = success(found.success.value)
    return f"A team that succeeds in {done} of its episodes, with a mean Jain index of {plain(found.jain.value, 3)}."


def lede_alone(team: TeamRecord) -> list[str]:
    """Return sentences on the task, on the team's speed, and on whether it meets its threshold."""
    found = team.evaluation
    if found.success.value < RARE:
        said = (
            f"The team succeeds in {success(found.success.value)} of its episodes. An index says little of a team that "
            "fails: one that does nothing is perfectly fair."
        )
    else:
        said = (
            f"An episode takes {quantity(found.episode_steps.value)} steps. The bound, a mean Jain index of at least "
            f"{plain(found.tau)}, is {found.met}."
        )
    return [*_about(team), said]


def _about(team: TeamRecord) -> list[str]:
    scenario = getattr(team.run.learner.team.env, "scenario", None)
    return [] if scenario is None else [scenario.description]


def _kinship(plain_team: TeamRecord, fair: TeamRecord) -> str:
    """Return a sentence on whether two teams are from the same run, and on how long training took."""
    runs = {id(record.run): record.run for record in (plain_team, fair)}
    seconds = sum(run.seconds for run in runs.values())
    took = f"in {count(round(seconds), 'second')}" if seconds else ""  # what a run took is not kept in its folder
    if len(runs) == 1:
        return (
            f"Both are one network, trained once{took and f', {took}'}: it observes the price of unfairness, the "
            f"multiplier λ, which is 0 for the {plain_team.name} team."
        )
    steps = [count(run.config.steps, "step") for run in runs.values()]
    each = f"{steps[0]} each" if len(set(steps)) == 1 else " and ".join(steps)
    return f"The two were trained apart, by {each}{took and f', {took} together'}."


def film_caption(episode: Episode, multiplier: float | None) -> str:
    """Return sentences on how an episode ended, on each agent's work, and on the multiplier."""
    from evenhand.hospital.drawing.facts import Facts

    facts, last = Facts.of(episode.scenario, episode.absent), episode.states[-1]
    agents, work = episode.scenario.agents, facts.workload(last).tolist()
    loads = ", ".join(f"{agent.name} {load}" for agent, load in zip(agents, work, strict=True))
    ended = "Done" if facts.success(last) else "Not done"
    force = "" if multiplier is None else f" Multiplier {plain(multiplier, 3)}."
    return f"{ended} in {last.time} steps, Jain’s index {plain(facts.jain(last), 3)}. Work: {loads}.{force}"


def films_note(fair: TeamRecord) -> str:
    """Return sentences on how the teams choose their actions, and how the fair team draws its multiplier."""
    said = "An episode each. Every agent chooses for itself, from what it observes and its team’s work so far."
    lottery = fair.evaluation.lottery
    if lottery is None or lottery.share in (0.0, 1.0):
        return said
    return (
        f"{said} The {fair.name} team draws a multiplier for each, {force(fair)}: its mean index lies between those of "
        "the two."
    )


def force(record: TeamRecord) -> str:
    """Return a team's multiplier, or the two that it draws from, in words."""
    lottery = record.evaluation.lottery
    if lottery is None or lottery.share == 0.0:
        return plain(record.evaluation.multiplier.value, 3)
    return f"{plain(lottery.low, 3)}, or {plain(lottery.high, 3)} in {share(lottery.share)} of the episodes"


def comparison(plain_team: TeamRecord, fair: TeamRecord, planner: TradeOff | None) -> str:
    """Return sentences on what fairness cost in steps, for the teams and for plans found by exact search."""
    before, after = plain_team.evaluation, fair.evaluation
    if not (reliable(before) and reliable(after)):
        return f"Steps compare teams that nearly always succeed (in at least {percent(RELIABLE)} of their episodes)."
    said = f"Sharing costs {quantity(after.episode_steps.value - before.episode_steps.value)} steps."
    least = [least_steps(planner, found) for found in (before, after)]
    if least[0] is None or least[1] is None:
        return said
    return (
        f"{said} By exact search, no team takes fewer than {at_least(least[0])} and "
        f"{at_least(least[1])} steps at these two indices: what was learned is "
        f"{_excess(before.episode_steps.value, least[0])} and {_excess(after.episode_steps.value, least[1])} above."
    )


def _excess(steps: float, least: float) -> str:
    return percent(round(max(steps / least - 1.0, 0.0), 3))


def curve_finding(points: Sequence[Point]) -> str:
    """Return sentences on the effect of the multiplier, and on those under which the team fails too often."""
    least, most = min(point.jain.value for point in points), max(point.jain.value for point in points)
    said = (
        "The multiplier λ is the price of unfairness, and the fair team’s network has learned to act under any of its "
        f"values. Under {len(points)} of them, its index goes from {plain(least, 3)} to {plain(most, 3)}"
    )
    left_out = [point for point in points if not reliable(point)]
    if not left_out:
        rate = min(point.success.value for point in points)
        return f"{said}, and succeeds in {'all' if rate == 1.0 else f'at least {success(rate)}'} of its episodes."
    return (
        f"{said}. Under {len(left_out)} of them it fails in more than {percent(round(1 - RELIABLE, 6))} of its "
        "episodes; these are in the table only."
    )


def work_sentence(definition: str) -> str:
    """Return a sentence on what counts as work."""
    return f"Work: {_WORK.get(definition, definition)}."


def work_note(definition: str) -> str:
    """Return that sentence, and one on the bars beside the table."""
    return f"{work_sentence(definition)} At the right, each agent’s part of its team’s work."


def learning_note(records: Sequence[TeamRecord]) -> str:
    """Return sentences on what the learning curves average, and why they end below the teams' evaluations."""
    said = "Means over the episodes of training since the previous report, with the random moves of exploration."
    if not any(record.run.learner.conditioned for record in records):
        return said
    return (
        f"{said} A network that learns all multipliers plays most of its episodes under random ones; Jain’s index is "
        "that of the others, under the controller’s multiplier."
    )
