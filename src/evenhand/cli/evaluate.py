"""``evenhand evaluate``: evaluate a trained team in fresh episodes, with confidence intervals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from evenhand.cli.disturbances import Absent, AbsentBehaviour, Delay, Noise, Predict, in_words, level_of
from evenhand.cli.exits import BAD_INPUT, INTERRUPTED, MEANINGS, OK, epilog
from evenhand.cli.options import argument, flag, number_option, option, steps_option
from evenhand.cli.stage_line import StageLine

if TYPE_CHECKING:
    from evenhand.learning.kkt import KKT
    from evenhand.learning.record import Record, Terms
    from evenhand.learning.training import Run

UNMET = 3
EPILOG = epilog({
    OK: "evaluated",
    BAD_INPUT: MEANINGS[BAD_INPUT],
    UNMET: "the mean is more than 0.005 below the threshold, with several seeds for one of them (the fairest was "
    "evaluated)",
    INTERRUPTED: "Ctrl-C",
})  # fmt: skip

RunFolder = Annotated[Path, argument("RUN", "Folder of a run, or of several seeds.")]


def command(
    folder: RunFolder,
    episodes: Annotated[int, steps_option("N", "Fresh episodes to play.")] = 1000,
    tau: Annotated[float | None, number_option("J", "Threshold of Jain's index; the run's by default.")] = None,
    multiplier: Annotated[
        float | None, number_option("L", "Multiplier to play under; by default those that meet the threshold.")
    ] = None,
    margin: Annotated[
        float | None,
        number_option(
            "M",
            "Safety margin above the threshold; by default large enough for nearly all windows of 200 episodes "
            "to fall short of it by at most 0.01.",
        ),
    ] = None,
    seed: Annotated[int, steps_option("N", "Seed of the episodes' starts.")] = 1,
    kkt: Annotated[
        bool, flag("Measure stationarity, too: each agent's best response over all starts of the scenario.", "--kkt")
    ] = False,
    delay: Delay = None,
    noise: Noise = None,
    absent: Absent = None,
    absent_behaviour: AbsentBehaviour = None,
    predict: Predict = False,
    output: Annotated[Path | None, option("FILE", "Write all results as JSON.", "--json")] = None,
    quiet: Annotated[bool, flag("No progress line.", "--quiet", "-q")] = False,
) -> int:
    """Evaluate a trained team in fresh episodes, under the multipliers with which it meets a threshold.

    Example: evenhand evaluate runs/a --episodes 1000 --tau 0.7 --json out.json
    """
    from evenhand.cli.outputs import check_outputs, write_values
    from evenhand.learning.record import Terms
    from evenhand.learning.run_folder import CONFIGURATION, seeds_in

    if output is not None:
        check_outputs({"--json": output}, {"the run's configuration": folder / CONFIGURATION})
    level = level_of(delay, noise, absent, absent_behaviour, predict)
    terms = Terms(episodes=episodes, tau=tau, margin=margin, multiplier=multiplier, seed=seed, kkt=kkt, level=level)
    progress = StageLine(EPISODES, show=not quiet)
    values, met = _of_several(folder, terms, progress) if seeds_in(folder) else _of_one(folder, terms, progress)
    write_values(output, lambda: values)
    return 0 if met else UNMET


EPISODES = "{done:,} of {total:,} episodes"


def _of_one(folder: Path, terms: Terms, progress: StageLine) -> tuple[dict[str, Any], bool]:
    """Evaluate a run; return the results, and whether the constraint is met."""
    from evenhand.learning.record import record_of
    from evenhand.learning.training import load

    run = load(folder)
    record = record_of(run, terms, progress)
    progress.close()
    _tell(run, record)
    return record.to_dict(), not record.evaluation.constraint_unmet


def _of_several(folder: Path, terms: Terms, progress: StageLine) -> tuple[dict[str, Any], bool]:
    """Evaluate the runs of several seeds; return the results, and whether all meet the constraint."""
    from evenhand.cli.seeds import show_several
    from evenhand.learning.several_seeds import evaluate_several, load_several

    runs = load_several(folder)
    several = evaluate_several(runs, terms, progress)
    progress.close()
    show_several(several, f"{folder}", runs[0].config)
    return several.to_dict(), several.met == len(several)


def _kkt(table: KKT) -> list[tuple[str, str]]:
    windows, exact = f"{table.all_met.value:.0%} of {table.window}-episode windows", table.exact
    if exact is None:
        return [("KKT", f"{windows} meet all conditions except stationarity, which is not measured (--kkt)")]
    gains = ", ".join(f"{gain.upper:.5f}" for gain in exact.gains)
    bounds = ", ".join(f"{gain:.5f}" for gain in exact.gain_bounds)
    return [
        ("KKT", f"{windows} meet all conditions at the multiplier {exact.multiplier:.4g}"),
        ("stationarity", f"gains of at most {gains} in the Lagrangian; up to {exact.tolerance:g} counts as none"),
        ("slack", f"{exact.slack:.5f} above the threshold; gains under the constraint are at most {bounds}"),
    ]


def _disturbances(run: Run, found: Record) -> list[tuple[str, str]]:
    """Return lines on the disturbances of an evaluation, and on what the team's own multipliers reach under them."""
    from evenhand.learning.disturbance_level import unready

    trained = run.config.disturbance
    if found.level is None:
        if trained.is_none:
            return []
        from evenhand.learning.disturbance_level import Level

        drawn = in_words(Level(delay=trained.delay, noise=trained.noise))
        away = f", one agent absent in {trained.absence:.0%} ({trained.absent_behaviour})" if trained.absence else ""
        return [("disturbed", f"as in training: {drawn}{away}")]
    facts = [("disturbed", in_words(found.level))]
    lacking = unready(trained, found.level)
    if lacking:
        facts.append(("beware", f"the team was not trained for {lacking}: it plays as it was trained"))
    kept = found.undisturbed_choice
    if kept is not None:
        facts.append((
            "undisturbed",
            f"multipliers picked without disturbance, {kept.multiplier.value:.4g} on average, would give: success "
            f"{kept.success}, steps {kept.episode_steps}, Jain {kept.jain}",
        ))  # fmt: skip
    return facts


def _tell(run: Run, found: Record) -> None:
    from evenhand.cli.seeds import WARNINGS
    from evenhand.cli.show import show_facts
    from evenhand.learning.episode_windows import WINDOW
    from evenhand.learning.lottery import Lottery

    record, picked = found.evaluation, found.picked
    lottery = record.lottery or Lottery.always(record.multiplier.value)
    force = multipliers_in_words(lottery.low, lottery.high, lottery.share)
    shares = ", ".join(f"{work.value:.2f}" for work in record.workload[record.workload_definition])
    windows = (
        f"{record.windows_satisfied.value:.0%} of {WINDOW}-episode windows"
        if record.episodes >= WINDOW
        else f"too few episodes for a window of {WINDOW}"
    )
    facts = [
        ("run", f"{run.folder}: {run.config.scenario}, {run.config.learner}, {run.config.method}"),
        ("episodes", f"{record.episodes}, with 95 % intervals"),
        ("multiplier", force),
        ("success", f"{record.success}"),
        ("steps", f"{record.episode_steps}"),
        ("Jain's index", f"{record.jain}; {record.jain_given_success} in successful episodes"),
        ("threshold", f"{record.tau:g}: mean {record.met}; {record.jain_satisfied.value:.0%} of episodes; {windows}"),
        ("workload", f"{shares} ({record.workload_definition})"),
        ("idle episodes", f"{record.idle_episodes.value:.1%}"),
    ]
    facts[2:2] = _disturbances(run, found)
    if record.kkt is not None:
        facts.extend(_kkt(record.kkt))
    if picked is not None and picked.constraint_unmet:
        rarely = (
            f" ({len(picked.left_out)} under which it succeeds less often were left out)" if picked.left_out else ""
        )
        facts.append((
            "constraint",
            f"unmet: no multiplier that keeps the success rate is fair enough{rarely}; the best index is "
            f"{picked.best:.3f}",
        ))  # fmt: skip
    for warning in found.warnings:
        idle = record.idle_episodes.value
        often = f"; nobody works in {idle:.0%} of the episodes" if warning == "rarely_succeeds" and idle > 0.0 else ""
        facts.append(("beware", WARNINGS[warning] + often))
    show_facts(facts)


def multipliers_in_words(low: float, high: float, share: float) -> str:
    """Return a lottery between two multipliers, the second with a probability, as a phrase."""
    return f"{low:.4g}" if share == 0.0 else f"{low:.4g}, or {high:.4g} in {share:.0%} of the episodes"
