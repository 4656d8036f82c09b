# From nothing but Python 3.11 or later and make: `make demo` and `make test`.
# Another interpreter: make test PYTHON=python3.12. Another folder for the environment: make test VENV=somewhere.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test quick check docs wheel browser clean

demo: $(READY) ## the main job on a packaged real table, about two minutes
	$(BIN)/sampan make census --minutes 1

test: $(READY) ## the whole test suite and every doctest
	$(BIN)/python -m pytest -n auto --dist loadfile --durations 12

quick: $(READY) ## what learns no model: for the loop
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m "not slow"

check: $(READY) ## style, types, and which module may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

docs: $(READY) ## run every block of code in the README and in docs/
	$(BIN)/python -m pytest README.md CONTRIBUTING.md docs

wheel: $(READY) ## build the package, and do the main job with nothing but what is in it
	bash .ci/wheel $(BIN)/python

browser: $(READY) ## open a report in headless Chromium (Debian: chromium, chromium-driver)
	$(BIN)/python -m pytest -q browser

clean: ## forget the environment
	rm -rf $(VENV)

# The pinned torch of the extra must be part of this one command: installed first and alone, an open range
# would take the registry's newest build, with gigabytes for graphics cards that are not there.
$(READY): pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "Sampan needs Python 3.11 or later, and none was found." >&2; \
	echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@echo "Setting up $(VENV): one to several minutes, nearly all of it PyTorch."
	@$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --editable ".[dev]"
	@touch $(READY)
