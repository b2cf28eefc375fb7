"""The table of the specification in the tree's README: whole, and about files that exist."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from bookstore_ops.cli.main import COMMANDS

TREE = Path(__file__).resolve().parents[2] / "infrastructure" / "aws"
MODULES = sorted(path.name for path in (TREE / "modules").iterdir())
# The specification's headings in its order, and how many bullets stand under each.
OUTLINE = [
    ("Architecture Overview", 10),
    ("Directory Structure", 6),
    ("Prerequisites", 3),
    ("Quick Start", 4),
    ("Environment Configuration", 0),
    ("Development Environment", 4),
    ("Staging Environment", 4),
    ("Production Environment", 5),
    ("Key Components", 0),
    ("Networking (VPC Module)", 5),
    ("Security (Security Groups Module)", 5),
    ("Database (RDS Module)", 5),
    ("Caching (Redis Module)", 4),
    ("Search (OpenSearch Module)", 4),
    ("NoSQL (DynamoDB Module)", 4),
    ("Container Orchestration (ECS Module)", 4),
    ("API Management (API Gateway Module)", 5),
    ("Event-Driven Architecture (EventBridge Module)", 4),
    ("Monitoring and Observability", 0),
    ("CloudWatch Integration", 4),
    ("X-Ray Integration", 4),
    ("Security Considerations", 0),
    ("Network Security", 4),
    ("Data Security", 4),
    ("Access Control", 4),
    ("Cost Optimization", 0),
    ("Development Environment", 4),
    ("Production Environment", 4),
    ("Deployment Strategy", 0),
    ("Blue-Green Deployment", 4),
    ("Canary Deployment", 4),
    ("Backup and Recovery", 0),
    ("Database Backups", 4),
    ("Infrastructure Backups", 4),
    ("Troubleshooting", 0),
    ("Common Issues", 4),
    ("Debugging Commands", 5),
    ("Next Steps", 6),
]

_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"`bsops (\w+)")


@dataclass(frozen=True)
class Row:
    heading: str
    words: str
    files: str
    remark: str

    def __str__(self) -> str:
        return f"{self.heading}: {self.words}"


def _section() -> str:
    text = (TREE / "README.md").read_text(encoding="utf-8")
    return text.split("\n## The specification, line by line\n", 1)[1].split("\n## ", 1)[0]


def _rows() -> list[Row]:
    rows: list[Row] = []
    heading = ""
    for line in _section().splitlines():
        if line.startswith("###"):
            heading = line.lstrip("# ")
        elif line.startswith("| ") and not line.startswith(("| ---", "| The specification says ")):
            # A cell without a word is a single space wide.
            words, files, remark = (cell.strip() for cell in line[1:-1].split("|"))
            rows.append(Row(heading, words, files, remark))
    return rows


ROWS = _rows()


def test_every_heading_has_all_its_bullets() -> None:
    headings = re.findall(r"^#{3,4} (.+)$", _section(), re.MULTILINE)
    assert headings == [heading for heading, _ in OUTLINE]
    counted = [row.heading for row in ROWS]
    expected = [heading for heading, bullets in OUTLINE for _ in range(bullets)]
    assert counted == expected


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_bullet_says_what_makes_it_true(row: Row) -> None:
    assert row.words
    assert row.files or row.remark, "neither a file nor a word about it"
    for link in _LINK.findall(row.files + row.remark):
        if not link.startswith("#"):
            assert (TREE / link).is_file(), f"{link} does not exist"


def test_every_module_makes_something_true() -> None:
    linked = {link for row in ROWS for link in _LINK.findall(row.files + row.remark)}
    named = {link.split("/")[1] for link in linked if link.startswith("modules/")}
    assert named == set(MODULES)


def test_commands_exist() -> None:
    said = {command for row in ROWS for command in _COMMAND.findall(row.remark)}
    assert said
    assert said <= set(COMMANDS)
