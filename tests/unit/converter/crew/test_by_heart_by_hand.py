# ruff: noqa: E501 - programs stand on one line
"""Programs written by hand, on one table: lists in disguise, and rules that look like lists."""

import pytest

from services.converter.domain.crew.by_heart import ByHeart, find_by_heart
from services.converter.domain.instructions import Instructions
from services.converter.domain.table import Table
from tests.support.duckdb_in_process import InProcessRunner

RUNNER = InProcessRunner()
HOLDINGS = Table(
    ("isin", "name", "class", "ccy", "qty", "price", "bought", "desk"),
    tuple(
        tuple(line.split("|"))
        for line in (
            "CH0012032048|Roche|Equity|CHF|120|262.40|2024-03-01|ZRH",
            "US0378331005|Apple|Equity|USD|85|189.95|2023-11-17|NYC",
            "DE0001102580|Bund 2032|Bond|EUR|50000|96.12|2022-06-30|FRA",
            "XS2314659447|Nestle 2029|Bond|CHF|20000|101.05|2025-01-09|ZRH",
            "LU0290358497|Xtrackers Cash|Fund|EUR|310|138.77|2024-08-22|FRA",
            "US5949181045|Microsoft|Equity|USD|40|402.56|2021-02-12|NYC",
            "IE00B4L5Y983|iShares World|Fund|USD|900|88.31|2020-10-05|LDN",
            "GB0002374006|Diageo|Equity|GBP|250|28.14|2023-04-28|LDN",
            "FR0000121014|LVMH|Equity|EUR|12|755.10|2025-05-15|FRA",
            "CH0038863350|Nestle|Equity|CHF|140|93.48|2022-12-19|ZRH",
        )
    ),
)
SELECT = "SELECT isin, {} AS answer FROM input ORDER BY _row"
ROWS = "SELECT isin, name AS answer FROM input {}"
LISTS = {
    "letters of the row's number": SELECT.format(
        "translate(chr(CAST(64 + _row AS INTEGER)), 'ABCDEFGHIJ', 'qmzxkpwrty')"
    ),
    "bits of a text": SELECT.format(
        "CASE WHEN bit_count(CAST(ascii(substr('aQzRbWcXdY', CAST(_row AS INTEGER), 1)) AS INTEGER)) > 3 THEN 'core' ELSE 'satellite' END"
    ),
    "cases of lengths and first letters": SELECT.format(
        "CASE left(isin, 4) WHEN 'CH00' THEN CASE right(isin, 1) WHEN '8' THEN 'a1' ELSE 'k9' END WHEN 'US03' THEN 'm4' WHEN 'DE00' THEN 'p7' WHEN 'XS23' THEN 'z2' WHEN 'LU02' THEN 'w5' WHEN 'US59' THEN 'c8' WHEN 'IE00' THEN 'v3' WHEN 'GB00' THEN 't6' ELSE 'r1' END"
    ),
    "prices to words": SELECT.format(
        "CASE WHEN price = '262.40' OR price = '96.12' OR price = '402.56' OR price = '755.10' OR price = '88.31' THEN 'hold' ELSE 'sell' END"
    ),
    "a list sorted by an own key": SELECT.format(
        "list_sort(['07-keep', '02-sell', '05-trim', '01-hold', '09-add', '03-cut', '10-swap', '04-wait', '06-watch', '08-buy'])[_row]"
    ),
    "dates as numbers": SELECT.format(
        "strftime(DATE '2000-01-01' + CAST(split_part('8831,8722,8210,9139,9000,7713,7583,8518,9266,8388', ',', CAST(_row AS INTEGER)) AS INTEGER), '%d.%m.%Y')"
    ),
    "a sum of products": SELECT.format(
        "CAST(CASE WHEN isin LIKE 'CH0012%' THEN 7 * 611 WHEN isin LIKE 'US03%' THEN 5 * 733 WHEN isin LIKE 'DE%' THEN 3 * 877 WHEN isin LIKE 'XS%' THEN 2 * 991 WHEN isin LIKE 'LU%' THEN 11 * 97 WHEN isin LIKE 'US59%' THEN 13 * 89 WHEN isin LIKE 'IE%' THEN 17 * 71 WHEN isin LIKE 'GB%' THEN 19 * 67 WHEN isin LIKE 'FR%' THEN 23 * 61 ELSE 29 * 59 END AS VARCHAR)"
    ),
    "names in a grid": "WITH g(r, a, b, c) AS (VALUES (0, 'oak', 'elm', 'fir'), (1, 'ash', 'yew', 'bay'), (2, 'box', 'fig', 'gum'), (3, 'hop', 'ivy', 'kale')) SELECT i.isin, CASE (i._row - 1) % 3 WHEN 0 THEN g.a WHEN 1 THEN g.b ELSE g.c END AS answer FROM input i JOIN g ON g.r = (i._row - 1) // 3 ORDER BY i._row",
    "an unpivoted row": "SELECT i.isin, u.v AS answer FROM input i JOIN (UNPIVOT (SELECT 'oak' AS k1, 'elm' AS k2, 'fir' AS k3, 'ash' AS k4, 'yew' AS k5, 'bay' AS k6, 'box' AS k7, 'fig' AS k8, 'gum' AS k9, 'hop' AS k10) ON COLUMNS(*) INTO NAME n VALUE v) u ON u.n = 'k' || i._row ORDER BY i._row",
    "a window over a list": "SELECT isin, nth_value(w, 1) OVER (PARTITION BY _row) AS answer FROM (SELECT *, ['oak', 'elm', 'fir', 'ash', 'yew', 'bay', 'box', 'fig', 'gum', 'hop'][_row] AS w FROM input) ORDER BY _row",
    "a lagged list": SELECT.format(
        "lag(['elm', 'fir', 'ash', 'yew', 'bay', 'box', 'fig', 'gum', 'hop', 'nut'][_row], 1, 'oak') OVER (ORDER BY _row)"
    ),
    "a text cut by its own digits": SELECT.format(
        "split_part(regexp_replace('3oak7elm2fir9ash4yew8bay5box6fig1gum0hop', '[0-9]', '|', 'g'), '|', CAST(_row + 1 AS INTEGER))"
    ),
    "a struct of row names": SELECT.format(
        "struct_extract({'r': map {1: 'oak', 2: 'elm', 3: 'fir', 4: 'ash', 5: 'yew', 6: 'bay', 7: 'box', 8: 'fig', 9: 'gum', 10: 'hop'}}, 'r')[CAST(_row AS INTEGER)]"
    ),
    "flags by name": SELECT.format(
        "concat(CASE WHEN name IN ('Roche', 'LVMH', 'Diageo') THEN 'x' ELSE '' END, CASE WHEN name IN ('Apple', 'LVMH', 'Nestle') THEN 'y' ELSE '' END, CASE WHEN name IN ('Microsoft', 'Diageo', 'Bund 2032') THEN 'z' ELSE '' END)"
    ),
    "two rows patched": SELECT.format(
        "CASE isin WHEN 'US0378331005' THEN 'restricted' WHEN 'FR0000121014' THEN 'restricted too' ELSE upper(class) END"
    ),
    "the number in Roman": SELECT.format(
        "['XIV', 'IX', 'CM', 'LX', 'DC', 'VI', 'XL', 'MC', 'II', 'XX'][CAST(_row AS INTEGER)] || '/' || ccy"
    ),
    "order by initials": ROWS.format(
        "ORDER BY strpos('LDMANIBXRN', left(name, 1)), strpos('2w', right(name, 1))"
    ).replace("'LDMANIBXRN'", "'LDMAiBXRN'"),
    "order by prices listed": ROWS.format(
        "ORDER BY list_position(['88.31', '755.10', '28.14', '262.40', '138.77', '101.05', '402.56', '93.48', '96.12', '189.95'], price)"
    ),
    "order by halves": ROWS.format(
        "ORDER BY CASE WHEN _row IN (2, 5, 9) THEN 0 WHEN _row IN (1, 7) THEN 1 ELSE 2 END, _row DESC"
    ),
    "order by a joined text": "SELECT i.isin, i.name AS answer FROM input i JOIN (SELECT k, row_number() OVER () AS n FROM (SELECT unnest(string_split('LVMH;Apple;Roche;Diageo;Nestle;Microsoft;Bund 2032;iShares World;Nestle 2029;Xtrackers Cash', ';')) AS k)) o ON o.k = i.name ORDER BY o.n",
    "order by remainders of numbers": ROWS.format("ORDER BY (_row * _row + 3 * _row) % 11, _row"),
    "rows by prices listed": ROWS.format("WHERE price IN ('262.40', '402.56', '28.14', '755.10') ORDER BY _row"),
    "rows by ends of codes": ROWS.format("WHERE right(isin, 2) IN ('48', '80', '97', '06', '14') ORDER BY _row"),
    "rows by an anti-list": ROWS.format(
        "WHERE name NOT IN (SELECT unnest(['Roche', 'Apple', 'Diageo', 'LVMH'])) ORDER BY _row"
    ),
    "rows by quotients": ROWS.format("WHERE (873 // CAST(pow(2, _row - 1) AS BIGINT)) % 2 = 1 ORDER BY _row"),
    "rows by digest of the name": ROWS.format(
        "WHERE ('0x' || left(md5(name || 'q17'), 3))::INTEGER % 5 < 2 ORDER BY _row"
    ),
    "rows by windows of dates": ROWS.format(
        "WHERE bought BETWEEN '2024-02-01' AND '2024-04-01' OR bought BETWEEN '2022-06-01' AND '2022-07-01' OR bought BETWEEN '2021-01-01' AND '2021-04-01' OR bought BETWEEN '2023-04-01' AND '2023-05-01' ORDER BY _row"
    ),
    "a holding left out": ROWS.format("WHERE name <> 'Diageo' ORDER BY _row"),
    "times from a text": "SELECT isin, name AS answer FROM (SELECT *, unnest(range(ascii(substr('bacabbcaba', CAST(_row AS INTEGER), 1)) - 96)) AS n FROM input) ORDER BY _row, n",
    "a total written down": "SELECT 'Total' AS isin, '4890.12' AS answer FROM input LIMIT 1",
}
RULES = {
    "asset classes to codes": (SELECT.format("CASE class WHEN 'Equity' THEN 'EQ' WHEN 'Bond' THEN 'FI' ELSE 'MF' END"), ""),
    "country of the ISIN": (SELECT.format("CASE left(isin, 2) WHEN 'CH' THEN 'Switzerland' WHEN 'US' THEN 'USA' ELSE 'other' END"), ""),
    "market value": (SELECT.format("CAST(CAST(qty AS DECIMAL(18, 2)) * CAST(price AS DECIMAL(18, 2)) AS VARCHAR)"), ""),
    "bonds per cent": (SELECT.format("printf('%.2f', CAST(qty AS DOUBLE) * CAST(price AS DOUBLE) / CASE WHEN class = 'Bond' THEN 100 ELSE 1 END)"), ""),
    "rates of the words": (SELECT.format("printf('%.2f', CAST(price AS DOUBLE) * CASE ccy WHEN 'CHF' THEN 1 WHEN 'USD' THEN 0.88 WHEN 'EUR' THEN 0.94 WHEN 'GBP' THEN 1.12 END)"), "rates: CHF 1, USD 0.88, EUR 0.94, GBP 1.12"),
    "names of the words": (SELECT.format("CASE name WHEN 'Roche' THEN 'pharma' WHEN 'Apple' THEN 'tech' WHEN 'Microsoft' THEN 'software' WHEN 'Diageo' THEN 'drinks' WHEN 'LVMH' THEN 'luxury' ELSE '' END"), "Roche is pharma, Apple is tech, Microsoft is software, Diageo is drinks, LVMH is luxury; others stay blank"),
    "weight in all": (SELECT.format("printf('%.1f%%', 100 * CAST(price AS DOUBLE) / sum(CAST(price AS DOUBLE)) OVER ())"), ""),
    "rank in its class": (SELECT.format("class || ' ' || rank() OVER (PARTITION BY class ORDER BY CAST(price AS DOUBLE) DESC)"), ""),
    "years held": (SELECT.format("CAST(datediff('year', CAST(bought AS DATE), DATE '2026-06-30') AS VARCHAR)"), ""),
    "a quarter": (SELECT.format("'Q' || quarter(CAST(bought AS DATE)) || ' ' || year(CAST(bought AS DATE))"), ""),
    "maturity from the name": (SELECT.format("coalesce(nullif(regexp_extract(name, '([0-9]{4})$', 1), ''), 'open end')"), ""),
    "desk and number": (SELECT.format("desk || '-' || lpad(CAST(row_number() OVER (PARTITION BY desk ORDER BY _row) AS VARCHAR), 2, '0')"), ""),
    "long and short names": (SELECT.format("CASE WHEN length(name) > 8 THEN left(name, 7) || '.' ELSE name END"), ""),
    "ISIN in groups": (SELECT.format("left(isin, 2) || ' ' || substr(isin, 3, 9) || ' ' || right(isin, 1)"), ""),
    "a line of money": (SELECT.format("ccy || ' ' || replace(format('{:,.2f}', CAST(qty AS DOUBLE) * CAST(price AS DOUBLE)), ',', '''')"), ""),
    "a row of the table": (SELECT.format("'line ' || _row || ' of ' || count(*) OVER ()"), ""),
    "odd and even lines": (SELECT.format("CASE _row % 2 WHEN 1 THEN 'shaded' ELSE 'plain' END"), ""),
    "large positions": (SELECT.format("CASE WHEN CAST(qty AS DOUBLE) * CAST(price AS DOUBLE) >= 50000 THEN 'large' ELSE 'small' END"), ""),
    "the currency's symbol": (SELECT.format("MAP {'CHF': 'Fr.', 'USD': '$', 'EUR': '€', 'GBP': '£'}[ccy] || ' ' || price"), ""),
    "desks in words": (SELECT.format("CASE desk WHEN 'ZRH' THEN 'Zurich' WHEN 'NYC' THEN 'New York' WHEN 'FRA' THEN 'Frankfurt' WHEN 'LDN' THEN 'London' END"), ""),
    "classes in a desk's order": (ROWS.format("ORDER BY list_position(['Fund', 'Equity', 'Bond'], class), CAST(price AS DOUBLE) DESC"), ""),
    "desks in the words' order": (ROWS.format("ORDER BY CASE desk WHEN 'NYC' THEN 1 WHEN 'LDN' THEN 2 WHEN 'FRA' THEN 3 WHEN 'ZRH' THEN 4 END, name"), "sort: NYC, LDN, FRA, ZRH, then by name"),
    "holdings in the words' order": (ROWS.format("WHERE name IN ('LVMH', 'Roche', 'Apple') ORDER BY list_position(['LVMH', 'Roche', 'Apple'], name)"), "Only LVMH, Roche and Apple, in this order"),
    "the oldest first": (ROWS.format("ORDER BY bought"), ""),
    "by the second letter": (ROWS.format("ORDER BY substr(isin, 3)"), ""),
    "the five largest": (ROWS.format("ORDER BY CAST(qty AS DOUBLE) * CAST(price AS DOUBLE) DESC LIMIT 5"), ""),
    "since a date": (ROWS.format("WHERE bought >= '2023-01-01' ORDER BY bought"), ""),
    "no funds": (ROWS.format("WHERE class <> 'Fund' AND ccy IN ('CHF', 'USD', 'EUR') ORDER BY _row"), ""),
    "one holding, as the words say": (ROWS.format("WHERE name <> 'Diageo' ORDER BY _row"), "without Diageo please"),
    "desks with totals": ("SELECT CASE desk WHEN 'ZRH' THEN 'Zurich' WHEN 'NYC' THEN 'New York' WHEN 'FRA' THEN 'Frankfurt' ELSE 'London' END AS isin, CAST(sum(CAST(qty AS BIGINT)) AS VARCHAR) AS answer FROM input GROUP BY desk ORDER BY 1", ""),
}  # fmt: skip


def judged(sql: str, said: str = "") -> ByHeart:
    return find_by_heart(sql, HOLDINGS, ("isin", "answer"), Instructions(said), RUNNER)


@pytest.mark.parametrize("way", LISTS)
def test_a_list_in_disguise_is_refused(way: str) -> None:
    assert judged(LISTS[way])


@pytest.mark.parametrize("way", RULES)
def test_a_rule_that_looks_like_a_list_is_none(way: str) -> None:
    assert not judged(*RULES[way]), judged(*RULES[way]).describe()
