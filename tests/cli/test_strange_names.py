"""Names from strangers: shown safely on the terminal, in errors, pages and pictures; kept as they are in the data."""

from __future__ import annotations

import csv
import json

import pytest

NAMES = ["\u202eeve", "A\u200bnn", "n" * 9000, "n" * 9001, "=cmd|' /C calc'!A0", "Zoë 李"]
HIDDEN = ("\u202e", "\u200b", "n" * 100)


@pytest.fixture
def strangers(evenhand, tmp_path):
    with (tmp_path / "strange.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["", *(f"t\u2066{k}" for k in range(12))])
        rows.writerows([name, *(1 + (3 * i + j) % 5 for j in range(12))] for i, name in enumerate(NAMES))
    return evenhand


def test_terminal_page_and_files(strangers, tmp_path):
    words = ("--max-over-mean", "1.5", "--json", "o.json", "--csv", "o.csv", "--report", "o.html")
    ran = strangers("assign", "strange.csv", *words)
    assert ran.code == 0
    assert r"\u202eeve" in ran.out
    assert r"A\u200bnn" in ran.out
    assert "Zoë 李" in ran.out
    assert "… (3)" in ran.out  # two that would look alike
    assert "… (4)" in ran.out
    page = (tmp_path / "o.html").read_text("utf-8")
    for text in (ran.out, ran.err, page):
        assert [sign for sign in (*HIDDEN, "\u2066") if sign in text] == []
    assert r"\u202eeve" in page
    assert json.loads((tmp_path / "o.json").read_text("utf-8"))["agents"] == NAMES
    pairs = (tmp_path / "o.csv").read_text("utf-8")
    assert "=cmd" not in pairs.replace("'=cmd", "")
    # The pairs are read again as they were: locked, they are the same plan.
    assert strangers("assign", "strange.csv", "--max-over-mean", "1.5", "--locked", "o.csv", "-q").code == 0
    plain = strangers("assign", "strange.csv", "--max-over-mean", "1.5", "--csv", "p.csv", "--plain-csv", "-q")
    assert plain.code == 0
    assert ("'=cmd" in pairs) == ("=cmd" in (tmp_path / "p.csv").read_text("utf-8"))


def test_errors(strangers, tmp_path):
    (tmp_path / "locked.csv").write_text("task,agent\nt\u20661,\u202eevil\n", "utf-8")
    for words in (
        ("assign", "strange.csv", "--jain", "0.9", "--locked", "locked.csv"),
        ("assign", "\u202eabsent.csv", "--jain", "0.9"),
        ("assign", "strange.csv", "--jain", "x" * 300_000),
        ("assign", "x" * 300_000, "--jain", "0.9"),
        ("x" * 300_000,),
        ("assign", "strange.csv", "--jain", "0.9", "--entitlements", ",".join("1" for _ in range(100_000))),
    ):
        ran = strangers(*words)
        assert ran.code == 2
        assert ran.err.count("\n") == 1
        assert ran.err[:-1].isprintable()
        assert len(ran.err) < 1100


def test_pictures(evenhand, tmp_path):
    pytest.importorskip("altair")
    pytest.importorskip("highspy")
    agents = ("\u202eeve", "B\u200bo", "Al" + "x" * 9000)
    for name in ("costs", "sizes"):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(["", "t1", "t2", "t3"])
            rows.writerows([agent, 1, 2, 3] for agent in agents)
    words = (
        "costs.csv",
        "--sizes",
        "sizes.csv",
        "--capacities",
        "9,9,9",
        "--max-over-mean",
        "2",
        "--picture",
        "picture.svg",
    )
    ran = evenhand("solve", "generalised-assignment", *words)
    assert ran.code == 0, ran.err
    drawn = (tmp_path / "picture.svg").read_text("utf-8")
    for text in (drawn, ran.out):
        assert [sign for sign in ("\u202e", "\u200b", "x" * 100) if sign in text] == []
        assert r"\u202eeve" in text


def test_sweep_pages():
    pytest.importorskip("altair")
    pyarrow = pytest.importorskip("pyarrow")
    from tests.report.sweep_samples import make_results

    from evenhand.report.sweeps import sweep_page
    from evenhand.sweeps import Results

    results = make_results()
    column = results.config[0]
    cells = [f"\u202e{row % 2}\u200b" for row in range(results.table.num_rows)]
    table = results.table.set_column(results.table.column_names.index(column), column, pyarrow.array(cells))
    page = sweep_page(Results(results.config, results.result, table))
    assert "\u202e" not in page
    assert "\u200b" not in page
    assert r"\u202e0" in page
