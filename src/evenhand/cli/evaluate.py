"""``evenhand evaluate``: what a trained team does, under which multiplier, with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli.options import read_count, read_number
from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.learning.evaluate import Evaluation
    from evenhand.learning.picking import Picked
    from evenhand.learning.train import Run

EPILOG = (
    "Exit codes: 0 evaluated; 2 bad input; 3 the constraint is not met (the best there is was evaluated); 130 Ctrl-C."
)
UNMET = 3
RARE = 0.5
"""Success rate below which an index is shown with a warning: a team that does nothing is perfectly fair."""

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", show_default=False, help="Folder of a run.")]


def command(
    folder: RunFolder,
    episodes: Annotated[int, typer.Option(parser=read_count, metavar="N", help="Fresh episodes to play.")] = 1000,
    tau: Annotated[
        float | None,
        typer.Option(parser=read_number, metavar="J", help="Threshold of Jain's index; the run's by default."),
    ] = None,
    multiplier: Annotated[
        float | None,
        typer.Option(
            parser=read_number, metavar="L", help="Multiplier in force, instead of those that meet the threshold."
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            parser=read_number,
            metavar="M",
            help="Aim so far above the threshold; by default so far that windows of 200 episodes meet it but for 0.01.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(parser=read_count, metavar="N", help="Of the starts.")] = 1,
    output: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures.")] = None,
) -> int:
    """Play fresh episodes with a trained team, under the multipliers that meet a threshold.

    Example: evenhand evaluate runs/a --episodes 1000 --tau 0.7 --json out.json
    """
    from evenhand.cli.outputs import check_outputs
    from evenhand.learning.evaluate import evaluate
    from evenhand.learning.train import load
    from evenhand.tables.write import write_json

    if output is not None:
        check_outputs({"--json": output}, {})
    run = load(folder)
    _check(run, tau)
    picked = _pick(run, tau, margin, seed) if multiplier is None else None
    force = multiplier if picked is None else picked.lottery
    assert force is not None
    record = evaluate(
        run.learner,
        run.parameters,
        episodes=episodes,
        seed=seed + 1000,
        multiplier=force,
        tau=tau,
    )
    values: dict[str, Any] = record.to_dict()
    values["picked"] = None if picked is None else picked.to_dict()
    _tell(run, record, picked)
    if output is not None:
        write_json(output, values)
    return UNMET if record.constraint_unmet else 0


def _check(run: Run, tau: float | None) -> None:
    if tau is not None:
        run.learner.team.constraint.with_parameter(tau)


def _pick(run: Run, tau: float | None, margin: float | None, seed: int) -> Picked:
    """Return the multipliers for a threshold; the one there is for a learner that knows no other."""
    from evenhand.learning.picking import pick

    if margin is not None and not 0.0 <= margin < 1.0:
        raise InputError(f"--margin is {margin:g}; it must lie between 0 and 1")
    if not run.learner.conditioned:
        from evenhand.learning.curve import trade_off_curve
        from evenhand.learning.picking import pick_from

        only = trade_off_curve(run.learner, run.parameters, multipliers=[run.multiplier], seed=seed, tau=tau)
        return pick_from(only, run.learner.team.constraint, tau=tau, margin=margin)
    return pick(run.learner, run.parameters, tau=tau, margin=margin, seed=seed)


def _tell(run: Run, record: Evaluation, picked: Picked | None) -> None:
    from evenhand.cli.show import show_facts

    lottery = record.lottery
    if lottery is None or lottery.share == 0.0:
        force = f"{record.multiplier.value:.4g}"
    else:
        force = f"{lottery.low:.4g}, or {lottery.high:.4g} in {lottery.share:.0%} of the episodes"
    shares = ", ".join(f"{work.value:.2f}" for work in record.workload[record.workload_definition])
    facts = [
        ("run", f"{run.folder}: {run.config.scenario}, {run.config.learner}, {run.config.method}"),
        ("episodes", f"{record.episodes}, intervals of 95 %"),
        ("multiplier", force),
        ("success", f"{record.success}"),
        ("steps", f"{record.steps}"),
        ("Jain's index", f"{record.jain}; {record.jain_given_success} where they succeed"),
        (
            "threshold",
            f"{record.tau:g}: {'not met' if record.constraint_unmet else 'met'} in the mean, by "
            f"{record.jain_satisfied.value:.0%} of the episodes, {record.windows_satisfied.value:.0%} of 200 together",
        ),
        ("workload", f"{shares} ({record.workload_definition})"),
        ("idle episodes", f"{record.idle_episodes.value:.1%}"),
    ]
    if record.kkt is not None:
        facts.append(("KKT", f"{record.kkt.all_met.value:.0%} of 200 together meet all but stationarity, not measured"))
    if picked is not None and picked.constraint_unmet:
        facts.append(("constraint", f"unmet; the best index reached is {picked.best:.3f}"))
    if record.success.value < RARE:
        idle = (
            f"; nobody works in {record.idle_episodes.value:.0%} of the episodes" if record.idle_episodes.value else ""
        )
        facts.append(("beware", f"the team fails more often than it succeeds, so that its index says little{idle}"))
    show_facts(facts)
