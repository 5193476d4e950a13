# The commands that a person guesses; `make` alone lists them. Set-up happens once, at the first target that needs it.
# Settings are environment variables (see README.md); ARGS passes options on: make evaluate ARGS="--compare last".

VENV   ?= .venv
PYTHON ?= python3.11 python3.12 python3.13 python3
ARGS   ?=

RUN   := $(VENV)/bin/python
STAMP := $(VENV)/.installed
TORCH := $(shell grep '^torch==' constraints.txt)

# The wheel of torch on the public package index brings 2.5 GB of CUDA on Linux, of no use without an NVIDIA GPU. Where pip finds
# no other build, this one is taken: the index that PyTorch documents for its CPU-only builds.
TORCH_CPU_INDEX := https://download.pytorch.org/whl/cpu
CUDA            := nvidia|cuda|triton
NO_GPU          := ! nvidia-smi -L >/dev/null 2>&1

.DEFAULT_GOAL := help
.PHONY: chat test test-fast ingest evaluate lint audit setup clean help

chat: $(STAMP) ## Ask the experts in the browser (builds the index first if it is not up to date)
	@# Status 1: some corpus files were refused and named; the others are in the index, so the chat opens all the same.
	@$(RUN) ingest.py --if-changed || [ $$? -eq 1 ]
	@$(RUN) app.py

ingest: $(STAMP) ## Take in new and changed corpus files; ARGS="--dry-run" only says what would change
	@$(RUN) ingest.py $(ARGS)

evaluate: $(STAMP) ## Ask the fixed question set, write a report and hold it against the gate
	@$(RUN) -m assistant evaluate $(ARGS)

test: $(STAMP) ## Run every test, in two processes; ARGS="-n 0" takes one
	@$(RUN) -m pytest -n 2 --dist loadfile $(ARGS)

test-fast: $(STAMP) ## Run the tests that need neither the real model nor a browser
	@$(RUN) -m pytest -m "not model and not browser" $(ARGS)

lint: $(STAMP) ## Check style (ruff) and types (mypy)
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy

audit: $(STAMP) ## Look the pinned packages up among the published advisories
	@$(RUN) tests/bench/audit.py $(ARGS)

setup: $(STAMP) ## Create .venv and install the pinned dependencies (the other targets do this by themselves)

$(STAMP): pyproject.toml constraints.txt
	@$(RUN) -m pip --version >/dev/null 2>&1 || { \
	    for python in $(PYTHON); do \
	        $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	            && $$python -m venv --clear $(VENV) && exit 0; \
	    done; \
	    echo "No Python 3.11 or newer that can make a virtual environment was found (tried: $(PYTHON))."; \
	    echo "  Install one (Debian: apt install python3 python3-venv) or name it: make setup PYTHON=/path/to/python3"; \
	    exit 1; }
	@echo "Installing the pinned dependencies into $(VENV): two to four minutes, once."
	@$(RUN) -m pip install --quiet --upgrade --constraint constraints.txt pip
	@# torch comes first and by itself, because pip alone knows whether a CPU build is at hand.
	@if $(NO_GPU) && $(RUN) -m pip install --dry-run --quiet --report - $(TORCH) | grep -qiE '"name": "($(CUDA))'; then \
	    echo "pip would bring CUDA packages: taking the CPU build of $(TORCH) from $(TORCH_CPU_INDEX)"; \
	    $(RUN) -m pip install --no-deps --index-url $(TORCH_CPU_INDEX) $(TORCH); \
	else \
	    $(RUN) -m pip install --no-deps $(TORCH); \
	fi
	@{ command -v uv >/dev/null && uv pip install --python $(RUN) --constraint constraints.txt --editable '.[dev]'; } \
	    || $(RUN) -m pip install --constraint constraints.txt --editable '.[dev]'
	@if $(NO_GPU) && $(RUN) -m pip list | grep -iE '^($(CUDA))'; then \
	    echo "These CUDA packages came although this machine has no NVIDIA GPU."; \
	    echo "  Remove $(VENV), make a CPU build of $(TORCH) known to pip (--find-links) and run make setup again."; \
	    exit 1; \
	fi
	@echo "Installed: $$($(RUN) -m pip list 2>/dev/null | grep -iE '^torch ' | tr -s ' '), $$(du -sh $(VENV) | cut -f1) in all."
	@touch $@

clean: ## Remove the index and the caches, which are made again; .venv, runs and feedback stay
	rm -rf index build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find assistant tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile
