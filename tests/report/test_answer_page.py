"""The page as bytes: what it says, that it says it safely, and that it says it again the same way."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, replace
from fractions import Fraction
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.report.samples import HOSTILE, make_answer, make_frontier, make_table

import evenhand
from evenhand.assignment.assignment_result import Attainable
from evenhand.errors import InputError, MissingExtraError
from evenhand.fairness import EpsilonFairness, GiniAtMost
from evenhand.report import write_frontier_report, write_report

if TYPE_CHECKING:
    from pathlib import Path

    from evenhand.assignment.assignment_result import Assignment
    from evenhand.fairness import Frontier
    from evenhand.tables import CostTable


@dataclass(frozen=True)
class Verdict:
    """What `verify` will return, as far as the page reads it."""

    verified: bool = True
    cost: Fraction = Fraction(1, 3)
    bound: Fraction = Fraction(1, 4)
    certified_gap: Fraction = Fraction(1, 4)
    reasons: tuple[str, ...] = ()
    search_only: tuple[str, ...] = ("The last stretch rests on the search.",)


class Visible(HTMLParser):
    """The text a reader sees, the exact numbers behind it, and the tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.exact, self.tags = "", [], []
        self._hidden = False
        self.feed(page)
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and the exact numbers."""
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in {"script", "style"}
        self.exact += [float(value or "nan") for name, value in attrs if tag == "data" and name == "value"]

    def handle_endtag(self, tag: str) -> None:
        """Leave scripts and styles."""
        self._hidden = False

    def handle_data(self, data: str) -> None:
        """Collect what is shown."""
        self.text += "" if self._hidden else data


def read(path: Path) -> Visible:
    return Visible(path.read_text(encoding="utf-8"))


def test_the_headline_states_cost_certainty_and_fairness(tmp_path: Path, table: CostTable) -> None:
    answer = make_answer(table, cost=6193.51, bound=6193.0146)
    said = read(write_report(tmp_path / "r.html", answer, table=table)).text
    assert "This plan costs 6 193.51." in said
    assert "No fair plan is cheaper than 6 193.01: at most 0.008 % could be saved." in said
    assert f"{answer.agents[int(np.argmax(answer.loads))]} carries most" in said


def test_every_number_of_the_answer_is_on_the_page(tmp_path: Path, answer: Assignment, table: CostTable) -> None:
    exact = read(write_report(tmp_path / "r.html", answer, table=table)).exact
    assert answer.loads is not None
    assert answer.assignment is not None
    paid = table.values[answer.assignment, np.arange(12)]
    for number in [answer.cost, answer.cv, answer.gap, *answer.loads, *paid]:
        assert number in exact


def test_the_same_input_gives_the_same_bytes(
    tmp_path: Path, answer: Assignment, table: CostTable, frontiers: list[Frontier]
) -> None:
    first = write_report(tmp_path / "a.html", answer, table=table, frontiers=frontiers, verdict=Verdict())
    second = write_report(tmp_path / "b.html", answer, table=table, frontiers=frontiers, verdict=Verdict())
    assert first.read_bytes() == second.read_bytes()


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    table = make_table(4, 12, HOSTILE)
    table = replace(table, tasks=tuple(f"{j}{HOSTILE[j % 4]}" for j in range(12)), source=HOSTILE[1])
    frontiers = [make_frontier(2, HOSTILE)]
    page = read(
        write_report(tmp_path / "r.html", make_answer(table), table=table, frontiers=frontiers, command=HOSTILE[0])
    )
    assert [tag for tag, _ in page.tags if tag in {"img", "iframe", "object", "a"}] == []
    kinds = [attributes.get("type", "code") for tag, attributes in page.tags if tag == "script"]
    assert kinds.count("code") == 2, "the drawing library and the page's own script, nothing else"
    assert HOSTILE[0] in page.text
    assert "\u202e" not in page.text, "what turns the line round is written as its code"
    assert r"\u202e" in page.text


def test_the_page_names_no_address_to_fetch(tmp_path: Path, answer: Assignment, table: CostTable) -> None:
    page = read(write_report(tmp_path / "r.html", answer, table=table))
    for _, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "data"):
            assert (attributes.get(name) or "data:").startswith("data:")
    policies = [a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv")]
    assert len(policies) == 1
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'; script-src 'sha256-")


def test_a_verdict_is_shown_with_what_rests_on_the_search(tmp_path: Path, answer: Assignment, table: CostTable) -> None:
    said = read(write_report(tmp_path / "r.html", answer, table=table, verdict=Verdict())).text
    assert "Verified: recomputed in exact arithmetic" in said
    assert "The last stretch rests on the search." in said


def test_a_refused_verdict_gives_its_reasons(tmp_path: Path, answer: Assignment, table: CostTable) -> None:
    verdict = Verdict(verified=False, reasons=("The loads do not add up.",))
    said = read(write_report(tmp_path / "r.html", answer, table=table, verdict=verdict)).text
    assert "Not verified." in said
    assert "The loads do not add up." in said


def test_an_infeasible_answer_names_the_fairest_possible(tmp_path: Path, table: CostTable) -> None:
    nothing = {"assignment": None, "loads": None, "cost": None, "certified_gap": None}
    fairest = Attainable("epsilon", 0.93, 0.94)
    answer = make_answer(table, status="infeasible", bound=np.inf, attainable=fairest, **nothing)
    said = read(write_report(tmp_path / "r.html", answer, table=table)).text
    assert "No assignment is that fair, and this is proven." in said
    assert "reaches 0.93" in said
    assert "Anything stricter than 0.94 is proven to be too much" in said


def test_a_refutation_is_only_ascribed_to_a_certificate_that_refutes(tmp_path: Path, table: CostTable) -> None:
    """The certificate of an infeasible answer may prove a mere bound; then the search alone refutes."""
    nothing = {"assignment": None, "loads": None, "cost": None, "certified_gap": None}
    answer = make_answer(table, status="infeasible", bound=np.inf, **nothing)
    assert answer.certificate is not None
    for kind, basis in (("infeasible", "a certificate that anyone"), ("bound", "the exhaustive search alone")):
        proof = replace(answer, certificate=replace(answer.certificate, kind=kind))
        said = read(write_report(tmp_path / "r.html", proof, table=table)).text
        assert f"That no assignment meets the rule rests on {basis}" in said


def test_a_time_limit_without_a_plan_claims_nothing(tmp_path: Path, table: CostTable) -> None:
    nothing = {"assignment": None, "loads": None, "cost": None, "certified_gap": None}
    answer = make_answer(table, status="time_limit", bound=12.5, **nothing)
    said = read(write_report(tmp_path / "r.html", answer, table=table)).text
    assert "Whether one exists is open. If one does, it costs at least 12.50." in said


def test_a_stopped_search_says_what_could_still_be_saved(tmp_path: Path, table: CostTable) -> None:
    answer = make_answer(table, status="time_limit")
    answer = replace(answer, bound=answer.cost * (1 - 0.0123))
    said = read(write_report(tmp_path / "r.html", answer, table=table)).text
    assert "a longer search could still save up to 1.3 %" in said


def test_burdens_and_entitlements_are_shown(tmp_path: Path, table: CostTable) -> None:
    rule = GiniAtMost(0.3, entitlements=(1, 1, 1, 0.5))
    answer, burdens = make_answer(table, fairness=rule), replace(table, source="hours.csv")
    said = read(write_report(tmp_path / "r.html", answer, table=table, burdens=burdens)).text
    assert "hours.csv" in said
    assert "entitled to" in said
    assert "Gini index is at most 0.3" in said


def test_zero_loads_are_drawn(tmp_path: Path, table: CostTable) -> None:
    nothing = replace(table, values=np.zeros((4, 12)))
    answer = make_answer(nothing, bound=0.0, certified_gap=0.0)
    said = read(write_report(tmp_path / "r.html", answer, table=nothing)).text
    assert "This plan costs 0. No fair plan is cheaper." in re.sub(r"\s+", " ", said)


def test_a_large_instance_is_sampled_and_says_so(tmp_path: Path) -> None:
    table = make_table(50, 6000)
    path = write_report(tmp_path / "r.html", make_answer(table), table=table)
    said = read(path).text
    assert "Drawn are 2 000 tasks of 6 000 tasks" in said
    assert "Listed are the dearest 5 000 tasks of 6 000 tasks" in said
    assert "Drawn are the 20 most and the 20 least loaded of 50." in said
    assert path.stat().st_size < 3_000_000


def test_a_frontier_alone_has_its_page(tmp_path: Path, table: CostTable, frontiers: list[Frontier]) -> None:
    said = read(write_frontier_report(tmp_path / "f.html", frontiers, table=table, command="evenhand frontier x")).text
    assert "Fairness costs up to 3 %." in said
    assert "At p = ∞, level 0.99 is proven impossible." in said
    assert "evenhand frontier x" in said


def test_findings_of_many_orders_are_a_list_and_few_a_sentence(tmp_path: Path, table: CostTable) -> None:
    """Each order says one thing."""
    for orders, listed in (((2, 3), 0), ((2, 3, 4, 5), 4)):
        frontiers = [make_frontier(p, table.agents) for p in orders]
        page = write_frontier_report(tmp_path / "f.html", frontiers, table=table).read_text(encoding="utf-8")
        section = page[page.index('<section id="price"') : page.index("<figure")]
        assert (section.count("<li>"), section.count('<p class="finding">')) == (listed, int(not listed))


def test_bounds_for_equal_agents_are_not_shown_for_unequal_ones(
    tmp_path: Path, table: CostTable, frontiers: list[Frontier]
) -> None:
    path = tmp_path / "f.html"
    assert "sharp bound" in read(write_frontier_report(path, frontiers, table=table)).text
    shares = (1.0, 1.0, 1.0, 0.5)
    assert "sharp bound" not in read(write_frontier_report(path, frontiers, table=table, entitlements=shares)).text


def test_an_answer_of_the_engine_with_its_verdict(tmp_path: Path, table: CostTable) -> None:
    """From a table to a verified page, nothing made by hand."""
    answer = evenhand.assign(table, EpsilonFairness(0.8, p=2))
    frontier = evenhand.price_of_fairness(table, 2, [0.0, 0.5])
    for max_gap, title in (
        (None, "Plan verified, gap not proven: in exact arithmetic"),
        (0.5, "Verified: recomputed in"),
    ):
        verdict = evenhand.verify(table, answer, max_gap=max_gap)
        page = read(write_report(tmp_path / "r.html", answer, table=table, frontiers=[frontier], verdict=verdict))
        assert title in page.text
        kinds = [attributes["class"] for tag, attributes in page.tags if "verdict" in (attributes.get("class") or "")]
        assert kinds == ["verdict open" if max_gap is None else "verdict good"], "green is for what is proven"


def test_no_frontier_no_page(tmp_path: Path, table: CostTable) -> None:
    with pytest.raises(InputError, match="at least one"):
        write_frontier_report(tmp_path / "f.html", [], table=table)


def test_a_table_of_another_shape_is_refused(tmp_path: Path, answer: Assignment) -> None:
    with pytest.raises(InputError, match=r"shape \(4, 11\); the answer has 4 agents and 12 tasks"):
        write_report(tmp_path / "r.html", answer, table=make_table(4, 11))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("module", ["altair", "jinja2", "vl_convert"])
def test_a_missing_library_names_its_extra(
    tmp_path: Path, answer: Assignment, table: CostTable, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    from evenhand.report import template

    template._vega.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"pip install '\.\[report\]'"):
        write_report(tmp_path / "r.html", answer, table=table)
    assert not list(tmp_path.iterdir())


def test_embedded_data_cannot_end_its_element(tmp_path: Path) -> None:
    table = make_table(4, 12, HOSTILE)
    page = write_report(tmp_path / "r.html", make_answer(table), table=table).read_text(encoding="utf-8")
    blocks = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, flags=re.DOTALL)
    assert len(blocks) == 3, "loads, map, themes"
    assert all(isinstance(json.loads(block), dict) for block in blocks)


def test_extreme_scales_are_drawn(tmp_path: Path, table: CostTable) -> None:
    huge = replace(table, values=table.values * 1e300)
    answer = make_answer(huge, fairness=EpsilonFairness(0.3, p=10))
    assert "× 10" in read(write_report(tmp_path / "r.html", answer, table=huge)).text
