"""What the grader makes of a handler's answer is what Lambda makes of it.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import pytest

from autograder.lambda_rules import failed_records

IDS = {"a", "b"}


@pytest.mark.parametrize(
    "answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}]
)
def test_an_empty_answer_means_that_every_record_is_done(answer: object) -> None:
    assert failed_records(answer, IDS) == set()


def test_the_records_that_are_named_have_failed() -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "b"}]}
    assert failed_records(answer, IDS) == {"b"}


@pytest.mark.parametrize(
    "failure",
    [{"itemIdentifier": ""}, {"itemIdentifier": None}, {"id": "a"}, {"itemIdentifier": "c"}, "a"],
)
def test_one_name_that_is_none_fails_the_whole_batch(failure: object) -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "a"}, failure]}
    assert failed_records(answer, IDS) is None


@pytest.mark.parametrize("answer", ["done", 0, True, [], {"batchItemFailures": "a"}])
def test_an_answer_that_lambda_cannot_read_fails_the_whole_batch(answer: object) -> None:
    assert failed_records(answer, IDS) is None
