"""The desk in a real browser: each gesture of a planner, with hostile names, and without a word on the console."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from tests.desk.reader import HOSTILE, Reader, table
from tests.desk.test_desk_server import TOKEN, Caller

from evenhand.desk.plan import Desk
from evenhand.desk.room import Room
from evenhand.desk.tables_on_desk import restored


def test_a_planner_slides_locks_compares_and_saves(browser: Any, desk_caller: Caller, tmp_path: Path) -> None:
    reader = Reader(browser, desk_caller)
    reader.until(lambda: reader.text("cost") != "–")
    reader.slide(0)
    reader.until(lambda: reader.text("price") == "0\u202f%")
    assert "This plan costs" in reader.text("headline")
    assert "This browser added it up itself" in reader.text("proof")
    reader.page.click("#keep")
    reader.slide(30)
    reader.until(lambda: "tasks change hands" in reader.text("compared") and reader.text("price") != "0\u202f%")
    assert HOSTILE in reader.text("loads"), "a name is text"
    assert reader.page.title() != "owned"
    assert reader.page.locator("#map circle").count() == 12

    holder = reader.page.locator("#tasks tr").nth(0).locator("td").nth(0)
    other = "Mill" if "Mill" not in str(holder.text_content()) else "Hill"
    reader.page.get_by_role("button", name="visit 0", exact=True).click()
    row = reader.page.locator("#wish-agents tr", has_text=f"Give to {other}")
    row.get_by_role("button", name="What would it cost?").click()
    reader.until(lambda: "(+" in str(row.locator("td").nth(1).text_content()))
    row.get_by_role("button", name=f"Give to {other}").click()
    reader.until(lambda: str(holder.text_content()).startswith(other))
    assert f"with {other}" in str(reader.page.locator("#tasks tr").nth(0).text_content())
    reader.page.click("#undo")
    reader.until(lambda: not str(holder.text_content()).startswith(other))

    reader.page.fill("#search", "visit 11")
    reader.until(lambda: reader.page.locator("#tasks tr").count() == 1)
    with reader.page.expect_download() as download:
        reader.page.click("#save-csv")
    download.value.save_as(tmp_path / "plan.csv")
    assert len((tmp_path / "plan.csv").read_text("utf-8").splitlines()) == 13
    reader.until(lambda: reader.page.locator("#curve circle").count() >= 5)
    reader.page.locator("#curve circle").first.click()
    reader.until(lambda: reader.text("price") == "0\u202f%")
    assert reader.said == []
    assert all(url.startswith((f"http://127.0.0.1:{desk_caller.port}/{TOKEN}/", "data:")) for url in reader.asked)


def test_files_are_dropped_and_refused_beside_what_is_there(browser: Any, desk_caller: Caller, tmp_path: Path) -> None:
    reader = Reader(browser, desk_caller)
    reader.until(lambda: reader.text("cost") != "–")
    (tmp_path / "bad.csv").write_text("agent,a,b\nAnn,1,x\nBo,2,3\n", "utf-8")
    reader.page.set_input_files("#costs-file", tmp_path / "bad.csv")
    reader.until(lambda: reader.page.is_visible("#error"))
    assert "bad.csv" in reader.text("error")
    (tmp_path / "good.csv").write_text("agent,a,b,c,d\nAnn,1,1,1,1\nBo,2,2,2,2\n", "utf-8")
    reader.page.set_input_files("#costs-file", tmp_path / "good.csv")
    reader.until(lambda: reader.text("loads").startswith("Ann"))
    assert not reader.page.is_visible("#error")
    reader.page.select_option("#measure", "jain")
    reader.until(lambda: "Jain" in reader.text("rule-words"))
    assert reader.said == []


def test_several_files_at_once_are_recognised_and_a_problem_is_marked(browser: Any, tmp_path: Path) -> None:
    """Distances from (0, 0) and (4, 0) to 0, 1, 3 and 4 on the line cost 2 in all; hours are 1, 1, 1 and 5."""
    files = {
        "hours.csv": "agent,a,b,c,d\nAnn,1,1,1,5\nBo,1,1,1,5\n",
        "visits.csv": "name,x,y\na,0,0\nb,1,0\nc,3,0\nd,4,0\n",
        "shares.csv": "agent,share\nBo,0.5\n",
        "teams.csv": "name,x,y\nAnn,0,0\nBo,4,0\n",
        "odd.csv": f"agent,a,b,c,d\nAnn,1,1,1,{HOSTILE.replace(',', '')}\nBo,1,1,1,5\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    with contextlib.closing(Caller(Room(None))) as caller:
        reader = Reader(browser, caller)
        reader.page.set_input_files("#more-files", [tmp_path / name for name in files if name != "odd.csv"])
        reader.until(lambda: reader.text("cost") != "–")
        desk = caller.room.present()
        assert desk.costs.values.tolist() == [[0, 1, 3, 4], [4, 3, 1, 0]]
        assert desk.burdens is not None
        assert desk.burdens.values.tolist() == [[1, 1, 1, 5]] * 2
        assert desk.entitlements == (1, 0.5)
        reader.page.fill("#unit", "km")
        reader.page.fill("#burden-unit", "h")
        reader.page.keyboard.press("Tab")
        reader.slide(0)
        reader.until(lambda: reader.text("cost") == "2\u202fkm")
        reader.until(lambda: "6\u202fh" in reader.text("loads"))
        assert reader.page.locator("#map circle").count() == 4
        reader.page.set_input_files("#more-files", tmp_path / "odd.csv")
        reader.until(lambda: reader.page.is_visible("#role"))
        reader.page.locator("#role-buttons button").nth(1).click()
        reader.until(lambda: reader.page.is_visible("#excerpt"))
        assert "odd.csv, line 2" in reader.text("error")
        assert reader.page.locator("#excerpt mark").text_content() == HOSTILE
        reader.page.set_input_files("#more-files", tmp_path / "odd.csv")
        reader.until(lambda: reader.page.is_visible("#role"))
        reader.page.get_by_role("button", name="Leave it out").click()
        assert caller.room.present() is desk or caller.room.present().burdens is desk.burdens
        assert reader.said == []


def test_the_page_fits_a_phone_and_is_worked_by_keyboard(browser: Any, desk_caller: Caller) -> None:
    reader = Reader(browser, desk_caller, viewport={"width": 360, "height": 720})
    reader.until(lambda: reader.text("cost") != "–")
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= 360
    reader.page.focus("#level")
    before = reader.text("rule-words")
    reader.page.keyboard.press("ArrowLeft")
    reader.until(lambda: "…" not in reader.text("rule-words") and reader.text("rule-words") != before)
    reader.page.focus("#tasks button")
    reader.page.keyboard.press("Enter")
    assert reader.page.is_visible("#wish")
    reader.page.keyboard.press("Escape")
    assert not reader.page.is_visible("#wish")
    assert reader.said == []


def test_two_windows_and_a_server_that_ends(browser: Any, desk_caller: Caller) -> None:
    first, second = Reader(browser, desk_caller), Reader(browser, desk_caller)
    for reader in (first, second):
        reader.until(lambda reader=reader: reader.text("cost") != "–")
    for position in range(10, 40, 5):
        first.slide(position)
        second.slide(position - 3)
    first.slide(0)
    first.until(lambda: first.text("price") == "0\u202f%")
    desk_caller.close()
    first.slide(20)
    first.until(lambda: first.page.is_visible("#error"))
    assert "does not answer" in first.text("error")


def test_a_server_started_again_has_the_session(browser: Any, tmp_path: Path) -> None:
    """Killed and started again, at the same address: the wish is there, and the page goes on where it stood."""
    keep = tmp_path / "kept.json"
    with contextlib.closing(Caller(Room(Desk(table()), keep))) as first:
        reader = Reader(browser, first)
        reader.until(lambda: reader.text("cost") != "–")
        reader.page.get_by_role("button", name="visit 0", exact=True).click()
        reader.page.locator("#wish-agents").get_by_role("button", name="Give to Mill", exact=True).click()
        reader.until(lambda: "with Mill" in str(reader.page.text_content("#tasks tr")))
    again = restored(json.loads(keep.read_text("utf-8")))
    with contextlib.closing(Caller(Room(again, keep))) as second:
        other = Reader(browser, second)
        other.until(lambda: other.text("cost") != "–")
        assert "with Mill" in str(other.page.text_content("#tasks tr"))
        assert "--locked locked.csv" in other.text("command")
        assert other.said == []


def test_a_file_that_is_too_large_or_wide_is_one_line_and_the_page_lives_on(
    browser: Any, desk_caller: Caller, tmp_path: Path
) -> None:
    reader = Reader(browser, desk_caller)
    reader.until(lambda: reader.text("cost") != "–")
    before = reader.text("cost")
    with (tmp_path / "huge.csv").open("wb") as stream:
        stream.truncate(2_000_000_000)
    (tmp_path / "wide.csv").write_text(
        "agent" + "".join(f",t{j}" for j in range(1_000_000)) + "\nAnn" + ",1" * 1_000_000
    )
    (tmp_path / "photo.csv").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40)
    for name, reason in (("huge.csv", "over 50 MB"), ("wide.csv", "1,000,000 pairs"), ("photo.csv", "photo.csv")):
        reader.page.set_input_files("#costs-file", tmp_path / name)
        reader.until(lambda reason=reason: reason in reader.text("error"))
        assert "\n" not in reader.text("error")
        assert reader.text("cost") == before
    reader.slide(0)
    reader.until(lambda: reader.text("price") == "0\u202f%")
    assert reader.said == []


def test_a_screen_reader_hears_what_the_page_shows(browser: Any, desk_caller: Caller) -> None:
    """Each control has a name, what changes is announced, and drawings say what they are."""
    reader = Reader(browser, desk_caller, color_scheme="dark")
    reader.until(lambda: reader.page.locator("#curve circle").count() >= 2)
    for control in reader.page.locator("button, input, select").all():
        assert control.evaluate("c => (c.labels?.[0]?.textContent || c.textContent || c.ariaLabel || '').trim()"), (
            control
        )
    for live in ("notes", "compared", "error", "copied"):
        assert reader.page.locator(f"#{live}").evaluate("e => e.ariaLive || e.role") in ("polite", "alert", "status")
    assert all(mark.get_attribute("aria-label") for mark in reader.page.locator("#curve circle").all())
    assert reader.page.get_by_role("row").count() >= 3
    reader.page.emulate_media(media="print", color_scheme="light")
    assert not reader.page.is_visible("#drop")
    assert reader.page.is_visible("#loads")
    assert reader.said == []
