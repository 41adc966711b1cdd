"""A table of what is known beside photos (age, sex, place on the body, eye), and which of its rows belongs to which photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core import sheet
from core.errors import InvalidInput

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "file": ("file",),
    "image_id": ("image_id",),
    "age": ("age",),
    "sex": ("sex",),
    "site": ("site",),
    "localization": ("localization",),
    "eye": ("eye",),
}
"""What a column is called, whatever its capitals."""
MOST_BYTES, MOST_ROWS = 256 << 20, 2_000_000

Cells = Mapping[str, str]


@dataclass(frozen=True)
class FactsTable:
    """Rows by the name of the photo, with its ending and without; each with the path that the table gives."""

    rows: Mapping[str, Sequence[tuple[PurePosixPath, Cells]]] = field(default_factory=dict)

    def of(self, file: Path) -> Cells:
        """The row of a photo; empty without one.

        A row with the ending counts before one without. Of several photos of one name in different folders each has the row whose
        folders fit best, and of rows that fit alike the last counts.
        """
        found = self.rows.get(file.name) or self.rows.get(file.stem) or ()
        return max(reversed(found), key=lambda row: _shared(row[0].parent.parts, file.parent.parts), default=(None, {}))[1]


def _shared(some: Sequence[str], others: Sequence[str]) -> int:
    """How many folders two paths have in common, counted from their ends."""
    count = 0
    for one, other in zip(reversed(some), reversed(others), strict=False):
        if one != other:
            break
        count += 1
    return count


def read_facts(path: Path | None) -> FactsTable:
    """The table at `path`, CSV in UTF-8 with a column `file` or `image_id`; empty for None.

    InvalidInput for what is no such table, so that facts are never passed over in silence; OSError.
    """
    if path is None:
        return FactsTable()
    data = path.read_bytes()
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("It cannot be read as a CSV table in UTF-8.", "Save it as CSV in UTF-8.") from None
    told = sheet.read(data, MOST_BYTES, MOST_ROWS)
    places, _ = sheet.columns(told.head, COLUMNS)
    if not {"file", "image_id"} & set(places):
        raise InvalidInput("It has no column called file or image_id.", "The first line of the table names the columns.")
    rows: dict[str, list[tuple[PurePosixPath, Cells]]] = {}
    for _, row in told.rows:
        cells = sheet.cells_of(row, places)
        name = PurePosixPath((cells.get("file") or cells.get("image_id") or "").replace("\\", "/"))
        for known in {name.name, name.stem}:
            rows.setdefault(known, []).append((name, cells))
    return FactsTable(rows)
