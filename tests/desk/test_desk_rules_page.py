"""Limits and further burdens on the page: asked, refused with a remedy, undone, and put into the command."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from tests.desk.reader import Reader
from tests.desk.test_desk_server import Caller

from evenhand.desk.room import Room


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


def test_a_total_and_a_doubtful_decimal_sign_are_settled_by_buttons(
    browser: Any, desk_caller: Caller, tmp_path: Path
) -> None:
    reader = Reader(browser, desk_caller)
    reader.until(lambda: reader.text("cost") != "–")
    (tmp_path / "t.csv").write_text("Team;a;b;Summe\nAnn;1,5;2;3,5\nBo;2;1;3\nSumme;3,5;3;6,5\n", "utf-8")
    reader.page.set_input_files("#costs-file", tmp_path / "t.csv")
    for kind in ("row", "column"):
        button = reader.page.get_by_role("button", name=f"Leave out the {kind} 'Summe'")
        reader.until(lambda button=button: button.count() == 1)
        assert "--" not in reader.text("error")
        button.click()
    reader.until(lambda: reader.text("loads").startswith("Ann"))
    assert desk_caller.room.present().costs.values.tolist() == [[1.5, 2.0], [2.0, 1.0]]
    assert "evenhand assign costs.csv" in reader.text("command"), "the file itself has the totals"
    (tmp_path / "t.csv").write_text('agent,a,b\nAnn,"1,500","2,000"\nBo,"2,000","1,250"\n', "utf-8")
    reader.page.set_input_files("#costs-file", tmp_path / "t.csv")
    button = reader.page.get_by_role("button", name="It has decimal commas: 7,5")
    reader.until(lambda: button.count() == 1)
    button.click()
    reader.until(lambda: desk_caller.room.present().costs.values.tolist() == [[1.5, 2.0], [2.0, 1.25]])
    assert reader.said == []


def test_a_table_is_turned_round_on_request(browser: Any, desk_caller: Caller, tmp_path: Path) -> None:
    reader = Reader(browser, desk_caller)
    (tmp_path / "t.csv").write_text("visit,Ann,Bo\na,1,2\nb,3,1\nc,2,2\n", "utf-8")
    reader.page.set_input_files("#costs-file", tmp_path / "t.csv")
    button = reader.page.get_by_role("button", name="Each row is a task")
    reader.until(lambda: button.count() == 1)
    button.click()
    reader.until(lambda: desk_caller.room.present().costs.agents == ("Ann", "Bo"))
    (tmp_path / "hours.csv").write_text("visit,Ann,Bo\na,1,1\nb,1,1\nc,2,2\n", "utf-8")
    reader.page.set_input_files("#burdens-file", tmp_path / "hours.csv")
    reader.until(lambda: "its rows are the tasks" in reader.text("notes"))
    burdens = desk_caller.room.present().burdens
    assert burdens is not None
    assert burdens.values.tolist() == [[1, 1, 2], [1, 1, 2]]
    assert reader.said == []


def test_disjoint_contradictions_are_dropped_one_after_the_other(browser: Any, desk_caller: Caller) -> None:
    """Three visits each are nine of twelve; and nobody gets away with a cost of 0.1 for four of them."""
    reader = Reader(browser, desk_caller)
    reader.until(lambda: reader.text("cost") != "–")
    reader.page.fill("#most-tasks", "3")
    reader.page.keyboard.press("Tab")
    reader.until(lambda: reader.page.is_visible("#clash"))
    reader.page.fill("#most-load", "0.1")
    reader.page.keyboard.press("Tab")
    reader.until(lambda: "Take instead" not in reader.text("clash-rules"))  # nothing helps beside the other one
    first = reader.text("clash-rules")
    for _ in range(2):
        reader.page.locator("#clash-rules").get_by_role("button", name="Do without").click()
        reader.until(lambda: reader.text("clash-rules") != first or not reader.page.is_visible("#clash"))
    reader.until(lambda: not reader.page.is_visible("#clash"))
    assert reader.page.input_value("#most-tasks") == reader.page.input_value("#most-load") == ""
    assert reader.said == []


def test_two_windows_show_the_same_limits_and_tables(browser: Any, desk_caller: Caller, tmp_path: Path) -> None:
    first, second = Reader(browser, desk_caller), Reader(browser, desk_caller)
    for reader in (first, second):
        reader.until(lambda reader=reader: reader.text("cost") != "–")
    first.page.fill("#most-tasks", "5")
    first.page.keyboard.press("Tab")
    first.until(lambda: "--most-tasks 5" in first.text("command"))
    second.slide(10)
    second.until(lambda: second.page.input_value("#most-tasks") == "5" and "--most-tasks 5" in second.text("command"))
    first.page.set_input_files("#further-file", nights_file(tmp_path))
    first.until(lambda: first.page.locator("#share-on-0").count() == 1 and "keeps all 3" in first.text("proof"))
    second.slide(5)
    second.until(lambda: second.page.locator("#share-on-0").count() == 1 and "keeps all 3" in second.text("proof"))
    assert first.said == second.said == []


def test_names_that_turn_the_line_round_are_shown_by_their_codes(browser: Any, tmp_path: Path) -> None:
    table = "agent,a,b\n\u202eevil\u202c,1,2\n" + "n" * 300 + ",2,1\n"
    (tmp_path / "t.csv").write_text(table, "utf-8")
    with contextlib.closing(Caller(Room(None))) as caller:
        reader = Reader(browser, caller)
        reader.page.set_input_files("#costs-file", tmp_path / "t.csv")
        reader.until(lambda: "\\u202eevil" in reader.text("loads"))
        assert "\u202e" not in reader.text("loads")
        assert "n" * 70 not in reader.text("loads")
        assert caller.room.present().costs.agents == ("\u202eevil\u202c", "n" * 300), (
            "the plan has the names themselves"
        )
        assert reader.said == []


def test_a_limit_that_was_refused_beside_another_is_asked_once_that_is_mended(
    browser: Any, desk_caller: Caller
) -> None:
    reader = Reader(browser, desk_caller)
    reader.until(lambda: reader.text("cost") != "–")
    reader.page.fill("#most-tasks", "2")
    reader.page.fill("#least-tasks", "3")
    reader.page.keyboard.press("Tab")
    reader.until(lambda: "exclude each other" in reader.text("error"))
    reader.page.fill("#most-tasks", "5")
    reader.page.keyboard.press("Tab")
    reader.until(lambda: "--least-tasks 3 --most-tasks 5" in reader.text("command"))
    assert not reader.page.is_visible("#error")
    reader.page.fill("#most-tasks", "many")
    reader.page.keyboard.press("Tab")
    reader.until(lambda: "“many” is no number" in reader.text("error"))
    assert reader.page.get_attribute("#most-tasks", "aria-invalid") == "true"
    assert reader.said == []
