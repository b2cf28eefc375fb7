"""Versions of Terraform and OpenTofu that are known to go wrong on what bsops does.

Source: the changelog of the version that mended each.
https://github.com/hashicorp/terraform/blob/v1.10/CHANGELOG.md
https://github.com/opentofu/opentofu/blob/v1.10/CHANGELOG.md
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownBad:
    """From the first version to before ``mended``; ``program`` is ``terraform`` or ``tofu``."""

    program: str
    first: tuple[int, ...]
    mended: tuple[int, ...]
    reason: str


KNOWN_BAD = (
    KnownBad(
        "terraform",
        (1, 10, 0),
        (1, 10, 1),
        "it cannot lock a state in a bucket with object locks, and reads TF_VAR_ values of maps "
        "and lists otherwise in apply than in plan (terraform#36120, #36121)",
    ),
    KnownBad(
        "terraform",
        (1, 10, 0),
        (1, 10, 2),
        "variables of a tfvars file that a plan overrode count as changed in apply "
        "(terraform#36180)",
    ),
    KnownBad(
        "terraform",
        (1, 10, 0),
        (1, 10, 3),
        "it may crash while it writes a plan (terraform#36212)",
    ),
    KnownBad(
        "tofu",
        (1, 10, 0),
        (1, 10, 2),
        "it writes the lock object without the encryption that a bucket may ask for "
        "(mended in OpenTofu 1.10.2)",
    ),
)
