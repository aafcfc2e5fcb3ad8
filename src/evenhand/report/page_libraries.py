"""Import the optional libraries for charts and pages; if one is missing, the error names the extra to install."""

from __future__ import annotations

import importlib
from typing import Any

from evenhand.errors import MissingExtraError
from evenhand.report import palette


def altair() -> Any:
    """Return the module `altair`.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    return _load("altair")


def jinja2() -> Any:
    """Return the module `jinja2`.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    return _load("jinja2")


def vl_convert() -> Any:
    """Return the module `vl_convert`.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    return _load("vl_convert", "vl-convert-python")


def vega_lite_version() -> str:
    """Return the version of Vega-Lite that Altair writes, in the form that vl-convert expects, such as ``6.1``."""
    return ".".join(str(altair().SCHEMA_VERSION).lstrip("v").split(".")[:2])


def picture(spec: dict[str, Any], ending: str) -> bytes:
    """Return a chart as the content of a file: ``.png`` at twice the resolution of a screen, ``.svg`` or ``.html``.

    Raises
    ------
    MissingExtraError
        If Altair or vl-convert is not installed.
    """
    converter = vl_convert()
    options = {"vl_version": vega_lite_version(), "format_locale": palette.NUMBERS}
    if ending == ".png":
        content: bytes = converter.vegalite_to_png(spec, scale=2, **options)
        return content
    if ending == ".svg":
        return str(converter.vegalite_to_svg(spec, **options)).encode("utf-8")
    return str(converter.vegalite_to_html(spec, bundle=True, **options)).encode("utf-8")


def _load(module: str, library: str | None = None) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(library or module, "report") from error
