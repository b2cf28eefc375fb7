"""The server as the proxy of Terraform's process: its own requests pass, nothing else does."""

import http.client

import pytest

from bookstore_ops.sandbox.health import MISSING, ask
from bookstore_ops.sandbox.lifecycle import Server


def through_the_proxy(server: Server, method: str, target: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.putrequest(method, target, skip_host=True)
    connection.putheader("Host", target)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("CONNECT", "sts.amazonaws.com:443"),
        ("GET", "http://sts.amazonaws.com/"),
        ("PUT", "http://169.254.169.254/latest/api/token"),
        ("GET", "http://evil127.0.0.1.example.com/"),
        ("GET", "http://evil-127.0.0.1/"),
    ],
)
def test_a_real_endpoint_is_refused(server: Server, method: str, target: str) -> None:
    assert through_the_proxy(server, method, target) == 403


def test_a_refused_endpoint_is_listed(server: Server) -> None:
    through_the_proxy(server, "CONNECT", "s3.amazonaws.com:443")
    missing = (ask(server.port, MISSING, timeout=5) or {})["missing"]
    assert "outside:s3.amazonaws.com:443" in [entry["operation"] for entry in missing]


def test_an_account_prefix_of_s3_control_comes_in(server: Server) -> None:
    target = (
        f"http://111111111111.127.0.0.1:{server.port}/v20180820/configuration/publicAccessBlock"
    )
    assert through_the_proxy(server, "GET", target) != 403
