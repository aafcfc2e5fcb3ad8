"""Format numbers, percentages and durations for the terminal."""

from __future__ import annotations


def number(value: float | None) -> str:
    """Return a number with thousands separators and two to four decimals; a dash for None."""
    if value is None:
        return "–"
    if value == 0 or 0.01 <= abs(value) < 1e9:
        text = f"{value:,.4f}" if abs(value) < 10 else f"{value:,.2f}"
        return text.rstrip("0").rstrip(".")
    return f"{value:.6g}"


def percent(share: float | None) -> str:
    """Return a fraction as a percentage; a dash for None."""
    if share is None:
        return "–"
    if share == 0:
        return "0 %"
    return f"{100 * share:.2f} %" if abs(share) >= 1e-3 else f"{100 * share:.2g} %"


def seconds(value: float) -> str:
    """Return a duration in milliseconds, or in seconds from 1 s on."""
    return f"{1000 * value:.0f} ms" if value < 1 else f"{value:.1f} s"
