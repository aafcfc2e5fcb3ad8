"""The frame that every page shares: one file, nothing fetched, the same bytes for the same results."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from evenhand.report import libraries, palette
from evenhand.report.html import embedded_json, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evenhand.report.html import Chapter


def filled(title: str, lede: Sequence[str], body: Iterable[str], chapters: Sequence[Chapter] = ()) -> str:
    """Return a page. Scripts are named by their hashes, so that a browser runs these two and no other.

    Parameters
    ----------
    title
        Of the page, in the window's bar and small above the heading.
    lede
        The main heading, and sentences below it.
    body
        Sections, as HTML; empty ones are left out.
    chapters
        What else the page shows, after the sections.

    Raises
    ------
    MissingExtraError
        If Altair or vl-convert is not installed.
    """
    drawing = _asset("page.js")
    scripts = (_vega(), drawing)
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    themes = {
        "light": _on_screen(palette.light_theme()),
        "dark": _on_screen(palette.dark_theme()),
        "numbers": palette.NUMBERS,
    }
    return Template(_asset("page.html")).substitute(
        scripts=allowed,
        title=escaped(title),
        style=_asset("style.css"),
        lead=escaped(lede[0]),
        lede=escaped(" ".join(lede[1:])),
        further=_further(chapters),
        body="\n".join([*(part for part in body if part), *map(str, chapters)]),
        themes=embedded_json(themes),
        vega=scripts[0],
        drawing=drawing,
    )


def _on_screen(theme: dict[str, Any]) -> dict[str, Any]:
    """Return a theme in which several legends stand below each other: side by side, a telephone would cut them off.

    Vega knows this option; Altair's charts would refuse it.
    """
    layout = {"top": {"direction": "vertical", "anchor": "start", "margin": 6}}
    return {**theme, "legend": {**theme["legend"], "layout": layout}}


def _further(chapters: Sequence[Chapter]) -> str:
    """Return links to the chapters, nothing without any."""
    links = ", ".join(f'<a href="#{escaped(chapter.name)}">{escaped(chapter.title)}</a>' for chapter in chapters)
    return f'<nav aria-label="Chapters"><p class="further">Further down: {links}</p></nav>' if links else ""


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _asset(name: str) -> str:
    return files("evenhand.report").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _vega() -> str:
    """Return the drawing library as one script, safe within a script element."""
    bundle: str = libraries.vl_convert().javascript_bundle(vl_version=libraries.vega_lite_version())
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
