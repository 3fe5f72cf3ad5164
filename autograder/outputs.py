"""Stores in a lab's notebook the outputs that the reference produces."""

from __future__ import annotations

import os
import shutil
import tempfile

import nbformat
from nbclient import NotebookClient

import localcloud
from autograder.labs import Lab


def store_outputs(lab: Lab) -> int:
    """Run the lab's notebook with the reference and keep what it prints; return the number of cells.

    Raises nbclient.exceptions.CellExecutionError when a cell fails.
    """
    path = lab.folder / lab.notebook
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder, localcloud.start() as cloud:
        for file in (*lab.given, lab.solution):
            shutil.copy(file, folder)
        kept = dict(os.environ)
        os.environ.update(cloud.account().environment)
        try:
            client = NotebookClient(
                notebook,
                timeout=60,
                resources={"metadata": {"path": folder}},
                record_timing=False,
                coalesce_streams=True,
                extra_arguments=["--IPKernelApp.log_level=ERROR"],
            )
            client.execute()
        finally:
            os.environ.clear()
            os.environ.update(kept)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"cell-{number}"
    nbformat.write(notebook, path)
    return sum(cell.cell_type == "code" for cell in notebook.cells)
