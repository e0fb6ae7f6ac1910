"""Portfolio's bodies and answers over REST, for reading requests and for OpenAPI."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.common.fault_words import CURRENCY_PATTERN, LOCALE_PATTERN
from services.gateway.rest.examples import shown_as

TaskStatusWord = Literal[
    "pending",
    "authenticating",
    "authenticated",
    "detecting_section",
    "processing",
    "completed",
    "error",
    "cancelled",
]

SUBMISSION_EXAMPLE = {
    "username": "a.meier",
    "password": "",
    "data": [
        {
            "Market Value": "12000000",
            "Investment Value": "10000000",
            "Top Asset": "Equity (65%)",
        },
        {"top_movers_data": "Apple gained 3.2% at 5.1% weight; Shell fell 2.0% at 3.0% weight"},
    ],
}
TASK_EXAMPLE = {
    "task_id": "task_20260102030405_0a1b2c3d",
    "status": "processing",
    "progress": 60,
    "message": "1 of 2 section(s) finished",
    "section_detected": "portfolio_snapshot, top_movers",
    "created_at": "2026-01-02T03:04:05.000Z",
    "updated_at": "2026-01-02T03:04:06.120Z",
    "trace": [
        {
            "step": "submit",
            "status": "completed",
            "timestamp": "2026-01-02T03:04:05.000Z",
            "detail": "2 payload(s) accepted",
        }
    ],
}


class InputConventions(BaseModel):
    """What the payloads of a feed use, stated once. What is left out says nothing."""

    model_config = ConfigDict(extra="forbid")

    dates: Literal["", "DMY", "MDY", "YMD"] = Field("", description="Order of numeric dates")
    decimals: Literal["", ".", ","] = Field("", description="The decimal sign")
    weights: Literal["", "fraction", "percent"] = Field("", description="Weights, model weights, bands and shares")
    rates: Literal["", "fraction", "percent"] = Field("", description="Returns, yields, fees, tax and other rates")
    money_scale: str = Field("", max_length=16, description="What bare amounts are in, such as lakh or million")
    base_currency: str = Field("", pattern=CURRENCY_PATTERN, description="ISO 4217; where a payload does not say")
    fiscal_year_start: int = Field(
        0, strict=True, ge=0, le=12, description="First month of a fiscal year; 0: not stated"
    )


class TaskSubmission(BaseModel):
    """What a task is made of."""

    model_config = shown_as(SUBMISSION_EXAMPLE)

    username: str = Field(min_length=1, max_length=128, description="The user; signs in at the AI platform")
    password: str = Field(
        "", max_length=1024, description="For the AI platform only; sealed at once and gone when the task ends"
    )
    locale: str = Field(
        "",
        pattern=LOCALE_PATTERN,
        description="How numbers and dates are written, such as en_IN; else the payload's currency decides",
    )
    input_conventions: InputConventions = Field(
        default_factory=InputConventions,
        description="What the payloads use; one of them may say otherwise of itself, under the same name",
    )
    data: list[Annotated[dict[str, Any], Field(min_length=1)]] = Field(
        min_length=1, max_length=64, description="Section payloads. Numbers keep their digits"
    )


class ClaimFields(BaseModel):
    """The plain fields of a check of claims: its payloads are kept as text."""

    model_config = ConfigDict(extra="forbid")

    texts: list[Annotated[str, Field(min_length=1, max_length=100_000)]] = Field(
        min_length=1, max_length=64, description="The texts, whoever wrote them"
    )
    locale: str = Field(
        "",
        pattern=LOCALE_PATTERN,
        description="How numbers are written in texts and payloads, such as en_IN",
    )
    input_conventions: InputConventions = Field(default_factory=InputConventions, description="What the payloads use")
    allow_forecasts: bool = Field(
        False, strict=True, description="Forecasts and guarantees are listed, but are no faults"
    )


class ClaimsToCheck(ClaimFields):
    """Texts to hold against the facts of section payloads."""

    model_config = shown_as(
        {
            "texts": ["The portfolio is worth 12 million, 25% more than was invested."],
            "locale": "en_GB",
            "data": SUBMISSION_EXAMPLE["data"],
        }
    )

    data: list[Annotated[dict[str, Any], Field(min_length=1)]] = Field(
        min_length=1, max_length=64, description="Section payloads, as of a task"
    )


class CheckedClaim(BaseModel):
    """One thing that a text says, and what the facts say to it."""

    source: int = Field(description="Which of the texts, from 0")
    text: str
    start: int
    end: int
    section: str | None
    value: str | None
    unit: str | None
    verdict: Literal["grounded", "derived", "contradicted", "unsupported", "unverifiable"]
    fault: bool
    fact: str | None
    formula: str | None
    why: str | None


class CheckedClaims(BaseModel):
    """Every claim of the texts, in their order."""

    model_config = shown_as(
        {
            "claims": [
                {
                    "source": 0, "text": "12 million", "start": 26, "end": 36, "section": "portfolio_snapshot",
                    "value": "12000000", "unit": "number", "verdict": "grounded", "fault": False,
                    "fact": "market_value", "formula": None, "why": None,
                },
                {
                    "source": 0, "text": "25%", "start": 38, "end": 41, "section": "portfolio_snapshot", "value": "25",
                    "unit": "percent", "verdict": "contradicted", "fault": True, "fact": "gain_pct", "formula": None,
                    "why": "unrealised gain on cost is 20%",
                },
            ]
        }
    )  # fmt: skip

    claims: list[CheckedClaim]


class TaskFields(BaseModel):
    """The plain fields of a submission: its payloads are kept as text."""

    username: str = Field(min_length=1, max_length=128)
    password: str = Field("", max_length=1024)
    locale: str = Field("", pattern=LOCALE_PATTERN)
    input_conventions: InputConventions = Field(default_factory=InputConventions)


class AcceptedTask(BaseModel):
    """A task that was accepted."""

    model_config = shown_as(
        {
            "task_id": "task_20260102030405_0a1b2c3d",
            "status": "pending",
            "message": "accepted",
            "created_at": "2026-01-02T03:04:05.000Z",
        }
    )

    task_id: str
    status: TaskStatusWord
    message: str
    created_at: str | None


class TraceLine(BaseModel):
    """One line of a history."""

    step: str
    status: str
    timestamp: str | None
    detail: str


class TaskState(BaseModel):
    """Where a task stands."""

    model_config = shown_as(TASK_EXAMPLE)

    task_id: str
    status: TaskStatusWord
    progress: int = Field(ge=0, le=100)
    message: str
    section_detected: str = Field(description='The sections found, joined by ", "')
    created_at: str | None
    updated_at: str | None
    finished_at: str | None = None
    elapsed_seconds: float | None = Field(None, description="From its acceptance to its end; null before")
    user_id: str = ""
    error: str | None = None
    error_code: str | None = None
    cost: float = 0
    generation: int = 1
    revision: int = 0
    trace: list[TraceLine]


class TaskPage(BaseModel):
    """A page of tasks, newest first."""

    model_config = shown_as({"tasks": [TASK_EXAMPLE], "next_page_token": ""})

    tasks: list[TaskState]
    next_page_token: str = Field(description="Asks for the next page; empty on the last")


class FactLine(BaseModel):
    """A computed figure. ``value`` is a decimal number as text, exactly; what does not apply to it is left out."""

    id: str
    value: str
    label: str = ""
    unit: str = ""
    currency: str | None = None
    method: str = ""
    periods_per_year: int | None = None
    inputs: list[str] = []
    subject: str = ""
    dates: list[str] = []


class AlternativeReading(BaseModel):
    """One way in which a column or field can be read, and what speaks for it."""

    read_as: dict[str, str]
    why: str = ""


class AbsentLine(BaseModel):
    """A figure that could not be computed, and why."""

    id: str
    reason: str
    code: str = Field("", description="AMBIGUOUS_INPUT where what was sent can be read in several ways")
    alternatives: list[AlternativeReading] = []


class ReadingLine(BaseModel):
    """How a column or field of the payload was read, and why."""

    field: str = Field(description="The caller's path, such as holdings[].price")
    read_as: dict[str, str] = Field(description="unit and, where they matter, currency, scale, order, decimals")
    why: str = Field(description="marked, convention, column, sibling, sum, range, locale or tenant")
    alternatives: list[AlternativeReading] = []
    rows: list[str] = []


class SectionOutcome(BaseModel):
    """One section's result."""

    section: str
    status: str
    conv_id: str
    message_id: str
    response: str
    cost: float
    error: str | None
    error_code: str | None
    about: dict[str, str] = Field({}, description="Client, day, period, benchmark, model and profile, where sent")
    facts: list[FactLine]
    absent: list[AbsentLine] = Field(description="Figures that could not be computed, and why")
    reading: list[ReadingLine] = Field([], description="How what was sent was read, and why")
    grounding: dict[str, Any] | None
    provider: str
    duration_ms: int
    notes: list[dict[str, str]] = Field(description="What to know about the input itself")
    charts: list[dict[str, Any]] = Field(description="Figures to draw")
    highlights: list[dict[str, Any]] = Field(description="What is worth saying first")
    unknown_fields: list[str]


class TaskOutcome(BaseModel):
    """A finished task's results."""

    model_config = shown_as(
        {
            "task_id": "task_20260102030405_0a1b2c3d",
            "status": "completed",
            "message": "2 of 2 section(s) completed",
            "section_detected": "portfolio_snapshot, top_movers",
            "conv_id": "",
            "message_id": "",
            "data": {
                "portfolio_snapshot": {
                    "section": "portfolio_snapshot",
                    "status": "completed",
                    "conv_id": "",
                    "message_id": "",
                    "response": "The portfolio stands at 12,000,000, a gain of 20.0% on cost.",
                    "cost": 0,
                    "error": None,
                    "error_code": None,
                    "facts": [],
                    "absent": [],
                    "reading": [],
                    "grounding": None,
                    "provider": "builtin",
                    "duration_ms": 12,
                    "notes": [],
                    "charts": [],
                    "highlights": [],
                    "unknown_fields": [],
                }
            },
            "cost": 0,
            "elapsed_seconds": 1.12,
            "error": None,
            "error_code": None,
            "highlights": [],
            "conflicts": [],
        }
    )

    task_id: str
    status: TaskStatusWord
    message: str
    section_detected: str
    conv_id: str
    message_id: str
    data: dict[str, SectionOutcome]
    cost: float
    elapsed_seconds: float
    error: str | None
    error_code: str | None
    highlights: list[dict[str, Any]]
    conflicts: list[dict[str, Any]]
