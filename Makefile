# make demo: open the page.    make check: format, lint, types, quick tests.    make test: everything.
# Each makes .venv on first use, and installs again only when what is required changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGILLA := $(VENV)/argilla/.installed

.PHONY: demo check test docs pictures

# pip compiles modules on one core; this on all of them, but for those of which few are ever imported.
# What is for another Python does not compile.
OTHERS := transformers/models/(?!auto/|bert/|distilbert/|mpnet/)[^/]+
SELDOM := /(tests?|_inductor|networkx|plotting|$(OTHERS))/

define install
$(BIN)/python -m pip install --disable-pip-version-check --no-compile -r $(1)
$(BIN)/python -m compileall -qq -j 0 -x '$(SELDOM)' $(VENV)/lib || true
endef

demo: $(VENV)/.installed
	$(BIN)/python app.py

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/python -m pytest -n 2 -q -m quick

# Three pytest processes on two cores: one works while others wait for servers and pages. Types are
# checked meanwhile. The programs that tests need are installed beside the environment.
test:
	tests/install_programs.sh packages & programs=$$!; \
	$(MAKE) --no-print-directory -j 2 $(VENV)/.installed-dev $(ARGILLA); installed=$$?; \
	wait $$programs; exit $$installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	nice $(BIN)/mypy > $(VENV)/types.txt 2>&1 & types=$$!; \
	tests/install_programs.sh $(BIN)/playwright && $(BIN)/python -m pytest -n 3 --instafail; tested=$$?; \
	wait $$types || tested=1; cat $(VENV)/types.txt; exit $$tested

# Argilla's server for the tests, in an environment of its own.
$(ARGILLA): annotation/argilla/local/constraints.txt $(VENV)/.installed
	$(BIN)/python -c 'from pathlib import Path; from annotation.argilla.local import environment; \
	  environment.install(Path("$(VENV)/argilla").resolve())'
	touch $@

# The API reference, from the docstrings, into site/.
docs: $(VENV)/.installed-dev
	$(BIN)/python -W error::UserWarning -m pdoc --output-directory site qa_core annotation

# The README's pictures, as the tests of the page saw it.
pictures: test
	mkdir -p docs/pictures
	for name in several phone review model; do \
	  $(BIN)/python -c 'import sys; from PIL import Image; \
	    Image.open(sys.argv[1]).convert("RGB").quantize(128, dither=0).save(sys.argv[2], optimize=True)' \
	    test-artifacts/$$name.png docs/pictures/$$name.png; \
	done

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Expected Python 3.11 or newer, found $$($(PYTHON) --version 2>&1 || echo none)." \
	    "Name another one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.installed: requirements.txt $(VENV)/.made
	$(call install,requirements.txt)
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(call install,requirements-dev.txt)
	touch $@
