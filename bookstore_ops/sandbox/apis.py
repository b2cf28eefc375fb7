"""Where the APIs of the sandbox answer: their own names lead to AWS."""

_APIS = "/_bsops/apis/"


def api_url(endpoint: str, rest_api_id: str) -> str:
    """The address of an API in the sandbox whose AWS is at ``endpoint``."""
    return f"{endpoint.rstrip('/')}{_APIS}{rest_api_id}"


def rest_api_asked(path: str) -> tuple[str, str] | None:
    """The API that a path of the sandbox leads to, and the path there."""
    if not path.startswith(_APIS):
        return None
    rest_api_id, slash, rest = path.removeprefix(_APIS).partition("/")
    return rest_api_id, slash + rest
