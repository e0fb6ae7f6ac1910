#!/bin/sh
# Builds the images without a Docker engine and runs the suite from them: podman, buildah and, where no image of Python is
# there and none can be pulled, a base of Debian's own packages by debootstrap. Needs root on Linux.
#
# Debian: apt-get install podman buildah runc conmon containernetworking-plugins netavark aardvark-dns catatonit
#         debootstrap iptables uidmap
# DEBIAN_MIRROR (http://deb.debian.org/debian), BUILD_OPTIONS (mirrors' settings for pip, as volumes)
set -eu
cd "$(dirname "$0")/.."
skip() {
    echo "images-test: SKIPPED, nothing was tested: $1" >&2
    exit 0
}
[ "$(uname)" = Linux ] || skip "this is not Linux"
[ "$(id -u)" = 0 ] || skip "it needs root"
for tool in podman buildah runc; do
    command -v $tool > /dev/null || skip "$tool is not installed"
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# crun refuses hybrid cgroups, and the default limits are more than a container may have.
cat > "$folder/containers.conf" << 'CONF'
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=10000:10000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
export CONTAINERS_CONF="$folder/containers.conf"

base=docker.io/library/python:3.11-slim
if ! podman image exists $base && ! podman pull --quiet $base 2> "$folder/pull.log"; then
    command -v debootstrap > /dev/null || skip "$base cannot be pulled, and debootstrap is not installed"
    echo "images-test: a base of Debian's packages stands in for $base"
    debootstrap --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates bookworm "$folder/base" \
        "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" > "$folder/debootstrap.log" || skip "debootstrap failed"
    tar -C "$folder/base" -c . | podman import --quiet - $base
fi

settings="-v /etc/ssl/certs:/etc/ssl/certs:ro"
[ ! -f /etc/pip.conf ] || settings="$settings -v /etc/pip.conf:/etc/pip.conf:ro"
ENGINE=buildah SERVICES="gateway portfolio converter storage events" BASE=$base \
    BUILD_OPTIONS="--isolation chroot --network host --pull-never --layers $settings ${BUILD_OPTIONS:-}" deploy/images.sh

WEALTH_TEST_IMAGES=docker.io/wealth/ .venv/bin/pytest -q tests/images "$@"
