"""The bytes and the text of a file, or one line that says why there are none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

from evenhand.errors import InputError
from evenhand.tables.text import decode

LARGEST = 1 << 32
"""Bytes of the largest file that is read, unless its kind has a smaller limit."""
_PIECE = 1 << 22


def read_bytes(path: str | os.PathLike[str], *, largest: int = LARGEST, wanted: str = "a file") -> bytes:
    """Return the bytes of a file.

    Parameters
    ----------
    path
        The file.
    largest
        Bytes that it may have; more are not read.
    wanted
        What to give instead of a folder, for the message.

    Raises
    ------
    InputError
        If there is no such file, it cannot be read, or it is larger.
    """
    try:
        with Path(path).open("rb") as stream:
            if os.fstat(stream.fileno()).st_size > largest:
                raise _too_large(path, largest)
            # In pieces: a pipe or a device has no size, and may have no end; a file may grow.
            pieces: list[bytes] = []
            room = largest
            while piece := stream.read(_PIECE):
                room -= len(piece)
                if room < 0:
                    raise _too_large(path, largest)
                pieces.append(piece)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        refuse_unreadable(path, error, wanted=wanted)
    return b"".join(pieces)


def read_text(path: str | os.PathLike[str], *, largest: int = LARGEST, wanted: str = "a file") -> str:
    """Return the text of a file in UTF-8, with or without byte order mark; what is raised is as in `read_bytes`.

    Raises
    ------
    InputError
        Also if the bytes are no such text, naming line and byte.
    """
    return decode(read_bytes(path, largest=largest, wanted=wanted), str(path))


def refuse_unreadable(path: str | os.PathLike[str], error: OSError | ValueError, *, wanted: str = "a file") -> NoReturn:
    """Raise the InputError that says why a path could not be read: what `error` is, in one line.

    Raises
    ------
    InputError
        Always.
    """
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        raise no_file(path) from None
    if isinstance(error, IsADirectoryError):
        raise InputError(f"{path}: is a folder; give {wanted}") from None
    if isinstance(error, OSError):
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    # A path with a NUL character, which no file can have.
    raise InputError(f"{str(path)!r}: is no path ({error})") from None


def no_file(path: str | os.PathLike[str], more: str = "") -> InputError:
    """Return the error that says that there is no such file; `more` ends its sentence."""
    return InputError(f"{path}: there is no such file{more}")


def make_folder(folder: str | os.PathLike[str]) -> None:
    """Make a folder, and those that it lies in, unless it is there.

    Raises
    ------
    InputError
        If it cannot be made.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise no_folder(folder, error) from None


def no_folder(folder: str | os.PathLike[str], error: OSError) -> InputError:
    """Return the error that says why a folder cannot hold what is to be written there."""
    return InputError(f"{folder}: cannot be used as a folder of results ({error.strerror or error})")


def _too_large(path: str | os.PathLike[str], largest: int) -> InputError:
    return InputError(f"{path}: is larger than {_size(largest)}, the most that is read of such a file")


def _size(count: int) -> str:
    power = next(power for power in (3, 2, 1, 0) if count >= 1024**power)
    return f"{count / 1024**power:.4g} {('bytes', 'KiB', 'MiB', 'GiB')[power]}"
