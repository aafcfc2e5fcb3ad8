"""Names of a package that are imported on first use, so that importing the package costs no more than its own file."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    Parameters
    ----------
    package
        Name of the package.
    homes
        Public names, separated by blanks, by the module of the package that has them.

    Examples
    --------
    >>> find, names, _ = lazy_names("evenhand", {"errors": "InputError choices"})
    >>> names(), find("InputError").__name__
    (['InputError', 'choices'], 'InputError')
    """
    home_of = {name: home for home, names in homes.items() for name in names.split()}

    def find(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{home_of[name]}"), name)

    return find, lambda: sorted(home_of), sorted(home_of)
