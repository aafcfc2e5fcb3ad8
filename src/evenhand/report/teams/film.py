"""Show an episode on a page as an animation, and as text for those who do not watch it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.hospital.playing import Episode

SIZE = (640, 360)
"""Width and height of the animations in pixels; small, so that the text in two adjacent ones is large enough."""
PACE, REST = 0.6, 2.0
"""Seconds per step, and seconds for which the end of the longest episode is shown."""


def film(episode: Episode, title: str, caption: str, *, steps: int) -> dict[str, Any]:
    """Return the animation of an episode, its last frame, and its steps in words, for a template.

    Parameters
    ----------
    episode
        An episode of the hospital simulator.
    title, caption
        Text below the animation.
    steps
        Number of steps of the longest episode on the page, so that all animations restart at the same time.
    """
    from evenhand.hospital import render

    rest = REST + PACE * (steps - len(episode.deeds))
    return {
        "title": title,
        "caption": caption,
        "moving": _data("gif", render.animate(episode.scenario, episode.states, size=SIZE, pace=PACE, rest=rest)),
        "still": _data("png", _last_picture(episode)),
        "size": SIZE,
        "steps": in_words(episode),
    }


def _last_picture(episode: Episode) -> bytes:
    """Return the last frame of an episode as a PNG file."""
    from evenhand.hospital import render
    from evenhand.hospital.drawing.canvas import pillow

    *before, last = episode.states
    image = pillow()[0].fromarray(render.draw(episode.scenario, last, history=before, size=SIZE))
    stream = io.BytesIO()
    image.quantize(128).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def in_words(episode: Episode) -> list[str]:
    """Return a text for each step on what each agent did."""
    names = [agent.name for agent in episode.scenario.agents]
    return [
        "; ".join(f"{name} {deed}" for name, deed in zip(names, deeds, strict=True) if deed) or "all wait"
        for deeds in episode.deeds
    ]


def _data(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
