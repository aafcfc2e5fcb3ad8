"""Files that forges, reference managers and package indexes read: well formed, and of one mind with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from doc_pages import read

import evenhand

yaml = pytest.importorskip("yaml")
ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def of_yaml(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_one_version_stands_everywhere():
    cited = re.search(r"version = \{(.*?)\}", read("community/cite.md"))[1]
    assert {str(of_yaml("CITATION.cff")["version"]), cited} == {evenhand.__version__}


def test_the_citation_names_both_papers_as_the_page_does():
    """What the format asks for is there, and each paper's authors are those of the page's BibTeX."""
    citation, page = of_yaml("CITATION.cff"), read("community/cite.md")
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert len(citation["references"]) == 2
    for paper in citation["references"]:
        authors = " and ".join(f"{one['family-names']}, {one['given-names']}" for one in paper["authors"])
        assert authors in page
        assert paper["title"] in page
        assert paper["identifiers"][0]["value"].removeprefix("arXiv:") in page


def test_the_forge_runs_what_must_pass():
    jobs = of_yaml(".github/workflows/ci.yml")["jobs"]
    ran = {name: [step.get("run") for step in job["steps"]] for name, job in jobs.items()}
    assert "bash .ci/run" in ran["check"]
    assert "make docs" in ran["site"]
    assert "make test-slow" in ran["slow"]


def test_issue_forms_ask_something():
    for form in ("fault", "wish"):
        parts = of_yaml(f".github/ISSUE_TEMPLATE/{form}.yml")["body"]
        assert any(part["validations"]["required"] for part in parts if "validations" in part)


def test_hooks_before_a_commit_are_the_tools_of_make_check():
    hooks = of_yaml(".pre-commit-config.yaml")["repos"][0]["hooks"]
    checks = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ncheck:")[1].split("\nformat:")[0]
    for hook in hooks:
        tool = hook["entry"].split()[0].removeprefix(".venv/bin/")
        assert f"$(BIN)/{tool}" in checks


def test_each_extra_has_a_trial_in_the_release_test():
    """An extra that is added is installed alone by the slow suite, too."""
    from test_release import TRIALS

    assert TRIALS.keys() == {"", *PROJECT["optional-dependencies"]} - {"all", "dev", "bench"}


def test_no_two_test_files_have_one_name():
    """Pytest imports each by its name alone."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))


def map_of_the_source() -> list[tuple[str, str]]:
    """Return each room and file that docs/README.md lists below it, as (room, name)."""
    [block] = re.findall("^```\nsrc/evenhand/\n(.*?)^benchmarks/", read("README.md"), re.DOTALL | re.MULTILINE)
    room, found = "", []
    for line in block.splitlines():
        names = re.split(" {2,}", line.strip())[0]
        if line.startswith(" " * 3):
            found += [(room, name) for name in re.split(", | and ", names)]
        else:
            room = names
            found.append(("", names))
    return found


def test_the_map_of_the_source_names_what_is_there() -> None:
    """A room or folder ends in a slash; a file stands without its ending."""
    listed = map_of_the_source()
    assert len(listed) > 100
    source = Path(evenhand.__file__).parent
    gone = [
        f"{room}{name}"
        for room, name in listed
        if not (source / room / (name if name.endswith(("/", ".py")) else f"{name}.py")).exists()
    ]
    assert not gone
