"""An episode as an animation within the page, and as words for those who do not watch it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from evenhand.report.html import escaped, folded

if TYPE_CHECKING:
    from evenhand.hospital.playing import Episode

SIZE = (640, 360)
"""Width and height of the animations: side by side, words in a smaller picture are easier to read."""
PACE, REST = 0.6, 2.0
"""Seconds that a step takes, and that the end of the longest episode stays."""


def film(episode: Episode, title: str, caption: str, *, steps: int) -> str:
    """Return a figure with the animation of an episode.

    Who asked their system for less motion sees the end of the episode instead.

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
    moving = _data("gif", render.animate(episode.scenario, episode.states, size=SIZE, pace=PACE, rest=rest))
    still = _data("png", last_picture(episode))
    width, height = SIZE
    return (
        '<figure class="card film"><picture>'
        f'<source media="(prefers-reduced-motion: reduce)" srcset="{still}">'
        f'<img src="{moving}" width="{width}" height="{height}" alt="{escaped(f"Animation: {title}. {caption}")}">'
        f"</picture><figcaption><p><strong>{escaped(title)}.</strong> {escaped(caption)}</p>"
        f"{folded('Step by step', in_words(episode))}</figcaption></figure>"
    )


def last_picture(episode: Episode) -> bytes:
    """Return the end of an episode as a PNG."""
    from evenhand.hospital import render
    from evenhand.hospital.drawing.canvas import pillow

    *before, last = episode.states
    image = pillow()[0].fromarray(render.draw(episode.scenario, last, history=before, size=SIZE))
    stream = io.BytesIO()
    image.quantize(128).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def in_words(episode: Episode) -> str:
    """Return what each agent did in each step, as a numbered list."""
    names = [agent.name for agent in episode.scenario.agents]
    steps = (
        "; ".join(f"{name} {deed}" for name, deed in zip(names, deeds, strict=True) if deed) or "all wait"
        for deeds in episode.deeds
    )
    return f'<ol class="aside">{"".join(f"<li>{escaped(step)}</li>" for step in steps)}</ol>'


def _data(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
