"""The exit codes of bsops, one meaning each."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit status of ``bsops`` says; the README documents the same list."""

    DONE = 0
    FAILED = 1
    # A plan's only with --detailed-exitcode, as Terraform; so usage errors are not 2.
    CHANGES = 2
    REFUSED = 3
    LOCKED = 4
    CREDENTIALS = 5
    CONFIGURATION = 6
    ENVIRONMENT = 7
    USAGE = 64
    BUG = 70
    HANGUP = 129
    INTERRUPTED = 130
    TERMINATED = 143

    @classmethod
    def for_signal(cls, number: int) -> "ExitCode":
        """128 plus the signal's number, as shells report it (SIGHUP, SIGINT, SIGTERM)."""
        return cls(128 + number)
