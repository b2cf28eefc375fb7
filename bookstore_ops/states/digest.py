"""The lock table's digest of a state object, and which of the two is right where they differ.

Terraform writes the object first and its digest after, and refuses to work where they differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bookstore_ops.states.rescue import digest_of
from bookstore_ops.states.versions import Version
from bookstore_ops.terraform.state import StateSummary


class Proof(StrEnum):
    """What is known of an object and its digest."""

    FITS = "fits"
    OBJECT = "object"
    UNPROVEN = "unproven"
    NO_STATE = "no_state"


@dataclass(frozen=True)
class Verdict:
    """Which side is right, and why; ``expected`` is the version that the digest was made of."""

    proof: Proof
    why: str
    expected: Version | None = None


def judge(
    content: bytes | None,
    state: StateSummary | None,
    digest: str | None,
    versions: Sequence[Version],
    *,
    versioned: bool,
) -> Verdict:
    """Hold a stored object against the digest, by all versions of it that are known.

    ``state`` is None where the object is damaged.
    """
    if digest is None:
        return Verdict(Proof.FITS, "the lock table has no digest of it: nothing is compared")
    if content is not None and digest_of(content) == digest:
        return Verdict(Proof.FITS, "the digest is that of the object")
    expected = next((version for version in versions if version.md5 == digest), None)
    if content is None or state is None:
        what = "there is no object" if content is None else "the object is no whole state"
        return Verdict(Proof.NO_STATE, what, expected)
    if expected is not None:
        return _against(expected, state)
    return _alone(state, versions, versioned=versioned)


def _against(expected: Version, state: StateSummary) -> Verdict:
    before = expected.summary
    if before and before.lineage == state.lineage and before.serial < state.serial:
        return Verdict(
            Proof.OBJECT,
            f"the digest is that of version {expected.id} (serial {before.serial}); the object is "
            f"whole, of the same lineage and newer (serial {state.serial}): Terraform wrote it, "
            "and ended before it wrote the digest",
            expected,
        )
    held = f"serial {before.serial}" if before else "no whole state"
    return Verdict(
        Proof.UNPROVEN,
        f"the digest is that of version {expected.id} ({held}); the object, serial "
        f"{state.serial}, is not newer: it was written outside Terraform, or rolled back",
        expected,
    )


def _alone(state: StateSummary, versions: Sequence[Version], *, versioned: bool) -> Verdict:
    if not versioned:
        return Verdict(
            Proof.UNPROVEN, "the bucket keeps no versions: nothing tells what the digest is of"
        )
    others = [version.summary for version in versions if version.summary and not version.current]
    if not others:
        return Verdict(Proof.UNPROVEN, "there is no other version to hold the object against")
    if all(o.lineage == state.lineage and o.serial < state.serial for o in others):
        return Verdict(
            Proof.OBJECT,
            f"the digest is that of no version in S3; the object is whole, and with serial "
            f"{state.serial} the newest of its lineage",
        )
    return Verdict(
        Proof.UNPROVEN,
        f"the digest is that of no version in S3, and the object, serial {state.serial}, is not "
        "the newest of its lineage: it was written outside Terraform, or rolled back",
    )
