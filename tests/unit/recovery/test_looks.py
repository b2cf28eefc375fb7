"""What is no store, in the other region: each piece is ready, or says what it lacks."""

import json
from dataclasses import replace

import pytest

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.recovery.looks import look_at_rest
from bookstore_ops.recovery.model import Piece, Readiness
from bookstore_ops.recovery.places import Needed, read_needed
from tests.unit.backups.warehouse import ELSEWHERE, Warehouse
from tests.unit.recovery.support import denied

# moto's own account.
ACCOUNT = "123456789012"
NEEDED = Needed(
    repositories=("bookstore-dev/catalog", "bookstore-dev/orders"),
    secrets=("bookstore-dev/links",),
    domains=("books.example.com",),
    user_pools=("bookstore-dev",),
)


_MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"digest": "1"},
    }
)


def look(warehouse: Warehouse, needed: Needed, account: str = ACCOUNT) -> dict[str, Piece]:
    """Every piece by name."""
    cloud = Cloud(warehouse.aws, "bsops dr status dev")
    return {each.name: each for each in look_at_rest(cloud, needed, ELSEWHERE, account)}


def test_where_nothing_is_there_everything_says_what_it_lacks(warehouse: Warehouse) -> None:
    found = look(warehouse, NEEDED)
    assert {name for name, piece in found.items() if piece.is_ready} == {"account"}
    assert found["images"].words == (
        "no images there of bookstore-dev/catalog, bookstore-dev/orders"
    )
    assert "bookstore-dev/links" in found["secrets"].words
    assert "books.example.com" in found["certificate"].words
    assert found["users"].holds_data
    assert found["keys"].words == "the tree made no key there"


def test_what_is_there_is_ready(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moto.settings.ACM_VALIDATION_WAIT", -1)
    key = warehouse.key(ELSEWHERE)
    ecr = warehouse.aws("ecr", ELSEWHERE)
    for name in NEEDED.repositories:
        ecr.create_repository(repositoryName=name)
        ecr.put_image(repositoryName=name, imageManifest=_MANIFEST, imageTag="1")
    warehouse.aws("secretsmanager", ELSEWHERE).create_secret(
        Name="bookstore-dev/links", SecretString="never-shown-1"
    )
    acm = warehouse.aws("acm", ELSEWHERE)
    acm.request_certificate(DomainName="books.example.com", ValidationMethod="DNS")
    needed = replace(NEEDED, keys=(key,), user_pools=())
    found = look(warehouse, needed)
    assert all(piece.is_ready for piece in found.values()), found
    warehouse.aws("kms", ELSEWHERE).disable_key(KeyId=key.rpartition("/")[2])
    assert "is Disabled" in look(warehouse, needed)["keys"].words


def test_a_repository_without_images_is_none(warehouse: Warehouse) -> None:
    warehouse.aws("ecr", ELSEWHERE).create_repository(repositoryName="bookstore-dev/catalog")
    found = look(warehouse, Needed(repositories=("bookstore-dev/catalog",)))
    assert found["images"].readiness is Readiness.MISSING


def test_another_account_is_not_ours(warehouse: Warehouse) -> None:
    found = look(warehouse, Needed(), account="999999999999")
    assert found["account"].readiness is Readiness.MISSING


def test_what_aws_does_not_tell_is_unknown() -> None:
    needed = Needed(("arn:aws:kms:eu-central-1:1:key/k",), ("r",), ("s",), ("d",))
    found = {each.name: each for each in look_at_rest(denied(), needed, ELSEWHERE, ACCOUNT)}
    assert set(found) == {"account", "keys", "images", "secrets", "certificate"}
    assert {piece.readiness for piece in found.values()} == {Readiness.UNKNOWN}


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_the_state_tells_what_is_needed(warehouse: Warehouse, region: str) -> None:
    own, there = warehouse.key(), warehouse.key(ELSEWHERE)
    for place, arn in (("kms.this", own), ("kms_replica.this", there)):
        warehouse.know("aws_kms_key", place, {"arn": arn})
    warehouse.repository("orders")
    warehouse.repository("catalog")
    warehouse.know("aws_secretsmanager_secret", "secrets.this", {"name": "s"})
    warehouse.know("aws_acm_certificate", "dns.this", {"domain_name": "d"})
    warehouse.know("aws_cognito_user_pool", "cognito.this", {"name": "p"})
    needed = read_needed(warehouse.state(), region)
    assert needed == Needed(
        keys=(there,) if region == ELSEWHERE else (),
        repositories=("bookstore-dev/catalog", "bookstore-dev/orders"),
        secrets=("s",),
        domains=("d",),
        user_pools=("p",),
    )
