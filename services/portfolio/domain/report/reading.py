"""Values of a stored result, which may be of an older form: what cannot be read must not fail a report."""

from decimal import Decimal, InvalidOperation


def read_decimal(value: object) -> Decimal:
    """A number of the stored result; zero for what is none."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)
