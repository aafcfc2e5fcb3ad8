"""MATPOWER files: what is read, and that every malformed one gives a single clear line."""

from __future__ import annotations

import re

import numpy as np
import pytest

from evenhand.applications.load_shedding import format_case, generate_network, parse_case, read_case, solve
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness

CASE = """% a case with everything that is easily overlooked
function mpc = odd_case
mpc.version = '2';
mpc.baseMVA = 50.0;
% mpc.bus = [ not this one ];
mpc.bus = [
\t10\t3\t0\t0\t0\t0\t1\t1\t0\t1\t1\t1.1\t0.9; % the reference
\t20\t1\t1e1\t0\t2.5\t0\t1\t1\t0\t1\t1\t1.1\t0.9; 30 1 20 0 0 0 1 1 0 1 1 1.1 0.9;
\t40\t4\t99\t0\t0\t0\t1\t1\t0\t1\t1\t1.1\t0.9; % out of service
];
mpc.gen = [ 10 0 0 0 0 1 50 1 35 5; 20 0 0 0 0 1 50 0 90 0; 40 0 0 0 0 1 50 1 90 0 ];
mpc.branch = [
10, 20, 0.01, 0.1, 0, 0, 0, 0, 0, 0, 1, 0, 0;
20 30 0 0.2 0 15 0 0 0.98 30 1 -360 360;
10 30 0 0.4 0 25 0 0 0 0 1 -30 45;
10 30 0 0.4 0 25 0 0 0 0 0 -30 45;
30 40 0 0.4 0 25 0 0 0 0 1 -30 45;
];
"""


def test_everything_stands_where_it_should() -> None:
    network = parse_case(CASE)
    assert (network.name, network.base_mva, network.reference) == ("odd_case", 50.0, 0)
    assert network.buses.tolist() == [10, 20, 30, 40]
    assert network.demand.tolist() == [0.0, 10.0, 20.0, 0.0], "a bus out of service demands nothing"
    assert network.shunt.tolist() == [0.0, 2.5, 0.0, 0.0]
    assert (network.generator_bus.tolist(), network.generator_most.tolist()) == ([0], [35.0])
    assert network.generator_least.tolist() == [5.0]
    assert list(zip(network.branch_from.tolist(), network.branch_to.tolist(), strict=True)) == [(0, 1), (1, 2), (0, 2)]
    assert network.branch_number.tolist() == [1, 2, 3]
    assert network.rating.tolist() == [np.inf, 15.0, 25.0], "a rating of 0 is none"
    assert network.tap.tolist() == [1.0, 0.98, 1.0]
    assert network.shift == pytest.approx(np.deg2rad([0, 30, 0]))
    assert network.angle_least == pytest.approx([-np.inf, -np.inf, np.deg2rad(-30)])
    assert network.angle_most == pytest.approx([np.inf, np.inf, np.deg2rad(45)])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mpc.baseMVA = 50.0;", "", "has no mpc.baseMVA"),
        ("mpc.baseMVA = 50.0;", "mpc.baseMVA = -1;", "baseMVA is '-1'"),
        ("mpc.gen = [", "mpc.generators = [", r"has no mpc.gen = \[...\]"),
        ("\t20\t1\t1e1", "\t20\t1\tlots", "line 8: 'lots' in column 3 is not a number"),
        ("\t20\t1\t1e1", "\t10\t1\t1e1", "line 8: bus 10 was given on line 7 already"),
        ("\t20\t1\t1e1", "\t20\t1\t1_0", "line 8: '1_0' in column 3 is not a number"),
        ("\t20\t1\t1e1", "\t20\t1\t1e300", r"line 8: the demand Pd is 1e\+300; it must be a number of MW"),
        ("\t20\t1\t1e1", "\t1e19\t1\t1e1", r"line 8: bus 1e\+19 is not a whole number"),
        ("\t20\t1\t1e1", "\t2.5\t1\t1e1", "line 8: bus 2.5 is not a whole number"),
        ("[ 10 0 0 0", "[ 11 0 0 0", "line 11: the generator names bus 11"),
        ("20 30 0 0.2", "20 31 0 0.2", "line 14: the branch names bus 31"),
        ("20 30 0 0.2", "20 30 0 0", "line 14: x is 0; it must be 1e-07 to 100000 in size"),
        ("20 30 0 0.2", "20 30 0 1e-320", "line 14: x is"),
        ("20 30 0 0.2", "20 20 0 0.2", "line 14: the branch joins bus 20 to itself"),
        ("0.98 30 1", "-0.98 30 1", "line 14: the tap ratio is -0.98; it must be 0 or 0.01 to 100"),
        ("0.98 30 1", "0.98 400 1", "line 14: the phase shift is 400; it must be at most 360 degrees"),
        ("1 -30 45", "1 50 45", "line 15: the branch has angmin 50 and angmax 45; angmin must be the lower"),
        ("50 1 35 5;", "50 1 35 36;", "line 11: the generator has Pmin 36 above Pmax 35"),
        ("50 1 35 5;", "50 1 -Inf 5;", "line 11: Pmax is -inf; it must be a number of MW, or Inf"),
        ("'2'", "'1'", "line 3: mpc.version is '1'; version '2' is read"),
        ("];\nmpc.gen", "];\nmpc.bus(:, 3) = f(mpc.bus);\nmpc.gen", "line 11: a statement changes mpc.bus"),
        ("40 0 0 0 0 1 50 1 90 0 ];", "40 0 0 0 0 1 50 1 90 ... 0 ];\n];", "line 12: a row of mpc.gen has 9 numbers"),
        ("20 30 0 0.2 0 15", "20 30 0 0.2 0 -15", "line 14: rate A is -15; it must be 0 .no limit. or more MW"),
        ("10 30 0 0.4 0 25 0 0 0 0 1 -30 45;", "10 30 0 0.4;", "line 15: a row of mpc.branch has 4 numbers"),
        (
            "\t10\t3\t0\t0\t0",
            "\t10\t3\t0\t0\tnan",
            "line 7: the shunt conductance Gs is nan; it must be a number of MW",
        ),
    ],
)
def test_faults_are_told_with_their_line(old: str, new: str, words: str) -> None:
    assert CASE.count(old) >= 1
    with pytest.raises(InputError, match=words):
        parse_case(CASE.replace(old, new, 1), "odd.m")


def test_rows_may_go_on_and_comments_may_be_blocks() -> None:
    text = CASE.replace("10 30 0 0.4 0 25 0 0 0 0 1 -30 45;", "10 30 0 0.4 ... the rest\n0 25 0 0 0 0 1 -30 45;")
    text = text.replace("mpc.gen = [", "%{\nmpc.gen = [ nothing of this ];\n%}\nmpc.gen = [").replace("\n", "\r\n")
    left, right = parse_case(CASE), parse_case(text)
    for name in left.__slots__:
        assert np.array_equal(getattr(left, name), getattr(right, name)), name
    with pytest.raises(InputError, match="line 17: the branch names bus 31"):
        parse_case(text.replace("20 30 0 0.2", "20 31 0 0.2"))


def test_angle_limits_hold_for_the_rows_that_have_them() -> None:
    text = CASE.replace("10 30 0 0.4 0 25 0 0 0 0 0 -30 45;", "10 30 0 0.4 0 25 0 0 0 0 0;")
    assert parse_case(text).angle_most == pytest.approx([np.inf, np.inf, np.deg2rad(45)])


def test_a_negative_demand_is_power_fed_in() -> None:
    network = parse_case(CASE.replace("30 1 20 0 0 0", "30 1 -20 0 0 0"))
    assert network.demand.tolist() == [0.0, 10.0, 0.0, 0.0]
    assert network.generator_bus.tolist() == [0, 2]
    assert (network.generator_least[1], network.generator_most[1]) == (0.0, 20.0)


def test_what_is_out_of_service_may_be_anything() -> None:
    text = CASE.replace("20 0 0 0 0 1 50 0 90 0;", "20 0 0 0 0 1 50 0 -90 nan;")
    text = text.replace("10 30 0 0.4 0 25 0 0 0 0 0 -30 45;", "10 30 0 0 0 -25 0 0 -3 0 0 30 -45;")
    assert len(parse_case(text).branch_number) == 3


SLIPS = ("1e300", "-1e300", "inf", "-inf", "nan", "1_0", "1e-320", "-1", "0", "2.5", "1e19", "9" * 40, "0x10", "1/3")
SLIPS += (
    "...",
    "%{",
    "%",
    "'",
    "é",
    "\x00",
    "-0",
    "1d5",
    "+",
    "[",
    "]",
    ";",
    "",
    "\t",
    "\r",
    "1e9",
    "1e-7",
    "-400",
    "4",
)


def test_mutated_files_are_solved_or_refused_in_one_line() -> None:
    """Letters and words are changed at random; what is still a network is solved, too."""
    rng = np.random.default_rng(7)
    text = format_case(generate_network(6, 1))
    words = re.split(r"(\s+|;)", text)
    full = [place for place, word in enumerate(words) if word.strip()]
    told, solved = [], 0
    for _ in range(500):
        changed = list(words) if rng.random() < 0.7 else list(text)
        for _ in range(int(rng.integers(1, 4))):
            if len(changed) == len(words):
                changed[int(rng.choice(full))] = str(rng.choice(SLIPS))
            else:
                changed[int(rng.integers(len(changed)))] = str(rng.choice(list("0;]%e.-\n x[='")))
        if rng.random() < 0.1:
            changed = changed[: int(rng.integers(len(changed)))]
        try:
            network = parse_case("".join(changed), "odd.m")
        except InputError as error:
            told.append(str(error))
            continue
        if np.count_nonzero(network.demand) < 2:
            continue
        answer = solve(network, EpsilonFairness(0.5))
        solved += answer.status == "optimal"
        assert answer.status in ("optimal", "infeasible")
    assert len(told) > 150
    assert solved > 100
    assert all(line.startswith("odd.m") and "\n" not in line for line in told)


def test_a_generated_network_survives_its_file(tmp_path) -> None:
    network = generate_network(9, 4)
    path = tmp_path / "nine.m"
    path.write_text(format_case(network), "utf-8")
    again = read_case(path)
    for name in network.__slots__:
        left, right = getattr(network, name), getattr(again, name)
        assert left == right if isinstance(left, str | int) else right == pytest.approx(left)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(InputError, match=r"none\.m: there is no such file"):
        read_case(tmp_path / "none.m")
