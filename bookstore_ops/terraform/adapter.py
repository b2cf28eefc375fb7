"""The one place that builds Terraform's command lines and runs them.

python_terraform's Terraform class builds the argument lists. Running is mended: its ``cmd`` reads
pipes, forgets signals and inherits any environment; ``__getattr__`` turns a misspelt method into
a shell command; ``destroy`` passes a flag that is gone; ``output`` hides failures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import python_terraform

from bookstore_ops.terraform.binary import Binary, release
from bookstore_ops.terraform.events import EventReader
from bookstore_ops.terraform.process import Exit, Watch, run
from bookstore_ops.terraform.progress import Progress

FLAG = python_terraform.IsFlagged
# `init -json`: https://github.com/hashicorp/terraform/releases/tag/v1.9.0
_JSON_INIT = (1, 9, 0)


@dataclass
class Run:
    """One finished run: how it ended and all it said."""

    exit: Exit
    progress: Progress
    events_file: Path
    strays: list[str] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Exit status 0, or 2 (changes, with ``-detailed-exitcode``)."""
        return self.exit.code in {0, 2}

    @property
    def may_go_on(self) -> bool:
        """It succeeded, and nobody asked bsops to stop meanwhile."""
        return self.succeeded and self.exit.signal_number is None


@dataclass(frozen=True)
class PlanOptions:
    """What ``terraform plan`` is asked for; the names are Terraform's."""

    targets: Sequence[str] = ()
    replace: Sequence[str] = ()
    variables: Sequence[str] = ()
    var_files: Sequence[Path] = ()
    refresh: bool = True
    refresh_only: bool = False
    destroy: bool = False
    lock_timeout: str = "0s"
    parallelism: int | None = None


class Terraform(python_terraform.Terraform):  # type: ignore[misc]  # the package is untyped
    """Terraform in one root module, with one environment, writing its events to ``runs``.

    ``init_environ`` is what ``terraform init`` gets instead of ``environ``; ``parallelism`` is
    what an apply gets that is asked for none.
    """

    def __init__(
        self,
        binary: Binary,
        root: Path,
        environ: Mapping[str, str],
        runs: Path,
        *,
        init_environ: Mapping[str, str] | None = None,
        parallelism: int | None = None,
    ) -> None:
        super().__init__(working_dir=str(root), terraform_bin_path="terraform")
        self.binary = binary
        self.root = root
        self.environ = environ
        self._init_environ = environ if init_environ is None else init_environ
        self._parallelism = parallelism
        self._runs = runs
        self._count = 0
        self._latest = Progress()

    def __getattr__(self, item: str) -> NoReturn:
        raise AttributeError(f"bsops runs no terraform command {item!r}")

    def read_state_file(self, file_path: str | None = None) -> None:
        """Never reads state into memory: python_terraform would, at each construction and call."""

    def plan(self, out: Path, options: PlanOptions, watch: Watch) -> Run:
        """``terraform plan -out``; the values come from the root's ``terraform.tfvars``."""
        flags: dict[str, Any] = {
            "json": FLAG,
            "out": str(out),
            "detailed_exitcode": FLAG,
            "target": list(options.targets),
            "replace": list(options.replace),
            "var_file": [str(path) for path in options.var_files],
            "var": list(options.variables),
            "refresh": None if options.refresh else False,
            "refresh_only": FLAG if options.refresh_only else None,
            "destroy": FLAG if options.destroy else None,
            "lock_timeout": options.lock_timeout,
            "parallelism": options.parallelism,
        }
        return self._stream("plan", watch, **flags)

    def apply(self, plan: Path, watch: Watch, *, lock_timeout: str, parallelism: int | None) -> Run:
        """``terraform apply PLAN``: exactly that plan, never one made on the way."""
        return self._stream(
            "apply",
            watch,
            str(plan),
            json=FLAG,
            lock_timeout=lock_timeout,
            parallelism=parallelism or self._parallelism,
        )

    def init(self, watch: Watch, *, upgrade: bool, reconfigure: bool, backend: bool = True) -> Run:
        """``terraform init`` without prompts."""
        flags = {
            "json": FLAG if self._has_json_init() else None,
            "no_color": FLAG,
            "upgrade": FLAG if upgrade else None,
            "reconfigure": FLAG if reconfigure else None,
            "backend": None if backend else False,
        }
        return self._stream("init", watch, **flags)

    def show(self, watch: Watch, plan: Path | None = None) -> tuple[Run, bytes]:
        """``terraform show -json`` of a saved plan, or of the state."""
        return self._capture("show", watch, *([str(plan)] if plan else []), json=FLAG)

    def output(self, watch: Watch) -> tuple[Run, bytes]:
        """``terraform output -json``: every output with value, type and sensitivity."""
        return self._capture("output", watch, json=FLAG)

    def move_state(self, source: str, target: str, watch: Watch, *, lock_timeout: str) -> Run:
        """``terraform state mv``: another address for what exists."""
        return self._quietly("state mv", watch, source, target, lock_timeout=lock_timeout)

    def remove_state(self, addresses: Sequence[str], watch: Watch, *, lock_timeout: str) -> Run:
        """``terraform state rm``: forget what goes on existing."""
        return self._quietly("state rm", watch, *addresses, lock_timeout=lock_timeout)

    def push_state(self, file: Path, watch: Watch, *, force: bool, lock_timeout: str) -> Run:
        """``terraform state push``; ``force``: whatever its lineage and serial."""
        return self._quietly(
            "state push", watch, str(file), force=FLAG if force else None, lock_timeout=lock_timeout
        )

    def import_resource(
        self, address: str, identifier: str, watch: Watch, *, lock_timeout: str
    ) -> Run:
        """``terraform import``: take what exists into the state; in AWS it only reads."""
        return self._quietly(
            "import", watch, address, identifier, input=False, lock_timeout=lock_timeout
        )

    def validate(self, watch: Watch) -> tuple[Run, bytes]:
        """``terraform validate -json``."""
        return self._capture("validate", watch, json=FLAG)

    def graph(self, watch: Watch) -> tuple[Run, bytes]:
        """``terraform graph``: the whole graph of a plan, in DOT; it knows no JSON.

        ``-draw-cycles``: without it a cycle ends the command from 1.7 on, too.
        """
        return self._capture("graph", watch, type="plan", draw_cycles=FLAG, no_color=FLAG)

    def fmt(self, watch: Watch, *, check: bool) -> tuple[Run, bytes]:
        """``terraform fmt -recursive``: the files that are (with ``check``: would be) changed."""
        return self._capture("fmt", watch, recursive=FLAG, check=FLAG if check else None)

    def force_unlock(self, watch: Watch, lock_id: str) -> tuple[Run, bytes]:
        """``terraform force-unlock``: breaks the lock of that very ID, or nothing."""
        return self._capture("force-unlock", watch, lock_id, force=FLAG, no_color=FLAG)

    def argv(self, command: str, *arguments: str, **options: Any) -> list[str]:
        """The whole command line; ``options`` are Terraform's flags with underscores."""
        words: list[str] = self.generate_cmd_string(command, *arguments, **options)
        # The first is the program's path, in one word; an embedded Terraform takes three.
        return [*self.binary.command, *words[1:]]

    def _has_json_init(self) -> bool:
        return "tofu" not in self.binary.path and release(self.binary.version) >= _JSON_INIT

    def _stream(self, command: str, watch: Watch, *arguments: str, **options: Any) -> Run:
        reader, progress = EventReader(), Progress()
        self._latest = progress

        def on_line(line: bytes) -> None:
            event = reader.read(line)
            if event is not None:
                progress.add(event)

        outcome, events = self._run(
            self.argv(command, *arguments, input=False, **options),
            command,
            watch,
            progress,
            on_line,
        )
        return self._finish(outcome, progress, events, reader.strays)

    def _capture(
        self, command: str, watch: Watch, *arguments: str, **options: Any
    ) -> tuple[Run, bytes]:
        # What is on the screen stays there while, say, the plan just made is read back. What
        # comes may quote secrets (plans, states, outputs) and is no event stream worth keeping.
        lines: list[bytes] = []
        argv = self.argv(command, *arguments, **options)
        outcome, events = self._run(argv, command, watch, self._latest, lines.append, secret=True)
        return self._finish(outcome, Progress(), events, []), b"\n".join(lines)

    def _quietly(self, command: str, watch: Watch, *arguments: str, **options: Any) -> Run:
        """Run a command that has no ``-json`` and whose status says it all."""
        return self._capture(command, watch, *arguments, **options, no_color=FLAG)[0]

    def _run(
        self,
        argv: list[str],
        command: str,
        watch: Watch,
        progress: Progress,
        on_line: Callable[[bytes], None],
        *,
        secret: bool = False,
    ) -> tuple[Exit, Path]:
        self._count += 1
        events = self._runs / f"{self._count}-{command.replace(' ', '-')}.jsonl"
        outcome = run(
            argv,
            cwd=self.root,
            environ=self._init_environ if command == "init" else self.environ,
            output=events,
            errors=events.with_suffix(".stderr"),
            on_line=on_line,
            on_tick=lambda: watch.update(progress),
            notice=watch.notice,
            secret=secret,
        )
        return outcome, events

    def _finish(self, outcome: Exit, progress: Progress, events: Path, strays: list[str]) -> Run:
        errors = events.with_suffix(".stderr")
        said = errors.read_text(errors="replace").splitlines()[-40:]
        if not said:
            errors.unlink()
        return Run(outcome, progress, events, [*strays, *said])
