"""Outputs: checked before the work that fills them, written whole."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from evenhand.errors import InputError, MissingExtraError
from evenhand.tables import check_writable
from evenhand.tables.cost_table import shown


def check_outputs(
    outputs: dict[str, Path | None], inputs: dict[str, Path | None], *, endings: Sequence[str] = ()
) -> None:
    """Raise unless every output can be written, and none replaces an input or another output.

    Parameters
    ----------
    outputs
        Option to path, None where it is not given. A ``--report`` also needs the libraries that draw.
    inputs
        Name of each input to its path.
    endings
        Endings that the outputs may have; any where none are given.

    Raises
    ------
    InputError
        Naming option, path and cause.
    MissingExtraError
        If a report is asked for and the libraries that draw are not installed.
    """
    taken = {path.resolve(): name for name, path in inputs.items() if path is not None}
    for option, path in outputs.items():
        if path is None:
            continue
        if endings and path.suffix.lower() not in endings:
            listed = " or ".join(filter(None, (", ".join(endings[:-1]), endings[-1])))
            raise InputError(f"{option} {path}: the ending {shown(path.suffix)} is not known; use {listed}")
        check_writable(path)
        resolved = path.resolve()
        if resolved in taken and not _is_device(path):
            raise InputError(f"{option} {path}: would replace {taken[resolved]}; give another name")
        taken[resolved] = option
    if outputs.get("--report") is not None:
        for module, library in (("altair", "altair"), ("jinja2", "jinja2"), ("vl_convert", "vl-convert-python")):
            if importlib.util.find_spec(module) is None:
                raise MissingExtraError(library, "report")


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()
