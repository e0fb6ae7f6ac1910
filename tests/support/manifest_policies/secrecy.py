"""Secrets: none in git, none in the wrong hands, none that nobody makes."""

import functools
from collections.abc import Iterator

from services.launcher.cluster_secrets import ClusterSecrets
from tests.support.manifest_policies.reading import (
    SETTINGS,
    Resources,
    containers,
    named,
    of_kind,
    roles,
)

HOLDERS_OF_S3 = {"storage", "bootstrap"}
# Keys of other firms, which nobody can make (docs/kubernetes.md).
GIVEN_BY_PEOPLE = {"converter-models": {"OPENAI_API_KEY"}}


def secrets_stay_apart(resources: Resources) -> list[str]:
    """No Secret stands in a manifest; S3 keys are storage's; the identity key of a service is its own."""
    faults = [f"{named(item)}: a Secret in git" for item in of_kind(resources, "Secret")]
    for name, _, values in roles(resources):
        if (
            name not in HOLDERS_OF_S3
            and {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "S3_ENDPOINT_URL"} & values.keys()
        ):
            faults.append(f"{name}: knows S3")
        model = SETTINGS[name].model_fields
        for variable, value in values.items():
            annotation = str(model[variable.lower()].annotation) if variable.lower() in model else ""
            if "Secret" in annotation and value is not None:
                faults.append(f"{name}: {variable} stands in the manifest")
    return faults


def secrets_are_made(resources: Resources) -> list[str]:
    """Each Secret that a pod cannot start without, and each key of it, is one that `cluster_secrets` makes."""
    faults = []
    made = {name: set(keys) for name, keys in _make_secrets().items()} | GIVEN_BY_PEOPLE
    needed: set[str] = set()
    for where, name, key in _references(resources):
        needed.add(name)
        if name not in made or not {key} - {""} <= made[name]:
            faults.append(f"{where}: nobody makes {key or 'anything'} of the Secret {name}")
    if brought := {item["spec"]["target"]["name"] for item in of_kind(resources, "ExternalSecret")}:
        faults += [f"no ExternalSecret brings {name}" for name in sorted(needed - brought - GIVEN_BY_PEOPLE.keys())]
    return faults


@functools.cache
def _make_secrets() -> dict[str, dict[str, str]]:
    return ClusterSecrets.make().by_name(nats_address="nats:4222", s3_keys=True)


def _references(resources: Resources) -> Iterator[tuple[str, str, str]]:
    """Who needs which Secret, and which key of it (empty: all)."""
    for where, pod, container in containers(resources):
        for variable in container.get("env", ()):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference and not reference.get("optional"):
                yield where, reference["name"], reference["key"]
        for source in container.get("envFrom", ()):
            if reference := source.get("secretRef"):
                yield where, reference["name"], ""
        for volume in pod.get("volumes", ()):
            if reference := volume.get("secret"):
                yield where, reference["secretName"], ""
