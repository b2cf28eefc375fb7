"""Each check of the tools fails for its own reason."""

import os
from pathlib import Path

import pytest

from bookstore_ops.preflight.check import Status
from bookstore_ops.preflight.runner import Job, Result, make, mend
from tests.unit.preflight.support import Ground, binary, check, no_terraform, once, refuses
from tests.unit.support import lock_file, mirror


class TestTerraform:
    def test_is_found_and_says_where(self, well: Ground) -> None:
        found = well.at("BS101")
        assert found.status is Status.OK
        assert found.what == "Terraform 1.11.4: /bin/terraform (PATH)"

    def test_missing_is_an_error_with_what_to_install(self, well: Ground) -> None:
        found = well.at("BS101", binary=no_terraform())
        assert (found.status, found.next_step) == (Status.ERROR, "install it")

    @pytest.mark.parametrize("code", ["BS102", "BS103", "BS104", "BS105", "BS203"])
    def test_missing_makes_what_needs_it_unknown(self, well: Ground, code: str) -> None:
        found = well.at(code, binary=no_terraform())
        assert found.status is Status.UNKNOWN
        assert "BS101" in str(found.why)

    @pytest.mark.parametrize(
        ("version", "status"),
        [("1.6.5", Status.ERROR), ("1.6.6", Status.OK), ("1.14.0", Status.OK)],
    )
    def test_floor(self, well: Ground, version: str, status: Status) -> None:
        assert well.at("BS102", binary=once(binary(version))).status is status

    @pytest.mark.parametrize(
        ("version", "program", "said"),
        [
            ("1.10.0", "terraform", "object locks"),
            ("1.10.2", "terraform", "crash"),
            ("1.10.1", "tofu", "encryption"),
            ("1.15.0-rc1", "terraform", "releases cannot read"),
        ],
    )
    def test_known_bad_ones_are_warned_of_with_the_reason(
        self, well: Ground, version: str, program: str, said: str
    ) -> None:
        found = well.at("BS103", binary=once(binary(version, program)))
        assert found.status is Status.WARNING
        assert said in str(found.why)

    @pytest.mark.parametrize(
        ("version", "program"),
        [("1.10.3", "terraform"), ("1.9.8", "terraform"), ("1.10.2", "tofu")],
    )
    def test_others_are_well(self, well: Ground, version: str, program: str) -> None:
        assert well.at("BS103", binary=once(binary(version, program))).status is Status.OK


class TestProvider:
    @pytest.fixture(autouse=True)
    def no_system_mirror(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bookstore_ops.terraform.providers._SYSTEM_PREFIXES", ())

    def test_of_a_mirror_needs_no_registry(self, well: Ground, tmp_path: Path) -> None:
        well.environ["BSOPS_PROVIDER_MIRROR"] = str(mirror(tmp_path / "mirror"))
        found = well.at("BS104", probes=well.probing(connect=refuses))
        assert found.status is Status.OK
        assert str(tmp_path / "mirror") in found.what

    def test_of_another_platform_is_an_error(self, well: Ground, tmp_path: Path) -> None:
        other = mirror(tmp_path / "mirror", platform="darwin_arm64")
        well.environ["BSOPS_PROVIDER_MIRROR"] = str(other)
        lock_file(well.context.root / ".terraform.lock.hcl", "5.100.0")
        found = well.at("BS104")
        assert found.status is Status.ERROR
        assert "lacks AWS provider 5.100.0 for linux_amd64" in found.what

    def test_of_the_registry_has_to_be_reached(self, well: Ground) -> None:
        assert well.at("BS104").status is Status.OK
        found = well.at("BS104", probes=well.probing(connect=refuses))
        assert found.status is Status.ERROR
        assert "registry.terraform.io, which does not answer" in found.what

    def test_is_unknown_offline_and_behind_a_proxy(self, well: Ground) -> None:
        assert well.at("BS104", offline=True).status is Status.UNKNOWN
        well.environ["HTTPS_PROXY"] = "http://proxy:3128"
        assert well.at("BS104").status is Status.UNKNOWN
        well.environ["NO_PROXY"] = "terraform.io"
        assert well.at("BS104").status is Status.OK

    def test_that_is_installed_needs_nothing(self, well: Ground) -> None:
        path = lock_file(well.context.root / ".terraform.lock.hcl", "5.100.0")
        mirror(path.parent / ".terraform" / "providers")
        found = well.at("BS104", probes=well.probing(connect=refuses))
        assert (found.status, "is installed" in found.what) == (Status.OK, True)


class TestLockFile:
    @pytest.mark.parametrize(
        ("hashes", "status"),
        [
            ('"h1:a", "zh:b"', Status.OK),
            ('"h1:a"', Status.UNKNOWN),
            ("", Status.ERROR),
        ],
    )
    def test_its_checksums_decide(self, well: Ground, hashes: str, status: Status) -> None:
        path = lock_file(well.context.root / ".terraform.lock.hcl", "5.100.0")
        path.write_text(path.read_text().replace("}\n", f"  hashes = [{hashes}]\n}}\n"))
        found = well.at("BS105")
        assert found.status is status
        if status is not Status.OK:
            assert "providers lock -platform=linux_amd64" in str(found.next_step)

    def test_checksums_of_archives_do_not_do_for_an_unpacked_mirror(
        self, well: Ground, tmp_path: Path
    ) -> None:
        well.environ["BSOPS_PROVIDER_MIRROR"] = str(mirror(tmp_path / "mirror"))
        path = lock_file(well.context.root / ".terraform.lock.hcl", "5.100.0")
        empty = path.read_text()
        for hashes, status in (
            ('"h1:a", "zh:b", "zh:c", "zh:d"', Status.UNKNOWN),
            ('"zh:b", "zh:c"', Status.ERROR),
            ('"h1:a", "h1:b", "zh:c", "zh:d"', Status.OK),
        ):
            path.write_text(empty.replace("}\n", f"  hashes = [{hashes}]\n}}\n"))
            assert well.at("BS105").status is status

    def test_missing_is_a_warning(self, well: Ground) -> None:
        found = well.at("BS105")
        assert found.status is Status.WARNING
        assert str(found.next_step).startswith("bsops init dev")


class TestPluginCache:
    def test_none_is_skipped(self, well: Ground) -> None:
        assert well.at("BS106").status is Status.SKIPPED

    def test_missing_is_an_error_that_fix_mends(self, well: Ground, tmp_path: Path) -> None:
        cache = tmp_path / "a" / "cache"
        well.environ["TF_PLUGIN_CACHE_DIR"] = str(cache)
        assert well.at("BS106").status is Status.ERROR
        (result,) = mend([_made(well, "BS106")])
        assert result.outcome.status is Status.OK
        assert result.fixed == (f"made {cache}",)
        assert cache.is_dir()

    def test_named_in_the_configuration_counts(self, well: Ground, tmp_path: Path) -> None:
        config = tmp_path / "terraform.rc"
        config.write_text(f'plugin_cache_dir = "{tmp_path / "missing"}"\n')
        well.environ["TF_CLI_CONFIG_FILE"] = str(config)
        assert "missing is no directory" in well.at("BS106").what

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_that_cannot_be_written_is_an_error(self, well: Ground, tmp_path: Path) -> None:
        (tmp_path / "cache").mkdir(mode=0o500)
        well.environ["TF_PLUGIN_CACHE_DIR"] = str(tmp_path / "cache")
        assert "cannot be written" in well.at("BS106").what


@pytest.mark.parametrize(
    ("free", "status"),
    [(1024**3 // 10, Status.ERROR), (1024**3, Status.WARNING), (9 * 1024**3, Status.OK)],
)
def test_space(well: Ground, free: int, status: Status) -> None:
    assert well.at("BS107", probes=well.probing(free=lambda _: free)).status is status


def _made(well: Ground, code: str) -> Result:
    return make(Job(check(code), well.context))
