#!/usr/bin/env bash
# Gradescope runs this once, as it builds the autograder's image. It installs the grader's requirements.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
python=${PIZZA_PYTHON:-}  # a Python that has the requirements already

if [ -z "$python" ]; then
  for each in python3.13 python3.12 python3.11 python3.10 python3; do
    "$each" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && base=$each && break
  done
  if [ -z "${base:-}" ]; then
    echo "The grader needs Python 3.10 or newer: choose a newer base image in Gradescope." >&2
    exit 1
  fi
  if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
    apt-get update -qq && apt-get install -qq --no-install-recommends "$(basename "$base")-venv"
  fi
  "$base" -m venv "$root/venv"
  python=$root/venv/bin/python
  "$python" -m pip install --quiet --requirement "$root/source/course/requirements.txt"
fi
printf '%s\n' "$python" > "$root/source/python-path"
