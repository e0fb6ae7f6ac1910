"""Proxies that stand between a process and its S3 or NATS, and do to their traffic what networks and servers do."""

from tests.support.faults.http_proxy import HttpFaultProxy
from tests.support.faults.kinds import HTTP_FAULTS, NATS_FAULTS, Fault, FaultKind
from tests.support.faults.nats_proxy import NatsFaultProxy

__all__ = ["HTTP_FAULTS", "NATS_FAULTS", "Fault", "FaultKind", "HttpFaultProxy", "NatsFaultProxy"]
