"""An episode as an animation within the page, and as words for those who do not watch it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenhand.hospital.playing import Episode

SIZE = (640, 360)
"""Width and height of the animations: side by side, words in a smaller picture are easier to read."""
PACE, REST = 0.6, 2.0
"""Seconds that a step takes, and that the end of the longest episode stays."""


def film(episode: Episode, title: str, caption: str, *, steps: int) -> dict[str, Any]:
    """Return the animation of an episode, its last picture, and its steps in words.

    Parameters
    ----------
    episode
        In the hospital.
    title, caption
        Text under the picture.
    steps
        Of the longest episode beside it: all begin again together.
    """
    from evenhand.hospital import render

    rest = REST + PACE * (steps - len(episode.deeds))
    return {
        "title": title,
        "caption": caption,
        "moving": _data("gif", render.animate(episode.scenario, episode.states, size=SIZE, pace=PACE, rest=rest)),
        "still": _data("png", last_picture(episode)),
        "size": SIZE,
        "steps": in_words(episode),
    }


def last_picture(episode: Episode) -> bytes:
    """Return the end of an episode as a PNG."""
    from evenhand.hospital import render
    from evenhand.hospital.drawing.canvas import pillow

    *before, last = episode.states
    image = pillow()[0].fromarray(render.draw(episode.scenario, last, history=before, size=SIZE))
    stream = io.BytesIO()
    image.quantize(128).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def in_words(episode: Episode) -> list[str]:
    """Return what each agent did, a text for each step."""
    names = [agent.name for agent in episode.scenario.agents]
    return [
        "; ".join(f"{name} {deed}" for name, deed in zip(names, deeds, strict=True) if deed) or "all wait"
        for deeds in episode.deeds
    ]


def _data(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
