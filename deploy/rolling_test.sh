#!/bin/sh
# Replaces all roles at once under load, each pod in a network namespace of its own, in a namespace made for this run
# alone: everything of it is gone when it ends. Linux; root, or user namespaces that anybody may make. Needs iproute2.
set -eu
cd "$(dirname "$0")/.."
skip() {
    echo "rolling-test: SKIPPED, nothing was tested: $1" >&2
    exit 0
}
if [ "${WEALTH_TEST_NAMESPACE:-}" != own ]; then
    [ "$(uname)" = Linux ] || skip "this is not Linux"
    command -v ip > /dev/null || skip "iproute2 is not installed"
    command -v unshare > /dev/null || skip "util-linux is not installed"
    if [ "$(id -u)" = 0 ]; then mapped=; else mapped=--map-root-user; fi
    # shellcheck disable=SC2086 - an option or none
    unshare $mapped --net --mount ip link add probe type bridge 2> /dev/null \
        || skip "namespaces with a bridge cannot be made here (root, or user namespaces for everybody)"
    # shellcheck disable=SC2086
    WEALTH_TEST_NAMESPACE=own exec unshare $mapped --net --mount "$0" "$@"
fi
# Names are looked up as in a pod: at the cluster's server, with its search list.
resolver=$(mktemp)
printf 'nameserver 10.77.0.1\nsearch wealth.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n' > "$resolver"
mount --bind "$resolver" "$(readlink -f /etc/resolv.conf)"
rm -f "$resolver"
exec .venv/bin/pytest -q -n 0 -s -m rolling tests/rolling "$@"
