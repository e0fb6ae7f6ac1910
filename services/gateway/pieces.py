"""How much is read of a connection at once: little of a stranger, whose piece is in memory before anybody looks at it.

One buffer serves all connections of the process: each copies its piece before the loop reads the next.
"""

STRANGER_PIECE_BYTES = 16 * 1024
PIECE_BYTES = 256 * 1024

_buffer = memoryview(bytearray(PIECE_BYTES))
_little = _buffer[:STRANGER_PIECE_BYTES]


def piece_for(*, stranger: bool) -> memoryview:
    """Where the loop reads the next piece to."""
    return _little if stranger else _buffer


def take_piece(count: int) -> bytes:
    """The piece of ``count`` bytes that was read last."""
    return bytes(_buffer[:count])
