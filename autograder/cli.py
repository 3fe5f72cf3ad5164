"""The `pizza` command."""

from __future__ import annotations

import functools
import shutil
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from autograder.labs import COURSE, BadInput, lab_ids, load_lab

UNDECIDED = 2
Function = TypeVar("Function", bound=Callable[..., Any])

app = typer.Typer(
    help="Learn, run and grade the pizzeria's serverless labs.\n\n"
    "Exit codes: 0 passed, 1 not passed, 2 could not be decided (a bad command line, no engine).",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
dev = typer.Typer(help="For authors of labs.", no_args_is_help=True)
app.add_typer(dev, name="dev")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

LabName = Annotated[str, typer.Argument(metavar="LAB", help="Name of the lab, for example dlq.")]
Port = Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)]


def says_clearly(command: Function) -> Function:
    """Turn errors that a user can do something about into one sentence and exit code 2."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from localcloud import EngineError

        try:
            return command(*args, **kwargs)
        except (BadInput, EngineError) as error:
            err.print(Text(str(error)))
            raise typer.Exit(UNDECIDED) from None
        except KeyboardInterrupt:
            err.print("Stopped.")
            raise typer.Exit(UNDECIDED) from None
        except typer.Exit:
            raise
        except Exception:  # must never look like “not passed”
            err.print_exception()
            err.print("This is a fault of the course’s tools, not of your code. Please report it.")
            raise typer.Exit(UNDECIDED) from None

    return run  # type: ignore[return-value]


@app.command()
@says_clearly
def check(
    lab: LabName,
    path: Annotated[
        Path | None,
        typer.Argument(help="A file or folder to grade in place of labs/LAB.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Say in full what breaks each criterion.")
    ] = False,
) -> None:
    """Grade a lab: run it as production would, break it everywhere, say what did not hold."""
    from autograder.grading import find_submission, grade_file
    from autograder.report import show

    the_lab = load_lab(lab)
    submission = find_submission(the_lab, path)
    with err.status("Starting …") as status:
        report = grade_file(
            the_lab, submission, progress=lambda what: status.update(f"Checking {what} …")
        )
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        show(report, out, everything)
    raise typer.Exit(report.exit_code)


@app.command()
@says_clearly
def hint(
    lab: LabName,
    criterion: Annotated[
        str | None, typer.Argument(help="A criterion of the lab.", show_default=False)
    ] = None,
    more: Annotated[int, typer.Option("--more", "-m", count=True, help="One step further.")] = 0,
) -> None:
    """Show the first hint for a criterion; -m shows one more, -mm two more."""
    the_lab = load_lab(lab)
    if criterion is None:
        out.print(f"{the_lab.title}: which criterion do you want a hint for?\n")
        for each in the_lab.criteria:
            out.print(Text.assemble((f"  {each.id:15}", "bold"), each.must))
        out.print(f"\nFor example: pizza hint {lab} {the_lab.criteria[0].id}")
        return
    asked = the_lab.criterion(criterion)
    shown = asked.hints[: more + 1]
    out.print(Text.assemble(("Must hold: ", "dim"), asked.must))
    for number, text in enumerate(shown, 1):
        out.print(Text(f"\n{number}. {text}"))
    if len(shown) < len(asked.hints):
        out.print(f"\nOne step further: pizza hint {lab} {criterion} -{'m' * len(shown)}")


@app.command()
@says_clearly
def reset(lab: LabName) -> None:
    """Put the starter back; your own version is kept in .pizza/backups."""
    from autograder.starters import starter

    the_lab = load_lab(lab)
    original = starter(the_lab)
    mine = the_lab.starter
    if mine.exists() and mine.read_bytes() == original:
        out.print(f"labs/{lab}/{the_lab.module} is the starter already; nothing to do.")
        return
    if mine.exists():
        stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S-%f")
        backup = COURSE / ".pizza" / "backups" / lab / f"{stamp}-{the_lab.module}"
        backup.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(mine, backup)
        out.print(Text(f"Your version is kept in {backup.relative_to(COURSE)}."), soft_wrap=True)
    mine.write_bytes(original)
    out.print(f"labs/{lab}/{the_lab.module} is the starter again.")


@app.command()
@says_clearly
def up(port: Port = 4566) -> None:
    """Start an engine for your notebooks and programs, on port 4566."""
    import localcloud
    from localcloud.process import launch, share, shared

    running = shared()
    if running is not None:
        out.print(f"An engine is up already: http://127.0.0.1:{running.port}")
        if running.port != port:
            raise BadInput(f"It is not on port {port}: run `pizza down` first.")
        return
    started = time.monotonic()
    engine = launch(port, skip_waits=False, detached=True)
    share(engine)
    account = localcloud.attach(engine).account()
    out.print(f"An engine is up on http://127.0.0.1:{port} ({time.monotonic() - started:.1f} s).")
    out.print("\nFor a shell of yours:")
    for name in (
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
    ):
        out.print(f"  export {name}={account.environment[name]}")
    out.print("\nStop it with: pizza down")


@app.command()
@says_clearly
def down() -> None:
    """Stop the engine that `pizza up` started."""
    from localcloud.process import stop_shared

    out.print("The engine is stopped." if stop_shared() else "No engine is up.")


@app.command()
@says_clearly
def status() -> None:
    """Say whether an engine is up, and where."""
    import localcloud
    from localcloud.process import shared

    running = shared()
    if running is None:
        out.print("No engine is up. Start one with: pizza up")
        raise typer.Exit(1)
    now = localcloud.attach(running).clock.now()
    out.print(f"An engine is up on http://127.0.0.1:{running.port} (process {running.pid}).")
    out.print(f"Its clock says {now:%Y-%m-%d %H:%M:%S} UTC.")


@app.command()
@says_clearly
def doctor() -> None:
    """Say what works on this machine, and what to do about what doesn't."""
    from autograder.doctor import examine

    findings = examine()
    for finding in findings:
        mark = Text("✓", "bold green") if finding.works else Text("✗", "bold red")
        if not finding.works and not finding.needed:
            mark = Text("–", "bold yellow")
        out.print(Text.assemble(mark, " ", finding.text))
        if not finding.works and finding.remedy:
            out.print(Text(f"    {finding.remedy}"))
    raise typer.Exit(0 if all(f.works for f in findings if f.needed) else 1)


@app.command()
@says_clearly
def lab() -> None:
    """Open JupyterLab on the labs, with an engine up and the environment set."""
    import subprocess

    from autograder.engines import environment_for_labs

    with environment_for_labs() as environment:
        jupyter = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1"]
        process = subprocess.Popen(jupyter, cwd=COURSE / "labs", env=environment)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # The terminal sent Ctrl-C to JupyterLab as well, which asks its own question.
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
    raise typer.Exit(code)


@dev.command("check")
@says_clearly
def dev_check(
    lab: Annotated[
        str | None, typer.Argument(metavar="[LAB]", help="One lab only.", show_default=False)
    ] = None,
) -> None:
    """Prove a lab: the starter fails, every reference and variant passes, every mutant is caught."""
    from autograder.devcheck import prove

    failures = 0
    for lab_id in [load_lab(lab).id] if lab else lab_ids():
        for proof in prove(load_lab(lab_id)):
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


if __name__ == "__main__":
    app()
