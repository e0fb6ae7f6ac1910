"""What a job's agents may spend, and what they have spent: calls, tokens, money, time. Sums are exact."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the endpoint counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Prices:
    """Money for a million tokens, in whatever currency ``CrewLimits.cost`` is in; zero where it is not known."""

    prompt: Decimal = Decimal(0)
    completion: Decimal = Decimal(0)

    def of(self, usage: Usage) -> Decimal:
        """What a usage costs, exactly."""
        return (usage.prompt_tokens * self.prompt + usage.completion_tokens * self.completion) / _MILLION


@dataclass(frozen=True, slots=True)
class CrewLimits:
    """The bounds of one consultation.

    ``rounds`` programs are tried; ``tokens``, ``cost`` (0: not bounded) and ``time_s`` are for the whole of a job;
    ``call_timeout_s`` and ``call_tokens`` (of its answer) for one call; a call that the endpoint could not serve is
    repeated ``call_retries`` times, the first time after ``retry_delay_s``. Of the first program ``candidates`` are
    asked for in one call.
    """

    rounds: int = 5
    tokens: int = 200_000
    cost: Decimal = Decimal(0)
    time_s: float = 600.0
    call_timeout_s: float = 60.0
    call_tokens: int = 4_000
    call_retries: int = 2
    retry_delay_s: float = 1.0
    candidates: int = 2


@dataclass(frozen=True, slots=True)
class Spend:
    """What was spent so far, over all attempts of a job; the state that is checkpointed before every call.

    ``open_calls`` were begun and not answered: their tokens are not known, so they are charged at ``reserved`` tokens.
    """

    rounds: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)
    reserved: int = 0

    @property
    def tokens(self) -> int:
        """Tokens that count against the limit."""
        return self.prompt_tokens + self.completion_tokens + self.reserved

    def begin(self, reserved: int) -> Self:
        """A call that is about to be made: until it is answered it counts as ``reserved`` tokens."""
        return replace(self, calls=self.calls + 1, reserved=self.reserved + reserved)

    def end(self, reserved: int, usage: Usage, prices: Prices) -> Self:
        """The call was answered, or refused: what it really took."""
        return replace(
            self,
            prompt_tokens=self.prompt_tokens + usage.prompt_tokens,
            completion_tokens=self.completion_tokens + usage.completion_tokens,
            cost=self.cost + prices.of(usage),
            reserved=self.reserved - reserved,
        )

    def as_json(self) -> dict[str, Any]:
        """For the record, the report and the log."""
        return {
            "rounds": self.rounds,
            "calls": self.calls,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "cost": f"{self.cost:f}",
            "reserved": self.reserved,
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Reads ``as_json`` back."""
        return cls(
            int(fields.get("rounds", 0)),
            int(fields.get("calls", 0)),
            int(fields.get("prompt_tokens", 0)),
            int(fields.get("completion_tokens", 0)),
            Decimal(str(fields.get("cost", "0"))),
            int(fields.get("reserved", 0)),
        )


def why_over(spend: Spend, limits: CrewLimits, prices: Prices, *, next_tokens: int, left_s: float) -> str:
    """Why the next call of about ``next_tokens`` may not be made, in words; empty where it may."""
    if left_s <= 0:
        return f"the agents' time of {limits.time_s:g} s is used up"
    if spend.tokens + next_tokens > limits.tokens:
        return f"the agents' budget of {limits.tokens} tokens is used up ({spend.tokens} spent)"
    if limits.cost:
        dearest = max(prices.prompt, prices.completion)
        expected = (spend.reserved + next_tokens) * dearest / _MILLION
        if spend.cost + expected > limits.cost:
            return f"the agents' budget of {limits.cost:f} is used up ({spend.cost:f} spent)"
    return ""
