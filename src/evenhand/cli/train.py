"""``evenhand train``: train a team that shares its work."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli.exits import INTERRUPTED
from evenhand.cli.options import read_count, read_number, read_steps
from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.learning.config import Config
    from evenhand.learning.train import Progress, Run

EPILOG = "Exit codes: 0 trained; 2 bad input; 130 Ctrl-C (what has been learned is saved; --resume goes on)."


def command(
    scenario: Annotated[
        str | None,
        typer.Option(metavar="SCENARIO", help="A name that `evenhand hospital list` prints, or a TOML file."),
    ] = None,
    learner: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="mappo (default), ippo, qmix, vdn, iql, parallel-qmix and so on (no replay)."
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(metavar="NAME", help="fair-gne (default), none, or a fixed penalty.")
    ] = None,
    tau: Annotated[
        float | None, typer.Option(parser=read_number, metavar="J", help="Least Jain index of the team's workload.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(parser=read_steps, metavar="N", help="Environment steps, 2e6 for instance.")
    ] = None,
    seed: Annotated[int | None, typer.Option(parser=read_count, metavar="N", help="Same seed, same run.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Everything that can be set; the options above win over it."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Where the run goes.", show_default=False)
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Go on with a run that was interrupted.", show_default=False)
    ] = None,
    seeds: Annotated[
        int, typer.Option(parser=read_count, metavar="N", help="Train so many seeds, into FOLDER/seed-0 and so on.")
    ] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress line.")] = False,
) -> int:
    """Train a team under a bound on how unequally its work is shared.

    Example: evenhand train --scenario rescue-breaths/specialist --tau 0.85 --out runs/a
    """
    given = {"scenario": scenario, "learner": learner, "method": method, "tau": tau, "steps": steps, "seed": seed}
    given = {key: value for key, value in given.items() if value is not None}
    if seeds < 1:
        raise InputError(f"--seeds is {seeds}; it takes at least one")
    if resume is not None:
        if given or config is not None or output is not None or seeds > 1:
            raise InputError("--resume goes on with a run as it is; it takes no other options than --quiet")
        return _train(_settings_of(resume), resume, resume=True, quiet=quiet)
    if output is None:
        raise InputError("--out is missing; name a folder for the run")
    asked = _asked(given, config)
    if seeds == 1:
        return _train(asked, output, resume=False, quiet=quiet)
    for number in range(asked.seed, asked.seed + seeds):
        one = dataclasses.replace(asked, seed=number)
        if _train(one, output / f"seed-{number}", resume=False, quiet=quiet) == INTERRUPTED:
            return INTERRUPTED
    return 0


class ProgressLine:
    """A line on the terminal that tells how training goes; every tenth report where there is no terminal."""

    def __init__(self, *, show: bool) -> None:
        self._show = show
        self._live = sys.stderr.isatty()
        self._count = 0

    def __call__(self, report: Progress) -> None:
        """Show a report."""
        self._count += 1
        if not self._show or not (self._live or self._count % 10 == 0):
            return
        sys.stderr.write(("\r\x1b[K" if self._live else "") + in_words(report) + ("" if self._live else "\n"))
        sys.stderr.flush()

    def close(self) -> None:
        """End the line."""
        if self._show and self._live and self._count:
            sys.stderr.write("\n")


def in_words(report: Progress) -> str:
    """Return a report as one line."""
    parts = [f"{report.steps / 1e6:.2f} of {report.total_steps / 1e6:.2f} M steps"]
    if report.steps_per_second is not None:
        parts.append(f"{report.steps_per_second:,.0f} steps/s")
    for name, value in (("success", report.success), ("Jain", report.controlled_jain or report.jain)):
        parts.append(f"{name} {'–' if value is None else f'{value:.3f}'}")
    parts.append(f"lambda {report.multiplier:.3f}")
    if report.seconds_left is not None:
        parts.append(f"{report.seconds_left:.0f} s left")
    return ", ".join(parts)


def _asked(given: dict[str, Any], path: Path | None) -> Config:
    from evenhand.learning.config import Config

    return dataclasses.replace(Config() if path is None else Config.read(path), **given)


def _settings_of(folder: Path) -> Config:
    from evenhand.learning.train import read_config

    return read_config(folder)


def _train(config: Config, folder: Path, *, resume: bool, quiet: bool) -> int:
    from evenhand.learning.train import train

    line = ProgressLine(show=not quiet)
    try:
        run = train(config, folder=folder, resume=resume, progress=line)
    finally:
        line.close()
    _tell(run)
    return 0 if run.finished else INTERRUPTED


def _tell(run: Run) -> None:
    from evenhand.cli.show import show_facts

    last = run.reports[-1] if run.reports else None
    facts = [("run", f"{run.folder}")]
    if last is not None:
        facts.append(("trained", f"{in_words(last)}; {run.seconds:.0f} s in all, learning and compiling included"))
    facts.append(("next", f"evenhand evaluate {run.folder} --episodes 1000"))
    show_facts(facts)
