"""What was restored takes the place of the old one, and the next plan finds no difference."""

from collections.abc import Iterator

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.workspaces import Bench, Finished, make_bench

TREE = """\
variable "tables" {
  type     = object({ restored = optional(map(string), {}) })
  default  = {}
  nullable = false
}

resource "aws_dynamodb_table" "this" {
  for_each = toset(["orders"])

  name         = lookup(var.tables.restored, each.key, "bookstore-dev-${each.key}")
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 7
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.this.arn
  }

  ttl {
    enabled        = true
    attribute_name = "expires_at"
  }

  tags = { Name = "bookstore-dev-${each.key}" }
}

resource "aws_kms_key" "this" {}

resource "aws_db_instance" "this" {
  identifier                  = "bookstore-dev"
  engine                      = "postgres"
  engine_version              = "15.13"
  instance_class              = "db.t4g.micro"
  db_name                     = "bookstore"
  username                    = "bookstore_admin"
  manage_master_user_password = true
  allocated_storage           = 20
  storage_type                = "gp3"
  storage_encrypted           = true
  kms_key_id                  = aws_kms_key.this.arn
  backup_retention_period     = 7
  copy_tags_to_snapshot       = true
  deletion_protection         = true
  skip_final_snapshot         = true
  apply_immediately           = true

  tags = { Name = "bookstore-dev" }
}
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A small tree with a table and a database, applied."""
    made = make_bench(tmp_path_factory.mktemp("adoption"))
    root = made.environment_root("dev")
    (root / "chain.tf").unlink()
    (root / "data.tf").write_text(TREE)
    applied = made.run("apply", "dev", "--sandbox", "--yes")
    assert applied.code == 0, applied.err
    yield made
    lifecycle.stop(made.workspace)


def backup(bench: Bench, *words: str) -> Finished:
    """`bsops backup …` in the sandbox."""
    return bench.run("backup", *words, "--sandbox", "--yes", timeout=120)


def no_difference(bench: Bench) -> None:
    """The next plan is empty."""
    planned = bench.run("plan", "dev", "--sandbox", "--detailed-exitcode")
    assert planned.code == 0, planned.out + planned.err


def test_a_table_is_restored_adopted_and_taken_back(bench: Bench) -> None:
    done = backup(
        bench, "restore", "dev", "dynamodb/orders", "--name", "bookstore-dev-o2", "--adopt"
    )
    assert done.code == 0, done.err
    assert "bookstore-dev-o2 is dynamodb/orders now" in done.out
    assert 'restored = { orders = "bookstore-dev-o2" }' in " ".join(
        (bench.environment_root("dev") / "terraform.tfvars").read_text().split()
    )
    no_difference(bench)
    refused = backup(bench, "adopt", "dev", "dynamodb/orders", "bookstore-dev-o2")
    assert (refused.code, "has the place of" in refused.said) == (3, True), refused.err
    back = backup(bench, "adopt", "dev", "dynamodb/orders", "bookstore-dev-orders")
    assert back.code == 0, back.err
    no_difference(bench)
    assert set(bench.aws("dynamodb").list_tables()["TableNames"]) >= {
        "bookstore-dev-o2",
        "bookstore-dev-orders",
    }


def test_a_database_is_restored_adopted_and_taken_back(bench: Bench) -> None:
    rds = bench.aws("rds")

    def resources() -> dict[str, str]:
        found = rds.describe_db_instances()["DBInstances"]
        return {each["DBInstanceIdentifier"]: each["DbiResourceId"] for each in found}

    old = resources()["bookstore-dev"]
    done = backup(bench, "restore", "dev", "rds", "--name", "bookstore-dev-r2", "--adopt")
    assert done.code == 0, done.err
    (before,) = resources().keys() - {"bookstore-dev"}
    assert before.startswith("bookstore-dev-of-")
    assert resources()[before] == old
    no_difference(bench)
    missing = backup(bench, "adopt", "dev", "rds", "bookstore-dev-none")
    assert (missing.code, "there is no bookstore-dev-none" in missing.said) == (3, True)
    # As after a kill between the two renamings.
    rds.modify_db_instance(
        DBInstanceIdentifier="bookstore-dev", NewDBInstanceIdentifier="bookstore-dev-aside"
    )
    back = backup(bench, "adopt", "dev", "rds", before)
    assert back.code == 0, back.err
    assert resources()["bookstore-dev"] == old
    no_difference(bench)
