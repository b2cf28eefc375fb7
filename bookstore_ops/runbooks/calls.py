"""A call of AWS in a process of its own: from a document on standard input to one on the output.

Started by :mod:`bookstore_ops.runbooks.commands`, so that a call can be timed out as any other
block, and sees nothing but the environment of its run.
"""

import base64
import json
import os
import sys
from datetime import date
from typing import Any


def main() -> int:
    """Make the call; 1 where AWS refuses it or it does not fit."""
    from botocore.exceptions import BotoCoreError, ClientError

    from bookstore_ops.aws.session import client

    call = json.load(sys.stdin)
    region = call["region"] or os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]
    try:
        aws = client(call["service"], region, dict(os.environ))
        answer = _ask(aws, call["operation"], call["parameters"])
    except (ClientError, BotoCoreError, AttributeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    answer.pop("ResponseMetadata", None)
    json.dump(answer, sys.stdout, indent=2, ensure_ascii=False, default=_plain)
    sys.stdout.write("\n")
    return 0


def _ask(aws: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    if aws.can_paginate(operation):
        pages = aws.get_paginator(operation).paginate(**parameters)
        return dict(pages.build_full_result())
    return dict(getattr(aws, operation)(**parameters))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "read"):
        return value.read().decode(errors="replace")
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
