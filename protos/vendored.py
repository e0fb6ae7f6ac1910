"""The protos of others that ours import, written out for whoever has protoc or buf and nothing else.

protovalidate's rules (Apache-2.0) come as descriptors inside the ``protovalidate`` package. That package, pinned in the
locks, is what the services validate with, so its descriptors are the truth and the text is printed from them.
"""

from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from protovalidate._gen.buf.validate import validate_pb

PACKAGE = "protovalidate"
VALIDATE = "buf/validate/validate.proto"
LICENSE = "buf/LICENSE"
_LAST_FIELD = 536_870_911
_INDENT = "  "


def write_vendored(target: Path) -> None:
    """Writes the protos of others below ``target``, with their licence."""
    files = read_validate_files()
    proto = target / VALIDATE
    proto.parent.mkdir(parents=True, exist_ok=True)
    proto.write_text(_Printer(files).print(VALIDATE), encoding="utf-8")
    licences = [path for path in distribution(PACKAGE).files or () if path.name == "LICENSE"]
    (target / LICENSE).write_text(licences[0].read_text(encoding="utf-8"), encoding="utf-8")


def read_validate_files() -> dict[str, FileDescriptorProto]:
    """protovalidate's rules and all that they import, by name, each after what it imports."""
    files: dict[str, FileDescriptorProto] = {}

    def add(descriptor: object) -> None:
        proto = FileDescriptorProto.FromString(descriptor.proto.to_binary())  # type: ignore[attr-defined]
        for dependency in descriptor.dependencies:  # type: ignore[attr-defined]
            add(dependency)
        files.setdefault(proto.name, proto)

    add(validate_pb.desc())
    return files


class _Printer:
    """Prints a proto2 file from its descriptor: as much of the language as protovalidate's rules use."""

    def __init__(self, files: dict[str, FileDescriptorProto]) -> None:
        self._files = files
        pool = DescriptorPool()
        for file in files.values():
            pool.Add(file)
        # Options hold extensions that this file itself defines: read with its own pool, they have names.
        self._field_options = GetMessageClass(pool.FindMessageTypeByName("google.protobuf.FieldOptions"))

    def print(self, name: str) -> str:
        """The text of a file."""
        file = self._files[name]
        lines = [
            f"// Printed by protos/generate.py from the descriptors of {PACKAGE} {distribution(PACKAGE).version}.",
            "// Not to be edited. They are Buf Technologies', under the Apache License 2.0 (protos/buf/LICENSE).",
            "// What each rule means is told at https://protovalidate.com.",
            "",
            'syntax = "proto2";',
            "",
            f"package {file.package};",
            "",
            *(f'import "{dependency}";' for dependency in file.dependency),
            "",
            *(f"option {_print_option(field.name, value)};" for field, value in file.options.ListFields()),
        ]
        for extension in file.extension:
            body = self._print_field(extension)
            lines += ["", f"extend {extension.extendee} {{", _INDENT + body, "}"]
        for message in file.message_type:
            lines += ["", *self._print_message(message)]
        for enum in file.enum_type:
            lines += ["", *_print_enum(enum)]
        return "\n".join(lines) + "\n"

    def _print_message(self, message: DescriptorProto) -> Iterator[str]:
        if message.nested_type or message.enum_type or message.extension:
            raise NotImplementedError(f"{message.name} has something nested")
        yield f"message {message.name} {{"
        for span in message.reserved_range:
            yield f"{_INDENT}reserved {_print_span(span.start, span.end - 1)};"
        for reserved in message.reserved_name:
            yield f'{_INDENT}reserved "{reserved}";'
        for span in message.extension_range:
            yield f"{_INDENT}extensions {_print_span(span.start, span.end - 1)};"
        open_oneof = None
        for field in message.field:
            oneof = field.oneof_index if field.HasField("oneof_index") else None
            if oneof != open_oneof:
                if open_oneof is not None:
                    yield f"{_INDENT}}}"
                if oneof is not None:
                    yield f"{_INDENT}oneof {message.oneof_decl[oneof].name} {{"
                open_oneof = oneof
            yield (_INDENT if oneof is None else 2 * _INDENT) + self._print_field(field)
        if open_oneof is not None:
            yield f"{_INDENT}}}"
        yield "}"

    def _print_field(self, field: FieldDescriptorProto) -> str:
        label = "" if field.HasField("oneof_index") else _label(field)
        kind = field.type_name or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
        options = self._field_options.FromString(field.options.SerializeToString())
        said = [
            _print_option(f"({descriptor.full_name})" if descriptor.is_extension else descriptor.name, value)
            for descriptor, value in options.ListFields()
        ]
        if field.HasField("default_value"):
            said.insert(0, f"default = {field.default_value}")
        aside = f" [{', '.join(said)}]" if said else ""
        return f"{label}{kind} {field.name} = {field.number}{aside};"


def _label(field: FieldDescriptorProto) -> str:
    return FieldDescriptorProto.Label.Name(field.label).removeprefix("LABEL_").lower() + " "


def _print_option(name: str, value: object) -> str:
    if isinstance(value, Message):
        return f"{name} = {{ {text_format.MessageToString(value, as_one_line=True)} }}"
    if isinstance(value, bool):
        return f"{name} = {str(value).lower()}"
    if isinstance(value, str):
        return f'{name} = "{value.replace(chr(92), 2 * chr(92))}"'
    raise NotImplementedError(f"an option of {type(value).__name__}: {name}")


def _print_enum(enum: EnumDescriptorProto) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    for span in enum.reserved_range:
        yield f"{_INDENT}reserved {_print_span(span.start, span.end)};"
    for reserved in enum.reserved_name:
        yield f'{_INDENT}reserved "{reserved}";'
    for value in enum.value:
        yield f"{_INDENT}{value.name} = {value.number};"
    yield "}"


def _print_span(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first} to {'max' if last == _LAST_FIELD else last}"
