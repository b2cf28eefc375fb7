"""Taking secrets out of text: by their name, by their form, and those that are known.

More is masked than has to be: a value too many that is hidden costs a question, one too few a
rotation.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from bookstore_ops.terraform.masking import MASK, UNKNOWN, is_secret_name, mask
from bookstore_ops.tfvars.secrets import FORMS

# A name and the sign after it, in HCL, TOML, INI, JSON, JSON within JSON, YAML, headers.
_SIGN = re.compile(
    r"""(?<![\w.\-])(?P<name>[\w.\-]++)\\?["']?[ \t]{0,8}(?P<sign>=>|[:=])[ \t]{0,8}(?=\S)"""
)
_VALUE = re.compile(
    r'''(?P<open>"""|\'\'\')(?P<block>.*?)(?:(?P=open)|\Z)'''
    r"""|<<[-~]?(?P<end>\w+)\n(?P<here>.*?)(?:\n[ \t]*(?P=end)\b|\Z)"""
    r"""|\\"(?P<escaped>(?:(?!\\").)*)(?:\\"|\Z)"""
    r"""|"(?P<double>(?:[^"\\\n]|\\.)*+)"?"""
    r"""|'(?P<single>[^'\n]*+)'?"""
    r"""|\[(?P<list>[^\]]*+)\]?"""
    r"""|(?P<bare>[^\s"'\\]++)""",
    re.S,
)
_QUOTED = re.compile(r'"(?P<double>(?:[^"\\]|\\.)*+)"')
_BRACE = re.compile(r"[{}]")
# "No credentials: log in first" is a sentence.
_PROSE = frozenset({"credential", "credentials", "secrets", "tokens", "passwords"})
# module.secrets.aws_kms_key.token: Creating...
_ADDRESS = re.compile(r"(?:^|\.)(?:aws|null|random|terraform|time|tls)_\w+\.[\w-]+$")
_FLAG = re.compile(r"(?<!\S)(?P<name>--?[\w\-]++)[ \t]+(?P<value>[^\s\-]\S*)")
# The value of a variable is for no other eyes, whatever its name.
_VARIABLE = re.compile(
    r"""(?<!\S)(--?(?:var|set)(?:[ \t]+|=))(?:(["'])([\w.\-]+)=.*?(?:\2|$)"""
    r"""|([\w.\-]+)=(?!\*\*\*|\(sensitive\))\S*)"""
)
_HARMLESS = frozenset({"", "***", "true", "false", "null", "none", "None", MASK, UNKNOWN})

_HEADER = re.compile(
    r"""(?i)(\b(?:proxy-)?authorization|\b(?:set-)?cookie)(\\?["']?[ \t]*[:=][ \t]*\\?["']?)"""
    r"""(?!\(sensitive\))[^"'\r\n\\]+"""
)
_SIGNATURE = re.compile(r"(?i)(\bsignature[ \t]*[:=][ \t]*)[0-9a-f]{16,}")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    # The end of one, where a log was cut.
    r"|\A(?:[A-Za-z0-9+/=]{1,80}\n)*+-----END [A-Z ]*PRIVATE KEY-----",
    re.S,
)
_MORE_FORMS = (
    re.compile(r"\beyJ[\w\-]{8,}\.[\w\-]{8,}\.[\w\-]*"),  # a JSON web token
    re.compile(r"(?i)(?<=\bbearer )[\w.~+/=\-]{16,}|(?<=\bbasic )[\w.~+/=\-]{16,}"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html: a secret access key
    # is 40 letters, digits and signs with nothing else to tell it by; a digest is hexadecimal.
    re.compile(
        r"(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*\d)"
        r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
    ),
    # A session token of AWS, and what else is as long.
    re.compile(r"(?<![A-Za-z0-9/+=])(?=[0-9a-f]*[A-Zg-z/+])[A-Za-z0-9/+]{100,}={0,2}"),
)
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z.])\d{12}(?![0-9A-Za-z])")

# Shorter ones stand in other words by chance.
_SHORTEST = 4
_BY_ITSELF = 8


class Masker:
    """Masks everything that goes through it; ``secrets`` counts what it has replaced.

    ``account_ids``: account numbers stay. Else each becomes ``account-1``, ``account-2``, …, so
    that one can still tell whether two are the same.
    """

    def __init__(self, *, account_ids: bool = False) -> None:
        self.secrets = 0
        self.accounts: dict[str, str] = {}
        self._account_ids = account_ids
        # By their first letters, with the lengths there are: a file of values may hold thousands.
        self._known: dict[str, set[str]] = {}
        self._lengths: dict[str, set[int]] = {}

    def learn(self, value: Any) -> None:
        """Mask this value, and all that is in it, wherever it stands from now on."""
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                self.learn(each)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            text = str(value)
            lines = [line.strip() for line in text.splitlines()] if "\n" in text else []
            for each in (text, *(line for line in lines if len(line) >= _BY_ITSELF)):
                self._learn_text(each)

    def learn_named(self, text: str) -> None:
        """Learn what stands in a text under the name of a secret."""
        for _, value in _named(text):
            for word in _words(value):
                self.learn(word)

    def _learn_text(self, text: str) -> None:
        if len(text) < _SHORTEST or text in _HARMLESS or text.startswith("arn:"):
            return
        for form in {text, json.dumps(text)[1:-1], quote(text, safe="")}:
            self._known.setdefault(form[:_SHORTEST], set()).add(form)
            self._lengths.setdefault(form[:_SHORTEST], set()).add(len(form))

    def text(self, text: str) -> str:
        """A text without secrets."""
        text = self._without_known(text)
        text = self._sub(_HEADER, rf"\1\2{MASK}", text)
        text = self._without_named(text)
        text = _FLAG.sub(self._flag, text)
        text = _VARIABLE.sub(self._variable, text)
        text = self._sub(_SIGNATURE, rf"\1{MASK}", text)
        text = self._sub(_PRIVATE_KEY, MASK, text)
        for form, _ in FORMS:
            text = form.sub(self._form, text)
        for form in _MORE_FORMS:
            text = self._sub(form, MASK, text)
        return text if self._account_ids else _ACCOUNT.sub(self._account, text)

    def value(self, value: Any) -> Any:
        """A value of JSON without secrets."""
        return self._inside(mask(value, sensitive=False))

    def lines(self, text: str) -> str:
        """Lines of JSON, or of text, without secrets."""
        return "".join(f"{self._line(line)}\n" for line in text.splitlines())

    def _line(self, line: str) -> str:
        try:
            value = json.loads(line)
            masked = self.value(value)
        except (ValueError, RecursionError):
            return self.text(line)
        return (
            json.dumps(masked, ensure_ascii=False) if isinstance(value, dict) else self.text(line)
        )

    def _inside(self, value: Any) -> Any:
        if isinstance(value, dict):
            # Terraform's outputs, where an older one did not leave the value out.
            hidden = value.get("sensitive") is True and value.get("value") is not None
            return {
                self.text(str(key)): MASK if hidden and key == "value" else self._inside(each)
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._inside(each) for each in value]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = str(value)
            return MASK if text in self._known.get(text[:_SHORTEST], ()) else value
        return value

    def _sub(self, form: re.Pattern[str], by: str, text: str) -> str:
        text, count = form.subn(by, text)
        self.secrets += count
        return text

    def _form(self, found: re.Match[str]) -> str:
        self.secrets += 1
        # An address with a password in it stays one.
        return f"://{MASK}@" if found[0].startswith("://") else MASK

    def _flag(self, found: re.Match[str]) -> str:
        if not is_secret_name(found["name"]) or found["value"] in _HARMLESS:
            return found[0]
        self.secrets += 1
        return found[0].removesuffix(found["value"]) + MASK

    def _variable(self, found: re.Match[str]) -> str:
        self.secrets += 1
        quote_ = found[2] or ""
        return f"{found[1]}{quote_}{found[3] or found[4]}={MASK}{quote_}"

    def _account(self, found: re.Match[str]) -> str:
        return self.accounts.setdefault(found[0], f"account-{len(self.accounts) + 1}")

    def _without_named(self, text: str) -> str:
        pieces, done = [], 0
        for position, value in _named(text):
            if position < done:
                continue
            self.secrets += 1
            pieces += [text[done:position], _masked_as(value)]
            done = value.end()
        return "".join([*pieces, text[done:]])

    def _without_known(self, text: str) -> str:
        if not self._known:
            return text
        pieces, done, position = [], 0, 0
        lengths = self._lengths
        while position < len(text):
            start = text[position : position + _SHORTEST]
            length = self._known_at(text, position) if start in lengths else 0
            if length:
                self.secrets += 1
                pieces += [text[done:position], MASK]
                done = position + length
            position += length or 1
        return "".join([*pieces, text[done:]])

    def _known_at(self, text: str, position: int) -> int:
        """How long the secret is that stands there; 0 for none."""
        start = text[position : position + _SHORTEST]
        for length in sorted(self._lengths[start], reverse=True):
            end = position + length
            if text[position:end] in self._known[start] and (
                length >= _BY_ITSELF or not _is_within_word(text, position, end)
            ):
                return length
        return 0


def _is_within_word(text: str, begin: int, end: int) -> bool:
    around = text[max(begin - 1, 0) : begin], text[end : end + 1]
    return any(sign.isalnum() or sign == "_" for sign in around)


def _named(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """What stands in ``text`` under the name of a secret, with its place."""
    taken = 0
    for sign in _SIGN.finditer(text):
        begin = sign.end()
        if begin <= taken or not is_secret_name(sign["name"]):
            continue
        if _is_in_arn(sign) or _is_address(sign):
            continue
        if text[begin] == "{":
            # A group may hold more than secrets: its texts are taken.
            taken = _closed(text, begin)
            inside = _QUOTED.finditer(text, begin, taken)
            yield from ((value.start(), value) for value in inside)
            continue
        value = _VALUE.match(text, begin)
        if value and not _is_harmless(_inner(value)) and not _is_prose(sign, value):
            yield begin, value


def _is_in_arn(sign: re.Match[str]) -> bool:
    # arn:aws:secretsmanager:eu-west-1:111111111111:secret:database
    return sign["sign"] == ":" and sign.string[sign.start() - 1 : sign.start()] == ":"


def _is_address(sign: re.Match[str]) -> bool:
    return sign["sign"] == ":" and bool(_ADDRESS.search(sign["name"]))


def _closed(text: str, begin: int) -> int:
    depth = 0
    for brace in _BRACE.finditer(text, begin):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.end()
    return len(text)


def _is_prose(sign: re.Match[str], value: re.Match[str]) -> bool:
    bare = value.lastgroup == "bare" and sign["sign"] == ":"
    return bare and sign["name"].lower() in _PROSE


def _inner(value: re.Match[str]) -> str:
    return str(value[str(value.lastgroup)])


def _is_harmless(inner: str) -> bool:
    # An ARN under a name like "secrets" points to a secret and is none.
    return inner.strip() in _HARMLESS or inner.startswith(("arn:", MASK))


def _masked_as(value: re.Match[str]) -> str:
    """The mask as the value was written, so that the text stays what it was."""
    match value.lastgroup:
        case "escaped":
            return f'\\"{MASK}\\"'
        case "bare":
            return MASK
        case "list":
            return f'["{MASK}"]'
        case _:
            return f'"{MASK}"'


def _words(value: re.Match[str]) -> list[str]:
    inner = _inner(value)
    if value.lastgroup == "list":
        return [each["double"] for each in _QUOTED.finditer(inner)]
    return [inner]
