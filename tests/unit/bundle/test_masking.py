"""What leaves the machine holds no secret, and stays what it was otherwise."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore_ops.bundle.masking import Masker
from bookstore_ops.tfvars.writing import literal

SECRET = "Hunter2-at-the-gate"
# AWS's own examples of keys, in pieces: scanners of repositories would take them for real ones.
ACCESS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI" + "/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'password = "{SECRET}"', id="HCL"),
        pytest.param(f"password: {SECRET}", id="YAML"),
        pytest.param(f"DB_PASSWORD={SECRET}", id="shell"),
        pytest.param(f"shop.password.value: {SECRET}", id="dotted"),
        pytest.param(f"'client_secret': '{SECRET}'", id="Python"),
        pytest.param(f'{{"db": {{"password": "{SECRET}"}}', id="broken JSON"),
        pytest.param(rf'message: "{{\"password\":\"{SECRET}\"}}', id="JSON in a string"),
        pytest.param(f'why="no; password={SECRET}"', id="within a value"),
        pytest.param(f'passwords = ["a1b2c3", "{SECRET}"]', id="list"),
        pytest.param(f'secrets = {{ a = {{ b = "x" }}, c = "{SECRET}" }}', id="group"),
        pytest.param(f'token = """\n{SECRET}\n"""', id="lines in TOML"),
        pytest.param(f"token = <<-EOT\n  {SECRET}\n  EOT\n", id="heredoc"),
        pytest.param(f"mysql --password {SECRET} -h db", id="option"),
        pytest.param(f"-var pin={SECRET} -lock=false", id="variable"),
        pytest.param(f"plan -var='pin=a {SECRET}' -lock=false", id="variable in quotes"),
        pytest.param(f"https://x.example.com/?token={SECRET}&a=1", id="query"),
        pytest.param(f"postgres://app:{SECRET}@db.example.com/x", id="address"),
        pytest.param(f"Authorization: Basic {SECRET} and more", id="header"),
        pytest.param(f"X-Amz-Security-Token: {SECRET}", id="AWS header"),
        pytest.param(f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n", id="key without an end"),
        pytest.param(f"{SECRET.replace('-', '')}\n-----END PRIVATE KEY-----", id="end of a key"),
    ],
)
def test_a_secret_is_known_by_its_name_or_its_place(text: str) -> None:
    masker = Masker()
    masked = masker.text(text)
    assert SECRET not in masked
    assert SECRET.replace("-", "") not in masked
    assert "(sensitive)" in masked
    assert masker.secrets >= 1


@pytest.mark.parametrize(
    "secret",
    [
        ACCESS_KEY,
        SECRET_KEY,
        "ghp_" + "a1B2" * 9,
        "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "c2lnbmF0dXJl",
        "IQoJb3JpZ2luX2VjE" + "a1B2c3D4" * 20 + "==",
    ],
)
def test_a_secret_is_known_by_its_form(secret: str) -> None:
    assert secret not in Masker().text(f"the answer was {secret}, so far")


@pytest.mark.parametrize(
    "text",
    [
        "No AWS credentials: log in first",
        "secrets = { recovery_days = 7 }",
        "arguments: plan dev --var pin=*** --json",
        "module.secret_rotation.data.aws_region.current: Reading...",
        "module.x.aws_secretsmanager_secret.db_password: Refreshing state... [id=x]",
        'secret_arn = "arn:aws:secretsmanager:eu-west-1:account-1:secret:db"',
        'password = ""',
        "password = null",
        "token_validity_minutes = 60",
        "commit 0123456789abcdef0123456789abcdef01234567",
        'zh = "zh:' + "0123456789abcdef" * 4 + '"',
        "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=",
        '[{"module.x.aws_s3_bucket.logs[\\"a\\"]": "Refreshing state... [id=logs]"}]',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Masker().text(text) == text


@pytest.mark.parametrize("secret", [SECRET, 'with "quotes" and \\', "two\nlines of it", "ä ö/ü?"])
def test_what_is_known_is_masked_wherever_it_stands(secret: str) -> None:
    masker = Masker()
    masker.learn({"deep": [secret]})
    masked = masker.text(f"a {secret} b {json.dumps(secret)} {literal(secret)}")
    assert masked == 'a (sensitive) b "(sensitive)" "(sensitive)"'


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    masker = Masker()
    masker.learn("gate")
    masker.learn("abc")
    assert masker.text("gate: the gateway, abc") == "(sensitive): the gateway, abc"


def test_what_a_text_calls_secret_is_known_elsewhere_too() -> None:
    masker = Masker()
    masker.learn_named(f'[default]\naws_secret_access_key = {SECRET}\ntokens = ["x1y2z3", 4]\n')
    assert masker.text(f"{SECRET}, x1y2z3") == "(sensitive), (sensitive)"


@given(st.text(min_size=4).filter(lambda text: text.strip() and not text.startswith("arn:")))
def test_any_value_of_a_secret_name_is_masked_in_an_event(secret: str) -> None:
    event = {"@message": "x", "values": {"api_token": secret, "list": [{"password": secret}]}}
    masked = json.loads(Masker().lines(json.dumps(event)))
    assert masked["values"] == {"api_token": "(sensitive)", "list": [{"password": "(sensitive)"}]}


@given(st.text(max_size=200))
def test_any_text_is_masked_without_a_fault(text: str) -> None:
    masker = Masker()
    masker.learn_named(text)
    masker.learn(text)
    assert len(masker.text(f"{text} {text}").splitlines()) >= 1


def test_an_output_that_is_sensitive_loses_its_value() -> None:
    line = json.dumps({"outputs": {"key": {"sensitive": True, "type": "string", "value": "x y"}}})
    assert json.loads(Masker().lines(line))["outputs"]["key"]["value"] == "(sensitive)"


def test_a_number_that_is_secret_is_masked_and_json_stays_json() -> None:
    masker = Masker()
    masker.learn(4711)
    assert masker.value({"pin": 4711, "port": 5432, "on": True}) == {
        "pin": "(sensitive)",
        "port": 5432,
        "on": True,
    }


def test_a_torn_line_is_masked_as_text() -> None:
    assert "hunter2" not in Masker().lines('{"a": 1}\n{"password": "hunter2')


def test_accounts_are_told_apart_without_their_numbers() -> None:
    text = "arn:aws:iam::111111111111:role/x, logs-222222222222, 111111111111 at 1764169682000"
    masked = "arn:aws:iam::account-1:role/x, logs-account-2, account-1 at 1764169682000"
    assert Masker().text(text) == masked
    assert Masker(account_ids=True).text(text) == text


def test_thousands_of_secrets_are_masked_in_a_moment() -> None:
    masker, secrets = Masker(), [f"some value {n}" for n in range(30_000)]
    began = time.monotonic()
    masker.learn(secrets)
    assert "some" not in masker.text("\n".join(secrets))
    assert masker.secrets == len(secrets)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "piece", ["password={", "AAAA\n", 'token="', "://a:b", "authorization:", '\\"', "aB1"]
)
def test_no_text_takes_more_than_its_time(piece: str) -> None:
    began = time.monotonic()
    Masker().text(piece * 20_000)
    assert time.monotonic() - began < 5
