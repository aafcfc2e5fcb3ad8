"""Read and check the document of a reproduction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.tables.documents import read_json
from reproductions.document import KIND, VERDICTS, VERSION

if TYPE_CHECKING:
    from pathlib import Path

_TEXTS = ("name", "title", "command")
_CLAIM = ("claim", "published", "ours", "verdict")


def read_document(file: Path) -> dict[str, Any]:
    """Return the document in a file of JSON.

    Raises
    ------
    InputError
        In one line, if there is no such file, it cannot be read, or holds something else.
    """
    return checked(read_json(file), str(file))


def checked(document: Any, source: str = "the document") -> dict[str, Any]:
    """Return a document of a reproduction.

    Parameters
    ----------
    document
        What was read.
    source
        What errors call it, such as the name of its file.

    Raises
    ------
    InputError
        In one line, if it is something else, of another version, or lacks something.
    """
    if not isinstance(document, dict) or "kind" not in document:
        raise InputError(
            f"{source}: not a document of results; a JSON object with the key 'kind' is expected, "
            "as `python -m reproductions` writes it"
        )
    if document["kind"] != KIND:
        raise InputError(f"{source}: kind {document['kind']!r} is not known; {KIND!r} is")
    _check_version(document.get("version"), source)
    for key in _TEXTS:
        _want(document, key, str, source)
    _want(document, "sections", list, source)
    if not document["sections"]:
        raise InputError(f"{source}: 'sections' is empty; a reproduction has at least one")
    for place, section in enumerate(document["sections"], start=1):
        _check_section(section, f"{source}, section {place}")
    keys = [section["key"] for section in document["sections"]]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise InputError(f"{source}: the section {twice!r} appears twice; each key may appear once")
    return document


def _check_version(version: Any, source: str) -> None:
    if version == VERSION and not isinstance(version, bool):
        return
    if isinstance(version, int) and version > VERSION:
        raise InputError(
            f"{source}: version {version} is newer than this clone reads (version {VERSION}); take a newer one"
        )
    raise InputError(
        f"{source}: version {version!r} cannot be read; version {VERSION} can: run `python -m reproductions` again"
    )


def _check_section(section: Any, source: str) -> None:
    if not isinstance(section, dict):
        raise InputError(f"{source}: must be an object, not {section!r:.40}")
    for key in ("key", "title"):
        _want(section, key, str, source)
    for key in ("rows", "tables", "claims", "notes", "failed"):
        if section.get(key) is not None:
            _want(section, key, list, source)
    for row in section.get("rows") or []:
        if not isinstance(row, dict):
            raise InputError(f"{source}: a row is {row!r:.40}; an object from column to value is expected")
    for claim in section.get("claims") or []:
        _check_claim(claim, source)
    for table in section.get("tables") or []:
        _check_table(table, source)
    figure = section.get("figure")
    if figure is not None and (not isinstance(figure, dict) or not isinstance(figure.get("chart", ""), str | None)):
        raise InputError(
            f"{source}: 'figure' is {figure!r:.40}; an object with 'chart' and 'caption', or null, is expected"
        )


def _check_claim(claim: Any, source: str) -> None:
    if not isinstance(claim, dict):
        raise InputError(f"{source}: a claim is {claim!r:.40}; an object is expected")
    for key in _CLAIM:
        if key not in claim:
            raise InputError(f"{source}: a claim has no {key!r}")
    if claim["verdict"] not in VERDICTS:
        raise InputError(f"{source}: the verdict {claim['verdict']!r} is not known; use {', '.join(VERDICTS)}")


def _check_table(table: Any, source: str) -> None:
    if not isinstance(table, dict) or not isinstance(table.get("columns"), list):
        raise InputError(
            f"{source}: a table is {table!r:.40}; an object with 'title', 'columns' and 'rows' is expected"
        )
    for row in table.get("rows") or []:
        if not isinstance(row, list) or len(row) != len(table["columns"]):
            raise InputError(
                f"{source}: a row of the table {table.get('title')!r} is {row!r:.40}; "
                f"{len(table['columns'])} cells are expected"
            )


def _want(holder: dict[str, Any], key: str, kind: type, source: str) -> None:
    if not isinstance(holder.get(key), kind):
        word = {"str": "a text", "list": "a list"}[kind.__name__]
        raise InputError(f"{source}: {key!r} is {holder.get(key)!r:.40}; {word} is expected")
