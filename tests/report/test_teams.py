"""The chapter about teams that learn: what it says, draws and leaves out."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import pytest

pytest.importorskip("jax")
pytest.importorskip("altair")
from tests.report.samples import HOSTILE, make_answer, make_table
from tests.report.team_samples import (
    CURVE,
    PLANNER,
    make_evaluation,
    make_point,
    make_records,
    make_report,
    make_run,
)
from tests.report.test_answer_page import Visible

from evenhand.errors import InputError
from evenhand.hospital import render
from evenhand.learning.lottery import Lottery
from evenhand.report import write_report
from evenhand.report.teams import TeamRecord, team_chapter, team_sentences
from evenhand.report.teams.chapter import shown_of
from evenhand.report.teams.records import curve_rows, learning_rows, least_steps
from evenhand.report.teams.team_charts import (
    LOTTERIES,
    PLANNER as PLANNED,
    learning_chart,
    trade_off_chart,
    workload_chart,
)


@pytest.fixture(scope="module", autouse=True)
def _films_drawn_once():
    """Draw each film once: most tests show the same two teams, and drawing takes far longer than all else."""
    drawn = {}

    def animate(*episode, **how):
        key = repr((episode, how))
        if key not in drawn:
            drawn[key] = draw(*episode, **how)
        return drawn[key]

    draw = render.animate
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "animate", animate)
        yield


def read(chapter):
    return Visible(str(chapter))


def drawn(chart):
    """Return the rows of all layers of a chart."""
    spec = chart.to_dict()
    data = [layer.get("data", spec.get("data")) for layer in spec["layer"]]
    return [row for one in data for row in (spec["datasets"][one["name"]] if "name" in one else one["values"])]


def test_the_headline_and_lede_say_what_the_bound_changed():
    """18 of 20 units are 90 %, 10 of 20 are half; 15 steps are 5 more than 10."""
    said = read(team_chapter(make_records(), planner=PLANNER)).text
    assert "One agent did 90 % of the work. Now it does 50 %." in said
    assert "The bound, a mean Jain index of at least 0.85, is met." in said
    assert "Both are one network, trained once, in 12 seconds" in said
    assert "Sharing costs 5 steps." in said


def test_the_planner_judges_at_the_same_index():
    """Its hull passes (0.4, 8) and, halfway between (0.8, 12) and (1, 16), (0.9, 14): 25 % and 7.1 % above."""
    records = make_records()
    assert [least_steps(PLANNER, record.evaluation) for record in records] == [8.0, pytest.approx(14.0)]
    said = read(team_chapter(records, planner=PLANNER)).text
    assert "no team takes fewer than 8 and 14 steps at these two indices" in said
    assert "25 % and 7.1 % above" in said


def test_every_number_of_both_teams_stands_exactly_in_the_tables():
    exact = read(team_chapter(make_records(), curve=CURVE, planner=PLANNER)).exact
    assert {0.4, 0.9, 10.0, 15.0, 1.0, 18.0, 6.0, 4.0} <= set(exact)
    assert {0.1, 0.25, 2.0, 0.95, 40.0, 0.5} <= set(exact), "every multiplier, also one under which the team fails"


def test_a_team_that_fails_is_not_called_fair():
    """An index of 1 with no success is idleness, and the page says so instead of praising it."""
    plain, fair = make_records()
    failing = replace(fair, evaluation=make_evaluation((0.0, 0.0, 0.0), jain=1.0, steps=60.0, success=0.0))
    said = read(team_chapter([plain, failing], planner=PLANNER)).text
    assert "has not learned its task yet" in said
    assert "one that does nothing is perfectly fair" in said
    assert "is met" not in said
    assert "above" not in said


@pytest.mark.parametrize(
    ("jain", "said"),
    [(0.8, "is not met"), (0.849, "is short by 0.001, within the tolerance of 0.005"), (0.85, "is met.")],
)
def test_a_bound_is_called_met_where_it_is(jain, said):
    """Whatever is missing is said, also what counts as chance."""
    assert f"0.85, {said}" in read(team_chapter(make_records(jain=jain))).text


def test_a_team_that_shares_no_better_is_not_praised():
    plain, fair = make_records()
    same = replace(fair, evaluation=plain.evaluation)
    assert "has not learned to share its work yet" in read(team_chapter([plain, same])).text


def test_two_runs_are_called_two():
    """12 seconds and a million steps each."""
    plain, fair = make_records()
    said = read(team_chapter([replace(plain, run=make_run()), fair])).text
    assert "trained apart, by 1 000 000 steps each, in 24 seconds together" in said


def test_a_lottery_is_told_where_an_episode_is_shown():
    """The page says what is drawn, and under which multiplier the episode was played."""
    plain, fair = make_records()
    lottery = replace(fair.evaluation, lottery=Lottery(0.25, 0.5, 0.4))
    said = read(team_chapter([plain, replace(fair, evaluation=lottery, episode_multiplier=0.5)])).text
    assert "draws a multiplier for each, 0.25, or 0.5 in 40 % of the episodes" in said
    assert "Multiplier 0.5." in said


def test_hostile_names_stay_text():
    plain, fair = make_records()
    named = [replace(plain, name=HOSTILE[0]), replace(fair, name=HOSTILE[1])]
    page = read(team_chapter(named, curve=CURVE, planner=PLANNER, commands=[HOSTILE[2]]))
    assert HOSTILE[2] in page.text
    assert all(attributes["src"].startswith("data:image/gif") for tag, attributes in page.tags if tag == "img")
    assert all(attributes.get("type") == "application/json" for tag, attributes in page.tags if tag == "script")


@pytest.mark.parametrize("names", [("one",), ("same", "same")])
def test_a_chapter_compares_teams_that_can_be_told_apart(names):
    run = make_run()
    with pytest.raises(InputError, match="at least two teams with different names"):
        team_chapter([TeamRecord(name, run, make_evaluation()) for name in names])


def test_only_the_films_that_there_are_are_shown():
    plain, fair = make_records()
    pages = [team_chapter([replace(plain, episode=None), last]) for last in (fair, replace(fair, episode=None))]
    assert [sum(tag == "img" for tag, _ in read(page).tags) for page in pages] == [1, 0]


def test_films_begin_again_together_and_stand_still_for_who_wants_that():
    """Both last as long, one step of play or three; each has a still picture and the steps in team_sentences."""
    image = pytest.importorskip("PIL.Image")
    page = read(team_chapter(make_records()))
    lengths = []
    for source in [attributes["src"] for tag, attributes in page.tags if tag == "img"]:
        film = image.open(io.BytesIO(base64.b64decode(source.partition("base64,")[2])))
        total = 0
        for number in range(film.n_frames):
            film.seek(number)
            total += film.info["duration"]
        lengths.append(total)
    assert len(lengths) == 2
    assert lengths[0] == lengths[1]
    still = [attributes for tag, attributes in page.tags if tag == "source"]
    assert [one["media"] for one in still] == 2 * ["(prefers-reduced-motion: reduce)"]
    assert base64.b64decode(still[0]["srcset"].partition("base64,")[2]).startswith(b"\x89PNG")
    assert page.text.count("all wait") == 4
    assert "Not done in 3 steps" in page.text


def test_teams_of_one_run_share_a_learning_curve():
    """Jain's index is that under the controller's multiplier, where episodes under it have ended."""
    plain, fair = make_records()
    rows = learning_rows([plain, fair])
    assert [(row["team"], row["steps"], row["jain"]) for row in rows] == [("fair", 0.5, 0.7), ("fair", 1.0, 0.9)]
    apart = learning_rows([replace(plain, run=make_run()), fair])
    assert [row["team"] for row in apart] == 2 * ["unconstrained"] + 2 * ["fair"]


def test_learning_curves_leave_out_what_was_not_measured():
    run = make_run([make_report(10, None, None, 0.0), make_report(20, 0.6, None, 0.0)])
    rows = drawn(learning_chart(make_records(run), "jain", tau=0.85))
    assert [row["jain"] for row in rows if "jain" in row] == [0.6]
    assert {"level": 0.85, "word": "asked: 0.85"} in rows


def test_a_run_without_reports_has_no_learning_curves():
    assert "How it was learned" not in read(team_chapter(make_records(make_run(())))).text


def test_the_line_joins_what_no_lottery_beats():
    """Between (0.4, 10) and (0.9, 15) a lottery reaches 0.5 in 11 steps; the second multiplier takes 13."""
    assert [row["best"] for row in curve_rows(CURVE)] == [True, False, True, False]


def test_a_multiplier_under_which_the_team_fails_is_in_the_table_only():
    rows = drawn(trade_off_chart(CURVE, make_records(), PLANNER))
    assert 40.0 not in [row["steps"] for row in rows]
    assert (
        "Under 1 of them it fails in more than 1 % of its episodes"
        in read(team_chapter(make_records(), curve=CURVE)).text
    )
    always = CURVE[:3]
    assert "and succeeds in all of its episodes" in read(team_chapter(make_records(), curve=always)).text


def test_without_a_multiplier_that_succeeds_there_is_no_trade_off_to_show():
    page = read(team_chapter(make_records(), curve=[make_point(0.0, 1.0, 60.0, 0.0)], planner=PLANNER))
    assert "every price of fairness" not in page.text


def test_the_planner_is_drawn_level_down_to_the_least_even_team():
    """Quicker than its quickest plans no team is, however unfair."""
    rows = drawn(trade_off_chart([make_point(0.0, 0.35, 10.0)], (), PLANNER))
    assert [(row["jain"], row["steps"]) for row in rows if row["kind"] == PLANNED] == [
        (0.35, 8.0),
        (0.4, 8.0),
        (0.8, 12.0),
        (1.0, 16.0),
    ]
    assert {row["kind"] for row in rows} == {PLANNED, LOTTERIES}


def test_bars_are_each_agents_mean_work():
    rows = drawn(workload_chart(make_records()))[:6]
    assert [row["work"] for row in rows] == [18.0, 1.0, 1.0, 10.0, 6.0, 4.0]
    assert [row["part"] for row in rows] == pytest.approx([0.9, 0.05, 0.05, 0.5, 0.3, 0.2])


def test_a_page_leads_to_its_chapter(tmp_path):
    """A link at the beginning goes to the chapter; the same arguments give the same bytes."""
    table = make_table()
    chapter = team_chapter(make_records(), curve=CURVE, planner=PLANNER)
    pages = [write_report(tmp_path / name, make_answer(table), table=table, chapters=[chapter]) for name in ("a", "b")]
    assert pages[0].read_bytes() == pages[1].read_bytes()
    tags = Visible(pages[0].read_text(encoding="utf-8")).tags
    links = [attributes["href"] for tag, attributes in tags if tag == "a"]
    assert links == ["#teams"]
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert "teams" in ids
    assert len(set(ids)) == len(ids)
    assert [tag for tag, _ in tags if re.fullmatch("h1", tag)] == ["h1"]


def test_a_team_alone_is_compared_with_no_other():
    """15 steps, an index of 0.9 where 0.85 is asked, and an agent that does 10 of 20 units."""
    _, fair = make_records()
    assert (
        team_sentences.headline_alone(fair)
        == "A team that succeeds in 100\u202f% of its episodes, with a mean Jain index of 0.9."
    )
    *_, said = team_sentences.lede_alone(fair)
    assert said == "An episode takes 15 steps. The bound, a mean Jain index of at least 0.85, is met."
    shown = shown_of([fair], (), None, ())
    assert [(name, remark) for name, _, remark in shown["key_figures"]] == [
        ("Jain’s index", "at least 0.85 asked"),
        ("Work of agent_1", ""),
        ("Steps", ""),
        ("Success", ""),
    ]
    assert shown["key_figures"][1][1] == "50\u202f%"
    assert (shown["comparison"]["heading"], shown["comparison"]["finding"]) == ("What the team does", "")
    idle = replace(fair, evaluation=make_evaluation((0.0, 0.0, 0.0), jain=1.0, steps=60.0, success=0.25))
    assert team_sentences.headline_alone(idle) == "A team that has not learned its task yet."
    assert "succeeds in 25\u202f% of its episodes. An index says little" in team_sentences.lede_alone(idle)[-1]


def test_without_a_planner_nothing_is_said_of_what_is_possible():
    said = read(team_chapter(make_records())).text
    assert "Least possible" not in said
    assert "Least possible" in read(team_chapter(make_records(), planner=PLANNER)).text


def test_a_run_that_was_loaded_does_not_tell_how_long_it_took():
    said = read(team_chapter(make_records(replace(make_run(), seconds=0.0)))).text
    assert "Both are one network, trained once: it observes the price" in said
    assert "compiling included" not in said
