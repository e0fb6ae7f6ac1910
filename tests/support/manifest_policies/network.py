"""Network policies: roles reach what they dial and nothing else."""

import ipaddress

from tests.support.manifest_policies.reading import (
    SETTINGS,
    Resources,
    matches,
    named,
    of_kind,
    pod_of,
    role_of,
    roles,
    workloads,
)


def roles_are_reachable(resources: Resources) -> list[str]:
    """Where there are network policies: roles reach what they dial, both ends agree, and only storage reaches S3."""
    policies = of_kind(resources, "NetworkPolicy")
    if not policies:
        return []
    faults = []
    everything = [
        item
        for item in policies
        if item["spec"]["podSelector"] == {} and not ({"ingress", "egress"} & item["spec"].keys())
    ]
    if not any(set(item["spec"]["policyTypes"]) == {"Ingress", "Egress"} for item in everything):
        faults.append("nothing denies by default, both ways")
    nats_roles = ("portfolio", "portfolio-worker", "converter", "converter-worker", "events")
    dials = {
        ("gateway", "portfolio", 9102), ("gateway", "converter", 9103), ("gateway", "storage", 9101),
        ("gateway", "events", 9104),
        ("portfolio-worker", "converter", 9103), ("bootstrap", "nats", 4222),
        *((role, "storage", 9101) for role in nats_roles),
        *((role, "nats", 4222) for role in nats_roles),
        ("nats", "nats", 6222), ("storage", "s3", 8333), ("bootstrap", "s3", 8333),
    }  # fmt: skip
    names = set(map(role_of, workloads(resources))) | {"nats", "s3"}
    for source in sorted(names):
        for target in sorted(names):
            for port in (9101, 9102, 9103, 9104, 4222, 6222, 8333):
                leaves = _permits(policies, "egress", "to", source, target, port)
                enters = _permits(policies, "ingress", "from", target, source, port)
                if (leaves or enters) != ((source, target, port) in dials) or leaves != enters:
                    faults.append(f"{source} to {target}:{port}: may leave {leaves}, may enter {enters}")
    outward = {name for name in names if _leaves_the_cluster(policies, name)}
    models = {name for name, _, values in roles(resources) if "OPENAI_API_KEY" in values}
    if outward - {"secrets"} != ({"portfolio-worker", "storage", "events", "bootstrap"} & names) | models:
        faults.append(f"outward go {sorted(outward)}")
    return faults


def routes_lead_to_services(resources: Resources) -> list[str]:
    """What Ingresses and routes of the Gateway API lead to is a Service with that port; gRPC goes where gRPC is."""
    ports = {
        (item["metadata"]["name"], key): port["name"]
        for item in of_kind(resources, "Service")
        for port in item["spec"]["ports"]
        for key in (port["name"], port["port"])
    }
    faults = []
    for item in of_kind(resources, "Ingress", "HTTPRoute", "GRPCRoute"):
        if item["kind"] == "Ingress":
            backends = [path["backend"]["service"] for rule in item["spec"]["rules"] for path in rule["http"]["paths"]]
            targets = [(each["name"], next(iter(each["port"].values()))) for each in backends]
            named_hosts = {host for each in item["spec"]["tls"] for host in each["hosts"]}
            if named_hosts != {rule["host"] for rule in item["spec"]["rules"]}:
                faults.append(f"{named(item)}: hosts without TLS, or TLS without hosts")
            protocol = item["metadata"]["annotations"].get("nginx.ingress.kubernetes.io/backend-protocol", "HTTP")
        else:
            targets = [(ref["name"], ref["port"]) for rule in item["spec"]["rules"] for ref in rule["backendRefs"]]
            protocol = item["kind"].removesuffix("Route")
        faults += [
            f"{named(item)}: {protocol} to {service}:{port}, which is {ports.get((service, port))}"
            for service, port in targets
            if ports.get((service, port)) != protocol.lower()
        ]
    return faults


def the_cluster_reaches_what_it_must(resources: Resources) -> list[str]:
    """Where there are network policies: names resolve, the door opens, metrics and traces get through."""
    policies = of_kind(resources, "NetworkPolicy")
    if not policies:
        return []
    present = {role_of(item): item for item in workloads(resources)}
    paths = {
        ("egress", name, "kube-system", 53) for name in present
    } | {
        ("ingress", name, "monitoring", port["containerPort"])
        for name, item in present.items()
        for box in pod_of(item)["containers"]
        for port in box.get("ports", ())
        if port["name"] == "metrics"
    } | {
        ("egress", name, "observability", 4317) for name in present.keys() & SETTINGS.keys() - {"bootstrap"}
    } | {
        ("ingress", "gateway", "ingress-nginx", 8000), ("ingress", "gateway", "ingress-nginx", 8001),
        ("ingress", "nats", "keda", 8222),
    }  # fmt: skip
    faults = [
        f"{name}: {direction} {namespace}:{port} is not let through"
        for direction, name, namespace, port in sorted(paths)
        if name in present and not _permits_namespace(policies, direction, name, namespace, port)
    ]
    for item in policies:
        for rule in (*item["spec"].get("egress", ()), *item["spec"].get("ingress", ())):
            for block in (
                each["ipBlock"] for each in (*rule.get("to", ()), *rule.get("from", ())) if "ipBlock" in each
            ):
                whole = ipaddress.ip_network(block["cidr"])
                faults += [
                    f"{named(item)}: {part} is no part of {whole}"
                    for part in map(ipaddress.ip_network, block.get("except", ()))
                    if part.version != whole.version or not part.subnet_of(whole)  # type: ignore[arg-type]
                ]
    return faults


def _permits(policies: Resources, rules: str, end: str, subject: str, peer: str, port: int) -> bool:
    mine = {"app.kubernetes.io/name": subject, "app.kubernetes.io/part-of": "wealth"}
    other = {"app.kubernetes.io/name": peer, "app.kubernetes.io/part-of": "wealth"}
    return any(
        port in {each["port"] for each in rule["ports"]}
        and any("podSelector" in each and matches(each["podSelector"], other) for each in rule[end])
        for item in policies
        if matches(item["spec"]["podSelector"], mine)
        for rule in item["spec"].get(rules, ())
    )


def _leaves_the_cluster(policies: Resources, name: str) -> bool:
    mine = {"app.kubernetes.io/name": name}
    return any(
        each["ipBlock"]["cidr"] == "0.0.0.0/0"
        for item in policies
        if matches(item["spec"]["podSelector"], mine)
        for rule in item["spec"].get("egress", ())
        for each in rule["to"]
        if "ipBlock" in each
    )


def _permits_namespace(policies: Resources, direction: str, name: str, namespace: str, port: int) -> bool:
    mine = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "wealth"}
    wanted = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    return any(
        port in {each["port"] for each in rule["ports"]}
        and any(each.get("namespaceSelector") == wanted for each in rule["to" if direction == "egress" else "from"])
        for item in policies
        if matches(item["spec"]["podSelector"], mine)
        for rule in item["spec"].get(direction, ())
    )
