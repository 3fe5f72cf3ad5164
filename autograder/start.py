"""Where `pizza` begins: Ctrl-C ends it in one line also while the rest is still being loaded."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    try:
        from autograder.cli import app
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(2)
    app()
