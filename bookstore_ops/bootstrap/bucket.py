"""The state bucket, and the bucket that takes its access logs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bookstore_ops.bootstrap.key import StateKey
from bookstore_ops.bootstrap.settings import Setting, answer_of, asking, named
from bookstore_ops.errors import Refused

_PRIVATE = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_EVERYTHING = {"Prefix": ""}
_NO_HALF_UPLOADS = {"DaysAfterInitiation": 7}
_STATE_RULE = {
    "Status": "Enabled",
    "Filter": _EVERYTHING,
    # Lock objects come and go: their markers must not stay for ever.
    "Expiration": {"ExpiredObjectDeleteMarker": True},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 365},
    "AbortIncompleteMultipartUpload": _NO_HALF_UPLOADS,
}
_LOG_RULE = {
    "Status": "Enabled",
    "Filter": _EVERYTHING,
    "Expiration": {"Days": 365},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
    "AbortIncompleteMultipartUpload": _NO_HALF_UPLOADS,
}


class _Bucket:
    """A private, versioned bucket of one account that is reached over TLS only."""

    kind = "bucket"
    lifecycle: Mapping[str, Any] = {}

    def __init__(
        self, s3: Any, bucket: str, region: str, account_id: str, tags: Mapping[str, str]
    ) -> None:
        self.bucket = bucket
        self._s3 = s3
        self._region = region
        self._account_id = account_id
        self._tags = dict(tags)

    @property
    def name(self) -> str:
        """See :class:`Resource`."""
        return f"{self.kind} {self.bucket}"

    def exists(self) -> bool:
        """See :class:`Resource`; it must be this account's, and in the right region."""
        from botocore.exceptions import ClientError

        with asking(f"look at the {self.name}"):
            try:
                self._ask("head_bucket")
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return False
                raise self._explain(error) from error
            # The oldest region has no name here, the second oldest another one:
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
            located = self._ask("get_bucket_location").get("LocationConstraint") or "us-east-1"
        region = "eu-west-1" if located == "EU" else located
        if region != self._region:
            raise self._elsewhere(region)
        return True

    def create(self) -> None:
        """See :class:`Resource`."""
        place = (
            {}
            if self._region == "us-east-1"
            else {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        )
        self._s3.create_bucket(Bucket=self.bucket, **place)

    def settings(self) -> Sequence[Setting]:
        """See :class:`Resource`; first what closes it."""
        return [
            Setting("block of public access", _PRIVATE, self._public_access, self._close),
            Setting("object ownership", "BucketOwnerEnforced", self._ownership, self._own),
            Setting("policy", self._statements(), self._policy, self._set_policy),
            Setting("encryption", self._encryption(), self._encryption_found, self._encrypt),
            Setting("versioning", "Enabled", self._versioning, self._keep_versions),
            Setting("lifecycle", self._rules(), self._rules_found, self._set_rules),
            Setting("tags", self._tags, self._tags_found, self._set_tags),
        ]

    def _ask(self, operation: str, *none: str, **arguments: Any) -> dict[str, Any]:
        call: Callable[..., Any] = getattr(self._s3, operation)
        return answer_of(
            lambda: call(Bucket=self.bucket, ExpectedBucketOwner=self._account_id, **arguments),
            *none,
        )

    def _explain(self, error: Any) -> Exception:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == 403:
            return Refused(
                f"the {self.name} is not account {self._account_id}'s, or you may not see it",
                why="S3 answers 403: the name is taken by another account, or your role lacks "
                "s3:ListBucket",
                next_step="choose another state.bucket, or let your role list this one",
            )
        headers = error.response["ResponseMetadata"].get("HTTPHeaders", {})
        region = headers.get("x-amz-bucket-region")
        return self._elsewhere(region) if status == 301 and region else error

    def _elsewhere(self, region: str) -> Refused:
        return Refused(
            f"the {self.name} is in {region}, not in {self._region}",
            why="a bucket cannot move to another region",
            next_step=f'write region = "{region}" under [state], or choose another state.bucket',
        )

    def _public_access(self) -> Any:
        answer = self._ask("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
        return answer.get("PublicAccessBlockConfiguration")

    def _close(self) -> None:
        self._ask("put_public_access_block", PublicAccessBlockConfiguration=_PRIVATE)

    def _ownership(self) -> Any:
        answer = self._ask("get_bucket_ownership_controls", "OwnershipControlsNotFoundError")
        rules = answer.get("OwnershipControls", {}).get("Rules", [])
        return rules[0]["ObjectOwnership"] if rules else None

    def _own(self) -> None:
        rules = [{"ObjectOwnership": "BucketOwnerEnforced"}]
        self._ask("put_bucket_ownership_controls", OwnershipControls={"Rules": rules})

    def _statements(self) -> dict[str, Any]:
        """The policy's statements by ``Sid``."""
        deny = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"],
        }
        others = {
            "StringNotEquals": {"aws:PrincipalAccount": self._account_id},
            # Log delivery acts as a service, which has no account.
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        }
        return {
            "TlsOnly": {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            "Tls12AtLeast": {**deny, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
            "ThisAccountOnly": {**deny, "Condition": others},
        }

    def _every_statement(self) -> list[dict[str, Any]]:
        policy = self._ask("get_bucket_policy", "NoSuchBucketPolicy").get("Policy")
        statements = json.loads(policy).get("Statement", []) if policy else []
        return statements if isinstance(statements, list) else [statements]

    def _policy(self) -> Any:
        statements = {str(s.get("Sid")): s for s in self._every_statement()}
        found = named(self._statements(), statements)
        return {
            sid: {key: value for key, value in statement.items() if key != "Sid"}
            for sid, statement in found.items()
        }

    def _set_policy(self) -> None:
        wanted = self._statements()
        others = [s for s in self._every_statement() if s.get("Sid") not in wanted]
        ours = [{"Sid": sid, **statement} for sid, statement in wanted.items()]
        policy = {"Version": "2012-10-17", "Statement": [*ours, *others]}
        self._ask("put_bucket_policy", Policy=json.dumps(policy))

    def _encryption(self) -> dict[str, Any]:
        return {"SSEAlgorithm": "AES256"}

    def _encryption_found(self) -> Any:
        answer = self._ask(
            "get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"
        )
        rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
        if not rules:
            return None
        default = rules[0].get("ApplyServerSideEncryptionByDefault", {})
        found = {**default, "BucketKeyEnabled": rules[0].get("BucketKeyEnabled", False)}
        return named(self._encryption(), found)

    def _encrypt(self) -> None:
        wanted = dict(self._encryption())
        bucket_key = wanted.pop("BucketKeyEnabled", False)
        rule = {"ApplyServerSideEncryptionByDefault": wanted, "BucketKeyEnabled": bucket_key}
        self._ask("put_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": [rule]})

    def _versioning(self) -> Any:
        return self._ask("get_bucket_versioning").get("Status")

    def _keep_versions(self) -> None:
        self._ask("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})

    def _rules(self) -> dict[str, Any]:
        return {"bsops": self.lifecycle}

    def _every_rule(self) -> list[dict[str, Any]]:
        answer = self._ask("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration")
        rules: list[dict[str, Any]] = answer.get("Rules", [])
        return rules

    def _rules_found(self) -> Any:
        found = named(self._rules(), {str(rule.get("ID")): rule for rule in self._every_rule()})
        return {
            name: {key: value for key, value in rule.items() if key != "ID"}
            for name, rule in found.items()
        }

    def _set_rules(self) -> None:
        wanted = self._rules()
        others = [rule for rule in self._every_rule() if rule.get("ID") not in wanted]
        ours = [{"ID": name, **rule} for name, rule in wanted.items()]
        self._ask(
            "put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": [*ours, *others]}
        )

    def _every_tag(self) -> dict[str, str]:
        tags = self._ask("get_bucket_tagging", "NoSuchTagSet").get("TagSet", [])
        return {tag["Key"]: tag["Value"] for tag in tags}

    def _tags_found(self) -> Any:
        return named(self._tags, self._every_tag())

    def _set_tags(self) -> None:
        tags = {**self._every_tag(), **self._tags}
        tag_set = [{"Key": name, "Value": value} for name, value in tags.items()]
        self._ask("put_bucket_tagging", Tagging={"TagSet": tag_set})


class LogBucket(_Bucket):
    """Takes the access logs; S3 delivers them under its own key only."""

    kind = "log bucket"
    lifecycle = _LOG_RULE

    def __init__(
        self, s3: Any, source: str, region: str, account_id: str, tags: Mapping[str, str]
    ) -> None:
        super().__init__(s3, f"{source}-logs", region, account_id, tags)
        self._source = source

    def _statements(self) -> dict[str, Any]:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
        delivery = {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{self.bucket}/*",
            "Condition": {
                "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{self._source}"},
                "StringEquals": {"aws:SourceAccount": self._account_id},
            },
        }
        return {**super()._statements(), "AccessLogs": delivery}


class StateBucket(_Bucket):
    """Holds the state: under a key of its own, its access logged."""

    kind = "state bucket"
    lifecycle = _STATE_RULE

    def __init__(
        self,
        s3: Any,
        bucket: str,
        region: str,
        account_id: str,
        tags: Mapping[str, str],
        *,
        key: StateKey,
        logs: LogBucket,
    ) -> None:
        super().__init__(s3, bucket, region, account_id, tags)
        self._key = key
        self._logs = logs

    def settings(self) -> Sequence[Setting]:
        """See :class:`Resource`."""
        wanted = {"TargetBucket": self._logs.bucket, "TargetPrefix": "state/"}
        return [
            *super().settings(),
            Setting("access log", wanted, lambda: self._logging(wanted), lambda: self._log(wanted)),
        ]

    def _encryption(self) -> dict[str, Any]:
        # Where the key is yet to be made, its alias says which is wanted.
        return {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": self._key.arn or self._key.alias,
            "BucketKeyEnabled": True,
        }

    def _logging(self, wanted: dict[str, str]) -> Any:
        enabled = self._ask("get_bucket_logging").get("LoggingEnabled")
        return enabled and named(wanted, enabled)

    def _log(self, wanted: dict[str, str]) -> None:
        self._ask("put_bucket_logging", BucketLoggingStatus={"LoggingEnabled": wanted})
