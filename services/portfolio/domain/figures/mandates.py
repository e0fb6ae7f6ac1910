"""What is rated below the least that the client wants held."""

from services.portfolio.domain.facts import FLOOR, Draft, slug
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.reading.mandates import tell_before
from services.portfolio.domain.reference import Reference


def add_floor(reading: Reading, draft: Draft, reference: Reference) -> None:
    """Gloss what is rated below the client's minimum, with its weight where that is known."""
    if reading.rating_floor is None:
        return
    floor = reading.rating_floor[1]
    for table in reading.tables.values():
        for row in table.rows:
            rating, name = row.text("rating"), row.text("name")
            if rating is None or name is None or not reference.is_rated_below(rating, floor):
                continue
            before = tell_before(row, reference)
            draft.glosses[FLOOR] = floor
            draft.glosses[f"{name} is rated"] = f"{rating}\n{before}"
            draft.quote(before)
            draft.name(name, rating, floor)
            weight = draft.find(f"weight.{slug(name)}") or draft.find(f"weight.position.{slug(name)}")
            if weight is not None:
                draft.state(
                    "below_floor", weight.value, weight.inputs, subject=name, key=slug(name), method=weight.method
                )
