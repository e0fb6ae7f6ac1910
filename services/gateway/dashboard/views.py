"""What pages show of tasks and jobs, ready for templates. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TONES = {
    "completed": "good",
    "error": "bad",
    "failed": "bad",
    "cancelled": "still",
    "pending": "still",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a narrative; ``source`` says which figure a number rests on, empty for plain words."""

    text: str
    source: str


def tone_of(status: str) -> str:
    """How a status is shown: "good", "bad", "still" or "busy"."""
    return _TONES.get(status, "busy")


def mark_numbers(section: Mapping[str, Any]) -> Sequence[Piece]:
    """Cuts a section's narrative at its traced numbers, each with the figure that it states."""
    narrative: str = section["response"]
    facts = {fact["id"]: fact for fact in section["facts"]}
    traces = (section["grounding"] or {}).get("traces", [])
    pieces: list[Piece] = []
    position = 0
    for trace in sorted(traces, key=lambda item: item["start"]):
        start, text = trace["start"], trace["text"]
        if start < position or narrative[start : start + len(text)] != text:
            continue
        pieces += [
            Piece(narrative[position:start], ""),
            Piece(text, _describe(facts.get(trace["fact"]), trace["fact"])),
        ]
        position = start + len(text)
    return [piece for piece in (*pieces, Piece(narrative[position:], "")) if piece.text]


def _describe(fact: Mapping[str, Any] | None, fact_id: str) -> str:
    if fact is None:
        return fact_id
    value = " ".join(part for part in (fact.get("currency"), fact["value"]) if part)
    method = f" ({fact['method']})" if fact.get("method") else ""
    return f"{fact.get('label') or fact_id}: {value}{method}"
