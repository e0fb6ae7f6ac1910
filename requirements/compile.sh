#!/bin/sh
# Resolves pyproject.toml into the locks: versions and hashes, no index addresses.
#
# All extras are resolved together first, and every lock is a part of that one answer, so that no two locks disagree
# on a version. Existing pins stay unless `--upgrade` is given.
set -eu
cd "$(dirname "$0")"
everything=$(mktemp)
trap 'rm -f "$everything"' EXIT
cat dev.lock crew.lock oracles.lock api.lock compare.lock browser.lock deploy.lock > "$everything" 2>/dev/null || true

compile() {
    "${UV:-../.venv/bin/uv}" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        ../pyproject.toml "$@"
}

# resolve NAME EXTRA...: what the name's users install.
resolve() {
    name=$1
    shift
    extras=
    for extra in "$@"; do extras="$extras --extra $extra"; done
    # shellcheck disable=SC2086 - one word per option
    compile $extras --constraint "$everything" --output-file "$name.lock" --upgrade
    echo "$name.lock: $(grep -c '==' "$name.lock") packages"
}

compile --all-extras --output-file "$everything" "$@"
resolve run client gateway portfolio converter storage events embedded checkout # make run, make demo
resolve dev dev                                                   # make test, make lint: on top of run.lock
for service in gateway portfolio converter storage events; do
    resolve "$service" "$service" telemetry # a service's image
done
resolve crew converter crew # the image of a converter with agents
resolve oracles oracles     # make test-oracles: an environment of its own
resolve api api             # make test-api: an environment of its own
resolve compare compare     # make bench-compare: an environment of its own
resolve browser browser     # make test-browser: on top of dev.lock
resolve deploy deploy                                             # make manifests: on top of dev.lock
# What builds the wheel in an image, pinned like the rest.
sed -n 's/^requires = \["\(.*\)"\]$/\1/p' ../pyproject.toml | "${UV:-../.venv/bin/uv}" pip compile --quiet --universal \
    --python-version 3.11 --generate-hashes --no-header --no-annotate - --constraint "$everything" --output-file build.lock
