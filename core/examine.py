"""Examine photos from the command line: one row per photo and examination.

python -m core.examine KIND PATH... [--out FILE.csv] [--masks DIR] [--metadata FILE.csv] [--no-gate]
"""

from __future__ import annotations

import argparse
import csv
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tqdm import tqdm

from core.demo.marks import is_drawn
from core.errors import CareLensError, InvalidInput, PhotoRejected
from core.examinations.finding import EYES, Context, Finding
from core.examinations.registry import Examination, examinations
from core.examinations.retina_eye import in_file
from core.facts_table import FactsTable, read_facts
from core.intake.formats import is_dicom, is_taken
from core.photo import Photo, encode_mask, read_photo, to_full_size
from core.vision.gate import LOOKS_LIKE, kind_of

log = logging.getLogger("carelens.examine")

COLUMNS = ("file", "status", "reason", "kind", "examination", "label", "set", "refer")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".dcm", ".dicom"})
"""What is picked up in a folder by its name; a file named on the command line is read whatever its name."""
INDEX = "DICOMDIR"
"""The list of contents that comes with a folder of DICOM files: no picture, though it begins like one."""

WRONG = "Something went wrong while this photo was examined."
COUNTS = frozenset({"lesions"})
"""Numbers that are written as whole ones."""
NO_GATE = (
    "examine whatever can be read; with auto, a photo of nothing that is examined here gets the check of the kind it is most like, "
    "and the column kind still says what it looks like"
)

Row = dict[str, str]


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    masks: Path | None = None
    gate: bool = True
    metadata: Path | None = None


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Every photo file: the files named, and those in the folders named and below, in order of name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and is_picked(p))
        else:
            yield path


def is_picked(path: Path) -> bool:
    """Whether a file in a folder is read: by its name, or by how it begins.

    Hospital systems call files `IM000001` or `1.2.840.113619.5`: DICOM is read whatever its name, and the
    other formats where the name has no ending.
    """
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            head = file.read(256)
    except OSError:
        return False
    return path.stem.upper() != INDEX and (is_dicom(head) or (not path.suffix and is_taken(head)))


def columns_of(chosen: Sequence[Examination]) -> list[str]:
    """The table's columns for these examinations."""
    extra = [f"p_{name}" for one in chosen for name in one.classes] + [name for one in chosen for name in one.numbers]
    return [*COLUMNS, *dict.fromkeys(extra)]


def name_of(file: Path) -> str:
    """The path for the table; bytes of a name that are no text are written as `\\udc..`, and never stop the run."""
    return str(file).encode("utf-8", "backslashreplace").decode("utf-8")


def row_of(file: Path, finding: Finding, chosen: Examination) -> Row:
    """The row of one finding."""
    row = {
        "file": name_of(file),
        "status": finding.status,
        "reason": finding.reason,
        "kind": finding.kind,
        "examination": finding.examination,
        "label": finding.label,
        "set": "|".join(finding.cannot_exclude),
        "refer": str(int(finding.refer)),
    }
    row |= {f"p_{name}": f"{p:.6f}" for name, p in finding.probabilities.items()}
    numbers = {name: finding.numbers[name] for name in chosen.numbers if name in finding.numbers}
    return row | {name: f"{value:.0f}" if name in COUNTS else f"{value:.6f}" for name, value in numbers.items()}


def rejected(file: Path, reason: str, kind: str = "", examination: str = "") -> Row:
    """The row of a photo that was not examined."""
    return {"file": name_of(file), "status": "rejected", "reason": reason, "kind": kind, "examination": examination}


def context_of(file: Path, photo: Photo, known: FactsTable, options: Options) -> Context:
    """What is known beside the photo. Whoever wants masks gets the signs of an eye whatever its grade and size."""
    row = known.of(file)
    said = (row.get("eye") or "").strip().lower()
    try:
        age = float(row.get("age") or "nan")
    except ValueError:
        age = float("nan")
    return Context(
        gate=options.gate,
        drawn=is_drawn(photo.sha256),
        age=None if age != age else age,
        sex=row.get("sex") or None,
        site=row.get("site") or row.get("localization") or None,
        eye=next((eye for eye in EYES if eye == said), in_file(photo.tags)),
        signs=options.masks is not None,
        whatever_size=options.masks is not None,
    )


def examine_file(file: Path, chosen: Sequence[Examination], known: FactsTable, options: Options, auto: bool) -> Iterator[Row]:
    """The rows of one file; never raises for what is in the file."""
    try:
        photo = read_photo(file.read_bytes())
    except OSError:
        yield rejected(file, "The file cannot be read.")
        return
    except CareLensError as error:
        yield rejected(file, error.reason, getattr(error, "kind", ""))
        return
    context = context_of(file, photo, known, options)
    kind = ""
    if auto:
        try:
            kind, goes_by = kinds_in(photo, context, chosen)
        except CareLensError as error:
            yield rejected(file, error.reason)
            return
        chosen = [one for one in chosen if goes_by in one.kinds]
        if not chosen:
            yield rejected(file, nowhere(kind), kind)
            return
    for one in chosen:
        try:
            finding = one.run(photo, context)
        except PhotoRejected as error:
            yield rejected(file, error.reason, error.kind or kind, one.id)
            continue
        except CareLensError as error:
            yield rejected(file, error.reason, kind, one.id)
            continue
        except Exception:  # one examination that fails does not take the finding of another; what happened goes to the log
            log.exception("an examination failed unexpectedly")
            yield rejected(file, WRONG, kind, one.id)
            continue
        if options.masks is not None:
            write_masks(options.masks, file.stem, photo, finding)
        yield row_of(file, finding, one)


def kinds_in(photo: Photo, context: Context, chosen: Sequence[Examination]) -> tuple[str, str]:
    """The kind that a photo is said to be, and the one that `auto` goes by.

    A drawing, which is no photograph at all, is what it was drawn to be like. Without the gate a photo of a kind that nothing examines
    goes by the likeliest of those that something does; what it looks like is still said.
    """
    found = kind_of(photo.pixels)
    examined = sorted({kind for one in chosen for kind in one.kinds} & set(found.chances))
    if not examined or (not context.drawn and (context.gate or found.kind in examined)):
        return found.kind, found.kind
    likeliest = max(examined, key=found.chances.__getitem__)
    return likeliest if context.drawn else found.kind, likeliest


def nowhere(kind: str) -> str:
    """Why no examination took a photo of this kind."""
    if kind == "other":
        return f"This looks like {LOOKS_LIKE[kind]}."
    return f"This looks like {LOOKS_LIKE[kind]}. There is no check for it here."


def write_masks(folder: Path, stem: str, photo: Photo, finding: Finding) -> None:
    """`<stem>_<name>.png`, 0/255, at the photo's own size; a second photo of the same stem gets a number, the same for all its masks.

    Where a picture cannot be written (a name too long with its ending, a full disk) the log says so: the row stays.
    """
    paths, number = {name: folder / f"{stem}_{name}.png" for name in finding.masks}, 1
    while not _written.isdisjoint(paths.values()):
        number += 1
        paths = {name: folder / f"{stem}-{number}_{name}.png" for name in finding.masks}
    _written.update(paths.values())
    try:
        for name, mask in finding.masks.items():
            paths[name].write_bytes(encode_mask(to_full_size(mask, photo.size)))
    except OSError as error:
        log.warning("the outlines of %s could not be written: %s", name_of(Path(stem)), error.strerror or error)


_written: set[Path] = set()


def run(kind: str, paths: Sequence[Path], out: IO[str], options: Options) -> int:
    """Write the table to `out`; the number of rows."""
    known = examinations()
    chosen = list(known.values()) if kind == "auto" else [known[kind]]
    about = read_facts(options.metadata)
    writer = csv.DictWriter(out, columns_of(chosen), restval="")
    writer.writeheader()
    rows = 0
    _written.clear()
    files = list(files_of(paths))
    for file in tqdm(files, unit="photo", disable=not sys.stderr.isatty()):
        try:
            found = list(examine_file(file, chosen, about, options, kind == "auto"))
        except Exception:  # one bad file never stops the run; what happened goes to the log
            log.exception("a photo could not be examined")
            found = [rejected(file, WRONG)]
        writer.writerows(found)
        rows += len(found)
    return rows


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser(prog="python -m core.examine", description="Examine photos; one row per photo and examination.")
    line.add_argument("kind", choices=["auto", *examinations()], metavar="KIND", help="auto, or one of: " + ", ".join(examinations()))
    line.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a photo, or a folder (with the folders in it)")
    line.add_argument("--out", type=Path, help="write the table here instead of to the screen")
    line.add_argument("--masks", type=Path, help="write the outlines here as PNG")
    line.add_argument("--metadata", type=Path, help="a CSV with file (or image_id), age, sex, site, eye")
    line.add_argument("--no-gate", action="store_true", help=NO_GATE)
    return line


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 0, or 2 for a usage error."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    line = parser()
    given = line.parse_args(arguments)
    for path in [*given.paths, *([given.metadata] if given.metadata else [])]:
        if not path.exists():
            line.error(f"there is no file or folder {path}")
    try:
        read_facts(given.metadata)  # before --out is opened: a slip here must not empty an older table
    except (OSError, InvalidInput) as error:
        line.error(f"{given.metadata} cannot be read: {error.reason if isinstance(error, InvalidInput) else error.strerror}")
    options = Options(masks=given.masks, gate=not given.no_gate, metadata=given.metadata)
    try:
        if given.masks:
            given.masks.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=given.masks).close()  # found out now, not after the first photo
        with given.out.open("w", newline="", encoding="utf-8") if given.out else nullcontext(sys.stdout) as out:
            run(given.kind, given.paths, out, options)
    except OSError as error:
        line.error(f"cannot write: {error.strerror or error}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
