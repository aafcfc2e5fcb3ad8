"""The first pass over cells: take each one apart into sign, digits with marks, unit and currency."""

from __future__ import annotations

import re
from dataclasses import dataclass

CANNOT = frozenset(
    {
        "",
        "inf",
        "+inf",
        "infinity",
        "+infinity",
        "-",
        "–",
        "—",
        "#n/a",
        "#nv",
        "n/a",
        "na",
        "<na>",
        "nan",
        "null",
        "none",
    }
)
"""Texts, in lower case, that mark a forbidden pair: this agent cannot do this task."""

_CODES = """EUR USD GBP CHF JPY CNY INR BRL CAD AUD NZD SEK NOK DKK PLN CZK HUF RON TRY ZAR MXN RUB KRW"""
_SYMBOLS = {"€": "EUR", "$": "$", "£": "GBP", "¥": "¥", "₹": "INR", "₽": "RUB", "₺": "TRY", "zł": "PLN", "kč": "CZK"}
CURRENCIES = {**_SYMBOLS, "kr.": "kr", "kr": "kr", "fr.": "CHF", "r$": "BRL", "us$": "USD"}
CURRENCIES |= {code.lower(): code for code in _CODES.split()}
SIGNS = str.maketrans({"−": "-", "’": "'", "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " "})
_BODY = re.compile(r"(?:[0-9][0-9.,' ]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
GROUPED = {
    mark: re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+" + indian)
    for mark, indian in ((".", ""), (",", r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"), ("'", ""), (" ", ""))
}
LIKE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_CLOCK = re.compile(r"([0-9]+):([0-5][0-9])(?::([0-5][0-9](?:\.[0-9]+)?))?")
_AMOUNT = r"([0-9]+(?:[.,][0-9]+)?)"
_HOUR = r"(?:h|hr|hrs|hour|hours|std\.?|stunden?|heures?|horas?|ore|uur)"
_MINUTE = r"(?:m|min|mins|min\.|minutes?|minuten?|minutos?|minuti)"
_UNITS = re.compile(
    rf"(?:{_AMOUNT}\s*{_HOUR})?\s*(?:{_AMOUNT}\s*{_MINUTE}?)?\s*(?:{_AMOUNT}\s*(?:s|sec|secs|seconds?))?", re.IGNORECASE
)
MARKED_AMOUNT = re.compile(r"[0-9]+[.,][0-9]+")
_LONE_DIGIT = re.compile(
    rf"{_HOUR}\s*(?![0-9]{{2}}$)[0-9][0-9.,]*$", re.IGNORECASE
)  # "8h5" could mean 8 h 5 min or 8.5 h
TIME_OF_DAY = re.compile("0[0-9][0-5][0-9]")  # 0730 could mean 7:30 or 730
DATE = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{4}|[0-9]{4}([./-])[0-9]{1,2}\2[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Token:
    """The parts of a cell.

    Attributes
    ----------
    kind
        ``number``, ``percent`` or ``duration``.
    negative
        Whether a sign or parentheses make it negative.
    body
        Digits, points, commas, apostrophes and spaces of a number, in which each kind of apostrophe and space has been
        replaced by the plain one; of a duration, the whole text.
    currency
        Name of the currency, or of an unknown unit that a workbook shows; empty if there is none.
    """

    kind: str
    negative: bool
    body: str
    currency: str = ""


def token_of(text: str) -> Token | None:
    """Return the parts of a cell that is not empty; None if it is not a number of any kind."""
    if DATE.fullmatch(text) or TIME_OF_DAY.fullmatch(text):
        return None
    if _BODY.fullmatch(text):
        return Token("number", False, text)
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1].strip()
    signed, text, currency = _without_currency(*_without_sign(text))
    percent = text.endswith("%")
    if percent:
        text = text[:-1].rstrip()
    if signed and negative:
        return None
    negative = negative or signed
    if _BODY.fullmatch(text):
        return Token("percent" if percent else "number", negative, text, currency)
    if not percent and not currency and duration_in_hours(text) is not None:
        return Token("duration", negative, text)
    return None


def _without_sign(text: str) -> tuple[bool, str]:
    if text[:1] in ("+", "-") and text[1:2] not in ("+", "-"):
        return text[0] == "-", text[1:].lstrip()
    if text.endswith("-") and (rest := text[:-1].rstrip()) and rest[-1] not in ".,":
        return True, rest  # accounting systems print the minus sign last; but "5,-" is a price without cents
    return False, text


def _without_currency(negative: bool, text: str) -> tuple[bool, str, str]:
    """Return whether the amount is negative, its text without currency, and the currency (empty if there is none)."""
    lower = text.lower()
    for sign, name in CURRENCIES.items():
        if lower.startswith(sign) and not lower[len(sign) : len(sign) + 1].isalpha():
            inner, text = _without_sign(text[len(sign) :].lstrip())
            return negative != inner, text, name
        if lower.endswith(sign) and not lower[: -len(sign)][-1:].isalpha():
            return negative, text[: -len(sign)].rstrip(), name
    return negative, text, ""


def duration_in_hours(text: str) -> float | None:
    """Return the hours in ``1:30``, ``1:30:00``, ``8h``, ``8 h 30`` or ``45 min``; None if `text` is not a duration."""
    clock = _CLOCK.fullmatch(text)
    if clock:
        return int(clock[1]) + int(clock[2]) / 60 + float(clock[3] or 0) / 3600
    units = _UNITS.fullmatch(text)
    if not units or not any(character.isalpha() for character in text) or not text[:1].isdigit():
        return None
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in units.groups())
    if not units[1] and re.search("[0-9] *m(?![a-z])", text, re.IGNORECASE):
        return None  # "5 m" more often means metres
    if _LONE_DIGIT.search(text):
        return None
    if (units[1] and minutes >= 60) or ((units[1] or units[2]) and seconds >= 60):
        return None
    return hours + minutes / 60 + seconds / 3600
