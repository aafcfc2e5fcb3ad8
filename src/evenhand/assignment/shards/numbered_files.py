"""The files of a folder in their natural order, none missing from a numbered sequence, and what identifies them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from evenhand.errors import InputError

_DIGITS = re.compile(r"(\d+)")


def files_of(folder: Path, ending: str) -> list[Path]:
    """Return the files of a folder with an ending such as ``.npy``, in natural order: part-2 before part-10.

    Hidden files, and those that begin with an underscore, are left out, as everywhere in the world of data sets.

    Raises
    ------
    InputError
        If there is none, if the folder cannot be read, or if one is missing from a numbered sequence.
    """
    try:
        named = [file for file in folder.iterdir() if file.suffix.lower() == ending and file.name[0] not in "._"]
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror or error})") from None
    if not named:
        raise InputError(f"{folder}: has no file that ends in {ending}")
    found = sorted(named, key=lambda file: _natural(file.name))
    _check_sequence(found)
    return found


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key in which digits count as numbers."""
    return [(0, int(part), part) if part.isdigit() else (1, 0, part) for part in _DIGITS.split(name)]


def _check_sequence(files: Sequence[Path]) -> None:
    """Raise an InputError if names that differ in one number only leave out one between the first and the last."""
    parts = [_DIGITS.split(file.name) for file in files]
    if len({len(some) for some in parts}) > 1:
        return
    varying = [place for place, texts in enumerate(zip(*parts, strict=True)) if len(set(texts)) > 1]
    if len(varying) != 1 or varying[0] % 2 == 0:
        return
    place = varying[0]
    for before, after in pairwise(parts):
        expected = str(int(before[place]) + 1).zfill(len(before[place]))
        if int(after[place]) != int(expected):
            missing = "".join([*before[:place], expected, *before[place + 1 :]])
            raise InputError(
                f"{files[0].parent / missing}: is missing; the files go on with {''.join(after)!r}, and every number "
                "between the first and the last is needed"
            )


def identity(file: Path) -> tuple[str, int, int]:
    """Return name, size and time of last change of a file.

    Raises
    ------
    InputError
        If there is no such file.
    """
    try:
        found = file.stat()
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror or error})") from None
    return file.name, found.st_size, found.st_mtime_ns
