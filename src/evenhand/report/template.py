"""Pages from the templates: one file, nothing fetched, the same bytes for the same results.

Jinja2 escapes each text where a template writes it, so that a name can never become markup.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from evenhand.report import page_libraries, palette
from evenhand.visible import visible, visible_texts

_PACKAGE = "evenhand.report"


class Exact(NamedTuple):
    """A number as people read it, with its exact value for machines; below it the interval that it is sure to."""

    value: float | None
    shown: str
    interval: str = ""

    def __html__(self) -> str:
        """Return what a template writes."""
        shown = html.escape(self.shown)
        number = shown if self.value is None else f'<data value="{float(self.value)!r}">{shown}</data>'
        return f"{number} <small>{html.escape(self.interval)}</small>" if self.interval else number


def exact(value: float | None, written: Callable[..., str], *arguments: Any) -> Exact:
    """Return a number with the way it is written, such as ``exact(0.123, plain, 2)``."""
    return Exact(value, written(value, *arguments))


class Table(NamedTuple):
    """A table of a page.

    Attributes
    ----------
    caption
        What it lists, for those who hear the page.
    headers
        One for each column.
    rows
        Cells: texts and :class:`Exact` numbers.
    text_columns
        The first so many columns are set flush left; the very first names its row.
    """

    caption: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Any]]
    text_columns: int = 1


@dataclass(frozen=True)
class Chapter:
    """A part of a page that stands for itself.

    Attributes
    ----------
    name
        Identifier of its element.
    title
        What the page's beginning calls it.
    body
        Its element, as :func:`rendered` returns it.
    """

    name: str
    title: str
    body: Any

    def __str__(self) -> str:
        return str(self.body)


def filled(
    name: str,
    title: str,
    lede: Sequence[str],
    *,
    chapters: Sequence[Chapter] = (),
    package: str = _PACKAGE,
    **shown: Any,
) -> str:
    """Return a page.

    Parameters
    ----------
    name
        The template, which extends ``page.html``.
    title
        Of the page, in the window's bar and small above the heading.
    lede
        The main heading, and sentences below it.
    chapters
        What else the page shows, after the sections.
    package
        Where the template is, as in :func:`rendered`.
    shown
        What the template shows.

    Raises
    ------
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    themes = {
        "light": _on_screen(palette.light_theme()),
        "dark": _on_screen(palette.dark_theme()),
        "numbers": palette.NUMBERS,
    }
    trusted = _markup()
    frame = {
        "style": trusted(_asset("style.css")),
        "themes": themes,
        "vega": trusted(_vega()),
        "drawing": trusted(_asset("page.js")),
    }
    page = rendered(name, package=package, title=title, lede=lede, chapters=chapters, **frame, **shown)
    return str(page)


def rendered(name: str, *, package: str = _PACKAGE, **shown: Any) -> Any:
    """Return a template with its values filled in, as markup that other templates take as it is.

    Parameters
    ----------
    name
        The template: a file in the folder ``templates`` of `package`, or of this one where that has none of the name.
    package
        The importable package that holds the template.
    shown
        What the template shows.

    Raises
    ------
    MissingExtraError
        If Jinja2 is not installed.
    """
    return _markup()(_environment(package).get_template(name).render(shown))


@cache
def _environment(package: str) -> Any:
    jinja2 = page_libraries.jinja2()
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_shown,
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(held) for held in dict.fromkeys((package, _PACKAGE))]),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"sha256": _sha256, "specification": specification}
    environment.policies["json.dumps_function"] = _json
    return environment


def _shown(value: Any) -> Any:
    """Return what a template writes, texts without hidden signs."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _json(data: Any, **_: Any) -> str:
    return json.dumps(visible_texts(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def _markup() -> Any:
    page_libraries.jinja2()
    from markupsafe import Markup

    return Markup


def specification(chart: Any) -> dict[str, Any]:
    """Return the specification of an Altair chart without its theme, which the page sets for light and dark."""
    spec: dict[str, Any] = chart.to_dict()
    spec.pop("config", None)
    return spec


def _on_screen(theme: dict[str, Any]) -> dict[str, Any]:
    """Return a theme in which several legends stand below each other: side by side, a telephone would cut them off.

    Vega knows this option; Altair's charts would refuse it.
    """
    layout = {"top": {"direction": "vertical", "anchor": "start", "margin": 6}}
    return {**theme, "legend": {**theme["legend"], "layout": layout}}


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _asset(name: str) -> str:
    return files(_PACKAGE).joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _vega() -> str:
    """Return the drawing library as one script, safe within a script element."""
    bundle: str = page_libraries.vl_convert().javascript_bundle(vl_version=page_libraries.vega_lite_version())
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
