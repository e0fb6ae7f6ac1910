"""What can be sent as the value of an HTTP header: the AI platform takes names and passwords in such."""


def find_unsendable(value: str) -> str:
    """Why a value cannot be sent as it is; empty where it can.

    By RFC 9110, 5.5: visible characters, with blanks between them only; beyond ASCII no two programs agree on what a
    header says.
    """
    if not value.isascii():
        return "has characters that are not ASCII"
    if any(character != "\t" and not character.isprintable() for character in value):
        return "has control characters"
    if value != value.strip(" \t"):
        return "begins or ends with a blank"
    return ""
