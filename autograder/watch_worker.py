"""One grading for `autograder.watch`, in a process of its own that can be killed at any moment.

``python -m autograder.watch_worker LAB FILE`` gets everything ready and waits for a line on standard
input. Then it grades, with a line of JSON on standard output for each thing worth showing. It ends when
standard input closes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

from autograder.engines import Engines
from autograder.grading import grade, read_submission
from autograder.labs import load_lab
from autograder.progress import fingerprint


def main() -> None:
    lab, file = load_lab(sys.argv[1]), Path(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # a library that prints does not disturb
    lock = threading.Lock()

    def say(**event: Any) -> None:
        with lock:
            channel.write(json.dumps(event) + "\n")

    with Engines(lab) as engines:
        engines.of_notebook()
        if not sys.stdin.readline():
            return
        threading.Thread(target=_end_with_caller, daemon=True).start()

        read: list[bytes] = []

        def source() -> bytes:
            code = read_submission(file)
            read.append(code)
            wrong = syntax_error(code, file.name)
            if wrong:
                say(notice=wrong)
            return code

        report = grade(
            lab,
            source,
            lambda doing: say(doing=doing),
            lambda criterion: say(criterion=criterion.model_dump()),
            engines,
        )
        say(report=report.model_dump(), graded=fingerprint(read[0]) if read else "")


def syntax_error(source: bytes, name: str) -> str:
    """What Python cannot read in a module, in a sentence; "" if it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        text = (getattr(error, "text", None) or "").strip()
        where = f" (line {line}: {text})" if line else ""
        return f"Python cannot read {name}: {getattr(error, 'msg', None) or error}{where}"
    return ""


def _end_with_caller() -> None:
    while sys.stdin.readline():
        pass
    os._exit(1)  # the engines and the learner's processes end with this one


if __name__ == "__main__":
    main()
