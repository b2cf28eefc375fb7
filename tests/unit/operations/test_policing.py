"""What the findings of policies mean for an environment: denied, warned, passed over."""

from datetime import date

from bookstore_ops.environments import Exemption, PolicySettings
from bookstore_ops.operations.policing import Judgement, judge
from bookstore_ops.policies.findings import Failure, Finding, Verdict

TODAY = date(2026, 11, 26)
OPEN = Finding(policy="no_public_database", address="module.data.aws_db_instance.main", message="m")
BARE = Finding(policy="required_tags", address="aws_s3_bucket.logs", message="m")
POLICIES = ["no_public_database", "no_unencrypted_store", "required_tags"]


def exemption(policy: str, address: str | None = None, *, until: date = TODAY) -> Exemption:
    return Exemption(policy=policy, address=address, until=until, reason="moved by March")


def judged(*findings: Finding, failures: tuple[Failure, ...] = (), **settings: object) -> Judgement:
    verdict = Verdict(
        sha256="0", policies=POLICIES, findings=list(findings), failures=list(failures)
    )
    return judge(verdict, PolicySettings(**settings), TODAY)  # type: ignore[arg-type]


def test_a_finding_denies_and_a_silent_policy_holds() -> None:
    found = judged(OPEN)
    assert found.denied == (OPEN,)
    assert found.held == ("no_unencrypted_store", "required_tags")
    assert found.denies


def test_a_policy_that_is_off_says_nothing() -> None:
    found = judged(OPEN, off=["no_public_database"])
    assert not found.denies
    assert "no_public_database" not in found.held


def test_a_policy_may_warn_only_also_where_it_fails_itself() -> None:
    failed = Failure(policy="required_tags", why="KeyError: 'tags'")
    found = judged(OPEN, failures=(failed,), warn=["no_public_database", "required_tags"])
    assert not found.denies
    assert [each.policy for each in found.warned] == ["no_public_database", "required_tags"]


def test_one_that_fails_itself_denies() -> None:
    failed = Failure(policy="required_tags", why="KeyError: 'tags'")
    assert judged(failures=(failed,)).denies


def test_an_exemption_covers_the_module_that_it_names_to_its_last_day() -> None:
    rule = exemption("no_public_database", "module.data")
    found = judged(OPEN, BARE, exempt=[rule])
    assert [each.rule for each in found.exempted] == [rule]
    assert found.denied == (BARE,)
    assert found.idle == ()


def test_an_exemption_whose_day_has_gone_is_told_and_counts_no_more() -> None:
    rule = exemption("no_public_database", until=date(2026, 11, 25))
    found = judged(OPEN, exempt=[rule])
    assert found.denied == (OPEN,)
    assert found.expired == (rule,)
    assert found.idle == ()


def test_an_exemption_that_nothing_needs_is_told() -> None:
    rule = exemption("no_public_database", "module.edge")
    found = judged(OPEN, exempt=[rule])
    assert found.denied == (OPEN,)
    assert found.idle == (rule,)
