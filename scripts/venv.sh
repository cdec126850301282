#!/bin/sh
# Make a virtual environment from a hashed lock: scripts/venv.sh FOLDER LOCK
# Takes uv when it can be had (seconds instead of a minute), else pip. Does nothing when the lock is installed already.
# PYTHON names the interpreter (3.11 or newer); pip's own index settings are used by both.
set -eu
cd "$(dirname "$0")/.."
venv=$1 lock=$2
python=${PYTHON:-$(command -v python3.11 || command -v python3 || true)}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Deskhand needs Python 3.11 or newer; '${python:-no python3}' is not. Try: make PYTHON=/path/to/python3.11" >&2
    exit 2
fi
stamp=$(cat "$lock" pyproject.toml scripts/venv.sh | cksum)
[ -x "$venv/bin/deskhand" ] && [ "$(cat "$venv/.installed" 2>/dev/null)" = "$stamp" ] && exit 0

echo "installing $lock into $venv" >&2
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
pip="$venv/bin/python -m pip --disable-pip-version-check -q"
if [ -z "${UV_DEFAULT_INDEX:-}" ] && index=$($pip config get global.index-url 2>/dev/null); then
    export UV_DEFAULT_INDEX="$index"
fi
if { [ -x "$venv/bin/uv" ] || $pip install --only-binary :all: --require-hashes -r requirements/uv.lock 2>/dev/null; } &&
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" --only-binary :all: --require-hashes -r "$lock"; then
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation -e .
else
    echo "uv is not at hand: going on with pip" >&2
    $pip install --only-binary :all: --require-hashes -r "$lock"
    $pip install --no-deps --no-build-isolation -e .
fi
echo "$stamp" >"$venv/.installed"
