"""The KMS key that encrypts a state bucket, found by its alias."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bookstore_ops.bootstrap.settings import Setting, answer_of, asking, named
from bookstore_ops.errors import Refused


class StateKey:
    """A key of its own: who may read the state is decided twice, by the bucket and by the key."""

    def __init__(self, kms: Any, bucket: str, account_id: str, tags: Mapping[str, str]) -> None:
        self._kms = kms
        self._account_id = account_id
        self._tags = dict(tags)
        # An alias has no dots: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
        self.alias = f"alias/{bucket.replace('.', '-')}"
        self._description = f"Encrypts the Terraform state in {bucket}"
        self.arn = ""

    @property
    def name(self) -> str:
        """See :class:`Resource`."""
        return f"key {self.alias}"

    @property
    def id(self) -> str:
        """The key's id; empty where there is none yet."""
        return self.arn.rpartition("/")[2]

    def exists(self) -> bool:
        """See :class:`Resource`."""
        with asking(f"look at the {self.name}"):
            answer = answer_of(
                lambda: self._kms.describe_key(KeyId=self.alias), "NotFoundException"
            )
        if not answer:
            return False
        key = answer["KeyMetadata"]
        if key["KeyState"] != "Enabled":
            undo = "cancel-key-deletion" if key["KeyState"] == "PendingDeletion" else "enable-key"
            raise Refused(
                f"the {self.name} is {key['KeyState']}",
                why="a state that it encrypted cannot be read without it",
                next_step=f"aws kms {undo} --key-id {key['KeyId']}   (then run the command again)",
            )
        self.arn = key["Arn"]
        return True

    def create(self) -> None:
        """See :class:`Resource`. A key that an earlier run did not come to name is taken first."""
        self.arn = (
            self._unnamed()
            or self._kms.create_key(
                Description=self._description,
                Policy=self._policy(),
                Tags=[{"TagKey": name, "TagValue": value} for name, value in self._tags.items()],
            )["KeyMetadata"]["Arn"]
        )
        self._kms.create_alias(AliasName=self.alias, TargetKeyId=self.id)

    def settings(self) -> Sequence[Setting]:
        """See :class:`Resource`."""
        return [
            Setting(
                "yearly rotation",
                True,
                lambda: self._kms.get_key_rotation_status(KeyId=self.id)["KeyRotationEnabled"],
                lambda: self._kms.enable_key_rotation(KeyId=self.id),
            ),
            Setting(
                "tags",
                self._tags,
                lambda: named(self._tags, self._tags_found()),
                lambda: self._kms.tag_resource(
                    KeyId=self.id,
                    Tags=[{"TagKey": name, "TagValue": v} for name, v in self._tags.items()],
                ),
            ),
        ]

    def _tags_found(self) -> dict[str, str]:
        tags = self._kms.list_resource_tags(KeyId=self.id)["Tags"]
        return {tag["TagKey"]: tag["TagValue"] for tag in tags}

    def _unnamed(self) -> str | None:
        for page in self._kms.get_paginator("list_keys").paginate():
            for listed in page["Keys"]:
                describe = partial(self._kms.describe_key, KeyId=listed["KeyId"])
                answer = answer_of(describe, "AccessDeniedException")
                key = answer.get("KeyMetadata", {})
                if key.get("Description") == self._description and key["KeyState"] == "Enabled":
                    return str(key["Arn"])
        return None

    def _policy(self) -> str:
        # IAM decides, as with the bucket.
        root = f"arn:aws:iam::{self._account_id}:root"
        statement = {
            "Sid": "IamDecides",
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": "kms:*",
            "Resource": "*",
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
