#!/bin/sh
# Loads the images of `make images` into a local cluster: kind, minikube or k3d, by the name of kubectl's context.
#
# Every engine saves the same archive under the same names, so this works with each of docker, podman and buildah.
# ENGINE, PREFIX, TAG and SERVICES as for images.sh; CONTEXT where it is not kubectl's own.
set -eu
cd "$(dirname "$0")/.."
. deploy/engine.sh
engine=${ENGINE:-$(find_engine)}
context=${CONTEXT:-$(kubectl config current-context)}
archives=$(mktemp -d)
trap 'rm -rf "$archives"' EXIT
for service in $services; do
    image=$prefix$service:$tag archive=$archives/$service.tar
    case $engine in
        docker) docker save --output "$archive" "$image" ;;
        podman) podman save --quiet --format docker-archive --output "$archive" "$image" ;;
        buildah) buildah push --quiet "$image" "docker-archive:$archive:$image" ;;
        *) echo "images-load: no engine is called $engine" >&2 && exit 1 ;;
    esac
    case $context in
        kind-*) kind load image-archive "$archive" --name "${context#kind-}" ;;
        k3d-*) k3d image import "$archive" --cluster "${context#k3d-}" ;;
        minikube*) minikube image load "$archive" --profile "$context" ;;
        *)
            echo "images-load: the context $context is neither kind's, minikube's nor k3d's: push to a registry instead" >&2
            exit 1
            ;;
    esac
    rm -f "$archive"
    echo "$image is in $context"
done
