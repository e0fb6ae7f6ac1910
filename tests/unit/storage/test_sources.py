"""Which addresses a tenant may import."""

import pytest

from services.common.errors import InvalidInput
from services.storage.domain.sources import AllowedSources, BucketSource, FileSource, SourceRules, WebSource

RULES = SourceRules(
    {
        "acme": AllowedSources(frozenset({"in", "own"}), frozenset({"a.example", "b.example:8443", "*.c.example"})),
        "*": AllowedSources(frozenset({"shared"}), frozenset({"everyone.example"})),
    },
    own_bucket="own",
)


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("s3://in/a/b c%20?d#e.csv", BucketSource("in", "a/b c%20?d#e.csv")),
        ("s3://shared/a", BucketSource("shared", "a")),
        ("https://a.example/x?y=1#z", WebSource("https://a.example/x?y=1", "a.example", 443)),
        ("HTTPS://A.Example:443/", WebSource("https://A.Example:443/", "a.example", 443)),
        ("https://b.example:8443/", WebSource("https://b.example:8443/", "b.example", 8443)),
        ("https://d.c.example/", WebSource("https://d.c.example/", "d.c.example", 443)),
        ("https://e.d.c.example/", WebSource("https://e.d.c.example/", "e.d.c.example", 443)),
        ("https://everyone.example/", WebSource("https://everyone.example/", "everyone.example", 443)),
        ("file_id:alice/0", FileSource("file_id:alice/0")),
    ],
)
def test_19_listed_addresses_are_read(uri: str, source: object) -> None:
    assert RULES.read_source(uri, "acme") == source


@pytest.mark.parametrize(
    "uri",
    [
        "", "x", "s3://", "s3://in", "s3://in/", "s3:in/a", "s3://other/a", "s3://own/a", "S3:///in/a",
        "http://a.example/", "ftp://a.example/", "file:///etc/passwd", "gopher://a.example/",
        "https://", "https:a.example", "https:///a.example", "https://b.example/", "https://a.example:8443/",
        "https://a.example:99999/", "https://c.example/", "https://xc.example/", "https://a.example.evil.example/",
        "https://user@a.example/", "https://a.example@evil.example/", "https://a.example\\@evil.example/",
        "https://evil.example#@a.example/", "https://a.example /", "https://a.exa\tmple/", "https://ａ.example/",
        "https://127.0.0.1/", "https://[::1]/", "https://2130706433/",
    ],
)  # fmt: skip
def test_19_all_other_addresses_are_refused(uri: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        RULES.read_source(uri, "acme")
    assert (caught.value.reason, caught.value.field) == ("SOURCE_NOT_ALLOWED", "source_uri")


def test_19_one_tenants_list_is_not_anothers() -> None:
    with pytest.raises(InvalidInput):
        RULES.read_source("s3://in/a", "other")
