"""Puts the wheel together: the suite's own client and what it stands on, as one package of a name of its own.

The suite's commands use the client as ``services.client.rest`` and share its errors with the services. Elsewhere nobody
wants a package called ``services``, so the same modules go into the wheel as ``wealth_client``, imports and words with
them. A module that the client comes to need is added to ``MODULES``; the build fails until it is.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "wealth_client"
CLIENT = "services.client.rest"
MODULES = {
    "services.common.errors": f"{PACKAGE}.errors",
    "services.common.clock": f"{PACKAGE}.clock",
    "services.common.placing": f"{PACKAGE}.placing",
}
"""What the client stands on: the suite's name of a module -> its name in the wheel."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Renames the client's modules into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the renamed files to the wheel. Raises RuntimeError where a module is missing in ``MODULES``."""
        repository = Path(self.root).parent
        self._scratch = tempfile.TemporaryDirectory()
        package = Path(self._scratch.name, PACKAGE)
        package.mkdir()
        for source in sorted((repository / CLIENT.replace(".", "/")).glob("*.py")):
            (package / source.name).write_text(rename(source.read_text("utf-8")), encoding="utf-8")
        for module, renamed in MODULES.items():
            target = package / f"{renamed.rpartition('.')[2]}.py"
            if target.exists():
                raise RuntimeError(f"the client has a module {target.name} of its own: give {module} another name")
            target.write_text(
                rename((repository / f"{module.replace('.', '/')}.py").read_text("utf-8")), encoding="utf-8"
            )
        (package / "py.typed").touch()
        build_data["force_include"][str(package)] = PACKAGE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Removes what was made for the wheel."""
        self._scratch.cleanup()


def rename(source: str) -> str:
    """A module as the wheel has it. Raises RuntimeError where it names one of the suite's that the wheel has not."""
    source = re.sub(rf"\b{re.escape(CLIENT)}\b", PACKAGE, source)
    source = source.replace("from services.common import errors", f"from {PACKAGE} import errors")
    for module, renamed in MODULES.items():
        source = re.sub(rf"\b{re.escape(module)}\b", renamed, source)
    left = re.search(r"^\s*(?:from|import) services\b.*", source, re.MULTILINE)
    if left:
        raise RuntimeError(f"not in the wheel: {left.group().strip()}")
    return source
