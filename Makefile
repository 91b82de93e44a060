# make run    sets up, replays the sample nights, prints the morning summary, serves the page
# make test   sets up, runs the tests, the linter, the type checker and the documentation checks

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# The demonstration keeps a store of its own, so that sample nights never mix with yours.
DEMO   := CRAMPWATCH_DATA_DIR="$(CURDIR)/.crampwatch" CRAMPWATCH_DATABASE_URL=
# Relative, because pip takes a space in a path for the end of it.
PINNED := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
          PIP_DISABLE_PIP_VERSION_CHECK=1

.DEFAULT_GOAL := help
.PHONY: help run test lint types rooms unit bench words pins clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

run: $(VENV)/.installed-run
	@$(DEMO) $(BIN)/crampwatch replay --samples
	@$(DEMO) $(BIN)/crampwatch summary
	@$(DEMO) $(BIN)/crampwatch serve

test: lint types rooms unit

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-test
	$(BIN)/mypy

rooms: $(VENV)/.installed-test
	$(BIN)/lint-imports

unit: $(VENV)/.installed-test
	$(BIN)/pytest --ignore=benchmarks --numprocesses=auto --maxprocesses=4 --dist=worksteal

bench: $(VENV)/.installed-test
	$(BIN)/pytest benchmarks --benchmark-columns=min,median,max,rounds

# Takes what is new in the code into the catalogues, untranslated, and what is gone out of them.
words: $(VENV)/.installed-test
	mkdir -p build
	$(BIN)/pybabel --quiet extract --mapping-file=pyproject.toml --add-location=file \
	  --output-file=build/crampwatch.pot .
	$(BIN)/pybabel --quiet update --domain=crampwatch --no-fuzzy-matching --ignore-obsolete \
	  --ignore-pot-creation-date --input-file=build/crampwatch.pot --output-dir=server/locale
	@# It ends a catalogue with an empty line.
	for file in server/locale/*/LC_MESSAGES/*.po; do \
	  printf '%s\n' "$$(cat "$$file")" > "$$file.new" && mv "$$file.new" "$$file"; done

# Resolves the newest versions and writes them down; for maintainers.
pins:
	rm -rf build/pins && $(PYTHON) -m venv build/pins
	build/pins/bin/pip install --quiet '.[dev,postgresql,recovery]' 'setuptools>=80'
	{ echo '# Every version this project is tested with. Made by `make pins`.'; \
	  build/pins/bin/pip freeze --all --exclude crampwatch --exclude pip | grep '=='; } > constraints.txt

$(VENV)/bin/python:
	@sh ./.ci/make-venv "$(PYTHON)" "$(VENV)"

$(VENV)/.installed-run: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo 'Installing crampwatch and what it needs into $(VENV) ...'
	@$(PINNED) $(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo 'Installing crampwatch and its test tools into $(VENV) ...'
	@$(PINNED) $(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed-run

clean:
	rm -rf $(VENV) .crampwatch build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
