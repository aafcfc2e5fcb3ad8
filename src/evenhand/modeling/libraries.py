"""The modelling libraries, each imported where it is used; a missing one names the extra that installs it."""

from __future__ import annotations

import importlib
from typing import Any

from evenhand.errors import MissingExtraError

PACKAGES = {"scipy.sparse": "scipy", "pyomo.environ": "pyomo"}
"""What to call a module's package where the names differ."""
EXTRAS = {"gurobipy": "gurobi"}
"""Extras of libraries that `models` does not bring: Gurobi needs a licence of its own."""


def require(module: str) -> Any:
    """Return `module`, imported.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(PACKAGES.get(module, module), EXTRAS.get(module, "models")) from error


def sparse() -> Any:
    """Return the module `scipy.sparse`."""
    return require("scipy.sparse")
