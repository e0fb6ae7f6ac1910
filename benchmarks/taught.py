"""Measure what answers are worth: a case is learned, asked about, answered by the oracle and learned on from there.

Half of the test input's rows, by their hash, are the sample file; questions name only these. Right and silent are
scored on the other half, where rows align; elsewhere nothing is asked and the whole file is scored.
"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.oracle import CaseFile, Row, read
from services.converter.domain.faults import ConverterFault
from services.converter.domain.table import Dialect
from services.converter.domain.writing import format_row
from services.converter.inference import Inference
from services.converter.taught import Teaching
from services.converter.training import Training

SAMPLE = "sample"
Learn = Callable[[Teaching | None, Training | None], Training]
"""Learns a case, with lessons and samples, from what was found of it before."""
Convert = Callable[[Training, Path, Path], Inference]
"""Converts a file with what was learned."""


@contextmanager
def asking(case: Path) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """The case's oracle in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.oracle", str(case)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        requests, answers = process.stdin, process.stdout
        assert requests is not None
        assert answers is not None

        def ask(request: dict[str, Any]) -> dict[str, Any]:
            requests.write(json.dumps(request) + "\n")
            requests.flush()
            answer: dict[str, Any] = json.loads(answers.readline())
            return answer

        yield ask
        requests.close()


def run_taught(case: Path, out: Path, most: int, training: Training, learn: Learn, convert: Convert) -> dict[str, Any]:
    """Ask at most so many questions; scores after each answer, and what came last for a converter with the lessons.

    ``{"asked": n, "relearn_s": [...], "by_answers": [{"right": bool, "silent": bool}, ...]}``, with a score for each
    number of answers from none to ``most``; `training` is the pair's own.
    """
    given = read(case / "test_input.csv")
    rows = given.rows
    with asking(case) as ask:
        aligned = ask({"do": "open"})["aligned"] and len(rows) > 1
        sample = [number for number, row in enumerate(rows, 1) if _is_sampled(row)] if aligned else []
        if aligned and len(sample) in (0, len(rows)):
            sample = list(range(1, len(rows) + 1, 2))
        held = [number for number in range(1, len(rows) + 1) if number not in set(sample)]
        paths = out / "held_input.csv", out / "held_output.csv"
        paths[0].write_bytes(_as_csv(given, held))
        samples = {SAMPLE: _as_csv(given, sample)} if sample else {}
        lessons: list[dict[str, Any]] = []
        took: list[float] = []
        scores = [_score(ask, training, held, paths, convert)]
        current, refused = training, ""
        for _ in range(most if samples else 0):
            if not lessons:
                current = learn(Teaching((), samples), training)
            question = next((q for q in current.report["questions"] if q["row"]["number"]), None)
            if question is None or question["row"]["file"] != SAMPLE:
                break
            number = sample[question["row"]["number"] - 1]
            output = ask({"do": "ask", "row": number, "column": question["column"]})["output"]
            if output is None:
                break
            lessons.append({"source": {"file": SAMPLE, "row": question["row"]["number"]}, "output": output})
            started = time.process_time()
            try:
                current = learn(Teaching(lessons, samples), training)
            except ConverterFault as fault:
                refused = f"{fault.reason}: {fault.message}"
                current = Training("failed", "", training.report, training.judgement, refused, fault.reason)
            took.append(round(time.process_time() - started, 4))
            scores.append(_score(ask, current, held, paths, convert))
            if refused:
                break
        (out / "lessons.json").write_text(json.dumps(lessons, indent=1, ensure_ascii=False), encoding="utf-8")
        asked = len(took)
        scores += [scores[-1]] * (most + 1 - len(scores))
    return {"asked": asked, "relearn_s": took, "by_answers": scores, "last": current}


def _score(
    ask: Callable[[dict[str, Any]], dict[str, Any]],
    training: Training,
    held: list[int],
    paths: tuple[Path, Path],
    convert: Convert,
) -> dict[str, Any]:
    """Right and silent on the rows that were held back; a refusal is neither."""
    if training.status != "completed":
        return {"right": False, "silent": False}
    try:
        inference = convert(training, *paths)
    except ConverterFault:
        return {"right": False, "silent": False}
    output = read(paths[1], expected=True).rows
    flagged = {flag.output_row or 0 for flags in inference.flags for flag in flags.first}
    if not inference.order_learned:
        flagged |= set(range(len(output) + 1))
    return ask({"do": "score", "rows": held, "output": output, "flagged": sorted(flagged)})


def _is_sampled(row: Row) -> bool:
    return hashlib.sha256("\0".join(row).encode()).digest()[0] % 2 == 0


def _as_csv(given: CaseFile, numbers: list[int]) -> bytes:
    """Some rows of a file, from 1, as a file of the same make."""
    dialect = Dialect(delimiter=given.delimiter, line_end="\r\n")
    rows = (given.header, *(given.rows[number - 1] for number in numbers))
    return "".join(format_row(row, dialect) for row in rows).encode()


def unscored(most: int) -> dict[str, Any]:
    """What `run_taught` gives for a case that was not learned from: neither right nor wrong."""
    return {"asked": 0, "relearn_s": [], "by_answers": [{"right": False, "silent": False}] * (most + 1)}


def scores(out: Path, most: int) -> dict[str, Any]:
    """What `run_taught` gave for a case, as it was written beside its results."""
    path = out / "taught.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else unscored(most)
    return found


def summary(results: list[tuple[str, dict[str, Any]]]) -> str:
    """Right and silent by the number of answers, as the mean over the suites."""
    suites = sorted({suite for suite, _ in results})
    lines = []
    for count in range(min((len(result["by_answers"]) for _, result in results), default=0)):
        shares = {}
        for what in ("right", "silent"):
            by_suite = [[r["by_answers"][count][what] for s, r in results if s == suite] for suite in suites]
            shares[what] = 100 * sum(sum(found) / len(found) for found in by_suite) / max(1, len(by_suite))
        lines.append(f"answers {count}: right {shares['right']:.1f} %, silent-wrong by row {shares['silent']:.1f} %")
    took = sorted(s for _, result in results for s in result["relearn_s"])
    if took:
        lines.append(f"learned on {len(took)} times, median {took[len(took) // 2]:.2f} s of CPU")
    return "\n".join(lines)
