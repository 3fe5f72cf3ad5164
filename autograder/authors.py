"""The `pizza dev` commands: for authors of labs, and for teachers who grade."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from autograder.console import LabName, err, out, says_clearly
from autograder.formats.terminal import MARKS
from autograder.labs import COURSE, lab_ids, load_lab

dev = typer.Typer(help="For authors of labs and for teachers.", no_args_is_help=True)


@dev.command("check")
@says_clearly
def dev_check(
    lab: Annotated[
        str | None, typer.Argument(metavar="[LAB]", help="One lab only.", show_default=False)
    ] = None,
    times: Annotated[
        int,
        typer.Option(
            "--times", min=1, help="Grade each solution that many times, and compare the reports."
        ),
    ] = 1,
) -> None:
    """Prove a lab: the starter fails, every reference and variant passes, every mutant is caught."""
    from autograder.devcheck import prove

    failures = 0
    for lab_id in [load_lab(lab).id] if lab else lab_ids():
        for proof in prove(load_lab(lab_id), times):
            mark = Text("✓", "bold green") if proof.holds else Text("✗", "bold red")
            out.print(Text.assemble(mark, f" {lab_id}/{proof.what}: {proof.text}"), soft_wrap=True)
            failures += not proof.holds
    if failures:
        out.print(f"\n{failures} of these do not hold.")
    raise typer.Exit(1 if failures else 0)


@dev.command("outputs")
@says_clearly
def dev_outputs(lab: LabName) -> None:
    """Store in a lab's notebook the outputs that the reference produces."""
    from autograder.outputs import store_outputs

    cells = store_outputs(load_lab(lab))
    out.print(f"labs/{lab}/{load_lab(lab).notebook}: {cells} cells run with the reference.")


@dev.command("new-lab")
@says_clearly
def dev_new_lab(
    name: Annotated[str, typer.Argument(help="A Python name, for example claim_check.")],
) -> None:
    """Make a lab to start from: small, complete, and passing `pizza dev check`."""
    from autograder.newlab import make_lab

    for path in make_lab(name):
        out.print(f"  {path.relative_to(COURSE)}")
    out.print(f"\nIt is a lab already: pizza dev check {name}")


@dev.command("schema")
@says_clearly
def dev_schema() -> None:
    """Publish the JSON Schema of reports anew, after a change of autograder/report.py."""
    from autograder.files import replace
    from autograder.formats import published_schema, schema_file

    replace(schema_file(), published_schema())
    out.print(f"{schema_file().relative_to(COURSE)} is up to date.")


@dev.command("gradescope")
@says_clearly
def dev_gradescope(
    lab: LabName,
    to: Annotated[
        Path | None, typer.Option("--out", help="The zip file to make.", show_default=False)
    ] = None,
) -> None:
    """Make the zip that Gradescope takes as an autograder."""
    from autograder.gradescope_zip import make_zip

    to = to or Path(f"gradescope-{lab}.zip")
    files = make_zip(load_lab(lab), to)
    out.print(f"{to}: {files} files, {to.stat().st_size // 1024} KB.", soft_wrap=True)
    out.print("On Gradescope: Configure Autograder, upload it, and allow 2 CPUs and 2 GB.")


@dev.command("grade")
@says_clearly
def dev_grade(
    lab: LabName,
    folder: Annotated[
        Path, typer.Argument(help="Each folder and each Python file in it is one learner's.")
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Where to put the results; FOLDER-graded if left out.", show_default=False
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Grade again what was graded before, too.")
    ] = False,
) -> None:
    """Grade many submissions: a table, a report for each. Run it again to go on where it stopped."""
    from autograder.handed_in import grade_all, submissions

    the_lab = load_lab(lab)
    entries, left_out = submissions(folder)
    results = to or folder.absolute().with_name(f"{folder.absolute().name}-graded")
    if left_out:
        names = ", ".join(left_out[:5]) + (" …" if len(left_out) > 5 else "")
        err.print(Text(f"Left out, neither folders nor Python files: {names}"), soft_wrap=True)
    verdicts: Counter[str] = Counter()
    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("Grading", total=len(entries))
            for graded in grade_all(the_lab, entries, results, again):
                report = graded.report
                verdicts[report.verdict] += 1
                mark, colour = MARKS[report.verdict]
                points = f" {report.score:>3} " if report.verdict != "unknown" else "   – "
                row = Text.assemble((mark, f"bold {colour}"), points, graded.name)
                row.append(f"  {report.message}", style="dim")
                bar.console.print(row, no_wrap=True, overflow="ellipsis")
                bar.advance(task)
    except KeyboardInterrupt:
        done = sum(verdicts.values())
        err.print(f"Stopped after {done} of {len(entries)}; the same command goes on from there.")
        raise typer.Exit(2) from None
    counts = f"{verdicts['passed']} passed, {verdicts['failed']} not passed"
    if verdicts["unknown"]:
        counts += f", {verdicts['unknown']} could not be decided (run it again)"
    out.print(f"{counts}. {results / 'grades.csv'}", soft_wrap=True)
    raise typer.Exit(2 if verdicts["unknown"] else 0)
