"""The page on the search says what the committed measurement of proofs says."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.assignment.parts import CASES, Extent
from benchmarks.proofs import BEGIN, END, PAGE, RESULT, measure, quote


def test_the_page_quotes_the_result() -> None:
    quoted = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()
    assert quoted == quote(json.loads(RESULT.read_text("utf-8")))


@pytest.mark.parametrize("part", ["clusters", "lattices"])
def test_a_case_is_solved_proven_and_checked(part: str) -> None:
    case = min(CASES[part](Extent())[:20], key=lambda one: np.prod(one.source.instance().costs.values.shape))
    row = measure(replace(case, gap=1e-2))
    assert row["status"] in ("optimal", "infeasible")
    assert row["check"] > 0
    assert row["nodes"] > 0
