"""Which of a state object and its digest is right."""

import json

import pytest

from bookstore_ops.states.digest import Proof, judge
from bookstore_ops.states.rescue import digest_of
from bookstore_ops.states.versions import Version
from bookstore_ops.terraform.state import parse_state


def state(serial: int, lineage: str = "abc") -> bytes:
    return json.dumps({"version": 4, "serial": serial, "lineage": lineage}).encode()


def version(content: bytes, *, current: bool = False) -> Version:
    try:
        summary = parse_state(content, "x")
    except Exception:  # noqa: BLE001
        summary = None
    return Version("v", "t", 1, current, False, summary, "", digest_of(content))


NOW = state(5)
HERE = version(NOW, current=True)
OLD, SAME, OTHER = version(state(4)), version(state(5, "abc") + b" "), version(state(9, "def"))
NEWER, BROKEN = version(state(6)), version(b"{")


@pytest.mark.parametrize(
    ("digest", "versions", "versioned", "proof"),
    [
        (None, [HERE], True, Proof.FITS),
        (HERE.md5, [HERE], True, Proof.FITS),
        (OLD.md5, [HERE, OLD], True, Proof.OBJECT),
        (NEWER.md5, [HERE, NEWER], True, Proof.UNPROVEN),
        (SAME.md5, [HERE, SAME], True, Proof.UNPROVEN),
        (OTHER.md5, [HERE, OTHER], True, Proof.UNPROVEN),
        (BROKEN.md5, [HERE, BROKEN], True, Proof.UNPROVEN),
        ("00", [HERE, OLD], True, Proof.OBJECT),
        ("00", [HERE, OLD, NEWER], True, Proof.UNPROVEN),
        ("00", [HERE, OTHER], True, Proof.UNPROVEN),
        ("00", [HERE], True, Proof.UNPROVEN),
        ("00", [HERE, OLD], False, Proof.UNPROVEN),
    ],
)
def test_the_object_is_right_only_where_its_versions_prove_it(
    digest: str | None, versions: list[Version], versioned: bool, proof: Proof
) -> None:
    verdict = judge(NOW, HERE.summary, digest, versions, versioned=versioned)
    assert verdict.proof is proof
    assert verdict.why


@pytest.mark.parametrize("content", [None, b"{"])
def test_without_a_whole_object_there_is_nothing_to_make_a_digest_of(content: bytes | None) -> None:
    verdict = judge(content, None, OLD.md5, [OLD], versioned=True)
    assert (verdict.proof, verdict.expected) == (Proof.NO_STATE, OLD)
