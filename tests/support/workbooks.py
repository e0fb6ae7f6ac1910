"""Workbooks for tests."""

import io
from typing import Any

import openpyxl

Cell = Any | tuple[Any, str]


def make_book(*sheets: tuple[str, list[list[Cell]]], hidden: str = "") -> bytes:
    """A workbook of sheets; a cell is a value, or a value with its number format."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
        for at, row in enumerate(rows, start=1):
            for place, cell in enumerate(row, start=1):
                value, number_format = cell if isinstance(cell, tuple) else (cell, None)
                written = sheet.cell(at, place, value)
                if number_format:
                    written.number_format = number_format
    return _save(book)


def _save(book: Any) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
