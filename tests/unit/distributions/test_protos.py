"""The protos as they stand: what anybody's protoc and buf make of the folder, with nothing else at hand."""

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).parents[3]
PROTOS = ROOT / "protos"
FILES = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
VALIDATE = "buf/validate/validate.proto"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileDescriptorProto]:
    """The descriptors that plain protoc makes of all files."""
    target = tmp_path_factory.mktemp("protoc") / "all.binpb"
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", "-I", "protos", f"--descriptor_set_out={target}", *FILES],
        cwd=ROOT,
        check=True,
    )
    return {file.name: file for file in FileDescriptorSet.FromString(target.read_bytes()).file}


def test_protoc_reads_every_file_with_nothing_but_the_folder(compiled: dict[str, FileDescriptorProto]) -> None:
    assert {name.split("/")[0] for name in compiled} == {"buf", "wealth"}
    assert sorted(compiled) == FILES


def test_buf_builds_the_folder_with_no_dependency_to_fetch(tmp_path: Path) -> None:
    buf = Path(sys.executable).parent / "buf"
    image = tmp_path / "image.binpb"
    subprocess.run([buf, "build", str(PROTOS), "-o", str(image)], check=True, env={"BUF_CACHE_DIR": str(tmp_path)})
    built = {file.name for file in FileDescriptorSet.FromString(image.read_bytes()).file}
    assert set(FILES) <= built


def test_the_rules_of_protovalidate_are_those_that_the_services_validate_with(
    compiled: dict[str, FileDescriptorProto],
) -> None:
    assert compiled[VALIDATE] == FileDescriptorProto.FromString(validate_pb.desc().proto.to_binary())
    assert "Apache License" in (PROTOS / "buf" / "LICENSE").read_text()


def test_every_proto_of_ours_says_its_go_package(compiled: dict[str, FileDescriptorProto]) -> None:
    for name, file in compiled.items():
        if name != VALIDATE:
            folder = name.rpartition("/")[0]
            assert file.options.go_package == f"{folder};{''.join(folder.split('/')[1:])}"
