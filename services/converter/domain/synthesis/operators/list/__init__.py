"""Units over the items of a list in a cell."""
