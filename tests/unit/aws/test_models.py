"""Models are read as botocore reads them."""

import gzip
import json
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader
from botocore.session import Session

from bookstore_ops.aws.models import ModelFiles, read_models_fast

MODEL = {"metadata": {"serviceId": "Shop"}, "operations": {"Zeta": {}, "Alpha": {}}}


@pytest.mark.parametrize("ending", [".json", ".json.gz"])
def test_plain_and_packed_files_are_read_in_their_order(tmp_path: Path, ending: str) -> None:
    content = json.dumps(MODEL).encode()
    (tmp_path / f"service-2{ending}").write_bytes(
        gzip.compress(content) if ending.endswith("gz") else content
    )
    name = str(tmp_path / "service-2")
    assert ModelFiles().exists(name)
    read = ModelFiles().load_file(name)
    assert read == JSONFileLoader().load_file(name) == MODEL
    assert list(read["operations"]) == ["Zeta", "Alpha"]


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    assert not ModelFiles().exists(str(tmp_path / "service-2"))
    assert ModelFiles().load_file(str(tmp_path / "service-2")) is None


@pytest.mark.parametrize("service", ["sts", "ec2", "s3", "rds"])
def test_clients_are_made_of_the_same_models(service: str) -> None:
    core = Session()
    read_models_fast(core)
    ours, theirs = (
        each.get_component("data_loader").load_service_model(service, "service-2")
        for each in (core, Session())
    )
    assert ours == theirs
