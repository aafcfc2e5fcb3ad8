"""Pictures: what they need, that they repeat, and that what they tell of a state is right."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from evenhand import hospital
from evenhand.errors import InputError, MissingExtraError
from evenhand.hospital import render
from evenhand.hospital.drawing import palette
from evenhand.hospital.drawing.facts import Facts
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.report import palette as report_palette


@pytest.fixture(scope="module")
def scenario():
    return hospital.load("rescue-breaths/specialist")


@pytest.fixture(scope="module")
def states(scenario):
    """Let the first agent fetch and place the board, then do three compressions at once."""
    rules = Rules(arrays_of(scenario))
    bed, board_cart, _, _, door = range(5)
    state = rules.start([door, door, door], [board_cart, 2])
    found = [state]
    for first in (1 + board_cart, rules.handle, 1 + bed, rules.handle, rules.treat):
        state, _ = rules.step(state, [first, 0, 0])
        found.append(state)
    return found


def test_size_and_type_are_as_promised(scenario, states):
    assert render.draw(scenario, states[0], size=(640, 360)).shape == (360, 640, 3)
    assert render.draw(scenario, states[0]).dtype == np.uint8


def test_same_arguments_same_picture(scenario, states):
    one, other = (render.draw(scenario, states[5], history=states[:5], size=(640, 360)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_every_state_looks_different(scenario, states):
    pictures = [render.draw(scenario, state, size=(640, 360)).tobytes() for state in states]
    assert len(set(pictures)) == len(states)


def test_a_state_of_arrays_is_drawn_like_one_of_lists(scenario, states):
    names = ("time", "station", "travel", "holding", "energy", "item_place", "remaining", "workload")
    arrays = SimpleNamespace(**{name: np.asarray(getattr(states[5], name)) for name in names})
    one, other = (render.draw(scenario, state, size=(640, 360)) for state in (states[5], arrays))
    np.testing.assert_array_equal(one, other)
    assert render.text(scenario, arrays) == render.text(scenario, states[5])


def test_too_small_a_picture_is_refused(scenario, states):
    with pytest.raises(InputError, match="100 x 100 pixels cannot be read; use at least 640 x 360"):
        render.draw(scenario, states[0], size=(100, 100))


def test_missing_pillow_names_the_extra(scenario, states, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtraError, match=r"pillow is not installed.*'\.\[learn\]'"):
        render.draw(scenario, states[0])


def test_importing_the_renderer_does_not_import_pillow():
    code = "import sys, evenhand.hospital.render; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_facts_of_a_state_by_hand(scenario, states):
    facts = Facts.of(scenario)
    last = states[5]
    # Shares 2, 3, 2, 3 of 10: the board and three compressions are half. Five steps cost 0.03 each.
    assert facts.progress(last) == pytest.approx(0.5)
    assert facts.reward(last) == pytest.approx(0.35)
    assert facts.workload(last).tolist() == [4, 0, 0]
    assert facts.jain(last) == pytest.approx(1 / 3)
    assert facts.open(last).tolist() == [False, False, True, False]
    assert facts.in_use(last, 0) == ["board"]
    assert facts.lying(last, 2) == ["mask"]
    assert facts.worked(states[:5], last).tolist() == [[3, 0, 0], [1, 0, 0], [3, 0, 0]]
    assert not facts.success(last)
    assert not facts.open(states[0])[1:].any()


def test_rewards_so_far_are_those_of_the_rules(scenario, states):
    facts, rules = Facts.of(scenario), Rules(arrays_of(scenario))
    state, total = states[5], facts.reward(states[5])
    bed, mask_cart = 1 + 0, 1 + 2
    for second in (mask_cart, rules.handle, bed, rules.handle, rules.treat):
        state, outcome = rules.step(state, [0, second, 0])
        total += float(outcome.reward)
    assert facts.success(state)
    assert facts.reward(state) == pytest.approx(total, abs=1e-6)


def test_text_tells_clock_places_people_and_steps(scenario, states):
    text = render.text(scenario, states[2])
    assert text.splitlines()[0] == "rescue-breaths/specialist  step 2/50  progress 0 %  reward -0.060  Jain 1.000"
    assert "  bay: board-cart   agent_1" in text.splitlines()
    assert "  agent_1  useful 0  holds board" in text
    assert "[>] board  [ ] compressions 0/3" in text
    assert "\x1b" not in text


def test_travellers_come_from_where_they_were():
    ward = hospital.load("ward/6")
    rules, facts = Rules(arrays_of(ward)), Facts.of(ward)
    start = rules.start([0] * 6, [2] * len(ward.items))
    away, _ = rules.step(start, [1 + 1, *[0] * 5])  # bed-2 is in the other room: three steps
    assert facts.origin([start], away, 0) == 0
    assert facts.travelled([start], away, 0) == pytest.approx(1 / 3)
    assert facts.origin([], away, 0) is None
    assert "agent_1 in 2" in render.text(ward, away)


@pytest.mark.parametrize("name", ["fair-gne", "full-code/specialist-energy", "lone-expert", "ward/6", "ward/24"])
def test_every_kind_of_scenario_is_drawn(name):
    loaded = hospital.load(name)
    state = Rules(arrays_of(loaded)).reset(np.random.default_rng(0))
    picture = render.draw(loaded, state)
    assert picture.std() > 10


def test_agents_use_the_colours_of_the_reports():
    from evenhand.hospital.drawing.palette import AGENTS

    assert AGENTS == report_palette.COLOURS


def test_an_absent_agent_is_grey_and_not_counted(scenario, states):
    """Its own colour is nowhere in the picture, and fairness is among the other two: one works, so 1/2."""
    last = states[5]
    facts = Facts.of(scenario, absent=(1,))
    assert facts.jain(last) == pytest.approx(1 / 2)
    assert (facts.colour(1), facts.colour(2)) == (palette.FAINT, palette.AGENTS[2])
    own = np.array([int(palette.AGENTS[1][k : k + 2], 16) for k in (1, 3, 5)])
    there, gone = (
        int((render.Painter(scenario, absent=absent).draw(last) == own).all(axis=-1).sum()) for absent in ((), (1,))
    )
    assert there > 100
    assert gone == 0


def test_an_animation_shows_who_is_absent(scenario, states):
    assert render.animate(scenario, states[:2], absent=(1,)) != render.animate(scenario, states[:2])
