"""Look-ups that the user's words name ("countries to ISO codes"): a model gives the values, the example proves them.

The words name what the world knows and the example cannot teach: each value stands in few rows. The model is shown the
values of a column and a part of what they became; what it gives for the others has to be right. What it gives for
values that the example does not have is known to the program, and noted in every file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common.model_answers import list_values, without_thoughts
from services.converter.domain.crew.answers import AnswerMalformed
from services.converter.domain.instructions import Instructions
from services.converter.domain.report import Guard
from services.converter.domain.synthesis.sqltext import identifier, literal
from services.converter.domain.table import Table
from services.converter.domain.wording.sentences import named, sentences_of

MOST_VALUES = 200
"""Values that a model is asked for."""
LEAST_HIDDEN = 2
"""Values of the example that the model is not shown, so that it cannot have them from there."""
_SHOWN = 3
"""One of so many values is shown with what it became."""
_MOST_SHOWN = 6
_VALUE_CHARS, _WORDS_CHARS = 80, 1_000
"""Pairs that show what is looked up; a value is a name or a code, not a text, and what is said of it a paragraph."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question to a model: what the ``values`` of the input's ``source`` become in ``column``, by the user's words.

    ``shown`` are pairs of the example; ``hidden`` says how many of the values the example has besides.
    """

    column: str
    source: str
    words: str
    values: tuple[str, ...]
    shown: tuple[tuple[str, str], ...]
    hidden: int

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Lookup":
        """Reads ``dataclasses.asdict`` back."""
        shown = tuple((str(key), str(value)) for key, value in fields["shown"])
        return cls(
            fields["column"], fields["source"], fields["words"], tuple(fields["values"]), shown, fields["hidden"]
        )


def find_lookups(
    source: Table,
    expected: Table,
    open_columns: Sequence[str],
    said: Instructions,
    samples: Mapping[str, Table] | None = None,
) -> tuple[Lookup, ...]:
    """The open columns that one column of the input decides and that the user's words speak of, without the values."""
    from services.converter.domain.crew.said import given_values  # noqa: PLC0415 - all operators, for engines only

    if len(source.rows) != len(expected.rows) or not source.has_names:
        return ()
    found = []
    for name, cells in zip(expected.column_names, expected.columns(), strict=True):
        if name not in open_columns or not any(cells):
            continue
        columns = [(s, keys) for s, keys in _columns(source).items() if _may_name(s, keys, said.all_words)]
        deciding = [(s, keys) for s, keys in columns if _decides(keys, cells)]
        for origin, _ in sorted(deciding, key=lambda item: _rank(item[0], item[1], said.all_words)):
            words = _words_on(name, origin, said)
            if words and not any(given_values(sentence, source, expected) for sentence in sentences_of(words)):
                found.append(_lookup(name, origin, words, source, cells, samples or {}))
                break
    return tuple(lookup for lookup in found if lookup is not None)


def _columns(table: Table) -> dict[str, Sequence[str]]:
    return dict(zip(table.column_names, table.columns(), strict=True))


def _lookup(
    column: str, origin: str, words: str, source: Table, cells: Sequence[str], samples: Mapping[str, Table]
) -> Lookup | None:
    pairs = {key: cell for key, cell in zip(_columns(source)[origin], cells, strict=True) if key.strip()}
    shown = list(pairs.items())[::_SHOWN][:_MOST_SHOWN]
    others = (
        key
        for table in samples.values()
        if origin in table.column_names
        for key in _columns(table)[origin]
        if key.strip() and len(key) <= _VALUE_CHARS
    )
    values = list(dict.fromkeys((*pairs, *others)))[:MOST_VALUES]
    hidden = len(pairs) - len(shown)
    if hidden < LEAST_HIDDEN or len(pairs) > MOST_VALUES:
        return None
    return Lookup(column, origin, words[:_WORDS_CHARS], tuple(values), tuple(shown), hidden)


def _decides(keys: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether texts of a column stand each for one value, and not for themselves."""
    pairs = {key: cell for key, cell in zip(keys, cells, strict=True) if key.strip()}
    if len(pairs) <= LEAST_HIDDEN or any(len(key) > _VALUE_CHARS for key in pairs):
        return False
    same = all(pairs.get(key, "") == cell for key, cell in zip(keys, cells, strict=True))
    return same and len(set(pairs.values())) > 1 and any(key != cell for key, cell in pairs.items())


def _may_name(origin: str, keys: Sequence[str], words: str) -> bool:
    """Whether values can be what the words speak of: figures decide anything by chance unless their column is named."""
    written = sum(any(sign.isalpha() for sign in key) for key in keys)
    return 2 * written > len(keys) or bool(named(words, (origin,)))


def _rank(name: str, cells: Sequence[str], words: str) -> tuple[bool, float]:
    """Columns that the words name first, then those whose values recur most."""
    return not named(words, (name,)), len(set(cells)) / len(cells)


def _words_on(column: str, origin: str, said: Instructions) -> str:
    """What the user says of a column, by its name or that of the column that it is made from."""
    own = [
        text for name, text in said.columns.items() if name.strip().casefold() in {column.casefold(), origin.casefold()}
    ]
    general = [sentence for sentence in sentences_of(said.general) if named(sentence, (column, origin))]
    return "\n".join((*own, *general))


def read_lookup(answer: Any) -> dict[str, str]:
    """The values of an answer, by key: of its first object that holds any. Raises `AnswerMalformed`."""
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    for value in list_values(without_thoughts(text).strip()):
        fields = value.get("values", value) if isinstance(value, Mapping) else None
        if isinstance(fields, Mapping):
            return {str(key): str(code) for key, code in fields.items() if isinstance(code, str | int)}
    raise AnswerMalformed("the answer holds no JSON object of values")


def tell_lookup(asked: Lookup) -> list[str]:
    """The lines that the model is shown."""
    pairs = json.dumps(dict(asked.shown), ensure_ascii=False)
    values = json.dumps(list(asked.values), ensure_ascii=False)
    return [f"from {asked.source} to {asked.column}", f"known: {pairs}", f"wanted: {values}"]


def rule_of(asked: Lookup, values: Mapping[str, str]) -> str:
    """The look-up as an expression: a value that it does not have gives an empty cell."""
    cases = " ".join(f"WHEN {literal(key)} THEN {literal(values[key])}" for key in asked.values if values.get(key))
    return f"CASE {identifier(asked.source)} {cases} ELSE '' END"


def guards_of_lookup(asked: Lookup, values: Mapping[str, str], proved: Sequence[str]) -> tuple[Guard, ...]:
    """Values outside the look-up have no answer; those that the example did not prove are noted."""
    name, known = identifier(asked.source), [key for key in asked.values if values.get(key)]
    select = f"SELECT _row, {name} AS value\nFROM input\nWHERE {name} <> '' AND {name}"
    outside = f"{select} NOT IN ({', '.join(map(literal, known))})"
    guards = [
        Guard(
            asked.source, "value_set", "unseen", f"{asked.source} has a value that the look-up does not have", outside,
            (asked.column,),
        )
    ]  # fmt: skip
    unproved = [key for key in known if key not in set(proved)]
    if unproved:
        words = f"{asked.column} is what a model gives for this {asked.source}: the example did not show it"
        within = f"{select} IN ({', '.join(map(literal, unproved))})"
        guards.append(Guard(asked.source, "ambiguity", "note", words, within, (asked.column,)))
    return tuple(guards)
