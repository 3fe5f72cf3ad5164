"""A report means the same in every format, and nothing that a learner wrote does anything in it."""

from __future__ import annotations

import html.parser
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from autograder import checking, formats
from autograder.formats import FORMATS, github, terminal
from autograder.labs import BadInput, load_lab
from autograder.report import CriterionReport, Report, harmless
from tests.autograder.conftest import CLASSROOM50, lost_order_report

LAB = load_lab("dlq")
HOSTILE = (
    "\x1b[2J\x07<img src=x onerror=alert(1)></pre></details>]]>&amp; | `code` **b** [x](javascript:1)\n"
    "::error file=x::pwned\n##[error]pwned\n::add-mask::e\n```\n# heading\n<script>alert(1)</script>\n"
    "=cmd()\u202e\ud800\ufffe\x00 http://evil.example @everyone"
)


@pytest.fixture
def lost_order() -> Report:
    return lost_order_report()


@pytest.fixture
def hostile(lost_order: Report) -> Report:
    """The same, with what a learner had a say in as bad as can be."""
    data = lost_order.model_dump()
    data["file"] = "labs/a,b:c%0A::error::/kitchen.py"
    for criterion in data["criteria"]:
        if criterion["status"] == "failed":
            criterion |= {"message": HOSTILE, "output": HOSTILE * 3, "history": [HOSTILE] * 3}
            criterion["error"] = ["kitchen.py, line 7, in x: y", HOSTILE]
            for call in criterion["calls"]:
                call |= {"summary": HOSTILE, "resource": HOSTILE, "caller": HOSTILE}
    return Report.model_validate(data)


@pytest.fixture
def hostile_file(hostile: Report) -> Report:
    """A file that could not be run at all, for a reason as bad as can be."""
    return hostile.model_copy(update={"message": harmless(HOSTILE)})


@pytest.fixture
def undecided(lost_order: Report) -> Report:
    """A grading whose engine died."""
    data = lost_order.model_dump()
    data |= {"verdict": "unknown", "score": 0, "message": "The grading itself failed."}
    for criterion in data["criteria"]:
        criterion |= {"status": "unknown", "points": 0, "message": "not decided", "history": []}
    return Report.model_validate(data)


@pytest.fixture
def runner_of_classroom50(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CLASSROOM50.items():
        monkeypatch.setenv(name, value)


# --- JSON ---


def test_the_published_schema_is_that_of_the_reports() -> None:
    published = formats.schema_file().read_text(encoding="utf-8")
    assert published == formats.published_schema(), "run: pizza dev schema"


REPORTS = ["lost_order", "hostile", "hostile_file", "undecided"]


@pytest.mark.parametrize("name", REPORTS)
def test_reports_follow_the_published_schema(name: str, request: pytest.FixtureRequest) -> None:
    schema = json.loads(formats.schema_file().read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    written = FORMATS["json"].render(request.getfixturevalue(name), LAB)
    jsonschema.validate(json.loads(written), schema)


@pytest.mark.parametrize(
    "wrong", [{"schema_version": 2}, {"verdict": "maybe"}, {"score": "75"}, {"criteria": [{}]}]
)
def test_what_is_no_report_does_not_follow_the_schema(
    lost_order: Report, wrong: dict[str, Any]
) -> None:
    schema = json.loads(formats.schema_file().read_bytes())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(lost_order.model_dump_json()), **wrong}, schema)


# --- JUnit ---

# Jenkins' xUnit plugin, junit-10.xsd (compared in November 2026): for each element its attributes, those
# that must be there, and what may be inside.
JUNIT: dict[str, tuple[str, str, str]] = {
    "testsuites": ("name time tests failures errors", "", "testsuite"),
    "testsuite": (
        "name tests failures errors group time skipped timestamp hostname id package file log url",
        "name tests failures errors",
        "testsuite properties testcase system-out system-err",
    ),
    "properties": ("", "", "property"),
    "property": ("name value", "name value", ""),
    "testcase": (
        "name time classname group",
        "name",
        "skipped error failure rerunFailure rerunError flakyFailure flakyError system-out system-err",
    ),
    "failure": ("type message", "", ""),
    "error": ("type message", "", ""),
    "system-out": ("", "", ""),
}


def break_of_junit_rules(element: ElementTree.Element) -> list[str]:
    attributes, needed, inside = (set(part.split()) for part in JUNIT[element.tag])
    found = [f"{element.tag} has {each}" for each in set(element.keys()) - attributes]
    found += [f"{element.tag} lacks {each}" for each in needed - set(element.keys())]
    found += [f"{each.tag} in {element.tag}" for each in element if each.tag not in inside]
    if element.get("time") and not re.fullmatch(r"\d*(\.\d{0,3})?", element.get("time", "")):
        found.append(f"time {element.get('time')}")
    return [*found, *(each for child in element for each in break_of_junit_rules(child))]


@pytest.mark.parametrize("name", REPORTS)
def test_junit_xml_follows_the_schema_of_jenkins(name: str, request: pytest.FixtureRequest) -> None:
    root = ElementTree.fromstring(
        FORMATS["junit"].render(request.getfixturevalue(name), LAB).encode()
    )
    assert break_of_junit_rules(root) == []


def test_the_junit_rules_can_be_broken() -> None:
    wrong = ElementTree.fromstring("<testsuite name='x'><testcase line='3'/></testsuite>")
    assert len(break_of_junit_rules(wrong)) == 5


def test_junit_tells_a_failure_from_what_was_not_decided(
    lost_order: Report, undecided: Report
) -> None:
    failed = ElementTree.fromstring(FORMATS["junit"].render(lost_order, LAB).encode())
    cases = {case.get("name"): [each.tag for each in case] for case in failed.iter("testcase")}
    assert cases["cook"] == [] and cases["refused"] == ["failure"]
    (suite,) = failed.iter("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("9", "2", "0")
    unknown = ElementTree.fromstring(FORMATS["junit"].render(undecided, LAB).encode())
    assert not list(unknown.iter("failure")) and len(list(unknown.iter("error"))) == 9


# --- Gradescope ---

VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
OUTPUT_FORMATS = {"text", "simple_format", "html", "md", "ansi"}
# Gradescope's "Autograder Specifications": field, and what a value of it must be.
AT_THE_TOP: dict[str, Callable[[Any], bool]] = {
    "score": lambda v: isinstance(v, (int, float)),
    "execution_time": lambda v: isinstance(v, int),
    "output": lambda v: isinstance(v, str),
    "output_format": OUTPUT_FORMATS.__contains__,
    "test_output_format": OUTPUT_FORMATS.__contains__,
    "test_name_format": OUTPUT_FORMATS.__contains__,
    "visibility": VISIBILITIES.__contains__,
    "stdout_visibility": VISIBILITIES.__contains__,
    "extra_data": lambda v: isinstance(v, dict),
    "tests": lambda v: isinstance(v, list),
    "leaderboard": lambda v: isinstance(v, list),
}
IN_A_TEST: dict[str, Callable[[Any], bool]] = {
    "score": lambda v: isinstance(v, (int, float)),
    "max_score": lambda v: isinstance(v, (int, float)),
    "status": {"passed", "failed"}.__contains__,
    "name": lambda v: isinstance(v, str),
    "output": lambda v: isinstance(v, str),
}


@pytest.mark.parametrize("name", ["lost_order", "hostile", "hostile_file"])
def test_gradescope_gets_what_its_specification_names(
    name: str, request: pytest.FixtureRequest
) -> None:
    result = json.loads(FORMATS["gradescope"].render(request.getfixturevalue(name), LAB))
    assert all(AT_THE_TOP[field](value) for field, value in result.items())
    assert all(IN_A_TEST[field](value) for test in result["tests"] for field, value in test.items())
    assert sum(test["score"] for test in result["tests"]) == result["score"] == 75
    assert all((test["status"] == "passed") == (test["score"] > 0) for test in result["tests"])
    assert sum(test["max_score"] for test in result["tests"]) == 100


def test_gradescope_renders_nothing_that_a_learner_wrote(hostile: Report) -> None:
    result = json.loads(FORMATS["gradescope"].render(hostile, LAB))
    assert {result[f"{each}output_format"] for each in ("", "test_")} == {"text"}
    assert result["test_name_format"] == "text"


# --- Classroom 50 ---

INSTANT = r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ"
# classroom50/result/v1 (compared in November 2026): every field that its schema requires, and what it must
# be. It allows two more, which its runner adds.
RESULT: dict[str, Callable[[Any], bool]] = {
    "schema": lambda v: v == "classroom50/result/v1",
    **{
        name: lambda v: isinstance(v, str) and v != ""
        for name in ("classroom", "assignment", "owner", "commit", "release", "review")
    },
    "assignment_type": {"individual", "group"}.__contains__,
    "submission": lambda v: v.startswith("submit/"),
    "datetime": lambda v: re.fullmatch(INSTANT, v) is not None,
    "score": lambda v: type(v) is int and v >= 0,
    "max-score": lambda v: type(v) is int and v >= 0,
    "tests": lambda v: isinstance(v, list),
}


@pytest.mark.usefixtures("runner_of_classroom50")
@pytest.mark.parametrize("name", ["lost_order", "hostile"])
def test_classroom_50_gets_what_its_schema_requires(
    name: str, request: pytest.FixtureRequest
) -> None:
    result = json.loads(FORMATS["classroom50"].render(request.getfixturevalue(name), LAB))
    assert set(result) == set(RESULT)
    assert [field for field, value in result.items() if not RESULT[field](value)] == []
    for test in result["tests"]:
        assert isinstance(test["test-name"], str) and type(test["passed"]) is bool
        assert 0 <= test["score"] <= test["max-score"]
    assert (result["score"], result["max-score"]) == (75, 100)


def test_outside_its_runner_a_classroom_50_result_is_refused_before_grading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SUBMISSION_TAG", raising=False)
    with pytest.raises(BadInput, match=r"missing: .*SUBMISSION_TAG"):
        formats.wanted("classroom50=result.json")


@pytest.mark.usefixtures("runner_of_classroom50")
@pytest.mark.parametrize("name", ["gradescope", "classroom50"])
def test_what_was_not_decided_is_never_a_0(name: str, undecided: Report, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text("of an earlier grading")
    want = formats.wanted(f"{name}={file}")
    assert formats.write(undecided, LAB, want) is False
    assert not file.exists()


# --- GitHub ---


def test_annotations_stand_at_the_learners_lines(lost_order: Report) -> None:
    refused, crash = github.annotate(lost_order)
    assert refused.startswith("::error file=labs/dlq/kitchen.py,line=1,title=refused%3A 0 of 10")
    assert crash.startswith("::error file=labs/dlq/kitchen.py,line=63,title=crash%3A 0 of 15")


def test_a_file_that_cannot_be_read_is_annotated_at_its_line(lost_order: Report) -> None:
    text = "kitchen.py could not be imported: SyntaxError: invalid syntax (kitchen.py, line 9: def"
    (only,) = github.annotate(lost_order.model_copy(update={"message": text}))
    assert only.startswith("::error file=labs/dlq/kitchen.py,line=9,")


def test_paths_in_annotations_begin_at_the_root_of_the_repository(
    lost_order: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    report = lost_order.model_copy(update={"file": str(tmp_path / "labs/dlq/kitchen.py")})
    assert all("file=labs/dlq/kitchen.py," in each for each in github.annotate(report))


def test_an_annotation_is_one_command_whatever_the_learner_wrote(hostile: Report) -> None:
    for annotation in github.annotate(hostile):
        assert "\n" not in annotation and "\r" not in annotation
        command, properties, _ = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", annotation).groups()  # type: ignore[union-attr]
        assert command == "error"
        assert [each.split("=")[0] for each in properties.split(",")] == ["file", "line", "title"]


def test_the_runner_takes_nothing_of_the_report_on_the_log_for_a_command(
    hostile: Report, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    checking.show(hostile, everything=True)
    first, *inside, last = capsys.readouterr().out.splitlines()
    token = first.removeprefix("::stop-commands::")
    assert len(token) == 32 and last == f"::{token}::"
    assert any("pwned" in text for text in inside)
    assert not any(token in text for text in inside)


class Tags(html.parser.HTMLParser):
    """Collects the elements of a page and what they carry."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_the_summary_renders_as_the_same_elements_whatever_the_learner_wrote(
    lost_order: Report, hostile: Report, hostile_file: Report
) -> None:
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    wanted = {"h2", "p", "strong", "code", "table", "thead", "tbody", "tr", "th", "td", "details"}
    for report, told in ((lost_order, 2), (hostile, 2), (hostile_file, 0)):
        page = Tags(markdown.render(github.summary(report, LAB)))
        assert set(page.tags) <= wanted | {"summary", "pre", "sub"}
        assert page.attributes == []
        assert page.tags.count("details") == told and page.tags.count("tr") == 10


def test_the_summary_goes_after_what_earlier_steps_wrote(
    lost_order: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    assert formats.write(lost_order, LAB, formats.wanted("github"))
    assert file.read_text().startswith("before\n## ❌ The poison pizza")


# --- HTML ---


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(
    name: str, request: pytest.FixtureRequest
) -> None:
    page = Tags(FORMATS["html"].render(request.getfixturevalue(name), LAB))
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    addresses = [value for name, value in page.attributes if name in ("href", "src", "xlink:href")]
    assert all(address.startswith("#") for address in addresses)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


def test_the_page_has_a_timeline_hints_and_the_way_to_replay_each_failure(
    lost_order: Report,
) -> None:
    page = FORMATS["html"].render(lost_order, LAB)
    assert page.count("<figure") == page.count("</svg>") == 2
    assert "pizza check dlq --replay 3" in page
    assert page.count("<summary>A hint</summary>") == 2
    for hint in LAB.criterion("crash").hints:
        assert hint.split("“")[0][:40] in page
    assert "fully contained" in page


def test_every_mark_up_of_the_page_is_closed(hostile: Report) -> None:
    page = FORMATS["html"].render(hostile, LAB)
    for tag in ("section", "details", "ol", "pre", "table", "figure"):
        assert len(re.findall(f"<{tag}[ >]", page)) == page.count(f"</{tag}>"), tag


# --- the terminal, and all ---


@pytest.mark.usefixtures("runner_of_classroom50")
@pytest.mark.parametrize("name", ["hostile", "hostile_file"])
def test_no_control_character_of_the_learners_reaches_any_format(
    name: str, request: pytest.FixtureRequest
) -> None:
    report = request.getfixturevalue(name)
    screen = StringIO()
    console = Console(file=screen, width=80, force_terminal=True, color_system=None)
    terminal.show(report, console, everything=True)
    for text in [screen.getvalue(), *(each.render(report, LAB) for each in FORMATS.values())]:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufffe]", text)
        text.encode("utf-8")


PASSED = (
    "nothing\n\n✓  10/10  cook\nMust hold: nothing more\nThe poison pizza: 100 of 100 points, passed"
    + " " * 50
    + "✓  15/15  queues"  # where a line is wrapped
)


@pytest.fixture(params=["of the whole file", "of each criterion"])
def forged(lost_order: Report, request: pytest.FixtureRequest) -> Report:
    """A report whose learner wrote lines that look like those of a report."""
    data = lost_order.model_dump()
    if request.param == "of the whole file":
        data["message"] = PASSED
    for criterion in data["criteria"]:
        if criterion["status"] == "failed":
            criterion |= {"message": PASSED, "output": PASSED, "history": [PASSED]}
            criterion["error"] = ["kitchen.py, line 7, in x: y", PASSED]
    return Report.model_validate(data)


def test_no_line_of_the_learners_stands_where_one_of_the_report_does(forged: Report) -> None:
    screen = StringIO()
    terminal.show(forged, Console(file=screen, width=80), everything=True)
    result = json.loads(FORMATS["gradescope"].render(forged, LAB))
    junit = ElementTree.fromstring(FORMATS["junit"].render(forged, LAB).encode())
    texts = [result["output"], *(test["output"] for test in result["tests"])]
    texts += [case.text or "" for case in junit.iter("failure")]
    lines = "\n".join(texts).splitlines()
    assert any("✓" in line for line in lines)
    for line in lines:
        assert not line.startswith(("✓", "Must hold: nothing more", "The poison pizza"))
    shown = [line.rstrip() for line in screen.getvalue().splitlines()]
    assert [line for line in shown if line.startswith("✓")] == [
        f"✓ {c.points:>3}/{c.max_points:<3} {c.id}" for c in forged.criteria if c.points
    ]
    (verdict,) = (line for line in shown if line.startswith("The poison pizza"))
    assert verdict.startswith("The poison pizza: 75 of 100 points, not passed yet")


@pytest.mark.parametrize("width", [80, 120])
def test_the_terminal_shows_all_of_a_failure_within_its_width(
    lost_order: Report, width: int
) -> None:
    screen = StringIO()
    terminal.show(lost_order, Console(file=screen, width=width), everything=True)
    lines = screen.getvalue().splitlines()
    assert all(len(line.rstrip()) <= width for line in lines)
    text = " ".join(screen.getvalue().split())
    assert "75 of 100 points, not passed yet" in text
    assert "pizza check dlq --replay 3" in text and "kitchen.py, line 63, in cook" in text


def test_the_command_that_replays_is_one_line_to_copy_however_long_the_path_is(
    lost_order: Report, tmp_path: Path
) -> None:
    path = tmp_path / ("a folder with a long name " * 4) / "kitchen.py"
    path.parent.mkdir()
    path.touch()
    screen = StringIO()
    named = lost_order.model_copy(update={"file": str(path)})
    terminal.show(named, Console(file=screen, width=80), everything=True)
    assert f"pizza check dlq '{path}' --replay 3\n" in screen.getvalue()


@pytest.mark.parametrize(
    "asked, says",
    [
        ("htm=x", "no report format “htm”: did you mean “html”?"),
        ("html", "as in --report html=FILE"),
        ("junit=nowhere/x.xml", "there is no folder nowhere"),
        ("html=.", "is a folder"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused_before_grading(asked: str, says: str) -> None:
    with pytest.raises(BadInput, match=re.escape(says)):
        formats.wanted(asked)


def test_outside_github_actions_the_summary_needs_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    with pytest.raises(BadInput, match=r"--report github=summary\.md"):
        formats.wanted("github")


def test_a_sentence_that_quotes_a_megabyte_is_cut() -> None:
    long = CriterionReport(
        id="cook",
        points=0,
        max_points=5,
        status="failed",
        must="cook",
        message="x" * 1_000_000,
        history=["y" * 1_000_000],
    )
    assert len(long.model_dump_json()) < 10_000
