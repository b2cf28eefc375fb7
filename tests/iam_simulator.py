"""An AWS that has IAM's policy simulator, which moto lacks: HTTP, so that real clients ask it.

It evaluates statements as IAM does in what the tests need: wildcards in actions and resources,
explicit denials first, conditions on one key, pages, throttling.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

ACCOUNT = "123456789012"
_PAGE = 30


@dataclass
class Statement:
    """Part of a policy; ``key`` and ``value`` are a condition that both must meet."""

    actions: str
    resource: str = "*"
    effect: str = "Allow"
    key: str = ""
    value: str = ""

    def covers(self, action: str, resource: str) -> bool:
        """Whether it speaks of that action on that resource."""
        named = any(fnmatchcase(action.lower(), a.lower()) for a in self.actions.split())
        return named and fnmatchcase(resource, self.resource)


class Fault(Exception):
    """An answer that is an error of AWS."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.message = message


@dataclass
class FakeIam:
    """Who asks, what it may do, and what there is. ``asked`` counts requests by operation."""

    arn: str = f"arn:aws:iam::{ACCOUNT}:user/ann"
    statements: list[Statement] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    devices: list[str] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    throttled: int = 0
    delay: float = 0.0
    root_mfa: bool = False
    beyond: str = ""
    combined: bool = False
    without_mfa: bool = False
    apart: set[str] = field(default_factory=set)
    says_which: bool = True
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def reset(self) -> "FakeIam":
        """As new, at the same address."""
        self.__dict__.update(FakeIam(url=self.url).__dict__)
        return self

    def count(self, operation: str) -> int:
        """How often it was asked that."""
        return sum(name == operation for name, _ in self.asked)

    def answer(self, given: dict[str, str]) -> str:
        """The result of an operation, as XML."""
        operation = given["Action"]
        self.asked.append((operation, given))
        if operation in self.denied:
            raise Fault("AccessDenied")
        if self.without_mfa and operation != "GetCallerIdentity":
            raise Fault("InvalidClientTokenId")
        if operation != "GetCallerIdentity":
            time.sleep(self.delay)
        handler: Callable[[dict[str, str]], str] = getattr(self, f"_{operation}")
        return handler(given)

    def _GetCallerIdentity(self, _: Mapping[str, str]) -> str:  # noqa: N802  (AWS's names)
        account = self.arn.split(":")[4]
        return f"<Arn>{self.arn}</Arn><UserId>AIDA</UserId><Account>{account}</Account>"

    def _GetRole(self, given: Mapping[str, str]) -> str:  # noqa: N802
        name = given["RoleName"]
        path = next((p for r, p in self.roles.items() if r == name), None)
        if path is None:
            raise Fault("NoSuchEntity")
        return f"<Role>{self._role(name, path)}</Role>"

    def _ListRoles(self, given: Mapping[str, str]) -> str:  # noqa: N802
        found = [(n, p) for n, p in self.roles.items() if p.startswith(given["PathPrefix"])]
        members = "".join(f"<member>{self._role(name, path)}</member>" for name, path in found)
        return f"<IsTruncated>false</IsTruncated><Roles>{members}</Roles>"

    def _role(self, name: str, path: str) -> str:
        arn = f"arn:aws:iam::{ACCOUNT}:role{path}{name}"
        return (
            f"<Path>{path}</Path><RoleName>{name}</RoleName><RoleId>A</RoleId><Arn>{arn}</Arn>"
            "<CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        )

    def _ListAccountAliases(self, _: Mapping[str, str]) -> str:  # noqa: N802
        return "<IsTruncated>false</IsTruncated><AccountAliases/>"

    def _ListMFADevices(self, _: Mapping[str, str]) -> str:  # noqa: N802
        members = "".join(
            f"<member><UserName>ann</UserName><SerialNumber>{serial}</SerialNumber>"
            "<EnableDate>2026-01-01T00:00:00Z</EnableDate></member>"
            for serial in self.devices
        )
        return f"<IsTruncated>false</IsTruncated><MFADevices>{members}</MFADevices>"

    def _GetAccountSummary(self, _: Mapping[str, str]) -> str:  # noqa: N802
        return (
            "<SummaryMap><entry><key>AccountMFAEnabled</key>"
            f"<value>{int(self.root_mfa)}</value></entry></SummaryMap>"
        )

    def _DescribeRegions(self, _: Mapping[str, str]) -> str:  # noqa: N802
        return (
            "<regionInfo><item><regionName>eu-west-1</regionName>"
            "<optInStatus>opt-in-not-required</optInStatus></item></regionInfo>"
        )

    def _SimulatePrincipalPolicy(self, given: Mapping[str, str]) -> str:  # noqa: N802
        if self.throttled > 0:
            self.throttled -= 1
            raise Fault("Throttling")
        actions = _members(given, "ActionNames")
        others = [action for action in actions if action in self.apart]
        if others and len(others) < len(actions):
            # As IAM says it, and documents nowhere.
            rest = [action for action in actions if action not in self.apart]
            which = f"[{','.join(rest)}] and [{','.join(others)}]" if self.says_which else "They"
            raise Fault("InvalidInput", f"{which} require different authorization information.")
        resources = _members(given, "ResourceArns") or ["*"]
        keys = _members(given, "ContextEntries", ".ContextKeyName")
        values = _members(given, "ContextEntries", ".ContextKeyValues.member.1")
        context = dict(zip(keys, values, strict=True))
        if self.combined:
            members = "".join(self._combined(action, resources, context) for action in actions)
            return (
                f"<IsTruncated>false</IsTruncated><EvaluationResults>{members}</EvaluationResults>"
            )
        pairs = [(action, resource) for action in actions for resource in resources]
        start = int(given.get("Marker", 0))
        results = "".join(self._result(*pair, context) for pair in pairs[start : start + _PAGE])
        more = start + _PAGE < len(pairs)
        marker = f"<Marker>{start + _PAGE}</Marker>" if more else ""
        return (
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{marker}"
            f"<EvaluationResults>{results}</EvaluationResults>"
        )

    def _result(self, action: str, resource: str, context: Mapping[str, str]) -> str:
        decision, missing = self._judge(action, resource, context)
        keys = "".join(f"<member>{key}</member>" for key in sorted(missing))
        top = keys if resource == "*" else ""
        specific = (
            ""
            if resource == "*"
            else f"<ResourceSpecificResults><member><EvalResourceName>{escape(resource)}"
            f"</EvalResourceName><EvalResourceDecision>{decision}</EvalResourceDecision>"
            f"<MissingContextValues>{keys}</MissingContextValues></member></ResourceSpecificResults>"
        )
        beyond = ""
        if decision != "allowed" and self.beyond == "organization":
            beyond = (
                "<OrganizationsDecisionDetail><AllowedByOrganizations>false"
                "</AllowedByOrganizations></OrganizationsDecisionDetail>"
            )
        if decision != "allowed" and self.beyond == "boundary":
            beyond = (
                "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false"
                "</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>"
            )
        return (
            f"<member><EvalActionName>{action}</EvalActionName>"
            f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
            f"<EvalDecision>{decision}</EvalDecision>"
            f"<MissingContextValues>{top}</MissingContextValues>{specific}{beyond}</member>"
        )

    def _combined(self, action: str, resources: Sequence[str], context: Mapping[str, str]) -> str:
        """One result for all resources: denied where one of them is."""
        each = ""
        decisions = []
        for resource in resources:
            decision, _ = self._judge(action, resource, context)
            decisions.append(decision)
            each += (
                f"<member><EvalResourceName>{escape(resource)}</EvalResourceName>"
                f"<EvalResourceDecision>{decision}</EvalResourceDecision></member>"
            )
        whole = next((d for d in decisions if d != "allowed"), "allowed")
        return (
            f"<member><EvalActionName>{action}</EvalActionName><EvalDecision>{whole}"
            f"</EvalDecision><ResourceSpecificResults>{each}</ResourceSpecificResults></member>"
        )

    def _judge(
        self, action: str, resource: str, context: Mapping[str, str]
    ) -> tuple[str, set[str]]:
        missing: set[str] = set()
        effects = set()
        for statement in self.statements:
            if not statement.covers(action, resource):
                continue
            if statement.key and statement.key not in context:
                missing.add(statement.key)
            elif not statement.key or context[statement.key] == statement.value:
                effects.add(statement.effect)
        if "Deny" in effects:
            return "explicitDeny", missing
        return ("allowed" if "Allow" in effects else "implicitDeny"), missing


def _members(given: Mapping[str, str], name: str, after: str = "") -> list[str]:
    found: list[str] = []
    while (value := given.get(f"{name}.member.{len(found) + 1}{after}")) is not None:
        found.append(value)
    return found


@contextmanager
def serve(iam: FakeIam) -> Iterator[FakeIam]:
    """The server, until the end of the block; its address is the fake's ``url``."""
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        """Answers the query protocol of IAM, STS and EC2."""

        def do_POST(self) -> None:
            """Answer one request."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {key: values[0] for key, values in parse_qs(body).items()}
            operation = given.get("Action", "")
            try:
                if operation == "SimulatePrincipalPolicy" and iam.throttled:
                    with lock:
                        result = iam.answer(given)
                else:
                    result = iam.answer(given)
            except (Fault, AttributeError) as fault:
                code = str(fault) if isinstance(fault, Fault) else "InvalidAction"
                said = getattr(fault, "message", "") or f"{code} of {operation}"
                status = 400 if code in {"Throttling", "InvalidInput"} else 403
                self._send(
                    status,
                    f"<ErrorResponse><Error><Code>{code}</Code><Message>{said}"
                    "</Message></Error></ErrorResponse>",
                )
                return
            flat = operation == "DescribeRegions"
            inner = result if flat else f"<{operation}Result>{result}</{operation}Result>"
            self._send(200, f"<{operation}Response>{inner}</{operation}Response>")

        def _send(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    iam.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield iam
    finally:
        server.shutdown()
        server.server_close()
