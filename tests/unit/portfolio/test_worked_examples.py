"""Returns and rates that others worked out and published, each with its source."""

from datetime import date
from decimal import Decimal

import pytest

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures.performance import compute_xirr
from tests.unit.portfolio.conftest import Compute


def test_flows_of_a_month_are_weighed_by_the_days_that_they_were_there(facts_of: Compute) -> None:
    """A composite's October by modified Dietz, four flows: 2.45 %.

    Source: CFA level III practice on GIPS verification, question bac110 (bloombergprep.com/practice/cfa/400).
    """
    flows = [("10-05", "-15.05"), ("10-09", "19.82"), ("10-15", "16.42"), ("10-24", "-18.96")]
    table = facts_of(
        {
            "series": [["2008-09-30", "585.60"], ["2008-10-31", "602.34"]],
            "flows": [{"date": f"2008-{day}", "amount": amount} for day, amount in flows],
        }
    )

    assert round(_twr(table), 2) == Decimal("2.45")


def test_months_are_linked_whatever_was_redeemed_in_one_of_them(facts_of: Compute) -> None:
    """March by modified Dietz 4.02 %, the quarter of 2.3 %, -1 % and that 5.35 %.

    Source: a CFA level III question on GIPS, "Judy Picoo, JP Fund, first quarter of 2003" (forum.theanalystspace.com).
    """
    march = [["2003-02-28", 50_000_000], ["2003-03-31", 51_500_000]]
    february = Decimal(50_000_000) / Decimal("0.99")
    quarter = [["2002-12-31", round(february / Decimal("1.023"), 6)], ["2003-01-31", round(february, 6)], *march]
    flows = [{"date": "2003-03-15", "amount": -500_000}]

    assert round(_twr(facts_of({"series": march, "flows": flows})), 2) == Decimal("4.02")
    assert round(_twr(facts_of({"series": quarter, "flows": flows})), 2) == Decimal("5.35")


def test_quarters_with_values_at_every_flow_are_linked_exactly(facts_of: Compute) -> None:
    """Four quarters with flows at their beginnings: 1.0909 x 0.9286 x 1.3333 x 0.9762 - 1 = 31.85 %.

    Source: a CFA level I question on time-weighted returns (forum.theanalystspace.com, thread 804296), whose values
    stand before each flow; with it they are those of the day.
    """
    table = facts_of(
        {
            "series": [["2012-01-01", "2.2"], ["2012-04-01", "2.8"], ["2012-07-01", "2.4"], ["2012-10-01", "4.2"],
                       ["2013-01-01", "4.1"]],
            "flows": [{"date": "2012-04-01", "amount": "0.4"}, {"date": "2012-07-01", "amount": "-0.2"},
                      {"date": "2012-10-01", "amount": "1.0"}],
        }
    )  # fmt: skip

    expected = Decimal("2.4") / Decimal("2.2") * Decimal("2.6") / Decimal("2.8") * Decimal("3.2") / Decimal("2.4")
    expected = (expected * Decimal("4.1") / Decimal("4.2") - 1) * 100
    assert _twr(table) == pytest.approx(expected, abs=Decimal("1e-9"))
    assert round(_twr(table), 2) == Decimal("31.85")


@pytest.mark.parametrize(
    ("days", "amounts", "rate"),
    [
        # Microsoft, "XIRR function" (support.microsoft.com).
        (("2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"),
         (-10_000, 2750, 4250, 3250, 2750), 0.373362535),
        # bradbase/xlcalculator, tests of the financial functions against Excel.
        (("2010-12-29", "2012-01-25", "2012-03-08"), (-10_000, 20, 10_100), 0.01006126516492058),
        # tarioch/xirr, test_math.py (-0.6454 there); in closed form (65,209.6 / 80,005.8)^(365 / 72) - 1.
        (("2019-12-31", "2020-03-12"), (-80_005.8, 65_209.6), -0.6453638827),
    ],
)  # fmt: skip
def test_xirr_is_what_excel_gives(days: tuple[str, ...], amounts: tuple[float, ...], rate: float) -> None:
    assert compute_xirr([date.fromisoformat(day) for day in days], list(amounts)) == pytest.approx(rate, abs=1e-8)


def _twr(table: FactTable) -> Decimal:
    fact = table.find("twr")
    assert fact is not None, [item for item in table.absent if item.id == "twr"]
    return Decimal(fact.value)
