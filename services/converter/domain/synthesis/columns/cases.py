"""Columns that no single program explains: programs for groups of rows, and conditions that tell the groups apart."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, islice, permutations

from services.converter.domain.synthesis.columns import ranking
from services.converter.domain.synthesis.columns.parsing.words import learn_by_words
from services.converter.domain.synthesis.columns.separating import separating
from services.converter.domain.synthesis.language import Condition, Constant, Examples, Expression
from services.converter.domain.synthesis.operators.logic.branch import Branch, Dictionary
from services.converter.domain.synthesis.operators.logic.condition import Blank, Equals
from services.converter.domain.synthesis.operators.witness import Candidate
from services.converter.domain.synthesis.tokens import shape

MAX_BRANCHES = 4
"""Cases that people still spell out; more are a list of values."""
MAX_DICTIONARY = 400
"""Values that a dictionary may list: the program must stay readable."""
MOST_ORDERS = 6
"""Orders of values that are tried for conditions one after the other."""
TRUTHS = frozenset({"true", "false", "yes", "no", "y", "n", "1", "0", "t", "f"})
"""Values that say whether something holds, for which one row of either kind may do."""
MOST_KEPT, MOST_CONDITIONS = 2, 4
"""Columns whose cells may be kept in some rows, and conditions for each."""
SEVERAL = 2
"""Rows that something is wanted in, from which on a program for them is more than a text."""
MOST_FILLED = 30
"""Columns that may stand before others where they are filled."""
MAX_SEEDS = 24
"""Groups of rows that are learned apart; `learning.MOST_CALLS` bounds all of them together."""
MAX_PROGRAMS = 60
"""Programs that the rows are covered with: each is held against every row."""
DEAREST_SINGLE = 5.0
"""The most that a program may cost that explains one row only."""

_FIGURE, _LETTER = re.compile(r"\d").search, re.compile(r"[^\W\d_]").search

Learner = Callable[[Examples], list[Expression]]
"""Programs that explain all rows of a small task, best first."""


def learn_values(task: Examples) -> list[Expression]:
    """Outputs that are few values: conditions between constants, and dictionaries by one column."""
    found: list[Expression] = []
    counts: dict[str, list[int]] = {}
    for position, output in enumerate(task.outputs):
        counts.setdefault(output, []).append(position)
    if len(counts) < 2:
        return []
    rows = len(task.outputs)
    if len(counts) == 2 and (rows >= 3 or TRUTHS.issuperset(value.lower() for value in counts)):
        found.extend(_two_values(task, counts))
    elif 2 < len(counts) <= MAX_BRANCHES and rows >= 2 * len(counts):
        chain = _chain(task, counts)
        if chain is not None:
            found.append(chain)
    found.extend(_dictionaries(task))
    found.extend(_copied_but(task))
    found.extend(learn_by_words(task))
    found.sort(key=lambda e: ranking.rank(task, e))
    return found


def _two_values(task: Examples, counts: dict[str, list[int]]) -> list[Expression]:
    most, least = sorted(counts, key=lambda value: -len(counts[value]))
    labels = [output == least for output in task.outputs]
    conditions = separating(task, labels)
    if len(labels) < 3:
        # One row of either kind says nothing but how its own cells relate.
        conditions = [
            c for c in conditions if any(isinstance(node, Condition) and node.relates_cells for node in c.walk())
        ]
    return [Branch(c, Constant(least), Constant(most)) for c in conditions]


def _chain(task: Examples, counts: dict[str, list[int]]) -> Expression | None:
    """Conditions one after the other, in the first order of the values in which there are some."""
    ordered = sorted(counts, key=lambda value: -len(counts[value]))
    found = (_chain_of(task, counts, order) for order in islice(permutations(ordered), MOST_ORDERS))
    return next((chain for chain in found if chain is not None), None)


def _chain_of(task: Examples, counts: dict[str, list[int]], ordered: tuple[str, ...]) -> Expression | None:
    result: Expression = Constant(ordered[0])
    rows = list(counts[ordered[0]])
    for value in ordered[1:]:
        rows += counts[value]
        part = task.subset(sorted(rows))
        conditions = separating(part, [output == value for output in part.outputs], deep=False)
        if not conditions:
            return None
        result = Branch(conditions[0], Constant(value), result)
    return result


def _dictionaries(task: Examples) -> list[Expression]:
    found: list[Expression] = []
    for index in range(len(task.names)):
        if task.is_beside(index):
            continue
        pairs: dict[str, str] = {}
        texts = [(r[index] if index < len(r) else None) or "" for r in task.records]
        # Where no value came twice only words are listed, by kinds of the file: numbers are read or computed.
        of_kinds = index in task.recurring and all(map(_LETTER, task.outputs))
        if len(set(texts)) > MAX_DICTIONARY or (len(set(texts)) == len(texts) and not of_kinds):
            continue
        if all(pairs.setdefault(key, value) == value for key, value in zip(texts, task.outputs, strict=True)):
            listed = Dictionary(task.column(index), tuple(sorted(pairs.items())))
            # Where most values came once, a list that is a guess would only keep from looking for a rule.
            if len(set(texts)) * 3 <= len(texts) * 2 or not listed.doubt(task):
                found.append(listed)
    return found


def _copied_but(task: Examples) -> list[Expression]:
    """Cells that are copied but for one text, which stands for another: nothing, a mark for nothing, or a word that
    came several times (of one that came once a rule may say more)."""
    found: list[Expression] = []
    for column in map(task.column, range(len(task.names))):
        texts = [cell or "" for cell in task.values(column)]
        pairs = set(zip(texts, task.outputs, strict=True))
        others = [pair for pair in pairs if pair[0] != pair[1]]
        several = len(others) == 1 and (not _LETTER(others[0][0]) or texts.count(others[0][0]) >= SEVERAL)
        if several and len(pairs) - len(others) >= SEVERAL:
            text, answer = others[0]
            condition = Equals(column, (text,)) if text.strip() else Blank(column)
            if text.strip() or sum(not (cell or "").strip() for cell, _ in pairs) == 1:
                found.append(Branch(condition, Constant(answer), column))
    return found


def learn_kept(task: Examples, sources: Iterable[Candidate]) -> list[Expression]:
    """Cells of a column that are kept in some rows and left blank in the others, by the likeliest conditions."""
    kept = [cell for cell, values in sources if all(not o or v == o for v, o in zip(values, task.outputs, strict=True))]
    conditions = separating(task, [bool(output) for output in task.outputs])[:MOST_CONDITIONS]
    return [Branch(c, cell, Constant("")) for cell in kept[:MOST_KEPT] for c in conditions]


def learn_one_side(task: Examples, learner: Learner) -> list[Expression]:
    """Programs for the rows in which something is wanted, several of them, beside nothing in the others: by the sign
    of what they give, else by the likeliest conditions."""
    filled = [bool(output) for output in task.outputs]
    if sum(filled) < SEVERAL or all(filled):
        return []
    part = task.subset([i for i, wanted in enumerate(filled) if wanted])
    programs = _grounded(part, learner(part))[:MOST_KEPT]
    by_sign = [side for made in programs for side in made.sides() if task.explains(side)]
    if by_sign or not programs:
        return by_sign
    conditions = separating(task, filled)[:MOST_CONDITIONS]
    return [Branch(condition, made, Constant("")) for made in programs for condition in conditions]


def _grounded(part: Examples, programs: Iterable[Expression]) -> list[Expression]:
    """Those of the programs for some rows that read something, and that these rows are ground for."""
    return [e for e in programs if e.columns and not ranking.doubt(part, e)]


def learn_first_filled(task: Examples, learner: Learner) -> list[Expression]:
    """Programs for the rows in which a column is filled that read it alone, or hold it whole beside what else they
    read, each with one for the others."""
    found: list[Expression] = []
    for index in range(min(len(task.names), MOST_FILLED)):
        column = task.column(index)
        filled = [bool((text or "").strip()) for text in task.values(column)]
        if all(filled) or not any(filled) or not all(task.outputs):
            continue
        own, others = (task.subset([i for i, f in enumerate(filled) if f == kind]) for kind in (True, False))
        # What reads one column alone is found among that column's pieces, which are few: most columns tell nothing.
        is_held = all((cell or "") in want for cell, want in zip(own.values(column), own.outputs, strict=True))
        made_of = learner(own) if is_held or learner(own.reading(index)) else []
        firsts = [e for e in made_of if e.columns == {index} or (is_held and index in e.columns)][:1]
        seconds = [e for e in learner(others) if e.columns and index not in e.columns][:1] if firsts else []
        made = (Branch(Blank(column), second, first) for first in firsts for second in seconds)
        found += [e for e in made if task.explains(e)]
    return found


def learn_renamed(task: Examples, learner: Learner) -> list[Expression]:
    """What says a column's words as they stand in most kinds of rows, and other words for them in the others: of many
    kinds one or two have a name of their own."""
    found: list[Expression] = []
    for column in map(task.column, range(min(len(task.names), MOST_FILLED))):
        texts = [(cell or "").strip() for cell in task.values(column)]
        said = [_says(output, text) for output, text in zip(task.outputs, texts, strict=True)]
        kept, renamed = ({t for t, s in zip(texts, said, strict=True) if s is whole} for whole in (True, False))
        if not renamed or kept & renamed or len(renamed) >= min(len(kept), MAX_BRANCHES):
            continue
        groups = [[place for place, s in enumerate(said) if s is whole] for whole in (True, False)]
        # What repeats is a kind; a word that came in one row may be of that row.
        if len(groups[1]) < SEVERAL * len(renamed) or len(kept) * 2 > len(groups[0]):
            continue
        parts = [task.subset(group) for group in groups]
        first, second = (_grounded(part, learner(part))[:1] for part in parts)
        if first and second and column.index in first[0].columns:
            found += _assemble(task, [(e, frozenset(g)) for e, g in zip((*first, *second), groups, strict=True)])
    return found


def learn_branches(task: Examples, learner: Learner) -> list[Expression]:
    """Programs for groups of rows, joined by conditions; the group with most rows is the last, the otherwise."""
    rows = len(task.outputs)
    if rows < 3:
        return []
    by_kind = _by_kind(task, learner)
    if by_kind:
        return by_kind
    programs = _programs(task, learner)
    covers = {
        e: frozenset(i for i in range(rows) if (e.run(task.records[i]) or "") == task.outputs[i]) for e in programs
    }
    chosen = _cover(covers, rows, frozenset(frozenset({i}) for i in _blank_rows(task)))
    if chosen is None:
        return []
    return _assemble(task, chosen)


def _by_kind(task: Examples, learner: Learner) -> list[Expression]:
    """A program for each kind of rows, by the columns of few words: what people tell cases by most. A kind that was
    seen once is like one of the others."""
    found: list[Expression] = []
    for kinds, told in _kinds(task):
        groups = sorted((group for group in kinds if len(group) >= SEVERAL), key=len, reverse=True)
        if len(groups) < SEVERAL:
            continue
        parts = [task.subset(group) for group in groups]
        made = [_always(part) if told else [] for part in parts]
        made = [
            own or _copies(part) or _grounded(part, learner(part))[:1] for own, part in zip(made, parts, strict=True)
        ]
        if told:
            made = [own or _rest(part, learner) for own, part in zip(made, parts, strict=True)]
        best = [programs[0] for programs in made if programs]
        if len(best) < len(groups) or len(set(best)) == 1:
            continue
        covered = [{*group} for group in groups]
        for row in (group[0] for group in kinds if len(group) < SEVERAL):
            like = next((i for i, e in enumerate(best) if (e.run(task.records[row]) or "") == task.outputs[row]), None)
            if like is None:
                break
            covered[like].add(row)
        else:
            found += _assemble(task, [(e, frozenset(rows)) for e, rows in zip(best, covered, strict=True)])
    return sorted(found, key=lambda e: ranking.rank(task, e))


def _always(part: Examples) -> list[Expression]:
    """The text of all rows, where they have the same."""
    return [Constant(part.outputs[0])] if len(set(part.outputs)) == 1 else []


def _rest(part: Examples, learner: Learner) -> list[Expression]:
    """What rows that were made of others say as the rows of a file may: one column where another is blank, or words for
    kinds."""
    filled = _grounded(part, learn_first_filled(part, learner))
    return filled[:1] or _grounded(part, learn_values(part))[:1]


def _copies(part: Examples) -> list[Expression]:
    """The likeliest column that holds what all rows have: cases by kinds are mostly of such."""
    columns = map(part.column, range(len(part.names)))
    held: list[Expression] = [column for column in columns if part.explains(column)]
    return sorted(held, key=lambda column: column.cost)[:1]


def _kinds(task: Examples) -> Iterator[tuple[Sequence[list[int]], bool]]:
    """The rows of each kind, for each column that holds few kinds, and whether rows are known apart by it that were
    made of one: then a text may be all that those of one kind have. Where there is such a column, no other tells."""
    for index in sorted(task.telling) or range(min(len(task.names), MOST_FILLED)):
        kinds: dict[str, list[int]] = {}
        for place, record in enumerate(task.records):
            kinds.setdefault((record[index] if index < len(record) else None) or "", []).append(place)
        if 1 < len(kinds) <= MAX_BRANCHES and (index in task.telling or not any(map(_FIGURE, kinds))):
            yield list(kinds.values()), index in task.telling


def _says(output: str, text: str) -> bool:
    """Whether a text with letters stands in an output as whole words."""
    return _LETTER(text) is not None and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", output) is not None


def _blank_rows(task: Examples) -> list[int]:
    """Rows whose cells are all blank: what they become is a text of its own."""
    return [i for i, r in enumerate(task.records) if not any((cell or "").strip() for cell in r)]


def _programs(task: Examples, learner: Learner) -> list[Expression]:
    """Programs for likely groups of rows, then for single rows where they are cheap."""
    filled = [i for i, output in enumerate(task.outputs) if output]
    found: dict[str, Expression] = {"": Constant("")} if len(filled) < len(task.outputs) else {}
    found |= {task.outputs[i]: Constant(task.outputs[i]) for i in _blank_rows(task)[:1]}
    for group in _groups(task, filled)[:MAX_SEEDS]:
        if task.budget.is_spent:
            break
        for expression in learner(task.subset(group))[:4]:
            found.setdefault(expression.sql(), expression)
    for i in filled[:8]:
        if task.budget.is_spent or len(found) >= MAX_PROGRAMS:
            break
        for expression in learner(task.subset((i,)))[:2]:
            if expression.cost <= DEAREST_SINGLE:
                found.setdefault(expression.sql(), expression)
    return list(found.values())


def _groups(task: Examples, filled: list[int]) -> list[tuple[int, ...]]:
    """Rows with something to explain, of one kind, of one outline, all rows but one or two, pairs of rows."""
    rows = range(len(task.outputs))
    groups: list[tuple[int, ...]] = [tuple(filled)] if 0 < len(filled) < len(rows) else []
    groups += [tuple(g) for kinds, _ in _kinds(task) for g in sorted(kinds, key=len, reverse=True) if len(g) >= SEVERAL]
    outlines: dict[tuple[str, ...], list[int]] = {}
    for i in rows:
        outlines.setdefault(tuple(shape(cell or "") for cell in task.records[i]), []).append(i)
        outlines.setdefault((shape(task.outputs[i]),), []).append(i)
    groups += [tuple(g) for g in sorted(outlines.values(), key=len, reverse=True) if 1 < len(g) < len(rows)]
    for size in (len(filled) - 1, len(filled) - 2):
        if size > 2:
            groups += list(combinations(filled[:8], min(size, 7)))[:14]
    groups += list(combinations(filled[:7], 2))
    return list(dict.fromkeys(groups))


def _cover(
    covers: dict[Expression, frozenset[int]], rows: int, free: frozenset[frozenset[int]]
) -> list[tuple[Expression, frozenset[int]]] | None:
    """The fewest and cheapest programs that explain all rows, greedily; what ``free`` rows get may cost anything."""
    left = frozenset(range(rows))
    chosen: list[tuple[Expression, frozenset[int]]] = []
    while left and len(chosen) < MAX_BRANCHES:
        best = max(covers, key=lambda e: (len(covers[e] & left), -e.cost), default=None)
        if best is None or not covers[best] & left:
            return None
        gained = covers[best] & left
        if len(gained) == 1 and best.cost > DEAREST_SINGLE and gained not in free:
            return None
        chosen.append((best, gained))
        left -= gained
    if left or len(chosen) < 2 or len(chosen) * 2 > rows + 1:
        return None
    return chosen


def _assemble(task: Examples, chosen: list[tuple[Expression, frozenset[int]]]) -> list[Expression]:
    """Conditions for the rarer groups; rows that several programs explain may fall on either side."""
    results: list[Expression] = [chosen[0][0]]
    seen = set(chosen[0][1])
    for expression, group in chosen[1:]:
        seen |= group
        following: list[Expression] = []
        for rest in results[:3]:
            free = {i for i in seen if (rest.run(task.records[i]) or "") == (expression.run(task.records[i]) or "")}
            decisive = sorted(i for i in seen if i not in free)
            part = task.subset(decisive)
            labels = [i in group for i in decisive]
            following += [Branch(c, expression, rest) for c in separating(part, labels)[:4]]
        if not following:
            return []
        results = sorted(following, key=lambda e: e.cost)
    return [e for e in results if task.explains(e)]
