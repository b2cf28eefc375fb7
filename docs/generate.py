"""Write the pages, and the tables in pages, that are made from code, tests and runbooks.

python docs/generate.py            are they up to date? exit 1 where one is not
python docs/generate.py --write    make them so
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs import (  # noqa: E402  (the root has to be found first)
    generate_commands,
    generate_doctor,
    generate_index,
    generate_rehearsals,
)

GENERATORS = (generate_commands, generate_doctor, generate_index, generate_rehearsals)


def main() -> int:
    """Compare or write; 1 where one differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--write", action="store_true", help="write them")
    write = parser.parse_args().write
    stale = False
    for generator in GENERATORS:
        target, new = generator.TARGET, generator.page()
        if target.exists() and target.read_text(encoding="utf-8") == new:
            continue
        if write:
            target.write_text(new, encoding="utf-8")
            continue
        stale = True
        sys.stderr.write(
            f"{target.relative_to(ROOT)} is not up to date; run: python docs/generate.py --write\n"
        )
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
