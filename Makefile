# Everything runs in .venv, which is made on first use from python3 (3.11 or newer) and brought
# up to date whenever pyproject.toml changes. With another interpreter:
#     make clean test PYTHON=python3.12

PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python
BUILD  := build

DEMO_MODULE := $(BUILD)/demo_2_3_3_1.py

# At most four workers: each one imports sympy.
PYTEST_ARGS         ?= -n auto --maxprocesses 4
BPSYM_FUZZ_EXAMPLES ?= 2000

.DELETE_ON_ERROR:
.PHONY: help demo test fuzz generated documents digits clean

help:
	@echo "make demo       generate a 2-3-3-1 network, check it, show a derivation"
	@echo "make test       lint, types, generated files, tests: all that .ci/run checks"
	@echo "make fuzz       random networks, BPSYM_FUZZ_EXAMPLES=$(BPSYM_FUZZ_EXAMPLES) of them"
	@echo "make generated  rewrite generated/"
	@echo "make documents  rewrite the golden documents in tests/typeset/golden/"
	@echo "make digits     train a generated module on scikit-learn's digits"
	@echo "make clean      remove .venv, build/, dist/ and all caches"

demo: $(VENV)/.installed
	@mkdir -p $(BUILD)
	$(RUN) -m bpsym generate 2-3-3-1 > $(DEMO_MODULE).part
	@mv $(DEMO_MODULE).part $(DEMO_MODULE)
	$(RUN) $(DEMO_MODULE)
	$(RUN) -m bpsym derive 2-3-1
	@echo "The generated module is $(DEMO_MODULE); run it again to repeat its self-check."

# pytest comes last, so that its closing line closes the run.
test: $(VENV)/.installed-dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m bpsym.emit.regenerate --check
	$(RUN) -m pytest $(PYTEST_ARGS)

fuzz: $(VENV)/.installed-dev
	BPSYM_FUZZ_EXAMPLES=$(BPSYM_FUZZ_EXAMPLES) $(RUN) -m pytest $(PYTEST_ARGS) tests/test_fuzz.py

generated: $(VENV)/.installed
	$(RUN) -m bpsym.emit.regenerate

documents: $(VENV)/.installed-dev
	$(RUN) -m tests.typeset.golden_documents

digits: $(VENV)/.installed-examples
	$(RUN) examples/digits.py

clean:
	rm -rf $(VENV) $(BUILD) dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than pyproject.toml and the environment when its installation is up to date.
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --editable

$(VENV)/.installed: pyproject.toml $(VENV)/pyvenv.cfg
	$(INSTALL) .
	@touch $@

$(VENV)/.installed-%: pyproject.toml $(VENV)/pyvenv.cfg
	$(INSTALL) '.[$*]'
	@touch $@

# $(RUN) is a link to an interpreter; where that has gone, the environment is made anew.
$(VENV)/pyvenv.cfg: $(shell test -x $(RUN) || echo FORCE)
	@command -v $(PYTHON) > /dev/null || { \
	    echo "make: there is no '$(PYTHON)' on the PATH." \
	        "Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3" >&2; \
	    exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { \
	    echo "make: '$(PYTHON)' is not Python 3.11 or newer, its --version says:" \
	        "$$($(PYTHON) --version 2>&1 | head -n 1). Name another: make PYTHON=python3.12" >&2; \
	    exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	    echo "make: '$(PYTHON)' has no module venv or ensurepip, so it cannot make $(VENV)." \
	        "On Debian and Ubuntu: apt install python3-venv" >&2; \
	    exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

FORCE:
