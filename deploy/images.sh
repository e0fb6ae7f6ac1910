#!/bin/sh
# Builds one image per service with docker, podman or buildah, whichever is there and works.
#
# BASE   image with Python 3.11 to 3.13                (python:3.11-slim)
# TAG    tag of the images                             (dev)
# PREFIX registry and path                             (wealth/)
# BUILD_OPTIONS more options of the engine's `build`, e.g. mirrors' settings as volumes
set -eu
cd "$(dirname "$0")/.."
find_engine() {
    for engine in docker podman buildah; do
        if command -v $engine > /dev/null && $engine info > /dev/null 2>&1; then echo $engine && return; fi
    done
    echo "images: neither docker, podman nor buildah is here and works" >&2
    return 1
}
engine=${ENGINE:-$(find_engine)}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
revision=$(git rev-parse HEAD 2> /dev/null || echo unknown)
for service in ${SERVICES:-gateway portfolio converter crew storage}; do
    # shellcheck disable=SC2086 - one word per option
    "$engine" build ${BUILD_OPTIONS:-} --file deploy/Dockerfile --target "$service" \
        --build-arg BASE="${BASE:-python:3.11-slim}" --build-arg VERSION="$version" --build-arg REVISION="$revision" \
        --tag "${PREFIX:-wealth/}$service:${TAG:-dev}" .
done
"$engine" images | grep -E "REPOSITORY|${PREFIX:-wealth/}" || true
