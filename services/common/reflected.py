"""What reflection tells of a gRPC server: the methods that it serves, the messages that those speak in, and no more.

A process knows more protos than it serves, and the gateway's door opens some methods of a service and not others. Tools
that find methods by reflection offer whatever is described, so what is not served is not described either.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FileDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import Default, DescriptorPool


def describe_served(names: Iterable[str], open_paths: Collection[str] | None = None) -> DescriptorPool:
    """A pool with the files of the services called ``names``, cut down to their methods and what those speak in.

    ``open_paths`` (``/package.Service/Method``) are the methods that are served; None: all of them. What the files
    import comes along whole. Raises KeyError where a name is no service's.
    """
    known = Default()
    services = [known.FindServiceByName(name) for name in names]
    methods = [method for service in services for method in service.methods]
    paths = {path for path in map(_path, methods) if open_paths is None or path in open_paths}
    served = [method for method in methods if _path(method) in paths]
    spoken = _find_spoken(side for method in served for side in (method.input_type, method.output_type))
    cut = {service.file.name for service in services}
    pool = DescriptorPool()
    for file in _with_imports(service.file for service in services):
        proto = FileDescriptorProto()
        file.CopyToProto(proto)
        if file.name in cut:
            _cut_down(proto, paths, spoken)
        pool.Add(proto)
    return pool


def _path(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def _cut_down(file: FileDescriptorProto, paths: Collection[str], spoken: Collection[str]) -> None:
    """Takes out of a file what is not served, and what only that speaks in."""
    for service in file.service:
        served = {path.rpartition("/")[2] for path in paths if path.startswith(f"/{file.package}.{service.name}/")}
        _keep(service.method, served.__contains__)
    named = {service.name for service in file.service if service.method}
    _keep(file.service, named.__contains__)
    for entries in (file.message_type, file.enum_type):
        _keep(entries, lambda name: f"{file.package}.{name}" in spoken)


def _keep(entries: Any, wanted: Callable[[str], bool]) -> None:
    for index in reversed(range(len(entries))):
        if not wanted(entries[index].name):
            del entries[index]


def _find_spoken(messages: Iterable[Descriptor]) -> frozenset[str]:
    """The full names of all top-level messages and enums that these are made of."""
    found: set[str] = set()
    waiting: list[Descriptor | EnumDescriptor] = list(messages)
    while waiting:
        item = waiting.pop()
        while item.containing_type is not None:
            item = item.containing_type
        if item.full_name in found:
            continue
        found.add(item.full_name)
        if isinstance(item, Descriptor):
            waiting += _fields_of(item)
    return frozenset(found)


def _fields_of(message: Descriptor) -> Iterator[Descriptor | EnumDescriptor]:
    for field in message.fields:
        kind = field.message_type or field.enum_type
        if kind is not None:
            yield kind
    for nested in message.nested_types:
        yield from _fields_of(nested)


def _with_imports(files: Iterable[FileDescriptor]) -> Iterator[FileDescriptor]:
    """The files and what they import, each once and after what it imports."""
    seen: set[str] = set()

    def walk(file: FileDescriptor) -> Iterator[FileDescriptor]:
        if file.name in seen:
            return
        seen.add(file.name)
        for dependency in file.dependencies:
            yield from walk(dependency)
        yield file

    for file in files:
        yield from walk(file)
