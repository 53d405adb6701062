# Two commands for everybody: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= python3
PORT ?= 8000
BIN = .venv/bin
# Everything a running portal keeps, ignored by git.
VAR_DIR ?= var
export VAR_DIR
DEMO_ENV = DEMO=1

.PHONY: help run test test-browser test-access test-markup accessibility test-hunt guide-pictures messages audit bench lint format lock hooks clean reset

help:  ## what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

# --- The portal on this machine -------------------------------------------------

run: .venv/runtime.stamp $(VAR_DIR)/static.stamp  ## the portal with its demo on 127.0.0.1:8000
	@$(DEMO_ENV) $(BIN)/python manage.py migrate --verbosity 0
	@$(DEMO_ENV) $(BIN)/python manage.py createcachetable
	@$(DEMO_ENV) $(BIN)/python manage.py load_demo --address http://127.0.0.1:$(PORT)
	@$(DEMO_ENV) $(BIN)/python manage.py db_worker --interval 3 & worker=$$!; trap "kill $$worker 2>/dev/null" EXIT INT TERM; \
		$(DEMO_ENV) $(BIN)/granian --interface asginl --host 127.0.0.1 --port $(PORT) \
		--workers 2 --respawn-failed-workers --log-level warning council.asgi:application

# Links in mails, and those to hand on, lead to where this portal is reached.
run: export PORTAL_ADDRESS ?= http://127.0.0.1:$(PORT)

$(VAR_DIR)/static.stamp: .venv/runtime.stamp $(shell find static -type f)
	@mkdir -p $(VAR_DIR)
	@$(DEMO_ENV) $(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@touch $@

messages:  ## compile the words of the public pages in other languages (needs gettext)
	@for each in council/locale/*/LC_MESSAGES/django.po; do msgfmt --check-format -o $${each%.po}.mo $$each; done

# --- Checks ---------------------------------------------------------------------

test: .venv/dev.stamp  ## the test suite, on SQLite or on DATABASE_URL
	$(BIN)/pytest -n auto --dist worksteal

test-browser: .venv/dev.stamp  ## browser tests (Chromium)
	$(BIN)/pytest -m browser

# Every page type in light, dark and forced colours; what was found lies in VAR_DIR/accessibility.
test-access: .venv/dev.stamp  ## barriers on every page type (axe-core and our own checks)
	ACCESSIBILITY_RESULTS=$(VAR_DIR)/accessibility $(BIN)/pytest -n auto -m access tests/accessibility

# The Nu HTML checker, a package of npm's registry; needs Java and npm, which `.ci/run` installs.
VNU = 26.9.27
VNU_SHA256 = 5970d3ffca91a627cf0965e5d91bb2e4242307c29292998de0b419d6a901b2b7
.venv/vnu.jar: .venv/dev.stamp
	@cd .venv && npm pack --silent vnu-jar@$(VNU) >/dev/null
	@cd .venv && echo "$(VNU_SHA256)  vnu-jar-$(VNU).tgz" | sha256sum --check --quiet
	@cd .venv && tar xzf vnu-jar-$(VNU).tgz --strip-components=3 package/build/dist/vnu.jar && touch vnu.jar

test-markup: .venv/vnu.jar  ## the HTML of every page (Nu checker)
	$(BIN)/pytest -m markup tests/markup.py

# The barrier tests, and what was found is kept as what the portal tells of itself (/accessibility/).
accessibility: .venv/dev.stamp  ## the barrier tests, and the page that tells their result
	rm -rf $(VAR_DIR)/accessibility
	-$(MAKE) test-access
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.accessibility.summary $(VAR_DIR)/accessibility

# Odd values to every form and address there is: no 500. HUNT_REQUESTS for each of three visitors.
test-hunt: .venv/dev.stamp  ## odd values to every form and address: no 500
	$(BIN)/pytest -n auto -m hunt tests/hunt.py

# From the demo, by a real browser; GUIDE_PICTURES names another place, and then they are compared.
guide-pictures: .venv/dev.stamp  ## the pictures of guides and pages, anew
	$(BIN)/pytest -m guide tests/guide.py

audit: .venv/dev.stamp  ## components (SBOM), known weaknesses, committed secrets
	$(BIN)/python .ci/audit.py $(VAR_DIR)

# Side by side in one run: what a page, a tally, a submit and a file cost on this machine.
bench: .venv/dev.stamp  ## what a page, a tally, a submit and a file cost here
	@$(DEMO_ENV) $(BIN)/python -m tests.bench

lint: .venv/dev.stamp  ## style, format, types, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files --cached --others --exclude-standard 'templates/*.html')
	$(DEMO_ENV) $(BIN)/mypy
	$(BIN)/deptry .

format: .venv/dev.stamp  ## mend style and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-$(BIN)/djade --target-version 5.2 $$(git ls-files --cached --others --exclude-standard 'templates/*.html')

# --- Environment ----------------------------------------------------------------

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/runtime.stamp

# Versions and hashes only: these files name no package index.
lock: .venv/dev.stamp  ## write the hash-locked requirements files
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command "make lock" --extra pdf pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command "make lock" --extra dev --extra pdf -c requirements.txt pyproject.toml -o requirements-dev.txt

hooks:  ## run `make lint` before each commit
	git config core.hooksPath .githooks

clean:  ## take away the environment and what tools left; never data
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# Database, uploaded files and collected static files: gone for good, so it asks.
reset:  ## throw the portal's data on this machine away (asks first)
	@printf '%s のデータベースとアップロードしたファイルをすべて消します。よければ yes と入力してください: ' "$(VAR_DIR)"; \
	read answer; [ "$$answer" = yes ] && rm -rf "$(VAR_DIR)" && echo '消しました。' || { echo '何も消していません。'; exit 1; }
