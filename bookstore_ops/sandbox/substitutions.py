"""The one list of what the sandbox leaves out or replaces, each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Substitution:
    """``what`` the sandbox does instead of the real thing, and ``why``."""

    what: str
    why: str


SUBSTITUTIONS: tuple[Substitution, ...] = (
    Substitution(
        "AWS is moto 5.2.5 with bsops's extensions, one process, in memory",
        "no account, no cost, no waiting; state and resources end with the process",
    ),
    Substitution(
        "the state bucket and the lock table are made by the sandbox, unless it is bare",
        "on AWS bsops bootstrap makes them; sandbox start --bare leaves it to that",
    ),
    Substitution(
        "bucket policies see every request as TLS 1.3, and as one of its account's people",
        "the sandbox speaks plain HTTP on the loopback interface, where the tree denies it",
    ),
    Substitution(
        "the provider and the backend of the state retry twice, not 25 and 5 times",
        "the sandbox never throttles; a failure should show at once",
    ),
    Substitution(
        "an apply makes 40 things at a time, not 10, unless --parallelism says otherwise",
        "the sandbox has no rate limits, and most of the time goes by in the provider's waits",
    ),
    Substitution(
        "timeouts of OpenSearch domains are 5 seconds, whatever the tree says",
        "the provider waits ten minutes before it first looks; here a domain is ready at once",
    ),
    Substitution(
        "tasks run at once and are healthy, whether their image was pushed or not; an image of "
        "bsops sandbox push says otherwise, what a tested method of the API answers, and with "
        "which code a task of a migration ends, which does nothing",
        "no containers are started",
    ),
    Substitution(
        "the API answers a load test at an address of the sandbox, with the status of its tasks; "
        "nobody is refused or throttled",
        "its own name is one of AWS; no container takes time to answer",
    ),
    Substitution(
        "Lambda functions do not run; a rotation writes a random value",
        "moto would start containers for them",
    ),
    Substitution(
        "backups and restores are done at once, no schedule takes one, and what is restored to a "
        "moment has the data of now",
        "moto keeps no history of what a table or a database held",
    ),
    Substitution(
        "the provider addresses buckets by path",
        "a loopback address has no subdomains",
    ),
)
