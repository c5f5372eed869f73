# Two commands do everything: `make demo` and `make test`. Neither needs root.
PYTHON ?= /usr/bin/python3.11
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install demo test test-all soak check bench accuracy serve lock clean

install: $(STAMP)

# The lock names every package with its hash; wheels only, so that nothing is built or run at install time.
$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: install
	$(BIN)/sluice demo

test: install
	$(BIN)/python -m tests.run

# The same, but nothing may be left out for want of a system package.
test-all: install
	$(BIN)/python -m tests.run --all

soak: install
	$(BIN)/python -m pytest -m soak -s --timeout=7200 tests

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m tests.bench

# What detection finds, and what else it takes, on labelled text beside the project and on our own sentences.
accuracy: install
	$(BIN)/python -m tests.accuracy

serve: install
	$(BIN)/sluice serve

# Rewrite the lock after a change of pyproject.toml; needs pip-tools in an environment of its own.
lock:
	$(PYTHON) -m venv .lock && .lock/bin/pip install --quiet pip-tools
	.lock/bin/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras \
	  --unsafe-package sluice --extra test --pip-args='--only-binary :all:' --output-file requirements.lock pyproject.toml
	rm -r .lock

clean:
	rm -rf .venv .bench .demo build *.egg-info
