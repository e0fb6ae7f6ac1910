"""What files hold: the fields of five kinds of file, with values as examples and as later files have them."""

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any, Literal

Record = dict[str, Any]
"""The values of a row: dates, decimals and texts by field; None for a blank cell."""
Kind = Literal["text", "category", "date", "number", "count", "code"]
LANGUAGES = ("en", "de", "fr", "pl")


@dataclass(frozen=True, slots=True)
class Field:
    """``headers`` by language, in the order of `LANGUAGES`; ``blank``: how often a cell is blank."""

    name: str
    kind: Kind
    headers: tuple[str, str, str, str]
    places: int = 2
    money: bool = False
    blank: float = 0.0

    def header(self, language: str) -> str:
        """The column's name in a file."""
        return self.headers[LANGUAGES.index(language)]


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of file. ``known`` are the values of its category fields; ``unseen`` those that only later files have."""

    name: str
    fields: tuple[Field, ...]
    draw: Callable[["Source"], Record]
    known: Mapping[str, tuple[str, ...]]
    unseen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, name: str) -> Field:
        """A field by its name."""
        return next(f for f in self.fields if f.name == name)

    def having(self, *kinds: Kind) -> list[Field]:
        """The fields of some kinds."""
        return [f for f in self.fields if f.kind in kinds]


@dataclass(slots=True)
class Source:
    """Draws the values of one file; ``later``: with what the example did not have. ``large``: amounts above 1000."""

    at: Random
    later: bool
    large: bool
    layout: Layout | None = None

    def date(self) -> dt.date:
        """Some day of one or two years."""
        start = dt.date(2026, 7, 1) if self.later else dt.date(2026, 1, 1)
        return start + dt.timedelta(days=self.at.randrange(700 if self.later else 181))

    def amount(self, most: int = 900, places: int = 2) -> Decimal:
        """A positive number; a few are round."""
        at = self.at
        if self.later or self.large:
            most = at.choice((most, 30 * most, 3000 * most if self.later else 30 * most))
        if self.later and at.random() < 0.04:
            return Decimal(0)
        cents = at.randrange(1, 10**places) if at.random() < 0.85 else 0
        return Decimal(at.randint(1, most)) + Decimal(cents).scaleb(-places)

    def count(self, most: int = 90) -> Decimal:
        """A number of pieces."""
        return Decimal(self.at.randint(1, most * (40 if self.later and self.at.random() < 0.3 else 1)))

    def one(self, name: str) -> str:
        """A category; rarely one that the example did not have."""
        assert self.layout is not None
        unseen = self.layout.unseen.get(name, ())
        if self.later and unseen and self.at.random() < 0.07:
            return self.at.choice(unseen)
        return self.at.choice(self.layout.known[name])

    def word(self, words: tuple[str, ...], later: tuple[str, ...]) -> str:
        """A text; later files have others, longer ones and letters with marks."""
        return self.at.choice((*words[:2], *later) if self.later else words)

    def code(self, pattern: str) -> str:
        """A code: A for a letter, 9 for a digit, the rest as it is."""
        letters, digits = "ABCDEFGHKLMNPRSTUVWXYZ", "0123456789"
        return "".join(self.at.choice({"A": letters, "9": digits}.get(c, c)) for c in pattern)

    def blank(self, share: float) -> bool:
        """Whether a cell is blank."""
        return self.at.random() < share


SECURITIES = ("Alpha Fund", "Beta Corp", "Gamma Holding AG", "Delta Bond 2031", "Epsilon ETF")
LATER_SECURITIES = (
    "Zeta Énergies & Cie S.A.",
    "Theta Łódź Investments Sp. z o.o.",
    "Österreichische Iota Immobilien AG",
)
PEOPLE = ("Anna", "Boris", "Clara", "David", "Eva", "Frank"), ("Zoë", "Jean-Luc", "Łukasz", "Mary")
MIDDLES = ("B.", "K.", "M."), ("Q.", "Ö.")
FAMILIES = ("Weber", "Novak", "Moreau", "Smith", "Keller"), ("García", "O'Neil", "van Dyk", "Żak")
CITIES = ("Basel", "Lyon", "Graz", "Leeds", "Gdynia"), ("Zürich", "Saint-Étienne", "Bielsko Biała")
PAYEES = ("Bakery Korn", "City Power", "Rail AG", "Book Shop", "Dr. Blum"), (
    "Café Crème & Fils", "Städtische Werke Köln", "ACME International Trading", "7 Days",
)  # fmt: skip
PURPOSES = (
    ("Rent May", "Invoice 2231", "Salary", "Gift", "Ticket 88"),
    ("Überweisung Miete", "Invoice 77-A, part 2", "x"),
)
ITEMS = ("Mug", "Plate", "Spoon set", "Oak table"), ("Crème brûlée dish", "Fork", "Extra large garden umbrella")


def _isin(s: Source) -> str:
    return s.at.choice(("DE", "US", "FR", "LU", "IE") if not s.later else ("CH", "PL", "GB", "US")) + s.code(
        "0009999999"
    )


def _account(s: Source) -> str:
    return s.one("account")


def _trade(s: Source) -> Record:
    return {
        "date": s.date(), "side": s.one("side"), "isin": _isin(s), "name": s.word(SECURITIES, LATER_SECURITIES),
        "quantity": s.count(), "price": s.amount(90), "fee": None if s.blank(0.3) else s.amount(9),
        "currency": s.one("currency"), "account": _account(s), "status": s.one("status"),
        "order": s.code("A9999-") + str(s.at.randint(1, 250 if s.later else 30)),
    }  # fmt: skip


def _booking(s: Source) -> Record:
    sign = s.at.choice((-1, 1))
    return {
        "date": s.date(), "payee": s.word(*PAYEES), "purpose": None if s.blank(0.3) else s.word(*PURPOSES),
        "kind": s.one("kind"), "amount": sign * s.amount(), "currency": s.one("currency"),
        "reference": s.code("999999") + "/" + s.code("AA"),
    }  # fmt: skip


def _marked_booking(s: Source) -> Record:
    record = _booking(s)
    mark = s.one("mark")
    return {**record, "mark": mark, "amount": abs(record["amount"])}


def _parted_booking(s: Source) -> Record:
    record = _booking(s)
    amount = record.pop("amount")
    return {**record, "debit": -amount if amount < 0 else None, "credit": amount if amount >= 0 else None}


def _order(s: Source) -> Record:
    return {
        "order": s.code("99999"), "date": s.date(), "first": s.word(*PEOPLE),
        "middle": None if s.blank(0.5) else s.word(*MIDDLES), "last": s.word(*FAMILIES), "zip": s.code("99999"),
        "city": s.word(*CITIES), "item": s.word(*ITEMS), "quantity": s.count(9), "price": s.amount(80),
        "shipping": s.amount(9), "status": s.one("status"),
    }  # fmt: skip


def _holding(s: Source) -> Record:
    return {
        "account": _account(s), "isin": _isin(s), "name": s.word(SECURITIES, LATER_SECURITIES), "class": s.one("class"),
        "quantity": s.count(), "price": s.amount(90), "cost": s.amount(), "currency": s.one("currency"),
        "date": s.date(),
    }  # fmt: skip


def _position(s: Source) -> Record:
    held = {c: None if s.blank(0.35) else s.amount() for c in ("eur", "usd", "chf")}
    return {"client": s.code("999-9999"), "name": s.word(SECURITIES, LATER_SECURITIES), "place": s.one("place"), **held}


_DATE = Field("date", "date", ("Trade Date", "Datum", "Date opération", "Data"))
_ISIN = Field("isin", "code", ("ISIN", "ISIN", "Code ISIN", "ISIN"))
_NAME = Field("name", "text", ("Security", "Bezeichnung", "Libellé", "Nazwa"))
_QUANTITY = Field("quantity", "count", ("Quantity", "Stück", "Quantité", "Ilość"), places=0)
_PRICE = Field("price", "number", ("Price", "Kurs", "Cours", "Cena"))
_CURRENCY = Field("currency", "category", ("Currency", "Währung", "Devise", "Waluta"))
_ACCOUNT = Field("account", "category", ("Account", "Depot", "Compte", "Rachunek"))
_AMOUNT = Field("amount", "number", ("Amount", "Betrag", "Montant", "Kwota"), money=True)
_BANK = (
    Field("date", "date", ("Booking Date", "Buchungstag", "Date", "Data księgowania")),
    Field("payee", "text", ("Payee", "Empfänger", "Bénéficiaire", "Odbiorca")),
    Field("purpose", "text", ("Details", "Verwendungszweck", "Motif", "Tytuł"), blank=0.3),
    Field("kind", "category", ("Type", "Buchungstext", "Type", "Rodzaj")),
)
_BANK_END = (_CURRENCY, Field("reference", "code", ("Reference", "Referenz", "Référence", "Numer")))
_CURRENCIES = {"currency": ("EUR", "USD")}
_UNSEEN_CURRENCIES = {"currency": ("CHF", "JPY")}
_KINDS = ("CARD", "TRANSFER", "FEE")
_UNSEEN_KINDS = {"kind": ("STANDING ORDER", "CASH")}


def draw_layout(at: Random, language: str) -> Layout:
    """Some kind of file, with its categories in the file's language."""
    word = _WORDS[language]
    return at.choice(_LAYOUTS)(at, word)


_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {"side": ("Buy", "Sell", "Dividend"), "new side": ("Split", "Spin-off"), "mark": ("DR", "CR"),
           "status": ("Done", "Cancelled"), "new status": ("Pending",), "class": ("Equity", "Bond", "Fund"),
           "new class": ("Real Estate",), "order": ("shipped", "returned", "open")},
    "de": {"side": ("Kauf", "Verkauf", "Dividende"), "new side": ("Kapitalmaßnahme",), "mark": ("S", "H"),
           "status": ("Ausgeführt", "Storniert"), "new status": ("Offen",), "class": ("Aktie", "Anleihe", "Fonds"),
           "new class": ("Zertifikat",), "order": ("versandt", "retour", "offen")},
    "fr": {"side": ("Achat", "Vente", "Dividende"), "new side": ("Scission",), "mark": ("D", "C"),
           "status": ("Exécuté", "Annulé"), "new status": ("En attente",), "class": ("Action", "Obligation", "Fonds"),
           "new class": ("Immobilier",), "order": ("expédié", "retourné", "ouvert")},
    "pl": {"side": ("Kupno", "Sprzedaż", "Dywidenda"), "new side": ("Podział",), "mark": ("Wn", "Ma"),
           "status": ("Zrealizowane", "Anulowane"), "new status": ("W toku",),
           "class": ("Akcja", "Obligacja", "Fundusz"), "new class": ("Nieruchomość",),
           "order": ("wysłane", "zwrot", "otwarte")},
}  # fmt: skip
_ACCOUNTS = {"account": ("D-1001", "D-2002")}


def _broker(at: Random, word: dict[str, tuple[str, ...]]) -> Layout:
    sides = word["side"] if at.random() < 0.6 else word["side"][:2]
    return Layout(
        "broker",
        (_DATE, Field("side", "category", ("Action", "Art", "Sens", "Typ")), _ISIN, _NAME, _QUANTITY, _PRICE,
         Field("fee", "number", ("Fee", "Gebühr", "Frais", "Prowizja"), blank=0.3), _CURRENCY, _ACCOUNT,
         Field("status", "category", ("Status", "Status", "Statut", "Stan")),
         Field("order", "code", ("Order No", "Auftrag", "Ordre", "Zlecenie"))),
        _trade,
        {"side": sides, "status": word["status"], **_CURRENCIES, **_ACCOUNTS},
        {"side": word["new side"], "status": word["new status"], **_UNSEEN_CURRENCIES, "account": ("D-3003",)},
    )  # fmt: skip


def _bank(at: Random, word: dict[str, tuple[str, ...]]) -> Layout:
    form = at.choice(("signed", "signed", "marked", "parted"))
    known = {"kind": _KINDS, **_CURRENCIES, "mark": word["mark"]}
    unseen = {**_UNSEEN_KINDS, **_UNSEEN_CURRENCIES}
    if form == "signed":
        return Layout("bank", (*_BANK, _AMOUNT, *_BANK_END), _booking, known, unseen)
    if form == "marked":
        mark = Field("mark", "category", ("DR/CR", "S/H", "D/C", "Wn/Ma"))
        return Layout("bank", (*_BANK, _AMOUNT, mark, *_BANK_END), _marked_booking, known, unseen)
    debit = Field("debit", "number", ("Debit", "Soll", "Débit", "Obciążenia"), money=True, blank=0.5)
    credit = Field("credit", "number", ("Credit", "Haben", "Crédit", "Uznania"), money=True, blank=0.5)
    return Layout("bank", (*_BANK, debit, credit, *_BANK_END), _parted_booking, known, unseen)


def _shop(_at: Random, word: dict[str, tuple[str, ...]]) -> Layout:
    return Layout(
        "orders",
        (Field("order", "code", ("Order", "Bestellung", "Commande", "Zamówienie")), _DATE,
         Field("first", "text", ("First Name", "Vorname", "Prénom", "Imię")),
         Field("middle", "text", ("Middle", "Zweitname", "Deuxième prénom", "Drugie imię"), blank=0.5),
         Field("last", "text", ("Last Name", "Nachname", "Nom", "Nazwisko")),
         Field("zip", "code", ("Zip", "PLZ", "Code postal", "Kod")),
         Field("city", "text", ("City", "Ort", "Ville", "Miasto")),
         Field("item", "text", ("Item", "Artikel", "Article", "Towar")), _QUANTITY,
         Field("price", "number", ("Unit Price", "Einzelpreis", "Prix unitaire", "Cena"), money=True),
         Field("shipping", "number", ("Shipping", "Versand", "Livraison", "Wysyłka"), money=True),
         Field("status", "category", ("Status", "Status", "Statut", "Stan"))),
        _order,
        {"status": word["order"]},
        {"status": word["new status"]},
    )  # fmt: skip


def _portfolio(_at: Random, word: dict[str, tuple[str, ...]]) -> Layout:
    return Layout(
        "holdings",
        (_ACCOUNT, _ISIN, _NAME, Field("class", "category", ("Asset Class", "Anlageklasse", "Classe", "Klasa")),
         _QUANTITY, _PRICE, Field("cost", "number", ("Cost", "Einstand", "Coût", "Koszt"), money=True), _CURRENCY,
         Field("date", "date", ("As Of", "Stichtag", "Au", "Na dzień"))),
        _holding,
        {"class": word["class"], **_CURRENCIES, **_ACCOUNTS},
        {"class": word["new class"], **_UNSEEN_CURRENCIES, "account": ("D-3003",)},
    )  # fmt: skip


def _custody(_at: Random, _word: dict[str, tuple[str, ...]]) -> Layout:
    return Layout(
        "custody",
        (Field("client", "code", ("Client", "Kunde", "Client", "Klient")), _NAME,
         Field("place", "category", ("Custodian", "Lagerstelle", "Dépositaire", "Depozytariusz")),
         *(Field(c.lower(), "number", (c,) * 4, blank=0.35) for c in ("EUR", "USD", "CHF"))),
        _position,
        {"place": ("Clearstream", "SIX SIS")},
        {"place": ("KDPW",)},
    )  # fmt: skip


_LAYOUTS: tuple[Callable[[Random, dict[str, tuple[str, ...]]], Layout], ...] = (
    _broker, _broker, _bank, _bank, _shop, _portfolio, _custody,
)  # fmt: skip


def without_marks(text: str) -> str:
    """A text without the marks on its letters."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
