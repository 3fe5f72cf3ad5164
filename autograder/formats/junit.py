"""JUnit XML, as Jenkins, GitLab and others read it.

Kept to what the schema of Jenkins' xUnit plugin allows:
https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from autograder.formats.words import told
from autograder.labs import Lab
from autograder.report import Report

_ELEMENTS = {"failed": "failure", "unknown": "error"}


def render(report: Report, lab: Lab) -> str:
    """One test suite, a test case for each criterion."""
    statuses = [criterion.status for criterion in report.criteria]
    counts = {
        "tests": str(len(statuses)),
        "failures": str(statuses.count("failed")),
        "errors": str(statuses.count("unknown")),
        "time": f"{report.seconds:.3f}",
    }
    suites = Element("testsuites", {"name": "pizza check", **counts})
    suite = SubElement(suites, "testsuite", {"name": report.title, "skipped": "0", **counts})
    properties = SubElement(suite, "properties")
    values = {"lab": report.lab, "score": report.score, "max_score": report.max_score}
    values |= {"verdict": report.verdict, "engine": report.engine}
    for name, value in {**values, "containment": report.containment}.items():
        SubElement(properties, "property", name=name, value=str(value))
    for criterion in report.criteria:
        case = SubElement(suite, "testcase", classname=f"pizza.{report.lab}", name=criterion.id)
        if criterion.status != "passed":
            message = criterion.message or report.message
            points = f"{criterion.points} of {criterion.max_points} points"
            problem = SubElement(
                case, _ELEMENTS[criterion.status], type=criterion.status, message=message
            )
            problem.text = f"{points}\n\n{told(report, criterion)}"
        if criterion.output.strip():
            SubElement(case, "system-out").text = criterion.output
    indent(suites)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return declaration + tostring(suites, encoding="unicode") + "\n"
