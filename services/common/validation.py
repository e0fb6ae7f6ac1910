"""Checks of requests against the rules in the protos (protovalidate)."""

import protovalidate
from google.protobuf.message import Message

from services.common.errors import FieldViolation, InvalidInput
from services.common.fault_words import PATTERN_WORDS

_VALIDATOR = protovalidate.Validator()


def validate(request: Message) -> None:
    """Raises ``InvalidInput`` naming every field that breaks a rule."""
    try:
        _VALIDATOR.validate(request)
    except protovalidate.ValidationError as error:
        violations = [
            FieldViolation(
                ".".join(
                    element.field_name for element in (violation.proto.field.elements if violation.proto.field else ())
                ),
                _tell(violation),
            )
            for violation in error.violations
        ]
        raise InvalidInput(
            "; ".join(f"{item.field}: {item.message}" for item in violations) or "the request is not valid",
            violations=violations,
        ) from error


def _tell(violation: protovalidate.Violation) -> str:
    """What is wrong, in words: protovalidate quotes the expression that a text is held to."""
    message = str(violation.proto.message)
    return PATTERN_WORDS.get(str(violation.rule_value), message) if "regex" in message else message
