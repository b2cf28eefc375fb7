"""The quick checks stop a command, or warn, for doctor's own reasons."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bookstore_ops.aws.session import Access
from bookstore_ops.errors import CredentialsError, EnvironmentMissing
from bookstore_ops.preflight.context import Aws, Context
from bookstore_ops.preflight.quick import stop_or_warn
from tests.unit.preflight.support import NOW, Ground, once
from tests.unit.preflight.test_aws import ACCOUNT, Credentials, identity
from tests.unit.support import environment


def asked(well: Ground, answer: Any = None, **left: float) -> Context:
    """A context whose AWS has answered."""
    ends = NOW + timedelta(**left) if left else None
    access = Access({}, Credentials("t" if left else None, ends), "env")
    aws = Aws(access, None, once(answer or identity()))
    return replace(well.context, environment=environment(account_id=ACCOUNT), aws=aws)


@pytest.mark.parametrize("strict", [True, False])
def test_where_all_is_well_nothing_is_said(well: Ground, strict: bool) -> None:
    said: list[str] = []
    stop_or_warn(asked(well), strict=strict, warn=said.append)
    stop_or_warn(asked(well, hours=2), strict=strict, warn=said.append)
    assert said == []


def test_another_account_stops(well: Ground) -> None:
    with pytest.raises(CredentialsError, match="of account 999999999999, but dev is account"):
        stop_or_warn(asked(well, identity(Account="999999999999")), strict=False, warn=print)


def test_an_account_that_is_not_known_stops(well: Ground) -> None:
    with pytest.raises(CredentialsError):
        stop_or_warn(asked(well, CredentialsError("no")), strict=False, warn=print)


def test_keys_that_end_too_soon_warn_or_stop(well: Ground) -> None:
    said: list[str] = []
    stop_or_warn(asked(well, minutes=10), strict=False, warn=said.append)
    assert said[0].startswith("the credentials may end before an apply does: they end at 12:10 UTC")
    with pytest.raises(CredentialsError, match="may end before an apply does"):
        stop_or_warn(asked(well, minutes=10), strict=True, warn=print)


def test_keys_that_have_ended_stop(well: Ground) -> None:
    with pytest.raises(CredentialsError, match="the credentials expired at 11:50 UTC"):
        stop_or_warn(asked(well, minutes=-10), strict=False, warn=print)


@pytest.mark.parametrize(("minutes", "stops"), [(2, False), (10, True)])
def test_a_clock_that_is_off_warns_or_stops(well: Ground, minutes: int, stops: bool) -> None:
    context = asked(well, identity(Received=NOW + timedelta(minutes=minutes)))
    said: list[str] = []
    if stops:
        with pytest.raises(EnvironmentMissing, match="600 s ahead"):
            stop_or_warn(context, strict=False, warn=said.append)
    else:
        stop_or_warn(context, strict=False, warn=said.append)
        assert "120 s ahead" in said[0]
