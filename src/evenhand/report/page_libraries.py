"""Import the optional libraries for charts and pages; if one is missing, the error names the extra to install."""

from __future__ import annotations

import importlib
from typing import Any

from evenhand.errors import MissingExtraError


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


def _load(module: str, library: str | None = None) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(library or module, "report") from error
