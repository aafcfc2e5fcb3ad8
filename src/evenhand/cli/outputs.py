"""Check that outputs can be written, before the work begins."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evenhand.errors import InputError, MissingExtraError
from evenhand.tables import check_writable
from evenhand.tables.cost_table import shown
from evenhand.tables.files import split_sheet


def check_outputs(
    outputs: dict[str, Path | None], inputs: dict[str, Path | None], *, endings: Sequence[str] = ()
) -> None:
    """Raise an error unless every output can be written, and none replaces an input or another output.

    Parameters
    ----------
    outputs
        Paths by option; None if the option was not given. A ``--report`` also needs the plotting libraries.
    inputs
        Paths by the name of the input, for messages.
    endings
        Endings that the outputs may have; any if empty.

    Raises
    ------
    InputError
        If an output cannot be written; the message names option, path and reason.
    MissingExtraError
        If a report is asked for and the plotting libraries are not installed.
    """
    taken = {split_sheet(path)[0].resolve(): name for name, path in inputs.items() if path is not None}
    for option, path in outputs.items():
        if path is None:
            continue
        if endings and path.suffix.lower() not in endings:
            listed = " or ".join(filter(None, (", ".join(endings[:-1]), endings[-1])))
            raise InputError(f"{option} {path}: unknown ending {shown(path.suffix)}; use {listed}")
        check_writable(path)
        resolved = path.resolve()
        if resolved in taken and not _is_device(path):
            raise InputError(f"{option} {path}: would replace {taken[resolved]}; give another name")
        taken[resolved] = option
    if outputs.get("--report") is not None:
        for module, library in (("altair", "altair"), ("jinja2", "jinja2"), ("vl_convert", "vl-convert-python")):
            if importlib.util.find_spec(module) is None:
                raise MissingExtraError(library, "report")


def write_values(path: Path | None, values: Callable[[], dict[str, Any]]) -> None:
    """Write what `values` returns as JSON, if a path was given."""
    if path is not None:
        from evenhand.tables import write_json

        write_json(path, values())


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()
