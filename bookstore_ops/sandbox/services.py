"""Operations that moto lacks, for services it knows and for those it does not.

An extension names a service, the collections it holds and one function per operation::

    schemas = Service("schemas")
    registries = schemas.collection("Registry", missing="NotFoundException")

    @schemas.adds("DescribeRegistry")
    def describe_registry(call: Call) -> Answer:
        return registries.find(call, call.given["RegistryName"])

Requests are read and answers written by the service's own model, whatever its protocol is.
"""

import io
import threading
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import OperationNotFoundError
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import NotFound, get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.iam import models as iam
from moto.moto_server.werkzeug_app import BackendRequest
from werkzeug.wrappers import Response

from bookstore_ops.sandbox.extensions import ExtensionMisfitError


class ApiError(ServiceException):  # type: ignore[misc]
    """``ApiError(code, message)``: the service refuses, with one of its model's errors."""


@dataclass(frozen=True)
class Call:
    """One request: who asks, where, and ``given``, its parameters by the names of the model."""

    service: str
    account: str
    region: str
    given: dict[str, Any]

    def arn(self, resource: str) -> str:
        """The ARN of something of this service, account and region."""
        return f"arn:aws:{self.service}:{self.region}:{self.account}:{resource}"


Answer = Mapping[str, Any]
Handler = Callable[[Call], Answer]


class Collection:
    """What a service holds of one kind, by account, region and key."""

    def __init__(
        self, model: str, *, regional: bool, counted: bool, missing: str, exists: str
    ) -> None:
        self.model = model
        self._regional = regional
        self._counted = counted
        self._missing = missing
        self._exists = exists
        self._held: dict[tuple[str, str], dict[str, Any]] = {}

    def of(self, call: Call) -> dict[str, Any]:
        """All that the caller's account holds in the region."""
        region = call.region if self._regional else ""
        return self._held.setdefault((call.account, region), {})

    def find(self, call: Call, key: str) -> Any:
        """One of them.

        Raises:
            ApiError: there is none.
        """
        if key not in self.of(call):
            raise ApiError(self._missing, f"{self.model} {key} does not exist.")
        return self.of(call)[key]

    def add(self, call: Call, key: str, value: Any) -> Any:
        """Keep a new one, and give it back.

        Raises:
            ApiError: there is one already.
        """
        if key in self.of(call):
            raise ApiError(self._exists, f"{self.model} {key} already exists.")
        self.of(call)[key] = value
        return value

    def remove(self, call: Call, key: str) -> Any:
        """Give one back for the last time.

        Raises:
            ApiError: there is none.
        """
        found = self.find(call, key)
        del self.of(call)[key]
        return found

    def counts(self) -> Iterator[tuple[str, int]]:
        """Account and number, for the inventory."""
        for (account, _), held in list(self._held.items()):
            if self._counted:
                yield account, len(held)


class Service:
    """An AWS service as botocore names it, beside moto's class of responses if moto knows it."""

    def __init__(
        self, name: str, moto: type | None = None, *, signed_as: str = "", regional: bool = True
    ) -> None:
        self.name = name
        self.collections: list[Collection] = []
        self._moto = moto
        self._regional = regional
        self._handlers: dict[str, Handler] = {}
        self._lock = threading.Lock()
        _services.setdefault(signed_as or name, []).append(self)

    def collection(
        self,
        model: str,
        *,
        counted: bool = True,
        missing: str = "ResourceNotFoundException",
        exists: str = "ConflictException",
    ) -> Collection:
        """A new collection; ``missing`` and ``exists`` are the codes of its errors.

        What goes with something else, such as tags, is not counted as left over.
        """
        made = Collection(
            model, regional=self._regional, counted=counted, missing=missing, exists=exists
        )
        self.collections.append(made)
        return made

    def adds(self, operation: str) -> Callable[[Handler], Handler]:
        """Register the function of an operation that moto lacks."""
        return self._register(operation, expected=False)

    def replaces(self, operation: str) -> Callable[[Handler], Handler]:
        """Register a function in place of moto's."""
        return self._register(operation, expected=True)

    def _register(self, operation: str, *, expected: bool) -> Callable[[Handler], Handler]:
        if hasattr(self._moto, camelcase_to_underscores(operation)) != expected:
            state = "lacks" if expected else "has"
            raise ExtensionMisfitError(
                f"this moto {state} {self.name}:{operation}: mend the extension"
            )

        def decorate(handler: Handler) -> Handler:
            self._handlers[operation] = handler
            return handler

        return decorate

    def answer(self, request: Request, account: str, region: str) -> Response | None:
        """The answer to a request, or None if its operation is not one of these."""
        model = get_service_model(self.name)
        try:
            operation, url_parameters = get_service_router(self.name).match(request)
        except (NotFound, NotImplementedError, OperationNotFoundError):  # raised by moto
            return None
        handler = self._handlers.get(operation.name)
        if handler is None:
            return None
        protocol = determine_request_protocol(model, request.content_type)
        given = PROTOCOL_PARSERS[protocol](operation).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": url_parameters,
            }
        )
        try:
            with self._lock:
                result: Any = handler(Call(self.name, account, region, given))
        except ServiceException as error:
            result = error
        written = get_serializer_class(self.name, protocol)(operation).serialize(result)
        return Response(written["body"], status=written["status_code"], headers=written["headers"])


class Tags:
    """The tags of a service's resources by ARN, with the operations that read and write them.

    ``resource``, ``tags`` and ``keys`` are the names of the operations' parameters; ``listed``
    says that tags are a list of Key and Value rather than a map.
    """

    def __init__(
        self,
        service: Service,
        *,
        listed: bool,
        resource: str = "ResourceArn",
        tags: str = "Tags",
        keys: str = "TagKeys",
        missing: str = "ResourceNotFoundException",
        replaced: Container[str] = (),
    ) -> None:
        self._held = service.collection("Tags", counted=False, missing=missing)
        self._listed = listed
        self._resource = resource
        self._tags = tags
        self._keys = keys
        for operation, handler in (
            ("ListTagsForResource", self._list),
            ("TagResource", self._tag),
            ("UntagResource", self._untag),
        ):
            register = service.replaces if operation in replaced else service.adds
            register(operation)(handler)

    def put(self, call: Call, arn: str) -> None:
        """Keep the tags that something is made with."""
        self._held.of(call)[arn] = self._given(call)

    def of(self, call: Call, arn: str) -> dict[str, str]:
        """The tags of a resource."""
        tags: dict[str, str] = self._held.of(call).get(arn, {})
        return tags

    def drop(self, call: Call, arn: str) -> None:
        """Forget the tags of what is deleted."""
        self._held.of(call).pop(arn, None)

    def _given(self, call: Call) -> dict[str, str]:
        given = call.given.get(self._tags) or {}
        return {tag["Key"]: tag["Value"] for tag in given} if self._listed else dict(given)

    def _list(self, call: Call) -> Answer:
        tags = self._held.find(call, call.given[self._resource])
        if not self._listed:
            return {self._tags: tags}
        return {self._tags: [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _tag(self, call: Call) -> Answer:
        self._held.find(call, call.given[self._resource]).update(self._given(call))
        return {}

    def _untag(self, call: Call) -> Answer:
        tags = self._held.find(call, call.given[self._resource])
        for key in call.given[self._keys]:
            tags.pop(key, None)
        return {}


_services: dict[str, list[Service]] = {}


def answer(environ: dict[str, Any]) -> Response | None:
    """The answer of an extension's service, or None where the request is moto's."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split(",")[0]
    if scope.count("/") != 4:
        return None
    key, _, region, signed_for, _ = scope.split("/")
    if signed_for not in _services:
        return None
    request = BackendRequest(environ)
    # moto may have to read it again.
    environ["wsgi.input"] = io.BytesIO(request.get_data(cache=True))
    account = iam.get_account_id_from(key)
    answers = (service.answer(request, account, region) for service in _services[signed_for])
    return next((found for found in answers if found is not None), None)


def counts() -> Iterator[tuple[str, Counter[str]]]:
    """Account and ``service.Model`` -> how many, of all that extensions hold."""
    for services in list(_services.values()):
        for service in services:
            for collection in service.collections:
                for account, number in collection.counts():
                    yield account, Counter({f"{service.name}.{collection.model}": number})
