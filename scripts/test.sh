#!/bin/sh
# Everything that CI checks. Run by `make test`; `make nightly` sets DESKHAND_NIGHTLY=1, which brings the sweeps' full forms;
# `make test-quick` names the tests that wait for nothing: `sh scripts/test.sh tests/rules ...`.
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

# Types and imports beside the tests: one process that computes, while most of the tests wait.
types=$(mktemp)
trap 'rm -f "$types"' EXIT
(
    "$bin/lint-imports" --no-logo >"$types" 2>&1 && "$bin/mypy" >>"$types" 2>&1 && echo "== import contracts and types are in order" >&2
) &
checking=$!

# Six at once on two cores: many tests wait (for a second to pass, for a process to start) and leave a core to others.
# The last line is pytest's own.
tests=0
step "tests, none skipped" "$bin/python" -m pytest -n "${JOBS:-6}" --dist worksteal -q -p scripts.no_skips -p scripts.slow_tests "$@" ||
    tests=$?
wait "$checking" || {
    echo "== import contracts or types" >&2
    cat "$types"
    exit 1
}
exit "$tests"
