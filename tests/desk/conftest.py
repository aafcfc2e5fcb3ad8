"""A real browser, and a server with a table on its desk."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    from tests.desk.reader import CHROMIUM

    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as library:
        one = library.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture
def desk_caller(tmp_path: Path) -> Iterator[Any]:
    """Yield somebody who has the address of a desk with a table on it."""
    from tests.desk.reader import table
    from tests.desk.test_desk_server import Caller

    from evenhand.desk.plan import Desk
    from evenhand.desk.room import Room

    with contextlib.closing(Caller(Room(Desk(table()), tmp_path / "kept.json"))) as one:
        yield one
