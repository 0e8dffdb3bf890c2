# Two commands do everything, each by itself: `make chat` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup chat preview test check lock clean

help:
	@echo "make chat    set up, build the index of the sample articles, open the chat"
	@echo "make preview set up and try the Discord bot in a browser, without Discord"
	@echo "make test    set up and run the tests"
	@echo "make setup   set up alone: a virtual environment in $(VENV), with $(BIN)/footnote"
	@echo "make check   all that must pass before a change lands: tests, lint, format, types"
	@echo "make lock    pin the newest dependencies that fit (needs uv)"

setup: $(VENV)/.runtime

chat: setup
	@$(BIN)/footnote chat

preview: $(VENV)/.development
	@$(BIN)/footnote preview

test: $(VENV)/.development
	$(BIN)/pytest -n 3 --dist loadgroup

check: test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footnote needs Python 3.11 or newer; name one with: make PYTHON=python3.12 setup")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing the pinned packages. This takes some minutes, once."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.development: $(VENV)/.runtime requirements-dev.lock
	@echo "Installing the packages for development."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--upgrade --extra build -o requirements.lock pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--upgrade --extra build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) .footnote build ./*.egg-info
