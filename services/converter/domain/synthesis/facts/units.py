"""Units of measure: the exact factors between them, and the units that a text names.

Factors are the definitions of the International Yard and Pound (1959), the SI, and of US and imperial volumes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

_KINDS: dict[str, tuple[tuple[float, str], ...]] = {
    "length": (
        (1.0, "m metre meter metres meters"), (0.01, "cm centimetre centimeter centimetres centimeters"),
        (0.001, "mm millimetre millimeter millimetres millimeters"),
        (1000.0, "km kilometre kilometer kilometres kilometers kms"),
        (0.0254, "in inch inches"), (0.3048, "ft foot feet"), (0.9144, "yd yard yards"),
        (1609.344, "mi mile miles"), (1852.0, "nmi nautical"), (1e-6, "um micron microns micrometer micrometers"),
    ),
    "mass": (
        (1.0, "kg kilogram kilograms kgs kilo kilos"), (0.001, "g gram grams gm"), (1e-6, "mg milligram milligrams"),
        (0.45359237, "lb lbs pound pounds"), (0.028349523125, "oz ounce ounces"), (6.35029318, "st stone stones"),
        (1000.0, "t tonne tonnes"), (907.18474, "ton tons"), (0.0311034768, "ozt troy"), (0.0002, "ct carat carats"),
    ),
    "volume": (
        (1.0, "l litre liter litres liters"), (0.001, "ml millilitre milliliter millilitres milliliters cc"),
        (3.785411784, "gal gallon gallons"), (0.946352946, "qt quart quarts"), (0.473176473, "pt pint pints"),
        (0.2365882365, "cup cups"), (0.0295735295625, "oz floz"), (0.01478676478125, "tbsp tablespoon tablespoons"),
        (0.00492892159375, "tsp teaspoon teaspoons"), (4.54609, "imperial"), (1000.0, "m3"),
        (158.987294928, "bbl barrel barrels"),
        (0.016387064, "in3"), (28.316846592, "ft3"),
    ),
    "area": (
        (1.0, "m2 sqm"), (1e6, "km2"), (1e4, "ha hectare hectares"), (4046.8564224, "acre acres ac"),
        (0.09290304, "ft2 sqft"), (2589988.110336, "mi2"), (0.83612736, "yd2"), (0.00064516, "in2"), (1e-4, "cm2"),
    ),
    "speed": (
        (1.0, "m/s mps"), (1 / 3.6, "km/h kmh kph"), (0.44704, "mph"), (1852 / 3600, "kn knot knots kt"),
        (0.3048, "ft/s fps"),
    ),
    "time": (
        (1.0, "s sec secs second seconds"), (60.0, "min mins minute minutes"), (3600.0, "h hr hrs hour hours"),
        (86400.0, "d day days"), (604800.0, "wk week weeks"), (31557600.0, "yr year years"),
        (0.001, "ms millisecond milliseconds"),
    ),
    "energy": (
        (1.0, "j joule joules"), (1000.0, "kj"), (4.184, "cal calorie calories"), (4184.0, "kcal"), (3.6e6, "kwh"),
        (1055.05585262, "btu"), (3600.0, "wh"),
    ),
    "power": ((1.0, "w watt watts"), (1000.0, "kw"), (1e6, "mw"), (745.6998715822702, "hp horsepower")),
    "pressure": (
        (1.0, "pa pascal pascals"), (1000.0, "kpa"), (1e5, "bar bars"), (100.0, "mbar hpa"), (6894.757293168361, "psi"),
        (101325.0, "atm"), (133.322387415, "mmhg torr"),
    ),
    "data": (
        (1.0, "b byte bytes"), (1024.0, "kb kib kilobyte kilobytes"), (1024.0**2, "mb mib megabyte megabytes"),
        (1024.0**3, "gb gib gigabyte gigabytes"), (1024.0**4, "tb tib terabyte terabytes"), (0.125, "bit bits"),
    ),
    "angle": ((1.0, "deg degree degrees"), (57.29577951308232, "rad radian radians"), (0.9, "grad gon")),
}  # fmt: skip
_WORD = re.compile(r"[A-Za-zµ]+(?:/[A-Za-z]+)?[23]?")


@dataclass(frozen=True, slots=True)
class Factor:
    """How many of one unit another makes: ``value`` target units in one source unit."""

    value: float
    source: frozenset[str]
    target: frozenset[str]


@lru_cache(maxsize=1)
def factors() -> tuple[Factor, ...]:
    """The factors between any two units of one kind."""
    found: dict[float, Factor] = {}
    for units in _KINDS.values():
        for (a, names), (b, others) in permutations(units, 2):
            value = float(f"{a / b:.15g}")
            key = float(f"{value:.12g}")
            known = found.get(key)
            source = frozenset(names.split()) | (known.source if known else frozenset())
            target = frozenset(others.split()) | (known.target if known else frozenset())
            found[key] = Factor(value, source, target)
    return tuple(found.values())


def named_units(texts: Iterable[str]) -> frozenset[str]:
    """Words of the texts, in small letters, that may name a unit."""
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))


SURE_WIDTH = 2e-3
"""Relative widths of an interval in which a known factor is no chance find."""


def known_factor(low: float, high: float, given: frozenset[str], wanted: frozenset[str]) -> tuple[float | None, bool]:
    """The factor between two units that lies in an interval, and whether both units are named in the texts.

    An interval that is not narrow may hold a factor by chance: there both units must be named.
    """
    inside = [f for f in factors() if low <= f.value <= high]
    named = [f for f in inside if f.source & given and f.target & wanted]
    if named:
        return named[0].value, True
    return (inside[0].value if inside and high - low <= SURE_WIDTH * abs(low) else None), False


@lru_cache(maxsize=1)
def _values() -> frozenset[float]:
    return frozenset(f.value for f in factors())


def is_known(value: float) -> bool:
    """Whether a constant is a factor between two units."""
    return value in _values()
