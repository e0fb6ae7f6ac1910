"""Checks of requests against the rules in the protos (protovalidate)."""

import protovalidate
from google.protobuf.message import Message

from services.common.errors import FieldViolation, InvalidInput

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
                violation.proto.message,
            )
            for violation in error.violations
        ]
        raise InvalidInput(
            "; ".join(f"{item.field}: {item.message}" for item in violations) or "the request is not valid",
            violations=violations,
        ) from error
