"""A folder that one process at a time writes into."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from evenhand.errors import InputError
from evenhand.tables.files import make_folder, no_folder

LOCK = ".evenhand.lock"
"""Name of the lock file; it holds the owner's process id and host."""
_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Make a folder if it is missing, and keep it for this block alone.

    The operating system holds the lock and releases it when the process ends, however it ends, so a killed process
    leaves no stale lock. NFS passes such locks on to the other machines. On the few file systems that know no locks
    a warning is logged, and the folder is used without one.

    Raises
    ------
    InputError
        If another process, or another thread, has the folder (its process id and host are named), or the folder
        cannot be made or written.
    """
    descriptor = _taken(folder)
    try:
        yield
    finally:
        # Removed while still locked: whoever opened this file before sees that it is gone, and opens another.
        with contextlib.suppress(OSError):
            (folder / LOCK).unlink()
        os.close(descriptor)


def _taken(folder: Path) -> int:
    """Return the descriptor of the lock file, locked."""
    path = folder / LOCK
    while True:
        try:
            make_folder(folder)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise no_folder(folder, error) from None
        try:
            _lock(descriptor, path)
            if _is(descriptor, path):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        _lock_now(descriptor)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            logger.warning("%s: the file system knows no locks; see to it that nothing else writes there", path.parent)
            return
        owner = _owner(path)
        raise InputError(f"{path.parent}: is in use by {owner}; wait for it to end, or give another folder") from None


def _lock_now(descriptor: int) -> None:
    """Lock a file for this descriptor alone; OSError where somebody else has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _owner(path: Path) -> str:
    """Return who has the lock, as the file says; it says nothing yet while it is being taken."""
    try:
        return path.read_text("utf-8").strip() or "another process"
    except (OSError, ValueError):
        return "another process"


def _is(descriptor: int, path: Path) -> bool:
    """Tell whether a path still names the open file: its last owner may have removed it meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
