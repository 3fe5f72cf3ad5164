# Needs Python 3.10 or newer and make (3.81 or newer: macOS still ships that one). `make` alone lists the commands.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup book test lab check links notebooks format lint lock clean forget-stale-pages

BIN := .venv/bin
READERS := .venv/.readers
AUTHORS := .venv/.authors

# The book and the tests turn out the same whatever the shell and the home they are started from are set to,
# and never reach a real account.
EMBEDDED := env -u AWS_ENDPOINT_URL -u AWS_PROFILE -u AWS_SESSION_TOKEN COURSE_ENGINE=embedded \
	AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true \
	IPYTHONDIR="$(CURDIR)/.venv/ipython" PATH="$(CURDIR)/$(BIN):$$PATH"

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- the virtual environment -------------------------------------------------------------------------------------

# A candidate is run, not just looked up: a name on the PATH may be a shim without a Python behind it.
$(BIN)/python:
	@old=; bare=; \
	for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3.10 python3); do \
	  "$$python" -c '' 2>/dev/null || continue; \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { old="$$python is $$("$$python" -V 2>&1)"; continue; }; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null || { bare=$$python; continue; }; \
	  echo "Making .venv with $$("$$python" -V)"; \
	  exec "$$python" -m venv --clear .venv; \
	done; \
	if [ -n "$$bare" ]; then \
	  echo "$$bare has no venv module: install it (Debian and Ubuntu: sudo apt install python3-venv), or name another Python with PYTHON=/path/to/python3." >&2; \
	else \
	  echo "This course needs Python 3.10 or newer and found none$${old:+ ($$old)}: install one, or name yours with PYTHON=/path/to/python3." >&2; \
	fi; \
	exit 1

# The file for IPython: a kernel warns at each start that it talks over TCP, which here stays on this machine.
$(READERS): requirements.txt pyproject.toml $(BIN)/python
	@echo "Installing the pinned requirements into .venv (the first time takes a few minutes)"
	@$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@mkdir -p .venv/etc/ipython && echo "get_config().IPKernelApp.log_level = 'ERROR'" > .venv/etc/ipython/ipython_kernel_config.py
	@touch $@

$(AUTHORS): requirements-authors.txt $(READERS)
	@echo "Installing the authors' tools into .venv"
	@$(BIN)/python -m pip install --quiet --requirement requirements-authors.txt
	@touch $@

setup: $(READERS) ## only make .venv; the other commands do it by themselves

# --- for readers -------------------------------------------------------------------------------------------------

# Sphinx warns about a page only when it reads it: after a build that failed, all are read again.
book: $(READERS) forget-stale-pages ## execute every page and build the book
	@[ -e _build/.succeeded ] || rm -rf _build/.doctrees
	@rm -f _build/.succeeded
	@$(EMBEDDED) $(BIN)/jupyter-book build . -W -n --keep-going
	@touch _build/.succeeded
	@echo
	@echo "The book is ready. Open it:"
	@echo "  $$($(BIN)/python -c 'import pathlib; print(pathlib.Path("_build/html/index.html").resolve().as_uri())')"
	@echo "or serve it, for http://127.0.0.1:8000/ :"
	@echo "  $(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory _build/html"

# A page's outputs are kept as long as its own cells stay the same; the code that those cells call is not looked at.
# So when any of that code changes, everything built from it goes.
EXECUTED := autograder localcloud operations pizzeria visuals labs solutions requirements.txt
forget-stale-pages:
	@now=$$(find $(EXECUTED) -type f ! -path '*/__pycache__/*' ! -path '*/.*' -exec cksum {} + 2>/dev/null | LC_ALL=C sort | cksum); \
	if [ "$$now" != "$$(cat _build/.executed 2>/dev/null)" ]; then \
	  if [ -e _build/.executed ]; then echo "The code behind the pages has changed: every page is executed anew."; fi; \
	  rm -rf _build && mkdir _build && echo "$$now" > _build/.executed; \
	fi

test: $(READERS) ## run all tests and every page, or what ARGS="tests/frame -x" tells pytest
	@$(EMBEDDED) $(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)
	$(if $(ARGS),,@$(MAKE) --no-print-directory notebooks)

lab: $(READERS) ## open JupyterLab with an engine running
	@$(BIN)/pizza lab

check: $(READERS) ## grade a lab: make check LAB=dlq
	@test -n "$(LAB)" || { echo "Which lab? For example: make check LAB=dlq" >&2; exit 2; }
	@$(BIN)/pizza check $(LAB)

clean: ## remove all that make has made: .venv, the built book, caches
	rm -rf .venv _build .pytest_cache .ruff_cache .mypy_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- for authors -------------------------------------------------------------------------------------------------

links: $(READERS) ## (authors) follow every link inside the built book, and list those that lead out of it
	@$(BIN)/python tests/book/links.py

notebooks: $(READERS) ## (authors) run every page as the notebook that a reader can download
	@mkdir -p _build && rm -rf _build/notebooks && cp -R chapters _build/notebooks
	@$(EMBEDDED) $(BIN)/jupytext --quiet --to ipynb $$(grep -rl '^file_format: mystnb' _build/notebooks)
	@$(EMBEDDED) $(BIN)/python -m pytest --nbval-lax -p tests.book.cpu_seconds -n auto --dist loadscope _build/notebooks $(ARGS)

format: $(AUTHORS) ## (authors) format the code and repair what can be repaired
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lint: $(AUTHORS) ## (authors) check format, style and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

LOCK := UV_CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-emit-index-url
lock: $(AUTHORS) ## (authors) pin requirements*.in anew, keeping what still fits
	@$(LOCK) requirements.in --output-file requirements.txt
	@$(LOCK) requirements-authors.in --output-file requirements-authors.txt
