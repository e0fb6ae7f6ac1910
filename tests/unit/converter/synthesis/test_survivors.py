"""Programs that are learned on from are carried over to files whose columns stand elsewhere."""

from services.converter.domain.survivors import renamed
from services.converter.domain.synthesis.language import Column
from services.converter.domain.synthesis.operators.list.listed import ITEM, Each, Joined, Parts
from services.converter.domain.synthesis.operators.text.case import Case


def test_a_column_is_read_where_it_stands() -> None:
    assert renamed([Column(0, "a")], ("b", "a")) == (Column(1, "a"),)


def test_a_file_without_a_column_that_is_read_has_no_program() -> None:
    assert renamed([Column(0, "a")], ("b", "c")) is None


def test_the_item_of_a_list_is_no_column_of_the_file() -> None:
    items = Each(Parts(Column(0, "a"), ","), Case(ITEM, "upper"))
    (moved,) = renamed([Joined(items, ";")], ("b", "a")) or ()
    assert moved.run(("no", "x,y")) == "X;Y"
