"""What the commands of `pizza` share: where they print, and how they fail."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from autograder.labs import BadInput

UNDECIDED = 2
Function = TypeVar("Function", bound=Callable[..., Any])

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

LabName = Annotated[str, typer.Argument(metavar="LAB", help="Name of the lab, for example dlq.")]


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
        except (typer.Exit, BrokenPipeError):  # Typer ends in order when nobody reads on
            raise
        except Exception:  # must never look like “not passed”
            err.print_exception(max_frames=6)
            err.print("This is a fault of the course’s tools, not of your code. Please report it.")
            raise typer.Exit(UNDECIDED) from None

    return run  # type: ignore[return-value]
