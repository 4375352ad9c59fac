# make study: the main job, from nothing to a report.   make test: linters, types and tests.
# Both create .venv at need; a stamp file makes a second call install nothing.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
VENV ?= .venv
STUDY ?= runs/quick
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

export HF_HUB_DISABLE_TELEMETRY = 1
export OMP_WAIT_POLICY = PASSIVE
export TOKENIZERS_PARALLELISM = false

.PHONY: help study test install lint clean

help:
	@echo "make study   install, train, evaluate and write a report (STUDY=$(STUDY))"
	@echo "make test    install, then ruff, mypy and pytest"

study: $(VENV)/.installed
	$(BIN)/caugym study --preset quick -o $(STUDY)

test: lint
	$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check src tests
	$(BIN)/mypy

install: $(VENV)/.installed-dev

# torch first, in a call of its own, so that TORCH_INDEX=URL can name where its build for this machine is.
$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "error: no Python >= 3.11 found; install one or call make PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV): some minutes at the first time"
	$(PIP) torch==2.13.0 $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	$(PIP) -e ".[train,evaluate,plots]"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) -e ".[train,evaluate,api,plots,dev]"
	@touch $@

clean:
	rm -rf $(VENV) build dist src/*.egg-info
