"""How much of something is right, in words that never round a part away."""


def percent(share: float) -> str:
    """A share of 0 to 1 in per cent, to a tenth, such as "37.5": 100 or 0 only where it is all or nothing."""
    least, most = int(share > 0), 1000 - int(share < 1)
    return f"{min(max(round(1000 * share), least), most) / 10:g}"


def tell_cells_right(share: float) -> str:
    """How many of a file's cells are right, in words."""
    return f"{percent(share)} % of the cells are right"
