"""What is rated below the sustainability that the client wants, and what has no such rating."""

from services.portfolio.domain.facts import Draft, join_names, slug
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.reading.esg import SCALE

ESG_FLOOR = "the least rating of sustainability is"
ESG_UNRATED = "these have no rating of sustainability"
_NAMED = 4


def add_esg(reading: Reading, draft: Draft) -> None:
    """Gloss each with its rating, and state its weight; nothing where no rating is asked for, or none was sent."""
    rows = [row for table in reading.tables.values() for row in table.rows if row.text("name")]
    if reading.esg_floor is None or not any(row.esg for row in rows):
        return
    floor = reading.esg_floor[1]
    draft.glosses[ESG_FLOOR] = floor
    draft.name(floor)
    for row in rows:
        name = row.text("name") or ""
        if row.esg is None or SCALE.index(row.esg) <= SCALE.index(floor):
            continue
        draft.glosses[f"{name} has an ESG rating"] = row.esg
        draft.name(name, row.esg)
        weight = draft.find(f"weight.{slug(name)}") or draft.find(f"weight.position.{slug(name)}")
        if weight is not None:
            draft.state("below_esg", weight.value, weight.inputs, subject=name, key=slug(name), method=weight.method)
    bare = list(dict.fromkeys(row.text("name") or "" for row in rows if row.esg is None))
    if bare:
        more = f" and {len(bare) - _NAMED} more" if len(bare) > _NAMED else ""
        draft.glosses[ESG_UNRATED] = join_names(bare[:_NAMED]) + more
