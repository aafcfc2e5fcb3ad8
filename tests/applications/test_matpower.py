"""MATPOWER files: what is read, and that every malformed one gives a single clear line."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.applications.load_shedding import format_case, generate_network, parse_case, read_case
from evenhand.errors import InputError

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
        ("\t20\t1\t1e1", "\t20\t1\t-5", "line 8: bus 20 demands -5 MW"),
        ("\t20\t1\t1e1", "\t2.5\t1\t1e1", "line 8: bus 2.5 is not a whole number"),
        ("[ 10 0 0 0", "[ 11 0 0 0", "line 11: the generator names bus 11"),
        ("20 30 0 0.2", "20 31 0 0.2", "line 14: the branch names bus 31"),
        ("20 30 0 0.2", "20 30 0 0", "line 14: the branch has r = 0, x = 0"),
        ("20 30 0 0.2 0 15", "20 30 0 0.2 0 -15", "rate A -15"),
        ("10 30 0 0.4 0 25 0 0 0 0 1 -30 45;", "10 30 0 0.4;", "line 15: a row of mpc.branch has 4 numbers"),
        ("\t10\t3\t0\t0\t0", "\t10\t3\t0\t0\tnan", "line 7: a row of mpc.bus holds a nan"),
    ],
)
def test_faults_are_told_with_their_line(old: str, new: str, words: str) -> None:
    assert CASE.count(old) >= 1
    with pytest.raises(InputError, match=words):
        parse_case(CASE.replace(old, new, 1), "odd.m")


def test_mutated_files_are_read_or_refused_in_one_line() -> None:
    rng = np.random.default_rng(7)
    text = format_case(generate_network(6, 1))
    told = []
    for _ in range(400):
        letters = list(text)
        for _ in range(int(rng.integers(1, 6))):
            at = int(rng.integers(len(letters)))
            letters[at] = str(rng.choice(list("0;]%e.-\n x[='")))
        if rng.random() < 0.2:
            letters = letters[: int(rng.integers(len(letters)))]
        try:
            parse_case("".join(letters))
        except InputError as error:
            told.append(str(error))
    assert len(told) > 40
    assert not any("\n" in line for line in told)


def test_a_generated_network_survives_its_file(tmp_path) -> None:
    network = generate_network(9, 4)
    path = tmp_path / "nine.m"
    path.write_text(format_case(network), "utf-8")
    again = read_case(path)
    for name in network.__slots__:
        left, right = getattr(network, name), getattr(again, name)
        assert left == right if isinstance(left, str | int) else right == pytest.approx(left)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(InputError, match=r"none\.m: No such file"):
        read_case(tmp_path / "none.m")
