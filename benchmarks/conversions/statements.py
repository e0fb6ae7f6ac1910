"""Statements, ledgers and lists as custodians, banks and brokers write them, and the plain table that is wanted.

As in `exports`, each kind lays facts out and says what is wanted of them; here the facts are bookings of accounts, and
the files have the names, titles, sums and notes that such files have. A later file has more of them: other accounts,
currencies, days and papers, sections of one row and of many.
"""

from collections.abc import Callable, Mapping
from random import Random

from benchmarks.conversions import statement_columns, statement_rows, statement_sections
from benchmarks.conversions.bookings import Statement, draw_entries
from benchmarks.conversions.tables import Reshaped

KINDS: Mapping[str, Callable[[Random], Statement]] = {
    "accounts in titles": statement_sections.accounts_in_titles,
    "ledger by currency": statement_sections.ledger_by_currency,
    "balances of sections": statement_sections.balances,
    "positions by day": statement_columns.positions_by_day,
    "lots below papers": statement_sections.lots,
    "footers": statement_sections.footers,
    "said above": statement_sections.said_above,
    "one of two tables": statement_sections.one_of_two_tables,
    "lines marked by table": statement_sections.marked_lines,
    "typed records": statement_sections.typed_records,
    "papers below classes": statement_sections.grouped_papers,
    "currencies across": statement_columns.currencies_across,
    "texts continued": statement_rows.continued,
    "trades in two lines": statement_rows.two_line_trades,
    "legs by reference": statement_rows.legs,
    "exchanges in two lines": statement_rows.exchanges,
    "amounts to rows": statement_columns.amounts_to_rows,
    "confirmations": statement_rows.confirmations,
    "sums by account": statement_rows.summed,
    "units below names": statement_sections.units_below_names,
    "names in two lines": statement_columns.names_in_two_lines,
    "months across": statement_columns.months_across,
    "empty sections": statement_sections.empty_sections,
    "sides beside one another": statement_columns.side_by_side,
    "allocations": statement_columns.allocations,
    "pages carried forward": statement_sections.pages,
    "account once": statement_sections.account_once,
    "latest of each": statement_rows.latest,
    "pivoted by kind": statement_columns.pivoted,
    "running balance": statement_rows.running,
    "total below": statement_rows.total_below,
    "debit and credit": statement_columns.sides_in_columns,
    "cancelled": statement_rows.cancelled,
    "old and new paper": statement_rows.old_and_new,
    "bought and sold": statement_columns.columns_of_kinds,
}


_TRIES, _FEWEST_LINES, _MOST_LINES = 40, 5, 40


def draw_statement(at: Random, *, told: bool) -> tuple[str, tuple[Reshaped, Reshaped, Reshaped]]:
    """A kind, and what the example, the later file and one that somebody shows have of it.

    Where it is to be ``told``, the example is drawn until it shows what the kind is about.
    """
    kind = at.choice(tuple(KINDS))
    statement = KINDS[kind](at)
    example = statement(draw_entries(at, later=False))
    for _ in range(_TRIES if told else 0):
        if not example.open and _FEWEST_LINES <= len(example.given) <= _MOST_LINES:
            break
        example = statement(draw_entries(at, later=False))
    later = [statement(draw_entries(at, later=True)) for _ in range(2)]
    return kind, (example, later[0], later[1])


def cut_blanks(line: tuple[str, ...]) -> tuple[str, ...]:
    """A line without the blank cells at its end."""
    while len(line) > 1 and not line[-1]:
        line = line[:-1]
    return line
