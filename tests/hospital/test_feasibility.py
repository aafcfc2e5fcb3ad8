"""Goals out of reach are refused with the reason, and only those."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import assume, given, settings, strategies as st

from evenhand.errors import InputError
from evenhand.hospital import names
from evenhand.hospital.feasibility import check_reachable, most_even, quickest_finish
from evenhand.hospital.loading import load
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Agent, Energy, Item, Journey, Patient, Scenario, Station, Step, Travel
from evenhand.hospital.scenario_arrays import arrays_of


def scenario(steps: list[Step], agents: list[dict[str, int]], *, items: tuple[str, ...] = (), **more: Any) -> Scenario:
    """One patient on a bed, a cart one step away, agents who start at the cart."""
    energy = more.pop("energy", None)
    team = [
        Agent(name=f"agent_{n}", skills=skills, start="cart", energy=energy) for n, skills in enumerate(agents, start=1)
    ]
    return Scenario(
        name="test",
        stations=(Station(name="bed"), Station(name="cart")),
        items=tuple(Item(name=f"item-{n}", kind=kind, at="cart") for n, kind in enumerate(items)),
        agents=tuple(team),
        patients=(Patient(name="patient", at="bed", steps=tuple(steps)),),
        **more,
    )


def refusal(checked: Scenario) -> str:
    with pytest.raises(InputError) as caught:
        check_reachable(checked)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_step_that_nobody_has_the_skill_for() -> None:
    checked = scenario([Step(name="shock", treat="shock")], [{"shock": 0}, {}])
    assert refusal(checked) == ("nobody can do step 'shock' of patient 'patient': no agent has the skill 'shock'")


def test_an_item_that_nobody_can_install() -> None:
    checked = scenario([Step(name="tube", bring="tube", skill="intubate")], [{}, {}], items=("tube",))
    assert "no agent has the skill 'intubate'" in refusal(checked)


def test_fewer_copies_than_steps_that_bring_one() -> None:
    steps = [Step(name="left", bring="pad"), Step(name="right", bring="pad")]
    message = refusal(scenario(steps, [{}, {}], items=("pad",)))
    assert message.startswith("2 of kind 'pad' to bring (step 'left'")
    assert message.endswith("but 1 among the items")
    check_reachable(scenario(steps, [{}, {}], items=("pad", "pad")))


@pytest.mark.parametrize(
    ("order", "cycle"),
    [
        ({"a": ("a",)}, "'a' needs 'a'"),
        ({"a": ("c",), "b": ("a",), "c": ("b",)}, "'a' needs 'c' needs 'b' needs 'a'"),
        ({"a": (), "b": ("a", "c"), "c": ("b",)}, "'b' needs 'c' needs 'b'"),
    ],
)
def test_a_cycle_is_named(order: dict[str, tuple[str, ...]], cycle: str) -> None:
    steps = [Step(name=name, treat="heal", after=after) for name, after in order.items()]
    assert refusal(scenario(steps, [{"heal": 1}, {}])) == f"the protocol of patient 'patient' goes in a circle: {cycle}"


def test_a_protocol_longer_than_the_stack_is_deep() -> None:
    steps = [Step(name="0", treat="heal")]
    steps += [Step(name=str(n), treat="heal", after=(str(n - 1),)) for n in range(1, 2000)]
    check_reachable(scenario(steps[::-1], [{"heal": 1}, {}], horizon=2001))


def test_energy_above_what_every_able_agent_can_hold() -> None:
    steps = [Step(name="press", treat="press", energy=4)]
    message = refusal(scenario(steps, [{"press": 1}, {}], energy=Energy(capacity=3, recovery=1)))
    assert message == (
        "nobody can do step 'press' of patient 'patient': it costs 4 energy, "
        "and no agent able to do it can hold more than 3"
    )


def test_energy_that_never_comes_back_and_does_not_suffice() -> None:
    """Seven units at two a press are four presses of 3 energy: 12, more than the 10 of the only able agent."""
    steps = [Step(name="press", treat="press", units=7, energy=3)]
    message = refusal(scenario(steps, [{"press": 2}, {}], energy=Energy(capacity=10, recovery=0)))
    assert "cost 12 energy at least; agent_1, who alone can do them, have 10" in message
    check_reachable(scenario(steps, [{"press": 2}, {}], energy=Energy(capacity=12, recovery=0)))


def test_energy_is_summed_over_the_steps_of_the_same_agents() -> None:
    steps = [Step(name="press", treat="press", energy=3), Step(name="again", treat="press", energy=3)]
    message = refusal(scenario(steps, [{"press": 1}, {}], energy=Energy(capacity=5, recovery=0)))
    assert "cost 6 energy at least" in message
    check_reachable(scenario(steps, [{"press": 1}, {"press": 1}], energy=Energy(capacity=5, recovery=0)))


def test_a_horizon_below_fetching_travelling_and_treating() -> None:
    """Pick up 1, go 1, install 1; then five units at two a step: 3 more. Six in all."""
    steps = [Step(name="board", bring="board"), Step(name="press", treat="press", units=5, after=("board",))]
    team = [{"press": 2}, {"press": 1}]
    check_reachable(scenario(steps, team, items=("board",), horizon=6))
    message = refusal(scenario(steps, team, items=("board",), horizon=5))
    assert message.startswith("horizon is 5; step 'press' of patient 'patient' cannot be complete before step 6")


def test_a_horizon_below_the_actions_of_the_only_able_agent() -> None:
    """Two independent treatments of five units: in parallel by step 6, but the agent is one."""
    steps = [Step(name=name, treat="press", units=5) for name in ("one", "other")]
    message = refusal(scenario(steps, [{"press": 1}, {}], horizon=9))
    assert "take 10 actions at least; agent_1, who alone can do them, have 9" in message
    check_reachable(scenario(steps, [{"press": 1}, {"press": 1}], horizon=9))


def test_a_detour_may_be_quicker_than_the_way_that_is_given() -> None:
    """From cart to bed takes 9 steps straight, 2 by the door; then 1 to treat."""
    stations = tuple(Station(name=name) for name in ("bed", "cart", "door"))
    checked = scenario([Step(name="press", treat="press")], [{"press": 1}, {}], horizon=3).model_copy(
        update={"stations": stations, "travel": Travel(exceptions=(Journey(between=("cart", "bed"), steps=9),))}
    )
    check_reachable(checked)
    assert "before step 3" in refusal(checked.model_copy(update={"horizon": 2}))


def test_the_bound_of_the_built_in_scenarios_by_hand() -> None:
    """From the best start: pick up, go, install (3); compressions 1 (specialist: 3 at once); mask 1; breaths 1: 6."""
    loaded = load("rescue-breaths/specialist")
    arrays = arrays_of(loaded)
    able = (arrays.level > 0)[:, [0, 0, 0, 1]]
    assert quickest_finish(arrays, able).tolist() == [3, 4, 5, 6]
    check_reachable(loaded.model_copy(update={"horizon": 6}))
    assert "before step 6" in refusal(loaded.model_copy(update={"horizon": 5}))


@pytest.mark.parametrize("name", names())
def test_built_in_scenarios_are_reachable(name: str) -> None:
    check_reachable(load(name))


# Soundness: whatever a search over all joint actions reaches is not refused.

levels = st.integers(0, 2)


@st.composite
def small(draw: st.DrawFn) -> Scenario:
    stations = ("bed", "cart", "door")[: draw(st.integers(2, 3))]
    steps = []
    for n in range(draw(st.integers(1, 3))):
        after = tuple(earlier.name for earlier in steps if draw(st.booleans()))
        bring = draw(st.booleans())
        kinds = {"bring": "kit"} if bring else {"treat": draw(st.sampled_from(["press", "breathe"]))}
        skill = draw(st.sampled_from([None, "press"])) if bring else None
        units = 1 if bring else draw(st.integers(1, 3))
        at = draw(st.sampled_from([None, "cart"]))
        energy = draw(st.integers(0, 3))
        steps.append(Step(name=str(n), after=after, skill=skill, units=units, at=at, energy=energy, **kinds))
    tiring = draw(st.sampled_from([None, (2, 0), (3, 0), (3, 1), (6, 0)]))
    energy = Energy(capacity=tiring[0], recovery=tiring[1]) if tiring else None
    agents = [
        Agent(
            name=f"agent_{n}",
            skills={"press": draw(levels), "breathe": draw(levels)},
            energy=energy if draw(st.booleans()) else None,
            start=draw(st.sampled_from(stations)),
        )
        for n in range(2)
    ]
    journeys = (Journey(between=("bed", "cart"), steps=3),) if draw(st.booleans()) else ()
    return Scenario(
        name="small",
        horizon=draw(st.integers(1, 7)),
        travel=Travel(exceptions=journeys),
        stations=tuple(Station(name=name) for name in stations),
        items=tuple(Item(name=f"kit-{n}", kind="kit", at=draw(st.sampled_from(stations))) for n in range(2)),
        agents=tuple(agents),
        patients=(Patient(name="patient", at="bed", steps=tuple(steps)),),
    )


def reaches(checked: Scenario) -> bool:
    """Search breadth first over all joint actions, states that differ in what was counted taken together."""
    rules = Rules(arrays_of(checked))
    start = rules.start((s[0] for s in rules.agent_starts), (s[0] for s in rules.item_starts))
    layer = [start]
    for _ in range(checked.horizon):
        following = {}
        for state in layer:
            allowed = [[action for action, able in enumerate(rules.mask(state, agent)) if able] for agent in (0, 1)]
            for actions in itertools.product(*allowed):
                after, outcome = rules.step(state, actions)
                if outcome.success:
                    return True
                after.workload, after.conflicts = start.workload, start.conflicts
                following[repr(after)] = after
        layer = list(following.values())
        if len(layer) > 3000:
            assume(False)
    return False


@settings(max_examples=60, deadline=None)
@given(small())
def test_nothing_within_reach_is_refused(checked: Scenario) -> None:
    try:
        check_reachable(checked)
    except InputError:
        assert not reaches(checked)


@pytest.mark.parametrize(
    ("skills", "workload", "bound"),
    [
        # Of two agents one has no skill: (9 + 0)^2 / (2 * 9^2).
        ([{"press": 1}, {}], "useful", 1 / 2),
        ([{"press": 1}, {}], "effort", 1 / 2),
        ([{"press": 1}, {}], "actions", 1 / 2),
        # Two of three can press: 4.5 and 4.5.
        ([{"press": 1}, {"press": 2}, {}], "useful", 2 / 3),
        # 6 units by one alone, 3 by two others: the best is 6, 1.5, 1.5, that is 81 / (3 * 40.5).
        ([{"press": 1}, {"breathe": 1}, {"breathe": 1}], "useful", 2 / 3),
        ([{"press": 1}, {"breathe": 1}, {"breathe": 1}], "effort", 1.0),
        # 6 units by one alone, who leaves the rest to the other: 81 / (2 * (36 + 9)).
        ([{"press": 1}, {"breathe": 1}], "useful", 0.9),
        ([{"press": 1, "breathe": 1}, {"press": 1, "breathe": 1}], "useful", 1.0),
    ],
)
def test_how_even_a_team_can_be_that_succeeds(skills, workload, bound):
    """Six units of pressing and three of breathing, by whoever has the skill; indices by hand."""
    breathe = "breathe" if any("breathe" in agent for agent in skills) else "press"
    steps = [
        Step(name="press", treat="press", units=6, energy=1),
        Step(name="breathe", treat=breathe, units=3, energy=1, after=("press",)),
    ]
    most, why = most_even(scenario(steps, skills).model_copy(update={"workload": workload}))
    assert most == pytest.approx(bound)
    assert ("agent_1" in why) == (bound < 1.0)


def test_whoever_can_only_carry_works_too():
    """An item gives the agent without skill one unit of ten: 81 + 1 squared sums to 100 / (2 * 82)."""
    steps = [Step(name="board", bring="board"), Step(name="press", treat="press", units=9, after=("board",))]
    asked = scenario(steps, [{"press": 1}, {}], items=("board",))
    assert most_even(asked)[0] == pytest.approx(100 / 164)
    assert most_even(asked.model_copy(update={"workload": "actions"}))[0] == 1.0
