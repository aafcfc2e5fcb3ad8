"""Somebody before the page of the desk, and the table that lies on it."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
from tests.desk.test_desk_server import TOKEN, Caller

from evenhand.tables import CostTable

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


def table() -> CostTable:
    """Twelve visits on a line, which three teams share; the first is called like markup."""
    random = np.random.default_rng(4)
    homes, visits = random.random((3, 2)), random.random((12, 2))
    costs = np.linalg.norm(homes[:, None] - visits[None], axis=2).round(3)
    agents = (HOSTILE, "Mill", "Hill")
    return CostTable(costs, agents, tuple(f"visit {j}" for j in range(12)), homes, visits, "visits.csv")


class Reader:
    """Somebody before the page; notes what the console says and which addresses are asked for."""

    def __init__(self, browser: Any, caller: Caller, **window: Any) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page = browser.new_page(**window)
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(f"http://127.0.0.1:{caller.port}/{TOKEN}/")

    def until(self, holds: Any) -> None:
        """Wait until a condition holds; the page's own policy forbids to evaluate one in it."""
        for _ in range(600):
            if holds():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(
            "nothing happened within 30 seconds: " + self.text("error") + self.text("clash") + self.text("command")
        )

    def text(self, name: str) -> str:
        """Return the text of an element."""
        return str(self.page.text_content(f"#{name}"))

    def slide(self, position: int) -> None:
        """Move the slider, as a finger does."""
        self.page.locator("#level").fill(str(position))
