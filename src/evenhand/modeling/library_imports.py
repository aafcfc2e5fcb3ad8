"""Imports of the modelling libraries at their first use; the error for a missing one names the extra to install."""

from __future__ import annotations

import importlib
from typing import Any

from evenhand.errors import MissingExtraError

PACKAGES = {"scipy.sparse": "scipy", "pyomo.environ": "pyomo"}
"""Package of each module with a different name."""
EXTRAS = {"gurobipy": "gurobi"}
"""Extra of each library that the extra `models` does not install: Gurobi needs a licence."""


def require(module: str) -> Any:
    """Import and return `module`.

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
