"""The `pizza` command."""

from __future__ import annotations

import os
import shutil
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from autograder.authors import dev
from autograder.console import UNDECIDED, LabName, err, out, says_clearly
from autograder.labs import COURSE, BadInput, load_lab
from operations.commands import COMMANDS

app = typer.Typer(
    help="Learn, run and grade the pizzeria's serverless labs.\n\n"
    "Exit codes: 0 passed, 1 not passed, 2 could not be decided (a bad command line, no engine).",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(dev, name="dev")

Port = Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)]


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
    reports: Annotated[
        list[str] | None,
        typer.Option(
            "--report",
            metavar="FORMAT=FILE",
            help="Also write a report: html, json, junit, gradescope, classroom50, markdown, "
            "github. May be given several times.",
            show_default=False,
        ),
    ] = None,
    watching: Annotated[
        bool, typer.Option("--watch", help="Grade again at each save, until Ctrl-C.")
    ] = False,
    number: Annotated[
        int | None,
        typer.Option(
            "--replay",
            metavar="N",
            help="Run the history of that number alone, in the foreground: prints and breakpoint() "
            "work.",
            show_default=False,
        ),
    ] = None,
    handed_in: Annotated[
        bool,
        typer.Option(
            "--handed-in",
            help="PATH is what a learner handed in: without the lab's file it gets 0 points.",
        ),
    ] = False,
) -> None:
    """Grade a lab: run it as production would, break it everywhere, say what did not hold."""
    from autograder import checking, formats

    the_lab = load_lab(lab)
    wants = [formats.wanted(text) for text in reports or []]
    if as_json and any(want.name == "github" for want in wants):
        raise BadInput("--json and --report github both print; use --report json=FILE.")
    if handed_in and path is None:
        raise BadInput("Say what was handed in: pizza check LAB PATH --handed-in.")
    if watching:
        if wants or as_json or handed_in:
            raise BadInput("--watch only shows; it goes with no --json, --report or --handed-in.")
        _end_in_order()
        raise typer.Exit(checking.watch(the_lab, path))
    if number is not None:
        if wants or as_json or handed_in:
            raise BadInput("--replay only shows; it goes with no --json, --report or --handed-in.")
        raise typer.Exit(checking.replay(the_lab, path, number))
    report = checking.check(the_lab, path, handed_in)
    try:
        if as_json:
            print(report.model_dump_json(indent=2), flush=True)
        else:
            checking.show(report, everything)
    finally:  # whoever reads what is printed may leave, as `head` does
        checking.write(report, the_lab, wants)
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
def diff(lab: LabName) -> None:
    """Compare your file with the reference, once it has passed just as it is."""
    from autograder.solved import difference

    the_lab = load_lab(lab)
    text = difference(the_lab)
    if text is None:
        err.print(
            f"labs/{lab}/{the_lab.module} has not passed as it is now, and the reference is shown "
            f"after that: pizza check {lab}"
        )
        raise typer.Exit(1)
    if not text:
        out.print("Your file is the reference, letter for letter.")
    elif out.is_terminal:
        out.print(text)
    else:
        print(text.plain)


@app.command()
@says_clearly
def progress(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show how far you are with each lab."""
    from autograder import progress as kept
    from autograder.solved import progress_table

    reached = kept.read()
    if as_json:
        print(reached.model_dump_json(indent=2, exclude={"labs": {"__all__": {"passed"}}}))
    else:
        out.print(progress_table(reached))


@app.command()
@says_clearly
def up(port: Port = 4566) -> None:
    """Start an engine for your notebooks and programs, on port 4566."""
    import localcloud
    from localcloud.process import launch, share, shared
    from operations import receiver

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
    out.print(f"  export OTEL_EXPORTER_OTLP_ENDPOINT={receiver.launch(engine.pid)}")
    out.print("\nStop it with: pizza down")


@app.command()
@says_clearly
def down() -> None:
    """Stop the engine that `pizza up` started."""
    from localcloud.process import stop_shared
    from operations import receiver

    receiver.stop()
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
def trace(
    order_id: Annotated[str, typer.Argument(metavar="ORDER", help="The order's number.")],
    svg: Annotated[
        Path | None, typer.Option(help="Also write the picture there.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the spans as JSON.")] = False,
) -> None:
    """Show where an order's time went: the traces that its services sent since `pizza up`."""
    from operations import order_trace

    spans = order_trace.find(order_id)
    if svg:
        order_trace.save(spans, order_id, svg)
    if as_json:
        print(order_trace.as_json(spans))
    else:
        order_trace.show(spans, order_id, out)


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

    jupyter = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1"]
    # It asks nobody for news or newer versions.
    jupyter += ["--LabApp.news_url=None"]
    jupyter += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    if os.geteuid() == 0:  # in a container one often is
        jupyter.append("--allow-root")
    _end_in_order()
    with environment_for_labs() as environment:
        process = subprocess.Popen(jupyter, cwd=COURSE / "labs", env=environment)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # The terminal sent Ctrl-C to JupyterLab as well, which asks its own question.
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()  # it ends its kernels
                process.wait()
    raise typer.Exit(code)


def _end_in_order() -> None:
    """Let `finally` come to its right when somebody ends this, or closes its terminal."""
    import signal

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(UNDECIDED))


for _command in COMMANDS:
    app.command()(says_clearly(_command))


if __name__ == "__main__":
    app()
