"""A load test on the screen: a line while it runs, and what it came to."""

from typing import TYPE_CHECKING

from bookstore_ops.ui.step_watch import StepWatch
from bookstore_ops.ui.text import Screen, Span, duration, plain, plural

if TYPE_CHECKING:
    from bookstore_ops.load.figures import Times
    from bookstore_ops.load.generator import Live
    from bookstore_ops.operations.loading.result import LoadTest
    from bookstore_ops.ui.terminal import Terminal

_VERDICTS = {
    True: ("held", "bold green"),
    False: ("missed", "bold red"),
    None: ("no verdict", "bold yellow"),
}


class LoadWatch(StepWatch):
    """Follows a load test."""

    still = "so far"

    def live(self, live: "Live") -> None:
        """How it stands; the times are those of the last seconds."""
        parts = [
            duration(live.elapsed),
            f"{live.sent} sent",
            f"{live.answered} answered",
            plural(live.errors, "error"),
            *_words(live.times),
        ]
        self.show(", ".join(parts))


def show_load(terminal: "Terminal", environment: str, done: "LoadTest") -> None:
    """What a load test came to."""
    terminal.result(_screen(done))
    terminal.document("bsops.load/1", _document(environment, done))


def _screen(done: "LoadTest") -> Screen:
    figures, profile = done.figures, done.profile
    word, style = _VERDICTS[done.held]
    screen = Screen()
    screen.add(Span(f"{done.service}: ", "bold"), Span(word, style))
    screen.add(Span(f"GET {done.url}", "dim"))
    if done.analysis is None:
        screen.add(Span("these figures are of this machine, not of the service", "bold yellow"))
    left = f", {figures.left} under way at the end" if figures.left else ""
    screen.add(
        f"rate      {figures.rate:.1f} of {profile.rate:g} a second, "
        f"{figures.sent} sent, {figures.answered} answered{left}"
    )
    percent = "-" if figures.error_percent is None else f"{figures.error_percent:.2f} %"
    screen.add(f"errors    {figures.errors} ({percent})")
    if figures.statuses:
        counts = ", ".join(f"{number} x {status}" for status, number in figures.statuses.items())
        screen.add(f"statuses  {counts}")
    if figures.failures:
        kinds = ", ".join(f"{number} x {kind}" for kind, number in figures.failures.items())
        screen.add(f"failures  {kinds}")
    screen.add(f"times     {', '.join([*_words(figures.times), _longest(figures.times)])}")
    for finding in done.analysis.findings if done.analysis else ():
        screen.add(f"{finding.verdict:12}  {plain(finding.words)}")
    if done.not_judged:
        screen.add(Span(f"not judged here: {', '.join(done.not_judged)}", "dim"))
    return screen


def _words(times: "Times") -> list[str]:
    return [f"{name} {_ms(getattr(times, name))}" for name in ("p50", "p95", "p99")]


def _longest(times: "Times") -> str:
    return f"longest {_ms(times.longest)}"


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.0f} ms"


def _document(environment: str, done: "LoadTest") -> dict[str, object]:
    figures, profile, analysis = done.figures, done.profile, done.analysis
    return {
        "environment": environment,
        "service": done.service,
        "url": done.url,
        "wanted": {
            "rate": profile.rate,
            "for_seconds": profile.hold,
            "ramp_seconds": profile.ramp,
        },
        "ended_by": str(done.ending),
        "held": done.held,
        "alarms": done.alarms,
        "figures_of": "generator" if analysis is None else "service",
        "figures": {
            "rate": round(figures.rate, 2),
            "sent": figures.sent,
            "answered": figures.answered,
            "errors": figures.errors,
            "error_percent": figures.error_percent,
            "sent_late": figures.late,
            "under_way_at_the_end": figures.left,
            "statuses": {str(status): n for status, n in figures.statuses.items()},
            "failures": dict(figures.failures),
            "seconds": vars(figures.times),
        },
        "findings": [
            {"criterion": f.criterion, "verdict": str(f.verdict), "words": f.words}
            for f in (analysis.findings if analysis else ())
        ],
        "not_judged": done.not_judged,
    }
