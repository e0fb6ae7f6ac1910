"""The generated gate: conversions of files of brokers, banks and shops, made up by seed, with the known right program.

    python -m benchmarks.generated_gate [OUT] [--family files] [--count 500] [--seed 0] [--jobs 1] [--changes 6]
    python -m benchmarks.generated_gate --show SEED [--change "a total appended"]

Each seed of the family `files` draws a file's layout and notation, an example of 5 to 15 rows, what happens to its rows
and one to six columns (`benchmarks.conversions`), and a later file with categories, amounts and texts that the example
did not show. Those of `tables` draw one to five records that stand otherwise than they are wanted, those of `exports`
the same with what stands around and between the rows of exports, those of `statements` bookings of accounts as
custodians, banks and brokers write them, those of `texts` two to six texts of which a part is
wanted, those of `strings` the same put together by drawing, with odd rows among the later ones, those of `tasks` texts
made of one or several cells as people state them by three to five rows, with later rows that differ in the ways that
later rows do, those of `cells` a column made of a row of cells. Of `files`, so many further files (``--changes``) come
after each example, each changed in one way that senders change theirs in (`benchmarks.conversions.later_files`).
The converter learns from the example and converts the later file, as `wealth learn` and `wealth apply` do. A later
file's row that is not as it should be counts as silently wrong unless the report names it. ``--show`` prints one seed's
files, program and outcome; ``OUT/result.json`` has every seed's outcome, ``OUT/gate.md`` the tables, of which the last
counts what each kind of guard flags in right files and in wrong ones.
"""

import argparse
import csv
import io
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.by_example import CASE_HINTS, apply_training, list_flags
from benchmarks.conversions.judging import judge
from benchmarks.conversions.later_files import KINDS as CHANGES
from benchmarks.conversions.later_files import Later
from benchmarks.conversions.maker import FAMILIES, Conversion, Family, make
from benchmarks.conversions.rows import Output
from benchmarks.guard_tally import Tallies, flags_by_kind, kinds_table
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.faults import ConverterFault
from services.converter.domain.lessons import is_of_table
from services.converter.domain.program import RunLimits
from services.converter.domain.reading.reader import ReadingHints, read_table
from services.converter.taught import Teaching
from services.converter.training import Training, train

OUTCOMES = ("right", "flagged", "refused", "asked", "silent")
COUNT, SEED, MOST_CHANGES = 500, 0, 6
_TIME_S = 200.0


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a further file that is changed in one way. ``outcome`` and ``alarm`` as an `Outcome`'s; `asked`:
    refused by name, where that is right, too."""

    change: str
    outcome: str
    alarm: bool = False
    why: str = ""
    guards: Mapping[str, Sequence[int | None]] = field(default_factory=dict)
    off: tuple[int, ...] = ()
    """As an `Outcome`'s."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one conversion.

    `right`: every row is; `flagged`: each wrong row is named; `refused`: nothing was learned; `asked`: wrong where the
    example does not decide, and a question is open; `silent`: wrong and not named. ``alarm``: rows of a right file are
    named though the example decides, and nothing is open in them. ``why``: where it is wrong, or the refusal.
    """

    seed: int
    layout: str
    kinds: tuple[str, ...]
    decided: bool
    outcome: str
    alarm: bool = False
    why: str = ""
    cpu_s: float = 0.0
    guards: Mapping[str, Sequence[int | None]] = field(default_factory=dict)
    """The output's rows that each kind of guard flags."""
    off: tuple[int, ...] = ()
    """The output's rows that are wrong or open."""
    answered: str = ""
    """The outcome after an answer, where one was given (see `answer`), and where nothing was asked the outcome."""
    offered: bool | None = None
    """Whether a question on the whole table offered what is right; None: none was asked."""
    followed: tuple[Followed, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it is right or named; where the example does not decide, a question and a refusal are right, too."""
        return self.outcome in ("right", "flagged") or (not self.decided and self.outcome != "silent")


def run(seed: int, sandbox: DuckDBSandbox, family: Family = "files", changes: int = 0) -> Outcome:
    """Learn and convert one seed's files, and so many changed ones."""
    made = make(seed, family)
    started = time.process_time()
    try:
        training = learn(made, sandbox)
    except ConverterFault as fault:
        why = f"{fault.reason}: {fault.message}"
        return Outcome(made.seed, made.layout, made.kinds, made.decided, "refused", why=why)
    found = replace(_outcome(made, training, sandbox), cpu_s=round(time.process_time() - started, 3))
    if training.status == "completed":
        found = replace(found, followed=tuple(_follow(made, training, sandbox, changes)))
    question = next((q for q in training.report["questions"] if is_of_table(q["kind"], q["column"])), None)
    if question is None or made.shown is None:
        return replace(found, answered=found.outcome)
    after, offered = answer(made, training, question, sandbox)
    return replace(found, answered=after, offered=offered)


def _follow(made: Conversion, training: Training, sandbox: DuckDBSandbox, count: int) -> Iterator[Followed]:
    """What becomes of a file like the example, and of so many changed ones, by turns, where there is room for them.

    Where the former is wrong, what is wrong with the latter is not due to the change: there are none.
    """
    first, *kinds = CHANGES
    later = made.follow(first) if count else None
    if later is None:
        return
    yield (plain := follow(made, later, training, sandbox))
    start = made.seed * count % len(kinds)
    for kind in [*kinds[start:], *kinds[:start]][:count] if plain.outcome == "right" else ():
        if (later := made.follow(kind)) is not None:
            yield follow(made, later, training, sandbox)


def follow(made: Conversion, later: Later, training: Training, sandbox: DuckDBSandbox) -> Followed:
    """What becomes of a changed file."""
    try:
        converted = convert(replace(made, later=later.content), training, sandbox)
    except ConverterFault as fault:
        why = f"{fault.reason}: {fault.message}"
        return Followed(later.kind, "asked" if later.refusal else "refused", why=why)
    found = [judge(output, converted.header, converted.rows, converted.flags) for output in later.outputs]
    verdict = min(found, key=lambda each: (not each.right, each.unnamed, each.wrong, each.needless))
    what = "right" if verdict.right else "flagged" if verdict.unnamed == 0 else "silent"
    why = "" if verdict.right else ", ".join(sorted(verdict.columns))
    alarm = verdict.right and verdict.needless > 0
    return Followed(later.kind, what, alarm, why, converted.guards, tuple(verdict.off))


def answer(
    made: Conversion, training: Training, question: Mapping[str, Any], sandbox: DuckDBSandbox
) -> tuple[str, bool]:
    """The outcome after the answer to a question on the whole table, and whether what is right was offered.

    Who is asked picks the first candidate whose program makes the later file right; where there is none, neither is,
    and another file is shown with what it becomes.
    """
    lines = list(question["row"]["cells"])
    for candidate in (each for each in question["candidates"] if each["says"] == "value"):
        if (found := _taught(made, training, lines, candidate["value"].split("\n"), sandbox)) == "right":
            return found, True
    given, wanted = (content.decode().splitlines() for content in made.shown or (b"", b""))
    return _taught(made, training, given, wanted, sandbox), False


def _taught(
    made: Conversion, training: Training, given: Sequence[str], wanted: Sequence[str], sandbox: DuckDBSandbox
) -> str:
    lesson = {"source": {"lines": list(given)}, "output": {"lines": list(wanted)}}
    try:
        taught = learn(made, sandbox, Teaching([lesson]), training)
    except ConverterFault:
        return "refused"
    return _outcome(made, taught, sandbox).outcome


def _outcome(made: Conversion, training: Training, sandbox: DuckDBSandbox) -> Outcome:
    def outcome(what: str, why: str = "") -> Outcome:
        return Outcome(made.seed, made.layout, made.kinds, made.decided, what, why=why)

    if training.status != "completed":
        return outcome("refused", training.reason)
    try:
        converted = convert(made, training, sandbox)
    except ConverterFault as fault:
        return outcome("refused", f"{fault.reason}: {fault.message}")
    verdict = judge(made.output, converted.header, converted.rows, converted.flags)
    if verdict.right:
        found = replace(outcome("right"), alarm=verdict.needless > 0)
        return replace(found, guards=converted.guards, off=tuple(verdict.off))
    what = "silent"
    if verdict.unnamed == 0:
        what = "flagged"
    elif not made.decided and training.report["questions"]:
        what = "asked"
    failed = outcome(what, ", ".join(sorted(verdict.columns)))
    return replace(failed, guards=converted.guards, off=tuple(verdict.off))


def learn(
    made: Conversion, sandbox: DuckDBSandbox, teaching: Teaching | None = None, known: Training | None = None
) -> Training:
    """What is learned from a conversion's example, and from what was taught on it. Raises as `train`."""
    finding = known.finding if known is not None else None
    return train(made.example, made.wanted, runner=sandbox, hints=_hints(made), teaching=teaching, finding=finding)


def _hints(made: Conversion) -> ReadingHints | None:
    """People's files are read as they come, grids and lists of texts in the format of the folders of cases."""
    return CASE_HINTS if made.layout in FAMILIES else None


@dataclass(frozen=True, slots=True)
class Converted:
    """A later file's output, with what the report flags of it, and by which kinds of guards."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    flags: list[dict[str, object]]
    guards: Mapping[str, Sequence[int | None]]


def convert(made: Conversion, training: Training, sandbox: DuckDBSandbox) -> Converted:
    """Convert the later file. Raises the faults of inference."""
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "later.csv", Path(folder) / "output.csv"
        source.write_bytes(made.later)
        inference = apply_training(training, source, output, sandbox, _TIME_S, _hints(made))
        table = read_table(output.read_bytes(), _hints(made) or ReadingHints(whole=True)).table
    header = table.header or ()
    named = frozenset(header) if len(header) > 1 and table.has_names else frozenset[str]()
    flagged = (
        (flags.words, (flags.column, *flags.output_columns), [flag.output_row for flag in flags.first])
        for flags in inference.flags
    )
    guards = flags_by_kind(flagged, order_learned=inference.order_learned)
    return Converted(header, list(table.rows), list_flags(inference, named), guards)


def run_all(seeds: Sequence[int], jobs: int, family: Family = "files", changes: int = 0) -> list[Outcome]:
    """The outcomes of seeds, in so many processes."""
    parts = [seeds[start::jobs] for start in range(jobs)]
    if jobs == 1:
        return _run_part(parts[0], family, changes)
    with ProcessPoolExecutor(jobs) as pool:
        ran = pool.map(_run_part, parts, [family] * jobs, [changes] * jobs)
        found = [outcome for part in ran for outcome in part]
    return sorted(found, key=lambda outcome: outcome.seed)


def _run_part(seeds: Sequence[int], family: Family, changes: int) -> list[Outcome]:
    with DuckDBSandbox(limits=RunLimits(time_s=_TIME_S)) as sandbox:
        found = []
        for number, seed in enumerate(seeds, 1):
            found.append(run(seed, sandbox, family, changes))
            last = found[-1]
            told = f"seed {seed}: {last.outcome}{' with alarms' * last.alarm} in {last.cpu_s:.1f} s of CPU {last.why}"
            wrong = [f"{f.change}: {f.outcome} {f.why}" for f in last.followed if f.outcome in ("refused", "silent")]
            print("\n    ".join((f"{number}/{len(seeds)} {told}", *wrong)), file=sys.stderr, flush=True)
        return found


def describe(outcomes: Sequence[Outcome]) -> str:
    """The tables: by whether the example decides, by kind of rows and of column, and the seeds that do not hold."""
    holding = sum(outcome.holds for outcome in outcomes)
    right = [outcome for outcome in outcomes if outcome.outcome == "right"]
    sure = [outcome for outcome in right if outcome.decided]
    alarms = [100 * sum(o.alarm for o in group) / max(1, len(group)) for group in (right, sure)]
    cpu = sorted(outcome.cpu_s for outcome in outcomes)
    silent = sum(outcome.outcome == "silent" for outcome in outcomes)
    share = 100 / len(outcomes)
    lines = [
        f"{len(outcomes)} conversions, seeds {outcomes[0].seed} to {outcomes[-1].seed}:",
        f"{share * len(right):.1f} % right;",
        f"{share * holding:.1f} % right, flagged by row, or refused or asked where the example does not decide;",
        f"{share * silent:.1f} % silently wrong.",
        f"Rows are flagged needlessly in {alarms[0]:.1f} % of the right files, {alarms[1]:.1f} % of the decided ones.",
        *_answers(outcomes),
        f"Learning and converting one takes {cpu[len(cpu) // 2]:.2f} s of CPU (median), {cpu[-1]:.1f} s at most.",
        "",
        "| conversions | number | right | flagged by row | refused | asked | silently wrong |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    groups: dict[str, list[Outcome]] = {
        "the example decides": [o for o in outcomes if o.decided],
        "the example does not decide": [o for o in outcomes if not o.decided],
    }
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        for kind in dict.fromkeys((f"file: {outcome.layout}", *outcome.kinds)):
            by_kind[kind].append(outcome)
    lines += [_line(name, group) for name, group in (*groups.items(), *sorted(by_kind.items()))]
    for name in OUTCOMES[1:]:
        failed = [o for o in outcomes if o.outcome == name and not o.holds]
        if failed:
            lines += ["", f"{name}, by seed: " + ", ".join(str(o.seed) for o in failed)]
    return "\n".join([*lines, *_changes(outcomes), "", *kinds_table({"": tallies_of(outcomes)})])


def _changes(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What became of the changed files, by what was changed."""
    by_change: dict[str, list[tuple[int, Followed]]] = defaultdict(list)
    for outcome in outcomes:
        for followed in outcome.followed:
            by_change[followed.change].append((outcome.seed, followed))
    everything = [each for group in by_change.values() for each in group]
    if not everything:
        return
    yield ""
    yield (
        "| files changed in one way | number | right | flagged by row | refused by name, as is right | refused "
        "| silently wrong | right, and flagged |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    named = [(name, by_change[name]) for name in CHANGES if name in by_change]
    for name, group in (("all", everything), *named):
        counts = Counter(followed.outcome for _, followed in group)
        shown = (counts[outcome] for outcome in ("right", "flagged", "asked", "refused", "silent"))
        alarms = sum(followed.alarm for _, followed in group)
        yield f"| {name} | {len(group)} | " + " | ".join(map(str, shown)) + f" | {alarms} |"
    for what in ("refused", "silent"):
        wrong = [f"{name} {seed}" for name, group in named for seed, f in group if f.outcome == what]
        if wrong:
            yield from ("", f"changed and {what}, by seed: " + ", ".join(wrong))


def tallies_of(outcomes: Sequence[Outcome | Followed]) -> Tallies:
    """What each kind of guard is worth (see `benchmarks.guard_precision`)."""
    found = Tallies()
    for outcome in outcomes:
        if outcome.outcome != "refused":
            missing = "rows missing" in outcome.why
            found.add(outcome.off, outcome.guards, wrong=outcome.outcome != "right", missing=missing)
    return found


def _answers(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What one answer to a question on the whole table is worth."""
    asked = [outcome for outcome in outcomes if outcome.offered is not None]
    if not asked:
        return
    wrong = [outcome for outcome in asked if outcome.outcome != "right"]
    counts = Counter(outcome.answered or outcome.outcome for outcome in outcomes)
    yield (
        f"{len(asked)} are asked about the whole table, {len(wrong)} of them wrong; "
        f"{sum(bool(o.offered) for o in wrong)} of these are offered what is right, "
        f"{sum(o.answered == 'right' for o in wrong)} are right after one answer."
    )
    right, silent = (100 * counts[what] / len(outcomes) for what in ("right", "silent"))
    yield f"After one answer {right:.1f} % are right, {silent:.1f} % silently wrong."


def _line(name: str, group: Sequence[Outcome]) -> str:
    counts = Counter(outcome.outcome for outcome in group)
    return f"| {name} | {len(group)} | " + " | ".join(str(counts[outcome]) for outcome in OUTCOMES) + " |"


def show(seed: int, family: Family = "files", change: str = "") -> str:
    """One seed's files, what was learned, and what became of the later file, or of one that is changed."""
    made = make(seed, family)
    later = made.follow(change) if change else None
    outputs: tuple[Output, ...] = (made.output,)
    if later is not None:
        made, outputs = replace(made, later=later.content), later.outputs
    lines = [f"seed {seed}: {', '.join(made.kinds)}; {'decided' if made.decided else 'not decided'}"]
    for name, content in (("example", made.example), ("wanted", made.wanted), ("later", made.later)):
        lines += [f"--- {name}", content.decode("utf-8", "replace").rstrip()]
    with DuckDBSandbox(limits=RunLimits(time_s=_TIME_S)) as sandbox:
        try:
            training = learn(made, sandbox)
            lines += ["--- program", training.program, training.status, training.reason]
            lines += [
                f"{column['name']}: {column['words']} ({column['confidence']})" for column in training.report["columns"]
            ]
            lines += [f"question: {question['kind']} {question['column']}" for question in training.report["questions"]]
            converted = convert(made, training, sandbox)
        except ConverterFault as fault:
            return "\n".join([*lines, f"{fault.reason}: {fault.message}"])
    for output in outputs:
        lines += ["--- output should be", _csv([output.header, *(row.cells for row in output.rows)])]
        lines += [f"asked: {sorted(number + 1 for number in output.asked)}"]
    lines += ["--- and is", _csv([converted.header, *converted.rows])]
    lines += [json.dumps(flag, ensure_ascii=False) for flag in converted.flags]
    verdicts = [judge(output, converted.header, converted.rows, converted.flags) for output in outputs]
    return "\n".join([*lines, *converted.guards, *map(str, verdicts)])


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().replace("\0", "?").rstrip()


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generated_gate", description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, nargs="?", help="a folder for result.json")
    parser.add_argument("--family", choices=FAMILIES, default="files")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--changes", type=int, default=MOST_CHANGES, help="how many changed files follow each example")
    parser.add_argument("--show", type=int, metavar="SEED")
    parser.add_argument("--change", choices=list(CHANGES), default="", metavar="KIND", help="show a changed file")
    options = parser.parse_args()
    if options.show is not None:
        print(show(options.show, options.family, options.change))
        return 0
    seeds = range(options.seed, options.seed + options.count)
    outcomes = run_all(seeds, options.jobs, options.family, options.changes)
    told = describe(outcomes)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        listed = [asdict(outcome) for outcome in outcomes]
        (options.out / "result.json").write_text(json.dumps(listed, indent=1, ensure_ascii=False), encoding="utf-8")
        (options.out / "gate.md").write_text(told, encoding="utf-8")
    print(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
