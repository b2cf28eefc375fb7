"""Zones without a reusable delegation set; moto makes one for each and never removes it."""

from typing import Any

from moto.route53.models import FakeZone, Route53Backend

from bookstore_ops.sandbox.extensions import replaces

_create_hosted_zone = Route53Backend.create_hosted_zone


@replaces(Route53Backend)
def create_hosted_zone(self: Route53Backend, *args: Any, **settings: Any) -> FakeZone:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html"""
    zone = _create_hosted_zone(self, *args, **settings)
    # moto empties the id of a set that nobody asked for.
    self.delegation_sets = {key: kept for key, kept in self.delegation_sets.items() if kept.id}
    return zone
