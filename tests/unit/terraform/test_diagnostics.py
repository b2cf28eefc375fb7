"""From what the real Terraform said to the error and the next command an operator gets."""

from pathlib import Path

import msgspec
import pytest

from bookstore_ops.errors import BsopsError
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.terraform.diagnostics import explain, text
from bookstore_ops.terraform.events import (
    Diagnostic,
    ExpressionValue,
    Position,
    Range,
    Snippet,
)

RECORDED = msgspec.json.decode(
    (Path(__file__).parent / "data" / "diagnostics.json").read_bytes(),
    type=dict[str, list[Diagnostic]],
)


def explained(*errors: Diagnostic, strays: tuple[str, ...] = ()) -> BsopsError:
    return explain(errors, environment="dev", values="dev/terraform.tfvars", strays=strays)


def said(summary: str, detail: str = "") -> BsopsError:
    return explained(Diagnostic("error", summary, detail))


@pytest.mark.parametrize(
    ("name", "code", "what", "next_step"),
    [
        ("locked", ExitCode.LOCKED, "the state of dev is locked", "bsops lock dev"),
        (
            "corrupt-state",
            ExitCode.FAILED,
            "the state of dev is damaged",
            "bsops state versions dev",
        ),
        ("stale", ExitCode.REFUSED, "the saved plan no longer fits", "bsops plan dev"),
        ("no-credentials", ExitCode.CREDENTIALS, "AWS did not accept", "aws sso login"),
        ("s3-no-bucket-creds", ExitCode.CREDENTIALS, "AWS did not accept", "aws sso login"),
        ("corrupt-record", ExitCode.ENVIRONMENT, "is damaged", "bsops init dev --reconfigure"),
        ("manifest", ExitCode.ENVIRONMENT, "is damaged", "bsops init dev --reconfigure"),
        ("no-module", ExitCode.ENVIRONMENT, "out of date", "bsops init dev --reconfigure"),
        ("no-init-backend", ExitCode.ENVIRONMENT, "out of date", "bsops init dev --reconfigure"),
        ("backend-changed", ExitCode.ENVIRONMENT, "out of date", "bsops init dev --reconfigure"),
        (
            "backend-changed-init",
            ExitCode.ENVIRONMENT,
            "out of date",
            "bsops init dev --reconfigure",
        ),
        ("provider-gone", ExitCode.ENVIRONMENT, "is damaged", "bsops init dev --reconfigure"),
        ("provider-broken", ExitCode.ENVIRONMENT, "is damaged", "bsops init dev --reconfigure"),
        ("no-registry", ExitCode.ENVIRONMENT, "cannot be fetched", "BSOPS_PROVIDER_MIRROR"),
        ("lock-mismatch", ExitCode.CONFIGURATION, "lock file", "bsops init dev --upgrade"),
        ("lock-mismatch-init", ExitCode.CONFIGURATION, "lock file", "bsops init dev --upgrade"),
        ("lock-checksum-init", ExitCode.CONFIGURATION, "lock file", "bsops init dev --upgrade"),
        ("floor", ExitCode.ENVIRONMENT, "does not fit the tree", "--terraform-bin"),
        ("var-missing", ExitCode.CONFIGURATION, "the values of dev", "edit dev/terraform.tfvars"),
        ("var-rule", ExitCode.CONFIGURATION, "the values of dev", "edit dev/terraform.tfvars"),
        ("var-type", ExitCode.CONFIGURATION, "the values of dev", "edit dev/terraform.tfvars"),
        ("var-undeclared-flag", ExitCode.CONFIGURATION, "the values of dev", "edit dev/terraform"),
        ("syntax", ExitCode.CONFIGURATION, "the configuration of dev", "bsops validate dev"),
        (
            "unsupported-arg",
            ExitCode.CONFIGURATION,
            "the configuration of dev",
            "bsops validate dev",
        ),
        (
            "undeclared-ref",
            ExitCode.CONFIGURATION,
            "the configuration of dev",
            "bsops validate dev",
        ),
        ("account", ExitCode.FAILED, "the connection to AWS was lost", "bsops plan dev"),
    ],
)
def test_recorded_failures(name: str, code: ExitCode, what: str, next_step: str) -> None:
    error = explained(*RECORDED[name])
    assert error.exit_code == code
    assert what in error.what
    assert next_step in str(error.next_step)
    assert RECORDED[name][0].summary in str(error.why)


@pytest.mark.parametrize(
    ("summary", "detail", "code"),
    [
        ("Error", "write /x: no space left on device", ExitCode.ENVIRONMENT),
        ("Error", "open /x: read-only file system", ExitCode.ENVIRONMENT),
        ("Error", "ExpiredToken: The security token included is expired", ExitCode.CREDENTIALS),
        ("Error", "StatusCode: 403, InvalidClientTokenId", ExitCode.CREDENTIALS),
        ("AWS account ID not allowed: 222222222222", "", ExitCode.CREDENTIALS),
        ("Error", "api error SandboxNotImplemented: no such operation", ExitCode.FAILED),
        ("Error", "dial tcp 127.0.0.1:1: connect: connection refused", ExitCode.FAILED),
        ("creating EC2 VPC: unexpected EOF", "", ExitCode.FAILED),
        (
            "Error acquiring the state lock",
            "Error message: operation error S3: PutObject, StatusCode: 412, PreconditionFailed",
            ExitCode.LOCKED,
        ),
        (
            "Error acquiring the state lock",
            "Error message: operation error DynamoDB: PutItem, ConditionalCheckFailedException",
            ExitCode.LOCKED,
        ),
        (
            "Error acquiring the state lock",
            "Error message: operation error DynamoDB: PutItem, ExpiredToken: expired",
            ExitCode.CREDENTIALS,
        ),
        (
            "Error acquiring the state lock",
            "Error message: operation error DynamoDB: PutItem, AccessDeniedException: no",
            ExitCode.FAILED,
        ),
        (
            "Error refreshing state",
            "state data in S3 does not have the expected content.",
            ExitCode.FAILED,
        ),
        ("creating SQS Queue (orders): QueueAlreadyExists", "", ExitCode.FAILED),
    ],
)
def test_further_failures(summary: str, detail: str, code: ExitCode) -> None:
    error = said(summary, detail)
    assert error.exit_code == code
    assert error.next_step


def test_an_error_in_a_file_of_values_is_one_of_the_values() -> None:
    place = Range("terraform.tfvars", Position(3, 1))
    error = explained(Diagnostic("error", "Invalid expression", range=place))
    assert error.what == "the values of dev are not valid"


def test_an_unknown_failure_quotes_every_error() -> None:
    errors = [Diagnostic("error", f"creating Queue {n}", "it exists") for n in (1, 2)]
    error = explain(errors, environment="dev", values="v", doing="the apply to dev failed")
    assert error.what == "the apply to dev failed (2 errors)"
    assert error.why == "creating Queue 1\n  it exists\ncreating Queue 2\n  it exists"
    assert error.next_step == "mend the cause above, then: bsops plan dev"


def test_after_a_destroy_that_failed_nobody_is_sent_to_make_everything_anew() -> None:
    errors = [Diagnostic("error", "deleting Table", "it is protected")]
    error = explain(errors, environment="dev", values="v", sandbox=True, destroying=True)
    assert error.next_step == "mend the cause above, then: bsops plan dev --sandbox --destroy"


def test_a_death_without_a_diagnostic_quotes_its_last_words() -> None:
    error = explained(strays=tuple(f"line {n}" for n in range(20)))
    assert error.what == "Terraform failed (0 errors)"
    assert error.why == "\n".join(f"line {n}" for n in range(12, 20))


def test_the_cause_is_looked_for_in_all_of_its_words() -> None:
    strays = ("write /tmp/x: no space left on device", *["goroutine"] * 20)
    assert explained(strays=strays).what == "the disk is full"


def test_a_silent_death_says_so() -> None:
    assert explained().why == "it ended without saying why"


def test_a_diagnostic_is_told_with_place_code_and_values() -> None:
    diagnostic = Diagnostic(
        "error",
        "Invalid value for variable",
        "n must be above 1.\n\nThis was checked.\n",
        "module.a.aws_x.y",
        Range("main.tf", Position(3, 5)),
        Snippet(
            "  validation {\n    condition = var.n > 1", None, [ExpressionValue("var.n", "is 1")]
        ),
    )
    assert text(diagnostic).splitlines() == [
        "Invalid value for variable",
        "  with module.a.aws_x.y",
        "  at main.tf:3",
        "      validation {",
        "        condition = var.n > 1",
        "    var.n is 1",
        "  n must be above 1.",
        "  ",
        "  This was checked.",
    ]


def test_a_diagnostic_may_be_its_summary_alone() -> None:
    assert text(Diagnostic("error", "it failed", snippet=Snippet())) == "it failed"


@pytest.mark.parametrize(
    ("detail", "runbook"),
    [
        ("Error acquiring the state lock\nLock Info:", "state-locked"),
        ("state data in S3 does not have the expected content", "state-trouble"),
        ("Unsupported state file format", "state-trouble"),
        ("Failed to persist state to backend", "interrupted-or-failed-apply"),
        ("Saved plan is stale", "plan-refused"),
        ("ExpiredToken: it has expired", "plan-refused"),
        ("SandboxFault: out of order", "sandbox-trouble"),
        ("VpcLimitExceeded: The maximum number of VPCs has been reached.", "quota-reached"),
        ("ServiceQuotaExceededException: too many", "quota-reached"),
        ("no space left on device", None),
        ("something else", None),
    ],
)
def test_a_failure_leads_to_its_runbook(detail: str, runbook: str | None) -> None:
    assert said("It failed", detail).runbook == runbook
