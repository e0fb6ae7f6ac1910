"""Uploaded files as REST shows them."""

from pydantic import BaseModel, Field

from services.gateway.rest.examples import shown_as

_FILE_EXAMPLE = {
    "uri": "file_id:4f0c8a526f0e4a7e9b440d2f6f6b8a11",
    "file_id": "4f0c8a526f0e4a7e9b440d2f6f6b8a11",
    "size": 1048576,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "user_id": "a.meier",
    "file_name": "trades.csv",
    "content_type": "text/csv",
    "created_at": "2026-01-02T03:04:05.000Z",
}


class StoredFile(BaseModel):
    """An uploaded file."""

    model_config = shown_as(_FILE_EXAMPLE)

    uri: str = Field(description="What input_file and expected_output_file accept")
    file_id: str
    size: int
    sha256: str
    user_id: str
    file_name: str
    content_type: str
    created_at: str | None


class FilePage(BaseModel):
    """A page of a user's files."""

    model_config = shown_as({"files": [_FILE_EXAMPLE], "next_page_token": ""})

    files: list[StoredFile]
    next_page_token: str
