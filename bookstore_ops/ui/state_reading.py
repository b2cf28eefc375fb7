"""What a state holds, and which copies and versions there are of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.terraform.masking import render
from bookstore_ops.ui.text import plural, shorten

if TYPE_CHECKING:
    from bookstore_ops.operations.states.reading import Listing, Pulled, ShownResource
    from bookstore_ops.states.backups import Backup
    from bookstore_ops.states.versions import Version, Versions
    from bookstore_ops.ui.terminal import Terminal

# Policies and definitions are documents; --verbose and --json have them whole.
_LONGEST_VALUE = 200

_HOLDS_SECRETS = "it may hold secrets: keep it out of git, and delete it when you are done"


def show_listing(terminal: "Terminal", environment: str, listing: "Listing", prefix: str) -> None:
    """The addresses, one a line, so that other programs can read them."""
    state = listing.state
    tainted = state.tainted if state else frozenset[str]()
    if state is None:
        terminal.say(f"{environment} has no state yet; nothing is applied.")
    else:
        if listing.addresses:
            terminal.result("\n".join(listing.addresses))
        for address in listing.addresses:
            if address in tainted:
                terminal.warn(f"{address} is tainted: the next apply replaces it")
        begin = f" that begin with {prefix}" if prefix else ""
        count = plural(len(listing.addresses), "resource")
        terminal.say(f"{count}{begin}, serial {state.serial}")
    terminal.document(
        "bsops.state.list/1",
        {
            "environment": environment,
            "lineage": state.lineage if state else None,
            "serial": state.serial if state else None,
            "resources": [
                {"address": address, "tainted": address in tainted} for address in listing.addresses
            ],
        },
    )


def show_attributes(terminal: "Terminal", environment: str, resource: "ShownResource") -> None:
    """One resource's attributes, the absent ones left out on the screen."""
    there = {name: value for name, value in resource.attributes.items() if value is not None}
    longest = max(map(len, there), default=0)
    rows = [resource.address + ("  (tainted)" if resource.tainted else "")]
    for name, value in sorted(there.items()):
        text = render(value)
        shown = text if terminal.verbose else shorten(text, _LONGEST_VALUE)
        rows.append(f"  {name:{longest}}  {shown}")
    terminal.result("\n".join(rows))
    terminal.document(
        "bsops.state.show/1", {"environment": environment, **msgspec.to_builtins(resource)}
    )


def show_pulled(terminal: "Terminal", environment: str, pulled: "Pulled") -> None:
    """Where a state was written, or the state itself."""
    if pulled.problem:
        terminal.warn(f"it is damaged, and given as it is: {pulled.problem}")
    if pulled.file is None:
        terminal.data(pulled.content.decode(errors="replace"))
        terminal.say(f"This is the state of {environment}; {_HOLDS_SECRETS}.")
    else:
        terminal.result(f"The state of {environment} is in {pulled.file}")
        terminal.warn(f"{_HOLDS_SECRETS} ({pulled.file})")
    state = pulled.summary
    document: dict[str, object] = {
        "environment": environment,
        "file": str(pulled.file) if pulled.file else None,
        "lineage": state.lineage if state else None,
        "serial": state.serial if state else None,
        "resources": state.resources if state else None,
        "problem": pulled.problem or None,
    }
    if terminal.json and pulled.file is None and state is not None:
        document["state"] = msgspec.json.decode(pulled.content)
    terminal.document("bsops.state.pull/1", document)


def show_backup(terminal: "Terminal", environment: str, backup: "Backup", undo: str) -> None:
    """A copy just made by hand."""
    terminal.result(f"Backup {backup.name} of the state of {environment}: {_held(backup)}")
    if backup.record.problem:
        terminal.warn(f"it is a copy of a damaged state: {backup.record.problem}")
    terminal.say(f"It is {backup.path}. To restore it: {undo}")
    terminal.document("bsops.state.backup/1", {"environment": environment, **_backup(backup)})


def show_backups(terminal: "Terminal", environment: str, backups: Sequence["Backup"]) -> None:
    """All copies on this machine, the newest first."""
    if not backups:
        terminal.result(f"No backups of the state of {environment} on this machine.")
    else:
        columns = ("backup", "taken", "by", "before", "holds")
        terminal.table(columns, [_backup_row(backup) for backup in backups])
    terminal.document(
        "bsops.state.backups/1",
        {"environment": environment, "backups": [_backup(backup) for backup in backups]},
    )


def show_versions(
    terminal: "Terminal",
    environment: str,
    place: str,
    found: "Versions | None",
    *,
    restore: str,
    mend: str,
) -> None:
    """The versions that S3 keeps; ``restore`` and ``mend`` are the commands that use them."""
    versions = found.versions if found else ()
    if found is None:
        terminal.result(f"The state of {environment} is the file {place}, which keeps no versions.")
        terminal.say("bsops keeps backups of it: bsops state backup ENV --list")
    elif not versions:
        terminal.result(f"There never was a state at {place}.")
    else:
        columns = ("version", "time", "size", "serial", "resources", "")
        terminal.table(columns, [_version_row(version) for version in versions])
        left = found.total - len(versions)
        if left:
            terminal.say(f"{left} older ones: --last {found.total}")
        terminal.say(f"To go back to one: {restore}")
    if found is not None and not found.versioned:
        terminal.warn(
            f"the bucket of {place} keeps no versions: what is overwritten is lost. "
            f"To mend it: {mend}"
        )
    terminal.document(
        "bsops.state.versions/1",
        {
            "environment": environment,
            "place": place,
            "versioned": bool(found and found.versioned),
            "total": found.total if found else 0,
            "versions": [_version(version) for version in versions],
        },
    )


def _held(backup: "Backup") -> str:
    record = backup.record
    if record.problem:
        return f"{record.size} bytes, no whole state"
    return f"serial {record.serial}, {plural(record.resources, 'resource')}"


def _backup_row(backup: "Backup") -> tuple[str, ...]:
    record = backup.record
    before = "could not be stored" if record.kind == "errored" else record.command
    return backup.name, _time(record.time), record.who, before, _held(backup)


def _backup(backup: "Backup") -> dict[str, object]:
    return {"name": backup.name, "file": str(backup.path), **msgspec.to_builtins(backup.record)}


def _version_row(version: "Version") -> tuple[str, ...]:
    state = version.summary
    notes = ["newest"] if version.current else []
    if version.deletes:
        notes.append("DELETED here")
    elif version.problem:
        notes.append(f"DAMAGED: {version.problem}")
    return (
        version.id,
        _time(version.time),
        "-" if version.deletes else str(version.size),
        str(state.serial) if state else "-",
        str(state.resources) if state else "-",
        ", ".join(notes),
    )


def _version(version: "Version") -> dict[str, object]:
    state = version.summary
    return {
        "id": version.id,
        "time": version.time,
        "size": version.size,
        "newest": version.current,
        "deleted": version.deletes,
        "lineage": state.lineage if state else None,
        "serial": state.serial if state else None,
        "resources": state.resources if state else None,
        "problem": version.problem or None,
    }


def _time(iso: str) -> str:
    return iso[:19].replace("T", " ") + "Z"
