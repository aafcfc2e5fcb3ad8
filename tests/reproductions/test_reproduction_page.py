"""The page of a reproduction as bytes: what it says, and what it refuses."""

from __future__ import annotations

import base64
import csv
import io
import re
from functools import cache
from typing import Any

import pytest
from reproductions.pages import page
from reproductions.pages.page import QUICK, duration
from tests.report.test_answer_page import Visible
from tests.reproductions.reproduction_samples import CLAIMS, cv_rows, largest_rows, make_document, make_section

from evenhand.errors import InputError
from evenhand.report.panels.figure import csv_text


def with_claims(*verdicts: str) -> dict[str, Any]:
    claims = [{**CLAIMS[0], "verdict": verdict, "why": "because"} for verdict in verdicts]
    return make_document(sections=[make_section("cv", cv_rows()) | {"claims": claims}])


@cache
def full() -> str:
    """Return the page of the whole sample, which many tests read."""
    return page(make_document())


def said(document: dict[str, Any]) -> str:
    return Visible(page(document)).text


def test_the_top_says_what_was_reproduced_when_where_how_long_and_how() -> None:
    text = Visible(full()).text
    top = text[: text.index("The claims at a glance")]
    for words in (
        "“Bounded dispersion” by A. Author and B. Writer (arXiv 0000.00000)",
        "25 November 2026",
        "AMD EPYC, 2 cores, Linux x86_64",
        "21 min",
        "python -m reproductions dispersion",
    ):
        assert words in top


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        (["holds"] * 3, "All 3 claims hold."),
        (["holds"], "Of 1 claim, 1 holds."),
        (["holds", "holds", "differs"], "Of 3 claims, 2 hold and 1 differs."),
        (["partly", "partly", "not tested", "holds"], "Of 4 claims, 1 holds, 2 hold in part and 1 is not tested."),
        ([], "No claims are compared here"),
    ],
)
def test_the_headline_counts_the_verdicts(verdicts: list[str], headline: str) -> None:
    assert headline in said(with_claims(*verdicts))


def test_what_does_not_agree_is_told_with_its_reason() -> None:
    """Three of the four claims have a reason; the one that holds is not among them."""
    text = Visible(full()).text
    part = text[text.index("What does not agree, and why") : text.index("Twenty instances, not fifty.")]
    for claim in CLAIMS[1:]:
        assert claim["claim"] in part
        assert claim["why"] in part
    assert CLAIMS[0]["claim"] not in part


def test_quick_runs_say_so() -> None:
    assert QUICK in said({**with_claims("holds"), "quick": True})
    assert QUICK not in Visible(full()).text


def test_a_section_has_its_question_command_notes_and_failures() -> None:
    text = Visible(full()).text
    for words in (
        "What does price show?",
        "The caption of price.",
        "python -m reproductions dispersion --only price",
        "Twenty instances, not fifty.",
        "1 trial failed",
        "ValueError: no such <b>instance</b>",
        "0.31 [0.29, 0.33]",
    ):
        assert words in text


def test_every_number_is_in_the_table_behind_its_figure() -> None:
    exact = Visible(full()).exact
    for row in cv_rows():
        assert all(value in exact for value in row.values() if isinstance(value, float))


def test_the_csv_reads_back_bit_for_bit() -> None:
    document = make_document(sections=[make_section("cv", cv_rows())])
    (encoded,) = re.findall(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', page(document))
    rows = list(csv.DictReader(io.StringIO(base64.b64decode(encoded).decode("utf-8"))))
    assert len(rows) == len(cv_rows())
    for row, original in zip(rows, cv_rows(), strict=True):
        assert {name: float(row[name]) for name in row} == {name: float(value) for name, value in original.items()}


def test_what_is_missing_is_empty_in_the_csv() -> None:
    assert csv_text([{"a": 1, "b": None}, {"c": "x,y"}]) == 'a,b,c\n1,,\n,,"x,y"\n'


def test_a_long_table_is_cut_and_says_so() -> None:
    rows = [{"p": "2", "epsilon": 0.5 + k / 10_000} for k in range(1000)]
    html = page(make_document(sections=[make_section("largest", rows)]))
    assert "Listed are the first 400 of 1 000 rows" in Visible(html).text
    assert html.count('<tr><th scope="row">') == 400


def test_rows_that_do_not_fit_their_figure_are_still_there_to_read() -> None:
    """A section whose rows lack a column has its numbers, and says why there is no picture."""
    text = said(make_document(sections=[make_section("price", largest_rows())]))
    assert "Not drawn: the figure 'price' needs a column 'price' or 'published'; the rows have 'p'" in text
    assert "The numbers (18 rows)" in text


def test_the_same_document_gives_the_same_bytes() -> None:
    assert page(make_document()) == full()


def test_the_least_document_has_a_page() -> None:
    """What is optional may be missing altogether."""
    document = {
        "kind": "evenhand reproduction",
        "version": 1,
        "name": "x",
        "title": "A title",
        "command": "python -m reproductions x",
        "sections": [{"key": "a", "title": "A section"}],
    }
    assert "A section" in said(document)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.42, "0.4"), (95.0, "95"), (1234.5, "21 min"), (9000.0, "2 h 30 min"), (7230.0, "2 h 0 min")],
)
def test_durations_are_told_as_people_do(seconds: float, told: str) -> None:
    assert told in duration(seconds)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ([], "not a document of results"),
        ({"title": "x"}, "not a document of results"),
        (make_document(kind="recipe"), "kind 'recipe' is not known; 'evenhand reproduction' is"),
        (make_document(version=2), "version 2 is newer than this clone reads"),
        (make_document(version=0), "version 0 cannot be read"),
        (make_document(version="1"), "version '1' cannot be read"),
        (make_document(title=3), "'title' is 3; a text is expected"),
        (make_document(sections=[]), "'sections' is empty"),
        (make_document(sections=[7]), "section 1: must be an object"),
        (make_document(sections=[make_section("cv", [])] * 2), "'cv' appears twice"),
        (make_document(sections=[make_section("cv", []) | {"rows": [1]}]), "section 1: a row is 1"),
        (make_document(sections=[make_section("cv", []) | {"figure": "cv"}]), "'figure' is 'cv'"),
        (
            make_document(sections=[make_section("cv", []) | {"claims": [{**CLAIMS[0], "verdict": "maybe"}]}]),
            "the verdict 'maybe' is not known; use holds, partly, differs, not tested",
        ),
        (
            make_document(sections=[make_section("cv", []) | {"claims": [{"claim": "x"}]}]),
            "a claim has no 'published'",
        ),
        (
            make_document(sections=[make_section("cv", []) | {"tables": [{"columns": ["a"], "rows": [["1", "2"]]}]}]),
            "1 cells are expected",
        ),
    ],
)
def test_what_is_no_document_is_refused_in_one_line(document: Any, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        page(document)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)
