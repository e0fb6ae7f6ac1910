"""Names under which a fact table glosses what has to be said beside its figures, and codes of notes on it."""

UNPRICED = "unpriced"
"""The names of what has no price among others that do, one a line: it is in no figure."""
AT_FACE = "at_face"
"""The note that no price was sent of anything, so that all is counted at its face value."""
UNNAMED = "Unnamed"
"""What a row is called that has no name and nothing else by which it could be."""
