"""What can be learned from one small example, each case checked on rows that the example did not hold."""

import csv
import io

import pytest

from services.converter.domain.instructions import Instructions
from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner


def table(text: str, header: bool = True) -> Table:
    rows = [tuple(row) for row in csv.reader(io.StringIO(text.strip("\n")), skipinitialspace=False)]
    return Table(rows[0], tuple(rows[1:])) if header else Table(None, tuple(rows))


def converted(
    runner: InProcessRunner, given: Table, wanted: Table, unseen: Table, **options: object
) -> list[tuple[str, ...]]:
    """The unseen rows after a conversion learned from the pair; the pair itself must have been reproduced."""
    program = learn(given, wanted, runner=runner, **options)  # type: ignore[arg-type]
    assert program.status == "completed", (program.sql, program.report.differences)
    return list(runner.run(program.sql, unseen).rows)


COLUMN_SKILLS = {
    "copy": ("12|a\n7|b\n9|c", "12\n7\n9", "x|y", "x"),
    "trim": (" a |1\nb  |2\n c|3", "a\nb\nc", "  d |4", "d"),
    "upper case": ("ab|1\ncd|2\nef|3", "AB\nCD\nEF", "gh|1", "GH"),
    "title case": (
        "john SMITH|1\nANNA lee|2\nbob ray|3",
        "John Smith\nAnna Lee\nBob Ray",
        "mia WALLACE|9",
        "Mia Wallace",
    ),
    "first word": ("Nancy Ann|1\nAndrew Lee|2\nJan K|3", "Nancy\nAndrew\nJan", "Mo Salah|1", "Mo"),
    "at most eight characters": (
        "Wilhelmina|1\nBartholomew|2\nAnn|3",
        "Wilhelmi\nBartholo\nAnn",
        "Alexandrina|4",
        "Alexandr",
    ),
    "user names of a greatest length": (
        "Atanaska Dobreva|1\nAnna Georgiadou|2\nBrendon Kuma|3\nRui Yuan|4",
        "adobrev\nageorgi\nbkuma\nryuan",
        "Carla Bellinghausen|5",
        "cbellin",
    ),
    "initials": ("Nancy Freehafer|1\nAndrew Cencini|2\nJan Kotas|3", "N.F.\nA.C.\nJ.K.", "Mariya Sergienko|1", "M.S."),
    "last name first": (
        "Nancy Freehafer|1\nAndrew Cencini|2\nJan Kotas|3",
        "Freehafer, Nancy\nCencini, Andrew\nKotas, Jan",
        "Mo Salah|1",
        "Salah, Mo",
    ),
    "domain of an email": ("a@x.com|1\nbob@yy.org|2\nc@zz.net|3", "x.com\nyy.org\nzz.net", "dd@k.io|4", "k.io"),
    "file name of a path": ("/a/b/c.txt|1\n/d/e.csv|2\n/f/g/h/i.md|3", "c.txt\ne.csv\ni.md", "/x/y/z.py|4", "z.py"),
    "digits regrouped": (
        "5197818816|1\n9134445555|2\n5097918816|3",
        "519-781-8816\n913-444-5555\n509-791-8816",
        "4162223333|4",
        "416-222-3333",
    ),
    "text between": ("id [A12] x|1\nno [B7] yy|2\nel [C999] z|3", "A12\nB7\nC999", "qq [D4] w|4", "D4"),
    "removed characters": (
        "801-345-1987|1\n612-000-1111|2\n33-44-55|3",
        "8013451987\n6120001111\n334455",
        "1-2-3|4",
        "123",
    ),
    "padding": ("7|1\n42|2\n305|3", "00007\n00042\n00305", "9001|4", "09001"),
    "constant and column": ("7|1\n42|2\n305|3", "ID-7\nID-42\nID-305", "9|4", "ID-9"),
    "count of parts": ("a,b,c|1\nd|2\ne,f|3", "3\n1\n2", "q,r,s,t|4", "4"),
    "sum of columns": ("12|3\n7|10\n9|21", "15\n17\n30", "100|1", "101"),
    "sum as floats print": ("1.5|3\n7|10.25\n9|21", "4.5\n17.25\n30.0", "0.1|0.2", "0.3"),
    "product with decimals": ("12.5|3\n7|10\n9.25|2", "37.50\n70.00\n18.50", "1.2|5", "6.00"),
    "quotient as percent": ("1|4\n3|4\n1|8", "25.0%\n75.0%\n12.5%", "1|2", "50.0%"),
    "unit conversion": ("10|a\n25|b\n3|c", "1000\n2500\n300", "7|d", "700"),
    "thousands separators": ("1234567.5|a\n1000|b\n250.25|c", "1,234,567.50\n1,000.00\n250.25", "98765|d", "98,765.00"),
    "Indian grouping": (
        "1234567.50|a\n100000.00|b\n250.25|c",
        "12,34,567.50\n1,00,000.00\n250.25",
        "98765432.00|d",
        "9,87,65,432.00",
    ),
    "decimal comma read": (
        "1.234,50|a\n12,00|b\n1.000.000,25|c",
        "1234.50\n12.00\n1000000.25",
        "7.654,32|d",
        "7654.32",
    ),
    "brackets for negatives": ("(1,250.00)|a\n300.00|b\n(45.10)|c", "-1250.00\n300.00\n-45.10", "(7.25)|d", "-7.25"),
    "currency sign": ("$1,250.00|a\n$300.00|b\n$45.10|c", "1250.00\n300.00\n45.10", "$7.25|d", "7.25"),
    "rounding": ("2.345|a\n1.005|b\n10.999|c", "2.35\n1.01\n11.00", "2.675|d", "2.68"),
    "day first to ISO": (
        "24/03/2020|a\n01/12/2019|b\n15/07/2021|c",
        "2020-03-24\n2019-12-01\n2021-07-15",
        "05/06/2022|d",
        "2022-06-05",
    ),
    "ISO to month name": (
        "2020-03-24|a\n2019-12-01|b\n2021-07-15|c",
        "24 Mar 2020\n01 Dec 2019\n15 Jul 2021",
        "2022-06-05|d",
        "05 Jun 2022",
    ),
    "weekday": ("2020-03-24|a\n2019-12-01|b\n2021-07-15|c", "Tuesday\nSunday\nThursday", "2022-06-06|d", "Monday"),
    "dates within a sentence": (
        (
            "John; July 26 1939 - April 20 2012; (aged 72)|1\nMo; December 3 1945 - May 17 2009; (aged 63); left|2\n"
            "Ann Lee; October 16 1954 - April 7 2004; (aged 49)|3"
        ),
        "John (26 Jul 1939 - 20 Apr 2012)\nMo (3 Dec 1945 - 17 May 2009)\nAnn Lee (16 Oct 1954 - 7 Apr 2004)",
        "Jo; March 9 1950 - June 1 2001; (aged 51)|4",
        "Jo (9 Mar 1950 - 1 Jun 2001)",
    ),
    "12-hour clock": ("14:05|a\n09:30|b\n00:15|c", "2:05 PM\n9:30 AM\n12:15 AM", "23:59|d", "11:59 PM"),
    "time slots of half an hour": (
        "11:12:29|1\n08:29:52|2\n16:45:00|3",
        "11:00-11:30\n8:00-8:30\n16:30-17:00",
        "12:41:14|4",
        "12:30-13:00",
    ),
    "time slots that begin at odd hours": (
        "11:12:29|1\n08:29:52|2\n16:45:00|3",
        "11AM-1PM\n7AM-9AM\n3PM-5PM",
        "00:10:00|4",
        "11PM-1AM",
    ),
    "bands of amounts": ("40.88|a\n27.95|b\n61.5|c", "40-45\n25-30\n60-65", "45.0|d", "45-50"),
    "settlement two days later": (
        "2020-03-24|a\n2019-12-01|b\n2021-07-15|c",
        "2020-03-26\n2019-12-03\n2021-07-17",
        "2022-12-31|d",
        "2023-01-02",
    ),
    "two values by a third": ("5|x\n80|y\n20|z\n90|w\n77|v\n8|u", "low\nhigh\nlow\nhigh\nhigh\nlow", "95|q", "high"),
    "codes by a list": ("B|1\nS|2\nD|3\nB|4\nS|5\nD|6", "Buy\nSell\nDividend\nBuy\nSell\nDividend", "D|7", "Dividend"),
    "default for blank": ("a|1\n|2\nc|3\n|4", "a\nn/a\nc\nn/a", "|9", "n/a"),
    "known unit": (
        "5 km|1\n18 km|2\n1349 km|3",
        "3.10685596 mi\n11.1846815 mi\n838.229738 mi",
        "60 km|4",
        "37.2822715 mi",
    ),
    "unit that is named": ("1 ft|a\n3 ft|b\n10.5 ft|c", "0.3 m\n0.9 m\n3.2 m", "11 ft|d", "3.4 m"),
    "temperature": ("20|a\n25|b\n-40|c", "68.0\n77.0\n-40.0", "100|d", "212.0"),
    "binary to hexadecimal": ("101010|a\n11111111|b\n0000101|c", "2A\nFF\n5", "1010|d", "A"),
    "colour to its code": (
        "255,255,255|a\n238,130,238|b\n147,112,219|c",
        "#FFFFFF\n#EE82EE\n#9370DB",
        "0,10,255|d",
        "#000AFF",
    ),
    "to Roman": ("4|a\n1350|b\n981|c", "IV\nMCCCL\nCMLXXXI", "2026|d", "MMXXVI"),
    "from Roman": ("IV|a\nMCCCL|b\nCMLXXXI|c", "4\n1350\n981", "XIX|d", "19"),
    "powers of ten": ("1234|a\n23912000|b\n98100|c", "1.234E3\n2.3912E7\n9.81E4", "50|d", "5E1"),
    "initials of a list of names": (
        "Ann Lee, Bob J Ray|1\nCy Wu|2\nDee Fox, Eva Hill, Flo Ide|3",
        "AB\nC\nDEF",
        "Gus Jay, Hal Kay|4",
        "GH",
    ),
    "camel case": (
        "net_asset_value|1\ntrade_date|2\nisin_code|3",
        "netAssetValue\ntradeDate\nisinCode",
        "a_b_c_d|4",
        "aBCD",
    ),
    "name of a domain": (
        "www.news.cnn.com|1\ncnn.co.uk|2\ndrive.google.ca|3",
        "cnn\ncnn\ngoogle",
        "photos.twitter.com|4",
        "twitter",
    ),
    "value of a key": (
        "user=Jo; path=/; domain=.foo.com|1\ndomain=.bar.org; path=/a|2\npath=/b; user=Al|3",
        ".foo.com\n.bar.org\n",
        "secure; domain=.x.io; user=Mo|4",
        ".x.io",
    ),
    "middle names": ("Mr. Al B. Cox, Jr|1\nDee Eva Fox|2\nGay, Hal|3", "B.\nEva\n", "Ian Jo Kay|4", "Jo"),
    "feet and inches": (
        "3 cm|1\n870 cm|2\n69 cm|3",
        "0 ft 1.1811 in\n28 ft 6.5197 in\n2 ft 3.1654 in",
        "100 cm|4",
        "3 ft 3.3701 in",
    ),
    "time span in hours": ("02:45:45|1\n1:30:25|2\n12:10:02|3", "2.7625\n1.5069\n12.1672", "0:30:00|4", "0.5000"),
    "month numbers": ("January|a\nFebruary|b\nMarch|c", "1\n2\n3", "December|d", "12"),
    "amounts with a scale": ("1.5K|a\n2 lakh|b\n750|c\n3 Cr|d", "1500\n200000\n750\n30000000", "2.5M|e", "2500000"),
    "sizes in bytes": (
        "10B|a\n100 KB|b\n1000MB|c",
        "10 Bytes\n102400 Bytes\n1048576000 Bytes",
        "2GB|d",
        "2147483648 Bytes",
    ),
    "thousands with a letter": ("10000|a\n212321|b\n9876549|c", "10K\n212K\n9M", "7321876984|d", "7B"),
    "filled with blanks": ("xxx|a\nyy|b\nzzzzz|c", "  xxx\n   yy\nzzzzz", "q|d", "    q"),
    "without markup": (
        "<b>Hello.</b><br/><p><i>Who is there?</i><p>|1\n<html><td>bla bla</td><td>bla</td>|2\n<b>hi!</b> <i>me</i>|3",
        "Hello. Who is there?\nbla bla bla\nhi! me",
        "<b>one</b>|4",
        "one",
    ),
    "zeros before decimals": ("243|a\n12.5|b\n2345.23|c", "00243\n00012.5\n02345.23", "7.1|d", "00007.1"),
    "amount in words": (
        "10183|a\n90|b\n5888|c",
        "ten thousand one hundred eighty three\nninety\nfive thousand eight hundred eighty eight",
        "42000|d",
        "forty two thousand",
    ),
    "price with a fraction": ("7 1/4|a\n21 2/5|b\n129|c", "7.25\n21.4\n129", "6 9/100|d", "6.09"),
    "months of dates in several formats": (
        "2011-10-11|a\n2011-Jan-12|b\n7/1/2009|c",
        "October\nJanuary\nJuly",
        "6/1/2009 12:01:01|d",
        "June",
    ),
    "nearest tick": ("19.57|a\n19.58|b\n21.48|c", "19.55\n19.60\n21.50", "16.42|d", "16.40"),
    "median of a list": ("2,2,3,4,7,8,9|a\n1,2,3,5,6,7,8|b\n1,2,3|c", "4\n5\n2", "4,8,6|d", "6"),
    "list in order": ("b;a;c|1\nz;y|2\nm;k;l;a|3", "a, b, c\ny, z\na, k, l, m", "d;c|4", "c, d"),
    "band of an amount": ("40.88|a\n27.95|b\n28.0|c\n13.76|d", "40-45\n25-30\n25-30\n10-15", "45.0|e", "45-50"),
    "band of a time": ("11:12:29|a\n08:29:52|b", "10:45AM-11:15AM\n8:15AM-8:45AM", "14:50:00|c", "2:45PM-3:15PM"),
    "another time zone": (
        "11:47 PM, Mon, Aug 17, 2015|a\n7:00 AM, Tue, Jul 7, 2015|b\n1:30 AM, Thu, May 14, 2015|c",
        "12:47 AM, Tue, Aug 18, 2015\n8:00 AM, Tue, Jul 7, 2015\n2:30 AM, Thu, May 14, 2015",
        "11:30 PM, Thu, Dec 31, 2015|d",
        "12:30 AM, Fri, Jan 1, 2016",
    ),
    "an e-mail address where there is one": (
        "write to ann@x.com now|1\nno address here|2\nbob.ray@yy.org|3\nnothing|4",
        "ann@x.com\n\nbob.ray@yy.org\n",
        "or ask dee@k.io please|5",
        "dee@k.io",
    ),
    "initial rather than a constant": (
        "Launa|Withers\nLakenya|Edison",
        "Withers, L.\nEdison, L.",
        "Brendan|Hage",
        "Hage, B.",
    ),
    "fields of fixed width": (
        "A1   XY   7\nB22  Z    8\nC333 QRS  9".replace("\n", "|\n") + "|",
        "XY   \nZ    \nQRS  ",
        "D4   K    1|",
        "K    ",
    ),
    "one column without another": (
        "item 1 AQ-8|AQ-8\nbox BX-77 small|BX-77",
        "item 1 \nbox  small",
        "CZ-1 x|CZ-1",
        " x",
    ),
    "accents": ("é|1\nüb|2\nañ|3", "e\nub\nan", "ô|4", "o"),
}


@pytest.mark.parametrize("skill", COLUMN_SKILLS)
def test_learns_a_column_that_holds_on_new_rows(skill: str, runner: InProcessRunner) -> None:
    given, wanted, unseen, answer = COLUMN_SKILLS[skill]
    lines = [tuple(line.split("|")) for line in given.split("\n")]
    names = ("first", "second")
    rows = converted(
        runner,
        Table(names, tuple(lines)),
        Table(("output",), tuple((line,) for line in wanted.split("\n"))),
        Table(names, (tuple(unseen.split("|")),)),
    )
    assert rows == [(answer,)]


TABLE_SKILLS = {
    "filter by value": (
        "id,state,amount\n1,open,5\n2,closed,6\n3,open,7\n4,void,8\n5,open,1",
        "id,amount\n1,5\n3,7\n5,1",
        "id,state,amount\n8,void,1\n9,open,2",
        "9,2",
    ),
    "filter blank": ("id,amount\n1,5\n2,\n3,7\n4,", "id,amount\n1,5\n3,7", "id,amount\n8,\n9,2", "9,2"),
    "sorted": ("name,n\na,5\nb,30\nc,7", "name,n\nb,30\nc,7\na,5", "name,n\nx,2\ny,10\nz,9", "y,10\nz,9\nx,2"),
    "deduplicated": ("name,n\na,5\nb,3\na,5\nc,7\nb,3", "name,n\na,5\nb,3\nc,7", "name,n\nx,2\nx,2\ny,1", "x,2\ny,1"),
    "grouped sums": (
        "who,what,n\na,x,5\nb,y,3\na,z,6\nc,x,7\nb,y,4",
        "who,total\na,11\nb,7\nc,7",
        "who,what,n\nq,x,1\nr,y,2\nq,z,4",
        "q,5\nr,2",
    ),
    "grouped counts": (
        "who,n\na,5\nb,3\na,6\nc,7\nb,4\na,1",
        "who,count\na,3\nb,2\nc,1",
        "who,n\nq,1\nr,2\nq,4",
        "q,2\nr,1",
    ),
    "filled down": ("acct,n\nA,1\n,2\n,3\nB,4\n,5", "acct,n\nA,1\nA,2\nA,3\nB,4\nB,5", "acct,n\nX,9\n,8", "X,9\nX,8"),
    "sub-headings lifted": (
        "name,qty\nEquities,\nACME,5\nBETA,6\nBonds,\nGOV,7",
        "class,name,qty\nEquities,ACME,5\nEquities,BETA,6\nBonds,GOV,7",
        "name,qty\nCash,\nUSD,1\nEUR,2",
        "Cash,USD,1\nCash,EUR,2",
    ),
    "exploded": ("id,tags\n1,a;b\n2,c\n3,d;e;f", "id,tag\n1,a\n1,b\n2,c\n3,d\n3,e\n3,f", "id,tags\n7,x;y", "7,x\n7,y"),
    "wide to long": (
        "name,2020,2021\nA,1,2\nB,3,4\nC,5,6",
        "name,year,value\nA,2020,1\nA,2021,2\nB,2020,3\nB,2021,4\nC,2020,5\nC,2021,6",
        "name,2020,2021\nZ,8,9",
        "Z,2020,8\nZ,2021,9",
    ),
    "running total": ("day,n\na,5\nb,3\nc,7\nd,1", "day,total\na,5\nb,8\nc,15\nd,16", "day,n\nx,2\ny,10", "x,2\ny,12"),
    "row numbers": ("name\na\nc\nb", "no,name\n1,a\n2,c\n3,b", "name\nx\ny", "1,x\n2,y"),
}


@pytest.mark.parametrize("skill", TABLE_SKILLS)
def test_learns_what_happens_to_rows(skill: str, runner: InProcessRunner) -> None:
    given, wanted, unseen, answer = TABLE_SKILLS[skill]
    assert converted(runner, table(given), table(wanted), table(unseen)) == list(table(answer, header=False).rows)


def test_learns_records_of_several_lines(runner: InProcessRunner) -> None:
    given = table("Ann\n12\nOslo\nBob\n7\nRome\nCyd\n9\nBern", header=False)
    wanted = table("name,age,city\nAnn,12,Oslo\nBob,7,Rome\nCyd,9,Bern")
    assert converted(runner, given, wanted, table("Zed\n1\nParis", header=False)) == [("Zed", "1", "Paris")]


def test_learns_records_that_blank_rows_part(runner: InProcessRunner) -> None:
    given = table('x\nAda\nLondon\n""\nBob\nLow St\nLeeds\n""\nCy\nHull')
    wanted = table("name,first,second\nAda,London,\nBob,Low St,Leeds\nCy,Hull,")
    assert converted(runner, given, wanted, table('x\nDi\nMid St\nYork\n""\n""\nEd\nBath')) == [
        ("Di", "Mid St", "York"),
        ("Ed", "Bath", ""),
    ]


def test_learns_records_that_begin_with_a_mark(runner: InProcessRunner) -> None:
    given = table("x\n# Ada\nLondon\n# Bob\nLow St\nLeeds\n# Cy\nHull")
    wanted = table("name,first,second\nAda,London,\nBob,Low St,Leeds\nCy,Hull,")
    assert converted(runner, given, wanted, table("x\n# Di\n# Ed\nNew Rd\nBath")) == [
        ("Di", "", ""),
        ("Ed", "New Rd", "Bath"),
    ]


def test_learns_records_that_stand_side_by_side(runner: InProcessRunner) -> None:
    given = table("p,q\nAda,Bob\nLondon,Leeds\nCy,Di\nHull,York")
    wanted = table("name,town\nAda,London\nBob,Leeds\nCy,Hull\nDi,York")
    assert converted(runner, given, wanted, table("p,q,r\nEd,Flo,Gus\nBath,Ely,Rye")) == [
        ("Ed", "Bath"),
        ("Flo", "Ely"),
        ("Gus", "Rye"),
    ]


def test_learns_lists_of_any_width_under_a_numbered_header(runner: InProcessRunner) -> None:
    given = table("col1,col2\nAda,1\nAda,2\nBob,3\nBob,4")
    wanted = table("col1,col2,col3\nAda,1,2\nBob,3,4")
    assert converted(runner, given, wanted, table("col1,col2\nCy,5\nDi,6\nCy,7\nCy,8")) == [
        ("col1", "col2", "col3", "col4"),
        ("Cy", "5", "7", "8"),
        ("Di", "6", "", ""),
    ]


def test_learns_a_transposition_of_any_width(runner: InProcessRunner) -> None:
    given, wanted = table("k,a,b\nx,1,2\ny,3,4"), table("k,x,y\na,1,3\nb,2,4")
    assert converted(runner, given, wanted, table("k,p,q,r\nz,7,8,9")) == [
        ("k", "z"),
        ("p", "7"),
        ("q", "8"),
        ("r", "9"),
    ]


def test_learns_a_crosstab_of_any_width(runner: InProcessRunner) -> None:
    given = table("who,month,n\na,Jan,1\na,Feb,2\nb,Jan,3\nb,Feb,4")
    wanted = table("who,Jan,Feb\na,1,2\nb,3,4")
    unseen = table("who,month,n\nz,Mar,5\nz,Apr,6\nz,May,7")
    assert converted(runner, given, wanted, unseen) == [("who", "Mar", "Apr", "May"), ("z", "5", "6", "7")]


ORDERS = table("quantity,price_per_unit,order_status\n10,2.5,pending\n5,10.0,shipped\n1,100.0,pending")
SHIPPING = table(
    "total_price,order_status,shipping_category\n25.0,Pending,Standard\n50.0,Shipped,Express\n100.0,Pending,Standard"
)


def test_generalises_the_orders_example(runner: InProcessRunner) -> None:
    unseen = table("quantity,price_per_unit,order_status\n7,3,shipped")
    assert converted(runner, ORDERS, SHIPPING, unseen) == [("21.0", "Shipped", "Express")]


def test_flags_a_status_that_the_example_did_not_show(runner: InProcessRunner) -> None:
    program = learn(ORDERS, SHIPPING, runner=runner)
    unseen = table("quantity,price_per_unit,order_status\n7,3,lost")
    hits = {
        row
        for guard in program.report.guards
        if guard.kind == "value_set"
        for row in runner.run(guard.sql, unseen).rows
    }
    assert hits == {("1", "lost")}


def test_instructions_settle_which_column_decides(runner: InProcessRunner) -> None:
    given = table("kind,region,n\nx,north,1\ny,south,2\nx,north,3\ny,south,4")
    wanted = table("n,class\n1,A\n2,B\n3,A\n4,B")
    unseen = table("kind,region,n\nx,south,9")
    by_kind = Instructions(columns={"class": "A if kind is x, otherwise B"})
    by_region = Instructions(columns={"class": "A if region is north, otherwise B"})
    assert converted(runner, given, wanted, unseen, instructions=by_kind) == [("9", "A")]
    assert converted(runner, given, wanted, unseen, instructions=by_region) == [("9", "B")]


def test_reads_a_broker_export_with_decimal_commas_and_sub_headings(runner: InProcessRunner) -> None:
    given = table(
        "Titel;ISIN;Menge;Kurs;Datum\n"
        "Aktien;;;;\n"
        "ACME AG;DE0001234567;1.250,00;12,50;24.03.2024\n"
        "BETA SE;DE0007654321;75,00;101,25;25.03.2024\n"
        "Fonds;;;;\n"
        "WORLD ETF;IE00B4L5Y983;12,00;88,10;01.02.2024".replace(",", "\x00")
        .replace(";", ",")
        .replace("\x00", ";")
    )
    given = Table(given.header, tuple(tuple(cell.replace(";", ",") for cell in row) for row in given.rows))
    wanted = table(
        "asset_class,isin,quantity,price,value,as_of\n"
        "Aktien,DE0001234567,1250,12.50,15625.00,2024-03-24\n"
        "Aktien,DE0007654321,75,101.25,7593.75,2024-03-25\n"
        "Fonds,IE00B4L5Y983,12,88.10,1057.20,2024-02-01"
    )
    unseen = Table(
        given.header, (("Anleihen", "", "", "", ""), ("BUND", "DE0001102309", "2.000,00", "99,50", "03.01.2025"))
    )
    assert converted(runner, given, wanted, unseen) == [
        ("Anleihen", "DE0001102309", "2000", "99.50", "199000.00", "2025-01-03")
    ]


def test_refuses_what_no_small_program_explains(runner: InProcessRunner) -> None:
    given = table("code\nJFK\nLHR\nCDG\nHND")
    wanted = table("city\nNew York\nLondon\nParis\nTokyo")
    assert learn(given, wanted, runner=runner).status == "failed"


def test_checks_a_large_example_on_all_rows(runner: InProcessRunner) -> None:
    rows = [(f"{i:05d}", "Leeds" if i % 2 else "York") for i in range(3000)]
    rows[2345] = ("02345", "")
    wanted = [(number, town.upper() if town else "none") for number, town in rows]
    program = learn(Table(("id", "town"), tuple(rows)), Table(("id", "TOWN"), tuple(wanted)), runner=runner)
    assert program.status == "completed", program.sql
    assert list(runner.run(program.sql, Table(("id", "town"), (("1", ""), ("2", "York")))).rows) == [
        ("1", "none"),
        ("2", "YORK"),
    ]


def test_says_where_the_order_was_not_learned(runner: InProcessRunner) -> None:
    given = table("id,town\n11,Leeds\n12,York\n13,Hull\n14,Bath\n15,Ely")
    wanted = table("ID,TOWN\n14,BATH\n11,LEEDS\n15,ELY\n12,YORK\n13,HULL")
    program = learn(given, wanted, runner=runner)
    assert (program.status, program.report.order_learned) == ("completed", False)
    assert any("order" in warning for warning in program.report.warnings)
