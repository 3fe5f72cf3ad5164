"""A lab or a criterion that does not exist: the nearest one is named, and the exit code is 2."""

import pytest
from pydantic import ValidationError

from autograder.labs import BadInput, Lab, lab_ids, load_lab


@pytest.mark.parametrize("lab_id", lab_ids())
def test_every_lab_can_be_read_and_is_worth_100_points(lab_id: str) -> None:
    assert sum(criterion.points for criterion in load_lab(lab_id).criteria) == 100


def test_a_lab_is_never_worth_anything_but_100_points() -> None:
    described = load_lab("dlq").model_dump()
    described["criteria"][0]["points"] += 1
    with pytest.raises(ValidationError, match="sum to 101"):
        Lab.model_validate(described)


def test_the_nearest_lab_is_named() -> None:
    with pytest.raises(BadInput, match="did you mean “dlq”"):
        load_lab("dlk")


def test_the_nearest_criterion_is_named() -> None:
    with pytest.raises(BadInput, match="did you mean “redrive”"):
        load_lab("dlq").criterion("redriv")
