"""What the agents take and bring, with a model that answers well: tokens and calls for each accepted conversion.

    python -m benchmarks.agents [FOLDER]

Twelve invented pairs that synthesis leaves open. The model is a script that gives the right program, as rules or as a
whole SELECT; its tokens are counted as the signs of all that is sent and answered, four a token. Each learned program
is then run on a later file that holds a value, a form or a row that the example did not show: a cell that is wrong
there and not flagged counts as silently wrong. Writes FOLDER/agents.json and prints it.
"""

import asyncio
import csv
import io
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.converter.adapters.crew.prompts import load_prompts
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.agents import Terms, Verdict, consult
from services.converter.domain.crew.answers import Code
from services.converter.domain.crew.brief import Brief
from services.converter.domain.crew.budget import CrewLimits, Prices, Spend, Usage
from services.converter.domain.crew.lookups import Lookup
from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.stored_report import read_stored
from services.converter.domain.table import Row, Table
from services.converter.inference import infer
from services.converter.ports import Question, Reply
from services.converter.proving import Proof, brief_agents, prove
from services.converter.training import train

SIGNS_PER_TOKEN = 4
# What crewai puts around instructions and task of a call (tests/crew holds it below this).
CREW_SIGNS = 600


@dataclass(frozen=True)
class Pair:
    """An example whose expected file the program ``truth`` makes, what a good model answers, and later rows."""

    name: str
    columns: Row
    rows: tuple[Row, ...]
    later: tuple[Row, ...]
    truth: str
    answer: str
    said: str = ""


def _rows(text: str) -> tuple[Row, ...]:
    return tuple(tuple(line.split("|")) for line in text.strip().split("\n"))


def _whole(name: str, columns: str, rows: str, later: str, truth: str, said: str = "") -> Pair:
    return Pair(
        name, tuple(columns.split("|")), _rows(rows), _rows(later), truth, f"It is a rule.\n```sql\n{truth}\n```", said
    )


def _rule(name: str, columns: str, rows: str, later: str, kept: str, column: str, rule: str, said: str = "") -> Pair:
    truth = f'SELECT {kept}, {rule} AS "{column}" FROM input ORDER BY _row'  # noqa: S608 - the sandbox runs it
    answer = f"It is a rule.\n```json\n{json.dumps({'rules': {column: rule}})}\n```"
    return Pair(name, tuple(columns.split("|")), _rows(rows), _rows(later), truth, answer, said)


NUMBERS = "10|a\n57|b\n31|c\n78|d\n12|e\n99|f\n64|g\n45|h\n83|i\n26|j"
PAIRS = (
    _rule("digest", "n|t", NUMBERS, "77|z\n5|y", "n", "code", "left(md5(n), 6)"),
    _rule("check digit", "n|t", NUMBERS, "41|z\n18|y", "n", "check", "CAST((CAST(n AS INTEGER) * 7 + 3) % 11 AS VARCHAR)"),  # noqa: E501
    _rule("bits", "n|t", NUMBERS, "8|z\n127|y", "n", "ones", "CAST(bit_count(CAST(n AS INTEGER)) AS VARCHAR)"),
    _rule("base 36", "n|t", NUMBERS, "1295|z\n7|y", "n", "short", "to_base(CAST(n AS BIGINT) * 97, 36)"),
    _rule("vowels", "w|k", "harbour|a\nvalley|a\nmeadow|b\nridge|b\ncanyon|a\nforest|b\nisland|b\nocean|a\nriver|b",
          "queue|a\nsky|b", "w", "vowels", "CAST(length(regexp_replace(w, '[^aeiou]', '', 'g')) AS VARCHAR)"),
    _rule("distance", "a|b", "kitten|sitting\nflaw|lawn\nbond|fund\ncash|clash\nequity|quality\nalpha|alps\nbeta|bet\nruby|rugby",  # noqa: E501
          "gold|golden\nx|y", "a, b", "edits", "CAST(levenshtein(a, b) AS VARCHAR)"),
    _rule("named regions", "code|n", "A1|3\nB2|4\nA1|6\nC3|5\nB2|9\nC3|1\nA1|2\nB2|8", "D4|7\nA1|1\nZ9|2", "n", "region",  # noqa: E501
          "CASE code WHEN 'A1' THEN 'North' WHEN 'B2' THEN 'Old' WHEN 'C3' THEN 'Upper' WHEN 'D4' THEN 'Mill' END "
          "|| '-' || bit_count(CAST(n AS INTEGER))", "A1 is North, B2 is Old, C3 is Upper, D4 is Mill"),
    _rule("fee by kind", "kind|amount", "BUY|100.00\nSELL|250.00\nBUY|310.00\nSELL|80.00\nBUY|55.50\nSELL|19.20\nBUY|7.10\nSELL|640.00",  # noqa: E501
          "DIV|10.00\nBUY|1.00", "kind", "fee",
          "printf('%.3f', CAST(amount AS DOUBLE) * CASE WHEN kind = 'BUY' THEN 0.015 WHEN kind = 'SELL' THEN 0.022 END + 0.125)"),  # noqa: E501
    _rule("rolling product", "d|f", "1|1.5\n2|2\n3|0.5\n4|3\n5|1.2\n6|2\n7|1.5\n8|0.8", "1|2\n2|2\n3|2", "d", "growth",
          "printf('%.4f', exp(sum(ln(CAST(f AS DOUBLE))) OVER (ORDER BY _row)))"),
    _rule("mixed bits", "r|g", "255|17\n12|99\n7|3\n128|32\n250|252\n1|3\n90|70\n33|99", "16|48\n255|254", "r", "mixed",
          "to_hex(xor(CAST(r AS INTEGER), CAST(g AS INTEGER)))"),
    _whole("median by desk", "desk|pnl", "FX|10\nEQ|4\nFX|30\nEQ|8\nFX|20\nFI|7\nEQ|1\nFI|9\nFI|2\nEQ|6", "FX|1\nEQ|2\nFX|4",  # noqa: E501
           "SELECT desk, printf('%.1f', median(CAST(pnl AS DOUBLE))) AS mid FROM input GROUP BY desk ORDER BY desk"),
    _whole("gaps", "day|px", "1|10\n2|13\n4|9\n5|14\n7|20\n8|15\n11|9\n12|30", "1|1\n3|4\n9|9",
           "SELECT day, CAST(coalesce((CAST(px AS INTEGER) - CAST(lag(px) OVER (ORDER BY _row) AS INTEGER)) * "
           "(CAST(day AS INTEGER) - CAST(lag(day) OVER (ORDER BY _row) AS INTEGER)), 0) AS VARCHAR) AS push FROM input ORDER BY _row"),  # noqa: E501
)  # fmt: skip


def as_csv(header: Row, rows: Sequence[Row]) -> bytes:
    """A table as a file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


@dataclass
class _Script:
    """The crew's session, the Tester and the observer, for one pair."""

    pair: Pair
    given: bytes
    expected: bytes
    former: str
    report: dict[str, Any]
    sandbox: DuckDBSandbox
    proof: Proof | None = None
    tried: list[Code] = field(default_factory=list)

    async def ask(self, question: Question) -> Reply:
        """The good answer, with its tokens."""
        asked = (len(question.instructions) + len(question.task) + CREW_SIGNS) // SIGNS_PER_TOKEN
        answered = question.candidates * len(self.pair.answer) // SIGNS_PER_TOKEN
        return Reply(self.pair.answer, Usage(asked, answered), others=(self.pair.answer,) * (question.candidates - 1))

    async def look_up(self, asked: Lookup, values: Mapping[str, str]) -> tuple[Verdict, Brief | None]:
        """No pair has words that name a look-up."""
        raise NotImplementedError

    async def judge(self, code: Code, others: Sequence[Code] = ()) -> Verdict:
        """What the worker's Tester does, in this process."""
        self.proof = prove(
            code, self.given, self.expected, report=self.report, former=self.former,
            instructions=Instructions(self.pair.said), runner=self.sandbox, others=[*self.tried, *others],
        )  # fmt: skip
        self.tried.append(code)
        return Verdict(self.proof.accepted, self.proof.cells_right, self.proof.words)

    def tell(self, status: str, round_number: int) -> None:
        """Nobody listens."""

    async def keep(self, spend: Spend) -> None:
        """Nothing is kept."""


async def measure(pair: Pair, sandbox: DuckDBSandbox) -> dict[str, Any]:
    """One pair: whether it was accepted, what it took, and what its program does with the later file."""
    table = Table(pair.columns, pair.rows)
    wanted = sandbox.run(pair.truth, table)
    given, expected = as_csv(pair.columns, pair.rows), as_csv(wanted.header or (), wanted.rows)
    said = Instructions(pair.said)
    left = train(given, expected, runner=sandbox, instructions=said)
    if left.status == "completed":
        raise ValueError(f"{pair.name}: synthesis learns it, so that nobody asks the agents")
    found: dict[str, Any] = {"pair": pair.name}
    brief = brief_agents(given, expected, program=left.program, report=left.report, instructions=said, runner=sandbox)
    script = _Script(pair, given, expected, left.program, left.report, sandbox)
    terms = Terms(load_prompts(), CrewLimits(), Prices(), "script")
    done = await consult(brief, script, script, script, terms)
    found |= {"accepted": done.accepted, "reason": done.reason, "calls": done.spend.calls, "tokens": done.spend.tokens}
    if script.proof is not None and done.accepted:
        found |= _later(pair, script.proof, sandbox)
    elif script.proof is not None:
        found["verdict"] = script.proof.words
    return found


def _later(pair: Pair, proof: Proof, sandbox: DuckDBSandbox) -> dict[str, Any]:
    truth = sandbox.run(pair.truth, Table(pair.columns, pair.later))
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "later.csv", Path(folder) / "output.csv"
        source.write_bytes(as_csv(pair.columns, pair.later))
        try:
            inference = infer(
                proof.program, source, output, sandbox=sandbox, spooler=FileSpooler(),
                training=read_stored(json.loads(json.dumps(proof.report))),
            )  # fmt: skip
        except ConverterFault as fault:
            return {"later": f"refused: {fault.reason}", "silently_wrong": 0}
        rows = list(csv.reader(io.StringIO(output.read_text())))[1:]
    flagged = {flag.output_row for flags in inference.flags for flag in flags.first}
    wrong = [place for place, (a, b) in enumerate(zip(truth.rows, rows, strict=False), 1) if list(a) != b]
    # A row that is missing is told of where its row of the input is flagged, and made no row.
    dropped = {flag.row for flags in inference.flags for flag in flags.first if flag.output_row is None}
    missing = max(0, abs(len(truth.rows) - len(rows)) - len(dropped))
    silent = len([place for place in wrong if place not in flagged]) + missing
    return {"later": f"{len(wrong)} of {len(rows)} rows wrong, {len(flagged)} flagged", "silently_wrong": silent}


async def measure_all() -> list[dict[str, Any]]:
    """All pairs, one after the other."""
    with DuckDBSandbox() as sandbox:
        return [await measure(pair, sandbox) for pair in PAIRS]


def main(folder: Path) -> int:
    """Measures and writes; 1 where a pair was not accepted or is silently wrong."""
    results = asyncio.run(measure_all())
    accepted = [result for result in results if result["accepted"]]
    summary = {
        "pairs": len(results),
        "accepted": len(accepted),
        "tokens_median": statistics.median(result["tokens"] for result in accepted) if accepted else None,
        "calls_mean": round(statistics.mean(result["calls"] for result in results), 2),
        "silently_wrong": sum(1 for result in accepted if result["silently_wrong"]),
        "limits": {k: str(v) for k, v in asdict(CrewLimits()).items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "agents.json").write_text(json.dumps({"summary": summary, "pairs": results}, indent=1), encoding="utf-8")
    for result in results:
        print(json.dumps(result))
    print(json.dumps({name: value for name, value in summary.items() if name != "limits"}))
    return 0 if len(accepted) == len(results) and not summary["silently_wrong"] else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "artifacts/agents")))
