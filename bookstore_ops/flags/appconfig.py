"""Reading and deploying the flags of an environment in AppConfig.

https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_StartDeployment.html
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.flags.document import Flag, Value, flags_of, with_values
from bookstore_ops.flags.places import FlagPlace
from bookstore_ops.releases.calls import asking

# Of two that deploy at once one is refused, and looks again.
_ATTEMPTS = 5
# A deployment to everybody at once takes seconds.
_DEPLOY_SECONDS = 60.0
_LOOK_SECONDS = 0.5
_GONE_WRONG = frozenset({"ROLLING_BACK", "ROLLED_BACK", "REVERTED"})


@dataclass(frozen=True)
class Deployed:
    """The document that services read: by which deployment, in which version."""

    number: int
    version: int
    document: Mapping[str, Any]
    key: str | None = None

    @property
    def flags(self) -> dict[str, Flag]:
        """The flags by name."""
        return flags_of(self.document)


class AppConfig:
    """The flags of one environment."""

    def __init__(
        self,
        client: Any,
        place: FlagPlace,
        again: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._place = place
        self._again = again
        self._sleep = sleep
        self._environment = {
            "ApplicationId": place.application_id,
            "EnvironmentId": place.environment_id,
        }
        self._profile = {
            "ApplicationId": place.application_id,
            "ConfigurationProfileId": place.profile_id,
        }

    def read(self) -> Deployed:
        """What is deployed now; a deployment that is under way is waited for.

        Raises:
            Refused: nothing was ever deployed.
            OperationFailed: AppConfig does not answer, or a deployment does not end.
        """
        with asking("read the flags", self._again):
            number, latest = self._newest()
            return self._content(number, latest)

    def change(self, flag: str, values: Mapping[str, Value], why: str) -> Deployed:
        """Deploy the flag with these values to everybody, unless it has them: what is deployed.

        What others deploy meanwhile is kept: the change is made to what they deployed.

        Raises:
            OperationFailed: AppConfig does not do it, or took it back.
        """
        for _ in range(_ATTEMPTS):
            now = self.read()
            had = now.document.get("values", {}).get(flag, {})
            if all(had.get(key) == value for key, value in values.items()):
                return now
            made = self._deploy(now, with_values(now.document, flag, values), why)
            if made is not None:
                return made
        raise OperationFailed(
            "cannot deploy the flags",
            why="others deploy them all the time",
            next_step=self._again,
        )

    def _deploy(self, now: Deployed, document: Mapping[str, Any], why: str) -> Deployed | None:
        """None: somebody else was quicker."""
        from botocore.exceptions import ClientError

        with asking("deploy the flags", self._again):
            version = self._client.create_hosted_configuration_version(
                **self._profile,
                Content=json.dumps(document).encode(),
                ContentType="application/json",
                Description=why[:1024],
            )["VersionNumber"]
            options: dict[str, Any] = {"KmsKeyIdentifier": now.key} if now.key else {}
            if self._knows_the_latest:
                options["LatestDeploymentNumber"] = now.number
            try:
                number = self._client.start_deployment(
                    **self._environment,
                    ConfigurationProfileId=self._place.profile_id,
                    DeploymentStrategyId=self._place.strategy_id,
                    ConfigurationVersion=str(version),
                    Description=why[:1024],
                    **options,
                )["DeploymentNumber"]
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConflictException":
                    raise
                return None
            ended = self._ended(number)
        if ended["State"] in _GONE_WRONG:
            raise OperationFailed(
                f"AppConfig took the deployment {number} of the flags back",
                why=f"it is {ended['State']}: {_why(ended)}",
                next_step=self._again,
            )
        return Deployed(number, version, document, now.key)

    @property
    def _knows_the_latest(self) -> bool:
        """Whether boto3 is new enough to name the deployment that one follows.

        Without it two that deploy at the very same time are told apart by AppConfig alone, which
        has one deployment of an environment under way.
        """
        operation = self._client.meta.service_model.operation_model("StartDeployment")
        return "LatestDeploymentNumber" in operation.input_shape.members

    def _newest(self) -> tuple[int, Mapping[str, Any]]:
        """The number of the newest deployment of all, and the newest of the flags that holds."""
        newest = 0
        pages = self._client.get_paginator("list_deployments").paginate(**self._environment)
        for item in (item for page in pages for item in page["Items"]):
            newest = newest or int(item["DeploymentNumber"])
            if item["State"] in _GONE_WRONG:
                continue
            found = self._ended(item["DeploymentNumber"])
            if (
                found["ConfigurationProfileId"] == self._place.profile_id
                and found["State"] not in _GONE_WRONG
            ):
                return newest, found
        raise Refused(
            "no flags are deployed",
            why="AppConfig knows of no deployment that held: Terraform makes the first one",
            next_step=self._place.apply,
        )

    def _content(self, number: int, deployment: Mapping[str, Any]) -> Deployed:
        version = int(deployment["ConfigurationVersion"])
        answer = self._client.get_hosted_configuration_version(
            **self._profile, VersionNumber=version
        )
        try:
            document = json.loads(answer["Content"].read())
        except ValueError as error:
            raise OperationFailed(
                f"version {version} of the flags cannot be read",
                why=f"it is no JSON: {error}",
                next_step="deploy an earlier version: aws appconfig start-deployment …",
            ) from error
        return Deployed(number, version, document, deployment.get("KmsKeyIdentifier"))

    def _ended(self, number: int) -> dict[str, Any]:
        """A deployment once it is not under way any more."""
        waited = 0.0
        while True:
            found: dict[str, Any] = self._client.get_deployment(
                **self._environment, DeploymentNumber=number
            )
            if found["State"] == "COMPLETE" or found["State"] in _GONE_WRONG:
                return found
            if waited >= _DEPLOY_SECONDS:
                raise OperationFailed(
                    f"the deployment {number} of flags is still under way",
                    why=f"it is {found['State']}, {found.get('PercentageComplete', 0):g} %",
                    next_step=f"wait for it, or end it: aws appconfig stop-deployment "
                    f"--application-id {self._place.application_id} --environment-id "
                    f"{self._place.environment_id} --deployment-number {number}; then: "
                    f"{self._again}",
                )
            self._sleep(_LOOK_SECONDS)
            waited += _LOOK_SECONDS


def _why(deployment: Mapping[str, Any]) -> str:
    events = deployment.get("EventLog") or [{}]
    return str(events[0].get("Description") or "it does not say why")
