"""Brands of reports, from a YAML file that operators edit; errors name the file and the line.

::

    default:                      # a tenant; "*" is everybody who has none
      name: Harbour & Vale
      colour: "#0b5d4e"
      logo: harbour.svg           # PNG, JPEG or SVG, beside the file
      disclaimer: Regulated by ...
"""

from pathlib import Path

from pydantic import Field

from services.portfolio.adapters.yaml_lines import Document, Strict, check_document, read_document
from services.portfolio.domain.errors import CatalogueError
from services.portfolio.domain.report.brand import (
    DEFAULT_COLOUR,
    MAX_LOGO_BYTES,
    Brand,
    BrandError,
    Brands,
    Logo,
    read_logo,
)

_MAX_BYTES = 1_000_000


class _Brand(Strict):
    name: str = Field("", max_length=120)
    colour: str = DEFAULT_COLOUR
    logo: str = ""
    disclaimer: str = Field("", max_length=4000)


class _File(Strict):
    brands: dict[str, _Brand]


def load_brands(path: Path | None) -> Brands:
    """The brands by tenant; none without a file. Raises ``CatalogueError`` for a file, a colour or a logo that
    cannot be used."""
    if path is None:
        return Brands({})
    document = _read(path)
    checked = check_document(Document({"brands": document.values}, _nest(document)), _File, path.name)
    return Brands({
        tenant: _make(brand, path, document, (tenant,)) for tenant, brand in checked.brands.items()
    })  # fmt: skip


def load_brand(path: Path | None) -> Brand:
    """The one brand of a file that holds its fields alone. Raises ``CatalogueError`` as ``load_brands`` does."""
    if path is None:
        return Brand()
    document = _read(path)
    return _make(check_document(document, _Brand, path.name), path, document, ())


def _read(path: Path) -> Document:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise CatalogueError(1, f"larger than {_MAX_BYTES} bytes", path.name)
        return read_document(path.read_text(encoding="utf-8-sig"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(1, f"cannot be read: {error}", path.name) from None


def _nest(document: Document) -> dict[tuple[str | int, ...], int]:
    return {("brands", *place): line for place, line in document.lines.items()}


def _make(brand: _Brand, path: Path, document: Document, place: tuple[str, ...]) -> Brand:
    try:
        return Brand(brand.name, brand.colour, _load_logo(brand.logo, path), brand.disclaimer)
    except BrandError as error:
        raise CatalogueError(document.find_line((*place, error.field)), str(error), path.name) from None


def _load_logo(name: str, path: Path) -> Logo | None:
    if not name:
        return None
    logo = path.parent / name
    try:
        if logo.stat().st_size > MAX_LOGO_BYTES:
            raise BrandError("logo", f"larger than {MAX_LOGO_BYTES} bytes")
        return read_logo(logo.read_bytes())
    except OSError as error:
        raise BrandError("logo", f"{name}: {error.strerror}") from None
