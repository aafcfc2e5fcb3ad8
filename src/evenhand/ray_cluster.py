"""Connect to a Ray cluster, or say in one line why that is not possible."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from typing import Any

from evenhand.errors import InputError, MissingExtraError

PATIENCE = 10.0
"""Time to wait for an answer from the cluster's address, in seconds."""

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""What a client of HTTP/2, which Ray's head speaks, says first (RFC 9113, section 3.4): a magic and empty settings."""

_SETTINGS = 4
"""Type of the frame that a server of HTTP/2 answers first; it is the fourth byte."""


@contextlib.contextmanager
def connected(address: str | None = None) -> Iterator[Any]:
    """Return a context with the module ``ray``, connected; a connection that was there before is used, and stays.

    Parameters
    ----------
    address
        ``HOST:PORT`` of the cluster's head; ``auto`` for the cluster at ``RAY_ADDRESS``, else the one that
        ``ray start`` started on this machine; ``local`` for a temporary one on this machine; None for ``auto`` if
        there is such a cluster, else ``local``.

    Raises
    ------
    MissingExtraError
        If Ray is not installed.
    InputError
        If the cluster cannot be reached.
    """
    ray = load()
    if ray.is_initialized():
        yield ray
        return
    try:
        with _sigterm_kept():
            _connect(ray, address)
        _let_print(ray, False)
        yield ray
    finally:
        _let_print(ray, True)
        ray.shutdown()


def load() -> Any:
    """Return the module ``ray``.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import ray
    except ImportError:
        raise MissingExtraError("ray", "distributed") from None
    return ray


def _connect(ray: Any, address: str | None) -> None:
    named = os.environ.get("RAY_ADDRESS", "") if address in (None, "auto") else str(address)
    whose = f"RAY_ADDRESS {named!r}" if address in (None, "auto") else repr(address)
    host, colon, port = named.rpartition("//")[2].rpartition(":")
    if colon and port.isdigit():
        # Test the address first, because Ray would keep trying for minutes, deaf to Ctrl-C.
        _check_answer(host.strip("[]"), int(port), whose)
    # A cluster of our own has no page to look at, and sends nobody any statistics.
    given = {"address": address, "include_dashboard": False} if address == "local" else {"address": address}
    try:
        ray.init(log_to_driver=False, logging_level="ERROR", **given)
    except Exception as error:  # no such cluster, or one with another version of Python or Ray
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(f"Ray cannot be reached: {lines[0]}") from error


def _check_answer(host: str, port: int, whose: str) -> None:
    """Raise an InputError if nobody answers at an address, or somebody who is not Ray."""
    try:
        with socket.create_connection((host, port), PATIENCE) as connection:
            if os.environ.get("RAY_USE_TLS", "0") != "0":
                return
            connection.sendall(_PREFACE)
            answer = connection.recv(4)
    except (OSError, OverflowError) as error:
        raise InputError(f"Ray cannot be reached: there is no answer from {whose} ({error})") from error
    if len(answer) < 4 or answer[3] != _SETTINGS:
        raise InputError(f"Ray cannot be reached: what answers at {whose} is not the head of a Ray cluster")


def _let_print(ray: Any, value: bool) -> None:
    """Set whether Ray prints news of its machines on standard output, such as paragraphs on a worker that was lost."""
    with contextlib.suppress(AttributeError):  # it has no public name for this
        ray._private.worker._worker_logs_enabled = value


@contextlib.contextmanager
def _sigterm_kept() -> Iterator[None]:
    """Keep the handler of SIGTERM, which Ray replaces by one that leaves with `sys.exit`."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is not before:
            signal.signal(signal.SIGTERM, before)
