"""``evenhand play``: play an episode of a trained team, in words or as an animation."""

from __future__ import annotations

from typing import Annotated

from evenhand.cli.disturbances import Absent, AbsentBehaviour, Delay, Noise, Predict, level_of
from evenhand.cli.episode import Film, check_film, show_episode
from evenhand.cli.evaluate import RunFolder
from evenhand.cli.exits import EPILOG_DONE
from evenhand.cli.options import number_option, steps_option

EPILOG = EPILOG_DONE


def command(
    folder: RunFolder,
    output: Film = None,
    multiplier: Annotated[
        float | None, number_option("L", "Multiplier to play under; by default one that meets the threshold.")
    ] = None,
    tau: Annotated[float | None, number_option("J", "Threshold of Jain's index; the run's by default.")] = None,
    seed: Annotated[int, steps_option("N", "Seed of the episode's start.")] = 0,
    delay: Delay = None,
    noise: Noise = None,
    absent: Absent = None,
    absent_behaviour: AbsentBehaviour = None,
    predict: Predict = False,
) -> None:
    """Play one episode of a trained team, in words or as an animation.

    Example: evenhand play runs/a -o episode.gif
    """
    from evenhand.learning.allowed_ranges import SEED, check
    from evenhand.learning.record import Terms, multiplier_to_show
    from evenhand.learning.training import load
    from evenhand.learning.watching import watch

    check_film(output)
    seed = check("seed", seed, SEED)
    level = level_of(delay, noise, absent, absent_behaviour, predict)
    run = load(folder)
    shown = multiplier_to_show(run, Terms(tau=tau, multiplier=multiplier, level=level))
    episode = watch(run, multiplier=shown, seed=seed, level=level)
    show_episode(episode, output)
