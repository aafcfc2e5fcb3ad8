"""Redraw the README's animation of the planner's page in use: ``python -m docs.desk_pictures``; it needs Playwright.

A planner drops a day's costs and hours, slides, keeps a plan, slides on, and locks a visit.
"""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from PIL import Image
from playwright.sync_api import sync_playwright

from evenhand.assignment.generated_instances import generate_nursing
from evenhand.desk.server import Room, application, listening
from evenhand.tables import write_table

TARGET = Path(__file__).parent / "images" / "desk.gif"
WINDOW, WIDTH, COLOURS = {"width": 960, "height": 840}, 720, 64
"""Size of the page in pixels, width of the animation, and colours of its palette."""

TOKEN = "pictures"


def main() -> None:
    """Play the planner, and save what the page shows."""
    with TemporaryDirectory() as folder, _served() as address, sync_playwright() as library:
        day = generate_nursing(8, 160, 0, half_time=False)
        files = [
            write_table(Path(folder, name), table)
            for name, table in (("costs.csv", day.costs), ("hours.csv", day.burdens))
        ]
        browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        page = library.chromium.launch(executable_path=browser, args=["--no-sandbox"]).new_page(viewport=WINDOW)
        page.goto(address)
        frames = list(_played(page, files))
    pictures = [picture for picture, _ in frames]
    first = pictures[0].quantize(COLOURS)
    shared = pictures[-1].quantize(COLOURS)
    small = [first, *(picture.quantize(palette=shared, dither=Image.Dither.NONE) for picture in pictures[1:])]
    stay = [milliseconds for _, milliseconds in frames]
    temporary = TARGET.with_suffix(".part")
    small[0].save(temporary, "GIF", save_all=True, append_images=small[1:], duration=stay, loop=0, optimize=True)
    temporary.replace(TARGET)


def _played(page: Any, files: list[Path]) -> Iterator[tuple[Image.Image, int]]:
    """Yield pictures of the page with the milliseconds that each stays."""

    def seen(place: str, milliseconds: int) -> tuple[Image.Image, int]:
        page.evaluate("place => window.scrollTo(0, document.getElementById(place).offsetTop - 20)", place)
        page.mouse.move(0, 0)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        height = WIDTH * WINDOW["height"] // WINDOW["width"]
        return picture.resize((WIDTH, height), Image.Resampling.LANCZOS), milliseconds

    yield seen("headline", 1200)
    page.set_input_files("#more-files", files)
    page.wait_for_selector("#loads .load")
    page.fill("#unit", "EUR")
    page.fill("#burden-unit", "h")
    page.keyboard.press("Tab")
    for position in (0, 4, 8, 12, 16, 20, 24, 28):
        page.locator("#level").fill(str(position))
        page.wait_for_timeout(900)
        yield seen("rule-title", 1500 if position == 0 else 420)
        if position == 0:
            page.locator("#keep").click()
    page.wait_for_selector("#curve circle >> nth=8")
    yield seen("curve-title", 2000)
    page.locator("#curve circle").nth(5).click()
    page.wait_for_timeout(900)
    yield seen("curve-title", 1500)
    page.locator("#tasks button").first.click()
    page.wait_for_selector("#wish[open]")
    row = page.locator("#wish-agents tr").nth(3)
    row.get_by_role("button", name="What would it cost?").click()
    page.wait_for_timeout(1200)
    yield seen("curve-title", 2500)
    row.locator("button", has_text="Give to").click()
    page.wait_for_timeout(1500)
    yield seen("rule-title", 3000)


@contextmanager
def _served() -> Iterator[str]:
    """Serve an empty desk, and yield its address."""
    one = listening(0)
    port = one.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application(Room(None), TOKEN, port), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [one]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/{TOKEN}/"
    finally:
        server.should_exit = True
        thread.join(30)
        one.close()


if __name__ == "__main__":
    main()
