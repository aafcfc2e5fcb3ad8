"""One call makes an environment, from a name, a file or a scenario."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from evenhand import hospital
from evenhand.errors import InputError


def test_the_reference_is_made_by_default() -> None:
    environment = hospital.make("rescue-breaths/equal")
    assert type(environment).__name__ == "Hospital"
    assert environment.possible_agents == ["agent_1", "agent_2", "agent_3"]


def test_the_twin_is_made_on_request() -> None:
    environment = hospital.make("rescue-breaths/equal", backend="jax")
    assert type(environment).__name__ == "VectorizedHospital"
    assert environment.scenario == hospital.load("rescue-breaths/equal")


def test_a_scenario_made_in_python_is_checked_like_a_file() -> None:
    ward = hospital.generate_ward(6)
    assert hospital.make(ward).possible_agents[-1] == "agent_6"
    astray = ward.model_copy(update={"patients": (ward.patients[0].model_copy(update={"at": "bed-9"}),)})
    with pytest.raises(InputError, match=r"^'ward/6': patients\[0\].at is 'bed-9'; no station has that name"):
        hospital.make(astray)


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        ("Jax", "backend is 'Jax'; did you mean 'jax'"),
        (3, "backend is 3; known are 'reference', 'jax'"),
        ([], "is \\[\\]"),
    ],
)
def test_an_unknown_backend(backend: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        hospital.make("rescue-breaths/equal", backend=backend)


def test_options_reach_the_environment() -> None:
    assert hospital.make("rescue-breaths/equal", render_mode="ansi").render_mode == "ansi"


def test_importing_the_package_imports_no_optional_library() -> None:
    code = (
        "import sys, evenhand.hospital; "
        "heavy = {'jax', 'pettingzoo', 'gymnasium', 'PIL', 'pydantic'} & set(sys.modules); "
        "assert not heavy, heavy; assert 'make' in dir(evenhand.hospital)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_loading_a_scenario_imports_no_environment() -> None:
    code = (
        "import sys; from evenhand.hospital import load; load('fair-gne'); "
        "heavy = {'jax', 'pettingzoo', 'PIL'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_unknown_names_of_the_package() -> None:
    with pytest.raises(AttributeError, match="no attribute 'maek'"):
        _ = hospital.maek
