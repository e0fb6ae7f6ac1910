#!/bin/sh
# install_app.sh LOCK: makes the virtual environment /app from requirements/LOCK.lock and the suite's wheel, without pip
# and without what only a developer reads.
set -eu
lock=requirements/$1.lock
python3 -m venv --without-pip /app
/tools/bin/python -m pip --python /app/bin/python install --quiet --no-deps --require-hashes --no-compile -r "$lock"
/tools/bin/python -m pip --python /app/bin/python install --quiet --no-deps --no-compile /wheels/*.whl
find /app -depth \( -name tests -o -name test -o -name __pycache__ \) -type d -path '*/site-packages/*' -exec rm -rf {} +
find /app -name '*.pyi' -delete
# Bytecode that does not depend on time stamps: the root is read-only, and the image is the same when built again.
/app/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app/lib || true
