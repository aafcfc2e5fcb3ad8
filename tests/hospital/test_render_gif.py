"""Animations: one picture for each state and some between, shown as long as asked, in colours that stay."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from evenhand import hospital
from evenhand.hospital import playing, render
from evenhand.hospital.drawing import palette

SIZE = (640, 360)


@pytest.fixture(scope="module")
def episode():
    return playing.play(hospital.load("rescue-breaths/specialist-energy"), seed=1, steps=4)


@pytest.fixture(scope="module")
def film(episode):
    return render.animate(episode.scenario, episode.states, size=SIZE, pace=0.5)


def shown(film: bytes) -> list[tuple[np.ndarray, int]]:
    image = Image.open(io.BytesIO(film))
    frames = []
    for k in range(image.n_frames):
        image.seek(k)
        frames.append((np.asarray(image.convert("RGB")), image.info["duration"]))
    return frames


def test_an_episode_lasts_half_a_second_for_each_step_and_two_at_the_end(film, episode):
    # The start stays as long as any state; four steps follow, and the end stays two seconds more.
    durations = [milliseconds for _, milliseconds in shown(film)]
    assert sum(durations) == pytest.approx(260 + 4 * 500 + 2000)


def test_the_last_picture_is_the_last_state(film, episode):
    last, _ = shown(film)[-1]
    drawn = render.draw(episode.scenario, episode.states[-1], history=episode.states[:-1], size=SIZE)
    difference = np.abs(last.astype(int) - drawn.astype(int))
    assert difference.mean() < 1
    # Flat colours are kept as they are.
    paper = (drawn == [int(palette.PAPER[k : k + 2], 16) for k in (1, 3, 5)]).all(axis=2)
    assert (last[paper] == 255).all()


def test_the_same_episode_gives_the_same_bytes(film, episode):
    assert render.animate(episode.scenario, episode.states, size=SIZE, pace=0.5) == film


def test_agents_walk_between_states(episode):
    pictures = list(render.frames(episode.scenario, episode.states[:2], size=SIZE, between=2))
    assert [whole for _, whole in pictures] == [True, False, False, True]
    assert len({picture.tobytes() for picture, _ in pictures}) == 4


def test_a_single_state_is_a_film_too(episode):
    assert len(shown(render.animate(episode.scenario, episode.states[:1], size=SIZE))) == 1
