"""The errors that evenhand raises on purpose; everything else is a bug."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from evenhand.visible import one_line

_MOST_NAMES = 24


class EvenhandError(Exception):
    """Base of every error raised on purpose; its message is one line of bounded length, whatever values it shows."""

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line(str(message)))


class InputError(EvenhandError, ValueError):
    """A value the caller gave cannot be used; the message names the value, where it stood and what would be right."""


class RemediedError(InputError):
    """A file that can be read once the user has said one thing about it.

    Parameters
    ----------
    message
        The message, of which the remedy is part.
    remedies
        What the user may say: fields of :class:`~evenhand.tables.Reading` and their values, one dictionary each.
    """

    def __init__(self, message: str, *remedies: dict[str, Any]) -> None:
        super().__init__(message)
        self.remedies = remedies


@contextmanager
def prefixed(source: str) -> Iterator[None]:
    """Return a context in which the message of an :class:`InputError` gets the source of the value in front."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{source}: {error}") from error


class MissingExtraError(EvenhandError, ImportError):
    """An optional library is needed; the message names the extra that installs it.

    Parameters
    ----------
    library
        Name of the library that could not be imported.
    extra
        The extra of evenhand that installs it.
    """

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(
            f"{library} is not installed; the extra {extra} brings it: pip install '.[{extra}]' in evenhand's folder"
        )
        self.library = library
        self.extra = extra


def nearest(name: object, known: Collection[str], cutoff: float = 0.6) -> str | None:
    """Return the known name that is most like `name`, upper or lower case; None where none is.

    `cutoff` is the least likeness that counts, from 0 to 1 for the same.

    Examples
    --------
    >>> nearest("QMX", ["vdn", "qmix"])
    'qmix'
    """
    folded = {one.casefold(): one for one in known}
    near = get_close_matches(str(name)[:200].casefold(), folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def choices(name: object, known: Collection[str], *, quoted: bool = True) -> str:
    """Return the end of a message on an unknown name: the known one that was meant, or else those there are.

    Parameters
    ----------
    name
        What was given.
    known
        The names there are; two dozen at most are listed.
    quoted
        Whether to quote the names that are listed, as those that users chose must be.

    Examples
    --------
    >>> choices("bet", ["bed", "door"])
    "did you mean 'bed'?"
    >>> choices("hall", ["bed", "door"])
    "known are 'bed', 'door'"
    """
    near = nearest(name, known)
    if near is not None:
        return f"did you mean {near!r}?"
    if not known:
        return "there are none"
    listed = [repr(one) if quoted else one for one in known][:_MOST_NAMES]
    rest = len(known) - len(listed)
    return f"known are {', '.join(listed)}{f' and {rest} more' if rest else ''}"
