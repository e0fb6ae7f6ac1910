"""Generates protos/gen and protos/buf, and lints the protos.

``python protos/generate.py`` writes the stubs; ``--check`` writes nothing and fails where they are stale;
``--lint`` runs buf's rules over the protos (and ``--against FILE`` its breaking-change check).

What our protos import of others' stands beside them (``vendored.py`` writes it), so that ``protoc -I protos`` and
``buf build protos`` need nothing else.
"""

import argparse
import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

from vendored import write_vendored

PROTOS = Path(__file__).parent
GENERATED = PROTOS / "gen"
VENDORED = "buf"


def run_protoc(*arguments: str) -> None:
    """Runs protoc over all protos, as anybody would. Raises CalledProcessError on errors."""
    sources = [str(path.relative_to(PROTOS)) for path in sorted(PROTOS.rglob("*.proto"))]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", *arguments, *sources], check=True)


def run_buf(*arguments: str) -> int:
    """Runs buf; returns its exit code."""
    return subprocess.run([str(Path(sys.executable).parent / "buf"), *arguments], check=False).returncode


def generate(target: Path) -> None:
    """Writes the stubs and their type stubs below ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    plugins = Path(sys.executable).parent
    run_protoc(
        f"--plugin=protoc-gen-mypy={plugins / 'protoc-gen-mypy'}",
        f"--plugin=protoc-gen-mypy_grpc={plugins / 'protoc-gen-mypy_grpc'}",
        f"--python_out={target}",
        f"--grpc_python_out={target}",
        f"--mypy_out=quiet:{target}",
        f"--mypy_grpc_out=quiet:{target}",
    )
    # A proto without services gets an empty gRPC stub: nothing to keep.
    for stub in target.rglob("*_pb2_grpc.py"):
        if "Servicer" not in stub.read_text():
            stub.unlink()
            stub.with_suffix(".pyi").unlink(missing_ok=True)
    for package in sorted(path for path in target.rglob("*") if path.is_dir()):
        (package / "__init__.py").touch()
    for package in target.iterdir():
        (package / "py.typed").touch()


def find_differences(left: Path, right: Path) -> list[str]:
    """Names the files that differ between two trees, relative to them."""
    names = {
        path.relative_to(tree)
        for tree in (left, right)
        for path in tree.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return sorted(
        str(name)
        for name in names
        if not ((left / name).is_file() and (right / name).is_file())
        or not filecmp.cmp(left / name, right / name, shallow=False)
    )


def replace_tree(fresh: Path, target: Path) -> None:
    """Makes ``target`` the same as ``fresh``, file by file: whoever imports from it meanwhile finds all of it."""
    for name in find_differences(fresh, target):
        if (fresh / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).replace(target / name)
        else:
            (target / name).unlink()


def lint(against: Path | None) -> int:
    """Runs buf's lint, and its breaking-change check where there is an image to compare with. Returns its exit code."""
    code = run_buf("lint", str(PROTOS))
    if against is not None and code == 0:
        code = run_buf("breaking", str(PROTOS), f"--against={against}")
    return code


def main() -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="fail where protos/gen is stale")
    action.add_argument("--lint", action="store_true", help="run buf over the protos")
    action.add_argument("--image", type=Path, help="write a descriptor image to compare later versions with")
    parser.add_argument("--against", type=Path, help="with --lint: an image that must not be broken")
    options = parser.parse_args()
    if options.lint:
        return lint(options.against)
    if options.image:
        return run_buf("build", str(PROTOS), f"--output={options.image}")
    if options.check:
        with tempfile.TemporaryDirectory() as scratch:
            generate(Path(scratch, "gen"))
            write_vendored(Path(scratch))
            stale = [
                f"{tree}/{name}"
                for tree in ("gen", VENDORED)
                for name in find_differences(Path(scratch, tree), PROTOS / tree)
            ]
        for name in stale:
            print(f"stale: protos/{name} (run `make protos`)", file=sys.stderr)
        return 1 if stale else 0
    write_vendored(PROTOS)
    with tempfile.TemporaryDirectory(dir=PROTOS) as scratch:
        generate(Path(scratch) / "gen")
        replace_tree(Path(scratch) / "gen", GENERATED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
