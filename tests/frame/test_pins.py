"""What gets installed is decided by the two requirements files, and they agree with each other."""

import os
import re
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
MADE = {".git", ".venv", "_build", "__pycache__", "node_modules"}
READERS, AUTHORS = "requirements", "requirements-authors"


def requirements(file: str) -> list[Requirement]:
    """The requirements in a file of ours, comments and options left out."""
    lines = (line.split(" #")[0].strip() for line in (ROOT / file).read_text().splitlines())
    return [Requirement(line) for line in lines if line and line[0] not in "#-"]


def pins(file: str) -> dict[str, set[str]]:
    """The versions a locked file has for each name: several if they depend on the Python."""
    versions: dict[str, set[str]] = {}
    for pin in requirements(file):
        versions.setdefault(canonicalize_name(pin.name), set()).add(str(pin.specifier))
    return versions


@pytest.mark.parametrize("name", [READERS, AUTHORS])
def test_every_requirement_is_pinned_to_one_version(name):
    loose = [
        str(r)
        for r in requirements(f"{name}.txt")
        if not re.fullmatch(r"==[^*,]+", str(r.specifier))
    ]
    assert loose == []


@pytest.mark.parametrize("name", [READERS, AUTHORS])
def test_the_locked_file_holds_what_its_source_asks_for(name):
    locked = pins(f"{name}.txt")
    for wanted in requirements(f"{name}.in"):
        versions = locked.get(canonicalize_name(wanted.name), set())
        assert versions, f"{wanted.name} is in {name}.in but not in {name}.txt: run make lock"
        for pin in versions:
            assert wanted.specifier.contains(pin.removeprefix("=="), prereleases=True), wanted


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_each_name_has_one_version_on_each_python(python, platform):
    machine = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[platform],
        "platform_machine": {"linux": "x86_64", "darwin": "arm64"}[platform],
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    used: dict[str, str] = {}
    for file in (f"{READERS}.txt", f"{AUTHORS}.txt"):
        for pin in requirements(file):
            if pin.marker is None or pin.marker.evaluate(machine):
                version = used.setdefault(canonicalize_name(pin.name), str(pin.specifier))
                assert version == str(pin.specifier), f"two versions of {pin.name}"


def test_boto3_is_of_the_version_that_the_embedded_engine_is_made_for():
    asked = {r.name: r for r in map(Requirement, requires("ministack") or [])}["botocore"]
    locked = pins(f"{READERS}.txt")
    assert locked["botocore"] == {str(asked.specifier)}
    assert locked["boto3"] == locked["botocore"]


def test_types_are_those_of_the_boto3_that_runs():
    assert pins(f"{AUTHORS}.txt")["boto3-stubs"] == pins(f"{READERS}.txt")["boto3"]


def test_the_environment_that_runs_these_tests_is_the_pinned_one():
    here = {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in requirements(f"{READERS}.txt")
        if pin.marker is None or pin.marker.evaluate()
    }
    assert {name: version(name) for name in here} == here


def test_no_file_says_where_packages_come_from():
    # The machine's own pip settings decide that.
    words = [
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--trusted-host",
        "pypi.org/simple",
        "files.pythonhosted.org",
    ]
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            f for f in folders if f not in MADE and not f.endswith(("_cache", ".egg-info"))
        ]
        for path in (Path(folder, file) for file in files):
            text = path.read_bytes().decode("utf-8", errors="ignore")
            if path != Path(__file__):
                found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert found == []
