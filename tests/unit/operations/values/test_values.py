"""`bsops tfvars` on the shipped tree, in one process: what operators see."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookstore_ops.cli.main import main
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.workspace import Workspace, create_workspace


@dataclass
class Shop:
    """A workspace as `bsops new` writes it, and what the last command said."""

    workspace: Workspace
    capsys: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    def __call__(self, *words: str) -> int:
        code = main(["tfvars", *words, "--workspace", str(self.workspace.root)])
        self.out, self.err = self.capsys.readouterr()
        assert "Traceback" not in self.err
        return code

    def json(self, *words: str) -> dict[str, Any]:
        self(*words, "--json")
        document: dict[str, Any] = json.loads(self.out)
        return document

    def file(self, environment: str = "dev") -> Path:
        return self.workspace.environment_root(environment) / "terraform.tfvars"

    def edit(self, old: str, new: str, environment: str = "dev") -> None:
        text = self.file(environment).read_text()
        assert old in text
        self.file(environment).write_text(text.replace(old, new, 1))

    def add(self, text: str) -> None:
        self.file().write_text(self.file().read_text() + text)

    def findings(self, environment: str = "dev") -> list[tuple[str, str]]:
        found = self.json("check", environment)["findings"]
        return [(finding["kind"], finding["key"]) for finding in found]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace as `bsops new` writes it."""
    return create_workspace(tmp_path_factory.mktemp("shipped") / "shop").root


@pytest.fixture
def shop(
    shipped: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Shop:
    for name in ("BSOPS_ENV", "BSOPS_SANDBOX", "BSOPS_WORKSPACE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    # A copy of all that tests change; nothing here changes a module.
    tree = Path("infrastructure") / "aws"
    root = tmp_path / "shop"
    for part in ("environments", tree / "environments", tree / "characters"):
        shutil.copytree(shipped / part, root / part)
    for path in (shipped / tree).glob("*.tf"):
        shutil.copy(path, root / tree)
    (root / tree / "modules").symlink_to(shipped / tree / "modules")
    return Shop(Workspace(root), capsys)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_shipped_values_are_right(shop: Shop, environment: str) -> None:
    assert shop("check", environment) == ExitCode.DONE
    assert f"{environment}: nothing is wrong with its values" in shop.out


def test_every_kind_of_mistake_is_found_with_its_place_and_its_cure(shop: Shop) -> None:
    shop.edit("min_tasks ", "min_task  ")
    shop.edit("max_tasks          = 2", 'max_tasks          = "two"')
    shop.edit('region      = "eu-west-1"', 'region      = "mars"')
    shop.edit('account_id  = "111111111111"', 'account_id  = "333333333333"')
    shop.edit('"bookstore-dev"', '"bookstore-prod"')
    shop.edit('  instance_class              = "db.t4g.micro"\n', "")
    shop.edit('owner       = "platform"\n', "")
    shop.add('multi_az = true\ntags = ["a"]\nidentity_ = {}\ngolden_images = { enabled = 7 }\n')
    shop.add('events_ = "x"\ndelivery = { enabled = true, repository = "AKIAABCDEFGHIJKLMNOP" }\n')
    assert shop("check", "dev") == ExitCode.CONFIGURATION
    place = "infrastructure/aws/environments/dev/terraform.tfvars"
    lines = shop.out.splitlines()
    for what, write in {
        f'{place}:4: account_id is "333333333333", which is prod\'s; environments/dev.toml says '
        '"111111111111"': 'account_id = "111111111111"',
        "region breaks a rule of the tree": "region must be an AWS region",
        'cost_center is "bookstore-prod": that is prod\'s': "cost_center = … of dev",
        "database.instance_class is missing": 'instance_class = "…"',
        "the tree has no services.min_task": "min_tasks instead of min_task",
        'services.max_tasks takes a number and has text: "two"': "max_tasks = 1",
        f"{place}: owner is missing": 'owner = "…"   (Team that answers',
        "the tree has no multi_az": "database.multi_az instead of multi_az",
        'tags takes names with text and has a list: ["a"]': 'tags = { name = "…" }',
        "the tree has no identity_": "identity instead of identity_",
        "golden_images.enabled takes true or false and has number: 7": "enabled = true",
        "delivery.repository looks like an access key of AWS": "remove it",
        "delivery breaks a rule of the tree": "delivery.enabled needs connection_arn",
    }.items():
        found = [number for number, line in enumerate(lines) if what in line]
        assert found, (what, shop.out)
        assert lines[found[0]].startswith(place)
        assert f"  write: {write}" in lines[found[0] + 1]
    assert "AKIA" not in shop.out


def test_another_environments_network_is_found(shop: Shop) -> None:
    shop.edit('cidr                = "10.10.0.0/16"', 'cidr = "10.30.0.0/16"')
    assert shop.findings() == [("foreign", "network.cidr")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xef\xbb\xbfregion = 1\n", "terraform.tfvars:1: the file begins with a byte order mark"),
        (b"owner = 1\r\n", "terraform.tfvars:1: the line ends with a carriage return"),
        (b'owner = "a"\nnetwork = {\n', "terraform.tfvars:2: this { is never closed"),
        (b"owner = <<E\nE\n", "terraform.tfvars:1: owner is a heredoc"),
        (b'owner = "a"\nowner = "b"\n', "terraform.tfvars:2: owner stands here for the second"),
    ],
)
@pytest.mark.parametrize("command", [("check", "dev"), ("set", "dev", "owner", "x")])
def test_a_file_that_is_none_is_refused_and_left_alone(
    shop: Shop, content: bytes, says: str, command: tuple[str, ...]
) -> None:
    shop.file().write_bytes(content)
    assert shop(*command) == ExitCode.CONFIGURATION
    assert says in shop.err
    assert "next: " in shop.err
    assert shop.file().read_bytes() == content


def test_a_megabyte_of_unknown_values_is_listed_to_the_end(shop: Shop) -> None:
    shop.add("".join(f'unknown_{n} = "{"x" * 1300}"\n' for n in range(800)))
    assert len(shop.findings()) == 800


def test_one_value_is_set_and_everything_else_stays(shop: Shop) -> None:
    before = shop.file().read_text()
    assert shop("set", "dev", "services.max_tasks", "4") == ExitCode.DONE
    assert "- services.max_tasks = 2\n+ services.max_tasks = 4" in shop.out
    assert shop.file().read_text() == before.replace(
        "max_tasks          = 2", "max_tasks          = 4"
    )
    assert shop("set", "dev", "services.max_tasks", "4") == ExitCode.DONE
    assert "services.max_tasks is 4 already" in shop.out
    assert shop("set", "dev", "tags.Team", 'a "b" ${c}') == ExitCode.DONE
    assert shop.file().read_text().endswith('\ntags = { Team = "a \\"b\\" $${c}" }\n')
    assert shop("check", "dev") == ExitCode.DONE


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("services.max_task", "4", "did you mean services.max_tasks?"),
        ("multi_az", "true", "did you mean database.multi_az?"),
        ("services.max_tasks", "four", "services.max_tasks takes a number"),
        ("network.peer_cidrs", "10.0.0.0/8", "network.peer_cidrs takes a list of text"),
        ("network.peer_cidrs", "{}", "network.peer_cidrs takes a list of text"),
        ("network", '{ cidr = "10.1.0.0/16", zones = 3 }', "the tree has no network.zones"),
        ("network", "{}", "network.cidr is missing"),
        ("region", "mars", "region must be an AWS region"),
        ("region", "null", "region is missing"),
        ("identity.email.from", "a@example.com", "identity.email.source_arn is missing"),
        ("", "x", "nothing is no key"),
    ],
)
def test_a_wrong_value_is_never_written(shop: Shop, name: str, value: str, says: str) -> None:
    before = shop.file().read_bytes()
    assert shop("set", "dev", name, value) == ExitCode.USAGE
    assert says in shop.err
    assert shop.file().read_bytes() == before


def test_secrets_are_on_no_screen(shop: Shop) -> None:
    assert shop("set", "dev", "tags.db_password", "hunter2") == ExitCode.DONE
    assert "(sensitive)" in shop.out
    said = shop.out + shop.err
    assert shop("check", "dev") == ExitCode.CONFIGURATION
    assert "tags.db_password looks like a secret, by its name" in shop.out
    assert "hunter2" not in said + shop.out + shop.err


def test_what_another_file_sets_is_not_set_in_vain(shop: Shop) -> None:
    shop.file().with_name("more.auto.tfvars").write_text('owner = "others"\n')
    assert shop("set", "dev", "owner", "mine") == ExitCode.REFUSED
    assert "more.auto.tfvars, which wins over terraform.tfvars" in shop.err


def test_an_unformatted_file_is_left_as_it_is(shop: Shop) -> None:
    shop.add("tags={}\n")
    assert shop("set", "dev", "owner", "mine") == ExitCode.REFUSED
    assert "bsops fmt mends that" in shop.err
    assert 'write by hand: owner = "mine"' in shop.err


def test_without_terraform_the_structure_is_checked_all_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BSOPS_TERRAFORM_BIN", "/nonexistent/terraform")
    assert shop("check", "dev") == ExitCode.DONE
    assert "the rules of variables were not checked" in shop.err


def test_two_environments_are_compared_with_their_defaults(shop: Shop) -> None:
    shop.edit(
        'cost_center = "bookstore-dev"', 'cost_center = "x"\ntags = { api_token = "hunter2" }'
    )
    assert shop("diff", "dev", "prod") == ExitCode.DONE
    rows = {line.split()[0]: line.split()[1:] for line in shop.out.splitlines()}
    assert rows["database.multi_az"] == ["false", "true"]
    assert rows["services.max_tasks"] == ["2", "30"]
    assert rows["disaster_recovery.enabled"] == ["false", "true"]
    assert rows["backups.lock_days"] == ["-", "7"]
    assert rows["tags.api_token"] == ['"(sensitive)"', "-"]
    assert "region" not in rows
    assert "hunter2" not in shop.out
    found = {d["key"]: d["values"] for d in shop.json("diff", "dev", "prod")["differences"]}
    assert found["database.multi_az"] == {"dev": False, "prod": True}


def test_an_environment_is_as_itself(shop: Shop) -> None:
    assert shop("diff", "dev", "dev") == ExitCode.DONE
    assert shop.out == "dev and dev have the same values\n"


def test_a_variable_is_explained(shop: Shop) -> None:
    shop.file("staging").write_text("region = {\n")
    assert shop("explain", "region") == ExitCode.DONE
    for line in (
        r"type +string",
        r"default +none: it must be given",
        r"what it is +Region of the environment\.",
        r"rule +can\(regex\(",
        r'or else +region must be an AWS region, such as "eu-west-1"\.',
        r"used in +infrastructure/aws/environments/dev/main\.tf:15,27",
        r'in dev +"eu-west-1"   \(infrastructure/aws/environments/dev/terraform\.tfvars:5\)',
        r"in staging +unknown: infrastructure/.*/terraform\.tfvars:1: this \{ is never closed",
    ):
        assert re.search(rf"^ +{line}", shop.out, re.M), (line, shop.out)


def test_a_place_in_a_group_is_explained(shop: Shop) -> None:
    found = shop.json("explain", "database.multi_az")
    assert (found["type"], found["default"], found["required"]) == ("bool", True, False)
    assert any(use.startswith("infrastructure/aws/data.tf:") for use in found["used"])
    assert {name: each["value"] for name, each in found["values"].items()} == {
        "dev": False,
        "staging": True,
        "prod": True,
    }
    assert found["values"]["prod"]["from"] == "default"
    assert shop("explain", "database.multiaz") == ExitCode.USAGE
    assert "did you mean database.multi_az?" in shop.err
    assert shop("explain") == ExitCode.DONE
    assert "golden_images" in shop.out


def test_new_values_are_the_environments_own_and_the_old_file_is_kept(shop: Shop) -> None:
    old = shop.file().read_bytes()
    assert shop("new", "dev", "--set", "owner=shop") == ExitCode.REFUSED
    assert "dev has values already" in shop.err
    assert shop.file().read_bytes() == old
    assert (
        shop("new", "dev", "--force", "--set", "owner=shop", "--set", "services.max_tasks=4")
        == ExitCode.DONE
    )
    [backup] = (shop.workspace.data / "backups" / "tfvars" / "dev").iterdir()
    assert backup.read_bytes() == old
    assert backup.stat().st_mode & 0o777 == 0o600
    assert f"the file before it: .bsops/backups/tfvars/dev/{backup.name}" in shop.out
    text = shop.file().read_text()
    assert "# Team that answers for the environment, as a tag.\nowner = " in text
    assert "# Nobody works at night: tasks sleep." in text
    assert "\n  # port = 5433\n" in text
    assert "# replica_region = null # string" in text
    assert shop("check", "dev") == ExitCode.DONE
    shop.file("staging").write_bytes(old)
    found = {d["key"]: d["values"] for d in shop.json("diff", "staging", "dev")["differences"]}
    assert found == {
        "owner": {"staging": "platform", "dev": "shop"},
        "services.max_tasks": {"staging": 2, "dev": 4},
    }


def test_new_values_follow_the_environments_policy_and_a_file(shop: Shop, tmp_path: Path) -> None:
    policy = shop.workspace.environments / "prod.toml"
    policy.write_text(policy.read_text().replace("333333333333", "444444444444"))
    more = tmp_path / "more.tfvars"
    more.write_text('network = { cidr = "10.99.0.0/16" }\n')
    shop.file("prod").unlink()
    assert shop("new", "prod", "--from", str(more)) == ExitCode.DONE
    text = shop.file("prod").read_text()
    assert 'account_id = "444444444444"' in text
    assert '"bookstore-prod-tfstate-444444444444"' in text
    assert 'cidr       = "10.99.0.0/16"' in text
    assert 'peer_cidrs = ["10.10.0.0/16", "10.20.0.0/16"]' in text


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--set", "services.max_task=4"], ExitCode.USAGE, "did you mean services.max_tasks?"),
        (["--set", "services.max_tasks"], ExitCode.USAGE, "--set takes key=value"),
        (["--set", "region=mars"], ExitCode.CONFIGURATION, "region must be an AWS region"),
        (["--from", "none.tfvars"], ExitCode.CONFIGURATION, "there is no file none.tfvars"),
    ],
)
def test_nothing_is_written_that_would_not_be_taken(
    shop: Shop, more: list[str], code: ExitCode, says: str
) -> None:
    before = shop.file().read_bytes()
    assert shop("new", "dev", "--force", *more) == code
    assert says in shop.err
    assert shop.file().read_bytes() == before
    assert not (shop.workspace.data / "backups").exists()


def test_a_directory_in_the_files_place_is_told(shop: Shop) -> None:
    shop.file().unlink()
    shop.file().mkdir()
    assert shop("new", "dev", "--force") == ExitCode.ENVIRONMENT
    assert "cannot read infrastructure/aws/environments/dev/terraform.tfvars" in shop.err


def test_a_file_to_begin_from_is_checked_like_any_other(shop: Shop, tmp_path: Path) -> None:
    more = tmp_path / "more.tfvars"
    more.write_text("network = { zones = 3 }\n")
    shop.file().unlink()
    assert shop("new", "dev", "--from", str(more)) == ExitCode.CONFIGURATION
    assert "the tree has no network.zones" in shop.err
    assert not shop.file().exists()
    more.write_text("network = {\n")
    assert shop("new", "dev", "--from", str(more)) == ExitCode.CONFIGURATION
    assert "more.tfvars:1: this { is never closed" in shop.err


def test_what_nobody_gave_is_asked_for_by_its_flag(shop: Shop) -> None:
    (shop.workspace.tree / "characters" / "dev.tfvars").unlink()
    shop.file().unlink()
    assert shop("new", "dev") == ExitCode.USAGE
    assert "dev needs owner, cost_center, network.cidr, database.instance_class" in shop.err
    assert "--set owner=VALUE --set cost_center=VALUE --set network.cidr=VALUE" in shop.err
    assert not shop.file().exists()


def test_what_is_new_in_the_tree_is_listed_and_added_as_comments(shop: Shop) -> None:
    shop.edit("  keep         = 10\n", "  keepp        = 10\n")
    variables = shop.workspace.environment_root("dev") / "variables.tf"
    more = 'variable "chaos" {\n  type = number\n  default = 3\n}\n'
    more += 'variable "pilot" {\n  type = string\n  description = "Who flies."\n}\n'
    variables.write_text(variables.read_text() + more)
    before = shop.file().read_text()
    found = shop.json("sync", "dev")
    assert {"key": "chaos", "needed": False} in found["new"]
    assert {"key": "pilot", "needed": True} in found["new"]
    assert [each["key"] for each in found["obsolete"]] == ["images.keepp"]
    assert shop.file().read_text() == before
    assert shop("sync", "dev", "--groups", "--write") == ExitCode.DONE
    assert "database.port " in shop.out
    text = shop.file().read_text()
    assert text.endswith('\n# chaos = 3\n\n# Who flies.\n# pilot = "…"\n')
    assert "  monitoring_interval_seconds = 60\n  # engine_version = " in text
    assert shop.json("diff", "dev", "staging")["differences"]
    assert not set(before.splitlines()) - set(text.splitlines())
    assert shop.json("sync", "dev", "--groups")["new"] == []
    assert shop("sync", "dev", "--write") == ExitCode.DONE
    assert shop.file().read_text() == text


def test_a_secret_of_the_tree_is_on_no_screen_and_in_no_file(shop: Shop) -> None:
    variables = shop.workspace.environment_root("dev") / "variables.tf"
    more = 'variable "pass" {\n  type = string\n  sensitive = true\n  default = "hunter2"\n}\n'
    variables.write_text(variables.read_text() + more)
    shop("new", "dev", "--force")
    said = shop.out + shop.err
    for words in (
        *(("explain",), ("explain", "pass"), ("sync", "dev"), ("diff", "dev", "dev")),
        *(("set", "dev", "pass", "hunter2x"), ("set", "dev", "pass", "hunter2x", "--json")),
        *(("check", "dev"), ("diff", "dev", "prod", "--json"), ("explain", "pass", "--json")),
    ):
        shop(*words)
        said += shop.out + shop.err
    shop.add("password = hunter2\n")
    assert shop("check", "dev") == ExitCode.CONFIGURATION
    assert "hunter2" not in said + shop.out + shop.err
    assert '# pass = "(sensitive)"' in shop.file().read_text()


def test_a_rule_of_a_module_is_told_at_the_value_that_breaks_it(shop: Shop) -> None:
    shop.edit("backup_retention_days       = 7", "backup_retention_days       = 70")
    shop.edit("retention_days = 30\n", "retention_days = 31\n")
    assert shop("check", "dev") == ExitCode.CONFIGURATION
    assert (
        "terraform.tfvars:23: database.backup_retention_days breaks a rule of the tree: it is 70\n"
        "  write: backup_retention_days must be a whole number from 7 to 35"
    ) in shop.out
    assert shop.out.count("logs.retention_days breaks a rule") == 1
    assert shop("set", "dev", "cache.snapshot_retention_days", "99") == ExitCode.USAGE
    assert "snapshot_retention_days must be" in shop.err
    # What was wrong before is no reason to refuse another value of the same group.
    assert shop("set", "dev", "database.allocated_storage_gib", "30") == ExitCode.DONE
    assert shop("set", "dev", "database.backup_retention_days", "8") == ExitCode.DONE


def test_what_a_module_asks_of_values_is_known_without_a_plan_of_it(shop: Shop) -> None:
    shop.edit('mfa                 = "OPTIONAL"', 'mfa                 = "OFF"')
    assert shop.findings() == [("validation", "identity.mfa")]


PIECES = st.sampled_from(
    [
        "services",
        "region",
        "x",
        "=",
        "{",
        "}",
        "[",
        "]",
        '"',
        "\n",
        " ",
        "1",
        "#",
        "<<E",
        "\r",
        "${",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_file_of_values_ends_in_a_traceback(shop: Shop, text: str) -> None:
    shop.file().write_text(text, newline="")
    assert shop("check", "dev", "--terraform-bin", "/nonexistent") == ExitCode.CONFIGURATION


LINES = st.sampled_from(
    [
        *('owner = "a"', "owner = [1]", "tags = { a = 1 }", "tags = [", "}", "# why", "/*", "<<E"),
        *('x = "AKIA"', 'owner = "${a}"', "network = {", "  zones = 3", "services = { cpu = 1 }"),
        *("\r", "\ufeff", "database = null", 'tags = { token = "x" }', "region = region"),
    ]
)


@given(lines=st.lists(LINES, max_size=6), command=st.sampled_from(["set", "sync"]))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_file_of_values_is_changed_as_asked_or_not_at_all(
    shop: Shop, lines: list[str], command: str
) -> None:
    before = "\n".join([*lines, ""]).encode()
    shop.file().write_bytes(before)
    words = ("set", "dev", "cost_center", "x") if command == "set" else ("sync", "dev", "--write")
    code = shop(*words)
    after = shop.file().read_bytes()
    if code != ExitCode.DONE:
        assert after == before
    elif command == "set":
        assert b'cost_center = "x"' in after.replace(b"  ", b"")
    # Every line of the operator's is there still, but for the one that was set.
    kept = [line.split() for line in after.decode().splitlines()]
    assert all(line.split() in kept for line in before.decode().splitlines())
    assert [path.name for path in shop.file().parent.iterdir() if path.name.startswith(".t")] in (
        [],
        [".terraform.lock.hcl"],
    )
