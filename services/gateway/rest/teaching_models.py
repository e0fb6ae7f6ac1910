"""Questions, answers, corrections and versions of programs as REST takes and shows them."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from services.gateway.rest.converter_models import MAX_INT
from services.gateway.rest.examples import shown_as


class AnswerBody(BaseModel):
    """An answer to a question of the report: a value, a candidate, or whether the row belongs."""

    question_id: str = Field(min_length=1, max_length=64)
    value: str | None = Field(None, max_length=65_536, description="What the cell should be")
    candidate: int | None = Field(
        None, strict=True, ge=0, le=MAX_INT, description="The place of one of the question's candidates, from 0"
    )
    drop: bool | None = Field(None, strict=True, description="Whether the row does not belong to the output")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(said is not None for said in (self.value, self.candidate, self.drop)) != 1:
            raise ValueError("one of value, candidate and drop is wanted")
        return self


class CorrectionBody(BaseModel):
    """What should become of a row of a file that was converted."""

    file: str = Field(
        min_length=1, max_length=200, description='"input", the name of a sample, or the job id of an inference'
    )
    row: int = Field(strict=True, ge=1, le=MAX_INT, description="The row of that file, from 1, without its header")
    column: str = Field("", max_length=500, description="The output column; empty where the whole row is meant")
    value: str = Field("", max_length=65_536, description="What the cell should be")
    drop: bool = Field(
        False, strict=True, description="Without a column: whether the row does not belong to the output"
    )


ANSWERS_EXAMPLE = {
    "answers": [{"question_id": "q1", "candidate": 1}],
    "corrections": [{"file": "march.csv", "row": 14, "column": "Action", "value": "Buy"}],
}


class AnswersSubmission(BaseModel):
    """Answers and corrections for a training to learn on from, and further files for it to look at."""

    model_config = shown_as(ANSWERS_EXAMPLE)

    answers: list[AnswerBody] = Field(default_factory=list, max_length=100)
    corrections: list[CorrectionBody] = Field(default_factory=list, max_length=100)
    promote: Literal["auto", "ask"] | None = Field(
        None, description="auto: at once where only taught rows change in the files it is tried on; ask: by rollback"
    )
    generation: int = Field(
        0, strict=True, ge=0, le=MAX_INT,
        description="The generation whose questions are answered: refused where there is a newer one; 0: that of now",
    )  # fmt: skip
    samples: dict[str, str] | None = Field(
        None, max_length=10, description="Further inputs without an output, by new names, to look at for questions"
    )


class ExplainSubmission(BaseModel):
    """The output columns whose program to explain."""

    model_config = shown_as({"columns": ["fee"]})

    columns: list[Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        default_factory=list, max_length=20, description="The first 20 where none is named"
    )


class RollbackSubmission(BaseModel):
    """The generation whose program to put in service."""

    model_config = shown_as({"generation": 1})

    generation: int = Field(strict=True, ge=1, le=MAX_INT)


class OfferedAnswer(BaseModel):
    """An answer that a question offers, to be picked by its place from 0."""

    value: str
    words: str = Field(description="How a program comes to it")
    programs: int = Field(description="Programs, of those at hand, that come to it")
    says: Literal["value", "none", "unknown"] = Field(
        description="That the value is right, that none of those offered is, or that the user does not know: the last "
        "two leave what is asked about flagged"
    )


class AskedRow(BaseModel):
    """The row that is asked about; number 0 is made up in the shape of the example."""

    file: str
    number: int
    cells: list[str]


class OpenQuestion(BaseModel):
    """What a job leaves open, as a choice."""

    id: str
    kind: str = Field(description="which value, which rows, which order, a new value, which reading or a name")
    row: AskedRow
    column: str = Field(description="Empty where the row itself is asked about")
    candidates: list[OfferedAnswer]
    default: str = Field(description="What the program does so far")
    share: float = Field(description="What the answer is expected to rule out, from 0 to 1")
    decides: int = Field(description="Cells of the files at hand that the answer decides; 0 where there are none")


class OpenQuestions(BaseModel):
    """What a job leaves open, the question whose answer is worth most first."""

    model_config = shown_as(
        {
            "generation": 1,
            "questions": [
                {
                    "id": "q1",
                    "kind": "a new value",
                    "row": {"file": "march.csv", "number": 14, "cells": ["2026-03-03", "Sparplan", "Acme"]},
                    "column": "Action",
                    "candidates": [
                        {"value": "Buy", "words": "as other values in the example", "programs": 0, "says": "value"},
                        {"value": "", "words": "none of these is right", "programs": 0, "says": "none"},
                        {"value": "", "words": "I do not know", "programs": 0, "says": "unknown"},
                    ],
                    "default": "",
                    "share": 0.6,
                    "decides": 3,
                }
            ],
        }
    )

    generation: int = Field(description="Send it with the answer: one to questions of an older generation is refused")
    questions: list[OpenQuestion]


class ProgramVersion(BaseModel):
    """A program that a training has learned."""

    generation: int
    program_sha256: str
    learned_at: str | None
    lessons: int
    serving: bool
    changed_rows: int = Field(
        description="Rows that it changed though they were not taught, in the files it was tried on"
    )


class ProgramVersions(BaseModel):
    """A training's programs, newest first."""

    model_config = shown_as(
        {
            "versions": [
                {
                    "generation": 1,
                    "program_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "learned_at": "2026-01-02T03:04:09.000Z",
                    "lessons": 0,
                    "serving": True,
                    "changed_rows": 0,
                }
            ]
        }
    )

    versions: list[ProgramVersion]
