"""What policies say of a plan."""

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something a policy is against; without ``address`` it speaks of the whole plan."""

    policy: str
    message: str
    address: str = ""
    warns: bool = False


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that did not come to an answer, and why."""

    policy: str
    why: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the policies with this digest said; ``policies`` are all of them."""

    sha256: str
    policies: list[str]
    findings: list[Finding] = []
    failures: list[Failure] = []
