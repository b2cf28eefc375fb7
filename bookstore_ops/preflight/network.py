"""Checks of the way to AWS."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed lacks it

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import Check, Group, Outcome, Scope, error, ok, unknown
from bookstore_ops.preflight.context import Context

_CONNECT_SECONDS = 4.0


def is_proxied(host: str, environ: Mapping[str, str], scheme: str = "https") -> bool:
    """Whether a request to ``host`` goes through a proxy."""
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    if not any(environ.get(name) for name in names):
        return False
    past = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return not proxy_bypass_environment(host, {"no": past})


def _endpoint(context: Context, service: str) -> str:
    """Where a service answers: the operator's own endpoint, else that of the client."""
    aws = context.cloud()
    if aws.access is not None and service in aws.access.clients:
        return str(aws.access.clients[service].meta.endpoint_url)
    named = context.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
    region = context.policy().region
    return (
        named
        or context.environ.get("AWS_ENDPOINT_URL")
        or f"https://{service}.{region}.amazonaws.com"
    )


def _reachable(context: Context, service: str) -> Outcome:
    url = urlsplit(_endpoint(context, service))
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    environ = context.environ
    if context.aws is not None and context.aws.access is not None:
        environ = context.aws.access.environ
    if is_proxied(host, environ, url.scheme):
        return unknown(f"{host} is behind a proxy", why="what a proxy lets through is not known")
    try:
        context.probes.connect(host, port, _CONNECT_SECONDS)
    except OSError as cause:
        return error(
            f"{host}:{port} does not answer",
            why=cause.strerror or str(cause),
            next_step=f"curl -sv {url.scheme}://{host}:{port}",
        )
    return ok(f"{host}:{port} answers")


CHECKS = (
    Check(
        "BS701",
        Group.NETWORK,
        "STS can be reached",
        "bsops asks STS who you are before Terraform starts. An endpoint of your own "
        "(`AWS_ENDPOINT_URL`) is the one that is tried. Behind a proxy it cannot be told.",
        "Look at the network, the VPN and the firewall, or set `HTTPS_PROXY`.",
        partial(_reachable, service="sts"),
        scope=Scope.AWS,
        exit_code=ExitCode.ENVIRONMENT,
    ),
    Check(
        "BS702",
        Group.NETWORK,
        "S3 can be reached",
        "The state lies in S3 once an environment is bootstrapped.",
        "Look at the network, the VPN and the firewall, or set `HTTPS_PROXY`.",
        partial(_reachable, service="s3"),
        scope=Scope.AWS,
        exit_code=ExitCode.ENVIRONMENT,
    ),
)
