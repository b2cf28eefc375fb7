"""Measure bsops against bare Terraform and bare Python, in pairs, and print one table.

    python benchmarks/run.py                 its own workspace in the sandbox, nothing applied
    python benchmarks/run.py --applied       the same with everything applied first (minutes)
    python benchmarks/run.py --check         exit 1 where a bound is missed

Both sides of a pair run one after the other (A B A B …), so that a slow minute hits both. The
ratio is the median of the pairs' ratios.
"""

import argparse
import contextlib
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks import preflight, prompting
from bookstore_ops.environments import load_environment
from bookstore_ops.operations.request import Request
from bookstore_ops.operations.session import open_session
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.workspace import Workspace

BSOPS = str(Path(sys.executable).with_name("bsops"))
ENVIRONMENT = "dev"
_SAMPLE_SECONDS = 0.01
_BUSY = 0.7


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds on the clock, and of the processor with all its child processes."""

    clock: float
    processor: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.clock + other.clock, self.processor + other.processor)


Timed = Callable[[], Cost]


@dataclass(frozen=True)
class Comparison:
    """Two ways to the same end, and how much longer the first may take."""

    name: str
    ours: Timed
    theirs: Timed
    bound: float
    pairs: int


@dataclass(frozen=True)
class Measured:
    """The cost of every pair."""

    comparison: Comparison
    ours: list[Cost]
    theirs: list[Cost]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return statistics.median(a.clock / b.clock for a, b in pairs)

    @property
    def processor_ratio(self) -> float:
        """The same for processor time, which other work on the machine hardly moves."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return statistics.median(a.processor / b.processor for a, b in pairs)

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        return self.ratio <= self.comparison.bound


@dataclass(frozen=True)
class BareTerraform:
    """The Terraform that bsops would run, in its root, with its environment."""

    command: tuple[str, ...]
    root: Path
    environ: Mapping[str, str]
    scratch: Path

    def plan(self) -> Cost:
        """``terraform plan -out``."""
        return self._timed(["plan", "-input=false", f"-out={self.scratch / 'bare.tfplan'}"])

    def by_hand(self) -> Cost:
        """init, validate, plan and show, as a careful operator types them."""
        plan = str(self.scratch / "hand.tfplan")
        return (
            self._timed(["init", "-input=false"])
            + self._timed(["validate"])
            + self._timed(["plan", "-input=false", f"-out={plan}"])
            + self._timed(["show", "-json", plan])
        )

    def _timed(self, arguments: Sequence[str]) -> Cost:
        return timed([*self.command, *arguments], self.root, self.environ)


def timed(
    command: Sequence[str],
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    *,
    any_end: bool = False,
) -> Cost:
    """The cost of one run; what it prints goes to a file, as bsops's does.

    It must succeed, but for one of doctor with ``any_end``, which may find something.
    """
    with tempfile.TemporaryFile() as output:
        used, began = _processor_seconds(), time.perf_counter()
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        cost = Cost(time.perf_counter() - began, _processor_seconds() - used)
        if done.returncode != 0 and not any_end:
            output.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{output.read().decode(errors='replace')}")
    return cost


def _processor_seconds() -> float:
    """Of all processes that ended below this one; the sandbox's server is none of them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def asked(command: Sequence[str], cwd: Path) -> Cost:
    """The cost of a command up to its first question."""
    used = _processor_seconds()
    clock = prompting.until_asked(command, cwd)
    return Cost(clock, _processor_seconds() - used)


def bsops(workspace: Path, *arguments: str) -> Cost:
    """The cost of one ``bsops``."""
    return timed([BSOPS, *arguments], workspace)


def bare_terraform(workspace: Workspace, scratch: Path) -> BareTerraform:
    """What bsops's session made ready, to be used without bsops."""
    request = Request(
        workspace, load_environment(workspace, ENVIRONMENT), "plan", sandbox=True, arguments=()
    )
    with open_session(request, lambda _: None, warn=lambda _: None) as session:
        return BareTerraform(
            session.terraform.binary.command, session.root, dict(session.environ), scratch
        )


def comparisons(
    workspace: Path, bare: BareTerraform, environ: Mapping[str, str], pairs: int
) -> Iterator[Comparison]:
    """What is compared, each with its bound; ``environ`` reaches the sandbox as a real AWS."""
    plan = ("plan", ENVIRONMENT, "--sandbox")
    yield Comparison(
        "`bsops plan --no-details` / `terraform plan -out`",
        lambda: bsops(workspace, *plan, "--no-details"),
        bare.plan,
        1.10,
        pairs,
    )
    yield Comparison(
        "`bsops plan` / `terraform init, validate, plan -out, show -json`",
        lambda: bsops(workspace, *plan),
        bare.by_hand,
        0.90,
        pairs,
    )
    yield Comparison(
        "`bsops plan` / the same without asking AWS who you are",
        lambda: timed(preflight.python(preflight.WITH, "plan", ENVIRONMENT), workspace, environ),
        lambda: timed(preflight.python(preflight.WITHOUT, "plan", ENVIRONMENT), workspace, environ),
        1.02,
        2 * pairs,
    )
    slowest = preflight.slowest_check(workspace, ENVIRONMENT, environ)
    doctor = [BSOPS, "doctor", ENVIRONMENT]
    yield Comparison(
        f"`bsops doctor` / `bsops doctor --only {slowest}`, its slowest check",
        lambda: timed(doctor, workspace, environ, any_end=True),
        lambda: timed([*doctor, "--only", slowest], workspace, environ, any_end=True),
        1.30,
        pairs,
    )
    ask = [BSOPS, "runbook", "run", prompting.thirty(workspace), ENVIRONMENT, "--sandbox"]
    yield Comparison(
        f"`bsops runbook run` up to its first question, of {prompting.PAGES} runbooks / "
        "`bsops --help`",
        lambda: asked(ask, workspace),
        lambda: bsops(workspace, "--help"),
        1.50,
        4 * pairs,
    )
    for argument in ("--help", "--version"):
        yield Comparison(
            f'`bsops {argument}` / `python -c "import typer"`',
            lambda argument=argument: bsops(workspace, argument),  # type: ignore[misc]
            lambda: timed([sys.executable, "-c", "import typer"], workspace),
            1.50,
            4 * pairs,
        )


def measure(comparison: Comparison) -> Measured:
    """Run the pairs, after one that does not count."""
    comparison.ours(), comparison.theirs()
    ours: list[Cost] = []
    theirs: list[Cost] = []
    for _ in range(comparison.pairs):
        ours.append(comparison.ours())
        theirs.append(comparison.theirs())
    return Measured(comparison, ours, theirs)


def peak_memory(workspace: Path) -> dict[str, int]:
    """The peak resident memory, in bytes, of every program that a plan runs."""
    peaks: dict[str, int] = {}
    with subprocess.Popen(
        [BSOPS, "plan", ENVIRONMENT, "--sandbox"],
        cwd=workspace,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        top = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                for found in [top, *top.children(recursive=True)]:
                    _note(peaks, found, "bsops" if found.pid == top.pid else None)
            time.sleep(_SAMPLE_SECONDS)
    return peaks


def _note(peaks: dict[str, int], process: psutil.Process, name: str | None) -> None:
    with contextlib.suppress(psutil.Error, OSError):
        # The name is cut short while a process starts.
        name = name or ("provider" if "provider" in process.name() else process.name())
        peaks[name] = max(peaks.get(name, 0), _peak(process))


def _peak(process: psutil.Process) -> int:
    """The kernel's own high-water mark where there is one (Linux), else what is in use now."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(process.memory_info().rss)


def print_head() -> None:
    """Begin the table of times; its rows come as they are measured."""
    print(
        "| what / against what | pairs | ours, s (min median max) | theirs, s (min median max) "
        "| ratio | bound | | ratio of CPU time |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)


def print_row(one: Measured) -> None:
    """Print one comparison."""
    print(
        f"| {one.comparison.name} | {len(one.ours)} | {_spread(one.ours)} | "
        f"{_spread(one.theirs)} | {one.ratio:.2f} | {one.comparison.bound:.2f} | "
        f"{'holds' if one.holds else 'MISSED'} | {one.processor_ratio:.2f} |",
        flush=True,
    )


def print_memory(memory: Mapping[str, int], server: int | None) -> None:
    """Print the table of peak memory."""
    print("\n| program | peak memory, MB |\n| --- | --- |")
    for name, size in sorted(memory.items(), key=lambda item: item[1]):
        print(f"| {name} | {size / 1e6:.0f} |")
    if server is not None:
        print(f"| sandbox server | {server / 1e6:.0f} |")


def _spread(costs: Sequence[Cost]) -> str:
    seconds = [cost.clock for cost in costs]
    return f"{min(seconds):.3f} {statistics.median(seconds):.3f} {max(seconds):.3f}"


def machine() -> str:
    """The shape of this machine, without its name."""
    load = os.getloadavg()[0]
    busy = " (BUSY: the seconds mean little, the ratios something)" if load > _BUSY else ""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, load {load:.2f}{busy}"
    )


def main() -> int:
    """Make the workspace, measure, print, clean up."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=7, help="pairs of plans (7; at least 5)")
    parser.add_argument("--applied", action="store_true", help="apply everything first")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="only the comparisons with TEXT in their name"
    )
    parser.add_argument("--check", action="store_true", help="exit 1 where a bound is missed")
    given = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("BSOPS_")]:
        del os.environ[name]
    print(machine(), end="\n\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="bsops-benchmark-") as scratch:
        directory = Path(scratch) / "workspace"
        timed([BSOPS, "new", str(directory)], Path(scratch))
        workspace = Workspace(directory.resolve())
        try:
            bsops(
                directory,
                "apply" if given.applied else "plan",
                ENVIRONMENT,
                "--sandbox",
                *(["--yes"] if given.applied else []),
            )
            bare = bare_terraform(workspace, Path(scratch))
            environ = preflight.real_environ(workspace, ENVIRONMENT, Path(scratch) / "home")
            # The operator's own root has not been initialised yet.
            timed([BSOPS, "plan", ENVIRONMENT], directory, environ)
            measured = []
            print_head()
            for one in comparisons(directory, bare, environ, max(5, given.pairs)):
                if given.only in one.name:
                    measured.append(measure(one))
                    print_row(measured[-1])
            print_memory(peak_memory(directory), lifecycle.status(workspace).memory)
        finally:
            lifecycle.stop(workspace)
    return int(given.check and not all(one.holds for one in measured))


if __name__ == "__main__":
    sys.exit(main())
