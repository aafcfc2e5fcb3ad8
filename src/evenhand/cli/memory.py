"""Check memory limits of the process that would make compiled libraries hang or abort without a message."""

from __future__ import annotations

from collections.abc import Sequence

from evenhand.errors import InputError

_KERNELS, _LEARNERS = 800, 3_000
NEEDED = {
    **dict.fromkeys(("assign", "frontier", "verify", "explain"), _KERNELS),
    **dict.fromkeys(("train", "evaluate", "play", "demo"), _LEARNERS),
}
"""Address space in megabytes that each command's libraries need; with less, LLVM and XLA hang or abort.

Measured with small inputs under ``ulimit -v``.
"""


def require_memory(words: Sequence[str]) -> None:
    """Raise an InputError if this process's address space is limited to less than a command needs.

    Raises
    ------
    InputError
        If it is; the message names the limit and what is needed.
    """
    needed = NEEDED.get(words[0] if words else "", 0)
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY or limit >= needed * 1_000_000 or {"-h", "--help"} & set(words):
        return
    raise InputError(
        f"{words[0]}: the address space of this process is limited to {limit / 1e6:,.0f} MB; "
        f"{needed:,} MB are needed (ulimit -v {needed * 1000})"
    )
