"""What the page on reviewers shows is what happens."""

from __future__ import annotations

import tomllib

from doc_pages import blocks


def test_the_page_assigns_reviewers_as_it_asserts() -> None:
    names: dict[str, object] = {}
    for block in blocks("how-to/reviewers.md", "python"):
        exec(block, names)
    assert names["answer"]


def test_the_rules_of_the_page_compare_papers() -> None:
    (rule,) = tomllib.loads(blocks("how-to/reviewers.md", "toml")[0])["rules"]
    assert rule["over"] == "tasks"
