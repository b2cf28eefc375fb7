"""Planning twice, with and without reading AWS."""

from dataclasses import replace

from bookstore_ops.operations.drifting import plan_and_forget
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.adapter import PlanOptions
from bookstore_ops.terraform.plan_comparison import Comparison, compare
from bookstore_ops.terraform.process import Watch


def compare_refresh(session: Session, options: PlanOptions, watch: Watch) -> Comparison:
    """Plan twice, with and without reading AWS; neither plan is kept.

    Raises:
        BsopsError: a plan failed or was interrupted.
    """
    refreshed = plan_and_forget(session, replace(options, refresh=True), watch)
    remembered = plan_and_forget(session, replace(options, refresh=False), watch)
    return compare(refreshed, remembered)
