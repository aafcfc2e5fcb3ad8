"""Pieces of HTML; every text passes through :func:`escaped`, so that a name can never become markup."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evenhand.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def escaped(text: object) -> str:
    """Return `text` visible, and safe between tags and in quoted attributes."""
    return html.escape(visible(str(text)), quote=True)


def exact(value: float | None, shown: str) -> str:
    """Return a number as people read it, with its exact value for machines."""
    return escaped(shown) if value is None else f'<data value="{escaped(repr(float(value)))}">{escaped(shown)}</data>'


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph of escaped text, with a class where `kind` is given."""
    return f"<p{_kind(kind)}>{escaped(text)}</p>"


def bullets(sentences: Iterable[str]) -> str:
    """Return a list of escaped sentences."""
    return "<ul>" + "".join(f"<li>{escaped(sentence)}</li>" for sentence in sentences) + "</ul>"


@dataclass(frozen=True)
class Chapter:
    """A part of a page that stands for itself.

    Attributes
    ----------
    name
        Identifier; the element with the identifier ``{name}-title`` in `body` is its heading.
    title
        What the page's beginning calls it.
    body
        HTML.
    """

    name: str
    title: str
    body: str

    def __str__(self) -> str:
        return (
            f'<article class="chapter" id="{escaped(self.name)}" aria-labelledby="{escaped(self.name)}-title">'
            f"{self.body}</article>"
        )


def section(name: str, heading: str, *parts: str, level: int = 2) -> str:
    """Return a section with its heading, of a `level` of HTML; `parts` are HTML."""
    return (
        f'<section id="{escaped(name)}" aria-labelledby="{escaped(name)}-title">'
        f'<h{level} id="{escaped(name)}-title">{escaped(heading)}</h{level}>{"".join(parts)}</section>'
    )


def tile(label: str, number: str, note: str) -> str:
    """Return a key figure; `number` is HTML, the rest text."""
    words = f"<dt>{escaped(label)}</dt><dd><strong>{number}</strong><span>{escaped(note)}</span></dd>"
    return f'<div class="tile">{words}</div>'


def table(caption: str, headers: Sequence[str], rows: Iterable[Sequence[str]], *, text_columns: int = 1) -> str:
    """Return a table; headers and caption are text, cells are HTML.

    The first `text_columns` columns are set flush left, and the first names its row.
    """
    head = "".join(
        f'<th scope="col"{_kind("" if k < text_columns else "number")}>{escaped(header)}</th>'
        for k, header in enumerate(headers)
    )
    body = "".join(f"<tr>{_cells(row, text_columns)}</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escaped(caption)}">'
        f"<table><caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, content: str) -> str:
    """Return HTML that opens at a click."""
    return f"<details><summary>{escaped(summary)}</summary>{content}</details>"


def figure(name: str, spec: dict[str, Any], caption: str, behind: str = "") -> str:
    """Return a picture: where it is drawn, its specification, its caption and the numbers behind it.

    Parameters
    ----------
    name
        Identifier, and the name of a saved picture.
    spec
        Vega-Lite specification.
    caption
        Text.
    behind
        HTML under the caption.
    """
    note = paragraph(caption) if caption else ""
    return (
        f'<figure class="card" id="figure-{escaped(name)}">'
        f'<div class="chart" data-name="{escaped(name)}"></div>'
        f'<script type="application/json">{embedded_json(spec)}</script>'
        f"<figcaption>{note}{behind}</figcaption></figure>"
    )


def with_visible_texts(spec: Any) -> Any:
    """Return a chart's specification whose texts, data and names of fields included, hide nothing."""
    if isinstance(spec, str):
        return visible(spec)
    if isinstance(spec, dict):
        return {with_visible_texts(key): with_visible_texts(value) for key, value in spec.items()}
    return [with_visible_texts(value) for value in spec] if isinstance(spec, list | tuple) else spec


def embedded_json(data: object) -> str:
    """Return JSON that hides nothing, and cannot end the script element that holds it."""
    text = json.dumps(
        with_visible_texts(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _cells(row: Sequence[str], text_columns: int) -> str:
    first = f'<th scope="row">{row[0]}</th>'
    return first + "".join(
        f"<td{_kind('' if k < text_columns else 'number')}>{cell}</td>" for k, cell in enumerate(row[1:], start=1)
    )


def _kind(kind: str) -> str:
    return f' class="{escaped(kind)}"' if kind else ""
