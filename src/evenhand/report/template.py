"""Fill in the templates of pages; a page is one file, loads nothing, and has the same bytes for the same results.

Jinja2 escapes all text that a template inserts, so that a name can never become markup.
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
    """A number as text, with its exact value for machines and perhaps an interval in small print.

    Attributes
    ----------
    value
        The exact value.
    shown
        The number as text.
    interval
        Its interval as text; empty for none.
    """

    value: float | None
    shown: str
    interval: str = ""

    def __html__(self) -> str:
        """Return the markup that a template inserts."""
        shown = html.escape(self.shown)
        number = shown if self.value is None else f'<data value="{float(self.value)!r}">{shown}</data>'
        return f"{number} <small>{html.escape(self.interval)}</small>" if self.interval else number


def exact(value: float | None, written: Callable[..., str], *arguments: Any) -> Exact:
    """Return a number formatted by a function, such as ``exact(0.123, plain, 2)``."""
    return Exact(value, written(value, *arguments))


class Table(NamedTuple):
    """A table on a page.

    Attributes
    ----------
    caption
        What it lists, also for screen readers.
    headers
        Header of each column.
    rows
        Cells, as text or :class:`Exact` numbers; the first cell of a row is its header.
    text_columns
        Number of columns, from the first, that contain text and are left-aligned.
    """

    caption: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Any]]
    text_columns: int = 1


@dataclass(frozen=True)
class Chapter:
    """A self-contained part of a page.

    Attributes
    ----------
    name
        Identifier of its HTML element.
    title
        Text of the link to it at the top of the page.
    body
        Its HTML element, as :func:`rendered` returns it.
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
        Title of the page, shown in the browser's title bar and above the heading.
    lede
        The heading, and the sentences below it.
    chapters
        Chapters after the template's own sections.
    package
        Package that has the template, as in :func:`rendered`.
    shown
        Values for the template.

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
    """Return a filled-in template, as markup that other templates insert without escaping it again.

    Parameters
    ----------
    name
        File name of the template, in the folder ``templates`` of `package` or else of this package.
    package
        An importable package.
    shown
        Values for the template.

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
    """Return a value to insert into a template, with invisible characters of texts made visible."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _json(data: Any, **_: Any) -> str:
    return json.dumps(visible_texts(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def _markup() -> Any:
    page_libraries.jinja2()
    from markupsafe import Markup

    return Markup


def specification(chart: Any) -> dict[str, Any]:
    """Return the specification of an Altair chart without its theme, because the page has a light and a dark one."""
    spec: dict[str, Any] = chart.to_dict()
    spec.pop("config", None)
    return spec


def _on_screen(theme: dict[str, Any]) -> dict[str, Any]:
    """Return a theme that stacks several legends, which would be cut off on narrow screens if they were in a row.

    Vega has this option, but Altair does not accept it in charts.
    """
    layout = {"top": {"direction": "vertical", "anchor": "start", "margin": 6}}
    return {**theme, "legend": {**theme["legend"], "layout": layout}}


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _asset(name: str) -> str:
    return files(_PACKAGE).joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _vega() -> str:
    """Return the JavaScript of Vega-Lite, escaped for a script element."""
    bundle: str = page_libraries.vl_convert().javascript_bundle(vl_version=page_libraries.vega_lite_version())
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
