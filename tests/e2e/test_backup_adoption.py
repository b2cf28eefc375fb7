"""What was restored takes the place of the old one, and the next plan finds no difference."""

import json
from collections.abc import Iterator

import pytest

from bookstore_ops.environments import load_environment
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
"""

DATABASE = """\
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

resource "aws_iam_role" "orders" {
  name               = "bookstore-dev-orders"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" }
  }] })
}

# A login by IAM names the database by its resource id, which no other one ever has.
resource "aws_iam_role_policy" "orders" {
  role   = aws_iam_role.orders.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "rds-db:connect"
    Resource = "arn:aws:rds-db:us-east-1:1:dbuser:${aws_db_instance.this.resource_id}/orders"
  }] })
}

output "database" {
  value = aws_db_instance.this.resource_id
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
    know_database(made)
    (root / "database.tf").write_text(DATABASE)
    applied = made.run("apply", "dev", "--sandbox", "--yes")
    assert applied.code == 0, applied.err
    yield made
    lifecycle.stop(made.workspace)


def know_database(bench: Bench) -> None:
    """Make the database, and have the state know it as an apply would.

    An apply of it takes a minute and a half, in which the provider waits.
    """
    state = bench.state()
    assert state is not None
    key = next(r for r in state["resources"] if r["type"] == "aws_kms_key")["instances"][0]
    made = bench.aws("rds").create_db_instance(
        DBInstanceIdentifier="bookstore-dev",
        Engine="postgres",
        EngineVersion="15.13",
        DBInstanceClass="db.t4g.micro",
        DBName="bookstore",
        MasterUsername="bookstore_admin",
        ManageMasterUserPassword=True,
        AllocatedStorage=20,
        StorageType="gp3",
        StorageEncrypted=True,
        KmsKeyId=key["attributes"]["arn"],
        BackupRetentionPeriod=7,
        CopyTagsToSnapshot=True,
        DeletionProtection=True,
        AutoMinorVersionUpgrade=True,
        Tags=[{"Key": "Name", "Value": "bookstore-dev"}],
    )["DBInstance"]
    # What the tree says and AWS does not tell; the rest is read with the next refresh.
    attributes = {
        "id": made["DbiResourceId"],
        "identifier": "bookstore-dev",
        "arn": made["DBInstanceArn"],
        "apply_immediately": True,
        "delete_automated_backups": True,
        "manage_master_user_password": True,
        "skip_final_snapshot": True,
    }
    state["resources"].append(
        {
            "mode": "managed",
            "type": "aws_db_instance",
            "name": "this",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"schema_version": 2, "attributes": attributes}],
        }
    )
    state["serial"] += 1
    place = load_environment(bench.workspace, "dev").state
    bench.aws("s3").put_object(Bucket=place.bucket, Key=place.key, Body=json.dumps(state).encode())


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
    assert "the plan is empty" in done.out
    assert 'restored = { orders = "bookstore-dev-o2" }' in " ".join(
        (bench.environment_root("dev") / "terraform.tfvars").read_text().split()
    )
    no_difference(bench)
    refused = backup(bench, "adopt", "dev", "dynamodb/orders", "bookstore-dev-o2")
    assert (refused.code, "has the place of" in refused.said) == (3, True), refused.err
    back = backup(bench, "adopt", "dev", "dynamodb/orders", "bookstore-dev-orders", "--json")
    assert back.code == 0, back.err
    assert json.loads(back.out)["applied"] is None
    no_difference(bench)
    assert set(bench.aws("dynamodb").list_tables()["TableNames"]) >= {
        "bookstore-dev-o2",
        "bookstore-dev-orders",
    }


def test_a_database_is_restored_adopted_and_taken_back(bench: Bench) -> None:
    rds = bench.aws("rds")
    iam = bench.aws("iam")

    def let_in() -> str:
        """The resource id of the database that the role may log in to."""
        found = iam.list_role_policies(RoleName="bookstore-dev-orders")["PolicyNames"]
        policy = iam.get_role_policy(RoleName="bookstore-dev-orders", PolicyName=found[0])
        resource = str(policy["PolicyDocument"]["Statement"][0]["Resource"])
        return resource.rpartition(":")[2].partition("/")[0]

    def resources() -> dict[str, str]:
        found = rds.describe_db_instances()["DBInstances"]
        return {each["DBInstanceIdentifier"]: each["DbiResourceId"] for each in found}

    old = resources()["bookstore-dev"]
    done = backup(bench, "restore", "dev", "rds", "--name", "bookstore-dev-r2", "--adopt")
    assert done.code == 0, done.err
    (before,) = resources().keys() - {"bookstore-dev"}
    assert before.startswith("bookstore-dev-of-")
    assert resources()[before] == old
    assert "since they name it: 1 resource." in done.out
    assert let_in() == resources()["bookstore-dev"] != old
    no_difference(bench)
    missing = backup(bench, "adopt", "dev", "rds", "bookstore-dev-none")
    assert (missing.code, "there is no bookstore-dev-none" in missing.said) == (3, True)
    # As after a kill between the two renamings.
    rds.modify_db_instance(
        DBInstanceIdentifier="bookstore-dev", NewDBInstanceIdentifier="bookstore-dev-aside"
    )
    # What was to be done before already is not done by the way.
    data = bench.environment_root("dev") / "data.tf"
    data.write_text(TREE.replace('key" "this" {', 'key" "this" {\n  description = "new"\n'))
    back = backup(bench, "adopt", "dev", "rds", before)
    assert (back.code, "aws_kms_key.this" in back.said) == (3, True), back.err
    assert "bookstore-dev is rds now" in back.out
    assert resources()["bookstore-dev"] == old
    assert let_in() != old
    data.write_text(TREE)
    assert bench.run("plan", "dev", "--sandbox").code == 0
    applied = bench.run("apply", "dev", "--sandbox", "--yes")
    assert (applied.code, let_in()) == (0, old), applied.err
    no_difference(bench)
