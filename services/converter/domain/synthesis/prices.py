"""What must be believed of each unit.

A program's cost is the sum of the prices of its nodes, and of what a node adds for its own fields (`surcharge` in the
unit's file); of the programs that explain an example, the cheapest is taken. 0: the whole price depends on the fields.
The numbers were set by hand, in the order of how likely people ask for what a unit does, and kept where the seen half
of the example suites came out no worse. A fit of them (`make fit-prices`, 2026-11-29, 83 columns in 53 groups) was no
gain on groups of cases that were held out: 75 columns right by hand, 71 by the fit. So they stay as they were set.
"""

from collections.abc import Mapping

PRICES: Mapping[str, float] = {
    # date
    "EdgeOf": 0.0,  # As a shift.
    "Floor": 0.0,  # Dearer than the moment.
    "FromTicks": 0.4,  # A little above the number.
    "InZone": 0.0,  # Above a fixed shift, below it where the columns' names name the zones.
    "MeasureOf": 0.2,  # A little above the moment.
    "MomentPart": 0.9,  # A little above a plain part.
    "NameInLanguage": 0.7,  # Above an English name.
    "OnOrAfter": 1.0,  # As comparisons of numbers.
    "PlainDate": 0.0,  # A little above the text.
    "ReadMoment": 0.2,  # One format is simpler than several.
    "ReadQuarter": 0.3,  # As a date.
    "Shift": 0.9,  # Dearer than the moment.
    "ShiftBy": 0.8,  # Both, and the move.
    "ShiftMonths": 0.0,  # Years and quarters are likelier than other numbers of months.
    "WithoutZone": 0.3,  # A little above the text.
    "WorkingDay": 1.1,  # A little above a shift by days.
    # list
    "Found": 1.8,  # Above a single match.
    "HowMany": 0.0,  # What is counted.
    "Joined": 0.6,  # The joint.
    "ListFigure": 1.0,  # The list and the figure.
    "Ordered": 0.6,  # One step.
    "Parts": 1.2,  # As a split.
    "Picked": 0.0,  # Near ends are likelier; the first is free.
    "Within": 0.6,  # The limit; near ends are likelier.
    # logic
    "Blank": 0.5,  # The commonest condition.
    "Both": 0.8,  # The sum, and the joint.
    "Branch": 1.0,  # All three.
    "Comparison": 1.0,  # As other comparisons.
    "Contains": 1.0,  # Short literals are simpler; letters may be coincidence.
    "Dictionary": 2.0,  # Each pair must be believed.
    "Equals": 0.8,  # Each value is one more thing to believe.
    "HasItem": 0.9,  # A little above a value: what is listed is a value of its own.
    "LongerThan": 1.9,  # Lengths are often coincidence.
    "Matches": 1.3,  # Above a literal.
    "Not": 0.25,  # A little more than the condition.
    "Occurrences": 1.6,  # Two sources.
    "OrElse": 0.5,  # Both, and a little for the choice.
    "Relates": 0.0,  # Two sources, one relation.
    "Without": 1.0,  # Two sources.
    # number
    "Absolute": 0.8,  # A little more than the number.
    "Aligned": 1.3,  # Above a plain format.
    "Arithmetic": 0.0,  # Both operands and the operation.
    "Character": 1.0,  # Above a plain number.
    "CharacterCode": 0.8,  # Above a plain number.
    "ClockSpan": 1.1,  # Above a plain format.
    "Count": 2.6,  # Above a match.
    "Fraction": 1.2,  # Above a plain format.
    "Length": 1.8,  # As a match.
    "NegativeIf": 0.8,  # Both: a sign asks for less belief than two programs do.
    "OneSide": 1.8,  # A number's format, and its side.
    "OrNought": 0.4,  # A little above the number.
    "OrdinalNumber": 1.0,  # Above a plain format.
    "Quotient": 1.2,  # As a rounding.
    "ReadBase": 0.0,  # Above a plain number.
    "ReadDuration": 0.7,  # Above a plain number.
    "ReadFraction": 0.7,  # Above a plain number.
    "ReadNumber": 0.0,  # Plain numbers are cheaper to read.
    "ReadRoman": 0.9,  # Above a plain number.
    "ReadScaled": 0.9,  # Above a plain number.
    "ReadSpan": 0.7,  # Above a plain number.
    "Respelled": 1.0,  # As many decimals as needed.
    "Signed": 1.6,  # Above a plain format.
    "Spelled": 1.4,  # Above a plain format.
    "Step": 1.4,  # Usual sizes are cheaper.
    "WriteRoman": 1.3,  # Above a plain number.
    "WriteScaled": 0.0,  # Above a plain format.
    "WriteScientific": 1.2,  # Above a plain number.
    # text
    "AfterFirst": 1.25,  # A little below the last part: behind a name's mark stands its value, whatever that holds.
    "BareName": 0.6,  # As a clean-up.
    "Beside": 0.8,  # A split, and a second column.
    "Between": 0.0,  # Its two neighbours: brackets, commas and ends of lines enclose a field, whatever it holds.
    "Case": 0.0,  # A little more than the text itself.
    "CharactersBy": 0.6,  # A cut, and a second column.
    "Ensured": 0.9,  # A test, and the mark's letters.
    "Extract": 0.0,  # What is so well known has a small price.
    "Framed": 0.9,  # As a clean-up, and the marks.
    "InGroups": 1.5,  # Above a pick.
    "InOrder": 0.8,  # As a clean-up.
    "Masked": 2.0,  # As other replacements.
    "NationalNumber": 1.6,  # As a regrouping.
    "Pad": 1.5,  # As a replacement.
    "PartBy": 0.8,  # A split, and a second column.
    "Parted": 1.9,  # As other replacements.
    "Regrouped": 1.6,  # Above a pick; a tail that is cut off is less likely, constant digits are dear.
    "Replace": 1.3,  # Short literals are simpler.
    "ReplacePattern": 1.9,  # Dearer than a literal; a mark for a run of letters is likelier put after what precedes it.
    "Reverse": 2.0,  # Rare.
    "Split": 1.2,  # Near ends and common delimiters are simpler; blanks say less than punctuation.
    "Squeeze": 0.7,  # A little more than trimming.
    "StripAccents": 1.0,  # A common clean-up.
    "Trim": 0.0,  # Blanks are cheap to trim.
    "WithoutExtension": 0.5,  # A little above the text.
    "WordWith": 1.0,  # A pick, and a second column.
    # world
    "KnownName": 0.8,  # The table is shared by all, so that its entries need no belief.
}
AS_RULE: Mapping[str, float] = {"Both": 1.5, "Contains": 1.5, "Equals": 1.5, "LongerThan": 1.5, "Relates": 1.5}
"""What a condition costs more as the reason why rows stay: what is read off a few rows is likelier chance than blanks
and kinds of text."""
USUAL = 1.2
"""What a unit costs that is not in the table: as much as most of them."""


def price_of(unit: str) -> float:
    """The price of a unit by its name."""
    return PRICES.get(unit, USUAL)


def price_as_rule(condition: str) -> float:
    """What a kind of condition costs more, by its name, as the reason why rows stay."""
    return AS_RULE.get(condition, 0.0)
