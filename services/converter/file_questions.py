"""What a later file leaves open: questions on values that the example did not show, and how questions are numbered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from services.converter.domain.report import Candidate, Guard, Question, QuestionRow
from services.converter.domain.table import Row
from services.converter.row_checks import ColumnFlags

MOST_QUESTIONS = 5
"""Questions that people still answer."""
_MOST_CANDIDATES = 4
"""Answers that people still compare."""


def ask_of_new_values(found: Sequence[tuple[Guard, ColumnFlags]], values: Mapping[str, Row]) -> Iterator[Question]:
    """What the first new values are to become: each is asked once, of its first row."""
    asked: dict[tuple[str, str], tuple[Guard, int, int]] = {}
    for guard, flags in found:
        if guard.kind != "value_set" or not guard.output_columns:
            continue
        for flag in flags.first:
            if flag.row is not None:
                _, row, count = asked.get((flags.column, flag.value), (guard, flag.row, 0))
                asked[flags.column, flag.value] = guard, row, count + 1
    total = sum(count for _, _, count in asked.values())
    often = sorted(asked.items(), key=lambda item: -item[1][2])[:MOST_QUESTIONS]
    for number, ((column, value), (guard, row, count)) in enumerate(often, 1):
        known = [answer for answer in values.get(guard.output_columns[0], ()) if answer != value]
        words = {value: "as it stands", **dict.fromkeys(known, "as other values in the example")}
        candidates = tuple(Candidate(answer, why, 0) for answer, why in words.items())[:_MOST_CANDIDATES]
        shown = QuestionRow("input", row, (f"{column}: {value}",))
        yield Question(
            f"q{number}", "a new value", shown, guard.output_columns[0], candidates, "", round(count / total, 3),
            decides=count,
        ).with_ways_out()  # fmt: skip


def number_questions(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions of one report with ids of their own."""
    return tuple(replace(question, id=f"q{number}") for number, question in enumerate(questions, 1))
