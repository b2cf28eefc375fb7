"""Two plans side by side: what comes from drift, what from code, what drift hides."""

from typing import TYPE_CHECKING

from bookstore_ops.terraform.plan_comparison import Cause
from bookstore_ops.ui.plan_view import counts_line
from bookstore_ops.ui.text import plain, shorten

if TYPE_CHECKING:
    from bookstore_ops.terraform.plan_comparison import Compared, Comparison
    from bookstore_ops.ui.terminal import Terminal

_LONGEST_VALUE = 40
_MEANING = {
    Cause.DRIFT: "changed outside Terraform, the plan sets it back; only the refreshed plan has it",
    Cause.CODE: "the configuration changed it; both plans have it",
    Cause.HIDDEN: "done in AWS already, by somebody else; only the plan without refresh has it",
}


def show_comparison(terminal: "Terminal", comparison: "Comparison", environment: str) -> None:
    """The differences as a table, the meaning of each cause below."""
    if not comparison.found:
        terminal.result(f"Neither plan for {environment} has changes.")
    else:
        rows = [_row(one) for one in comparison.found]
        terminal.table(("resource", "attribute", "from", "change"), rows)
        for cause in Cause:
            count = comparison.count(cause)
            if count:
                terminal.say(f"{cause} ({count}): {_MEANING[cause]}")
    terminal.say(f"With refresh:     {counts_line(comparison.refreshed, environment)}")
    terminal.say(f"Without refresh:  {counts_line(comparison.remembered, environment)}")
    terminal.document(
        "bsops.plan-comparison/1",
        {
            "environment": environment,
            "counts": {cause.value: comparison.count(cause) for cause in Cause},
            "differences": [
                {
                    "address": one.address,
                    "attribute": one.attribute,
                    "cause": one.cause.value,
                    "action_with_refresh": one.refreshed and one.refreshed.value,
                    "action_without_refresh": one.remembered and one.remembered.value,
                    "before": one.before,
                    "after": one.after,
                }
                for one in comparison.found
            ],
        },
    )


def _row(one: "Compared") -> tuple[str, str, str, str]:
    if one.attribute is None:
        action = one.refreshed or one.remembered
        return one.address, "(all of it)", one.cause.value, action.value if action else ""
    before, after = (
        "-" if value is None else shorten(plain(value), _LONGEST_VALUE)
        for value in (one.before, one.after)
    )
    return one.address, one.attribute, one.cause.value, f"{before} -> {after}"
