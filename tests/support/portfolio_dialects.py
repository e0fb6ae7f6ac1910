"""The payloads of ``examples/portfolio`` as other systems would spell them, in other words and languages."""

import json
from collections.abc import Iterator
from pathlib import Path

_EXAMPLES = Path(__file__).parents[2] / "examples" / "portfolio"
_CANONICAL = [
    "name",
    "account",
    "asset_class",
    "sector",
    "region",
    "currency",
    "market_value",
    "cost",
    "expense_ratio",
    "face_value",
    "coupon",
    "maturity",
    "price",
    "rating",
    "frequency",
    "income",
    "yield",
    "next_payment",
    "kind",
    "model_weight",
    "band",
    "date",
    "value",
]
_FIELDS = ("As Of", "Currency", "Client Name", "customer_risk_profile", "total_portfolio_mv")
# One line a system: its names of the columns above, then of the fields, then what it calls the table itself.
_DIALECTS = {
    "US custodian": """Description|Acct|Security Type|Industry Sector|Country|Ccy|Mkt Val|Cost Basis|Expense Ratio|
        Par Value|Cpn|Mat Dt|
        Px|Rtg|Pmt Freq|Est Ann Income|Yld|Next Pmt Dt|Income Type|Tgt Wt|Tolerance|Dt|Mkt Val
        ||As Of Date|Base Ccy|Client Nm|Risk Tolerance|Total Mkt Value||lines""",
    "US bulk file": """SecurityDesc|AcctNbr|AssetCls|SectorName|CountryOfRisk|CcyCode|MktVal|TotCost|ExpenseRatio|
        ParAmt|CpnRate|MatDate|
        ClosePx|CreditRtg|PayFreq|AnnualInc|DivYld|PayDate|IncomeType|TgtWgt|ToleranceBand|ValDate|MktValue
        ||asOfDate|baseCcy|clientName|riskTolerance|totalMktValue||positionRecords""",
    "UK platform": """fundName|wrapper|assetClass|sector|region|ccy|marketValue|bookCost|ocf|faceValue|couponRate|
        maturityDate|
        cleanPrice|creditRating|payFrequency|annualIncome|incomeYield|nextPayDate|incomeType|targetWeight|tolerance|
        valDate|endValue
        ||valuationDate|currencyCode|clientFullName|riskProfile|totalValue||investments""",
    "Indian distributor": """Scheme|Folio No|Category|Industry|Country|Curr|Cur. Val|Invested Amt|TER|Face Val|
        Cpn Rate|Maturity Dt|
        Mkt Price|Rating|Freq|Ann. Income|Yield|Next Pmt|Source|Target Alloc|Band|Dt|Cur Val
        ||As on date|Ccy|Investor Name|Risk Profile|Total Value||scheme_details""",
    "German bank": """Wertpapierbezeichnung|Depotnummer|Anlageklasse|Branche|Land|Währung|Kurswert|Einstandswert|
        TER|Nennwert|Zinssatz|Fälligkeit|
        Akt. Kurs|Bonität|Zahlungsfrequenz|Jahresertrag|Rendite|Nächste Zahlung|Source|Zielgewicht|Bandbreite|Datum|
        Marktwert
        ||Stichtag|Währung|Kunde|Risikoprofil|Gesamtwert||Bestände""",
    "German wealth platform": """produktName|konto|assetklasse|sektor|region|waehrung|marktWert|einstandsWert|ter|
        nennBetrag|kupon|endfaelligkeit|
        kurs|bonitaet|zahlungsTurnus|ertragJaehrlich|rendite|naechsterZahltag|source|sollGewicht|toleranzband|tag|
        depotWert
        ||bewertungsStichtag|referenzWaehrung|kundenName|risikoProfil|gesamtVermoegen||depotAuszug""",
    "Swiss private bank": """Titel|Kto|Anlagekategorie|Sektor|Land|Whg|Bewertung|Einst.wert|TER|Nennwert|Coupon|
        Verfall|
        Börsenkurs|Rating|Turnus|Ertrag|Rendite|Nächste Zahlung|Source|Soll-Gew.|Bandbreite|Datum|Wert
        ||Bewertungsdatum|Ref.-Whg|Mandant|Risikoklasse|Gesamtwert||Vermögensübersicht""",
    "French private bank": """Libellé|Compte|Classe d'actifs|Secteur|Pays|Devise|Valeur de marché|
        Prix de revient total|TER|Par value|Taux coupon|Échéance|
        Cours|Notation|Fréquence de paiement|Revenu annuel|Rendement|Prochain paiement|Source|Poids cible|Band|Date|
        Valorisation
        ||Date de valorisation|Devise de référence|Titulaire|Profil de risque|Valeur totale||lignes""",
    "Italian bank": """Descrizione titolo|Conto|Categoria|Settore|Paese|Divisa|Controvalore|Valore di carico|TER|
        Face amount|Cedola|Data scadenza|
        Prezzo di mercato|Rating|Frequenza pagamento|Reddito annuo|Rendimento|Prossimo pagamento|Source|
        Peso obiettivo|Band|Data|Valore
        ||Data di valutazione|Divisa di riferimento|Intestatario|Profilo di rischio|Valore totale||titoli""",
    "Spanish bank": """Descripción|Cuenta|Clase de activo|Sector|País|Divisa|Valor de mercado|Coste total|TER|
        Face value|Cupón|Fecha de vencimiento|
        Cotización|Rating|Frecuencia de pago|Ingreso anual|Rendimiento|Próximo pago|Source|Peso objetivo|Band|Fecha|
        Valor
        ||Fecha de valoración|Divisa de referencia|Titular|Perfil de riesgo|Patrimonio total||cartera""",
    "Dutch broker": """Omschrijving|Rekening|Categorie|Sector|Land|Valuta|Marktwaarde|Aankoopwaarde|TER|Face value|
        Couponrente|Vervaldatum|
        Slotkoers|Rating|Frequentie|Inkomen|Yield|Volgende betaling|Source|Doelgewicht|Band|Datum|Waarde
        ||Peildatum|Basisvaluta|Klant|Risicoprofiel|Totale waarde||posities""",
    "family office": """Investment Name|Owner|Strategy|Sector|Geography|Reporting Ccy|Est. Value|Remaining Cost|TER|
        Face Amt|Cpn %|Final Maturity|
        Clean Px|Rtg|Pay Freq|Proj. Income|Inc Yld|Next Payment|Source|Target %|Band|Val Date|NAV
        ||As-Of|Rpt Currency|Household|Risk Level|Total Valuation||holdings_detail""",
}  # fmt: skip
_LINES = {"holdings", "income", "fixed_income", "assets", "series"}
"""Tables that other systems call something else; of a concentration only its name says that it is one."""


def list_dialects() -> tuple[str, ...]:
    """The systems whose spellings are here."""
    return tuple(_DIALECTS)


def list_examples() -> Iterator[tuple[str, dict[str, object]]]:
    """The example payloads that are objects with tables, by file and place."""
    for name in ("holdings", "concentration", "income", "fixed_income", "performance", "review"):
        for place, payload in enumerate(json.loads((_EXAMPLES / f"{name}.json").read_text())["data"]):
            if any(isinstance(value, list) for value in payload.values()):
                yield f"{name}[{place}]", payload


def translate(payload: dict[str, object], dialect: str) -> dict[str, object]:
    """The payload in the spelling of a system."""
    columns, fields, table = ([name.strip() for name in part.split("|")] for part in _DIALECTS[dialect].split("||"))
    names = dict(zip(_CANONICAL, columns, strict=True))
    names["expense ratio"] = names["expense_ratio"]
    outer = dict(zip(_FIELDS, fields, strict=True)) | dict.fromkeys(_LINES, table[0])
    return {
        outer.get(field, field): [{names.get(key, key): cell for key, cell in row.items()} for row in value]
        if isinstance(value, list)
        else value
        for field, value in payload.items()
    }
