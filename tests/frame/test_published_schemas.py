"""Files that other programs read, held against the schemas that those programs' makers publish."""

import re
from pathlib import Path

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema.validators import validator_for

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def read(text: str) -> dict:
    """YAML as today's programs read it: PyYAML still takes the word `on` for true."""
    content = yaml.safe_load(text)
    return {("on" if key is True else key): value for key, value in content.items()}


def complaints(schema: str, content: dict) -> list[str]:
    """What is wrong by a published schema, which check-jsonschema brings along."""
    published = get_builtin_schema(f"vendor.{schema}")
    return [error.message for error in validator_for(published)(published).iter_errors(content)]


def test_the_compose_file_follows_the_compose_specification():
    assert complaints("compose-spec", read(COMPOSE.read_text())) == []


def test_a_wrong_compose_file_would_be_noticed():
    wrong = COMPOSE.read_text().replace("healthcheck:", "healthchecks:")
    assert any("healthchecks" in message for message in complaints("compose-spec", read(wrong)))


@pytest.fixture
def localstack():
    return read(COMPOSE.read_text())["services"]["localstack"]


def test_localstack_is_the_last_release_that_needs_no_token(localstack):
    assert localstack["image"] == "localstack/localstack:4.14.0"


def test_a_token_from_the_shell_is_handed_on_and_none_is_written_down(localstack):
    assert localstack["environment"]["LOCALSTACK_AUTH_TOKEN"] == "${LOCALSTACK_AUTH_TOKEN:-}"


def test_localstack_is_reached_from_this_machine_only(localstack):
    assert localstack["ports"]
    assert all(port.startswith("127.0.0.1:") for port in localstack["ports"])


def test_localstack_counts_as_up_when_its_health_page_answers(localstack):
    assert localstack["healthcheck"]["test"][-1].endswith("/_localstack/health")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_follows_the_workflow_schema(file):
    assert complaints("github-workflows", read(file.read_text())) == []


def test_a_wrong_workflow_would_be_noticed():
    wrong = WORKFLOWS[0].read_text().replace("runs-on:", "run-on:")
    assert complaints("github-workflows", read(wrong)) != []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_actions_of_others_are_pinned_to_a_major_version_or_a_commit(file):
    uses = re.findall(r"uses: *(\S+)", file.read_text())
    assert uses
    assert [use for use in uses if not re.search(r"@(v\d+|[0-9a-f]{40})$", use)] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_only_publishing_may_write(file):
    workflow = read(file.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    writing = {
        name
        for name, job in workflow["jobs"].items()
        if "write" in job.get("permissions", {}).values()
    }
    assert writing <= {"publish"}


def test_the_workflow_runs_the_two_commands_of_the_readme_on_both_systems_and_every_python():
    (file,) = WORKFLOWS
    job = read(file.read_text())["jobs"]["fresh-machine"]
    runs = [step.get("run") for step in job["steps"]]
    assert "make test" in runs and "make book" in runs
    matrix = job["strategy"]["matrix"]
    assert matrix["python"] == ["3.10", "3.11", "3.12", "3.13"]
    systems = {*matrix["os"], *(entry["os"] for entry in matrix["include"])}
    assert systems == {"ubuntu-latest", "macos-latest"}
