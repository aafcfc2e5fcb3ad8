"""``python -m reproductions``: what it writes, and one clear line for what it cannot do; sections have tests apart."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("altair")
from reproductions.__main__ import MINUTES, main
from reproductions.publish import README, RESULTS
from tests.reproductions.reproduction_samples import cv_rows, make_document, make_section

from evenhand.cli import main as evenhand_main


@pytest.fixture
def reproduce(capsys, monkeypatch, tmp_path):
    """Run ``python -m reproductions`` with these words in an empty folder; returns code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*words):
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def document(tmp_path):
    """Write a reproduction of one section."""
    file = tmp_path / "dispersion.json"
    file.write_text(json.dumps(make_document(sections=[make_section("cv", cv_rows())])), encoding="utf-8")
    return file


def test_a_section_is_written_under_its_own_name(reproduce, tmp_path):
    whole = tmp_path / "dispersion.json"
    whole.write_text("the whole, which a part must not overwrite")
    code, out, err = reproduce("dispersion", "--only", "geometry", "--out", tmp_path)
    assert (code, err) == (0, "")
    assert "Theorem 2" in out
    told = json.loads((tmp_path / "dispersion-geometry.json").read_text("utf-8"))
    assert [section["key"] for section in told["sections"]] == ["geometry"]
    assert told["command"] == "python -m reproductions dispersion --only geometry"
    assert "The fair loads of two and three agents" in (tmp_path / "dispersion-geometry.html").read_text("utf-8")
    assert whole.read_text().startswith("the whole")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "No such command 'nothing'"),
        (["dispersion", "--only", "prices"], "section 'prices' is not known; known are geometry, cv"),
        (["dispersion", "--only", "given"], "section 'given' needs --data"),
        (["dispersion", "--data", "nowhere"], "--data nowhere: no such folder"),
        (["fair-gne", "--data", "."], "No such option: --data"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(reproduce, tmp_path, words, said):
    code, _, err = reproduce(*words, *([] if words == ["nothing"] else ["--out", tmp_path / "out"]))
    assert code == 2
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_document_becomes_a_page_beside_it_or_where_it_is_asked_for(reproduce, document, tmp_path):
    assert reproduce("page", document) == (0, "", "")
    assert "Dispersion in fair assignment, reproduced" in document.with_suffix(".html").read_text(encoding="utf-8")
    assert reproduce("page", document, "--out", "p.html") == (0, "", "")
    assert "bound, sharp" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_a_document_is_never_replaced_by_its_page(reproduce, document):
    before = document.read_bytes()
    code, _, err = reproduce("page", document, "--out", document)
    assert (code, "would replace the document" in err) == (2, True)
    assert document.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "x.json, line 1, column 2: not JSON"),
        ("[]", "x.json: not a document of results; a JSON object with the key 'kind' is expected"),
        ('{"kind": "evenhand sweep"}', "x.json: kind 'evenhand sweep' is not known"),
        (json.dumps(make_document(version=9)), "x.json: version 9 is newer than this clone reads"),
        (json.dumps(make_document(version=0)), "x.json: version 0 cannot be read; version 1 can"),
        ("\xff", "x.json, line 1: byte 0xff is not UTF-8"),
    ],
)
def test_what_is_no_document_is_refused_in_one_line(reproduce, tmp_path, content, complaint):
    (tmp_path / "x.json").write_bytes(content.encode("latin-1"))
    code, _, err = reproduce("page", tmp_path / "x.json")
    assert (code, err.count("\n")) == (2, 1)
    assert complaint in err
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.parametrize("paper", MINUTES)
def test_the_times_that_are_promised_are_those_that_were_measured(reproduce, paper):
    """The published run says what its trials took together; help and README say so, too."""
    quick, full = MINUTES[paper]
    measured = json.loads((RESULTS / f"{paper}.json").read_text("utf-8"))["seconds"] / 60
    assert full == pytest.approx(measured, rel=0.1)
    _, shown, _ = reproduce(paper, "--help")
    assert f"Takes {full} minutes of one core, with --quick {quick};" in " ".join(shown.split())
    promised = f"python -m reproductions {paper} --quick .*# {quick} minutes of one core; without --quick {full}\n"
    assert re.search(promised, README.read_text("utf-8"))


@pytest.mark.parametrize("words", [[], ["dispersion"], ["fair-gne", "--quick"], ["--help"]])
def test_the_installed_command_says_where_reproductions_run(capsys, words):
    assert evenhand_main(["reproduce", *words]) == 2
    _, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert "from a clone of the repository: python -m reproductions dispersion --quick" in err
