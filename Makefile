# make run      the site on 127.0.0.1:8000 (PORT=… for another), with everything it needs
# make test     all tests, on real PostgreSQL
# make help     the rest

PORT ?= 8000
UV_VERSION := 0.13.9
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
CATALOGUE := czindustry/locale/zh_Hans/LC_MESSAGES/django
# A folder that `make wheels` has filled, for a machine without a network.
WHEELS ?=
PIP_FROM := $(if $(WHEELS),--no-index --find-links $(WHEELS))
# Some machines have Python 3.11 under its full name only; the newest that is there will do.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

# uv brings its own list of certificates; a machine behind a proxy has others.
export UV_SYSTEM_CERTS = 1
export UV_NATIVE_TLS = 1
# Some containers keep Python from keeping what it compiles: dozens of processes would begin by compiling all anew.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help install run test fuzz faults check audit bench load demo lock wheels browser clean

help:
	@echo "make run       start the site on 127.0.0.1:$(PORT); PORT=8080 for another port"
	@echo "make test      all tests; only some: make test ARGS='-k roster'"
	@echo "make install   all that run needs, without serving"
	@echo "make check     ruff, mypy, missing migrations and translations, the API's schema"
	@echo "make fuzz      thousands of made-up requests to the API, as each kind of token"
	@echo "make faults    processes killed, a full disk, no connections left, with people at work: what was lost"
	@echo "make bench     the measurements that the README quotes"
	@echo "make load      three hundred people at work for ten minutes"
	@echo "make demo      throw the demo data away and make it anew"
	@echo "make browser   install Chromium and Chinese fonts for the browser tests, and Pango for PDF (Debian, as root)"
	@echo "make audit     look the locked packages up among known weaknesses; needs the network"
	@echo "make wheels    all packages into wheels/: there, with WHEELS=wheels, make install needs no network"
	@echo "make lock      solve the dependencies of pyproject.toml anew into requirements.lock"
	@echo "make clean     remove the environment and caches; var/ with its database stays"

# The environment is made anew only when the lock changed.
$(STAMP): requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, under the name python3 or python3.11."; exit 1; }
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check $(PIP_FROM) uv==$(UV_VERSION)
	$(VENV)/bin/uv pip install --quiet $(PIP_FROM) --require-hashes --python $(PY) -r requirements.lock
	@touch $@

# Before anything speaks: a process reads its texts once.
$(CATALOGUE).mo: $(CATALOGUE).po czindustry/locale/en/LC_MESSAGES/django.po | $(STAMP)
	@$(PY) manage.py translations --compile
	@touch $@

install: $(STAMP) $(CATALOGUE).mo
	@$(PY) manage.py prepare

run: $(STAMP) $(CATALOGUE).mo
	@$(PY) manage.py run_site --port $(PORT)

test: $(STAMP) $(CATALOGUE).mo
	$(PY) -m pytest -n logical --dist worksteal $(ARGS)

fuzz: $(STAMP) $(CATALOGUE).mo
	FUZZ_EXAMPLES=100 $(PY) -m pytest -n logical --dist worksteal tests/registry/api/test_fuzz.py $(ARGS)

faults: $(STAMP) $(CATALOGUE).mo
	FAULTS=1 $(PY) -m pytest tests/faults $(ARGS)

check: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(PY) manage.py check
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py translations --check
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(PY) manage.py licences --check
	@$(MAKE) --no-print-directory audit

# An offline machine has nobody to ask: that is said, and is no failure. A weakness that is found is one.
audit: $(STAMP)
	@$(PY) -c "import urllib.request as r; r.urlopen('https://pypi.org/pypi/pip/json', timeout=10)" 2>/dev/null \
		|| { echo "pypi.org cannot be reached: not audited"; exit 0; } \
		&& $(VENV)/bin/uv tool run pip-audit --require-hashes --disable-pip --requirement requirements.lock

wheels: $(STAMP)
	$(PY) -m pip download --quiet --disable-pip-version-check --dest wheels uv==$(UV_VERSION)
	$(PY) -m pip download --quiet --disable-pip-version-check --dest wheels --require-hashes -r requirements.lock

bench: $(STAMP)
	$(PY) -m tests.benchmarks $(ARGS)

load: $(STAMP)
	$(PY) -m tests.benchmarks.load $(ARGS)

demo: $(STAMP)
	$(PY) manage.py prepare
	$(PY) manage.py seed_demo --replace

lock: $(STAMP)
	$(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--extra dev --output-file requirements.lock pyproject.toml

browser:
	@command -v chromium chromium-browser google-chrome >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q . \
		&& ldconfig -p 2>/dev/null | grep -q libpangoft2 \
		|| { apt-get update -qq && apt-get install -y --no-install-recommends chromium fontconfig fonts-noto-cjk \
			libpango-1.0-0 libpangoft2-1.0-0; }

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
