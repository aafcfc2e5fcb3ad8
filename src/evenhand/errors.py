"""The errors that evenhand raises on purpose; everything else is a bug."""

from __future__ import annotations

from evenhand.visible import one_line


class EvenhandError(Exception):
    """Base of every error raised on purpose; its message is one line of bounded length, whatever values it shows."""

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line(str(message)))


class InputError(EvenhandError, ValueError):
    """A value the caller gave cannot be used; the message names the value, where it stood and what would be right."""


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
