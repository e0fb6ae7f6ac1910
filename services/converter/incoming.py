"""Files as they come in with a request: read, checked as far as that needs no fetching, and put where workers look."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from services.common.errors import InvalidInput, NotFound
from services.common.jobs.runtime import JobRuntime
from services.common.other_process import OtherProcess
from services.common.tasks import run_together
from services.converter.domain.places import Places
from services.converter.domain.sources import Source, read_source

INPUT, EXPECTED, REFERENCE = "input", "expected", "reference_"
"""Names of a job's sources; those of references are numbered, all others are samples'."""
_FIELDS = {INPUT: "input_file", EXPECTED: "expected_output_file"}


def field_of(source: str) -> str:
    """The field of a request that one of a job's sources came in."""
    return _FIELDS.get(source, "references" if source.startswith(REFERENCE) else "samples")


@dataclass(frozen=True, slots=True)
class Incoming:
    """Reads what requests name as files, and keeps what they hold themselves."""

    runtime: JobRuntime
    places: Places
    elsewhere: OtherProcess
    inline_max_bytes: int

    async def read(self, texts: Mapping[str, str], user_id: str) -> dict[str, Source]:
        """Reads and checks the named inputs, as far as that needs no fetching. Raises InvalidInput with the field."""
        storage, sources = self.runtime.storage, {}
        for name, text in texts.items():
            where = field_of(name)
            read = partial(read_source, field=where, max_inline_bytes=self.inline_max_bytes)
            source = await self.elsewhere.run(len(text), read, text)
            try:
                if source.kind == "file":
                    source = replace(source, name=(await storage.get_file(source.uri)).file_name)
                elif source.kind == "address":
                    await storage.check_source(source.uri, self.places.fixed_key(user_id, "check", name))
            except NotFound as error:
                raise InvalidInput("no such file", reason="FILE_NOT_FOUND", field=where) from error
            except InvalidInput as error:
                raise InvalidInput(error.message, reason=error.reason, field=where) from error
            sources[name] = source
        return sources

    async def store(
        self, sources: Mapping[str, Source], user_id: str, job_id: str, generation: int
    ) -> dict[str, dict[str, str]]:
        """The sources as a job's record has them, with what came in the request itself put into the bucket."""

        async def store(name: str, source: Source) -> dict[str, str]:
            stored = {"kind": source.kind, "uri": source.uri, "shown": source.shown, "name": source.name}
            if source.kind != "inline":
                return stored
            # By content: of two retrainings at once, the one that is refused must not change the other's input.
            digest = hashlib.sha256(source.content).hexdigest()[:16]
            key = self.places.inline_key(user_id, job_id, generation, f"{name}-{digest}.csv")
            await self.runtime.storage.keep_object(key, source.content, content_type="text/csv")
            return {**stored, "key": key}

        found = await run_together(*(store(name, source) for name, source in sources.items()))
        return dict(zip(sources, found, strict=True))
