#!/bin/sh
# Writes the base image into deploy/base_image by its digest, which images are then built on until this is run again.
#
# BASE   the name whose digest is looked up            (the name that stands there)
# Needs docker with buildx, or skopeo, and a way to the registry.
set -eu
cd "$(dirname "$0")/.."
name=${BASE:-$(cat deploy/base_image)}
name=${name%@*}
if command -v skopeo > /dev/null; then
    digest=$(skopeo inspect --no-tags --format '{{.Digest}}' "docker://$name")
else
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$name")
fi
case $digest in sha256:????????????????????????????????????????????????????????????????) ;; *)
    echo "pin-base: the registry gave no digest of $name" >&2
    exit 1
    ;;
esac
echo "$name@$digest" > deploy/base_image
cat deploy/base_image
