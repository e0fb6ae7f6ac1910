"""Units over text: taken apart, cut, joined, rewritten."""
