"""What expires when: rules by prefix, merged with those of others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OWN_RULE = "wealth-"
MAX_RULES = 1000  # what S3 takes
ABORT_UPLOADS_AFTER_DAYS = 1


class TooManyRules(ValueError):
    """More tenants than the bucket can have rules for."""


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """Objects whose keys begin with ``prefix`` go ``days`` after they were written."""

    prefix: str
    days: int


def merge_rules(
    existing: Sequence[Mapping[str, Any]], rules: Sequence[ExpiryRule], spaces: Iterable[str]
) -> list[dict[str, Any]]:
    """The bucket's lifecycle rules in S3's form: those of others as they are, then ours for each tenant's prefix.

    ``spaces`` are the tenants' prefixes (empty for the default one). Raises TooManyRules.
    """
    merged = [dict(rule) for rule in existing if not str(rule.get("ID", "")).startswith(OWN_RULE)]
    merged += [_make_rule(space + rule.prefix, rule.days) for space in spaces for rule in rules]
    merged.append(
        {
            "ID": f"{OWN_RULE}abort-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABORT_UPLOADS_AFTER_DAYS},
        }
    )
    if len(merged) > MAX_RULES:
        raise TooManyRules(f"{len(merged)} lifecycle rules are more than the {MAX_RULES} that S3 takes")
    return merged


def are_in_force(standing: Sequence[Mapping[str, Any]], merged: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a bucket has these rules already. S3 returns them in an order and with defaults of its own."""
    by_name = {rule.get("ID"): rule for rule in standing}
    return len(standing) == len(merged) and all(
        by_name.get(rule.get("ID"), {}).get(key) == value for rule in merged for key, value in rule.items()
    )


def _make_rule(prefix: str, days: int) -> dict[str, Any]:
    name = prefix.rstrip("/").replace("/", ".")
    return {
        "ID": f"{OWN_RULE}{name}"[:255],
        "Status": "Enabled",
        "Filter": {"Prefix": prefix},
        "Expiration": {"Days": days},
    }
