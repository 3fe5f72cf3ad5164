"""What `pizza reset` puts back is what a new clone has."""

import subprocess

import pytest

from autograder.labs import COURSE, lab_ids, load_lab
from autograder.starters import starter


@pytest.mark.parametrize("lab_id", lab_ids())
def test_the_starter_is_the_file_that_the_repository_holds(lab_id: str) -> None:
    lab = load_lab(lab_id)
    kept = subprocess.run(
        ["git", "show", f"HEAD:labs/{lab_id}/{lab.module}"],
        cwd=COURSE,
        capture_output=True,
        check=False,
    )
    # Without git (a downloaded archive) the file in the folder is the one; a reader may have edited it.
    committed = kept.stdout if kept.returncode == 0 else lab.starter.read_bytes()
    assert committed == starter(lab)
