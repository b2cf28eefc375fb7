"""The main job on the shipped tree: apply, nothing left to do, destroy, nothing left."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.push import push_image
from tests.e2e.provider_log import LOGGING, not_in_table, types_in
from tests.e2e.workspaces import BSOPS, Bench

# Real time that the provider waits for a database, with room for a slow machine.
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The workspace that `bsops new` writes."""
    root = tmp_path_factory.mktemp("shipped") / "workspace"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    subprocess.run([str(BSOPS), "new", str(root)], check=True, env=environ, capture_output=True)
    bench = Bench(root)
    yield bench
    lifecycle.stop(bench.workspace)


def test_new_writes_tree_environments_and_runbooks(shipped: Bench) -> None:
    held = {path.name for path in shipped.root.iterdir()}
    assert {"infrastructure", "environments", "runbooks"} <= held
    assert not list(shipped.root.rglob("*.tfstate"))


def test_the_larger_environments_plan_in_the_sandbox_too(shipped: Bench) -> None:
    for name in ("staging", "prod"):
        planned = shipped.run("plan", name, "--sandbox", "--json", "--no-details")
        assert planned.code == 0, planned.err
        actions = [change["action"] for change in planned.json["changes"]]
        assert actions.count("create") > 100
        assert set(actions) <= {"create", "read", "noop"}


def test_apply_then_no_changes_then_destroy_leaves_nothing(shipped: Bench) -> None:
    applied = shipped.run("apply", "dev", "--sandbox", "--yes", timeout=900, env=LOGGING)
    assert applied.code == 0, applied.err
    roll_flags_out(shipped)
    release_services(shipped)
    planned = shipped.run("plan", "dev", "--sandbox", "--detailed-exitcode", env=LOGGING)
    assert planned.code == 0, planned.out
    assert "No changes." in planned.out
    destroyed = shipped.run("destroy", "dev", "--sandbox", "--yes", timeout=900, env=LOGGING)
    assert destroyed.code == 0, destroyed.err
    assert "of releases: 4 task definitions deregistered" in destroyed.said
    assert shipped.run("show", "dev", "--sandbox", "--json").json["resources"] == []
    assert remaining(shipped) == {}
    # Doctor asks beforehand for what the provider called just now.
    logs = list((shipped.root / ".bsops" / "runs").glob("*/*.stderr"))
    assert len(types_in(logs)) > 100
    assert not_in_table(logs) == set()


def roll_flags_out(bench: Bench) -> None:
    """A flag that is set, and one whose rollout waits with a share of the customers."""
    settings = bench.workspace.tree / "releases.toml"
    settings.write_text(settings.read_text().replace('"1m"', '"1s"'))
    words = ("--sandbox", "--yes")
    off = bench.run("flags", "set", "dev", "reviews", "reviews-writable", "off", *words)
    assert off.code == 0, off.err
    # Nobody calls orders, so there is no verdict.
    waits = bench.run("flags", "rollout", "dev", "orders", "express-checkout", *words)
    assert waits.code == 3, waits.err


def release_services(bench: Bench) -> None:
    """One release in each way that one can end: the plan that follows must not undo any."""
    services = ("catalog", "search", "payments", "inventory")
    state = bench.state()
    assert state is not None
    repositories = state["outputs"]["services"]["value"]["repositories"]
    # Smoke checks carry no token: every service is well when it says so.
    for name in services:
        push_image(bench.aws("ecr"), repositories[name], "9.0.0", healthy=True, answers=401)
    words = ("--image", "9.0.0", "--sandbox", "--yes")
    begun = [bench.start("release", "start", "dev", name, *words) for name in services]
    done = dict(zip(services, (release.finish() for release in begun), strict=True))
    # Nobody calls payments: its canary waits for a person with a share of the traffic.
    codes = {name: finished.code for name, finished in done.items()}
    assert codes == {"catalog": 0, "search": 0, "payments": 3, "inventory": 0}, done
    back = bench.run("release", "rollback", "dev", "search", "--sandbox", "--yes")
    assert back.code == 0, back.err


def remaining(bench: Bench) -> dict[str, dict[str, int]]:
    """What the sandbox still holds, by account."""
    return lifecycle.status(bench.workspace).resources


def test_the_tree_is_valid_and_formatted(shipped: Bench) -> None:
    # The others are planned above, which validates them as well.
    assert shipped.run("validate", "dev", "--sandbox").code == 0
    assert shipped.run("fmt", "--check").code == 0


def test_a_directory_that_is_not_empty_is_left_alone(shipped: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = shipped.run("new", str(tmp_path))
    assert done.code == 3
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["file"]
