"""``evenhand train``: train a team that shares its work."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from evenhand.cli.disturbances import Absence, AbsentBehaviour, Delay, Noise, trained_under
from evenhand.cli.door import say
from evenhand.cli.exits import BAD_INPUT, INTERRUPTED, OK, TERMINATED, epilog
from evenhand.cli.options import flag, number_option, option, steps_option
from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.learning.config import Config
    from evenhand.learning.training import Run
    from evenhand.learning.training_progress import Progress

EPILOG = epilog({
    OK: "trained",
    BAD_INPUT: "bad input, or training cannot continue",
    INTERRUPTED: "Ctrl-C (the run is saved; --resume continues it)",
    TERMINATED: "SIGTERM (likewise)",
})  # fmt: skip


def command(
    scenario: Annotated[
        str | None, option("SCENARIO", "A name that `evenhand hospital list` prints, or a TOML file.")
    ] = None,
    learner: Annotated[
        str | None, option("NAME", "mappo (default), ippo, qmix, vdn, iql, or parallel-qmix, ... (without replay).")
    ] = None,
    method: Annotated[str | None, option("NAME", "fair-gne (default), none, or a fixed penalty.")] = None,
    tau: Annotated[float | None, number_option("J", "Lower bound on Jain's index of the workloads.")] = None,
    steps: Annotated[int | None, steps_option("N", "Number of environment steps, such as 2e6.")] = None,
    seed: Annotated[int | None, steps_option("N", "Same seed, same run.")] = None,
    config: Annotated[
        Path | None, option("FILE.toml", "File with any of the settings; the options above take precedence.")
    ] = None,
    output: Annotated[Path | None, option("FOLDER", "Folder of the run.", "--out", "-o", show_default=False)] = None,
    resume: Annotated[
        Path | None,
        option(
            "FOLDER",
            "Continue an interrupted run, or several seeds; with --steps, extend it to more steps.",
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        Path | None, option("RUN", "Start from this run's settings and parameters.", "--from", show_default=False)
    ] = None,
    network: Annotated[
        str | None, option("NAME", "flat (default), or entity: its size does not depend on the number of agents.")
    ] = None,
    shaping: Annotated[
        str | None, option("NAME", "telescoped (default), smoothed (for large teams), published or per-step.")
    ] = None,
    clone: Annotated[
        str | None, option("NAME", "Start from a scripted policy of the environment, such as greedy (ippo and mappo).")
    ] = None,
    delay: Delay = None,
    noise: Noise = None,
    absence: Absence = None,
    absent_behaviour: AbsentBehaviour = None,
    seeds: Annotated[
        int, steps_option("N", "Train this number of seeds, in FOLDER/seed-0, ..., and evaluate them.")
    ] = 1,
    quiet: Annotated[bool, flag("No progress line.", "--quiet", "-q")] = False,
) -> int:
    """Train a team under a bound on how unequally its work is shared.

    Example: evenhand train --scenario lone-expert --tau 0.85 --out runs/a
    """
    given: dict[str, Any] = {"scenario": scenario, "learner": learner, "method": method, "tau": tau}
    given |= {"steps": steps, "seed": seed, "network": network, "shaping": shaping}
    given = {key: value for key, value in given.items() if value is not None}
    disturbed = trained_under(delay, noise, absence, absent_behaviour)
    if disturbed:
        given["disturbance"] = disturbed
    if seeds < 1:
        raise InputError(f"--seeds is {seeds}; it must be at least 1")
    if resume is not None:
        if (
            given.keys() - {"steps"}
            or any(option is not None for option in (config, output, start, clone))
            or seeds > 1
        ):
            raise InputError("--resume continues a run as it is; only --steps and --quiet can be given with it")
        return _resume(resume, steps, quiet)
    if output is None:
        raise InputError("--out is missing; name a folder for the run")
    if start is not None and seeds > 1:
        raise InputError("--from starts a single run; it cannot be combined with --seeds")
    if start is not None and clone is not None:
        raise InputError("--from and --clone both say what parameters training begins with; leave out one of them")
    asked = _asked(given, config, start)
    if seeds > 1:
        return _train_several(asked, output, seeds, quiet, clone)
    return _train_one(asked, output, quiet, start=start, clone=clone)


class ProgressLine:
    """Shows progress reports on one line of the terminal or, without a terminal, every tenth as a line."""

    def __init__(self, *, show: bool) -> None:
        self._show = show
        self._live = sys.stderr.isatty()
        self._count = 0
        self._seed: int | None = None

    def __call__(self, report: Progress, before: str = "") -> None:
        """Show a report after the prefix `before`."""
        self._count += 1
        if not self._show or not (self._live or self._count % 10 == 0):
            return
        said = before + in_words(report)
        sys.stderr.write(f"\r\x1b[K{said}" if self._live else f"{said}\n")
        sys.stderr.flush()

    def of_seed(self, seed: int, report: Progress) -> None:
        """Show a report of one of several seeds, with one line per seed."""
        if seed != self._seed:
            self.close()
            self._seed = seed
        self(report, f"seed {seed}: ")

    def close(self) -> None:
        """End the line."""
        if self._show and self._live and self._count:
            sys.stderr.write("\n")
        self._count = 0


def in_words(report: Progress) -> str:
    """Return a progress report as one line."""
    parts = [f"{report.steps / 1e6:.2f} of {report.total_steps / 1e6:.2f} M steps"]
    if report.steps_per_second is not None:
        parts.append(f"{report.steps_per_second:,.0f} steps/s")
    for name, value in (("success", report.success), ("Jain", report.jain_at_multiplier or report.jain)):
        parts.append(f"{name} {'–' if value is None else f'{value:.3f}'}")
    parts.append(f"multiplier {report.multiplier:.3f}")
    if report.seconds_left is not None:
        parts.append(f"{report.seconds_left:.0f} s left")
    return ", ".join(parts)


def _asked(given: dict[str, Any], path: Path | None, start: Path | None) -> Config:
    from evenhand.learning.config import Config
    from evenhand.learning.run_folder import read_config

    base = Config.read(path) if path is not None else Config() if start is None else read_config(start)
    if "disturbance" in given:  # what is not given stays as it was
        given = given | {"disturbance": dataclasses.replace(base.disturbance, **given["disturbance"])}
    return dataclasses.replace(base, **given)


def _resume(folder: Path, steps: int | None, quiet: bool) -> int:
    from evenhand.learning.run_folder import read_config, seeds_in
    from evenhand.learning.several_seeds import resume_several

    if not seeds_in(folder):
        config = read_config(folder)
        if steps is not None:
            config = dataclasses.replace(config, steps=steps)
        return _train_one(config, folder, quiet, resume=True)
    with closing(ProgressLine(show=not quiet)) as line:
        runs = resume_several(folder, steps=steps, progress=line.of_seed)
    return _tell_several(runs, folder)


def _train_one(
    config: Config,
    folder: Path,
    quiet: bool,
    *,
    resume: bool = False,
    start: Path | None = None,
    clone: str | None = None,
) -> int:
    from evenhand.learning.run_folder import refuse_own_environment
    from evenhand.learning.training import train

    if resume:
        refuse_own_environment(folder)
    _warn(config)
    with closing(ProgressLine(show=not quiet)) as line:
        run = train(config, folder=folder, resume=resume, start=start, clone=clone, progress=line)
    _tell(run, folder)
    return 0 if run.finished else INTERRUPTED


def _train_several(config: Config, folder: Path, seeds: int, quiet: bool, clone: str | None) -> int:
    from evenhand.learning.several_seeds import train_several

    _warn(config)
    with closing(ProgressLine(show=not quiet)) as line:
        runs = train_several(config, seeds=seeds, folder=folder, clone=clone, progress=line.of_seed)
    return _tell_several(runs, folder)


def _warn(config: Config) -> None:
    """Print a warning if the threshold is proven to be out of reach."""
    from evenhand.learning.build import beyond_reach

    said = beyond_reach(config)
    if said is not None:
        say(said)


def _tell_several(runs: Sequence[Run], folder: Path) -> int:
    """Print the evaluations of the seeds or, if training was interrupted, how to continue."""
    from evenhand.cli.seeds import show_several
    from evenhand.learning.several_seeds import evaluate_several

    if not runs[-1].finished:
        _tell(runs[-1], folder)
        return INTERRUPTED
    show_several(evaluate_several(runs), f"{folder}", runs[0].config)
    return 0


def _tell(run: Run, folder: Path) -> None:
    from evenhand.cli.show import show_facts

    facts = [("run", f"{run.folder}")]
    if run.reports:
        spent = f"{run.seconds:.0f} s in total, including compilation"
        facts.append(("trained", f"{in_words(run.reports[-1])}; {spent}"))
    elif run.finished:
        facts.append(("trained", "already complete"))
    go_on = f"evenhand evaluate {folder} --episodes 1000" if run.finished else f"evenhand train --resume {folder}"
    facts.append(("next", go_on))
    show_facts(facts)
