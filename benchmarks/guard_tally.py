"""Tallies of what each kind of guard flags: rows that are wrong, and files that are right."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

ORDER = "the order of the rows is open"


@dataclass(slots=True)
class Tally:
    """What one kind of guard came to."""

    right: int = 0
    right_alone: int = 0
    wrong: int = 0
    wrong_alone: int = 0
    rows: int = 0
    rows_wrong: int = 0
    rows_only: int = 0

    @property
    def precision(self) -> float:
        """The share of flagged rows that are wrong."""
        return self.rows_wrong / self.rows if self.rows else 0.0

    def add(self, other: "Tally") -> None:
        """Count another one's rows and files, too."""
        self.right += other.right
        self.right_alone += other.right_alone
        self.wrong += other.wrong
        self.wrong_alone += other.wrong_alone
        self.rows += other.rows
        self.rows_wrong += other.rows_wrong
        self.rows_only += other.rows_only


@dataclass(slots=True)
class Tallies:
    """All kinds, over the files of a population. ``unnamed``: wrong files with a row that nothing names, or where one
    is missing that nothing names; ``silent``: those of them that nothing flags at all."""

    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    right: int = 0
    wrong: int = 0
    flagged_right: int = 0
    unnamed: int = 0
    silent: int = 0

    def add(
        self, off: Collection[int], flags: Mapping[str, Collection[int | None]], *, wrong: bool, missing: bool
    ) -> None:
        """Count a file: the rows of its output that are wrong or open, what flags which rows, whether it is wrong,
        and whether rows are missing. That a right file's open rows are flagged is no alarm."""
        needless = [] if wrong else [kind for kind, rows in flags.items() if not rows or set(rows) - set(off)]
        self.wrong += wrong
        self.right += not wrong
        self.silent += wrong and not flags
        self.flagged_right += bool(needless)
        named = Counter(row for rows in flags.values() for row in rows)
        self.unnamed += wrong and (not set(off) <= set(named) or (missing and None not in named))
        for kind, rows in flags.items():
            tally = self.kinds[kind]
            tally.wrong += wrong
            tally.right += kind in needless
            tally.wrong_alone += wrong and len(flags) == 1
            tally.right_alone += needless == [kind]
            hit = [row for row in rows if (missing if row is None else row in off)]
            tally.rows += len(rows)
            tally.rows_wrong += len(hit)
            tally.rows_only += sum(named[row] == 1 for row in hit)


def flags_by_kind(
    flags: Iterable[tuple[str, tuple[str, ...], Sequence[int | None]]], *, order_learned: bool
) -> dict[str, list[int | None]]:
    """The rows of the output that each kind flags, once each, of flags given by their words, names and rows."""
    found: dict[str, dict[int | None, None]] = {}
    for words, names, rows in flags:
        found.setdefault(kind_of(words, names), {}).update(dict.fromkeys(rows))
    if not order_learned:
        found[ORDER] = {}
    return {kind: list(rows) for kind, rows in found.items()}


def kind_of(words: str, names: tuple[str, ...] = ()) -> str:
    """A guard's words without what is a file's own: names, numbers, what is quoted or follows a colon."""
    for name in sorted((name for name in names if name), key=len, reverse=True):
        words = words.replace(name, "_")
    words = re.sub(r"[\"“][^\"”]*[\"”]", "_", words)
    return re.sub(r"[0-9]+", "n", words.split(":")[0])


def populations_table(populations: Mapping[str, Tallies]) -> Iterator[str]:
    """What became of the files of each population."""
    yield "| files | right | of them flagged | | wrong | a row that nothing names | no flag at all |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name, found in populations.items():
        share = f"{100 * found.flagged_right / found.right:.1f} %" if found.right else ""
        yield (
            f"| {name} | {found.right} | {found.flagged_right} | {share} | {found.wrong} | {found.unnamed} "
            f"| {found.silent} |"
        )


def kinds_table(populations: Mapping[str, Tallies]) -> Iterator[str]:
    """What each kind came to, in all and in each population, those first that are alone on the most right files."""
    everywhere: dict[str, Tally] = defaultdict(Tally)
    for found in populations.values():
        for kind, tally in found.kinds.items():
            everywhere[kind].add(tally)
    yield "| guard | files | rows | wrong | only | right | alone | wrong files | alone |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind, all_of_it in sorted(everywhere.items(), key=lambda item: (-item[1].right_alone, -item[1].right, item[0])):
        named = [(name, found.kinds[kind]) for name, found in populations.items() if kind in found.kinds]
        total = [("all", all_of_it)] if len(named) > 1 else []
        for place, (name, t) in enumerate((*total, *named)):
            share = f"{t.precision:.0%}" if t.rows else ""
            yield (
                f"| {kind if not place else ''} | {name} | {t.rows} | {share} | {t.rows_only} | {t.right} "
                f"| {t.right_alone} | {t.wrong} | {t.wrong_alone} |"
            )
