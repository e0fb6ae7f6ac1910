# Sourced: finds the engine that builds and saves images, and says how ours are called.
# shellcheck shell=sh
find_engine() {
    for engine in docker podman buildah; do
        if command -v $engine > /dev/null && $engine info > /dev/null 2>&1; then echo $engine && return; fi
    done
    echo "images: neither docker, podman nor buildah is here and works" >&2
    return 1
}
# Whole names: podman and buildah would put `localhost/` before a short one, and a cluster looks for `docker.io/`.
prefix=${PREFIX:-docker.io/wealth/}
tag=${TAG:-dev}
services=${SERVICES:-gateway portfolio converter crew storage events}
