"""Copies of a state on this machine, each with a record of what it is.

A copy is ``NAME.tfstate``, its record ``NAME.json``; only their owner can read them: a state holds
secrets. The last :data:`KEPT` copies stay. What a failed run left behind is never rotated away.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from bookstore_ops.errors import ConfigurationError, Refused
from bookstore_ops.files import write_atomically, writing
from bookstore_ops.journal import now, who
from bookstore_ops.terraform.state import StateSummary

KEPT = 20

Kind = Literal["state", "errored"]


class BackupRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy is of. ``command`` is the one it was taken before; ``time`` is ISO 8601, UTC.

    ``problem``: why it could not be read as a state; it was kept all the same. ``version_id`` is
    the S3 version it was. ``replaced_by`` (a serial) and ``replaced_lineage`` are what the command
    then wrote. ``kind`` ``errored``: it never was stored, it is what Terraform could not store.
    """

    environment: str
    kind: Kind
    time: str
    who: str
    command: str
    lineage: str
    serial: int
    resources: int
    sha256: str
    size: int
    version_id: str | None = None
    problem: str = ""
    replaced_by: int | None = None
    replaced_lineage: str = ""


class Backup(msgspec.Struct, frozen=True):
    """One copy and its record."""

    path: Path
    record: BackupRecord

    @property
    def name(self) -> str:
        """The name that ``bsops state restore`` takes."""
        return self.path.stem

    def read(self) -> bytes:
        """The copy's content.

        Raises:
            ConfigurationError: it cannot be read.
            Refused: it is not what was copied.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise ConfigurationError(
                f"the backup {self.name} cannot be read",
                why=f"{self.path}: {error.strerror}",
                next_step="check the owner and the mode of that file, or choose another backup",
            ) from error
        if hashlib.sha256(content).hexdigest() != self.record.sha256:
            raise Refused(
                f"the backup {self.name} is not what was copied",
                why=f"the sha256 of {self.path} is not the recorded one: it was edited or damaged",
                next_step="choose another backup, or push that file after you have looked at it: "
                f"bsops state push {self.record.environment} {self.path}",
            )
        return content


@dataclass(frozen=True)
class BackupStore:
    """The copies of one environment's state, in one directory."""

    directory: Path
    environment: str

    def save(
        self,
        content: bytes,
        summary: StateSummary | None,
        *,
        command: str,
        version_id: str | None = None,
        problem: str = "",
        kind: Kind = "state",
    ) -> Backup:
        """Keep a copy, and let go of the oldest beyond :data:`KEPT`.

        Raises:
            EnvironmentMissing: it cannot be written; then the state must not be changed.
        """
        known = summary or StateSummary()
        record = BackupRecord(
            environment=self.environment,
            kind=kind,
            time=now(),
            who=who(),
            command=command,
            lineage=known.lineage,
            serial=known.serial,
            resources=known.resources,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            version_id=version_id,
            problem=problem,
        )
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
        saved = Backup(self.directory / f"{stamp}.tfstate", record)
        write_atomically(saved.path, content, mode=0o600)
        self._write(saved)
        self._rotate()
        return saved

    def replaced(self, backup: Backup, after: StateSummary) -> Backup:
        """Note what took the place of the state that was copied."""
        record = msgspec.structs.replace(
            backup.record, replaced_by=after.serial, replaced_lineage=after.lineage
        )
        noted = Backup(backup.path, record)
        self._write(noted)
        return noted

    def set_aside(self, file: Path, backup: Backup) -> None:
        """Move ``file`` to where its copy ``backup`` lies; nothing is deleted."""
        with writing(backup.path):
            try:
                file.replace(backup.path)
            except OSError:  # on another file system
                shutil.copyfile(file, backup.path)
                file.unlink()
            backup.path.chmod(0o600)

    def all(self) -> list[Backup]:
        """Every copy with a readable record, the newest first."""
        found = []
        for path in sorted(self.directory.glob("*.tfstate"), reverse=True):
            record = _read_record(path.with_suffix(".json"))
            if record is not None:
                found.append(Backup(path, record))
        return found

    def find(self, name: str) -> Backup | None:
        """The copy of that name, or in that file; ``latest`` is the newest of a stored state."""
        known = self.all()
        if name == "latest":
            return next((backup for backup in known if backup.record.kind == "state"), None)
        wanted = Path(name).name.removesuffix(".tfstate")
        return next((backup for backup in known if backup.name == wanted), None)

    def _write(self, backup: Backup) -> None:
        content = msgspec.json.format(msgspec.json.encode(backup.record), indent=2)
        write_atomically(backup.path.with_suffix(".json"), content + b"\n", mode=0o600)

    def _rotate(self) -> None:
        stored = [backup for backup in self.all() if backup.record.kind == "state"]
        for backup in stored[KEPT:]:
            with writing(backup.path):
                backup.path.unlink(missing_ok=True)
                backup.path.with_suffix(".json").unlink(missing_ok=True)


def _read_record(path: Path) -> BackupRecord | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=BackupRecord)
    except (OSError, msgspec.MsgspecError):
        return None


def private_file(path: Path, content: bytes) -> None:
    """Write a state where the operator wants it, for its owner's eyes only."""
    # A device (/dev/stdout, a pipe) takes no rename.
    if path.exists() and not path.is_file():
        with writing(path), path.open("wb") as handle:
            handle.write(content)
            return
    write_atomically(Path(os.path.abspath(path)), content, mode=0o600)  # noqa: PTH100  (keeps links)
