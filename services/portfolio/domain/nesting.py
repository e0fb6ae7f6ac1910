"""Tables that stand deeper in a payload than its fields: under its client, its portfolios or its accounts.

They are brought to the top under their own names, rows of several accounts one after another with the account that each
is in, and so is what stands beside them. What is of several clients, and weights that are of each account, are refused
by name. Rows that have a table themselves, such as the lots of a position, are rows all the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.portfolio.domain.evidence import Evidence, know_columns, weigh
from services.portfolio.domain.lexicon import Lexicon, Names, match_form
from services.portfolio.domain.table_fields import TABLES
from services.portfolio.domain.terms import is_empty

_DEEPEST, _LOOKED_AT = 5, 20
_REFERENCE = "converteroutput"
"""A job's output may be named at the top alone, where it is checked who may read it."""
_LABELS = ("name", "account", "number", "id", "code", "type", "description")
"""Meanings of the part of an account that says which it is, the best first."""
_AMOUNTS = frozenset({"market_value", "cost", "gain", "price", "income", "face_value", "nominal", "paid"})
LOTS = frozenset({"lot"})
"""Meanings of names of tables within a row that are parts of it."""
_CLIENTS = frozenset({"client", "investor", "household", "owner"})
_DETAILS = frozenset({"detail", "details", "info", "information", "profile", "name", "id", "daten", "angaben"})
"""Meanings of words beside a client's that still mean the client: the limits of one are something else."""
_WRAPPERS = frozenset(
    {"data", "payload", "body", "result", "results", "response", "portfolio", "account", "content", "report"}
)
"""Meanings of names that say nothing of what stands under them."""


class Kind(Protocol):
    """What of a section tells its tables."""

    @property
    def columns(self) -> Names: ...
    @property
    def names(self) -> Names: ...
    @property
    def known_by(self) -> Mapping[str, tuple[Evidence, ...]]: ...


@dataclass(slots=True)
class Lifted:
    """A payload with its deeper tables at the top: the paths that these stood at, and why it cannot be used."""

    fields: dict[str, object] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    refused: str = ""


def lift_tables(payload: Mapping[object, object], kinds: Sequence[Kind]) -> Lifted | None:
    """The payload with what stands deeper brought to the top; None where no table does."""
    finder = _Finder(kinds)
    if not any(finder.holds(value) or finder.is_client(str(name), value) for name, value in payload.items()):
        return None
    found = Lifted()
    finder.take(payload, "", None, found, 0)
    return found


def names_client(name: str, value: object, kinds: Sequence[Kind]) -> bool:
    """Whether a field is an object that says who the client is."""
    return isinstance(value, Mapping) and _Finder(kinds).is_client(name, value)


def list_deeper(value: object, path: str, kinds: Sequence[Kind]) -> list[str]:
    """The paths of the tables that stand within a field."""
    finder = _Finder(kinds)
    return list(dict.fromkeys(finder.list_paths(value, path, 0)))


class _Finder:
    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = kinds
        self._lexicon: Lexicon = kinds[0].columns.lexicon

    def holds(self, value: object, depth: int = 0) -> bool:
        """Whether tables stand within a value, which is none itself but for its rows."""
        return next(iter(self.list_paths(value, "", depth)), None) is not None

    def list_paths(self, value: object, path: str, depth: int) -> Iterator[str]:
        if depth > _DEEPEST:
            return
        if isinstance(value, Mapping):
            for key, part in value.items():
                inner = f"{path}.{key}" if path else str(key)
                if self._is_table(str(key), part):
                    yield inner
                else:
                    yield from self.list_paths(part, inner, depth + 1)
        elif isinstance(value, list):
            for item in value[:_LOOKED_AT]:
                if isinstance(item, Mapping):
                    yield from self.list_paths(item, f"{path}[]", depth + 1)

    def _is_table(self, name: str, value: object) -> bool:
        """Whether a value is a table of positions, bonds or income, and no list of accounts."""
        if not isinstance(value, list) or not value or not all(isinstance(item, Mapping) for item in value):
            return False
        rows = [{str(key): cell for key, cell in item.items()} for item in value[:_LOOKED_AT]]
        if LOTS & self._lexicon.read(name) or self.holds(rows):
            return False
        return any(self._fits(rows, kind, name) for kind in self._kinds)

    def _fits(self, rows: Sequence[Mapping[str, object]], kind: Kind, name: str) -> bool:
        known = know_columns(rows, kind.columns)
        if "name" not in known:
            return False
        shown = any(weigh(known, alternatives) for alternatives in kind.known_by.values())
        return shown or (len(known) > 1 and bool(TABLES.keys() & set(kind.names.find(name))))

    def take(self, item: Mapping[object, object], prefix: str, account: str | None, into: Lifted, depth: int) -> None:
        """Put the tables and the other fields of an object to the top."""
        for key, value in item.items():
            name = str(key)
            path = f"{prefix}.{name}" if prefix else name
            if match_form(name) == _REFERENCE and prefix:
                continue
            if self._is_table(name, value):
                self._put_rows(name, value, path, account, item, into)
            elif isinstance(value, Mapping) and (self.holds(value) or (depth == 0 and self.is_client(name, value))):
                self.take(value, path, account, into, depth + 1)
            elif isinstance(value, list) and self.holds(value):
                self._take_list(name, value, path, into, depth)
            elif account is None and not is_empty(value):
                into.fields.setdefault(self._name(prefix, name), value)

    def _take_list(self, name: str, items: Iterable[object], path: str, into: Lifted, depth: int) -> None:
        found = [item for item in items if isinstance(item, Mapping)]
        if len(found) > 1 and _CLIENTS & self._lexicon.read(name):
            into.refused = f"{path} holds several clients; send one payload for each"
            return
        rest = []
        for place, item in enumerate(found):
            label = self._find_label(item) or f"{name} {place + 1}"
            if len(found) == 1:
                self.take(item, f"{path}[]", None, into, depth + 1)
                return
            self.take(item, f"{path}[]", label, into, depth + 1)
            used = {label.removeprefix("account "), self._find(item, "currency")}
            plain = {key: value for key, value in item.items() if not self._is_table(str(key), value)
                     and not self.holds(value) and (isinstance(value, Mapping | list) or str(value) not in used)
                     and not is_empty(value) and not set(_LABELS) & self._lexicon.read(str(key))}  # fmt: skip
            if plain:
                rest.append({"account": label, **plain})
        if rest:
            into.fields.setdefault(name, rest)

    def _put_rows(
        self, name: str, rows: object, path: str, account: str | None, owner: Mapping[object, object], into: Lifted
    ) -> None:
        """Rows with the account and the currency that they stand in, behind those of the same name."""
        if not isinstance(rows, list):
            return
        added = [dict(row) for row in rows if isinstance(row, Mapping)]
        currency = self._find(owner, "currency") if account is not None else None
        for row in added:
            columns = {option for key in row for option in self._kinds[0].columns.find(str(key))}
            if account is not None and "account" not in columns:
                row["account"] = account
            if isinstance(currency, str) and "currency" not in columns:
                row["currency"] = currency
        if path.count("[]"):
            known = know_columns([{str(key): cell for key, cell in row.items()} for row in added[:_LOOKED_AT]],
                                 self._kinds[0].columns)  # fmt: skip
            if name in into.fields and not _AMOUNTS & known:
                into.refused = f"the weights in {path} are of each of several; send amounts, or one payload for each"
                return
        before = into.fields.get(name)
        into.fields[name] = [*before, *added] if isinstance(before, list) else added
        if path != name and path not in into.paths:
            into.paths.append(path)

    def _name(self, prefix: str, name: str) -> str:
        """What a deeper field is called at the top: with what it stands under where that makes it one that is known."""
        owner = prefix.removesuffix("[]").rpartition(".")[2]
        if not owner:
            return name
        joined = f"{owner} {name}"
        if any(kind.names.find(joined) for kind in self._kinds):
            return joined
        return name if any(kind.names.find(name) for kind in self._kinds) or self._says_nothing(owner) else joined

    def is_client(self, name: str, value: object) -> bool:
        """Whether an object says who the client is."""
        said = self._lexicon.read(name)
        return isinstance(value, Mapping) and bool(_CLIENTS & said) and said <= _CLIENTS | _WRAPPERS | _DETAILS

    def _says_nothing(self, name: str) -> bool:
        return self._lexicon.read(name) <= _WRAPPERS

    def _find(self, item: Mapping[object, object], meaning: str) -> object:
        return next(
            (value for key, value in item.items()
             if meaning in self._lexicon.read(str(key)) and not isinstance(value, Mapping | list)), None,
        )  # fmt: skip

    def _find_label(self, item: Mapping[object, object]) -> str | None:
        found = (self._find(item, meaning) for meaning in _LABELS)
        label = next((str(value).strip() for value in found if value is not None and str(value).strip()), None)
        return f"account {label}" if label is not None and label.isdigit() else label
