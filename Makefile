# Thin names for commands. `make run` needs git, make and Python 3.11 or newer, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH := $(CURDIR)
UV = $(BIN)/python -m uv pip install -q --system-certs --python $(BIN)/python
PIP = $(BIN)/python -m pip install -q --disable-pip-version-check
# uv is several times faster; where it is missing or cannot reach the package index, plain pip does the same.
# First with the hashes of the lock; a package source that has other files of the same versions is told of, and used
# only where LOCKED is not set.
LOCKED ?=
install = $(UV) --require-hashes -r $(1:.txt=.lock) 2>/dev/null || $(PIP) --require-hashes -r $(1:.txt=.lock) 2>/dev/null \
  || { [ -z "$(LOCKED)" ] && echo "Not every file has the hash of $(1:.txt=.lock): installing without hashes" && { $(UV) -r $(1) 2>/dev/null || $(PIP) -r $(1); }; }

# axe and Lighthouse look at pages in tests; where npm is missing those tests skip and say so.
PAGE_CHECKS := tests/node/node_modules/.package-lock.json

.PHONY: run test check fmt demo bench e2e chaos api-fuzz webhooks converging scan lock sbom clean

run: $(VENV)/run.stamp
	@exec $(BIN)/python manage.py up

# One process for each of two cores, with stores of its own; a file's tests stay together. TEST_PROCESSES=0 for one.
TEST_PROCESSES ?= 2
test: $(VENV)/dev.stamp $(PAGE_CHECKS)
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/djade --check $$(git ls-files 'templates/*.html')
	$(BIN)/mypy gtmos crm outreach issues journeys agents manage.py
	$(BIN)/lint-imports
	$(BIN)/python -W error manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING
	GTMOS_ENV=production SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') ALLOWED_HOSTS=gtmos.example DATABASE_URL=postgresql://gtmos@127.0.0.1/gtmos REDIS_URL=redis://127.0.0.1/0 $(BIN)/python manage.py check --deploy --fail-level WARNING

fmt: $(VENV)/dev.stamp
	$(BIN)/ruff format -q .
	$(BIN)/ruff check -q --fix .
	$(BIN)/djade $$(git ls-files 'templates/*.html')

demo: $(VENV)/run.stamp
	$(BIN)/python -m benchmarks.demo

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

chaos: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.chaos

api-fuzz: $(VENV)/dev.stamp
	GTMOS_TEST_REQUESTS=50000 GTMOS_TEST_SECONDS=$(or $(SECONDS),3600) $(BIN)/python -m pytest -s tests/test_api_conformance.py

scan: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.scan

lock: $(VENV)/dev.stamp
	for name in requirements requirements-dev; do \
	  echo "# Made by \`make lock\` of $$name.txt: everything that is installed, with the hashes of its files." > $$name.new \
	  && $(BIN)/python -m uv pip compile -q --system-certs --generate-hashes --universal --python-version 3.11 --no-header --no-annotate $$name.txt >> $$name.new \
	  && mv $$name.new $$name.lock || exit 1; done

sbom: $(VENV)/run.stamp
	mkdir -p artefacts
	$(BIN)/python -m uv tool run --system-certs --from cyclonedx-bom==7.5.0 cyclonedx-py environment $(VENV) --of JSON -o artefacts/sbom.json

webhooks: $(VENV)/dev.stamp
	GTMOS_TEST_EVENTS=10000 GTMOS_TEST_KILLS=50 $(BIN)/python -m pytest -s gtmos/kernel/tests/test_webhooks_killed.py

# Every page in a real browser, with axe and Lighthouse; the pictures lie in artefacts/, artefacts/index.html shows them all.
e2e: $(VENV)/dev.stamp $(PAGE_CHECKS)
	$(BIN)/python -m pytest -m browser
	$(BIN)/python -m benchmarks.lighthouse

# Pages that are open while ten thousand changes are made and fifty sockets do not listen end up as new ones show them.
converging: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.converging

$(PAGE_CHECKS): tests/node/package-lock.json
	@command -v npm >/dev/null && PUPPETEER_SKIP_DOWNLOAD=1 npm ci --silent --no-audit --no-fund --fetch-retries=1 --fetch-timeout=30000 --prefix tests/node || echo "npm could not install axe and Lighthouse; their tests skip"

clean:
	rm -rf $(VENV) artefacts .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV) 2>/dev/null \
	  || { rm -rf $(VENV); $(PYTHON) -m virtualenv -q $(VENV) 2>/dev/null; } \
	  || { rm -rf $(VENV); uv venv -q --seed --python $(PYTHON) $(VENV) 2>/dev/null; } \
	  || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PIP) uv==0.13.8 || true

$(VENV)/run.stamp: requirements.txt requirements.lock | $(BIN)/python
	@echo "Installing requirements.txt"
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt requirements-dev.lock | $(BIN)/python
	@echo "Installing requirements-dev.txt"
	@$(call install,requirements-dev.txt)
	@touch $@ $(VENV)/run.stamp
