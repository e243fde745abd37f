# make serve   install what is needed, index the reports that ship where there is no index yet, and serve
# make test    install what is needed for tests as well, and run them all
# make eval    measure the answers to the questions in tests/data, on the reports that ship
# make bench-install   install the peers that benchmarks/peers measures beside ours, into .venv-bench
# make install make lint   make clean

VENV := .venv
BIN := $(VENV)/bin
# The first Python that is new enough: 3.11 where there is one.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: install install-dev bench-install serve test eval lint clean

install: $(VENV)/.runtime

install-dev: $(VENV)/.dev

bench-install: $(VENV)-bench/.stamp

serve: install
	@$(BIN)/python -m qa index --if-none corpus/reports
	@$(BIN)/python -m qa serve

test: install-dev
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal $(ARGS)

# Into a home of its own that is made anew, so that neither the user's reports nor an older index are measured.
eval: install
	@rm -rf .eval
	@QA_HOME=.eval $(BIN)/python -m qa index corpus/reports > /dev/null
	@QA_HOME=.eval $(BIN)/python -m qa eval tests/data/questions.jsonl $(ARGS)

lint: install-dev
	@$(BIN)/ruff check .

clean:
	rm -rf $(VENV) $(VENV)-bench .eval .pytest_cache .hypothesis .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are written last, so that an interrupted installation is taken up again.
$(VENV)/.runtime: requirements.txt
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新版本。 Python 3.11 or newer is needed." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) 缺少 venv 模块，请安装系统包 python3-venv。 $(PYTHON) lacks venv: install the system package python3-venv." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "正在安装依赖…… Installing dependencies ..."
	@$(PIP) install --requirement requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@$(PIP) install --requirement requirements-dev.txt
	@touch $@

$(VENV)-bench/.stamp: benchmarks/requirements.txt $(VENV)/.dev
	@$(PYTHON) -m venv $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip --disable-pip-version-check --no-input install --requirement $<
	@touch $@
