"""Senders of e-mails: tags under the identity's own ARN, and the tokens of Easy DKIM."""

import secrets
import time
from typing import Any

from moto.sesv2.models import EmailIdentity, SESV2Backend

from bookstore_ops.sandbox.extensions import replaces

_create = SESV2Backend.create_email_identity
_delete = SESV2Backend.delete_email_identity


def _arn(backend: Any, identity: str) -> str:
    region = backend.region_name
    return f"arn:{backend.partition}:ses:{region}:{backend.account_id}:identity/{identity}"


@replaces(SESV2Backend)
def create_email_identity(
    self: Any,
    email_identity: str,
    tags: list[dict[str, str]] | None,
    dkim_signing_attributes: object | None,
    configuration_set_name: str | None,
) -> EmailIdentity:
    """https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_CreateEmailIdentity.html"""
    made = _create(self, email_identity, None, dkim_signing_attributes, configuration_set_name)
    made.tags = tags or []
    if tags:
        self.core_backend.tagger.tag_resource(_arn(self, email_identity), tags)
    if made.identity_type == "DOMAIN":
        # A domain is signed with keys of SES unless it brings its own; moto signs nothing unasked.
        length = made.dkim_attributes["NextSigningKeyLength"]
        made.dkim_attributes |= {
            "SigningEnabled": True,
            "Status": "SUCCESS",
            "CurrentSigningKeyLength": length,
            "LastKeyGenerationTimestamp": time.time(),
            "Tokens": [secrets.token_hex(16) for _ in range(3)],
        }
    return made


@replaces(SESV2Backend)
def delete_email_identity(self: Any, email_identity: str) -> None:
    """https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DeleteEmailIdentity.html"""
    _delete(self, email_identity)
    self.core_backend.tagger.delete_all_tags_for_resource(_arn(self, email_identity))
