"""Addresses of resources.

https://developer.hashicorp.com/terraform/cli/state/resource-addressing
"""

import re

_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


def without_keys(address: str) -> str:
    """The address in the configuration: that of all instances, in all instances of its modules."""
    return _KEY.sub("", address)
