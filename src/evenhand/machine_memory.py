"""How much memory this machine has."""

from __future__ import annotations

import os


def machine_memory() -> int | None:
    """Return the bytes of memory of this machine; None where they are not known."""
    known = hasattr(os, "sysconf") and {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= os.sysconf_names.keys()
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if known else None
