"""Whose a failure is, and what becomes of its job."""

import errno
import importlib
import pkgutil
from collections.abc import Iterator

import grpc
import grpc.aio
import nats.errors
import pytest

import services.common
import services.converter
import services.portfolio
from services.common import errors
from services.common.errors import WealthError
from services.common.jobs.owners import Owner, is_verdict, owner_of
from services.common.jobs.queue import QueueMissingError
from services.common.jobs.writer import ResultRefused
from services.common.status import from_rpc_error
from services.converter.adapters.crew.pool import CrewLostError
from services.converter.adapters.engine_pool import EngineLostError, EngineUnansweredError
from services.converter.ports import ConversionRefused
from services.portfolio.domain.errors import BoundError, DetectionError, InputError, NarrationError, NumberError

JOB, WORKER, PLATFORM = Owner.JOB, Owner.WORKER, Owner.PLATFORM


def bare(code: grpc.StatusCode) -> WealthError:
    """What a client makes of a status that no service wrote."""
    return from_rpc_error(grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), "?", ""))


# The failure, whose it is, and whether its job ends with it.
TABLE: tuple[tuple[BaseException, Owner, bool], ...] = (
    # The job's own, the same whenever it is tried again.
    (errors.InvalidInput("wrong", field="input"), JOB, True),
    (errors.TooLarge("large"), JOB, True),
    (errors.NotFound("gone"), JOB, True),
    (errors.PreconditionFailed("was deleted", reason="PROGRAM_GONE"), JOB, True),
    (errors.Unauthenticated("the platform refuses them", reason="CREDENTIALS_GONE"), JOB, True),
    (errors.Denied("not this user", reason="USER_NOT_ALLOWED"), JOB, True),
    (WealthError("not done in time", reason="JOB_TIMEOUT"), JOB, True),
    (ConversionRefused("no rule explains it", reason="NOT_LEARNED"), JOB, True),
    (NarrationError("no words"), JOB, True),
    (InputError("data", None, "a field"), JOB, True),
    (NumberError("data", None, "a number"), JOB, True),
    (DetectionError("data", None, "a section"), JOB, True),
    (BoundError("data", None, "a bound"), JOB, True),
    (ResultRefused("too large to be kept"), JOB, True),
    # The job's own as far as anybody can tell, and may pass.
    (errors.Exhausted("the source is busy", reason="SOURCE_BUSY"), JOB, False),
    (errors.RetryableError("later"), JOB, False),
    (errors.Unavailable("the named address", reason="SOURCE_UNREACHABLE"), JOB, False),
    (EngineLostError("crashed"), JOB, False),
    (CrewLostError("crashed"), JOB, False),
    (KeyError("a bug"), JOB, False),
    (MemoryError(), JOB, False),
    (FileNotFoundError(errno.ENOENT, "a bug"), JOB, False),
    # The worker's.
    (EngineUnansweredError("stopped"), WORKER, False),
    (OSError(errno.ENOSPC, "full"), WORKER, False),
    (OSError(errno.EMFILE, "too many files"), WORKER, False),
    # The platform's.
    (errors.Unavailable("away", reason="S3_UNAVAILABLE"), PLATFORM, False),
    (errors.Unavailable("clocks", reason="CLOCKS_DIFFER"), PLATFORM, False),
    (QueueMissingError("no queue"), PLATFORM, False),
    (errors.Exhausted("storage is full", reason="STORAGE_BUSY"), PLATFORM, False),
    (errors.Exhausted("bodies", reason="TOO_MANY_LARGE_BODIES"), PLATFORM, False),
    (errors.Internal("internal error 1f"), PLATFORM, False),
    (errors.Internal("other bytes", reason="CHECKSUM_MISMATCH"), PLATFORM, False),
    (errors.Conflict("another write", reason="RECORD_CHANGED"), PLATFORM, False),
    (errors.AlreadyExists("another object", reason="OBJECT_EXISTS"), PLATFORM, False),
    (errors.Unauthenticated("keys differ", reason="SERVICE_TOKEN_INVALID"), PLATFORM, False),
    (errors.Denied("rules of before", reason="METHOD_NOT_ALLOWED"), PLATFORM, False),
    (errors.Denied("rules of before", reason="KEY_NOT_ALLOWED"), PLATFORM, False),
    (errors.Denied("rules of before", reason="KIND_NOT_ALLOWED"), PLATFORM, False),
    (nats.errors.TimeoutError(), PLATFORM, False),
    # Statuses that no service wrote: gRPC's own, a proxy's, an older release's.
    (bare(grpc.StatusCode.UNKNOWN), PLATFORM, False),
    (bare(grpc.StatusCode.INTERNAL), PLATFORM, False),
    (bare(grpc.StatusCode.UNIMPLEMENTED), PLATFORM, False),
    (bare(grpc.StatusCode.DATA_LOSS), PLATFORM, False),
    (bare(grpc.StatusCode.UNAVAILABLE), PLATFORM, False),
    (bare(grpc.StatusCode.CANCELLED), PLATFORM, False),
    (bare(grpc.StatusCode.DEADLINE_EXCEEDED), PLATFORM, False),
    (bare(grpc.StatusCode.RESOURCE_EXHAUSTED), JOB, True),  # gRPC's own limit of a message's size
)


@pytest.mark.parametrize(("failure", "owner", "ends"), TABLE, ids=lambda value: str(value)[:40])
def test_22_every_failure_has_an_owner(failure: BaseException, owner: Owner, ends: bool) -> None:
    assert (owner_of(failure), is_verdict(failure)) == (owner, ends)


_PACKAGES = (services.common, services.converter, services.portfolio)
_MET = tuple(package.__name__ for package in _PACKAGES)


def kinds(of: type[WealthError] = WealthError) -> Iterator[type[WealthError]]:
    """All kinds of error below one, and itself."""
    yield of
    for kind in of.__subclasses__():
        yield from kinds(kind)


def test_22_the_table_has_every_kind_that_a_worker_may_meet() -> None:
    for package in _PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and not module.ispkg and ".crew.child" not in module.name:
                importlib.import_module(module.name)
    told = {type(failure) for failure, _, _ in TABLE}
    assert {kind for kind in kinds() if kind.__module__.startswith(_MET)} <= told
