"""Statements of MATPOWER files: what converts units is followed, everything else is refused with its line.

By hand: 10 kV and 5 MVA make an impedance base of 10^2 / 5 = 20 ohms; 0.5 and 4 ohms are 0.025 and 0.2 per unit.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.applications.load_shedding import parse_case
from evenhand.applications.load_shedding.case_expressions import Expression
from evenhand.errors import InputError

TABLES = """function mpc = feeder
%% a feeder in ohms and kW
mpc.version = '2';
mpc.baseMVA = 5;
mpc.bus = [
\t1\t3\t0\t0\t0\t0\t1\t1\t0\t10\t1\t1\t1;
\t2\t1\t1500\t700\t0\t0\t1\t1\t0\t10\t1\t1.1\t0.9;
\t3\t1\t600\t100\t0\t0\t1\t1\t0\t10\t1\t1.1\t0.9;
];
mpc.gen = [ 1 0 0 10 -10 1 100 1 10 0 ];
mpc.branch = [
\t1\t2\t0.5\t4\t0\t0\t0\t0\t0\t0\t1\t-360\t360;
\t2\t3\t1\t8\t0\t0\t0\t0\t0\t0\t1\t-360\t360;
];
"""
LAST = 15  # the first line after the tables
COLUMNS = """[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV, ZONE, VMAX, VMIN, LAM_P, LAM_Q, MU_VMAX, MU_VMIN] = idx_bus;
[F_BUS, T_BUS, BR_R, BR_X, BR_B, RATE_A, RATE_B, RATE_C, ...
    TAP, SHIFT, BR_STATUS, PF, QF, PT, QT, MU_SF, MU_ST, ...
    ANGMIN, ANGMAX, MU_ANGMIN, MU_ANGMAX] = idx_brch;
"""
UNITS = """Vbase = mpc.bus(1, BASE_KV) * 1e3;      %% in Volts
Sbase = mpc.baseMVA * 1e6;              %% in VA
mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);
mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;
"""


def demands(statements, tables=TABLES):
    return parse_case(tables + statements, "feeder.m").demand.tolist()


@pytest.mark.parametrize("names", [COLUMNS, "define_constants;\n", "[~, ~, ~, ~, ~, ~, PD, QD] = idx_bus\n" + COLUMNS])
def test_units_are_converted(names):
    network = parse_case(TABLES + names + UNITS)
    assert network.resistance.tolist() == [0.025, 0.05]
    assert network.reactance.tolist() == [0.2, 0.4]
    assert network.demand.tolist() == [0.0, 1.5, 0.6]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("mpc.bus(:, 3) = mpc.bus(:, 3) / 1e3;", [0, 1.5, 0.6]),
        ("mpc.bus(2, 3) = 30", [0, 30, 600]),
        ("mpc.bus(2:3, 3:4) = mpc.bus(2:3, 3:4) / 100", [0, 15, 6]),
        ("mpc.bus([1 3], [3:4]) = 30;", [30, 1500, 30]),
        ("mpc.bus(:, 3) = 7;", [7, 7, 7]),
        ("pf = 0.6; mpc.bus(:, 3) = mpc.bus(:, 3) * pf, mpc.bus(:, 3) = mpc.bus(:, 3) * sin(acos(pf));", [0, 720, 288]),
        ("mpc.bus(:, 3) = mpc.bus(:, 3) + mpc.bus(:, 4);", [0, 2200, 700]),
        ("mpc.bus(:, 3) = mpc.bus(:, 3) ./ mpc.bus(:, 10) .^ 2;", [0, 15, 6]),
        ("mpc.bus(:, [3 4]) = mpc.bus(:, [4, 3]);", [0, 700, 100]),
        ("if 0\n  mpc.bus(:, 3) = 7;\n  if 1, nonsense(3), end\n for k = 1:3\n end\nend", [0, 1500, 600]),
        ("fixed = 1;\nif fixed\n mpc.bus(:, 3) = 7;\nend", [7, 7, 7]),
        ("mpc.bus_name = { 'a; ] b'; '50 % of c' };\nmpc.note = 'x = [';\nmpc.bus(2, 3) = 1;\nend", [0, 1, 600]),
        (
            "mpc.gencost = [ 2 0 0 3 0 20 0; [2 0 0 3 0 20 0] ];\nmpc.gencost(:, 5) = 3;\nmpc.bus(2, 3) = 1;",
            [0, 1, 600],
        ),
    ],
)
def test_columns_and_rows_are_changed(statement, expected):
    assert demands(statement) == pytest.approx(expected)


def test_statements_see_what_stands_before_them():
    statements = "mpc.baseMVA = mpc.baseMVA * 2;\nmpc.bus(:, 3) = mpc.bus(:, 3) / mpc.baseMVA;"
    network = parse_case(TABLES + statements)
    assert network.base_mva == 10.0
    assert network.demand.tolist() == [0.0, 150.0, 60.0]


def test_cells_may_be_arithmetic():
    text = (
        TABLES.replace("1500", "135/sqrt(9)")
        .replace("= 5;", "= 50/4;")
        .replace("600", "(2+1)^2*-1e1")
        .replace("0.5", "1/8")
    )
    network = parse_case(text)
    assert network.base_mva == 12.5
    assert network.demand.tolist() == [0.0, 45.0, 0.0]
    assert network.generator_most.tolist() == [10.0, 90.0], "-90 is fed in"
    assert network.resistance[0] == 0.125


REFUSED = [
    "mpc.bus(:, 3) = mpc.bus(:, 3) * mpc.bus(:, 4);",
    "mpc.bus(:, 3) = 1 / mpc.bus(:, 4);",
    "mpc.bus(:, 3) = mpc.bus(:, [3 4]);",
    "mpc.bus(:, PD) = 3;",
    "mpc.bus(:, 14) = 3;",
    "mpc.bus(4, 3) = 3;",
    "mpc.bus(0, 3) = 3;",
    "mpc.bus(1.5, 3) = 3;",
    "mpc.bus(:, [3 3]) = 3;",
    "mpc.bus(:, []) = 3;",
    "mpc.bus(2:1, 3) = 3;",
    "mpc.bus(1:4, 3) = 3;",
    "mpc.bus(1:2:3, 3) = 3;",
    "mpc.bus(1, end) = 3;",
    "mpc.bus(:, 3) = [];",
    "mpc.bus(:, 3) += 3;",
    "mpc.bus.x = 3;",
    "mpc.bus = mpc.bus / 2;",
    "mpc.bus = [mpc.bus; 4 1 0 0 0 0 1 1 0 10 1 1 1];",
    "mpc.bus = [4 1 0 0 0 0 1 1 0 10 1 1 1];",
    "mpc.gen(:, 9) = max(mpc.gen(:, 9), 3);",
    "mpc.branch(:, 4) = mpc.branch(:, 4)';",
    "mpc.baseMVA = 0;",
    "mpc.baseMVA = 1/0;",
    "mpc = scale_load(2, mpc);",
    "mpc = struct();",
    "k = find(isinf(mpc.gen(:, 9)));",
    "x = mpc.bus(:, 3);",
    "x = 1 == 1;",
    "x = sqrt(-1);",
    "x = 1 +;",
    "x = (1;",
    "x = ((((1))))) ;",
    "x = y;",
    "x = 'text';",
    "x = @(y) y;",
    f"x = {'(' * 60}1{')' * 60};",
    f"x = {'-' * 9000}1;",
    "if x, end",
    "if 0, x = 1; else, x = 2; end",
    "for k = 1:3, end",
    "eval('mpc.bus(2, 3) = 1');",
    "system('ls')",
    "!ls",
    "return",
    "[a, b] = idx_ct;",
    "[1, b] = idx_bus;",
    f"[{', '.join('a' * n for n in range(1, 24))}] = idx_bus;",
    "function other\nx = 1;",
    "x{1} = 2;",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_everything_else_is_refused_with_its_line(statement):
    with pytest.raises(InputError, match=rf"^feeder\.m, line {LAST}: ") as caught:
        parse_case(TABLES + statement, "feeder.m")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_the_line_is_that_of_the_statement():
    text = (
        TABLES.replace("mpc.gen = [", "mpc.gencost = [\n2 0 0\n];\nmpc.gen = [")
        + "x = 1; ...\n\n% y\ny = x + ...\n z;\n"
    )
    with pytest.raises(
        InputError, match=rf"line {LAST + 6}: the statement 'y = x \+ z' is not read \('z' has no value here\)"
    ):
        parse_case(text, "feeder.m")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2^2", -4.0),
        ("2^3^2", 64.0),
        ("2^-1", 0.5),
        ("6/3/2", 1.0),
        ("6-3-2", 1.0),
        ("2+3*4^2", 50.0),
        ("-(1 - 3) * .5e1", 10.0),
        ("1d3", 1000.0),
        ("pi", math.pi),
        ("1./4", 0.25),
        ("10^400", math.inf),
        ("- -1", 1.0),
    ],
)
def test_arithmetic_binds_as_in_matlab(text, value):
    assert Expression(text, {}, {}).number() == value


def test_arithmetic_agrees_with_pythons():
    """Random expressions of signs, brackets and products, whose rules are the same."""
    draw = np.random.default_rng(5)

    def made(depth):
        if depth == 0 or draw.random() < 0.2:
            return f"{draw.uniform(0.1, 9):.3f}"
        kind = int(draw.integers(3))
        if kind == 0:
            return f"({made(depth - 1)})"
        if kind == 1:
            return f"-{made(depth - 1)}"
        return f"{made(depth - 1)} {draw.choice(list('+-*/'))} {made(depth - 1)}"

    for _ in range(500):
        text = made(5)
        assert Expression(text, {}, {}).number() == pytest.approx(eval(text), rel=1e-12)
