"""What else must be in the other region: keys, images, secrets, certificates, users, an account."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.errors import BsopsError
from bookstore_ops.recovery.model import Piece, Readiness
from bookstore_ops.recovery.places import Needed
from bookstore_ops.recovery.there import there

SERVICES = ("sts", "kms", "ecr", "secretsmanager", "acm", "dynamodb")

_NAMED = 3


def look_at_rest(cloud: Cloud, needed: Needed, region: str, account_id: str) -> list[Piece]:
    """All that is no store, side by side; what cannot be looked at is unknown."""
    cloud.ready((service, region) for service in SERVICES)
    looks: list[tuple[str, Callable[[], Piece]]] = [
        ("account", partial(_account, cloud, region, account_id)),
        ("keys", partial(_keys, cloud, needed.keys, region)),
    ]
    if needed.repositories:
        looks.append(("images", partial(_images, cloud, needed.repositories, region)))
    if needed.secrets:
        looks.append(("secrets", partial(_secrets, cloud, needed.secrets, region)))
    if needed.domains:
        looks.append(("certificate", partial(_certificates, cloud, needed.domains, region)))
    if needed.user_pools:
        looks.append(("users", _users))
    with ThreadPoolExecutor(len(looks)) as pool:
        return list(pool.map(lambda look: _looked(*look), looks))


def look_without_state(cloud: Cloud, region: str, account_id: str, mend: str) -> list[Piece]:
    """The same where no state tells what is needed: the account alone can be asked for.

    ``mend`` is how to come by a state.
    """
    words = (
        "no state tells what else there is to move: cache, search, keys, images, secrets, "
        "certificates, users; and whether the quotas leave room for it"
    )
    return [
        _looked("account", partial(_account, cloud, region, account_id)),
        Piece(name="all else", readiness=Readiness.UNKNOWN, words=words, mend=mend),
    ]


def _looked(name: str, look: Callable[[], Piece]) -> Piece:
    try:
        return look()
    except BsopsError as error:
        words = ": ".join(filter(None, (error.what, error.why)))
        return Piece(name=name, readiness=Readiness.UNKNOWN, words=words)


def _account(cloud: Cloud, region: str, account_id: str) -> Piece:
    with cloud.asking(f"ask AWS in {region} who we are"):
        found = cloud.client("sts", region).get_caller_identity()["Account"]
    if found != account_id:
        return _missing("account", f"AWS there takes us for account {found}")
    return _ready("account", f"AWS answers there, and knows us as account {account_id}")


def _keys(cloud: Cloud, keys: Sequence[str], region: str) -> Piece:
    if not keys:
        mend = "disaster_recovery = { enabled = true } in its values, and an apply"
        return _missing("keys", "the tree made no key there", mend)
    bad = []
    for arn in keys:
        with cloud.asking(f"look at the key {arn}"):
            state = cloud.client("kms", region).describe_key(KeyId=arn)["KeyMetadata"]["KeyState"]
        if state != "Enabled":
            bad.append(f"{arn.rpartition('/')[2]} is {state}")
    if bad:
        return _missing("keys", _some(bad))
    return _ready("keys", f"every key for what is copied is enabled ({len(keys)})")


def _images(cloud: Cloud, repositories: Sequence[str], region: str) -> Piece:
    empty = []
    for name in repositories:
        found = there(
            cloud,
            f"list the images in {name} in {region}",
            partial(cloud.client("ecr", region).list_images, repositoryName=name),
        )
        if not found or not found["imageIds"]:
            empty.append(name)
    if empty:
        words = f"no images there of {_some(empty)}"
        return _missing("images", words, "ECR replication, or a push to both regions")
    return _ready("images", f"every repository has images there ({len(repositories)})")


def _secrets(cloud: Cloud, secrets: Sequence[str], region: str) -> Piece:
    client = cloud.client("secretsmanager", region)
    lacking = [
        name
        for name in secrets
        if not there(
            cloud,
            f"look at the secret {name} in {region}",
            partial(client.describe_secret, SecretId=name),
        )
    ]
    if lacking:
        words = f"no replica there of {_some(lacking)}"
        mend = "aws secretsmanager replicate-secret-to-regions"
        return _missing("secrets", words, mend)
    return _ready("secrets", f"every secret has a replica there ({len(secrets)})")


def _certificates(cloud: Cloud, domains: Sequence[str], region: str) -> Piece:
    with cloud.asking(f"list the certificates in {region}"):
        pages = cloud.pages("acm", region, "list_certificates", CertificateStatuses=["ISSUED"])
        issued = {
            name
            for page in pages
            for each in page["CertificateSummaryList"]
            for name in (each["DomainName"], *each.get("SubjectAlternativeNameSummaries", []))
        }
    lacking = [domain for domain in domains if domain not in issued]
    if lacking:
        words = f"none is issued there for {_some(lacking)}"
        return _missing("certificate", words, f"aws acm request-certificate --region {region}")
    return _ready("certificate", f"issued there for {_some(domains)}")


def _users() -> Piece:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/disaster-recovery-resiliency.html"""
    words = "AWS keeps a user pool in one region: customers would have to sign up again"
    return Piece(name="users", readiness=Readiness.MISSING, words=words, holds_data=True)


def _ready(name: str, words: str) -> Piece:
    return Piece(name=name, readiness=Readiness.READY, words=words)


def _missing(name: str, words: str, mend: str = "") -> Piece:
    return Piece(name=name, readiness=Readiness.MISSING, words=words, mend=mend)


def _some(names: Sequence[str]) -> str:
    """A few names, and how many there are beside them."""
    more = len(names) - _NAMED
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
