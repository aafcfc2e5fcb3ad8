"""``evenhand reproduce``: what it writes, and one clear line for what it cannot do; sections have tests apart."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("altair")


def test_a_section_is_written_under_its_own_name(evenhand, tmp_path):
    whole = tmp_path / "dispersion.json"
    whole.write_text("the whole, which a part must not overwrite")
    ran = evenhand("reproduce", "dispersion", "--only", "geometry", "--out", tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "Theorem 2" in ran.out
    told = json.loads((tmp_path / "dispersion-geometry.json").read_text("utf-8"))
    assert [section["key"] for section in told["sections"]] == ["geometry"]
    assert told["command"] == "evenhand reproduce dispersion --only geometry"
    assert "The fair loads of two and three agents" in (tmp_path / "dispersion-geometry.html").read_text("utf-8")
    assert whole.read_text().startswith("the whole")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "paper 'nothing' is not known; known are dispersion, fair-gne"),
        (["dispersion", "--only", "prices"], "section 'prices' is not known; known are geometry, cv"),
        (["dispersion", "--only", "given"], "section 'given' needs --data"),
        (["dispersion", "--data", "nowhere"], "--data nowhere: no such folder"),
        (["fair-gne", "--data", "."], "only `evenhand reproduce dispersion` has instances of its own"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(evenhand, tmp_path, words, said):
    ran = evenhand("reproduce", *words, "--out", tmp_path / "out")
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
