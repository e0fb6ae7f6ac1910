#!/bin/sh
# image_weight.sh PYTHON SERVICE: what an image of a service holds over its base, and the processor time of its start.
#
# Installs requirements/SERVICE.lock as deploy/install_app.sh does (no pip, no tests, no stubs, bytecode made), without a
# container; then imports the service and reads its reference data, three times.
set -eu
python=$1
service=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv --without-pip "$folder/app"
"$python" -m venv "$folder/tools"
"$folder/tools/bin/python" -m pip --python "$folder/app/bin/python" install --quiet --disable-pip-version-check \
    --no-deps --require-hashes --no-compile -r "requirements/$service.lock"
mkdir "$folder/app/suite"
cp -r services protos/gen/wealth "$folder/app/suite/"
find "$folder/app" -depth \( -name tests -o -name test -o -name __pycache__ \) -type d -path '*/site-packages/*' \
    -exec rm -rf {} +
find "$folder/app" -name '*.pyi' -delete
"$folder/app/bin/python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$folder/app/lib" "$folder/app/suite"
echo "$service: $(du -sm "$folder/app" | cut -f 1) MB over the base"
cp -r protos/gen/. "$folder/app/suite/"
for _ in 1 2 3; do
    (cd "$folder/app/suite" && "$folder/app/bin/python" -c "
import time
import services.$service.app
print(f'imports: {time.process_time():.2f} s of processor time')")
done
