"""Where services run, from a state's outputs; and which image is meant."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from bookstore_ops.errors import OperationFailed, Refused, UsageError
from bookstore_ops.releases.aws import Aws
from bookstore_ops.releases.model import Past, Service, contracted_since, label_of, last_good
from bookstore_ops.releases.places import find_place, read_places
from tests.unit.releases.world import PLACE

SERVICES: dict[str, Any] = {
    "cluster_name": "shop",
    "names": {"catalog": {"blue": "b", "green": "g"}, "mail": {"only": "m"}},
    "scaling": {
        "catalog": {"min_tasks": 2, "max_tasks": 6},
        "mail": {"min_tasks": 1, "max_tasks": 2},
    },
    "task_families": {"catalog": "shop-catalog", "mail": "shop-mail"},
    "target_groups": {"catalog": {"blue": "arn:b", "green": "arn:g"}},
    "rule_arns": {"catalog": "arn:rule"},
    "repositories": {"catalog": "registry/catalog", "mail": "registry/mail"},
    "release_alarms": {"catalog": {"names": {"5xx": "catalog-5xx"}, "arns": {}}},
}


def state(**outputs: Any) -> bytes:
    return json.dumps(
        {"version": 4, "outputs": {name: {"value": value} for name, value in outputs.items()}}
    ).encode()


def test_services_are_found_in_the_outputs() -> None:
    places = read_places(
        state(services=SERVICES, api={"rest_api_id": "api"}), "dev", "bsops apply dev"
    )
    assert {name: place.has_colors for name, place in places.items()} == {
        "catalog": True,
        "mail": False,
    }
    place = find_place(places, "dev", "catalog")
    assert (place.min_tasks, place.max_tasks, place.alarms) == (2, 6, ["catalog-5xx"])
    assert (place.rest_api_id, place.other("blue"), place.other("green")) == (
        "api",
        "green",
        "blue",
    )
    with pytest.raises(UsageError, match="catlog") as unknown:
        find_place(places, "dev", "catlog")
    assert unknown.value.next_step == "did you mean catalog?"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no state"),
        (state(), "no output services"),
        (state(services={"cluster_name": "shop"}), "applied by an older tree"),
    ],
)
def test_a_state_that_does_not_tell_is_to_be_applied(content: bytes | None, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read_places(content, "dev", "bsops apply dev")
    assert says in str(refused.value.why)
    assert refused.value.next_step == "bsops apply dev"


@pytest.mark.parametrize("content", [b"{", b"{}"])
def test_what_is_no_state_is_no_reason_to_apply(content: bytes) -> None:
    with pytest.raises(OperationFailed, match="dev is not a valid Terraform state") as damaged:
        read_places(content, "dev", "bsops apply dev")
    assert damaged.value.runbook == "state-trouble"


class Registry:
    """ECR with one image in every repository."""

    def describe_images(self, **asked: Any) -> dict[str, Any]:
        assert set(asked["imageIds"][0].values()) <= {"1.4.0", "sha256:abc"}
        return {"imageDetails": [{"imageDigest": "sha256:abc"}]}


@pytest.mark.parametrize(
    "named",
    [
        "1.4.0",
        "registry/catalog:1.4.0",
        "sha256:abc",
        "registry/catalog@sha256:abc",
        "registry/catalog:1.4.0@sha256:abc",
    ],
)
def test_an_image_may_be_named_in_any_form_and_is_pinned_to_its_digest(named: str) -> None:
    image = Aws(lambda _service: Registry(), "again").image(PLACE, named)
    assert image.reference == "registry/catalog@sha256:abc"
    assert image.label == ("1.4.0" if named.endswith("1.4.0") else "abc")


@pytest.mark.parametrize(
    "named", ["nginx:1", "docker.io/library/nginx", "other/catalog@sha256:abc"]
)
def test_an_image_of_another_repository_is_refused(named: str) -> None:
    with pytest.raises(Refused, match="is no image of catalog"):
        Aws(lambda _service: Registry(), "again").image(PLACE, named)


def test_labels() -> None:
    assert label_of("registry:5000/shop/catalog:1.0.0") == "1.0.0"
    assert label_of(f"registry/catalog@sha256:{'ab' * 32}") == "abababababab"
    assert label_of("registry/catalog") == "catalog"


def past(revision: str, outcome: Any) -> Past:
    return Past(
        id=revision,
        kind="release",
        strategy="canary",
        image=f"registry/catalog:{revision}",
        label=revision,
        color="blue",
        task_definition=revision,
        started="",
        ended="",
        by="ann",
        outcome=outcome,
    )


def test_the_last_good_image_is_neither_running_nor_failed_nor_rolled_back_from() -> None:
    history = [past("1", "found"), past("2", "done"), past("3", "failed"), past("4", "rolled-back")]
    service = Service(history=history)
    good = last_good(service, running="4")
    assert good is not None
    assert good.label == "2"
    good = last_good(service, running="2")
    assert good is not None
    assert good.label == "1"
    assert last_good(Service(history=history[:1]), running="1") is None


def test_no_image_from_before_a_contraction_is_taken_for_one_that_fits() -> None:
    history = [past("1", "done"), replace(past("2", "done"), contracted=True), past("3", "done")]
    service = Service(history=history)
    contracted = contracted_since(service, history[0])
    assert contracted is not None
    assert contracted.label == "2"
    assert contracted_since(service, history[1]) is None
