"""Files that other programs read, held against the schemas that those programs' makers publish."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema.validators import validator_for

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
CI = ROOT / ".github/workflows/ci.yml"
GRADE = ROOT / ".github/workflows/grade.yml"
TEMPLATES = ROOT / "autograder/ci"
WORKFLOWS = [CI, GRADE, *sorted(TEMPLATES.glob("github*.yml"))]


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
    wrong = CI.read_text().replace("runs-on:", "run-on:")
    assert complaints("github-workflows", read(wrong)) != []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_actions_of_others_are_pinned_to_a_major_version_or_a_commit(file):
    uses = re.findall(r"uses: *(\S+)", file.read_text())
    assert uses
    ours = "OWNER/NAME/.github/workflows/grade.yml@TAG-OR-COMMIT"
    others = [use for use in uses if use != ours]
    assert [use for use in others if not re.search(r"@(v\d+|[0-9a-f]{40})$", use)] == []


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
    job = read(CI.read_text())["jobs"]["fresh-machine"]
    runs = [step.get("run") for step in job["steps"]]
    assert "make test" in runs and "make book" in runs
    matrix = job["strategy"]["matrix"]
    assert matrix["python"] == ["3.10", "3.11", "3.12", "3.13"]
    systems = {*matrix["os"], *(entry["os"] for entry in matrix["include"])}
    assert systems == {"ubuntu-latest", "macos-latest"}


# --- grading in a learner's repository ---


def steps(file: Path) -> list[dict]:
    (job,) = read(file.read_text())["jobs"].values()
    return job["steps"]


def test_the_workflow_to_copy_does_what_the_workflow_to_call_does():
    assert steps(TEMPLATES / "github.yml") == steps(GRADE)


def test_the_caller_gives_the_workflow_what_it_asks_for():
    asked = read(GRADE.read_text())["on"]["workflow_call"]["inputs"]
    (job,) = read((TEMPLATES / "github-caller.yml").read_text())["jobs"].values()
    assert set(job["with"]) == {name for name, each in asked.items() if each["required"]}


@pytest.mark.parametrize("file", [GRADE, *sorted(TEMPLATES.glob("*.yml"))], ids=lambda f: f.name)
def test_grading_has_no_secrets_and_keeps_nothing_for_the_next_grading(file):
    text = "\n".join(line.partition("#")[0] for line in file.read_text().splitlines())
    assert "pull_request_target" not in text and "secrets" not in text
    assert "cache" not in text


def test_no_checkout_leaves_a_token_behind():
    for step in steps(GRADE):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_names_reach_the_shell_as_variables_and_not_as_code():
    assert [step["run"] for step in steps(GRADE) if "${{" in step.get("run", "")] == []


def test_the_gitlab_template_follows_gitlabs_schema():
    content = yaml.safe_load((TEMPLATES / "gitlab.yml").read_text())
    assert complaints("gitlab-ci", content) == []
    assert complaints("gitlab-ci", {**content, "grade": {"skript": []}}) != []


@pytest.fixture
def repository(tmp_path):
    """A workspace as the workflow makes it: the course, and what a learner handed in."""
    handed_in = tmp_path / ".handed-in"
    (handed_in / "labs/dlq").mkdir(parents=True)
    (handed_in / "labs/dlq/kitchen.py").write_text("theirs = 1\n")
    (tmp_path / ".course/solutions").mkdir(parents=True)
    (tmp_path / ".course/solutions/kitchen.py").write_text("the = 'reference'\n")
    (handed_in / "linked").symlink_to("../.course/solutions")
    (handed_in / "linked.py").symlink_to("../.course/solutions/kitchen.py")
    git = ["git", "-C", str(handed_in), "-c", "user.name=x", "-c", "user.email=x@x"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True, timeout=30)
    return tmp_path


@pytest.mark.parametrize(
    "file, taken",
    [
        ("labs/dlq/kitchen.py", "theirs = 1\n"),
        ("labs/dlq/missing.py", None),
        ("linked/kitchen.py", None),
        ("linked.py", "../.course/solutions/kitchen.py"),  # the link's own text: no Python
    ],
)
def test_only_the_learners_own_file_is_taken_and_no_link_is_followed(repository, file, taken):
    (step,) = (each for each in steps(GRADE) if each.get("name", "").startswith("Take"))
    subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=repository,
        env={**os.environ, "FILE": file},
        check=True,
        timeout=30,
    )
    found = repository / file
    assert (found.read_text() if found.exists() else None) == taken
