"""Decode a file's bytes to text, with errors that name the line."""

from __future__ import annotations

import codecs
import re

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown


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
        raise InputError(f"{source}, line {line_of(data, zero)}: a NUL byte; the file must be UTF-8 text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = line_of(error.object, error.start)
        byte = error.object[error.start]
        word = error.object[max(error.start - 20, 0) : error.start + 20].decode("cp1252", "replace")
        likely = next((part for part in re.split(r"[\s,;|]+", word) if not part.isascii()), "")
        raise InputError(
            f"{source}, line {line}: byte 0x{byte:02x} is not UTF-8 (in Windows' own encoding it would be "
            f"{shown(likely)}); save the file as UTF-8, which spreadsheets call 'CSV UTF-8'"
        ) from None


def line_of(data: bytes, offset: int) -> int:
    """Return the number of the line, from 1, that holds the byte at `offset`."""
    return data.count(b"\n", 0, offset) + 1
