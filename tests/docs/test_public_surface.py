"""The public surface, as docs/reference/api.md promises it: each room's door is on a page, and takes paths as text."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections import Counter

import pytest
from doc_pages import DOCS, read

ROOMS = sorted(
    re.findall(r"automodule:: (evenhand\S*)", "".join(map(read, ["reference/api.md"])))
    + [
        room
        for page in sorted((DOCS / "reference" / "api").glob("*.md"))
        for room in re.findall(r"automodule:: (evenhand\S*)", page.read_text(encoding="utf-8"))
    ]
)


def test_every_room_with_a_door_is_in_the_reference():
    """A package of evenhand that exports names has a page."""
    doors = {
        ".".join(file.parent.relative_to(DOCS.parent / "src").parts)
        for file in (DOCS.parent / "src" / "evenhand").rglob("__init__.py")
        if re.search(r"^__all__", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    public = {door for door in doors if door.count(".") == 1 or door.startswith("evenhand.applications.")}
    assert public <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_files_and_folders_may_be_given_as_text(room):
    """No public function asks for a pathlib.Path where a user would write a name."""
    try:
        module = importlib.import_module(room)
    except ImportError as error:
        pytest.skip(str(error))
    public = [(name, getattr(module, name)) for name in getattr(module, "__all__", ())]
    methods = [
        (f"{name}.{key}", getattr(value, key))
        for name, value in public
        if inspect.isclass(value)
        for key in vars(value)
        if not key.startswith("_")
    ]
    for name, function in [*public, *methods]:
        if not inspect.isfunction(inspect.unwrap(function)) and not inspect.ismethod(function):
            continue
        for parameter in inspect.signature(function).parameters.values():
            asked = str(parameter.annotation)
            assert "Path" not in asked or "str" in asked, f"{room}.{name}({parameter})"


def test_pages_import_from_doors_alone():
    """README and docs import nothing from deeper than a room's door; each modelling library has one of its own."""
    pages = [DOCS.parent / "README.md", *DOCS.rglob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    imported = re.findall(r"(?:from|import) (evenhand(?:\.\w+)*)(?: import|$)", text, re.MULTILINE)
    assert len(imported) > 30
    doors = {
        "evenhand",
        "evenhand.applications",
        "evenhand.cli",
        *(room for room in ROOMS if room.count(".") == 1 or room.startswith("evenhand.applications.")),
    }
    doors |= {f"evenhand.modeling.{name}" for name in ("cvxpy", "pyomo", "gurobipy", "pyscipopt", "highspy", "linopy")}
    assert {module for module in imported if module not in doors} == set()


def test_what_one_module_alone_uses_has_an_underscore():
    """A function without an underscore is used by another file, a test or a page; compiled loops and commands apart."""
    root = DOCS.parent
    texts = {
        file: file.read_text(encoding="utf-8")
        for folder in ("src", "tests", "docs", "benchmarks", "reproductions")
        for file in (root / folder).rglob("*")
        if file.suffix in {".py", ".md"}
    }
    used = Counter(word for text in texts.values() for word in set(re.findall(r"\w+", text)))
    lonely = [
        f"{file.relative_to(root)}: {node.name}"
        for file, text in texts.items()
        if file.suffix == ".py" and (root / "src") in file.parents
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and not node.decorator_list
        if not node.name.startswith("_") and used[node.name] == 1
    ]
    assert lonely == []
