"""The transcript as one HTML page with a timeline: no script, nothing to be loaded."""

from html import escape

from bookstore_ops.runbooks.transcript import Entry, Transcript, head, moment, says

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: .2rem; } h2 { margin-top: 2.2rem; font-size: 1.15rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
         border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { white-space: nowrap; font-weight: 600; }
pre { background: var(--soft); padding: .7rem; overflow: auto; max-height: 30rem; }
.badge { border-radius: .3rem; padding: .05rem .5rem; color: #fff; font-size: .85rem; }
.done, .undone { background: #1a7f37; } .failed, .undo-failed { background: #c62828; }
.skipped { background: #8a6d00; } .stopped, .waiting, .unfinished { background: #57606a; }
.lane { position: relative; height: 1.1rem; background: var(--soft); min-width: 16rem; }
.bar { position: absolute; top: 0; height: 100%; min-width: 4px; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; } .dim { opacity: .7; }
@media print { pre { max-height: none; } }
"""


def html(transcript: Transcript) -> str:
    """The whole page."""
    beginning = transcript.begun
    title = escape(beginning.title)
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{_value(name, value)}</td></tr>"
        for name, value in head(transcript)
    )
    lanes = "".join(_lane(transcript, number, e) for number, e in enumerate(transcript.entries, 1))
    remarks = "".join(
        f'<tr><td class="time">{escape(_clock(remark.time))}</td>'
        f"<td>{escape(remark.text)}</td></tr>"
        for remark in transcript.remarks
    )
    details = "".join(_detail(number, e) for number, e in enumerate(transcript.entries, 1))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}: {escape(beginning.run)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{title}</h1>
<p class="dim">{escape(beginning.run)}</p>
<table>{rows}</table>
<h2>Timeline</h2>
<table>{lanes}</table>
<h2>What happened to the run</h2>
<table>{remarks}</table>
<h2>Steps</h2>
{details}
</body>
</html>
"""


def _value(name: str, value: str) -> str:
    return _badge(value) if name == "outcome" else escape(value)


def _badge(outcome: str) -> str:
    return f'<span class="badge {escape(outcome)}">{escape(outcome)}</span>'


def _clock(time: str) -> str:
    return time.partition(".")[0].partition("+")[0].replace("T", " ") + "Z"


def _lane(transcript: Transcript, number: int, entry: Entry) -> str:
    whole = max(transcript.seconds, 1.0)
    begin = moment(entry.began) - moment(transcript.begun.time)
    left = min(100 * begin / whole, 99.0)
    width = min(100 * entry.ended.seconds / whole, 100 - left)
    outcome = escape(entry.ended.outcome)
    bar = f'<div class="bar {outcome}" style="left:{left:.2f}%;width:{width:.2f}%"></div>'
    took = f"{entry.ended.seconds:.1f}s" if entry.ended.seconds else ""
    return (
        f'<tr><td class="time">{escape(_clock(entry.began)[11:])}</td>'
        f'<td><a href="#b{number}">{escape(entry.ended.block)}</a></td>'
        f"<td>{_badge(entry.ended.outcome)}</td>"
        f'<td style="width:50%"><div class="lane">{bar}</div></td><td class="time">{took}</td></tr>'
    )


def _detail(number: int, entry: Entry) -> str:
    parts = [
        f'<h2 id="b{number}">{escape(entry.ended.step)}: {escape(entry.ended.block)}</h2>',
        f"<p>{_badge(entry.ended.outcome)} {escape(says(entry).partition('; ')[2])}",
        f' <span class="dim">{escape(entry.who)}</span></p>',
    ]
    if entry.shown:
        parts.append(f"<pre>{escape(entry.shown)}</pre>")
    if entry.output:
        opened = " open" if len(entry.output) < 4000 else ""
        parts.append(
            f"<details{opened}><summary>{entry.ended.output_bytes} bytes printed</summary>"
            f"<pre>{escape(entry.output)}</pre></details>"
        )
    return "".join(parts)
