"""The page of a certificate: who in a trained team would deviate, what it would gain, and who would pay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evenhand.report.formats import NOTHING, count, plain
from evenhand.report.panels.curves import Look, Point, curve_panels
from evenhand.report.panels.figure import Figure, data
from evenhand.report.teams.film import film
from evenhand.report.teams.team_sentences import film_caption, work_sentence
from evenhand.report.template import Exact, Table, exact, filled

if TYPE_CHECKING:
    from evenhand.equilibrium import Deviation, Interval
    from evenhand.learning.certificates.team_certificate import TeamCertificate

FREE, BOUND = "without the constraint", "under the constraint"
_HEADERS = (
    "Agent",
    "May gain",
    "Its price of the index",
    "Gains freely",
    "Jain’s index then",
    "Own work",
    "Others’ work",
)


def certificate_page(found: TeamCertificate, *, commands: Sequence[str] = ()) -> str:
    """Return a self-contained HTML page on a certificate.

    Parameters
    ----------
    found
        The certificate.
    commands
        Command lines that reproduce the page.

    Raises
    ------
    MissingExtraError
        If Altair, Jinja2, Pillow or vl-convert is not installed.
    """
    return filled(
        "certificate.html",
        f"Deviations from a team in {found.scenario.name}",
        [_headline(found), *_lede(found)],
        key_figures=_key_figures(found),
        deviations=_deviations(found),
        watched=_films(found),
        selfish=_selfish(found),
        evidence=_evidence(found),
        commands="\n".join(commands),
        depends_on=_depends_on(found),
    )


def _headline(found: TeamCertificate) -> str:
    epsilon, step = found.certificate.epsilon, _step(found)
    if epsilon is None:
        return "This team violates its constraint, so it is no equilibrium."
    if epsilon.upper == 0.0:
        return "Nobody gains by deviating while the constraint holds."
    if step and epsilon.upper <= step:
        return f"Nobody gains more than {_steps(epsilon.upper, step)} by deviating while the constraint holds."
    return f"A member gains {_shown(epsilon)} by deviating while the constraint holds."


def _lede(found: TeamCertificate) -> list[str]:
    certificate = found.certificate
    most = max(certificate.agents, key=lambda agent: agent.free.gain.lower)
    restrained = most.feasible is None or most.free.gain.lower > most.feasible.gain.upper
    if most.free.gain.upper == 0.0 or not restrained:
        said = "Without the constraint nobody would gain more: at this threshold it does not bind."
    else:
        change = certificate.others(most.free)
        said = (
            f"Without the constraint {found.agents[most.agent]} would gain {_shown(most.free.gain)}, at an index of "
            f"{plain(most.free.outcome.index, 3)}: {_signed(change[most.agent])} units of work of its own, "
            f"{_signed(change.sum() - change[most.agent])} of the others."
        )
    return [*filter(None, [found.scenario.description]), said]


def _key_figures(found: TeamCertificate) -> list[tuple[str, str | Exact, str]]:
    certificate, step = found.certificate, _step(found)
    epsilon, price = certificate.epsilon, certificate.price_of_decentralisation
    shown = [
        ("Epsilon", NOTHING if epsilon is None else _exact(epsilon), _in_steps(epsilon, step)),
        (
            "NashConv",
            _exact(certificate.nash_conv),
            f"without the constraint; {_in_steps(certificate.nash_conv, step)}",
        ),
        (
            found.index[0].upper() + found.index[1:],
            exact(certificate.present.index, plain, 4),
            f"at least {plain(certificate.tau)} asked",
        ),
    ]
    if price is not None:
        shown.append(
            ("Price of decentralisation", exact(price, _gain), f"of {plain(certificate.team_optimum, 5)} possible")
        )
    return shown


def _deviations(found: TeamCertificate) -> dict[str, Any]:
    certificate = found.certificate
    rows = [
        (name, *_cells(found, agent.agent, agent.feasible, agent.free))
        for name, agent in zip(found.agents, certificate.agents, strict=True)
    ]
    note = (
        "May gain: the best deviation under the constraint, with the others’ policies as they are, in the unit of the "
        "team’s return. Freely: without the constraint; the columns after it say what then happens to the index and to "
        f"the work. {work_sentence(found.workload)}"
    )
    return {"finding": _finding(found), "table": Table("Deviations of each agent", _HEADERS, rows), "note": note}


def _finding(found: TeamCertificate) -> str:
    certificate = found.certificate
    gains = [agent.feasible.gain for agent in certificate.agents if agent.feasible is not None]
    if not gains:
        return "The team does less than the constraint asks, so there is no equilibrium to speak of."
    restrained = [
        found.agents[agent.agent]
        for agent in certificate.agents
        if agent.feasible is not None and agent.free.gain.lower > agent.feasible.gain.upper
    ]
    if not restrained:
        return "The constraint restrains nobody: no member would gain more without it."
    return f"The constraint restrains {_listed(restrained)}, as long as somebody forbids what violates it."


def _cells(found: TeamCertificate, agent: int, feasible: Deviation | None, free: Deviation) -> list[str | Exact]:
    change = found.certificate.others(free)
    return [
        NOTHING if feasible is None else _exact(feasible.gain),
        NOTHING if feasible is None else exact(feasible.multiplier, plain, 3),
        _exact(free.gain),
        exact(free.outcome.index, plain, 3),
        exact(float(change[agent]), _signed),
        exact(float(change.sum() - change[agent]), _signed),
    ]


def _films(found: TeamCertificate) -> dict[str, Any]:
    from evenhand.learning.certificates.replayed_deviation import pair_of

    chosen = _to_watch(found)
    if chosen is None:
        return {"note": "", "shown": []}
    agent, deviation, weight, how = chosen
    pair = pair_of(found, deviation, weight)
    longest = max(len(pair.team.deeds), len(pair.deviation.deeds))
    films = [
        film(episode, title, film_caption(episode, pair.multiplier), steps=longest)
        for episode, title in ((pair.team, "The team"), (pair.deviation, f"{found.agents[agent]} deviates"))
    ]
    note = (
        f"From the start at which it gains most, {found.agents[agent]} does what is best for it {how}; the others do "
        "what their table says."
    )
    return {"note": note, "shown": films}


def _to_watch(found: TeamCertificate) -> tuple[int, Deviation, float, str] | None:
    """Return the deviation to animate: the one that gains most freely, or else by selfishness; None if none gains."""
    certificate = found.certificate
    free = max(certificate.agents, key=lambda agent: agent.free.gain.lower)
    if free.free.gain.lower > 0.0:
        return free.agent, free.free, 0.0, FREE
    best = max(certificate.selfish, key=lambda one: one.free.gain.lower, default=None)
    if best is not None and best.free.gain.lower > 0.0:
        return best.agent, best.free, best.weight, f"{FREE}, if its work costs {plain(best.weight)} a unit"
    return None


def _selfish(found: TeamCertificate) -> dict[str, Any] | None:
    certificate = found.certificate
    if not certificate.selfish:
        return None
    rows = [
        (plain(one.weight), found.agents[one.agent], *_cells(found, one.agent, one.feasible, one.free))
        for one in certificate.selfish
    ]
    priced = [(0.0, agent) for agent in certificate.agents] + [(one.weight, one) for one in certificate.selfish]
    points = [
        _point(panel, found.agents[one.agent], weight, deviation.gain)
        for weight, one in priced
        for panel, deviation in ((FREE, one.free), (BOUND, one.feasible))
        if deviation is not None
    ]
    points.sort(key=lambda point: (point.panel != FREE, point.series, point.x))
    title = "Gain of each agent against the price of its own work"
    look = Look(x_title="price of a unit of own work", y_title="gain")
    drawn = Figure(
        "selfish",
        title,
        curve_panels(points, look),
        "" if certificate.exact else "A bar is an interval between proven bounds.",
        data("selfish", title, [_row(point) for point in points]),
    )
    return {
        "finding": _selfish_finding(found),
        "drawn": drawn,
        "table": Table("Selfish deviations", ("Price", *_HEADERS), rows, text_columns=2),
    }


def _point(panel: str, name: str, weight: float, gain: Interval) -> Point:
    ends = {} if gain.exact else {"low": gain.lower, "high": gain.upper}
    return Point(panel, name, weight, gain.lower, **ends)


def _row(point: Point) -> dict[str, Any]:
    return {"agent": point.series, "constraint": point.panel, "price": point.x, "gain": point.y, "at_most": point.high}


def _selfish_finding(found: TeamCertificate) -> str:
    worst = max(found.certificate.selfish, key=lambda one: (one.feasible or one.free).gain.lower)
    name, gain = found.agents[worst.agent], (worst.feasible or worst.free).gain
    change = found.certificate.others(worst.feasible or worst.free)
    if gain.lower == 0.0:
        return "At these prices nobody gains by working less while the constraint holds."
    return (
        f"If a unit of its own work costs {plain(worst.weight)} of the return, {name} gains {_shown(gain)} even while "
        f"the constraint holds, by {_signed(change[worst.agent])} units of work of its own and "
        f"{_signed(change.sum() - change[worst.agent])} of the others: an index of fairness protects the shape of the "
        "load, not the person."
    )


def _evidence(found: TeamCertificate) -> list[str]:
    certificate = found.certificate
    read = sum(team.reached for team in found.teams)
    said = [
        f"Certified is the table of the team’s greedy actions, read once in each of {count(read, 'state')} that the "
        "team or a deviating member can reach from any start. A network may round differently when it is given other "
        "states along with them.",
        "Exact: found by backward induction over all of these states, or where the rest is cut off, with a bound on it "
        "that meets what was found.",
    ]
    if certificate.kkt is not None:
        worst = max(gain.upper for gain in certificate.kkt.stationarity)
        said.append(
            f"The Karush-Kuhn-Tucker conditions at the shared multiplier {plain(certificate.kkt.multiplier, 3)}: "
            f"stationarity up to {_gain(worst)}, slackness {_gain(certificate.kkt.slackness)}, slack "
            f"{_gain(certificate.kkt.slack)}. Their sum bounds each gain under the constraint."
        )
    if certificate.stopped is not None:
        said.append(f"The search ended early ({certificate.stopped}): gains without an exact value are intervals.")
    return said


def _depends_on(found: TeamCertificate) -> list[tuple[str, str]]:
    lottery = found.lottery
    force = plain(lottery.likelier, 3)
    if len(found.teams) > 1:
        force = f"{plain(lottery.low, 3)}, or {plain(lottery.high, 3)} in {lottery.share:.1%} of the episodes"
    return [
        ("Scenario", found.scenario.name),
        ("Learner", f"{found.learner}, {found.method}, seed {found.seed}"),
        ("Multiplier", force),
        ("Starts", f"all {count(found.teams[0].starts, 'start')}"),
        ("Search", count(round(found.seconds), "second")),
    ]


def _step(found: TeamCertificate) -> float | None:
    return None if found.certificate.scale is None else found.certificate.scale.step


def _in_steps(gain: Interval | None, step: float | None) -> str:
    return "" if gain is None or not step else f"{_steps(gain.upper, step)} at most"


def _steps(gain: float, step: float) -> str:
    return f"{plain(gain / step, 2)} of a step’s price"


def _exact(gain: Interval) -> Exact:
    return Exact(gain.lower, _gain(gain.lower), "" if gain.exact else f"up to {_gain(gain.upper)}")


def _shown(gain: Interval) -> str:
    return _gain(gain.lower) if gain.exact else f"{_gain(gain.lower)} to {_gain(gain.upper)}"


def _gain(value: float) -> str:
    return plain(round(value, 5) + 0.0, 3)  # no -0 where two sums differ by rounding


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + plain(round(value, 2), 3)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
