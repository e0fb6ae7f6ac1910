#!/bin/sh
# Builds the images, pushes them, and writes down their digests, by which everything after that names them.
#
# PREFIX   registry and path, such as registry.example.com/wealth/ (needed)
# TAG      tag of the images                                       (the version in pyproject.toml)
# ENGINE, BASE, SERVICES, BUILD_OPTIONS as for images.sh; PUSH_OPTIONS more options of the engine's `push`
# REQUIRE  tools without which it is no release: "syft cosign helm" (none: what is not here is said and left out)
#
# Writes artifacts/release: kustomization.yaml (a component), values.yaml (for the Helm chart), an SBOM for each image.
set -eu
cd "$(dirname "$0")/.."
: "${PREFIX:?registry and path are needed, such as PREFIX=registry.example.com/wealth/}"
TAG=${TAG:-$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)}
export PREFIX TAG
. deploy/engine.sh
ENGINE=${ENGINE:-$(find_engine)}
export ENGINE
for tool in ${REQUIRE:-}; do
    command -v "$tool" > /dev/null || { echo "release: $tool is required and not here" >&2; exit 1; }
done
has() {
    command -v "$1" > /dev/null && return 0
    echo "release: $1 is not here: $2" >&2
    return 1
}
deploy/images.sh
folder=artifacts/release
rm -rf "$folder"
mkdir -p "$folder"
{
    echo "# A component that names the images of release $TAG by digest."
    echo "apiVersion: kustomize.config.k8s.io/v1alpha1"
    echo "kind: Component"
    echo "images:"
} > "$folder/kustomization.yaml"
printf 'images:\n  prefix: %s\n  tag: "%s"\n  digests:\n' "$prefix" "$tag" > "$folder/values.yaml"
signed=yes described=yes
has cosign "the images are NOT SIGNED" || signed=no
has syft "there are NO SBOMs" || described=no
for service in $services; do
    image=$prefix$service:$tag
    # shellcheck disable=SC2086 - one word per option
    case $ENGINE in
        docker)
            docker push --quiet ${PUSH_OPTIONS:-} "$image" > /dev/null
            digest=$(docker inspect --format '{{index .RepoDigests 0}}' "$image" | sed 's/.*@//')
            ;;
        podman)
            podman push --quiet ${PUSH_OPTIONS:-} --digestfile "$folder/digest" "$image"
            digest=$(cat "$folder/digest")
            ;;
        buildah)
            buildah push --quiet ${PUSH_OPTIONS:-} --digestfile "$folder/digest" "$image" "docker://$image"
            digest=$(cat "$folder/digest")
            ;;
    esac
    case $digest in sha256:????????????????????????????????????????????????????????????????) ;; *)
        echo "release: the registry gave no digest of $image" >&2
        exit 1
        ;;
    esac
    name=$prefix$service@$digest
    printf -- '  - name: wealth/%s\n    newName: %s%s\n    digest: %s\n' \
        "$service" "$prefix" "$service" "$digest" >> "$folder/kustomization.yaml"
    [ "$service" = crew ] || printf '    %s: %s\n' "$service" "$digest" >> "$folder/values.yaml"
    if [ $described = yes ]; then
        syft --quiet "registry:$name" --output "spdx-json=$folder/$service.spdx.json"
    fi
    if [ $signed = yes ]; then
        cosign sign --yes "$name"
        [ $described = no ] || cosign attest --yes --type spdxjson --predicate "$folder/$service.spdx.json" "$name"
    fi
    echo "$name"
done
rm -f "$folder/digest"
if has helm "the chart is NOT PUSHED"; then
    make chart
    helm push artifacts/chart/wealth-*.tgz "oci://${prefix%/}/charts" ${HELM_OPTIONS:-}
fi
echo "release: $folder/kustomization.yaml and $folder/values.yaml name the images by digest"
