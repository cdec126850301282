#!/bin/sh
# Everything that CI checks, in the order in which it fails fastest. Run by `make test`.
set -eu
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
step() {
    echo "== $1" >&2
    shift
    "$@"
}
step "lint" "$bin/ruff" check .
step "format" "$bin/ruff" format --check .
step "types" "$bin/mypy"
step "import contracts" "$bin/lint-imports" --no-logo
# Four at once on two cores: many tests wait (for a second to pass, for a lease to end) and leave a core to others.
step "tests, none skipped" "$bin/python" -m pytest -n "${JOBS:-4}" --dist worksteal -q -p scripts.no_skips
