"""Strangers' text on one line: nothing hidden, nothing that turns the line round, nothing without end."""

from __future__ import annotations

import pytest

from evenhand.errors import EvenhandError, InputError, MissingExtraError
from evenhand.visible import one_line, shown_name, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ann", "Ann"),
        ("Zoë O’Neill – 李小龙 é עדי 👩", "Zoë O’Neill – 李小龙 é עדי 👩"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u2066b\u2069", r"a\u2066b\u2069"),
        ("A\u200bnn", r"A\u200bnn"),
        ("A\u200dnn", r"A\u200dnn"),
        ("\ufeffAnn", r"\ufeffAnn"),
        ("soft\u00adhyphen", r"soft\xadhyphen"),
        ("bell\x07\x1b[31m", r"bell\x07\x1b[31m"),
        ("half\ud800", r"half\ud800"),
        ("a\u2028b", r"a\u2028b"),
        ("filler\u3164", r"filler\u3164"),
        ("tag\U000e0041", r"tag\U000e0041"),
        # These join letters in Persian, and pictures of a family.
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_visible(text, shown):
    assert visible(text) == shown


def test_messages_are_one_short_line_whatever_they_quote():
    for error in (InputError("x" * 300_000), EvenhandError("x\n" * 300_000), MissingExtraError("y" * 10_000, "learn")):
        assert len(str(error)) <= 1000
        assert str(error).isprintable()
    assert str(InputError("a\n  b\u202ec")) == r"a b\u202ec"


def test_what_is_cut_keeps_both_ends():
    cut = one_line("begin " + "x" * 5000 + " end", longest=100)
    assert len(cut) <= 100
    assert cut.startswith("begin xxx")
    assert cut.endswith("xxx end")
    assert "characters]" in cut


def test_names():
    assert shown_name("Ann") == "Ann"
    assert shown_name("n" * 9000) == "n" * 59 + "…"
    assert shown_name("\u202eeve" * 100, longest=12) == r"\u202eeve\u…"
