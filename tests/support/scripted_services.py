"""The services behind the gateway as scripted servers: real sockets, real identity checks, answers by the test.

Where a test says nothing, a method answers UNIMPLEMENTED.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.descriptor import ServiceDescriptor
from wealth.converter.v1 import converter_pb2, converter_pb2_grpc
from wealth.events.v1 import events_pb2, events_pb2_grpc
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc
from wealth.storage.v1 import storage_pb2, storage_pb2_grpc

from services.common.context import current_call
from services.common.errors import NotFound
from services.common.identity import Principal, TokenVerifier
from services.common.interceptors import ServerInterceptor
from services.common.server import DependencyCheck, GrpcServer
from services.common.settings import ServiceSettings

Answer = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class SeenCall:
    """A call as a service saw it."""

    method: str
    request: Any
    principal: Principal | None
    request_id: str
    metadata: Mapping[str, Any]
    deadline_s: float | None


class ScriptedService:
    """Answers each method by ``answers[method](request)``.

    An answer returns a message, a list of messages or an asynchronous iterator of them for streams, or raises. For a
    client's stream the request is the list of its messages.
    """

    def __init__(self, descriptor: ServiceDescriptor) -> None:
        self._descriptor = descriptor
        self.answers: dict[str, Answer] = {}
        self.seen: list[SeenCall] = []
        self.running = 0

    def __getattr__(self, name: str) -> Any:
        method = self._descriptor.methods_by_name.get(name)
        if method is None:
            raise AttributeError(name)

        async def unary(request: Any, context: Any) -> Any:
            self._note(name, request, context)
            answer = self._answer(name, request)
            return await answer if asyncio.iscoroutine(answer) else answer

        async def collect(requests: AsyncIterator[Any], context: Any) -> Any:
            messages = [message async for message in requests]
            self._note(name, messages, context)
            return self._answer(name, messages)

        async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
            self._note(name, request, context)
            self.running += 1
            try:
                async for message in _iterate(self._answer(name, request)):
                    yield message
            finally:
                self.running -= 1

        if method.server_streaming:
            return stream
        return collect if method.client_streaming else unary

    def last(self, method: str) -> SeenCall:
        """The last call of a method."""
        return [call for call in self.seen if call.method == method][-1]

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(call.method == method for call in self.seen)

    def _answer(self, name: str, request: Any) -> Any:
        if name not in self.answers:
            raise NotImplementedError(f"no answer was scripted for {name}")
        return self.answers[name](request)

    def _note(self, name: str, request: Any, context: Any) -> None:
        call = current_call()
        metadata = dict(context.invocation_metadata() or ())
        self.seen.append(SeenCall(name, request, call.principal, call.request_id, metadata, context.time_remaining()))


async def _iterate(answer: Any) -> AsyncIterator[Any]:
    if isinstance(answer, Iterable):
        for message in answer:
            yield message
    else:
        async for message in answer:
            yield message


class ScriptedSuite:
    """The services on free ports, trusting one key as the gateway's."""

    def __init__(self, gateway_key: Ed25519PrivateKey) -> None:
        self.portfolio = ScriptedService(portfolio_pb2.DESCRIPTOR.services_by_name["PortfolioService"])
        self.converter = ScriptedService(converter_pb2.DESCRIPTOR.services_by_name["ConverterService"])
        self.storage = ScriptedService(storage_pb2.DESCRIPTOR.services_by_name["StorageService"])
        self.events = ScriptedService(events_pb2.DESCRIPTOR.services_by_name["EventsService"])
        self.dependencies: dict[str, bool] = {"s3": True}
        self.records: dict[str, storage_pb2.Record] = {}
        self._keep_records()
        self._key = gateway_key
        self._servers: dict[str, GrpcServer] = {}
        self.targets: dict[str, str] = {}

    async def start(self) -> None:
        """Starts all."""
        for name in ("portfolio", "converter", "storage", "events"):
            await self.start_service(name)

    async def start_service(self, name: str) -> None:
        """Starts one, at the port that it had before where it had one."""
        registers = {
            "portfolio": portfolio_pb2_grpc.add_PortfolioServiceServicer_to_server,
            "converter": converter_pb2_grpc.add_ConverterServiceServicer_to_server,
            "storage": storage_pb2_grpc.add_StorageServiceServicer_to_server,
            "events": events_pb2_grpc.add_EventsServiceServicer_to_server,
        }
        verifier = TokenVerifier(name, {"gateway": [self._key.public_key()]})
        server = GrpcServer(
            self.targets.get(name, "127.0.0.1:0"),
            ServiceSettings(),
            interceptors=[ServerInterceptor(verifier, default_timeout_s=30)],
            dependencies={"s3": self._check("s3")} if name == "storage" else None,
            check_interval_s=0.05,
            max_message_bytes=64 * 1024 * 1024,
        )
        service = getattr(self, name)
        server.add(registers[name], service, service._descriptor.full_name)
        await server.start()
        self.targets[name] = f"127.0.0.1:{server.port}"
        self._servers[name] = server

    async def reset(self) -> None:
        """Forgets what was said and seen."""
        for service in (self.portfolio, self.converter, self.storage, self.events):
            service.answers.clear()
            service.seen.clear()
        self.records.clear()
        self._keep_records()

    async def stop_service(self, name: str) -> None:
        """Stops one at once."""
        await self._servers.pop(name).stop()

    async def stop(self) -> None:
        """Stops what runs."""
        for name in list(self._servers):
            await self.stop_service(name)

    def _keep_records(self) -> None:
        """Lets storage keep the gateway's own records, which each page asks for."""

        def create(request: storage_pb2.CreateRecordRequest) -> storage_pb2.Record:
            return self.records.setdefault(request.record.key, request.record)

        def read(request: storage_pb2.GetRecordRequest) -> storage_pb2.Record:
            if request.key not in self.records:
                raise NotFound("there is no such record", reason="RECORD_NOT_FOUND")
            return self.records[request.key]

        self.storage.answers |= {"CreateRecord": create, "GetRecord": read}

    def _check(self, name: str) -> DependencyCheck:
        async def check() -> None:
            if not self.dependencies[name]:
                raise ConnectionError(f"{name} is away")

        return check
