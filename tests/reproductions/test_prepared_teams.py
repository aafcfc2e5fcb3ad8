"""Claims made again with teams that were trained for them: read from the benchmarks' published results."""

from __future__ import annotations

import json

import pytest
from reproductions.fair_gne import prepared
from reproductions.fair_gne.setting import LONE
from reproductions.pages.reading import read_document
from reproductions.publish import RESULTS


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Return a function that publishes results, in a folder that is empty at first."""
    monkeypatch.setattr(prepared, "MEASURED", tmp_path)
    return lambda name, values: (tmp_path / f"{name}.json").write_text(json.dumps(values), "utf-8")


def row(level, jain, success=1.0, scenario=LONE):
    names = {"potential": jain, "success": success, "episode_steps": 14.04}
    return {"scenario": scenario, "level": level} | {f"repicked_{name}": value for name, value in names.items()}


def document():
    """Return a document of two sections, with a claim and a note of its own each."""
    claim = {"claim": "own", "published": "", "ours": "", "verdict": "holds", "why": ""}
    return {"sections": [{"key": key, "claims": [claim], "notes": ["own"]} for key in ("noise", "skills")]}


def test_nothing_is_claimed_that_was_not_measured(measured):
    assert prepared.again("noise", "wards") == []
    assert prepared.beside(document()) == document()


def test_claims_stand_beside_those_of_the_paper(measured):
    """Noise and delay in their section, once however often they are put there; other sections stay as they are."""
    measured("disturbed_teams", {"rows": [row(level, 0.85) for levels in prepared.LEVELS.values() for level in levels]})
    told = prepared.beside(prepared.beside(document()))
    noise, skills = told["sections"]
    assert [claim["claim"] for claim in noise["claims"]] == [
        "own",
        prepared.SAID["noise"][0],
        prepared.SAID["delay"][0],
    ]
    assert noise["notes"] == ["own", prepared.NOTES["disturbed_teams"]]
    assert skills == document()["sections"][1]


def test_the_published_page_quotes_the_published_benchmarks():
    """After new measurements, `python -m reproductions.publish` brings them together."""
    told = read_document(RESULTS / "fair-gne.json")
    assert prepared.beside(told) == told


@pytest.mark.parametrize(
    ("jain", "success", "verdict"), [(0.841, 1.0, "holds"), (0.839, 1.0, "partly"), (0.85, 0.85, "partly")]
)
def test_a_level_is_held_at_the_index_and_success_of_the_paper(measured, jain, success, verdict):
    """0.84 and 86 %; other scenarios and levels do not count."""
    rows = [row("delay 1", 0.86), row("delay 2", jain, success), row("noise 0.1", 0.1), row("delay 1", 0.1, 0.1, "x")]
    measured("disturbed_teams", {"rows": rows})
    (claim,) = prepared.again("delay")
    assert claim["verdict"] == verdict
    assert claim["ours"].startswith("delay 1: index 0.860 (one seed), success 1.000 (one seed), 14.0 (one seed) steps")
    assert ("delay 2" in claim["why"]) is (verdict == "partly")
    assert "delay 1" not in claim["why"]


def test_wards_are_told_with_their_interquartile_means(measured):
    """Of 0.80, 0.84, 0.86, 0.90 the middle two count: 0.85."""
    runs = [{"jain": jain, "success": 1.0, "episode_steps": 20.0} for jain in (0.90, 0.80, 0.86, 0.84)]
    measured("wards", {"wards": {"ward/24": runs}})
    (claim,) = prepared.again("wards")
    assert "ward/24: index 0.850 [" in claim["ours"]
    assert claim["verdict"] == "holds"
