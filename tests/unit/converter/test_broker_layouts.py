"""Files in the layouts of brokers' exports: learned from their first rows, and converted whole.

The layouts are those of real exports (preambles, footers, quoted money, signs, several tables in one file); names,
numbers and papers are made up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.stored_report import read_stored
from services.converter.inference import infer
from services.converter.training import train


@dataclass(frozen=True)
class Layout:
    """An export: each row with the line that it should become, or None where it is to be left out.

    The first ``shown`` rows are the example; ``before`` and ``after`` are the lines around the rows.
    """

    name: str
    header: str
    wanted: str
    rows: tuple[tuple[str, str | None], ...]
    shown: int
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    encoding: str = "utf-8"

    def export(self, rows: int) -> bytes:
        """The file with the first so many rows."""
        lines = [*self.before, self.header, *(row for row, _ in self.rows[:rows]), *self.after]
        return ("\n".join(lines) + "\n").encode(self.encoding)

    def converted(self, rows: int) -> bytes:
        """What it should become."""
        return ("\n".join([self.wanted, *(want for _, want in self.rows[:rows] if want is not None)]) + "\n").encode()


LAYOUTS = (
    Layout(
        "dollar positions between an account line and a total",
        '"Symbol","Description","Qty (Quantity)","Price","Mkt Val (Market Value)","Cost Basis","Asset Type",',
        "symbol,name,quantity,price,market_value,cost",
        (
            (
                '"ELYX","ELY EELS INC","120","$41.50","$4,980.00","$3,600.00","Equity",',
                "ELYX,ELY EELS INC,120,41.50,4980.00,3600.00",
            ),
            (
                '"BATH","BATH BRICK TRUST","35","$212.20","$7,427.00","$8,001.15","ETFs",',
                "BATH,BATH BRICK TRUST,35,212.20,7427.00,8001.15",
            ),
            (
                '"HUL","HULL HATS","1,400","$3.05","$4,270.00","$988.00","Equity",',
                "HUL,HULL HATS,1400,3.05,4270.00,988.00",
            ),
            (
                '"WYE","WYE WATER","12","$1,020.00","$12,240.00","$9,000.50","Equity",',
                "WYE,WYE WATER,12,1020.00,12240.00,9000.50",
            ),
        ),
        shown=3,
        before=('"Positions for account Joint ...417 as of 04:02 PM ET, 2026/06/30"', '""'),
        after=('"Account Total","","--","--","$28,917.00","$21,589.65","--",',),
    ),
    Layout(
        "quoted money in dollar transactions with a total",
        "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount",
        "date,symbol,quantity,price,amount",
        (
            ("03/31/2026,Reinvest Dividend,ELYX,ELY EELS INC,,,,$412.60", None),
            (
                "03/31/2026,Reinvest Shares,ELYX,ELY EELS INC,9.942,$41.50,,-$412.60",
                "2026-03-31,ELYX,9.942,41.50,-412.60",
            ),
            ("03/30/2026,Credit Interest,,BANK INT 02/26-03/29,,,,$1.21", None),
            ('03/16/2026,Reinvest Dividend,BATH,BATH BRICK TRUST,,,,"$1,061.00"', None),
            (
                '03/16/2026,Reinvest Shares,BATH,BATH BRICK TRUST,5,$212.20,,"-$1,061.00"',
                "2026-03-16,BATH,5,212.20,-1061.00",
            ),
            (
                '03/02/2026,Reinvest Shares,HUL,HULL HATS,"1,250.5",$3.05,,"-$3,814.03"',
                "2026-03-02,HUL,1250.5,3.05,-3814.03",
            ),
            ('02/27/2026,Reinvest Dividend,HUL,HULL HATS,,,,"$3,814.03"', None),
            ("02/26/2026,Credit Interest,,BANK INT 01/29-02/25,,,,$0.98", None),
            (
                '02/24/2026,Reinvest Shares,WYE,WYE WATER,0.5,"$1,020.00",,-$510.00',
                "2026-02-24,WYE,0.5,1020.00,-510.00",
            ),
        ),
        shown=7,
        after=("Transactions Total,,,,,,,$3.21",),
    ),
    Layout(
        "German decimals and dates between semicolons",
        "Datum;Typ;Wertpapier;ISIN;Stück;Kurs;Betrag;Währung",
        "date,type,isin,shares,price,amount,currency",
        (
            (
                "04.03.2026;Kauf;Elbe Aale AG;DE000ELBE014;12,5;41,20;-515,00;EUR",
                "2026-03-04,Kauf,DE000ELBE014,12.5,41.20,-515.00,EUR",
            ),
            (
                "17.02.2026;Verkauf;Oder Öl SE;DE000ODER027;1.200;3,05;3.660,00;EUR",
                "2026-02-17,Verkauf,DE000ODER027,1200,3.05,3660.00,EUR",
            ),
            (
                "28.01.2026;Kauf;Isar Insel;DE000ISAR031;7;1.020,50;-7.143,50;EUR",
                "2026-01-28,Kauf,DE000ISAR031,7,1020.50,-7143.50,EUR",
            ),
            (
                "13.01.2026;Kauf;Elbe Aale AG;DE000ELBE014;0,75;40,10;-30,08;EUR",
                "2026-01-13,Kauf,DE000ELBE014,0.75,40.10,-30.08,EUR",
            ),
            (
                "30.12.2025;Verkauf;Isar Insel;DE000ISAR031;11.250,5;2,04;22.951,02;EUR",
                "2025-12-30,Verkauf,DE000ISAR031,11250.5,2.04,22951.02,EUR",
            ),
        ),
        shown=4,
        encoding="cp1252",
    ),
    Layout(
        "Indian grouping and percent",
        '"Name","Quantity","Avg Price","Last Traded","Investment","P&L","P&L %"',
        "name,quantity,avg_price,ltp,invested,pnl,pnl_pct",
        (
            (
                '"Kaveri Kites","1500","441.20","402.35","6,61,800.00","-58,275.00","-8.81%"',
                "Kaveri Kites,1500,441.20,402.35,661800.00,-58275.00,-8.81",
            ),
            (
                '"Ganga Glass","1400","820.10","955.10","11,48,140.00","1,89,000.00","16.46%"',
                "Ganga Glass,1400,820.10,955.10,1148140.00,189000.00,16.46",
            ),
            (
                '"Bond 2031","250","6,263.00","9,410.00","15,65,750.00","7,86,750.00","50.25%"',
                "Bond 2031,250,6263.00,9410.00,1565750.00,786750.00,50.25",
            ),
        ),
        shown=2,
        encoding="utf-8-sig",
    ),
    Layout(
        "name and ISIN in one cell, pounds, two-digit years",
        "Security / ISIN,Transaction Type,Quantity,Share Price,Total Trade Value,Trade Date/Time,Settlement Date",
        "name,isin,side,quantity,price,total,traded,settled",
        (
            (
                "Wye World / ISIN IE000WYE0011,Buy,2.699055,£110.79,£299.04,23/12/25 15:18:12,27/12/25",
                "Wye World,IE000WYE0011,BUY,2.699055,110.79,299.04,2025-12-23 15:18:12,2025-12-27",
            ),
            (
                "Ely Euro / ISIN IE000ELY0029,Sell,12.594594,£16.00,£201.51,23/01/26 15:00:08,27/01/26",
                "Ely Euro,IE000ELY0029,SELL,12.594594,16.00,201.51,2026-01-23 15:00:08,2026-01-27",
            ),
            (
                "Wye World / ISIN IE000WYE0011,Buy,2.601457,£115.08,£299.38,21/02/26 15:08:51,25/02/26",
                "Wye World,IE000WYE0011,BUY,2.601457,115.08,299.38,2026-02-21 15:08:51,2026-02-25",
            ),
            (
                "Hull Health / ISIN IE000HUL0037,Sell,10.696127,£102.22,£1093.36,30/04/26 14:13:11,02/05/26",
                "Hull Health,IE000HUL0037,SELL,10.696127,102.22,1093.36,2026-04-30 14:13:11,2026-05-02",
            ),
        ),
        shown=3,
    ),
    Layout(
        "trades written in words among cash rows",
        "Trade Date,Type,Instrument,ISIN,Symbol,Event,Amount",
        "date,isin,symbol,side,quantity,price,currency",
        (
            (
                "02-Jan-2026,Trade,Wye World,IE000WYE0011,WYEW:xlon,Sell 3 @ 139.74 USD,419.22",
                "2026-01-02,IE000WYE0011,WYEW,Sell,3,139.74,USD",
            ),
            ("02-Jan-2026,Cash amount,,,,Custody Fee,-3.91", None),
            ("30-Dec-2025,Cash Transfer,,,,Deposit,500", None),
            (
                "30-Dec-2025,Trade,Ely Eels,US000ELYX015,ELYX:xnas,Buy 12 @ 34.85 USD,-418.20",
                "2025-12-30,US000ELYX015,ELYX,Buy,12,34.85,USD",
            ),
            (
                "23-Dec-2025,Trade,Bath Bricks,NL000BATH023,BATH:xams,Buy 7 @ 220.00 EUR,-1540.00",
                "2025-12-23,NL000BATH023,BATH,Buy,7,220.00,EUR",
            ),
            ("22-Dec-2025,Cash Transfer,,,,Deposit,833", None),
            ("16-Dec-2025,Cash amount,,,,Custody Fee,-5.20", None),
            (
                "16-Dec-2025,Trade,Hull Hats,GB000HULL031,HUL:xlon,Sell 250 @ 2.58 GBP,645.00",
                "2025-12-16,GB000HULL031,HUL,Sell,250,2.58,GBP",
            ),
            ("11-Nov-2025,Cash Transfer,,,,Deposit,90", None),
        ),
        shown=6,
    ),
    Layout(
        "buys and sells among debits and forex",
        "Date;Order #;Transaction;Symbol;ISIN;Quantity;Unit price;Costs;Net Amount;Currency",
        "date,side,isin,quantity,price,net,currency",
        (
            ("24-08-2025 07:00:15;00000000;Debit;;;1.0;2000.00;2.00;-2002.00;CHF", None),
            ("23-08-2025 12:00:25;114723639;Forex credit;;;1.0;1995.39;0.00;1995.39;EUR", None),
            (
                "10-08-2025 15:30:02;113947121;Buy;URI;CH000URI0011;200.0;19.85;5.96;-3975.96;CHF",
                "2025-08-10,BUY,CH000URI0011,200,19.85,-3975.96,CHF",
            ),
            (
                "09-08-2025 12:22:24;113885172;Sell;ZUG;CH000ZUG0029;640.0;31.25;44.35;19955.65;CHF",
                "2025-08-09,SELL,CH000ZUG0029,640,31.25,19955.65,CHF",
            ),
            ("09-08-2025 10:50:48;113882551;Forex credit;;;1.0;100000.00;0.00;100000.00;CHF", None),
            (
                "08-08-2025 12:16:00;113884899;Buy;GLA;CH000GLA0037;250.0;13.90;5.70;-3480.70;USD",
                "2025-08-08,BUY,CH000GLA0037,250,13.90,-3480.70,USD",
            ),
            ("06-08-2025 07:01:03;00000000;Debit;;;1.0;4000.00;2.00;-4002.00;CHF", None),
            (
                "05-08-2025 10:37:37;113880776;Sell;URI;CH000URI0011;37.0;55.94;18.91;2050.87;CHF",
                "2025-08-05,SELL,CH000URI0011,37,55.94,2050.87,CHF",
            ),
            (
                "10-07-2025 14:31:42;106824458;Sell;ZUG;CH000ZUG0029;6.0;86.09;26.62;489.92;CHF",
                "2025-07-10,SELL,CH000ZUG0029,6,86.09,489.92,CHF",
            ),
            ("01-07-2025 11:37:15;00000000;Debit;;;1.0;1.00;0.00;-1.00;CHF", None),
        ),
        shown=8,
    ),
    Layout(
        "a statement of several sections, the history last",
        "Transaction History,Header,Date,Account,Description,Transaction Type,Symbol,Quantity,Net Amount",
        "date,type,symbol,quantity,net",
        (
            (
                "Transaction History,Data,2025-11-03,U***01,WYEW Cash Dividend,Dividend,WYEW,-,20.0",
                "2025-11-03,Dividend,WYEW,,20.0",
            ),
            (
                "Transaction History,Data,2025-11-03,U***01,WYEW Tax,Foreign Tax Withholding,WYEW,-,-3.0",
                "2025-11-03,Foreign Tax Withholding,WYEW,,-3.0",
            ),
            (
                "Transaction History,Data,2025-10-30,U***01,Translations,Adjustment,-,-,0.55",
                "2025-10-30,Adjustment,,,0.55",
            ),
            (
                "Transaction History,Data,2025-08-15,U***01,ELY EELS,Sell,ELYX,-2.0,1999.0",
                "2025-08-15,Sell,ELYX,-2.0,1999.0",
            ),
            (
                "Transaction History,Data,2025-03-15,U***01,ELY EELS,Buy,ELYX,4.0,-4003.0",
                "2025-03-15,Buy,ELYX,4.0,-4003.0",
            ),
            (
                "Transaction History,Data,2025-02-01,U***01,Interest,Credit Interest,-,-,13.0",
                "2025-02-01,Credit Interest,,,13.0",
            ),
            ("Transaction History,Data,2025-01-01,U***01,Transfer,Deposit,-,-,5000.0", "2025-01-01,Deposit,,,5000.0"),
        ),
        shown=5,
        before=(
            "Statement,Header,Field Name,Field Value",
            "Statement,Data,Title,Transaction History",
            'Statement,Data,Period,"January 1, 2025 - December 31, 2025"',
            "Summary,Header,Field Name,Field Value",
            "Summary,Data,Base Currency,GBP",
            "Summary,Data,Ending Cash,200.00",
        ),
    ),
    Layout(
        "a client's statement with quoted thousands and n/a",
        '"Trade date","Settle date","Reference","Description","Unit cost (p)","Quantity","Value (£)"',
        "date,reference,quantity,value",
        (
            (
                '"04/04/2026","04/04/2026","MANAGE FEE","Account charge","n/a","n/a","-4.05"',
                "2026-04-04,MANAGE FEE,,-4.05",
            ),
            (
                '"25/02/2026","27/02/2026","S302087055","Wye World 1000 @ 4500.00","4,500.000","1,000","44,988.05"',
                "2026-02-25,S302087055,1000,44988.05",
            ),
            (
                '"24/01/2026","26/01/2026","B302087054","Ely Eels 4563 @ 3287.19","3,287.199","4,563","-150,006.84"',
                "2026-01-24,B302087054,4563,-150006.84",
            ),
            ('"24/01/2026","24/01/2026","FPC","Receipt","n/a","n/a","950.00"', "2026-01-24,FPC,,950.00"),
            (
                '"13/01/2026","15/01/2026","B302087011","Hull Hats 12 @ 1.10","1.100","12","-13.20"',
                "2026-01-13,B302087011,12,-13.20",
            ),
        ),
        shown=4,
        before=("Transaction Summary, , , ,", "Client Name:,A Person, , ,", "Client Number:,7654321, , ,", ""),
        encoding="cp1252",
    ),
    Layout(
        "positions before a table of transactions",
        "Account Number,Investment Name,Symbol,Shares,Share Price,Total Value,",
        "account,symbol,shares,price,value",
        (
            ("22222222,WYE WORLD ETF,WYEW,10.5,500.00,5250.00,", "22222222,WYEW,10.5,500.00,5250.00"),
            ("22222222,SAMPLE MONEY,SMMX,250,1.0,250.00,", "22222222,SMMX,250,1.00,250.00"),
            ("22222222,ELY EELS,ELYX,3,41.5,124.50,", "22222222,ELYX,3,41.50,124.50"),
            ("22222222,HULL HATS,HUL,40,2.25,90.00,", "22222222,HUL,40,2.25,90.00"),
        ),
        shown=3,
        after=(
            "",
            "",
            "",
            "Account Number,Trade Date,Settlement Date,Transaction Type,Symbol,Shares,Share Price,Net Amount,Type,",
            "22222222,2026-06-01,2026-06-02,Buy,WYEW,1.0,498.00,-498.00,CASH,",
        ),
    ),
    Layout(
        "an Italian extract below eight lines",
        "Data operazione,Data valuta,Tipo operazione,Ticker,Isin,Descrizione,Quantità,Importo euro,Divisa",
        "date,type,ticker,isin,quantity,amount",
        (
            ("30-12-2025,30-12-2025,Conferimento,,,,0,1200,EUR", "2025-12-30,Conferimento,,,0,1200.00"),
            (
                "27-12-2025,27-12-2025,Provento,ARNO,IE000ARNO011,ARNO BONDS,0,20.95,EUR",
                "2025-12-27,Provento,ARNO,IE000ARNO011,0,20.95",
            ),
            (
                "27-12-2025,27-12-2025,Ritenuta,ARNO,IE000ARNO011,ARNO BONDS,0,-3.57,EUR",
                "2025-12-27,Ritenuta,ARNO,IE000ARNO011,0,-3.57",
            ),
            (
                "02-12-2025,04-12-2025,Acquisto,PADO,IE000PADO029,PADO VALUE,36,-197.8,EUR",
                "2025-12-02,Acquisto,PADO,IE000PADO029,36,-197.80",
            ),
            (
                "02-12-2025,04-12-2025,Acquisto,ARNO,IE000ARNO011,ARNO BONDS,2,-158.58,EUR",
                "2025-12-02,Acquisto,ARNO,IE000ARNO011,2,-158.58",
            ),
            (
                "11-11-2025,13-11-2025,Acquisto,TEVE,IE000TEVE037,TEVERE,3,-431,EUR",
                "2025-11-11,Acquisto,TEVE,IE000TEVE037,3,-431.00",
            ),
        ),
        shown=5,
        before=(
            "Conto : PERSONA UNA ,,,,,,,,",
            "Data estrazione : 2-1-2026 11:58:30,,,,,,,,",
            ",,,,,,,,",
            "Tutti i movimenti ordinati per Data Operazione,,,,,,,,",
            "Dal : 01-01-2025,,,,,,,,",
            "al : 31-12-2025,,,,,,,,",
            ",,,,,,,,",
            "Il file include i primi 3000 movimenti,,,,,,,,",
            ",,,,,,,,",
        ),
        encoding="utf-8-sig",
    ),
    Layout(
        "compact dates, bare quantities and fees with a sign",
        '"Buy/Sell","TradeDate","ISIN","Quantity","TradePrice","CurrencyPrimary","IBCommission"',
        "date,side,isin,quantity,price,fee,currency",
        (
            ('"BUY","20250522","CH000URI0011","7","282.7","CHF","-5"', "2025-05-22,Buy,CH000URI0011,7,282.7,5,CHF"),
            ('"BUY","20250609","US000ELYX015","95","93.78","USD","-1"', "2025-06-09,Buy,US000ELYX015,95,93.78,1,USD"),
            (
                '"SELL","20250803","US000ELYX015","1","97.84","USD","-0.979"',
                "2025-08-03,Sell,US000ELYX015,1,97.84,0.979,USD",
            ),
            (
                '"BUY","20251228","CH000URI0011","2","103.18","CHF","-1.25"',
                "2025-12-28,Buy,CH000URI0011,2,103.18,1.25,CHF",
            ),
            (
                '"SELL","20260126","US000WYE0031","97","103.61","USD","-12"',
                "2026-01-26,Sell,US000WYE0031,97,103.61,12,USD",
            ),
        ),
        shown=4,
    ),
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.name.replace(" ", "_") for layout in LAYOUTS])
def test_the_whole_export_is_converted_as_its_first_rows_were(
    layout: Layout, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    done = train(layout.export(layout.shown), layout.converted(layout.shown), runner=sandbox)
    assert done.status == "completed", done.reason
    source, output = tmp_path / "export.csv", tmp_path / "converted.csv"
    source.write_bytes(layout.export(len(layout.rows)))
    infer(done.program, source, output, sandbox=sandbox, spooler=FileSpooler(), training=read_stored(done.report))
    assert output.read_bytes() == layout.converted(len(layout.rows))
