"""Reference tables made ready for the programs that look things up in them."""

from collections.abc import Mapping
from pathlib import Path

from services.converter.domain.faults import ReadingFault
from services.converter.domain.references import MOST_REFERENCE_BYTES, ReferenceInvalid, lacking
from services.converter.domain.stored_report import StoredTraining
from services.converter.ports import Spool, Spooler


def spool_references(
    files: Mapping[str, Path], training: StoredTraining, spooler: Spooler, directory: Path
) -> dict[str, Spool]:
    """The reference tables that a training's program reads. Raises `ReferenceInvalid`, `ReadingFault`."""
    if sum(path.stat().st_size for path in files.values()) > MOST_REFERENCE_BYTES:
        raise ReferenceInvalid(f"references: more than {MOST_REFERENCE_BYTES} bytes together")
    found = {}
    for number, (name, read) in enumerate(training.references.items()):
        if name not in files:
            raise ReferenceInvalid(f"references: the program reads {name}, which was not given")
        private = directory / f"reference-{number}"
        private.mkdir()
        try:
            found[name] = spooler.spool(files[name], private, read.hints).spool
        except ReadingFault as fault:
            raise ReadingFault(fault.reason, f"references: {name}: {fault.message}", row=fault.row) from fault
        missing = lacking(found[name].names, read.columns)
        if missing:
            raise ReferenceInvalid(f'references: {name} has no column "{missing[0]}", which the program reads')
    return found
