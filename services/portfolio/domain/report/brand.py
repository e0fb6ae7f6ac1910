"""Whose report it is: a name, a colour that stays readable whatever it is, a logo, and words of the firm's own."""

import base64
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

MAX_LOGO_BYTES = 262_144
_MAX_SIDE = 4096
_MAX_ELEMENTS = 2000
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TEXT_CONTRAST, _STEPS = 4.5, 20
INK, PAPER = "#16202c", "#ffffff"
DEFAULT_COLOUR = "#1f5c99"
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset({
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "title", "desc", "defs",
    "linearGradient", "radialGradient", "stop", "clipPath", "mask", "symbol",
})  # fmt: skip
"""What draws, and neither runs, loads nor moves."""
_REFERENCES = re.compile(r"url\s*\(", re.IGNORECASE)
_OWN_REFERENCE = re.compile(r"url\s*\(\s*['\"]?#[\w.-]+['\"]?\s*\)", re.IGNORECASE)
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class BrandError(ValueError):
    """A brand that cannot be used: ``field`` is the part of it at fault."""

    def __init__(self, field: str, explanation: str) -> None:
        self.field = field
        super().__init__(f"{field}: {explanation}")


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that was checked, with its media type."""

    media_type: str
    content: bytes

    @property
    def address(self) -> str:
        """The picture as a data address: nothing is fetched."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.content).decode()}"


@dataclass(frozen=True, slots=True)
class Brand:
    """How a tenant's reports look. ``disclaimer`` stands in place of the shipped one. Raises ``BrandError``."""

    name: str = ""
    colour: str = DEFAULT_COLOUR
    logo: Logo | None = None
    disclaimer: str = ""

    def __post_init__(self) -> None:
        if not _COLOUR.fullmatch(self.colour):
            raise BrandError("colour", f"a colour is written #rrggbb (got {self.colour[:40]!r})")

    @property
    def on_paper(self) -> str:
        """The colour for text and bars on white: itself, or as much darker as it takes to be read."""
        return darken(self.colour, PAPER)

    @property
    def on_colour(self) -> str:
        """The text on the colour: white or black, whichever is read better. One of them always can be."""
        return max((PAPER, "#000000"), key=lambda text: contrast(text, self.colour))


@dataclass(frozen=True, slots=True)
class Brands:
    """Brands by tenant; ``*`` is the one of those who have none."""

    by_tenant: Mapping[str, Brand]

    def find(self, tenant: str) -> Brand:
        """The brand of a tenant; a plain one where there is none."""
        return self.by_tenant.get(tenant) or self.by_tenant.get("*") or Brand()


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def darken(colour: str, ground: str) -> str:
    """The colour, mixed with black in steps until text in it can be read on a light ground (4.5 to 1)."""
    parts = _split(colour)
    for step in range(_STEPS + 1):
        mixed = "#" + "".join(f"{round(part * (1 - step / _STEPS)):02x}" for part in parts)
        if contrast(mixed, ground) >= _TEXT_CONTRAST:
            return mixed
    return INK


def read_logo(content: bytes) -> Logo:
    """A PNG, JPEG or SVG picture. Raises ``BrandError`` for what is too large, of another kind, or an SVG that holds
    anything but shapes: it is refused, not mended, so that nobody's logo looks other than meant."""
    if len(content) > MAX_LOGO_BYTES:
        raise BrandError("logo", f"{len(content)} bytes; at most {MAX_LOGO_BYTES} are taken")
    readers: tuple[tuple[bool, str, Callable[[bytes], tuple[int, int] | None]], ...] = (
        (content.startswith(_PNG), "image/png", _read_png_size),
        (content.startswith(_JPEG), "image/jpeg", _read_jpeg_size),
    )
    for is_kind, media_type, read_size in readers:
        if is_kind:
            size = read_size(content)
            if size is None or not all(1 <= side <= _MAX_SIDE for side in size):
                raise BrandError("logo", f"a picture of 1 to {_MAX_SIDE} pixels a side is needed")
            return Logo(media_type, content)
    _check_svg(content)
    return Logo("image/svg+xml", content)


def _read_png_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 24 or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _read_jpeg_size(content: bytes) -> tuple[int, int] | None:
    """From the first frame header; None where there is none."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _SIZES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]
    return None


def _check_svg(content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BrandError("logo", "neither PNG, JPEG nor SVG") from None
    # Declarations and entities are refused before a parser sees them, for they can grow without end.
    if re.search(r"<!(?!--)|<\?(?!xml[\s?])", text):
        raise BrandError("logo", "an SVG with declarations or processing instructions is refused")
    try:
        root = ET.fromstring(text)  # noqa: S314 - it has no entities
    except ET.ParseError:
        raise BrandError("logo", "neither PNG, JPEG nor SVG") from None
    if root.tag != f"{_SVG}svg":
        raise BrandError("logo", "neither PNG, JPEG nor SVG")
    for count, element in enumerate(root.iter()):
        name = str(element.tag).removeprefix(_SVG)
        if name not in _ELEMENTS:
            raise BrandError("logo", f"an SVG with <{name[:40]}> is refused")
        if count >= _MAX_ELEMENTS:
            raise BrandError("logo", f"an SVG with more than {_MAX_ELEMENTS} shapes is refused")
        for attribute, value in element.attrib.items():
            _check_attribute(attribute.rpartition("}")[2].lower(), value)


def _check_attribute(name: str, value: str) -> None:
    loads = len(_REFERENCES.findall(value)) != len(_OWN_REFERENCE.findall(value))
    is_link = name in {"href", "src"} and not value.startswith("#")
    hides = name == "style" and any(mark in value for mark in ("\\", "@", "/*", "expression"))
    if name.startswith("on") or loads or is_link or hides:
        raise BrandError("logo", f"an SVG with {name[:40]}={value[:40]!r} is refused")


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _split(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _split(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
