"""``evenhand hospital``: what is printed and written, and one line for what is wrong."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from evenhand import hospital

FILM = ("hospital", "play", "rescue-breaths/specialist", "--seed", 1, "--steps", 3)


def test_list_has_a_line_for_each_scenario(evenhand):
    ran = evenhand("hospital", "list")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == list(hospital.names())


def test_play_writes_an_animation_and_says_how_it_went(evenhand, tmp_path):
    ran = evenhand(*FILM, "-o", "e.gif")
    assert ran.code == 0
    line = "no success in 3 steps, progress 0 %; Jain's index 1.000; workload (useful): agent_1 0, agent_2 0, agent_3 0"
    assert ran.out == line + "\n"
    assert (tmp_path / "e.gif").read_bytes().startswith(b"GIF89a")
    assert not list(tmp_path.glob(".evenhand-*"))


def test_play_without_a_file_tells_each_step(evenhand):
    ran = evenhand("hospital", "play", "--scenario", "fair-gne", "--policy", "wait", "--steps", 2)
    assert ran.code == 0
    assert "1  all wait\n2  all wait\n" in ran.out
    assert "fair-gne/specialist  step 2/50" in ran.out


def test_a_fair_plan_is_played_as_asked(evenhand):
    ran = evenhand("hospital", "play", "lone-expert", "--policy", "plan", "--jain", 0.85)
    assert ran.code == 0
    found = re.search(r"success in \d+ steps; Jain's index (0\.\d+)", ran.out)
    assert found is not None
    assert 0.85 <= float(found[1]) < 1


def test_show_prints_team_items_and_protocol(evenhand):
    ran = evenhand("hospital", "show", "full-code/forced-cooperation-energy")
    assert ran.code == 0
    for words in ("a journey takes 1 within a room", "defibrillator  shock-cart", "compressions  treat: compress × 3"):
        assert words in ran.out
    assert "agent_1 (3); energy 3" in ran.out


@pytest.mark.parametrize("name", ["ward/6", "lone-expert"])
def test_show_draws_the_graph(evenhand, tmp_path, name):
    assert evenhand("hospital", "show", name, "-o", "p.svg").code == 0
    drawing = "".join(ET.parse(tmp_path / "p.svg").getroot().itertext())
    for patient in hospital.load(name).patients:
        assert f"{patient.name}, at {patient.at}" in drawing


def test_show_draws_png_and_offline_html(evenhand, tmp_path):
    assert evenhand("hospital", "show", "fair-gne", "-o", "p.png").code == 0
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert evenhand("hospital", "show", "fair-gne", "-o", "p.html").code == 0
    assert "<script src=" not in (tmp_path / "p.html").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("play",), "give a scenario: SCENARIO or --scenario SCENARIO"),
        (("play", "fair-gne", "--scenario", "ward/6"), "give one scenario, not two"),
        (("play", "rescue-breth/equal"), "no scenario is called 'rescue-breth/equal'"),
        (("play", "fair-gne", "--policy", "randon"), "did you mean 'random'?"),
        (("play", "fair-gne", "--steps", "0"), "steps is 0; it must be a whole number from 1"),
        (("play", "fair-gne", "--seed", "-1"), "seed is -1; it must be a whole number from 0"),
        (("play", "fair-gne", "--seed", "x"), "'x' is not a whole number"),
        (("play", "fair-gne", "--jain", "0.8"), "--jain is for --policy plan, not for 'random'"),
        (("play", "fair-gne", "-o", "e.png"), "--out e.png: unknown ending '.png'; use .gif"),
        (("play", "fair-gne", "-o", "nowhere/e.gif"), "cannot be written, the folder nowhere does not exist"),
        (("show", "fair-gne", "-o", "p.pdf"), "unknown ending '.pdf'; use .svg, .png or .html"),
        (("show", "missing.toml"), "missing.toml: there is no such file"),
    ],
)
def test_bad_input_is_one_line(evenhand, words, message):
    ran = evenhand("hospital", *words)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert message in ran.err
