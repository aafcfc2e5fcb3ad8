"""Publish the reproductions: ``python -m reproductions.publish [FOLDER ...]``, after they have run.

Copies ``FOLDER/<name>.json`` to ``reproductions/results`` where a folder is given, draws each figure, and writes a
page for each, with the claims that teams trained for disturbances and large wards answer. The pages are held together
with their data by a test.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.report.answer_charts import save_chart
from evenhand.report.panels.drawing import Words
from evenhand.report.sweeps.sweep_page import duration, machine_words, when
from evenhand.tables.write import atomic_writer, write_json
from reproductions.fair_gne import prepared
from reproductions.pages.charts import drawing
from reproductions.pages.claims import SIGNS, headline
from reproductions.pages.reading import read_document

if TYPE_CHECKING:
    from collections.abc import Iterable

RESULTS = Path(__file__).parent / "results"
PICTURES = RESULTS / "images"
README = RESULTS.parents[1] / "README.md"
BEGIN, END = "<!-- begin: python -m reproductions.publish -->", "<!-- end: reproductions -->"
PADDING = {"left": 28, "right": 28, "top": 6, "bottom": 6}
"""Pixels of white around each picture."""
MOST_ROWS = 24
"""Longer tables are left to the HTML page, which `python -m reproductions page` makes of the data."""


def page_of(name: str) -> Path:
    """Return where the page of a reproduction is."""
    return RESULTS / f"{name}.md"


def picture_of(name: str, section: dict[str, Any]) -> Path:
    """Return where the figure of a section is."""
    return PICTURES / f"{name}-{section['key']}.svg"


def text(told: dict[str, Any]) -> str:
    """Return the page of a document, as Markdown."""
    paper, name = told["paper"], told["name"]
    head = [
        f"# {told['title']}",
        f"**{headline(told['sections'])}** The paper: [{paper['title']}]({paper['link']}).",
        f"Made {when(told['machine'])} by `{told['command']}` on {machine_words(told['machine'])}; its "
        f"{told['trials']:,} trials took {duration(told['seconds'])} added up. Data: "
        f"[{name}.json]({name}.json); `python -m reproductions page {name}.json` makes a page of it for a browser, "
        "with all numbers. `python -m reproductions.publish` writes this page.",
    ]
    parts = [part for section in told["sections"] for part in _section(name, section)]
    return "\n\n".join([*head, "## Claim by claim", _claims(told), *parts]) + "\n"


def _claims(told: dict[str, Any]) -> str:
    lines = ["| claim | published | ours | verdict | why |", "|---|---|---|---|---|"]
    for section in told["sections"]:
        for claim in section["claims"]:
            cells = [claim["claim"], claim["published"], claim["ours"]]
            lines.append(_row([*cells, f"{SIGNS[claim['verdict']]} {claim['verdict']}", claim["why"]]))
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def _section(name: str, section: dict[str, Any]) -> list[str]:
    parts = [f"## {section['title']}", f"{section['question']} `{section['command']}`"]
    if _has_figure(section):
        picture = picture_of(name, section).relative_to(RESULTS)
        parts += [f"![{section['title']}]({picture})", section["figure"]["caption"]]
    for table in section["tables"]:
        if 0 < len(table["rows"]) <= MOST_ROWS:
            lines = [_row(table["columns"]), "|" + "---|" * len(table["columns"])]
            parts += [f"{table['title']}:", "\n".join(lines + [_row(row) for row in table["rows"]])]
        elif table["rows"]:
            parts.append(f"{table['title']}: {len(table['rows'])} rows, in the data.")
    if section["notes"]:
        parts.append("\n".join(f"- {note}" for note in section["notes"]))
    if section["failed"]:
        parts.append(f"Trials that did not end well: {len(section['failed'])}.")
    return parts


def _has_figure(section: dict[str, Any]) -> bool:
    return bool(section["figure"] and section["figure"]["chart"] and section["rows"])


def summary(documents: Iterable[dict[str, Any]]) -> str:
    """Return what the README says: how many claims of each paper hold, and which do not."""
    return "\n".join(_in_short(told) for told in documents)


def _in_short(told: dict[str, Any]) -> str:
    page = page_of(told["name"]).relative_to(README.parent)
    claims = [claim for section in told["sections"] for claim in section["claims"]]
    differ = [f'"{claim["claim"].rstrip(".")}"' for claim in claims if claim["verdict"] == "differs"]
    which = f" What differs: {'; '.join(differ)}." if differ else ""
    return f"- [{told['title']}]({page}). {headline(told['sections'])}{which}"


def quoted() -> str:
    """Return what the README says at present."""
    return README.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip("\n")


def draw(told: dict[str, Any]) -> None:
    """Draw the figures of a document."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for section in told["sections"]:
        if _has_figure(section):
            asked = section["figure"]
            chart = drawing(asked["chart"])(section["rows"], Words(asked.get("x") or "", asked.get("y") or ""))
            save_chart(chart.properties(background="white", padding=PADDING), picture_of(told["name"], section))


def main() -> None:
    """Write the pages of all documents, taking new ones from the folder that is given."""
    for folder in map(Path, sys.argv[1:]):
        for file in folder.glob("*.json"):
            write_json(RESULTS / file.name, read_document(file))
    documents = [prepared.beside(read_document(file)) for file in sorted(RESULTS.glob("*.json"))]
    for told in documents:
        write_json(RESULTS / f"{told['name']}.json", told)
        draw(told)
        with atomic_writer(page_of(told["name"])) as stream:
            stream.write(text(told).encode())
    before, rest = README.read_text("utf-8").split(BEGIN)
    with atomic_writer(README) as stream:
        stream.write(f"{before}{BEGIN}\n{summary(documents)}\n{END}{rest.split(END)[1]}".encode())


if __name__ == "__main__":
    main()
