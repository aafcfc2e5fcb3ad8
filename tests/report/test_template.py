"""Templates: whatever they write is escaped, and other packages' templates stand beside ours."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jinja2
import pytest
from tests.report.samples import HOSTILE

import evenhand.report
from evenhand.report.formats import plain
from evenhand.report.template import Chapter, Exact, Table, exact, rendered

ROOT = Path(evenhand.report.__file__).parents[3]
TEMPLATES = sorted([*ROOT.glob("src/evenhand/**/templates/*.html"), *ROOT.glob("reproductions/**/templates/*.html")])


def package_of(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, **templates: str) -> str:
    """Return a package of templates that is made for a test."""
    held = folder / name / "templates"
    held.mkdir(parents=True)
    (held.parent / "__init__.py").touch()
    for title, text in templates.items():
        (held / f"{title}.html").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    return name


def test_there_are_templates_and_none_turns_escaping_off() -> None:
    assert {"page.html", "parts.html", "answer.html", "team.html", "sweep.html", "reproduction.html"} <= {
        template.name for template in TEMPLATES
    }
    for template in TEMPLATES:
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", template.read_text(encoding="utf-8")), template


def test_a_text_is_escaped_and_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = package_of(tmp_path, monkeypatch, "made_up_texts", one='<p title="{{ text }}">{{ text }}</p>')
    assert rendered("one.html", package=package, text="<b>\"'&\u202e") == (
        r'<p title="&lt;b&gt;&#34;&#39;&amp;\u202e">&lt;b&gt;&#34;&#39;&amp;\u202e</p>'
    )


def test_markup_of_a_template_is_taken_as_it_is_and_escaped_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = package_of(tmp_path, monkeypatch, "made_up_parts", part="<i>{{ text }}</i>", whole="{{ chapter.body }}")
    chapter = Chapter("name", "title", rendered("part.html", package=package, text="<&>"))
    assert str(chapter) == "<i>&lt;&amp;&gt;</i>"
    assert str(rendered("whole.html", package=package, chapter=chapter)) == "<i>&lt;&amp;&gt;</i>"


def test_a_chart_s_text_cannot_end_its_element(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in names of fields, and a number that JSON does not know is refused rather than written."""
    package = package_of(tmp_path, monkeypatch, "made_up_charts", one="<script>{{ data|tojson }}</script>")
    page = str(rendered("one.html", package=package, data={name: [name] for name in HOSTILE}))
    assert page.count("<") == 2
    assert "\u202e" not in page
    data = json.loads(page.removeprefix("<script>").removesuffix("</script>"))
    assert data[HOSTILE[1]] == [HOSTILE[1]]
    with pytest.raises(ValueError, match="JSON"):
        rendered("one.html", package=package, data=[float("nan")])


def test_a_value_that_a_template_lacks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip in a template must not print nothing."""
    package = package_of(tmp_path, monkeypatch, "made_up_slips", one="{{ shown }}{{ lacking }}")
    with pytest.raises(jinja2.UndefinedError, match="lacking"):
        rendered("one.html", package=package, shown=1)


def test_a_package_s_templates_come_first_and_ours_beside_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{% from "parts.html" import bullets %}{{ bullets(["<a>"]) }}'
    package = package_of(tmp_path, monkeypatch, "made_up_package", answer=text)
    assert str(rendered("answer.html", package=package)).strip() == "<ul><li>&lt;a&gt;</li></ul>"


def test_numbers_keep_their_exact_value() -> None:
    assert exact(0.123456, plain, 2).__html__() == '<data value="0.123456">0.12</data>'
    assert exact(1, plain).__html__() == '<data value="1.0">1</data>'
    assert exact(None, plain).__html__() == "–"
    assert Exact(1.5, "<1.5>", "<1> to 2").__html__() == (
        '<data value="1.5">&lt;1.5&gt;</data> <small>&lt;1&gt; to 2</small>'
    )


def test_a_table_sets_texts_left_and_numbers_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{% from "parts.html" import table %}{{ table(shown) }}'
    package = package_of(tmp_path, monkeypatch, "made_up_table", one=text)
    shown = Table("<c>", ("A", "B", "C"), [("<a>", "b", Exact(2.0, "2"))], text_columns=2)
    page = str(rendered("one.html", package=package, shown=shown))
    assert "<caption>&lt;c&gt;</caption>" in page
    assert '<th scope="col">A</th><th scope="col">B</th><th scope="col" class="number">C</th>' in page
    assert '<tr><th scope="row">&lt;a&gt;</th><td>b</td><td class="number"><data value="2.0">2</data></td></tr>' in page
