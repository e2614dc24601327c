# Wraps the plain commands of README.md; run those by hand if you have no make.
#   make demo    set up, fetch the weights, score sample_audio/, show the operators
#   make test    set up, fetch the weights, run every test that needs no GPU
# Weights go to models/, or to CALLSCORE_MODELS_DIR if it is set.

.DEFAULT_GOAL := demo
.DELETE_ON_ERROR:
.PHONY: setup models demo test lint clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Two makes at once must not fill one environment together; without flock (not Linux) that is up to you.
LOCK := $(if $(shell command -v flock),flock $(VENV)/.lock)
PYTHONS := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)

setup: $(VENV)/.installed

models: setup
	$(BIN)/callscore models pull

demo: models
	$(BIN)/callscore demo

test: models
	$(BIN)/python -m pytest -q -m "not gpu" -n auto --dist worksteal

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find callscore tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is written last, so an interrupted step is done again and a finished one is not.
$(VENV)/.made:
	@mkdir -p $(VENV)
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	    $$python -c 'import ensurepip, venv' 2>/dev/null || { \
	      version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	      echo "error: $$python cannot make virtual environments" >&2; \
	      echo "  try: sudo apt install python$$version-venv" >&2; exit 1; }; \
	    echo "$$python -m venv $(VENV)"; $(LOCK) $$python -m venv $(VENV) && touch $@; exit; \
	  fi; \
	done; \
	echo "error: callscore needs Python 3.11, 3.12 or 3.13; none of these is: $(PYTHONS)" >&2; \
	echo "  try: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1

$(VENV)/.locked: requirements.lock $(VENV)/.made
	@echo "installing the locked dependencies: 5 GB, a few minutes"
	$(LOCK) $(PIP) install --quiet --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.locked
	$(LOCK) $(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@
