"""From the keys of a file to a task's settings, typed and checked."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any, TypeVar

from evenhand.errors import InputError, MissingExtraError
from evenhand.sweeps.tasks import check_signature
from evenhand.tables.complaint import complaint
from evenhand.tables.files import no_file

Settings = TypeVar("Settings")


def settings_of(kind: type[Settings], config: dict[str, Any], source: str) -> Settings:
    """Return settings, an instance of the dataclass `kind`.

    Raises
    ------
    InputError
        Naming source, key, value and what would be right, in one line.
    """
    try:
        from pydantic import TypeAdapter, ValidationError
    except ImportError as error:
        raise MissingExtraError("pydantic", "sweeps") from error
    check_signature(inspect.signature(kind), config, source)
    try:
        # Strict: 3 is a number, "3" and true are none.
        return TypeAdapter(kind).validate_json(json.dumps(config), strict=True)
    except ValidationError as error:
        raise InputError(f"{source}: {complaint(error, config)}") from error


def located(file: str) -> Path:
    """Return where a file is that a configuration names: as modules are, it may be here or beside the sweep's file.

    Raises
    ------
    InputError
        If it is nowhere, or in two places.
    """
    folders = [Path(), *(Path(entry) for entry in sys.path)]
    found = list(dict.fromkeys(path.resolve() for folder in folders if (path := folder / file).is_file()))
    if not found:
        raise no_file(file, ", here or beside the sweep's")
    if len(found) > 1:
        raise InputError(f"{file}: is both {found[0]} and {found[1]}; name the one that is meant by its whole path")
    return found[0]
