"""releases.toml: how the flags of a service are rolled out."""

from pathlib import Path

import pytest

from bookstore_ops.errors import ConfigurationError
from bookstore_ops.releases.settings import FILE, load_settings


def write(tree: Path, text: str) -> Path:
    (tree / FILE).write_text(text)
    return tree


def test_a_flag_takes_its_own_settings_else_those_of_the_service(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        '[services.orders]\nsteps = [5, 100]\nstep_bake = "2m"\n'
        '[services.orders.flags.plain]\n[services.orders.flags.slow]\nstep_bake = "1h"\n'
        "minimum_requests = 0\n",
    )
    orders = load_settings(tree, "dev", "orders")
    assert list(orders.flags) == ["plain", "slow"]
    plain, slow, unknown = (orders.of_flag(name) for name in ("plain", "slow", "unknown"))
    assert (plain.step_bake, slow.step_bake, unknown.step_bake) == ("2m", "1h", "2m")
    assert (plain.minimum_requests, slow.minimum_requests) == (100, 0)
    assert [step.weight for step in slow.plan("canary")] == [5, 100]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("steps = [50, 25, 100]", "steps of orders, flag beta"),
        ("step_bake = 5", "the settings of orders in dev"),
        ("stepbake = '5m'", "the settings of orders in dev"),
        ('criteria = [{ name = "e", source = "errors" }]', "criterion e of orders, flag beta"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, says: str) -> None:
    tree = write(tmp_path, f"[services.orders.flags.beta]\n{text}\n")
    with pytest.raises(ConfigurationError) as refused:
        load_settings(tree, "dev", "orders")
    assert says in refused.value.what
