"""Units over numbers: read in a style, computed with, written anew."""
