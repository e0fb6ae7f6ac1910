#!/bin/sh
# Builds one image per service with docker, podman or buildah, whichever is there and works.
#
# BASE   image with Python 3.11 to 3.13                (what stands in deploy/base_image; `make pin-base` puts its digest there)
# TAG    tag of the images                             (dev)
# PREFIX registry and path                             (docker.io/wealth/)
# SERVICES which                                       (gateway portfolio converter crew storage events)
# BUILD_OPTIONS more options of the engine's `build`, e.g. mirrors' settings as volumes
set -eu
cd "$(dirname "$0")/.."
. deploy/engine.sh
engine=${ENGINE:-$(find_engine)}
base=${BASE:-$(cat deploy/base_image)}
case $base in *@sha256:*) ;; *)
    echo "images: $base is no digest: what it names may change between two builds (make pin-base)" >&2
    ;;
esac
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
revision=$(git rev-parse HEAD 2> /dev/null || echo unknown)
[ -z "$(git status --porcelain 2> /dev/null)" ] || revision=$revision-changed
# The commit's time and not the build's: what is built again from the same commit is dated the same.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2> /dev/null || echo 0)
export SOURCE_DATE_EPOCH
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ 2> /dev/null || date -u -r "$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
case $engine in
    docker) dated= ;;
    *) dated="--timestamp $SOURCE_DATE_EPOCH" ;;
esac
for service in $services; do
    # Labels by option: as build arguments they would stand in cached layers, and name an older revision.
    # shellcheck disable=SC2086 - one word per option
    "$engine" build ${BUILD_OPTIONS:-} $dated --file Dockerfile --target "$service" \
        --build-arg BASE="$base" \
        --label org.opencontainers.image.version="$version" \
        --label org.opencontainers.image.revision="$revision" \
        --label org.opencontainers.image.created="$created" \
        --tag "$prefix$service:$tag" .
done
"$engine" images | grep -E "REPOSITORY|${prefix#docker.io/}" || true
