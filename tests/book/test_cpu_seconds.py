"""A page that needs far too long is found where the pages run as notebooks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

HERE = Path(__file__).parent
# Lower than for real pages, and still three times what the start of a kernel takes.
LIMIT = "import cpu_seconds\ncpu_seconds.LIMIT = 3\n"
# As the engine does it: in a process that the page started, and that is still there at its end.
BURN = """\
import subprocess, sys
burn = "import time\\nwhile time.process_time() < 3: pass\\nprint('burnt', flush=True)\\ninput()"
child = subprocess.Popen([sys.executable, "-c", burn], stdin=-1, stdout=-1, text=True)
assert child.stdout.readline() == "burnt\\n"
"""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name, cell, outcome", [("quick", "1 + 1", 0), ("slow", BURN, 1)])
def test_a_page_fails_when_it_and_what_it_started_used_too_much_cpu(tmp_path, name, cell, outcome):
    v4 = nbformat.v4
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell)], metadata=kernel)
    nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    (tmp_path / "conftest.py").write_text(LIMIT)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "-p", "cpu_seconds", "-q", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == outcome, done.stdout + done.stderr
    assert "1 passed" in done.stdout  # the cell itself
    assert ("slow.ipynb used " in done.stdout) == (name == "slow")
