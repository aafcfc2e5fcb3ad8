"""Limits and further burdens on the page: asked, refused with a remedy, undone, and put into the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.desk.reader import Reader
from tests.desk.test_desk_server import Caller


def nights_file(folder: Path) -> Path:
    """Every third of the visits is at night."""
    path = folder / "nights.csv"
    path.write_text("visit,night\n" + "".join(f"visit {j},{int(j % 3 == 0)}\n" for j in range(12)), "utf-8")
    return path


def test_limits_and_a_second_burden_are_asked_undone_and_commanded(
    browser: Any, desk_caller: Caller, tmp_path: Path
) -> None:
    reader = Reader(browser, desk_caller)
    reader.until(lambda: reader.text("cost") != "–")
    reader.slide(0)
    reader.until(lambda: reader.text("price") == "0\u202f%")
    reader.page.fill("#most-tasks", "4")
    reader.page.keyboard.press("Tab")
    reader.until(lambda: "keeps all 2 rules and limits" in reader.text("proof"))
    assert reader.text("bounds-now").startswith("In the plan below: 4\u202ftasks each")
    assert "--most-tasks 4" in reader.text("command")
    reader.page.set_input_files("#further-file", nights_file(tmp_path))
    reader.until(lambda: "keeps all 3 rules and limits" in reader.text("proof"))
    assert reader.page.locator("#share-loads-0 .load").count() == 3
    reader.page.fill("#share-most-0", "1,5")
    reader.page.keyboard.press("Enter")
    reader.until(lambda: "nights: nobody carries more than 1.5" in reader.text("clash-rules"))
    assert "the last one that could be made" in reader.text("clash-words")
    assert "keeps all 3 rules and limits" in reader.text("proof"), "the last plan stays"
    reader.page.get_by_role("button", name="Take instead: nights: nobody carries more than 2", exact=True).click()
    reader.until(lambda: "keeps all 4 rules and limits" in reader.text("proof"))
    assert not reader.page.is_visible("#clash")
    assert reader.page.input_value("#share-most-0") == "2"
    assert "--rules rules.toml" in reader.text("command")
    for shown in ("1.5", ""):
        reader.page.click("#undo")
        reader.until(lambda shown=shown: reader.page.input_value("#share-most-0") == shown)
    reader.page.uncheck("#share-on-0")
    reader.until(lambda: "keeps all 2 rules and limits" in reader.text("proof"))
    again = Reader(browser, desk_caller)
    again.until(lambda: "keeps all 2 rules and limits" in again.text("proof"))
    assert again.page.input_value("#most-tasks") == "4"
    assert not again.page.is_checked("#share-on-0")
    assert reader.said == again.said == []
