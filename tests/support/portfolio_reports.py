"""What reports of banks call columns and fields, by language and section: names as they are printed above tables.

Written from reports of the trade, before anything was held against them; half of the names is for measuring alone
(``portfolio_spellings.is_held_out``).
"""

from functools import lru_cache

from tests.support.portfolio_spellings import Spelling, parse_names

REPORT_COLUMNS: dict[str, dict[str, str]] = {
    "holdings": {
        "de": """
            market_value: Verkehrswert, Tageswert, Kurswert in EUR, Marktwert per Stichtag, Wert in Referenzwährung
            cost: Kaufbetrag, Anschaffungskosten, Einstandsbetrag | price: Tageskurs, Marktpreis, Rücknahmepreis
            quantity: Stückzahl/Nennwert, Menge, Anteile | weight: Portfolioanteil, Anteil am Vermögen, Quote
            asset_class: Assetklasse, Vermögensklasse, Wertpapierart | issuer: Schuldner, Aussteller, Emittentin
            account: Depotbezeichnung, Kontonummer | currency: Handelswährung, Devise
            fee: Laufende Kosten, Gesamtkostenquote""",
        "fr": """
            market_value: Valeur marchande, Valeur de réalisation, Montant évalué, Évaluation, Contre-valeur
            cost: Coût, Valeur comptable, Coût total, Prix d'achat total, Coût comptable
            price: Prix, Prix unitaire, Cours de clôture, Cours du marché, Valeur de la part
            quantity: Nombre, Nombre d'actions, Nb de parts, Quantité détenue, Unités
            weight: Pondération, % du portefeuille, Part, Proportion, Quote-part
            asset_class: Catégorie d'actifs, Classe d'actifs, Type de placement | issuer: Débiteur, Société émettrice
            account: Compte, Numéro de compte, Enveloppe | currency: Monnaie, Devise de cotation
            name: Placement, Intitulé, Nom du titre | fee: Frais courants, Ratio de frais de gestion""",
        "it": """
            market_value: Controvalore di mercato, Valorizzazione, Controvalore in EUR, Valore corrente
            cost: Costo di acquisto, Controvalore di carico, Importo investito, Costo storico
            price: Quotazione, Prezzo unitario, Prezzo di chiusura, Valore quota | quantity: Quote, Numero quote
            quantity: Nr. azioni, Quantità posseduta
            weight: Incidenza, % portafoglio, Peso percentuale, Quota % | asset_class: Asset class, Categoria
            asset_class: Tipologia, Classe d'attivo
            issuer: Società emittente, Emittente | account: Rapporto, Conto titoli, Deposito titoli, Dossier
            name: Prodotto, Nome titolo | fee: Spese correnti, Commissioni annue""",
        "es": """
            market_value: Valor de mercado, Valoración actual, Efectivo valorado, Importe valorado, Patrimonio
            cost: Coste de adquisición, Valor de compra, Importe de compra, Valor contable
            price: Precio de mercado, Cotización actual, Valor liquidativo, Precio de cierre
            quantity: Número de títulos, Nº de acciones, Nº participaciones, Unidades
            weight: % cartera, Porcentaje, % sobre patrimonio, Peso en cartera
            asset_class: Clase de activo, Tipo de activo, Categoría | issuer: Emisor, Entidad emisora
            account: Cuenta, Número de cuenta, Cuenta de valores | name: Producto, Denominación, Instrumento
            fee: Gastos corrientes, TER""",
        "nl": """
            market_value: Marktwaarde, Actuele waarde, Beurswaarde, Waardering, Totale waarde
            cost: Aanschafwaarde, Aankoopbedrag, Inleg, Historische kostprijs
            price: Beurskoers, Actuele koers, Prijs, Slotkoers | quantity: Aantal stuks, Stuks, Aantal aandelen
            weight: Weging, Percentage, % van portefeuille, Aandeel in portefeuille
            asset_class: Beleggingscategorie, Vermogenscategorie, Soort | issuer: Uitgevende instelling, Emittent
            account: Rekeningnummer, Effectenrekening, Depot | name: Fonds, Effect, Belegging | sector: Sector
            fee: Lopende kosten, Fondskosten""",
        "pt": """
            market_value: Valor de mercado, Valor atual, Valorização, Valor da posição, Valor bruto atual
            cost: Custo, Custo de aquisição, Valor investido, Valor de compra, Valor aplicado
            price: Preço, Cotação, Preço de mercado, Preço unitário, Valor da cota
            unit_cost: Preço médio, Custo médio
            quantity: Quantidade, Qtd., Unidades, Cotas, Número de ações
            weight: Peso, % da carteira, Ponderação, Percentagem | asset_class: Classe de ativos, Tipo de ativo
            currency: Moeda, Divisa | issuer: Emitente, Emissor | account: Conta, Número da conta
            name: Ativo, Título, Produto, Nome | sector: Setor | gain: Mais-valia, Ganho/Perda""",
        "sv": """
            market_value: Marknadsvärde, Värde | cost: Anskaffningsvärde, Anskaffningskostnad | price: Kurs, Pris
            quantity: Antal, Antal andelar | weight: Vikt, Andel | currency: Valuta | name: Värdepapper, Innehav
            account: Konto, Depå | asset_class: Tillgångsslag | issuer: Emittent""",
        "pl": """
            market_value: Wartość rynkowa, Wartość, Wycena | cost: Koszt, Koszt nabycia | price: Cena, Kurs
            quantity: Ilość, Liczba | weight: Udział, Waga | currency: Waluta | name: Nazwa, Instrument
            account: Rachunek, Konto | asset_class: Klasa aktywów | issuer: Emitent""",
    },
    "fixed_income": {
        "de": """
            rating: Bonitätsrating, Bonität, Ratingnote, Rating S&P | coupon: Kupon, Nominalzins, Zinskupon, Verzinsung
            maturity: Endfälligkeit, Rückzahlungsdatum, Laufzeitende, Laufzeit bis | face_value: Nennwert, Nominalbetrag
            ytm: Rendite auf Verfall, Verfallrendite, Rendite bis Fälligkeit""",
        "fr": """
            rating: Cote, Note, Cote de crédit, Notation de crédit, Note de crédit
            coupon: Taux du coupon, Coupon annuel, Taux d'intérêt, Taux facial | maturity: Échéance, Date de maturité
            maturity: Date de remboursement | face_value: Nominal, Valeur nominale, Montant nominal, Capital nominal
            ytm: Rendement à l'échéance, Taux de rendement, TRA""",
        "it": """
            rating: Rating, Merito di credito, Giudizio di rating | coupon: Tasso cedolare, Cedola annua, Tasso nominale
            maturity: Data di scadenza, Data di rimborso, Scadenza finale | face_value: Valore nominale, Nominale
            face_value: Importo nominale | ytm: Rendimento a scadenza, Rendimento effettivo a scadenza""",
        "es": """
            rating: Calificación, Calificación crediticia, Rating, Nota | coupon: Tipo de interés, Cupón anual
            coupon: Tasa de cupón, Tipo nominal | maturity: Fecha de vencimiento, Amortización, Fecha de amortización
            face_value: Nominal, Valor nominal, Importe nominal | ytm: TIR, Rendimiento a vencimiento""",
        "nl": """
            rating: Kredietrating, Kredietbeoordeling, Kredietwaardigheid, Rating | coupon: Coupon, Couponrente
            coupon: Rentepercentage, Rente
            maturity: Aflosdatum, Aflossingsdatum, Looptijd tot | face_value: Nominale waarde, Nominaal bedrag, Nominaal
            ytm: Effectief rendement, Rendement tot vervaldatum""",
        "pt": """
            rating: Notação, Classificação de risco, Notação de crédito, Rating | coupon: Cupão, Cupom, Taxa de cupão
            coupon: Taxa de juro
            maturity: Vencimento, Data de vencimento, Maturidade | face_value: Valor nominal, Nominal, Valor de face
            ytm: Rendimento até ao vencimento, Taxa interna de rentabilidade""",
        "sv": """
            rating: Kreditbetyg | coupon: Kupong, Kupongränta | maturity: Förfall, Förfallodag
            face_value: Nominellt belopp""",
        "pl": """
            rating: Ocena kredytowa | coupon: Kupon | maturity: Zapadalność, Data wykupu
            face_value: Wartość nominalna""",
    },
    "income": {
        "de": """
            yield: Ausschüttungsrendite, Dividendenrendite, Rendite | income: Jahresertrag, Jährlicher Ertrag
            income: Erwarteter Ertrag, Jahreseinkommen, Ertrag pro Jahr | tax_rate: Steuersatz, Quellensteuer
            next_payment: Nächste Ausschüttung, Zahlungstermin | frequency: Zahlungsrhythmus, Ausschüttungsfrequenz""",
        "fr": """
            yield: Rendement, Rendement courant, Taux de distribution, Rendement du dividende
            income: Revenu annuel, Revenus annuels estimés, Revenu prévu | tax_rate: Taux d'imposition, Taux d'impôt
            tax_rate: Retenue à la source | next_payment: Prochain versement, Prochain coupon
            frequency: Périodicité, Fréquence de versement""",
        "it": """
            yield: Rendimento, Rendimento annuo, Rendimento cedolare, Rendimento da dividendo
            income: Reddito annuo, Reddito lordo annuo, Rendita annua, Proventi annui, Entrate annue
            tax_rate: Aliquota, Aliquota fiscale, Ritenuta | next_payment: Prossimo pagamento
            frequency: Frequenza, Periodicità""",
        "es": """
            yield: Rendimiento, Rentabilidad, Rentabilidad por dividendo | income: Ingreso anual, Ingresos anuales
            income: Renta anual, Ingresos estimados
            tax_rate: Tipo impositivo, Retención, Tasa de impuesto | next_payment: Próximo pago, Próximo cobro
            frequency: Frecuencia, Periodicidad""",
        "nl": """
            yield: Rendement, Dividendrendement, Uitkeringspercentage | income: Jaarinkomen, Inkomsten per jaar
            income: Jaarlijkse opbrengst, Verwachte inkomsten | tax_rate: Belastingtarief, Bronbelasting
            next_payment: Volgende betaling, Volgende uitkering | frequency: Frequentie, Betalingsfrequentie""",
        "pt": """
            yield: Rendimento, Rentabilidade, Taxa de distribuição | income: Rendimento anual, Renda anual
            income: Receita anual
            tax_rate: Taxa de imposto, Alíquota, Retenção na fonte | next_payment: Próximo pagamento
            frequency: Frequência, Periodicidade""",
        "sv": """
            yield: Direktavkastning | income: Årlig inkomst | tax_rate: Skattesats
            next_payment: Nästa utbetalning""",
        "pl": "yield: Rentowność | income: Dochód roczny | tax_rate: Stawka podatku | next_payment: Następna płatność",
    },
}
REPORT_FIELDS: dict[str, str] = {
    "de": """
        annual_need: Jahresbedarf, Einkommensbedarf, Nettobedarf pro Jahr, Bedarf pro Monat, Lebensbedarf
        advisory_fee: Beratungshonorar, Beratungsgebühr, Honorar
        management_fee: Verwaltungsgebühr, Vermögensverwaltungsgebühr
        custody_fee: Depotgebühr, Depotgebühren, Depotführungsgebühr | tax_rate: Steuersatz, Grenzsteuersatz
        As Of: Stand vom, Bewertungsstichtag | Currency: Referenzwährung, Berichtswährung
        Risk Profile: Risikoprofil, Anlegerprofil""",
    "fr": """
        annual_need: Besoin annuel, Besoin mensuel net, Besoins annuels, Besoin de revenu annuel
        annual_need: Revenu annuel nécessaire
        advisory_fee: Honoraires de conseil, Frais de conseil, Commission de conseil | management_fee: Frais de gestion
        management_fee: Commission de gestion, Honoraires de gestion | custody_fee: Droits de garde, Frais de garde
        tax_rate: Taux d'imposition, Taux marginal d'imposition
        As Of: En date du, Arrêté au, Date d'évaluation, Au | Currency: Devise, Monnaie de référence
        Risk Profile: Profil de risque, Profil d'investisseur, Tolérance au risque""",
    "it": """
        annual_need: Fabbisogno netto mensile, Fabbisogno annuo, Fabbisogno mensile, Necessità annua, Spese annue
        advisory_fee: Commissione di consulenza, Costo consulenza, Parcella di consulenza
        management_fee: Commissione di gestione, Commissioni di gestione, Spese di gestione
        custody_fee: Diritti di custodia, Spese di custodia | tax_rate: Aliquota fiscale, Aliquota marginale
        As Of: Data, Alla data del, Data valutazione | Currency: Valuta, Divisa di riferimento
        Risk Profile: Profilo di rischio, Profilo investitore, Tolleranza al rischio""",
    "es": """
        annual_need: Necesidad anual, Necesidad mensual neta, Necesidades anuales, Gastos anuales
        annual_need: Ingreso anual necesario
        advisory_fee: Comisión de asesoramiento, Honorarios de asesoramiento | management_fee: Comisión de gestión
        custody_fee: Comisión de custodia, Comisión de depósito, Gastos de custodia
        tax_rate: Tipo impositivo, Tipo marginal | As Of: Fecha, A fecha de, Fecha de informe
        Currency: Divisa, Moneda de referencia
        Risk Profile: Perfil de riesgo, Perfil inversor, Tolerancia al riesgo""",
    "nl": """
        annual_need: Jaarlijkse behoefte, Inkomensbehoefte, Netto behoefte per maand, Jaarlijkse uitgaven
        advisory_fee: Advieskosten, Adviesvergoeding | management_fee: Beheerkosten, Beheervergoeding, Beheerfee
        custody_fee: Bewaarloon, Bewaarkosten | tax_rate: Belastingtarief, Marginaal belastingtarief
        As Of: Peildatum, Per datum, Datum | Currency: Referentievaluta, Munteenheid
        Risk Profile: Risicoprofiel, Beleggersprofiel""",
    "pt": """
        annual_need: Necessidade anual, Necessidade mensal líquida, Despesas anuais, Necessidade de rendimento
        advisory_fee: Comissão de consultoria, Taxa de consultoria
        management_fee: Comissão de gestão, Taxa de administração
        custody_fee: Comissão de custódia, Taxa de custódia | tax_rate: Taxa de imposto, Alíquota
        As Of: Data, Data de referência, Data de avaliação | Currency: Moeda, Moeda de referência
        Risk Profile: Perfil de risco, Perfil do investidor | Client Name: Cliente, Titular, Nome do cliente""",
}
REPORT_STRANGERS = """
    Valeur fiscale, Cote boursière, Date de cotation, Intérêts courus, Prix d'exercice, Note de bas de page
    Cours historique, Remarque, Nota, Bemerkung, Opmerking, Anmerkung, Kommentar, Observações, Note interne, Commentaire
    Valore fiscale, Valor catastral, Valor fiscal, Rateo, Ratei, Rateo cedola, Cupón corrido, Opgelopen rente
    Stückzinsen, Kursziel, Cours cible, Prezzo obiettivo, Precio objetivo, Koersdoel, Preço-alvo, Date d'achat
    Data acquisto, Fecha de compra, Aankoopdatum, Data de compra, Data de emissão, Fecha de emisión, Data emissione
    Perspective de la notation, Outlook rating, Ratingausblick, Frais d'entrée, Ausgabeaufschlag
    Commissione di ingresso
    Instapkosten, Comisión de suscripción, Plus-value réalisée, Plusvalía realizada, Gerealiseerde winst
    Mehrwertsteuer, TVA, IVA, BTW, Numéro de téléphone, Téléphone, Dirección, Indirizzo, Konsulent, Beraterin
    Valeur d'assurance, Valeur de rachat garantie, Aandeelhouder, Actionnaire, Azionista, Código postal, Codice fiscale
"""
"""Names beside those, in the same languages, that mean something else or nothing that is read."""


@lru_cache(maxsize=1)
def report_columns() -> tuple[tuple[str, Spelling], ...]:
    """Every name of a column with its section; the system is the language."""
    return tuple((section, spelling) for section, texts in REPORT_COLUMNS.items() for spelling in parse_names(texts))


@lru_cache(maxsize=1)
def report_fields() -> tuple[Spelling, ...]:
    """Every name of a top-level field; the system is the language."""
    return parse_names(REPORT_FIELDS)


def report_strangers() -> tuple[str, ...]:
    """Names that are none of the columns."""
    return tuple(name.strip() for line in REPORT_STRANGERS.splitlines() for name in line.split(", ") if name.strip())
