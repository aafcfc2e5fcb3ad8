"""Documents of reproductions, made by hand: every kind of figure, every verdict, names that try to be markup."""

from __future__ import annotations

import math
from typing import Any

ORDERS = ("2", "5", "inf")
LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
METHODS = ("no bound", "fixed penalty", "fair-GNE")

CLAIMS = [
    {"claim": "CV falls", "published": "0.89 against 0.33", "ours": "0.86 against 0.39", "verdict": "holds", "why": ""},
    {
        "claim": "Fairness is cheap",
        "published": "below 1 %",
        "ours": "1.4 %",
        "verdict": "partly",
        "why": "Costs differ.",
    },
    {"claim": "It is quick", "published": "0.1 s", "ours": "9 s", "verdict": "differs", "why": "One core, not eight."},
    {"claim": "It scales", "published": "to 1,000", "ours": "", "verdict": "not tested", "why": "No such data."},
]


def make_document(**changes: Any) -> dict[str, Any]:
    """Return a reproduction with a section for each kind of figure."""
    document = {
        "kind": "evenhand reproduction",
        "version": 1,
        "name": "dispersion",
        "title": "Dispersion in fair assignment, reproduced",
        "quick": False,
        "paper": {"title": "Bounded dispersion", "authors": "A. Author and B. Writer", "link": "arXiv 0000.00000"},
        "machine": {
            "date": "2026-11-25T10:00:00+00:00",
            "processor": "AMD EPYC",
            "cores": 2,
            "system": "Linux x86_64",
            "python": "3.11.7",
            "versions": {"numpy": "2.1.0", "jax": None},
        },
        "seconds": 1234.5,
        "command": "python -m reproductions dispersion",
        "sections": make_sections(),
    }
    return {**document, **changes}


def make_sections() -> list[dict[str, Any]]:
    """Return a section for each kind of figure, and one without a figure."""
    figures = {
        "cv": cv_rows(),
        "price": price_rows(),
        "times": times_rows(),
        "geometry": geometry_rows(),
        "largest": largest_rows(),
        "lines": lines_rows(),
        "intervals": intervals_rows(),
        "thresholds": thresholds_rows(),
        "profiles": profiles_rows(),
        "trace": trace_rows(),
        "unheard-of": [{"vehicles": k, "minutes": 3.0 + k, "fleet": fleet} for k in range(4) for fleet in ("a", "b")],
    }
    sections = [make_section(name, rows) for name, rows in figures.items()]
    sections[0] |= {
        "claims": CLAIMS,
        "notes": ["Twenty instances, not fifty."],
        "failed": ["p=10 epsilon=1: ValueError: no such <b>instance</b>"],
        "tables": [{"title": "Means", "columns": ["p", "CV"], "rows": [["2", "0.31 [0.29, 0.33]"], ["inf", "0.2"]]}],
    }
    return [*sections, make_section("numbers-only", lines_rows(), chart=None)]


def make_section(name: str, rows: list[dict[str, Any]], chart: str | None = "") -> dict[str, Any]:
    """One section; its figure is called like its key unless another, or none, is given."""
    return {
        "key": name,
        "title": f"Figure {name}",
        "question": f"What does {name} show?",
        "command": f"python -m reproductions dispersion --only {name}",
        "figure": None if chart is None else {"chart": chart or name, "caption": f"The caption of {name}."},
        "rows": rows,
        "tables": [],
        "claims": [],
        "notes": [],
        "failed": [],
    }


def cv_rows() -> list[dict[str, Any]]:
    """Five agents: the paper's bound is (n^(1-1/p))^2 / phi^2 - 1, capped where no CV can be."""
    rows = []
    for p in ORDERS:
        size = 5 ** (1 - 1 / float(p))
        for epsilon in LEVELS:
            bound = math.sqrt(max(size**2 / (1 + epsilon * (size - 1)) ** 2 - 1, 0))
            cv = 0.4 * bound
            rows.append(
                {
                    "p": p,
                    "epsilon": epsilon,
                    "cv": cv,
                    "low": 0.9 * cv,
                    "high": 1.1 * cv,
                    "published": 0.45 * bound,
                    "bound_paper": bound,
                    "bound_interpolated": 0.9 * bound,
                    "bound_sharp": 0.8 * bound,
                }
            )
    return rows


def price_rows() -> list[dict[str, Any]]:
    """Prices that rise with the level and the order."""
    return [
        {
            "p": p,
            "epsilon": epsilon,
            "price": (k + 1) * epsilon**4,
            "low": 0.8 * (k + 1) * epsilon**4,
            "high": 1.3 * (k + 1) * epsilon**4,
            "published": 1.1 * (k + 1) * epsilon**4,
            "instances": 20,
        }
        for k, p in enumerate(ORDERS)
        for epsilon in LEVELS
    ]


def times_rows() -> list[dict[str, Any]]:
    """Quartiles for one order, times of single instances for another, one of them below any clock."""
    boxes = [
        {
            "p": "2",
            "epsilon": epsilon,
            "min": 0.001,
            "q1": 0.002,
            "median": 0.003,
            "q3": 0.01,
            "max": 1.5,
            "published": 0.1,
        }
        for epsilon in LEVELS
    ]
    times = [
        {"p": "inf", "epsilon": epsilon, "seconds": seconds}
        for epsilon in LEVELS
        for seconds in (0.0, 0.002, 0.02, 0.2, 8.0)
    ]
    return boxes + times


def geometry_rows() -> list[dict[str, Any]]:
    """Two dimensions: pieces of a line; three: triangles within triangles."""
    rows: list[dict[str, Any]] = []
    for p in ("2", "inf"):
        for epsilon in (0.0, 0.5, 0.9):
            half = (1 - epsilon) / 2
            rows += [{"dimension": 2, "p": p, "epsilon": epsilon, "x": 0.5 + sign * half, "y": 0.0} for sign in (-1, 1)]
            for k in range(3):
                angle = 2 * math.pi * k / 3 + math.pi / 2
                at = {"x": (1 - epsilon) * math.cos(angle), "y": (1 - epsilon) * math.sin(angle)}
                rows.append({"dimension": 3, "p": p, "epsilon": epsilon, **at})
    return rows


def largest_rows() -> list[dict[str, Any]]:
    """Six instances for each order."""
    return [
        {"p": p, "instance": k, "epsilon": 0.99 + 0.001 * k + 0.0005 * place}
        for place, p in enumerate(ORDERS)
        for k in range(6)
    ]


def lines_rows() -> list[dict[str, Any]]:
    """Two panels of different units, two series, more places than whiskers have room for."""
    return [
        {"x": x, "y": y, "low": 0.9 * y, "high": 1.1 * y, "series": series, "facet": facet}
        for facet, unit in (("success", 1.0), ("steps", 40.0))
        for series, factor in (("equal", 1.0), ("expert", 0.7))
        for x in range(20)
        for y in [unit * factor * (x + 1) / 20]
    ]


def intervals_rows() -> list[dict[str, Any]]:
    """Three methods, two measures."""
    return [
        {
            "method": method,
            "measure": measure,
            "mean": mean - 0.1 * k,
            "low": mean - 0.1 * k - 0.05,
            "high": mean - 0.1 * k + 0.05,
            "published": mean - 0.12 * k,
            "seeds": 5,
        }
        for measure, mean in (("success", 0.98), ("jain", 0.85))
        for k, method in enumerate(METHODS)
    ]


def thresholds_rows() -> list[dict[str, Any]]:
    """Measures as columns with intervals of their own."""
    return [
        {
            "tau": tau,
            "method": method,
            "success": 0.99,
            "success_low": 0.97,
            "success_high": 1.0,
            "jain": tau + shift,
            "jain_low": tau + shift - 0.01,
            "jain_high": tau + shift + 0.01,
            "jain_published": tau + 0.05,
        }
        for method, shift in (("fair-GNE", 0.01), ("fixed penalty", -0.04))
        for tau in (0.55, 0.65, 0.75, 0.85, 0.95)
    ]


def profiles_rows() -> list[dict[str, Any]]:
    """Shares that fall with the score."""
    return [
        {
            "method": method,
            "score": k / 10,
            "share": 1 - k / 10 / (1 + place),
            "low": max(0, 0.9 - k / 10),
            "high": 1 - k / 20,
        }
        for place, method in enumerate(METHODS[:2])
        for k in range(11)
    ]


def trace_rows() -> list[dict[str, Any]]:
    """Return a threshold that steps up and down again, an index that follows."""
    return [
        {
            "episode": 50 * k,
            "index": 0.6 + 0.3 * (10 <= k < 20) - 0.02 * (k % 3),
            "multiplier": 0.5 * (10 <= k < 20),
            "threshold": 0.9 if 10 <= k < 20 else 0.6,
        }
        for k in range(30)
    ]
