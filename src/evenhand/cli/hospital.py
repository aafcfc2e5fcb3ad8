"""``evenhand hospital``: look at scenarios, and watch episodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli import hospital_plan
from evenhand.cli.exits import EPILOG_DONE
from evenhand.cli.options import read_count, read_number
from evenhand.errors import InputError
from evenhand.tables.table import shown

if TYPE_CHECKING:
    from evenhand.hospital.playing import Episode

EPILOG = EPILOG_DONE

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The resuscitation simulator: look at scenarios, watch episodes.",
    epilog=EPILOG,
)

_Scenario = Annotated[
    str | None,
    typer.Argument(
        metavar="SCENARIO",
        show_default=False,
        help="A name that `evenhand hospital list` prints, or a TOML file of your own (FILE.toml or FILE.toml/TEAM).",
    ),
]
_ScenarioOption = Annotated[str | None, typer.Option("--scenario", metavar="SCENARIO", help="The same, as an option.")]


@app.command("list", epilog=EPILOG)
def list_scenarios() -> None:
    """List the built-in scenarios."""
    from evenhand import hospital
    from evenhand.cli.show import console

    names = hospital.names()
    width = max(map(len, names))
    for name in names:
        console().print(f"{name:<{width}}  {hospital.load(name).description}", soft_wrap=True)


@app.command("show", epilog=EPILOG)
def show(
    name: _Scenario = None,
    scenario: _ScenarioOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Draw the protocols as a graph: .svg, .png or .html."),
    ] = None,
) -> None:
    """Print stations, team, items and protocols of a scenario.

    Example: evenhand hospital show full-code/specialist -o protocol.svg
    """
    from evenhand import hospital
    from evenhand.cli.hospital_show import draw_protocols, print_scenario
    from evenhand.cli.outputs import check_outputs

    chosen = _asked(name, scenario)
    if output is not None:
        _check_ending(output, ".svg", ".png", ".html")
        check_outputs({"--output": output}, {})
    loaded = hospital.load(chosen)
    print_scenario(loaded)
    if output is not None:
        draw_protocols(loaded, output)


@app.command("play", epilog=EPILOG)
def play(
    name: _Scenario = None,
    scenario: _ScenarioOption = None,
    policy: Annotated[
        str,
        typer.Option(
            metavar="random|wait|greedy|plan",
            help="Who acts: chance, nobody, each on what is open and near, or the quickest plan (exact search).",
        ),
    ] = "random",
    jain: Annotated[
        float | None,
        typer.Option(parser=read_number, metavar="J", help="With --policy plan: the Jain index that it must reach."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.gif", help="Write an animation instead of words.")
    ] = None,
    seed: Annotated[
        int, typer.Option(parser=read_count, metavar="N", help="Same scenario, policy and seed: same episode.")
    ] = 0,
    steps: Annotated[int | None, typer.Option(parser=read_count, metavar="N", help="Stop after so many steps.")] = None,
) -> None:
    """Play one episode, in words or as an animation.

    Example: evenhand hospital play rescue-breaths/specialist --policy plan -o episode.gif
    """
    from evenhand import hospital
    from evenhand.cli.outputs import check_outputs
    from evenhand.hospital import playing

    chosen = _asked(name, scenario)
    if jain is not None and policy != "plan":
        raise InputError(f"--jain is for --policy plan, not for {shown(policy)}")
    if output is not None:
        _check_ending(output, ".gif")
        check_outputs({"--output": output}, {})
    loaded = hospital.load(chosen)
    episode = playing.play(loaded, policy, seed=seed, steps=steps, min_jain=jain or 0.0)
    if output is None:
        tell(episode)
    else:
        animate(episode, output)
    summarise(episode)


app.command("plan", epilog=EPILOG)(hospital_plan.command)


def _asked(name: str | None, option: str | None) -> str:
    if (name is None) == (option is None):
        many = "give one scenario, not two" if name is not None else "say which scenario"
        raise InputError(f"{many}: SCENARIO or --scenario SCENARIO (evenhand hospital list names them)")
    return name or option or ""


def _check_ending(path: Path, *endings: str) -> None:
    if path.suffix.lower() not in endings:
        listed = f"{', '.join(endings[:-1])} or {endings[-1]}" if len(endings) > 1 else endings[0]
        raise InputError(f"--output {path}: the ending {shown(path.suffix)} is not known; use {listed}")


def tell(episode: Episode) -> None:
    """Print the start, what each agent did in each step, and the end."""
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


def animate(episode: Episode, output: Path) -> None:
    """Write an episode as an animated GIF."""
    from evenhand.hospital import render
    from evenhand.tables.write import atomic_writer

    film = render.animate(episode.scenario, episode.states)
    with atomic_writer(output) as stream:
        stream.write(film)


def summarise(episode: Episode) -> None:
    """Print how an episode ended, and who worked how much."""
    from evenhand.cli.show import console
    from evenhand.hospital.drawing.facts import Facts

    facts, last = Facts.of(episode.scenario), episode.states[-1]
    if facts.success(last):
        end = f"success in {last.time} steps"
    else:
        end = f"no success in {last.time} steps, progress {100 * facts.progress(last):.0f} %"
    loads = facts.workload(last)
    shares = ", ".join(f"{agent.name} {load}" for agent, load in zip(episode.scenario.agents, loads, strict=True))
    words = f"{end}; Jain's index {facts.jain(last):.3f}; workload ({episode.scenario.workload}): {shares}"
    console().print(words, soft_wrap=True)
