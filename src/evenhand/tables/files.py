"""Read the bytes or the text of a file, with one-line errors."""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path
from typing import NoReturn

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown


def split_sheet(path: str | os.PathLike[str]) -> tuple[Path, str | None]:
    """Return the workbook and the sheet that ``book.xlsx#Hours`` names; any other path as it is, and None."""
    named = re.fullmatch(r"(.+\.xls[xm])#(.+)", str(path), re.IGNORECASE | re.DOTALL)
    return (Path(path), None) if named is None or Path(path).exists() else (Path(named[1]), named[2])


def decode(data: bytes, source: str) -> str:
    """Return UTF-8 `data` as text, without its byte order mark.

    Raises
    ------
    InputError
        If the bytes are not UTF-8 text; the message names line and byte.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{source}: the file is UTF-16 text; save it as UTF-8, which spreadsheets call 'CSV UTF-8'")
    if (zero := data.find(b"\0")) >= 0:
        raise InputError(f"{source}, line {_line_of(data, zero)}: a NUL byte; the file must be UTF-8 text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_of(error.object, error.start)
        byte = error.object[error.start]
        word = error.object[max(error.start - 20, 0) : error.start + 20].decode("cp1252", "replace")
        likely = next((part for part in re.split(r"[\s,;|]+", word) if not part.isascii()), "")
        raise InputError(
            f"{source}, line {line}: byte 0x{byte:02x} is not UTF-8 (in Windows' own encoding it would be "
            f"{shown(likely)}); save the file as UTF-8, which spreadsheets call 'CSV UTF-8'"
        ) from None


def _line_of(data: bytes, offset: int) -> int:
    """Return the number of the line, from 1, that holds the byte at `offset`."""
    return data.count(b"\n", 0, offset) + 1


LARGEST = 1 << 32
"""Upper limit on the size of a file in bytes, unless its format has a smaller one."""
# Bytes that are read at a time.
_PIECE = 1 << 22


def read_bytes(path: str | os.PathLike[str], *, largest: int = LARGEST, wanted: str = "a file") -> bytes:
    """Return the bytes of a file.

    Parameters
    ----------
    path
        The file.
    largest
        Upper limit on its size in bytes.
    wanted
        What the user should give if the path is a folder, for the message.

    Raises
    ------
    InputError
        If there is no such file, if it cannot be read, or if it is too large.
    """
    try:
        with Path(path).open("rb") as stream:
            if os.fstat(stream.fileno()).st_size > largest:
                raise _too_large(path, largest)
            # In pieces, because a pipe or a device has no known size and may never end, and a file may grow.
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
    """Return the text of a UTF-8 file, with or without byte order mark; parameters as in :func:`read_bytes`.

    Raises
    ------
    InputError
        As in :func:`read_bytes`; and if the bytes are not UTF-8 text, naming line and byte.
    """
    return decode(read_bytes(path, largest=largest, wanted=wanted), str(path))


def refuse_unreadable(path: str | os.PathLike[str], error: OSError | ValueError, *, wanted: str = "a file") -> NoReturn:
    """Raise the InputError that says in one line why a path could not be read, given the original error.

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
    # A path with a NUL character.
    raise InputError(f"{str(path)!r}: is not a valid path ({error})") from None


def no_file(path: str | os.PathLike[str], more: str = "") -> InputError:
    """Return the error for a file that does not exist; `more` is appended to its message."""
    return InputError(f"{path}: there is no such file{more}")


def make_folder(folder: str | os.PathLike[str]) -> None:
    """Create a folder and its parents, unless they exist.

    Raises
    ------
    InputError
        If it cannot be created.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise no_folder(folder, error) from None


def no_folder(folder: str | os.PathLike[str], error: OSError) -> InputError:
    """Return the error for a folder of results that cannot be created, read or written."""
    return InputError(f"{folder}: cannot be used as a folder of results ({error.strerror or error})")


def _too_large(path: str | os.PathLike[str], largest: int) -> InputError:
    return InputError(f"{path}: is larger than {_size(largest)}, the limit for such a file")


def _size(count: int) -> str:
    power = next(power for power in (3, 2, 1, 0) if count >= 1024**power)
    return f"{count / 1024**power:.4g} {('bytes', 'KiB', 'MiB', 'GiB')[power]}"
