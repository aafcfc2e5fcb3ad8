"""Redraw the pictures of the hospital: ``python -m docs.hospital_figures``, or ``make figures``.

Each is what a command of ``evenhand hospital`` shows, so that anyone can make it, and others like it.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from evenhand import hospital
from evenhand.hospital import playing, render
from evenhand.report.answer_charts import save_chart
from evenhand.report.protocol_chart import protocol_chart
from evenhand.tables.write import atomic_writer

IMAGES = Path(__file__).parent / "images"
SIZE = (800, 450)
"""Width and height of the animations, which stand side by side."""
MOMENT = 16
"""Step of the ward's episode at which all that is drawn can be seen."""


def main() -> None:
    """Draw the lone expert's quickest plan beside the fair one, a ward, and a protocol."""
    expert = hospital.load("lone-expert")
    for name, jain in (("quickest", 0.0), ("fair", 0.85)):
        episode = playing.play(expert, "plan", min_jain=jain)
        with atomic_writer(IMAGES / f"hospital-{name}.gif") as stream:
            stream.write(render.animate(expert, episode.states, size=SIZE))
    ward = hospital.load("ward/12")
    states = playing.play(ward, "greedy", steps=MOMENT).states
    picture = Image.fromarray(render.draw(ward, states[-1], history=states[:-1]))
    with atomic_writer(IMAGES / "hospital-ward.png") as stream:
        picture.quantize(128, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    save_chart(protocol_chart(hospital.load("full-code/forced-cooperation")), IMAGES / "hospital-protocol.svg")


if __name__ == "__main__":
    main()
