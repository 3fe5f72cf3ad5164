"""Classroom 50's result.json (schema classroom50/result/v1).

Source: https://github.com/foundation50/classroom50/blob/main/schemas/result-v1.schema.json and, for
the environment that its runner gives, wiki/Advanced-Autograding.md in the same repository. The runner
writes owner, assignment_type and datetime itself afterwards.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone

from autograder.labs import BadInput, Lab
from autograder.report import Report

_GIVEN = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "ASSIGNMENT_TYPE",
    "owner": "OWNER",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def render(report: Report, lab: Lab) -> str:
    """A test for each criterion; raises BadInput outside Classroom 50's runner."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    result = {
        "schema": "classroom50/result/v1",
        **{field: os.environ[name] for field, name in _GIVEN.items()},
        "datetime": now,
        "score": report.score,
        "max-score": report.max_score,
        "tests": [
            {
                "test-name": criterion.id,
                "passed": criterion.status == "passed",
                "score": criterion.points,
                "max-score": criterion.max_points,
                "must": criterion.must,
                "message": criterion.message,
            }
            for criterion in report.criteria
        ],
    }
    return json.dumps(result, indent=2, ensure_ascii=False) + "\n"


def check_environment() -> None:
    """Raise BadInput unless the runner's environment says whose submission this is."""
    missing = [name for name in _GIVEN.values() if not os.environ.get(name)]
    if missing:
        raise BadInput(
            "A Classroom 50 result needs what its runner puts into the environment; missing: "
            f"{', '.join(missing)}."
        )
