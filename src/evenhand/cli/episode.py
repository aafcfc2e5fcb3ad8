"""Show an episode of the hospital simulator, in words or as an animation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from evenhand.cli.options import option
from evenhand.cli.outputs import check_outputs

if TYPE_CHECKING:
    from evenhand.hospital.playing import Episode

Film = Annotated[Path | None, option("FILE.gif", "Write an animation instead of words.", "--out", "-o")]
"""The option ``--out`` of commands that show an episode."""


def check_film(output: Path | None) -> None:
    """Raise an InputError if an animation is asked for and cannot be written."""
    check_outputs({"--out": output}, {}, endings=(".gif",))


def show_episode(episode: Episode, output: Path | None) -> None:
    """Print an episode step by step, or write it as an animated GIF; then print how it ended."""
    if output is None:
        _tell(episode)
    else:
        _animate(episode, output)
    _summarise(episode)


def _tell(episode: Episode) -> None:
    """Print the initial state, each agent's action in each step, and the final state."""
    from evenhand.cli.show import console
    from evenhand.hospital import render

    out = console()
    names = [agent.name for agent in episode.scenario.agents]
    out.print(render.text(episode.scenario, episode.states[0]) + "\n", soft_wrap=True)
    width = len(str(len(episode.deeds)))
    for number, deeds in enumerate(episode.deeds, start=1):
        said = "; ".join(f"{name} {deed}" for name, deed in zip(names, deeds, strict=True) if deed)
        out.print(f"{number:>{width}}  {said or 'all wait'}", soft_wrap=True)
    if episode.deeds:
        out.print("\n" + render.text(episode.scenario, episode.states[-1]) + "\n", soft_wrap=True)


def _animate(episode: Episode, output: Path) -> None:
    """Write an episode as an animated GIF."""
    from evenhand.hospital import render
    from evenhand.tables.write import atomic_writer

    film = render.animate(episode.scenario, episode.states, absent=episode.absent)
    with atomic_writer(output) as stream:
        stream.write(film)


def _summarise(episode: Episode) -> None:
    """Print how an episode ended, and each agent's workload."""
    from evenhand.cli.show import console
    from evenhand.hospital.drawing.facts import Facts

    facts, last = Facts.of(episode.scenario, episode.absent), episode.states[-1]
    if facts.success(last):
        end = f"success in {last.time} steps"
    else:
        end = f"no success in {last.time} steps, progress {100 * facts.progress(last):.0f} %"
    loads = facts.workload(last)
    shares = ", ".join(
        f"{agent.name} {load}{' (absent)' if number in episode.absent else ''}"
        for number, (agent, load) in enumerate(zip(episode.scenario.agents, loads, strict=True))
    )
    words = f"{end}; Jain's index {facts.jain(last):.3f}; workload ({episode.scenario.workload}): {shares}"
    console().print(words, soft_wrap=True)
