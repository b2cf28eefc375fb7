"""releases.toml: what is merged, and what is refused."""

from pathlib import Path

import pytest

from bookstore_ops.errors import ConfigurationError
from bookstore_ops.releases.settings import FILE, load_settings

REPOSITORY = Path(__file__).resolve().parents[3]
CRITERION = '[[defaults.criteria]]\nname = "e"\n'


def write(tree: Path, text: str) -> Path:
    (tree / FILE).write_text(text)
    return tree


def test_a_service_takes_the_defaults_then_its_own_then_the_environments(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        '[defaults]\nbake = "10m"\nstep_bake = "2m"\nhealth = "3m"\n'
        '[services.orders]\nstrategy = "canary"\nbake = "1h"\nsteps = [10, 100]\n'
        '[environments.dev]\nstep_bake = "1s"\n',
    )
    orders = load_settings(tree, "dev", "orders")
    assert (orders.strategy, orders.bake, orders.health_seconds) == ("canary", "1h", 180)
    canary = [(step.weight, step.bake_seconds) for step in orders.plan("canary")]
    assert canary == [(10, 1), (100, 3600)]
    blue_green = [(step.weight, step.bake_seconds) for step in orders.plan("blue-green")]
    assert blue_green == [(100, 3600)]
    assert load_settings(tree, "prod", "cart").step_bake == "2m"


def test_a_service_has_its_own_migration(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        '[services.orders.migration]\nexpand = ["bin/migrate", "up"]\ntimeout = "1h"\n',
    )
    migration = load_settings(tree, "dev", "orders").migration
    assert (migration.expand, migration.contract, migration.seconds) == (
        ["bin/migrate", "up"],
        [],
        3600,
    )
    assert not load_settings(tree, "dev", "cart").migration.expand


def test_without_the_file_there_are_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path, "dev", "orders").plan("canary")[-1].weight == 100


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[default]\nbake = "1m"\n', "releases.toml:1: unknown key default"),
        ('[defaults]\n\nbaking = "1m"\n', "releases.toml:3: unknown key defaults.baking"),
        ("[defaults]\nsteps = [5, 25]\n", "steps of orders"),
        ("[defaults]\nsteps = [50, 25, 100]\n", "steps of orders"),
        ("[defaults]\nsteps = []\n", "steps of orders"),
        ('[defaults]\nbake = "soon"\n', "settings of orders in dev"),
        ('[defaults]\nstrategy = "big-bang"\n', "settings of orders in dev"),
        (f'{CRITERION}source = "errors"\n', "criterion e of orders"),
        (f'{CRITERION}source = "custom"\nat_most = 1\n', "criterion e of orders"),
        (f'{CRITERION}source = "p95"\nat_mots = 1\n', "settings of orders in dev"),
        ('[defaults.migration]\nexpands = ["x"]\n', "settings of orders in dev"),
        ('[services.orders.migration]\ntimeout = "long"\n', "settings of orders in dev"),
        ("defaults = [\n", "cannot read"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(write(tmp_path, text), "dev", "orders")
    assert says in refused.value.what
    assert refused.value.next_step


def test_the_shipped_settings_are_of_services_that_exist() -> None:
    import tomllib

    tree = REPOSITORY / "infrastructure" / "aws"
    named = tomllib.loads((tree / FILE).read_text())
    services = (tree / "services.tf").read_text()
    for service in named["services"]:
        assert f"    {service} " in services
        for environment in ("dev", "staging", "prod"):
            settings = load_settings(tree, environment, service)
            assert settings.criteria
            paths = [check.path.partition("?")[0] for check in settings.smoke]
            assert all(path.split("/")[1] == service for path in paths)
