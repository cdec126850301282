#!/bin/sh
# Write requirements/*.lock anew from pyproject.toml: the newest versions in the pinned ranges, with hashes.
# Afterwards THIRD_PARTY.md must name what is new; a test says what is missing.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
compile() {
    out=$1
    shift
    "$uv" pip compile "$@" --python-version 3.11 --universal --generate-hashes --no-header --quiet --upgrade -o "requirements/$out"
}
compile uv.lock requirements/uv.in
compile runtime.lock pyproject.toml requirements/build.in --extra senses
compile postgres.lock pyproject.toml requirements/build.in --extra senses --extra postgres -c requirements/runtime.lock
compile test.lock pyproject.toml requirements/build.in --extra senses --extra test --extra postgres -c requirements/runtime.lock
compile training.lock pyproject.toml requirements/build.in --extra senses --extra training -c requirements/runtime.lock
