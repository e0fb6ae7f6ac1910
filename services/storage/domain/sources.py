"""Addresses that may be imported: buckets and hosts that the operator listed for a tenant."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.common.errors import InvalidInput, TooLarge, Unavailable
from services.storage.domain.files import FILE_SCHEME

ANY_TENANT = "*"
_HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class AllowedSources:
    """What one tenant may import from: buckets by name, and hosts as ``name``, ``name:port`` or ``*.domain``."""

    buckets: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BucketSource:
    """An object of another bucket."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class WebSource:
    """An https address."""

    url: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file that a user uploaded."""

    uri: str


Source = BucketSource | WebSource | FileSource


class SourceRules:
    """The allow-lists of all tenants; those under ``*`` hold for each of them. Our own bucket is never a source."""

    def __init__(self, allowed: Mapping[str, AllowedSources], own_bucket: str) -> None:
        self._allowed = dict(allowed)
        self._own_bucket = own_bucket

    def read_source(self, uri: str, tenant: str) -> Source:
        """Reads an address. Raises InvalidInput with reason SOURCE_NOT_ALLOWED where the tenant may not import it."""
        scheme = uri.partition(":")[0].lower()
        if scheme == FILE_SCHEME:
            return FileSource(uri)
        if not uri.isprintable():
            raise refuse("it is not a well-formed address")
        if scheme == "s3":
            return self._read_bucket_source(uri, tenant)
        if scheme == "https":
            return self.read_web_source(uri, tenant)
        raise refuse("it is none of s3://, https:// and file_id:")

    def read_web_source(self, uri: str, tenant: str) -> WebSource:
        """Reads an https address, first or redirected to. Raises InvalidInput as ``read_source``."""
        if not uri.isprintable() or any(character in uri for character in ' \\"<>'):
            raise refuse("it is not a well-formed address")
        try:
            parts = urlsplit(uri)
            host, port = (parts.hostname or "").rstrip("."), parts.port or _HTTPS_PORT
        except ValueError as error:
            raise refuse("it is not a well-formed address") from error
        if parts.scheme != "https" or not host or not host.isascii():
            raise refuse("only https:// addresses are fetched")
        if parts.username is not None or parts.password is not None:
            raise refuse("it carries a user name or password")
        if not self._may_fetch(host, port, tenant):
            raise refuse("its host is not on the list of allowed hosts")
        return WebSource(parts._replace(fragment="").geturl(), host, port)

    def _read_bucket_source(self, uri: str, tenant: str) -> BucketSource:
        # Not read as a URL: "?", "#" and "%" are ordinary characters of a key.
        bucket, _, key = uri[len("s3://") :].partition("/")
        allowed = any(bucket in item.buckets for item in self._for_tenant(tenant))
        if not uri[2:].startswith("://") or not key or not allowed or bucket == self._own_bucket:
            raise refuse("its bucket is not on the list of allowed buckets")
        return BucketSource(bucket, key)

    def _may_fetch(self, host: str, port: int, tenant: str) -> bool:
        suffix = "" if port == _HTTPS_PORT else f":{port}"
        names = {host + suffix}
        labels = host.split(".")
        names.update(f"*.{'.'.join(labels[start:])}{suffix}" for start in range(1, len(labels) - 1))
        return any(names & item.hosts for item in self._for_tenant(tenant))

    def _for_tenant(self, tenant: str) -> list[AllowedSources]:
        return [self._allowed[name] for name in (tenant, ANY_TENANT) if name in self._allowed]


def refuse(why: str) -> InvalidInput:
    """The error of an address that may not be imported."""
    return InvalidInput(f"this address cannot be imported: {why}", reason="SOURCE_NOT_ALLOWED", field="source_uri")


def not_found(why: str = "there is nothing at this address") -> InvalidInput:
    """The error of an address that holds nothing, or nothing for us."""
    return InvalidInput(why, reason="SOURCE_NOT_FOUND", field="source_uri")


def too_large(max_size: int) -> TooLarge:
    """The error of a source with more than ``max_size`` bytes."""
    return TooLarge(
        f"what this address holds is larger than {max_size} bytes",
        reason="SOURCE_TOO_LARGE",
        field="source_uri",
        metadata={"limit": str(max_size)},
    )


def unreachable(why: str) -> Unavailable:
    """The error of a source that does not answer as it should."""
    return Unavailable(f"the address cannot be read: {why}", reason="SOURCE_UNREACHABLE", retry_after_s=5)
