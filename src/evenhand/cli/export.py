"""``evenhand export``: write a trained team to one file that plays with NumPy alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from evenhand.cli.evaluate import EPISODES, RunFolder, multipliers_in_words
from evenhand.cli.exits import BAD_INPUT, INTERRUPTED, MEANINGS, OK, epilog
from evenhand.cli.options import argument, flag, number_option

EPILOG = epilog({OK: "the team is written", BAD_INPUT: MEANINGS[BAD_INPUT], INTERRUPTED: "Ctrl-C; nothing is written"})


def command(
    folder: RunFolder,
    output: Annotated[Path, argument("FILE", "File to write, team.safetensors for instance.")],
    tau: Annotated[float | None, number_option("J", "Threshold to play for by default; the run's by default.")] = None,
    quiet: Annotated[bool, flag("Print nothing but errors.", "--quiet", "-q")] = False,
) -> None:
    """Write a trained team to a file that plays in any loop with NumPy alone: evenhand.player.load("team.safetensors").

    With the ending .stablehlo, write its policy as a program for compilers such as IREE and XLA.

    Example: evenhand export runs/a team.safetensors --tau 0.7
    """
    from evenhand.cli.outputs import check_outputs
    from evenhand.cli.show import show_facts
    from evenhand.cli.stage_line import StageLine
    from evenhand.learning.exporting import ENDINGS, beside_of, export
    from evenhand.learning.run_folder import CONFIGURATION
    from evenhand.learning.training import load
    from evenhand.learning.training_progress import PICKING

    configuration: dict[str, Path | None] = {"the run's configuration": folder / CONFIGURATION}
    check_outputs({"FILE": output}, configuration, endings=ENDINGS)
    check_outputs({"the description of": beside_of(output)}, configuration)
    run = load(folder)
    progress = StageLine(EPISODES, show=not quiet)
    export(run, output, tau=tau, progress=partial(progress, PICKING))
    progress.close()
    if not quiet:
        show_facts(_facts(folder, output))


def _facts(folder: Path, output: Path) -> list[tuple[str, str]]:
    from evenhand.learning.exporting import beside_of
    from evenhand.player.lottery import lottery_of
    from evenhand.tables.documents import read_json

    description = read_json(beside_of(output))
    lottery, tau = lottery_of(description, description["curve"]), description["fairness"]["tau"]
    facts = [
        ("run", f"{folder}: {description['environment']}, {description['learner']}, {description['method']}"),
        ("file", f"{output}, {output.stat().st_size:,} bytes; described in {beside_of(output)}"),
        ("multiplier", multipliers_in_words(lottery.low, lottery.high, lottery.share)),
    ]
    if tau is not None:
        others = "" if description["fairness"]["no_other"] else "; the curve in it has the multipliers for others"
        facts.append(("threshold", f"{tau:g}{others}"))
    return facts
