"""Convert a trial's configuration to a dataclass of settings."""

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
    """Return the settings in a configuration as an instance of the dataclass `kind`.

    Raises
    ------
    InputError
        If a key is unknown or missing or a value is not allowed; the message names source, key and value and says what
        would be right.
    """
    try:
        from pydantic import TypeAdapter, ValidationError
    except ImportError as error:
        raise MissingExtraError("pydantic", "sweeps") from error
    check_signature(inspect.signature(kind), config, source)
    try:
        # Strict mode: 3 is a number, but "3" and true are not.
        return TypeAdapter(kind).validate_json(json.dumps(config), strict=True)
    except ValidationError as error:
        raise InputError(f"{source}: {complaint(error, config)}") from error


def located(file: str) -> Path:
    """Return the path of a file in a configuration, which may be relative to the present folder or the sweep's file.

    Raises
    ------
    InputError
        If it does not exist, or exists in both places.
    """
    folders = [Path(), *(Path(entry) for entry in sys.path)]
    found = list(dict.fromkeys(path.resolve() for folder in folders if (path := folder / file).is_file()))
    if not found:
        raise no_file(file, ", here or next to the sweep's")
    if len(found) > 1:
        raise InputError(f"{file}: could be {found[0]} or {found[1]}; give the whole path")
    return found[0]
