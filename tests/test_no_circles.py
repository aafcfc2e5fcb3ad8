"""No module imports one that imports it, directly or through others; imports for types or in functions count, too."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "src"


def imports_of(sources):
    """Return the modules of the package that each of its modules names in an import, wherever that stands."""
    files = {".".join(file.relative_to(sources).with_suffix("").parts): file for file in sources.rglob("*.py")}
    files = {name.removesuffix(".__init__"): file for name, file in files.items()}
    found = {name: set() for name in files}
    for name, file in files.items():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and not node.level:
                for alias in node.names:
                    module = f"{node.module}.{alias.name}"
                    found[name] |= {module if module in files else node.module} & files.keys()
            elif isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names} & files.keys()
    return found


def test_no_module_is_in_a_circle():
    found = imports_of(SOURCES)
    assert len(found) > 300
    try:
        graphlib.TopologicalSorter(found).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_a_circle_of_types_is_found(tmp_path):
    (tmp_path / "one.py").write_text("from two import B\nclass A: ...\n")
    (tmp_path / "two.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import one\nclass B: ...\n"
    )
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(imports_of(tmp_path)).prepare()
