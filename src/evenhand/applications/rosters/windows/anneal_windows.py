"""Anneal a roster by planning a window of days anew for a few people, one after the other.

As :mod:`..neighbourhoods.ruin_and_recreate`, where rows have too many days to be replaced as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.neighbourhoods.ruin_and_recreate import (
    COLD,
    LOWER,
    NOISE,
    RAISE,
    cost_scale,
)
from evenhand.applications.rosters.windows.row_windows import Window, window_cuts
from evenhand.applications.rosters.windows.window_draft import WindowDraft

WEEKS, CHANCES = (1, 2, 4, 6), (0.2, 0.3, 0.3, 0.2)
"""Lengths of windows in weeks, and how often each is chosen."""

MOST_PEOPLE = 3
"""Upper limit on the people whose days are taken out together."""

RELATED = 0.7
"""Share of ruins that begin with somebody who can work where cover is short."""

DAYS_OF_WEEK = 7


class WindowAnnealing:
    """Annealing of a roster of which all rows are in.

    Parameters
    ----------
    draft
        The roster; it is changed.
    rng
        Random numbers.
    improved
        Function that is called with each better cost.

    Attributes
    ----------
    best
        Rows of the best legal and fair roster, shape (n, D), as in the draft; None if there is none yet.
    least
        Its cost.
    """

    def __init__(
        self, draft: WindowDraft, rng: np.random.Generator, improved: Callable[[float], None] | None = None
    ) -> None:
        self._draft, self._rng, self._improved = draft, rng, improved
        self._cuts = np.array(window_cuts(draft.problem))
        self.best: NDArray[np.int64] | None = None
        self.least = math.inf

    def run(self, progress_made: Callable[[], float], hot: float) -> None:
        """Anneal until `progress_made` returns 1; `hot` is the first temperature, as in the annealing of whole rows."""
        draft, rng = self._draft, self._rng
        scale = cost_scale(draft)
        draft.penalty = scale if draft.unfair else 0.0
        cost, missed = draft.cost, draft.missed
        self._keep(cost, missed)
        while (done := progress_made()) < 1.0:
            temperature = scale * hot * (COLD / hot) ** done
            window = self._some_window()
            people = self._some_people(window)
            before = self._share(people, window) + draft.penalty * missed
            out = [(person, draft.take(person)) for person in people]
            if not self._recreate(out, window, NOISE * temperature):
                self._restore(out)
                continue
            missed_now = draft.missed
            now = self._share(people, window)
            worse = now + draft.penalty * missed_now - before
            if worse > 0.0 and rng.random() >= math.exp(-worse / temperature):
                self._restore(out)
                continue
            cost, missed = cost + now - (before - draft.penalty * missed), missed_now
            if draft.unfair:
                draft.penalty = min(max(draft.penalty * (RAISE if missed > 0.0 else LOWER), 0.1 * scale), 1e4 * scale)
            self._keep(cost, missed)

    def _keep(self, cost: float, missed: float) -> None:
        """Keep the roster if it is legal, fair and the cheapest so far."""
        draft = self._draft
        if missed > 0.0 or cost >= self.least - 1e-9 or not draft.covers or not draft.is_fair:
            return
        self.best, self.least = draft.rows.copy(), cost
        if self._improved is not None:
            self._improved(cost)

    def _share(self, people: list[int], window: Window) -> float:
        """Return the costs that a change of these people's days can change."""
        return float(self._draft.own[people].sum()) + self._draft.cover_cost(window.first, window.stop)

    def _some_window(self) -> Window:
        weeks = int(self._rng.choice(WEEKS, p=CHANCES))
        first = int(self._cuts[self._rng.integers(len(self._cuts) - 1)])
        later = self._cuts[self._cuts >= first + DAYS_OF_WEEK * weeks]
        return Window(first, int(later[0]) if len(later) else int(self._cuts[-1]))

    def _some_people(self, window: Window) -> list[int]:
        """Return the people whose days are taken out, in the order in which they get new ones."""
        draft, rng = self._draft, self._rng
        people = len(draft.rows)
        count = min(people, int(rng.integers(1, MOST_PEOPLE + 1)))
        chosen: list[int] = rng.choice(people, count, replace=False).tolist()
        if rng.random() < RELATED:
            short = np.argwhere(draft.marginal(window.first, window.stop) < 0.0)
            if len(short):
                day, shift = short[rng.integers(len(short))]
                day += window.first
                able = np.isfinite(draft.costs.work[:, day, shift]) & (draft.rows[:, day] != shift)
                candidates = np.flatnonzero(able)
                if len(candidates):
                    first = int(rng.choice(candidates))
                    chosen = [first, *(person for person in chosen if person != first)][:count]
        return chosen

    def _recreate(self, out: list[tuple[int, NDArray[np.int64]]], window: Window, most_noise: float) -> bool:
        """Put in rows with new days, all but the last with noise; return False if somebody has none."""
        draft, rng = self._draft, self._rng
        for position, (person, row) in enumerate(out):
            noise: float | np.ndarray[tuple[int, ...], np.dtype[np.float64]] = 0.0
            if position < len(out) - 1:
                noise = rng.random((window.days, draft.there.shape[1])) * (most_noise * rng.random() ** 2)
            new = draft.best_days(person, row, window, noise)
            if new is None:
                return False
            draft.put(person, new)
        return True

    def _restore(self, out: list[tuple[int, NDArray[np.int64]]]) -> None:
        for person, row in out:
            self._draft.take(person)
            self._draft.put(person, row)
