"""Makes a Helm chart of the production overlay: ``python deploy/chart.py OUT`` writes the folder ``OUT/wealth``.

The overlay stays the one source of truth: everything in the chart is what ``kubectl kustomize deploy/overlays/prod``
renders, with some places opened for values. With the default values, the chart's output is the overlay's (a test holds
them equal; hashes behind names apart, which the chart computes from its own values). Secrets are not in it, as they are
not in the overlay: docs/kubernetes.md says which there must be. Needs kubectl; `make chart` also packages it.
"""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parent
OVERLAY = DEPLOY / "overlays" / "prod"
NAMESPACE = "wealth"
# ConfigMaps of settings, one value each; the others hold files, which are not for the installer to change.
SETTINGS = ("common", "bootstrap", "gateway", "portfolio", "converter", "storage", "events")
IMAGES = ("gateway", "portfolio", "converter", "storage", "events")
# Kinds that come with a switch, as a cluster may not know them or not enforce them.
SWITCHES = {
    "NetworkPolicy": "networkPolicies",
    "ScaledObject": "keda",
    "ServiceMonitor": "monitoring",
    "PrometheusRule": "monitoring",
}
OF_OTHERS = {"ingress-nginx": "ingress", "monitoring": "monitoring", "keda": "keda", "observability": "observability"}
_HASHED = re.compile(r"(?P<name>[a-z-]+)-[a-z0-9]{10}")
_TOKEN = re.compile(r"@@(\d+)@@")

HELPERS = """\
{{/* An image of ours: by digest where there is one. Takes the root and the image's name. */}}
{{- define "wealth.image" -}}
{{- $digest := get .root.Values.images.digests .name -}}
{{- $version := ternary (print "@" $digest) (print ":" .root.Values.images.tag) (ne $digest "") -}}
{{- .root.Values.images.prefix }}{{ .name }}{{ $version -}}
{{- end -}}

{{/* A ConfigMap's settings, whose values are texts. Takes the root and the ConfigMap's name. */}}
{{- define "wealth.settings" -}}
{{- if eq .name "bootstrap" }}
IMAGE: {{ include "wealth.image" (dict "root" .root "name" "storage") | quote }}
{{- end }}
{{- range $key, $value := get .root.Values.settings .name }}
{{ $key }}: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* A ConfigMap's name, with the hash of its content: a change rolls the pods and runs the Job that read it. */}}
{{- define "wealth.settingsName" -}}
{{ .name }}-{{ include "wealth.settings" . | sha256sum | trunc 10 }}
{{- end -}}
"""
NOTES = """\
{{ .Chart.Name }} {{ .Chart.AppVersion }} in the namespace {{ .Release.Namespace }}.

It waits for its Secrets, which the chart does not make:
  python -m services.launcher.cluster_secrets print --namespace {{ .Release.Namespace }}
Label the namespace, so that nothing else may run in it that is not restricted:
  kubectl label namespace {{ .Release.Namespace }} pod-security.kubernetes.io/enforce=restricted
The door is the Service `gateway`: 8000 for REST, 8001 for gRPC.
"""


class Opened:
    """The overlay's resources with places opened: each is a token in the text, and what the chart has there instead."""

    def __init__(self, resources: list[dict[str, Any]], version: str) -> None:
        self._expressions: list[str] = []
        self._blocks: list[str] = []
        self.values: dict[str, Any] = {
            "images": {"prefix": "", "tag": version, "digests": dict.fromkeys(IMAGES, "")},
            "settings": {},
            "resources": {},
            "autoscaling": {},
            "nats": {},
            "networkPolicies": {"enabled": True, "namespaces": {role: name for name, role in OF_OTHERS.items()}},
            "keda": {"enabled": True},
            "monitoring": {"enabled": True},
        }
        self.templates: dict[str, str] = {}
        for item in resources:
            if item["kind"] != "Namespace":
                self._add(item)

    def _token(self, expression: str) -> str:
        self._expressions.append(expression)
        return f"@@{len(self._expressions) - 1}@@"

    def _add(self, item: dict[str, Any]) -> None:
        kind, name = item["kind"], item["metadata"]["name"]
        file = re.sub(r"-[a-z0-9]{10}$", "", name) if kind in {"ConfigMap", "Job"} else name
        self._open_places(item)
        text = self._write(self._walk(item))
        switch = SWITCHES.get(kind) or ("monitoring" if name == "wealth-dashboard" else None)
        if switch:
            text = f"{{{{- if .Values.{switch}.enabled }}}}\n{text}{{{{- end }}}}\n"
        self.templates[f"{file}-{kind.lower()}.yaml"] = text

    def _open_places(self, item: dict[str, Any]) -> None:
        """Opens what an installer has a reason to change, and notes its default among the values."""
        kind, name, spec = item["kind"], item["metadata"]["name"], item.get("spec", {})
        prefix = _HASHED.fullmatch(name)
        if kind == "ConfigMap" and prefix and prefix["name"] in SETTINGS:
            self.values["settings"][prefix["name"]] = {
                key: value for key, value in item["data"].items() if key != "IMAGE"
            }
            call = f'include "wealth.settings" (dict "root" $ "name" "{prefix["name"]}")'
            item["data"] = self._token(f"block {call}")
        if kind in {"Deployment", "StatefulSet"}:
            container = next(each for each in spec["template"]["spec"]["containers"] if each["name"] == name)
            self.values["resources"][name] = container["resources"]
            container["resources"] = self._token(f'block toYaml (get .Values.resources "{name}")')
        if kind in {"HorizontalPodAutoscaler", "ScaledObject"}:
            fields = ("minReplicas", "maxReplicas")
            theirs = fields if kind == "HorizontalPodAutoscaler" else ("minReplicaCount", "maxReplicaCount")
            self.values["autoscaling"][name] = dict(zip(fields, (spec[each] for each in theirs), strict=True))
            for field, each in zip(fields, theirs, strict=True):
                spec[each] = self._token(f'(get .Values.autoscaling "{name}").{field} | int')
        if kind == "StatefulSet":
            (claim,) = spec["volumeClaimTemplates"]
            self.values["nats"]["storageClass"] = claim["spec"]["storageClassName"]
            claim["spec"]["storageClassName"] = self._token(".Values.nats.storageClass")
        if kind == "NetworkPolicy" and name == "secrets":
            (rule,) = spec["egress"]
            self.values["networkPolicies"]["apiServerPorts"] = [port["port"] for port in rule["ports"]]
            rule["ports"] = self._token("ports .Values.networkPolicies.apiServerPorts")

    def _walk(self, value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"kubernetes.io/metadata.name"} and value["kubernetes.io/metadata.name"] in OF_OTHERS:
                role = OF_OTHERS[value["kubernetes.io/metadata.name"]]
                return {"kubernetes.io/metadata.name": self._token(f".Values.networkPolicies.namespaces.{role}")}
            return {
                key: self._walk(each) if key != "namespace" else self._in_namespace(each) for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._walk(each) for each in value]
        return self._text(value) if isinstance(value, str) else value

    def _in_namespace(self, value: Any) -> Any:
        return self._token(".Release.Namespace") if value == NAMESPACE else self._walk(value)

    def _text(self, text: str) -> str:
        image = re.fullmatch(r"(?P<prefix>\S+/)(?P<name>[a-z]+):(?P<tag>\S+)", text)
        if image and image["name"] in IMAGES:
            self.values["images"] |= {"prefix": image["prefix"], "tag": image["tag"]}
            return self._token(f'include "wealth.image" (dict "root" $ "name" "{image["name"]}")')
        hashed = _HASHED.fullmatch(text)
        if hashed and hashed["name"] in SETTINGS:
            return self._token(f'include "wealth.settingsName" (dict "root" $ "name" "{hashed["name"]}")')
        host = f".{NAMESPACE}.svc.cluster.local:"
        if host in text and not text.startswith("@@"):
            before, _, after = text.partition(host)
            return f"{before}.{self._token('.Release.Namespace')}.svc.cluster.local:{after}"
        return text

    def _write(self, item: dict[str, Any]) -> str:
        text = yaml.safe_dump(item, sort_keys=False, allow_unicode=True, width=2**16)
        # What looks like a template in the overlay (alerts, the dashboard) is text.
        text = text.replace("{{", "{{ `{{` }}")
        return "".join(map(self._put_expressions, text.splitlines(keepends=True)))

    def _put_expressions(self, line: str) -> str:
        block = re.fullmatch(r"(?P<key>(?P<indent>\s*(- )?)[\w-]+:) '?@@(?P<number>\d+)@@'?\n", line)
        expression = self._expressions[int(block["number"])] if block else ""
        indent = " " * len(block["indent"]) if block else ""
        if block and expression.startswith("block "):
            call = expression.removeprefix("block ")
            return f"{block['key']} {{{{- {call} | trim | nindent {len(indent) + 2} }}}}\n"
        if block and expression.startswith("ports "):
            return (
                f"{block['key']}\n{indent}{{{{- range {expression.removeprefix('ports ')} }}}}\n"
                f"{indent}- protocol: TCP\n{indent}  port: {{{{ . | int }}}}\n{indent}{{{{- end }}}}\n"
            )
        line = re.sub(r"'(@@\d+@@)'", r"\1", line)
        return _TOKEN.sub(lambda match: f"{{{{ {self._expressions[int(match[1])]} }}}}", line)


def make_schema(values: Any, path: tuple[str, ...] = ()) -> dict[str, Any]:
    """A JSON schema of values: what is not known is refused, but for settings and what containers ask for."""
    if isinstance(values, dict):
        properties = {key: make_schema(each, (*path, key)) for key, each in values.items()}
        open_ended = (path[:1] == ("settings",) and len(path) == 2) or (path[:1] == ("resources",) and len(path) == 3)
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": {"type": "string"} if open_ended else False,
        }
    if isinstance(values, list):
        return {"type": "array", "items": make_schema(values[0], path)}
    types: dict[type, str] = {bool: "boolean", int: "integer", str: "string"}
    return {"type": types[type(values)]}


def render_overlay() -> list[dict[str, Any]]:
    """What kustomize makes of the overlay. Raises CalledProcessError, with its words on standard error."""
    kubectl = shutil.which("kubectl", path=sysconfig.get_path("scripts")) or shutil.which("kubectl")
    if kubectl is None:
        raise SystemExit("kubectl is needed: make manifests brings it")
    run = subprocess.run([kubectl, "kustomize", OVERLAY], check=True, stdout=subprocess.PIPE, text=True)
    return list(yaml.load_all(run.stdout, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def write_chart(folder: Path) -> Path:
    """Writes the chart into ``folder/wealth``, which it replaces; returns that."""
    version = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())["project"]["version"]
    opened = Opened(render_overlay(), version)
    chart = folder / "wealth"
    shutil.rmtree(chart, ignore_errors=True)
    (chart / "templates").mkdir(parents=True)
    write: Callable[[str, str], int] = lambda name, text: (chart / name).write_text(text)  # noqa: E731
    about = {
        "apiVersion": "v2",
        "name": "wealth",
        "description": "Portfolio analysis and CSV conversion learned from examples: gateway, services and workers",
        "type": "application",
        "version": version,
        "appVersion": version,
        "kubeVersion": ">=1.30.0-0",
    }
    write("Chart.yaml", yaml.safe_dump(about, sort_keys=False))
    write(
        "values.yaml",
        "# What the production overlay says. `settings` takes any setting of the role (.env.example), as text: quote\n"
        "# numbers. `resources` takes what Kubernetes does. Another size of NATS's store is another nats.conf.\n"
        + yaml.safe_dump(opened.values, sort_keys=False),
    )
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **make_schema(opened.values)}
    # What every chart has beside its own values.
    schema["properties"]["global"] = {"type": "object"}
    write("values.schema.json", json.dumps(schema, indent=1) + "\n")
    write("templates/_helpers.tpl", HELPERS)
    write("templates/NOTES.txt", NOTES)
    for name, text in opened.templates.items():
        write(f"templates/{name}", text)
    return chart


def main(arguments: list[str]) -> int:
    """Runs the command line; returns the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python deploy/chart.py OUT\n")
        return 2
    sys.stdout.write(f"{write_chart(Path(arguments[0]))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
