"""How systems of the trade spell what a payload says: names of columns and fields by what they mean.

Written from the exports and interfaces of the systems, before anything was held against them. Half of the names, by a
hash of the name, is for measuring alone (``is_held_out``).
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

COLUMNS: dict[str, str] = {
    "US custodian, positions page": """
        symbol: Symbol | name: Description | quantity: Qty, Qty (Quantity) | price: Price, Last Price
        market_value: Mkt Val, Mkt Val (Market Value) | cost: Cost Basis | account: Acct, Acct #
        asset_class: Security Type | weight: % of Acct""",
    "US custodian, bulk file": """
        account: AccountNum, Acct No, Account Nbr | symbol: Ticker Symbol, SecSymbol
        name: SecurityDesc, Sec Name
        quantity: Units, Share Qty | price: ClosingPx, Close Price, Unit Price
        market_value: MktVal, Total Mkt Value
        cost: TotCost, Tot Cost Basis | unit_cost: Unit Cost, Cost/Share, Cost/Sh
        maturity: MatDate, Maturity Dt
        coupon: CpnRate, Coupon Pct""",
    "clearing house": """
        isin: ISIN Code, isin_cd | account: acct_id, AcctNbr | quantity: pos_qty, Position Qty
        price: mkt_px, mktPrice
        market_value: mkt_val_amt, mktValue | cost: cost_bas, totalCostAmt | currency: ccy_cd, CurrencyCode
        name: sec_desc, Security Description | asset_class: asset_cls, sec_type""",
    "global custodian": """
        name: Issue Name, Asset Description | quantity: Shares/Par, Share Quantity | currency: Local Ccy
        currency: Position Currency
        market_value: Base Market Value, MV Base, Base MV, Total Market Val
        cost: Base Cost, Book Cost, Book Val
        price: Local Price, Market Price | country_region: Country of Risk | account: Account Nm, Acct Name
        asset_class: Asset Category, Major Asset Class""",
    "portfolio accounting, US": """
        name: SecName, Security Full Name | quantity: Quantity Held | unit_cost: UnitCost, Avg Unit Cost
        cost: TotalCost | price: CurPrice, Current Px | market_value: MktValue, Current Mkt Val, Market Val
        weight: PctAssets, Pct. Assets, Cur Wt | yield: CurYield, Cur. Yield
        sector: Industry Sector, SectorName
        gain: Unrealized Gain/Loss, UnrealGL, Unrl G/L""",
    "wealth reporting, US": """
        name: Holding Name, Position | market_value: Adjusted Value, Current Value, Ending Value, End MV
        asset_class: Asset Class, AssetClass Name | account: Holding Account, Owner Account
        cost: Cost Basis (USD)
        gain: Unrealized G/L, unreal_gl | weight: % of Portfolio, Portfolio Wt, Pct of Total""",
    "trading and rebalancing, US": """
        weight: Current %, Actual Pct, curr_wt, Actual Wt
        model_weight: Target %, Target Pct, tgtWt, TargetAlloc, tgt_wgt, Model Wt
        band: Tolerance %, Drift Tolerance, Tol Band | market_value: CurrentVal, Actual Value
        name: Model Position, Sleeve
        price: Px | asset_class: Asset Cls""",
    "terminal": """
        symbol: Ticker, TICKER | isin: ID_ISIN | price: PX_LAST, Last Px | currency: CRNCY, Crncy
        market_value: MktVal, Mkt Val USD | weight: % Wgt, Port Wgt, Wgt
        model_weight: Bench Wgt, Bmrk Wgt, Bmk Wt
        coupon: CPN, Cpn | maturity: MATURITY, Mty | ytm: YTM, Yld to Mat, Yield To Mty, YAS_BOND_YLD_TM
        duration: Mod Dur, OAD, Eff Dur, Dur Adj Mid | rating: RTG, BB Composite Rtg, S&P Rtg
        sector: GICS Sector
        issuer: Issuer, Ult Parent""",
    "portfolio analytics": """
        name: Security | weight: Port. Ending Weight, Port Weight, Avg Weight | model_weight: Bench. Weight
        model_weight: Bench Weight
        return: Port. Return, Port Ret, Total Ret, Period Ret | market_value: Ending Market Value, Port. Market Value
        region: Region, Country | sector: Economic Sector""",
    "investment book of records": """
        quantity: NominalQty, Balance Nominal | price: QuotePrice, Quote, Clean Price
        market_value: DirtyValue PC, MarketValuePC
        cost: BookValue, Cost Value | currency: PosCcy, Quote Ccy, SecCcy
        maturity: MaturityDate, Final Maturity
        coupon: CouponRate, Cpn Rate | name: InstrumentName, SecShortName | issuer: IssuerName, Issuer Nm""",
    "broker, flex report": """
        symbol: symbol | name: description | quantity: position | price: markPrice, closePrice
        market_value: positionValue
        unit_cost: costBasisPrice, openPrice | cost: costBasisMoney | gain: fifoPnlUnrealized, unrealizedPnl
        weight: percentOfNAV | currency: currencyPrimary, currency | asset_class: assetCategory, assetClass
        account: accountId, acctAlias""",
    "broker, UK": """
        name: Stock, Investment, Security name | quantity: Units held, Shares held, No. of units
        price: Price (pence), Latest price
        market_value: Value (£), Holding value, Current valuation | cost: Cost (£), Book cost (£), bookCost
        gain: Gain/loss (£), Gain/Loss | weight: % of holding, Port % | account: Wrapper, Account type, Acc type
        yield: Div yield, Dividend Yld""",
    "platform, UK": """
        market_value: marketValue, mktVal, Mkt Value, Valuation | quantity: unitBalance, unitsHeld
        price: unitPrice, Bid price
        cost: bookCost, Total book cost | fee: OCF, Ongoing charge | name: fundName, assetName
        symbol: SEDOL code, Epic
        account: wrapper, productType, planNumber | isin: isinCode""",
    "broker, India": """
        name: Scrip, Scrip Name, Company Name, Scheme, Scheme Name | quantity: Qty., Net Qty, Quantity Available
        quantity: Bal Units
        unit_cost: Avg. cost, Avg Cost, Average Price, Buy Avg, avg_prc | price: LTP, Cur NAV, Curr. Price, NAV
        market_value: Cur. val, cur_val, Current Value, Present Value, Curr Val
        cost: Inv Amt, invested_amt, Buy Value, Invested Value
        gain: P&L, Unrealised P&L, Gain/Loss, unreal_pl, unrl_gain | account: Folio No, Demat Acct
        isin: ISIN No
        next_payment: Pay Dt | date: As on""",
    "Swiss private bank": """
        name: Titel, Bezeichnung, Valorenbezeichnung | quantity: Anzahl, Stück, Anz. | currency: Whg, Whg.
        currency: Währung, Kurs-Whg
        price: Kurs, Akt. Kurs, Börsenkurs
        market_value: Kurswert, Marktwert, Wert CHF, Kurswert in CHF, Bewertung
        unit_cost: Einstandskurs, Einst.-Kurs | cost: Einstandswert, Einst.wert
        weight: Anteil in %, Anteil, Gew.
        maturity: Fälligkeit, Verfall | coupon: Zinssatz, Coupon | asset_class: Anlagekategorie, Anlageklasse
        gain: Buchgewinn, Gewinn/Verlust, nicht real. G/V""",
    "German bank": """
        name: Wertpapier, Wertpapierbezeichnung, Wertpapiername, Gattungsbezeichnung | symbol: WKN
        quantity: Stück/Nominale, Bestand, Stk., Stückzahl | price: Akt. Kurs, Aktueller Kurs, Schlusskurs
        market_value: Akt. Wert, Aktueller Wert, Depotwert, Gesamtwert
        cost: Einstand, Kaufwert, Anschaffungswert, Einstandswert
        unit_cost: Kaufkurs, Ø Kaufkurs, Einstandspreis | currency: Währung, Waehrung, Wrg
        weight: Gewichtung, Depotanteil | account: Depot, Depotnummer, Konto, Kontonr
        gain: Gewinn/Verlust, Unreal. Gewinn""",
    "German wealth platform": """
        weight: istGewicht, Ist-Gewicht, Ist-Quote, Gewicht Ist
        model_weight: zielGewicht, Ziel-Gewicht, Soll-Gewicht, sollGewicht, Zielquote, Soll-Quote
        model_weight: Zielallokation
        market_value: marktWert, aktuellerWert, Bestandswert | band: Bandbreite, Toleranzband
        cost: einstand, Einstandskosten
        name: Produkt, produktName, Instrument | asset_class: anlageKlasse, Assetklasse | sector: Branche, Sektor
        region: Land, Region | currency: waehrung, handelsWaehrung""",
    "French private bank": """
        name: Libellé, libelle, Libellé valeur, Désignation | quantity: Quantité, Qté, nbTitres, Nombre de parts
        price: Cours, coursActuel, Dernier cours, coursPct
        market_value: Valorisation, Valeur de marché, valeurBoursiere, Montant valorisé, Val. marché
        cost: Prix de revient total, Montant investi, coutAcquisition
        unit_cost: PRU, Prix de revient unitaire, Prix revient
        currency: Devise, deviseCotation, Dev. | weight: Poids, Poids (%), % actif, pondération
        gain: +/- values latentes, Plus-value latente, plusValue
        maturity: Échéance, echeance, dateEcheance | coupon: Coupon, tauxCoupon, Taux nominal
        rating: Notation, notationSP
        duration: Sensibilité, sensibilite | ytm: Rendement actuariel, Taux actuariel, rdtActuariel
        issuer: Émetteur""",
    "Italian bank": """
        name: Titolo, Descrizione, Denominazione, Descrizione titolo | quantity: Quantità, Qta, Q.tà, Num. quote
        price: Prezzo, Prezzo di mercato, Prz mercato, Ultimo prezzo
        market_value: Controvalore, Valore di mercato, Ctv, Valore attuale, Val. mercato
        cost: Valore di carico, Costo totale, ctvCarico
        unit_cost: Prezzo medio di carico, Prezzo medio, PMC, Prezzo carico
        currency: Divisa, Valuta, div. | weight: Peso, Peso %, pesoPortafoglio
        model_weight: Peso target, Peso obiettivo
        maturity: Scadenza, dataScadenza, Data scadenza | coupon: Cedola, tassoCedola
        asset_class: Classe di attivo, Tipo strumento
        gain: Plus/Minus, Utile/Perdita""",
    "Spanish bank": """
        name: Valor, Nombre, Descripción, Activo | quantity: Títulos, Cantidad, Núm. títulos, Participaciones
        price: Cotización, Precio, Precio actual, Último precio
        market_value: Valor de mercado, Valoración, Valor actual, Valor efectivo, valorMercado
        cost: Coste, Coste total, Importe invertido, costeAdquisicion | unit_cost: Precio medio, Coste medio
        currency: Divisa, Moneda | weight: Peso, Ponderación, peso_cartera
        model_weight: Peso objetivo, pesoObjetivo
        maturity: Vencimiento, fechaVencimiento, F. vencimiento | coupon: Cupón
        gain: Plusvalía, Plusvalía latente, Ganancia/Pérdida
        isin: Código ISIN""",
    "Dutch broker": """
        name: Product, Naam, Fondsnaam, Omschrijving | quantity: Aantal, Aant. | price: Slotkoers, Koers
        price: Laatste koers
        market_value: Waarde, Waarde in EUR, Marktwaarde, Huidige waarde, Koerswaarde
        cost: Aankoopwaarde, Kostprijs totaal
        unit_cost: Gem. aankoopprijs, Gemiddelde aankoopkoers, GAK | currency: Valuta, Munt
        weight: Gewicht, Wegingspercentage
        model_weight: Doelgewicht, Streefgewicht | maturity: Vervaldatum, Einddatum | coupon: Couponrente
        account: Rekening, Rekeningnr""",
    "super fund and SMSF tools": """
        symbol: asxCode, ASX Code, Code | name: desc, Security Desc
        market_value: mktValue, MktVal, Market Val ($)
        cost: CostBase, Cost Base, Tax Cost | amount: cashAmt, Cash Amt, Net Amt, paymentAmt, divAmount
        next_payment: payDate, Payment Dt, Paid Date, Pay Date | quantity: unitsHeld, Units
        status: status, Pmt Status""",
    "family office": """
        name: Investment Name, Line Item, Asset | market_value: NAV, Fair Value, FMV, Est. Value, Net Asset Value
        market_value: Reported Value
        asset_class: Asset Class, Strategy | cost: Paid-In Capital, Contributed Capital, Remaining Cost
        currency: Fund Ccy, Reporting Ccy
        date: Val Date, valuationDate, NAV Date | account: Legal Entity, Owner, Vehicle | region: Geography""",
    "bond desk": """
        name: Bond, Bond Name | coupon: Cpn %, cpnPct, Coupon (%) | maturity: Mat, Mat., mat_dt, Redemption Dt
        maturity: Matures On
        price: Clean Px, Mid Px, Bid Px | ytm: YtM %, Yld, GRY, Yield to Mat
        duration: ModDur, Mod. Duration, Duration (yrs)
        rating: Rtg, Credit Rtg, Moody's/S&P, compositeRating | nominal: Nominal, Nom Amt, Par Amt, Face Amt
        call_date: Call Dt, Nxt Call, First Call Dt | day_count: DayCnt, Day Cnt Conv""",
    "income schedules": """
        income: annualInc, Ann. Income, Est Ann Inc, Proj. Income, EAI, Annual Div
        yield: Yld %, divYield, Curr Yld
        frequency: Pmt Freq, payFreq, Div Freq
        next_payment: Next Pmt, nextPayDt, Nächste Zahlung, prochainPaiement
        income: Jahresertrag, Revenu annuel, Reddito annuo, Jährl. Ertrag
        amount: Betrag, Montant, Importe, Importo, Bedrag
        next_payment: Zahltag, Zahlungsdatum, Date de paiement, Data pagamento, Fecha de pago""",
    "performance series": """
        date: Dt, Datum, Val Dt, month, Monat, periodEnd, Period End, MonthEnd, asOfDate
        value: endMV, Ending MV, NAV, Depotwert, Valeur liquidative, VL, Closing Value
        return: portRetNet, Port Ret, netReturn, Net Ret, TWR, Rendite, Rendement, Perf., mtd_ret
        benchmark: bmRet, BM Return, bmkRet, Benchmark Ret, Index Return, indexRet, idxRet
        flow: netFlow, Net Flow, Net Flows, netCashFlow, contribWithdr, Net Contrib, Ein-/Auszahlungen, Flux net""",
}

FIELDS: dict[str, str] = {
    "US adviser": """
        Client Name: Client, clientName, Household, Household Name, acctOwner, Client Nm, Account Holder
        As Of: asOf, As-Of, AsOfDate, As Of Date, val_date, Valuation Dt, Report Dt, asOfDt, Statement Date
        Currency: ccy, Base Ccy, baseCcy, Rpt Currency, reportingCcy, Curr
        Risk Profile: riskProfile, Risk Tolerance, riskTol, Client Risk Profile, risk_prof
        Benchmark Name: Benchmark, BM, bmk, Bmk Name, benchmarkIndex
        total: Total Value, totalMV, Tot Mkt Val, Portfolio Value, portVal, TotalMktValue, Total AUM""",
    "UK adviser": """
        Client Name: clientName, Client full name, Investor
        As Of: valuationDate, asAt, As at date, Review date, Date of valuation
        Currency: ccy, Currency Code, Valuation ccy
        Risk Profile: Attitude to risk, riskRating, Risk category, Risk Level
        total: Total valuation, Portfolio value, totalVal, Total portfolio val""",
    "Indian distributor": """
        Client Name: investor_name, Investor Name, Inv Name, Client | As Of: as_on, As on date, ason_dt, Val Dt
        Currency: ccy, curr_code | Risk Profile: risk_profile, riskCat
        total: total_val, Total Mkt Value, Tot. Value""",
    "German": """
        Client Name: Kunde, kundenName, Depotinhaber, Kundenname, Anleger, Mandant
        As Of: Stichtag, stichtag, Bewertungsdatum, bewertungsStichtag, Datum, Berichtsdatum, Per
        Currency: Währung, waehrung, Ref.-Whg, Referenzwährung, Depotwährung, Basiswhg, Ref.-Währung
        Risk Profile: Risikoprofil, risikoProfil, Risikoklasse, Anlagestrategie, Strategie, Risikobereitschaft
        Benchmark Name: Vergleichsindex, Benchmark, Referenzindex
        total: Gesamtwert, Depotwert, gesamtVermoegen, Gesamtvermögen, Portfoliowert""",
    "French": """
        Client Name: client, nomClient, Titulaire, Nom du client
        As Of: dateValorisation, Date de valorisation, dateArrete, Date d'arrêté, dateEvaluation
        Currency: devise, deviseRef, Devise de référence, Dev. réf.
        Risk Profile: profil, profilRisque, Profil de risque, Profil investisseur, profil_risque
        Benchmark Name: indice, Indice de référence
        total: Valeur totale, valeurTotale, Montant total, Actif total""",
    "Italian": """
        Client Name: Cliente, Intestatario, nomeCliente
        As Of: Data di riferimento, dataValutazione, dataRif, Data valutazione
        Currency: Divisa, Valuta di riferimento, divisaRif | Risk Profile: Profilo di rischio, profiloRischio
        Benchmark Name: Indice di riferimento
        total: Controvalore totale, Valore totale, Patrimonio totale""",
    "Spanish": """
        Client Name: Cliente, Titular, nombreCliente
        As Of: Fecha de valoración, fechaValoracion, fecha, fechaReferencia
        Currency: Divisa, Moneda, divisaBase, Divisa de referencia
        Risk Profile: Perfil de riesgo, perfilRiesgo | Benchmark Name: Índice de referencia
        total: Valor total, Patrimonio total, valorTotal""",
    "Dutch": """
        Client Name: Klant, Klantnaam, Rekeninghouder | As Of: Peildatum, waarderingsdatum, Datum
        Currency: Valuta, Basisvaluta, Rapportagevaluta | Risk Profile: Risicoprofiel
        total: Totale waarde, Totaalwaarde""",
}

NEITHER = """
    Kursdatum, Kurszeit, Portfolio-Nr, depotNr, valuation method, price source, benchmark ccy, Price Date
    priceDate, Price Type, Kursquelle, Belehnungssatz, Belehnungswert, exit_load, buy_dt, Open Date, Trade Date
    Kaufdatum, trade_dt, Settlement Date, Exit Load %, dealing status, dealingStatus, cgtExempt, pan, Market Cap
    marketCap, Market Sector Code, Yield Curve, Price Target, Target Price, Kursziel, Target Date, Rating Outlook
    Rating Date, dateNotation, notationPrec, Coupon Type, couponType, Maturity Bucket, Duration Bucket
    Currency Hedge, hedgeRatio, Währungsabsicherung, Value at Risk, Value Add, Book Value per Share, Price to Book
    Price/Earnings, P/E, EPS, Dividend Cover, Weight Change, Weight Limit, Max Weight, Min Weight, Cost Code
    Account Manager, Account Opened, Name of Advisor, advisorCode, Issuer Rating Agency, Issue Date, Issue Price
    Emissionskurs, Unfunded, Commitment, Capital Calls, Quantity Pledged, Units on Loan, Blocked Qty, Prior Value
    Previous Market Value, Vorjahreswert, Prev Price, Vortageskurs, 52w High, Day High, Day Change, Return Rank
    Return Contribution, Benchmark Weight Change, Realized Gain, realised P&L, Realisierter Gewinn
    Plus-value réalisée, Sensibilité au taux de change, Stress %, Contribution, Limit, Kommentar, Remarks
    Status Date, Income Tax Code, Marktplatz, Market, Exchange, Handelsplatz, Börsenplatz, Lombardkredit, Limite
    Zins p.a., targetCashPct, cashPct, flowTiming, Phone, Email, Model Version, Currency Risk, Market Risk
    Position Limit, Position Date, Shares Outstanding, Par Call, Insurance Value, Steuerwert, Tax Value
    Price Change, Kursänderung, Currency Return, Interest Accrued, Marchzins, Stückzinsen, Accrued Interest
    Coupon Date, Zinstermin, Last Coupon, Yield Change, Yield on Cost, Client Id, Client Since, Kundenberater
    Client Advisor, Risk Profile Date, Benchmark Return Date, Asset Manager, Fund Manager
"""
"""Names that look like those of columns and fields, and mean something else, or nothing that is read."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name as a system writes it, and what it means."""

    system: str
    name: str
    meaning: str


def is_held_out(name: str) -> bool:
    """Whether a name is for measuring alone."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 1


@lru_cache(maxsize=1)
def column_spellings() -> tuple[Spelling, ...]:
    """Every name of a column with what it means."""
    return parse_names(COLUMNS)


@lru_cache(maxsize=1)
def field_spellings() -> tuple[Spelling, ...]:
    """Every name of a top-level field with what it means."""
    return parse_names(FIELDS)


def strangers() -> tuple[str, ...]:
    """Names that are none of the columns."""
    return tuple(name.strip() for line in NEITHER.splitlines() for name in line.split(", ") if name.strip())


def parse_names(systems: dict[str, str]) -> tuple[Spelling, ...]:
    """Names from lines of ``meaning: name, name | meaning: name`` by system."""
    found: dict[tuple[str, str, str], Spelling] = {}
    for system, text in systems.items():
        for line in text.splitlines():
            for group in line.split(" | "):
                meaning, _, names = group.strip().partition(": ")
                for name in names.split(", "):
                    if name:
                        found[system, name, meaning] = Spelling(system, name.strip(), meaning)
    return tuple(found.values())
