"""What was recovered, mended or found."""

from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.ui.text import listed, plural

if TYPE_CHECKING:
    from bookstore_ops.operations.states.changes import StateChange
    from bookstore_ops.operations.states.digest import DigestCase
    from bookstore_ops.operations.states.orphans import Search
    from bookstore_ops.operations.states.recovery import Account
    from bookstore_ops.states.backups import Backup
    from bookstore_ops.ui.terminal import Terminal


def show_recovery(
    terminal: "Terminal",
    environment: str,
    change: "StateChange | None",
    kept: "Backup | None",
    account: "Account",
    *,
    commands: list[str],
) -> None:
    """What was stored, and what the last apply made that the state does not know."""
    if change is None:
        terminal.result(f"Nothing to store: {environment} has no errored.tfstate.")
    else:
        after = change.after
        terminal.result(
            f"Stored and read back: serial {after.serial}, {plural(after.resources, 'resource')}, "
            f"{len(change.compared.back)} of them new to the stored state"
        )
        if kept:
            terminal.say(f"errored.tfstate is kept as backup {kept.name}")
        if change.undo:
            terminal.say(f"To undo it: {change.undo}")
    _account(terminal, account, commands)
    terminal.document(
        "bsops.state.recover/1",
        {
            "environment": environment,
            "stored": change is not None,
            "added": change.compared.back if change else [],
            "forgotten": change.compared.gone if change else [],
            "kept": kept.name if kept else None,
            "backup": change.backup.name if change and change.backup else None,
            "serial": account.state.serial if account.state else None,
            "resources": account.state.resources if account.state else None,
            "last_apply": account.run,
            "last_apply_ended": account.ended or None,
            "unknown": [
                {"address": each.address, "id": each.identifier or None, "next": command}
                for each, command in zip(account.unknown, commands, strict=True)
            ],
        },
    )


def _account(terminal: "Terminal", account: "Account", commands: list[str]) -> None:
    if account.run is None:
        terminal.say("This machine has no record of an apply to hold the state against.")
        return
    of = f"the last apply ({account.run}, {account.ended})"
    if not account.unknown:
        terminal.result(f"Nothing is lost: the state knows all that {of} made.")
        return
    terminal.result(f"The state does not know {len(account.unknown)} that {of} made or began:")
    for each, command in zip(account.unknown, commands, strict=True):
        what = f"made as {each.identifier}" if each.identifier else "begun, its end is not known"
        terminal.result(f"  {each.address}  {what}\n    {command}")
    if any(not each.identifier for each in account.unknown):
        terminal.say("What was begun may be there or not: look in AWS, then import or plan.")


def show_digest(
    terminal: "Terminal", environment: str, case: "DigestCase", *, mended: bool
) -> None:
    """Whether there was anything to mend, and how it was."""
    if mended:
        terminal.result(f"The digest of {environment} is that of the stored state now.")
    else:
        terminal.result(f"Nothing to mend in {environment}: {case.verdict.why}.")
    terminal.document(
        "bsops.state.repair-digest/1",
        {
            "environment": environment,
            "mended": mended,
            "proof": case.verdict.proof,
            "why": case.verdict.why,
            "digest_before": case.digest,
        },
    )


def show_orphans(
    terminal: "Terminal",
    environment: str,
    search: "Search",
    commands: "list[str | None]",
    plan: str,
) -> None:
    """What no state knows, with the command that takes each in."""
    tags = ", ".join(f"{name}={value}" for name, value in sorted(search.tags.items()))
    where = listed(search.regions)
    terminal.say(f"{plural(search.listed, 'resource')} in {where} under {tags}")
    if not search.listed:
        terminal.result(f"AWS lists nothing of {environment} under these tags.")
    elif not search.orphans:
        terminal.result(f"No orphans: the state of {environment} knows all that AWS lists.")
    else:
        count = plural(len(search.orphans), "resource")
        terminal.result(f"{count} of {environment} in AWS that no state knows:")
        for orphan, command in zip(search.orphans, commands, strict=True):
            kind = orphan.type or "its ARN does not tell the Terraform type"
            terminal.result(f"  {orphan.arn}  ({kind})")
            if command:
                terminal.result(f"    {command}")
        if any(each.identifier and not each.address for each in search.orphans):
            terminal.say("ADDRESS: where the tree has it; no earlier state on this machine knew it")
    if search.unlisted:
        count = plural(len(search.unlisted), "resource")
        terminal.warn(
            f"AWS does not list {count} of the state under these tags (gone, or tagged otherwise); "
            f"{plan} tells: {', '.join(search.unlisted)}"
        )
    terminal.document(
        "bsops.state.orphans/1",
        {
            "environment": environment,
            "tags": search.tags,
            "regions": search.regions,
            "listed": search.listed,
            "orphans": [
                {**msgspec.to_builtins(orphan), "next": command}
                for orphan, command in zip(search.orphans, commands, strict=True)
            ],
            "unlisted": search.unlisted,
        },
    )
