"""Zips of the Lambda functions, made of their sources.

``python tests/infrastructure/packages.py`` names the zips that are not what the sources give and
exits 1; ``--write`` makes them anew. Nothing in a zip depends on the machine or the day: files are
sorted and stored uncompressed, with one date and one mode.
"""

import argparse
import io
import sys
import zipfile
from pathlib import Path

FUNCTIONS = (
    Path(__file__).resolve().parents[2] / "infrastructure" / "aws" / "modules/lambda/functions"
)
# The first moment a zip can name.
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def functions() -> list[Path]:
    """The directories that hold the sources of one function each."""
    return sorted(path.parent for path in FUNCTIONS.glob("*/handler.py"))


def package(directory: Path) -> bytes:
    """The zip of a function's Python files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for source in sorted(directory.rglob("*.py"), key=lambda path: path.as_posix()):
            entry = zipfile.ZipInfo(source.relative_to(directory).as_posix(), _DATE)
            entry.create_system = _UNIX
            entry.external_attr = 0o100644 << 16
            # A checkout on Windows may have other line ends.
            text = source.read_text(encoding="utf-8")
            archive.writestr(entry, text.encode())
    return content.getvalue()


def zip_of(directory: Path) -> Path:
    """Where the zip of a function is kept: beside its sources."""
    return directory.with_name(f"{directory.name}.zip")


def stale() -> list[Path]:
    """Directories whose zip is missing or not what the sources give."""
    return [
        directory
        for directory in functions()
        if not zip_of(directory).is_file() or zip_of(directory).read_bytes() != package(directory)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Zips of the Lambda functions.")
    parser.add_argument("--write", action="store_true", help="make them anew")
    write: bool = parser.parse_args().write
    for directory in (found := stale()):
        if write:
            zip_of(directory).write_bytes(package(directory))
        done = "wrote" if write else "out of date"
        sys.stdout.write(f"{done}: {zip_of(directory).relative_to(FUNCTIONS)}\n")
    return 1 if found and not write else 0


if __name__ == "__main__":
    sys.exit(main())
