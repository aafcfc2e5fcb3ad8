"""``evenhand play``: watch an episode of a trained team."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evenhand.cli.evaluate import RunFolder
from evenhand.cli.exits import EPILOG_DONE
from evenhand.cli.hospital import animate, summarise, tell
from evenhand.cli.options import read_number, read_steps
from evenhand.errors import InputError
from evenhand.tables.table import shown

EPILOG = EPILOG_DONE


def command(
    folder: RunFolder,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.gif", help="Write an animation instead of words.")
    ] = None,
    multiplier: Annotated[
        float | None,
        typer.Option(
            parser=read_number, metavar="L", help="Multiplier in force, instead of one that meets the threshold."
        ),
    ] = None,
    tau: Annotated[
        float | None,
        typer.Option(parser=read_number, metavar="J", help="Threshold of Jain's index; the run's by default."),
    ] = None,
    seed: Annotated[int, typer.Option(parser=read_steps, metavar="N", help="Of the start.")] = 0,
) -> None:
    """Play one episode of a trained team, in words or as an animation.

    Example: evenhand play runs/a -o episode.gif
    """
    from evenhand.cli.outputs import check_outputs
    from evenhand.learning.allowed import SEED, check
    from evenhand.learning.record import Terms, multiplier_to_show
    from evenhand.learning.train import load
    from evenhand.learning.watch import watch

    if output is not None:
        if output.suffix.lower() != ".gif":
            raise InputError(f"--output {output}: the ending {shown(output.suffix)} is not known; use .gif")
        check_outputs({"--output": output}, {})
    seed = check("seed", seed, SEED)
    run = load(folder)
    episode = watch(run, multiplier=multiplier_to_show(run, Terms(tau=tau, multiplier=multiplier)), seed=seed)
    if output is None:
        tell(episode)
    else:
        animate(episode, output)
    summarise(episode)
