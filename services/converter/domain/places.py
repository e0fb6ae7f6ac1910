"""Where a job's things stand in the bucket, below its tenant's prefix."""

from dataclasses import dataclass

from services.common.paths import decode_segment, encode_segment

METADATA = "job_metadata.json"


@dataclass(frozen=True, slots=True)
class Places:
    """The layout ``{prefix}{user}/{job}/...``; ``prefix`` is empty or ends in "/"."""

    prefix: str

    def user_folder(self, user_id: str) -> str:
        """All that belongs to a user."""
        return f"{self.prefix}{encode_segment(user_id)}/"

    def folder(self, user_id: str, job_id: str) -> str:
        """All that belongs to a job."""
        return f"{self.user_folder(user_id)}{encode_segment(job_id)}/"

    def record_key(self, user_id: str, job_id: str) -> str:
        """The job's record."""
        return f"{self.folder(user_id, job_id)}{METADATA}"

    @staticmethod
    def job_id_of(record_key: str) -> str:
        """The job that a record's key names."""
        return decode_segment(record_key.split("/")[-2])

    def inline_key(self, user_id: str, job_id: str, generation: int, name: str) -> str:
        """An input that came with the request."""
        return f"{self.folder(user_id, job_id)}g{generation}/{name}"

    def attempt_folder(self, user_id: str, job_id: str, generation: int, attempt: int) -> str:
        """What one attempt uploads; its manifest decides what of it counts."""
        return f"{self.folder(user_id, job_id)}g{generation}/a{attempt}/"

    def program_key(self, user_id: str, job_id: str, generation: int, sha256: str) -> str:
        """A program, for good: inferences that were accepted with it use it whatever is learned later."""
        return f"{self.folder(user_id, job_id)}programs/{generation}-{sha256}.sql"

    def program_report_key(self, user_id: str, job_id: str, generation: int, sha256: str) -> str:
        """The report that belongs to a program, by its own checksum: what the program was learned from is what its
        inferences are checked against, and two attempts may tell of one program in different words."""
        return f"{self.folder(user_id, job_id)}programs/{generation}-report-{sha256}.json"

    def fixed_key(self, user_id: str, job_id: str, name: str) -> str:
        """A name that people expect in the bucket, such as ``program.sql``."""
        return f"{self.folder(user_id, job_id)}{name}"
