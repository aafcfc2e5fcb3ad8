"""``evenhand certify``: who in a trained team would deviate, what it would gain, and who would pay."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from evenhand.cli.exits import BAD_INPUT, INTERRUPTED, MEANINGS, OK, epilog
from evenhand.cli.options import Json, Quiet, Report, TimeLimit, argument, number_option, steps_option
from evenhand.cli.stage_line import StageLine
from evenhand.errors import InputError
from evenhand.number_checks import check_time_limit

if TYPE_CHECKING:
    from types import FrameType

    from evenhand.equilibrium import Deviation, Interval
    from evenhand.learning.certificates.team_certificate import TeamCertificate
    from evenhand.learning.training import Run

UNMET = 3
COUNTED = "{done:,} of at most {total:,}"
EPILOG = epilog({
    OK: "certified (intervals, if stopped by a limit or Ctrl-C)",
    BAD_INPUT: MEANINGS[BAD_INPUT],
    UNMET: "the team violates the constraint, so it is no equilibrium",
    INTERRUPTED: MEANINGS[INTERRUPTED],
})  # fmt: skip
_PLAY, _SEARCH = "The team", "The search"

RunFolder = Annotated[Path, argument("RUN", "Folder of a run in a scenario of the hospital.")]


def command(
    folder: RunFolder,
    tau: Annotated[
        float | None, number_option("J", "Threshold of Jain's index; the run's by default.", panel=_PLAY)
    ] = None,
    multiplier: Annotated[
        float | None,
        number_option(
            "L", "Multiplier to play under; by default the lottery that meets the threshold exactly.", panel=_PLAY
        ),
    ] = None,
    margin: Annotated[
        float, number_option("M", "Distance above the threshold that the lottery aims at.", panel=_PLAY)
    ] = 0.0,
    selfish: Annotated[
        list[float] | None,
        number_option(
            "C", "Price of a unit of an agent's own work, from 0 to 1: who would free-ride? Repeatable.", panel=_PLAY
        ),
    ] = None,
    time_limit: TimeLimit = None,
    states: Annotated[
        int | None, steps_option("N", "Most states to enumerate for each agent; 5 million by default.", panel=_SEARCH)
    ] = None,
    learned: Annotated[
        int | None,
        steps_option(
            "N",
            "Train a response of each agent for N steps instead of enumerating: lower bounds, in any scenario.",
            panel=_SEARCH,
        ),
    ] = None,
    output: Json = None,
    report: Report = None,
    quiet: Quiet = False,
) -> int:
    """Certify a trained team exactly: what each member could gain by deviating, and what the constraint prevents.

    Example: evenhand certify runs/a --json cert.json --report cert.html --selfish 0.1
    """
    from evenhand.cli.outputs import check_outputs, write_values
    from evenhand.learning.certificates.team_certificate import CertifyTerms, certify_team
    from evenhand.learning.run_folder import CONFIGURATION, refuse_uncertified
    from evenhand.learning.training import load
    from evenhand.tables.write import write_text

    check_outputs({"--json": output, "--report": report}, {"the run's configuration": folder / CONFIGURATION})
    refuse_uncertified(folder)
    if learned is not None:
        alone = {"--report": report, "--selfish": selfish, "--states": states, "--time-limit": time_limit}
        for name, given in alone.items():
            if given is not None:
                raise InputError(f"{name} is for an exact certificate, not for --learned")
        return _learned(folder, learned, tau, multiplier, output, quiet=quiet)
    settings: dict[str, Any] = {} if states is None else {"most_states": states}
    terms = CertifyTerms(tau=tau, multiplier=multiplier, margin=margin, selfish=tuple(selfish or ()), **settings)
    with Stopping(time_limit) as stopping:
        run = load(folder)
        with closing(StageLine(COUNTED, show=not quiet)) as progress:
            found = certify_team(run, terms, progress=progress, stop=stopping)
    if not quiet:
        _tell(run, found)
    write_values(output, found.to_dict)
    if report is not None:
        from evenhand.cli.pictures import command_line
        from evenhand.report.teams import certificate_page

        write_text(report, certificate_page(found, commands=[command_line()]))
    return OK if found.certificate.feasible else UNMET


def _learned(
    folder: Path, steps: int, tau: float | None, multiplier: float | None, output: Path | None, *, quiet: bool
) -> int:
    """Train a response of each agent; print and write what they gain."""
    from evenhand.cli.outputs import write_values
    from evenhand.cli.show import console, show_table
    from evenhand.learning.certificates.trained_response import learned_response
    from evenhand.learning.lottery import Lottery
    from evenhand.learning.training import load

    run = load(folder)
    lottery = None if multiplier is None else Lottery.always(multiplier)
    names, found = [agent.name for agent in run.learner.team.env.scenario.agents], []
    with closing(StageLine(COUNTED, show=not quiet)) as progress:
        for agent, name in enumerate(names):
            progress(f"training a response of {name}", 0, 1)
            found.append(learned_response(run, agent, lottery, tau=tau, steps=steps))
    if not quiet:
        gains = [
            [name, f"{one.feasible_gain}", f"{one.free_gain}", f"{one.free.jain.value:.3f}"]
            for name, one in zip(names, found, strict=True)
        ]
        show_table(["agent", "may gain at least", "freely at least", "Jain then"], gains)
        console().print(f"\nlower bounds, estimated: what responses gain that were trained for {steps:,} steps")
    asked = {"scenario": run.config.scenario, "steps": steps}
    write_values(output, lambda: {**asked, "agents": [one.to_dict() for one in found]})
    return UNMET if found[0].team.constraint_unmet else OK


class Stopping:
    """Says that a search should end: after a time limit, or at the first Ctrl-C; a second one ends it at once.

    Parameters
    ----------
    time_limit
        Seconds from now; None for no limit.

    Raises
    ------
    InputError
        If the time limit is not above 0.
    """

    def __init__(self, time_limit: float | None) -> None:
        check_time_limit(time_limit)
        self._end = None if time_limit is None else time.monotonic() + time_limit
        self._pressed = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def __call__(self) -> bool:
        """Return whether the search should end."""
        return self._pressed or (self._end is not None and time.monotonic() > self._end)

    def _press(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._pressed:
            raise KeyboardInterrupt
        self._pressed = True


def _tell(run: Run, found: TeamCertificate) -> None:
    from evenhand.cli.show import show_facts

    certificate, lottery = found.certificate, found.lottery
    step = certificate.scale.step if certificate.scale is not None else None
    force = f"{lottery.likelier:.4g}"
    if len(found.teams) > 1:
        force = f"{lottery.low:.4g}, or {lottery.high:.4g} in {lottery.share:.1%} of the episodes, for all to see"
    present = certificate.present
    reached = f"{found.index} {present.index:.5f}, at least {certificate.tau:g} asked"
    facts = [
        ("run", f"{run.folder}: {found.scenario.name}, {found.learner}, {found.method}, seed {found.seed}"),
        (
            "team",
            f"greedy actions from all {found.teams[0].starts:,} starts, as read once in "
            f"{sum(team.reached for team in found.teams):,} states",
        ),
        ("multiplier", force),
        ("reached", f"return {present.returns[0]:.5f}, {reached}"),
        ("work", f"{', '.join(f'{work:.2f}' for work in present.work)} ({found.workload})"),
    ]
    if certificate.team_optimum is not None:
        price = certificate.price_of_decentralisation
        said = "" if price is None else f"; price of decentralisation {_gain(price, step)}"
        facts.append(("team's optimum", f"{certificate.team_optimum:.5f}, by the exact planner{said}"))
    if certificate.epsilon is None:
        facts.append(("no equilibrium", f"the team violates the constraint by {_short(found):.5f}: nothing to certify"))
    else:
        facts.append(("epsilon", f"{_bounds(certificate.epsilon, step)}: an epsilon-GNE of the table that was read"))
    facts.append(("NashConv", f"{_bounds(certificate.nash_conv, step)}, without the constraint"))
    if certificate.kkt is not None:
        kkt = certificate.kkt
        stationarity = max(gain.upper for gain in kkt.stationarity)
        facts.append((
            "KKT",
            f"multiplier {kkt.multiplier:.4g}, stationarity {_gain(stationarity, step)} at most, slackness "
            f"{_gain(kkt.slackness, step)}",
        ))  # fmt: skip
    if certificate.stopped is not None:
        facts.append(("stopped", f"{certificate.stopped}; gains are intervals"))
    facts.append(("took", f"{found.seconds:.0f} s"))
    show_facts(facts)
    _show_agents(found)


def _show_agents(found: TeamCertificate) -> None:
    from evenhand.cli.show import console, show_table

    certificate = found.certificate
    heads = ["agent", "may gain", "its price", "gains freely", "Jain then", "own work", "others' work"]
    rows = [
        [name, _of(agent.feasible), _price(agent.feasible), *_freely(found, agent.agent, agent.free)]
        for name, agent in zip(found.agents, certificate.agents, strict=True)
    ]
    console().print()
    show_table(heads, rows)
    if certificate.selfish:
        console().print(f"\nif a unit of {found.workload} work costs its agent")
        heads = ["cost", "agent", *heads[1:]]
        selfish = [
            [
                f"{one.weight:g}",
                found.agents[one.agent],
                _of(one.feasible),
                _price(one.feasible),
                *_freely(found, one.agent, one.free),
            ]
            for one in certificate.selfish
        ]
        show_table(heads, selfish, left=(0, 1))


def _freely(found: TeamCertificate, agent: int, deviation: Deviation) -> list[str]:
    change = found.certificate.others(deviation)
    return [
        _rounded(deviation.gain),
        f"{deviation.outcome.index:.3f}",
        f"{change[agent]:+.2f}",
        f"{change.sum() - change[agent]:+.2f}",
    ]


def _of(deviation: Deviation | None) -> str:
    return "–" if deviation is None else _rounded(deviation.gain)


def _price(deviation: Deviation | None) -> str:
    return "–" if deviation is None else f"{deviation.multiplier:.4g}"


def _rounded(gain: Interval) -> str:
    if gain.exact or f"{gain.lower:.5f}" == f"{gain.upper:.5f}":
        return f"{gain.lower:.5f}"
    return f"{gain.lower:.5f} to {gain.upper:.5f}"


def _bounds(gain: Interval, step: float | None) -> str:
    exact = "exactly " if gain.exact else ""
    return f"{exact}{_rounded(gain)}{_steps(gain.upper, step)}"


def _gain(gain: float, step: float | None) -> str:
    rounded = round(gain, 5) + 0.0  # no -0.00000 where two sums differ by rounding
    return f"{rounded:.5f}{_steps(rounded, step)}"


def _steps(gain: float, step: float | None) -> str:
    return "" if not step else f" ({gain / step:.3g} of a step's price)"


def _short(found: TeamCertificate) -> float:
    assert found.certificate.tau is not None
    return found.certificate.tau - found.certificate.present.index
