"""Write the results down: one JSON object, and tables in Markdown for people."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from benchmarks.hearing.charts import Bar, Panel, bar_chart
from benchmarks.hearing.compare import Row

__all__ = ["charts", "json_rows", "markdown"]

COLUMNS: Final = (
    ("", "title"),
    ("x real time", "speed"),
    ("with loading", "speed_with_load"),
    ("WER operator", "wer_operator"),
    ("WER client", "wer_client"),
    ("WER", "wer"),
    ("turns lost", "lost"),
    ("words in their turn", "inside"),
    ("turn start off, ms: median, 9 of 10", "start_error"),
    ("turn end off, ms", "end_error"),
    ("right role", "role"),
    ("processor s per min", "cpu"),
    ("peak memory, GB", "memory"),
    ("GPU busy", "gpu"),
)
TITLES: Final[Mapping[str, str]] = {
    "stereo": "Stereo, a leg per channel",
    "mono": "Mono, both parties on one channel",
    "english": "English, mono",
}


def json_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return every figure of every row, shares as 0..1."""
    return [_figures(row) for row in rows]


def markdown(rows: Sequence[Row]) -> str:
    """Return a table for each layout; columns in which nobody has a figure are left out."""
    parts = []
    for layout in dict.fromkeys(row.layout for row in rows):
        if layout == "quiet":
            parts += _quiet([row for row in rows if row.layout == layout])
            continue
        own = [row for row in rows if row.layout == layout]
        cells = [_cells(row) for row in own]
        columns = [(head, key) for head, key in COLUMNS if any(row.get(key, "-") != "-" for row in cells)]
        minutes = max(row.audio_s for row in own) / 60
        n_calls = max(len(row.by_call) for row in own)
        parts += [
            f"**{TITLES[layout]}**: {n_calls} call{'s' if n_calls != 1 else ''}, {minutes:.1f} minutes",
            "",
            "| " + " | ".join(head for head, _key in columns) + " |",
            "| " + " | ".join("---" if key == "title" else "---:" for _head, key in columns) + " |",
            *("| " + " | ".join(row.get(key, "-") for _head, key in columns) + " |" for row in cells),
            "",
        ]
    return "\n".join(parts)


def charts(rows: Sequence[Row]) -> dict[str, str]:
    """Return the charts of speed and of word errors as SVG by file name; none where nothing ran."""
    speed, errors = _panels(rows, _speed_bar), _panels(rows, _wer_bar)
    found = {}
    if speed:
        note = "more is better; the line spans the slowest and the fastest run"
        found["speed.svg"] = bar_chart("Speed, times real time", note, speed)
    if errors:
        found["wer.svg"] = bar_chart("Words recognised wrong, %", "less is better; both sides of the calls", errors)
    return found


def _panels(rows: Sequence[Row], draw: Callable[[Row], Bar | None]) -> list[Panel]:
    panels = []
    for layout in dict.fromkeys(row.layout for row in rows):
        bars = [draw(row) for row in rows if row.layout == layout and row.runs and layout in TITLES]
        if any(bars):
            panels.append(Panel(TITLES[layout], tuple(bar for bar in bars if bar)))
    return panels


def _speed_bar(row: Row) -> Bar | None:
    speeds = row.speeds()
    if not speeds:
        return None
    return Bar(
        label=row.title,
        value=statistics.median(speeds),
        text=f"{statistics.median(speeds):.1f}",
        spread=(min(speeds), max(speeds)) if len(speeds) > 1 else None,
        is_own=row.contender.startswith("callscore"),
    )


def _wer_bar(row: Row) -> Bar:
    percent = 100 * (row.scores.wer() or 0.0)
    return Bar(label=row.title, value=percent, text=f"{percent:.1f}", is_own=row.contender.startswith("callscore"))


def _quiet(rows: Sequence[Row]) -> list[str]:
    """Return the table of words in sounds: alone, and between the halves of a mono and of a stereo call."""
    kinds = ("alone", "mono", "stereo")
    n_sounds = max(sum(call_id.endswith(".alone") for call_id in row.by_call) for row in rows)
    lines = [
        f"**Words where nobody speaks**: {n_sounds} sounds (hold music, room noise, tones, white noise, silence)",
        "",
        "| | words in the sounds alone | between two halves of a mono call | of a stereo call |",
        "| --- | ---: | ---: | ---: |",
    ]
    for row in rows:
        counts = [sum(n for call_id, n in row.scores.invented.items() if call_id.endswith(f".{kind}")) for kind in kinds]
        cells = map(str, counts) if row.runs else (row.note, "-", "-")
        lines.append(f"| {row.title} | {' | '.join(cells)} |")
    return [*lines, ""]


def _figures(row: Row) -> dict[str, Any]:
    scores = row.scores
    found: dict[str, Any] = {
        "contender": row.contender, "title": row.title, "layout": row.layout, "device": row.device, "note": row.note,
    }  # fmt: skip
    if not row.runs:
        return found
    if row.layout == "quiet":
        return found | {"invented_words": dict(scores.invented)}
    return found | {
        "failed": dict(row.failed),
        "calls": len(row.by_call),
        "audio_s": row.audio_s,
        "x_real_time": row.speeds(),
        "x_real_time_with_loading": row.speeds_with_load(),
        "load_s": [run.facts.load_s for run in row.runs],
        "cpu_s_per_minute": row.cpu_s_per_minute(),
        "peak_bytes": max(run.peak_bytes for run in row.runs),
        "gpu_busy_frac": row.runs[0].gpu_busy_frac,
        "wer": {"operator": scores.wer("operator"), "client": scores.wer("client"), "all": scores.wer()},
        "words": dict(scores.words),
        "errors": dict(scores.errors),
        "turns": scores.n_turns,
        "lost": [{"call": call, "start_ms": at} for call, at in scores.lost],
        "words_placed": scores.n_placed,
        "words_in_their_turn": scores.n_inside,
        "turn_start_error_ms": _quantiles(scores.start_errors_ms),
        "turn_end_error_ms": _quantiles(scores.end_errors_ms),
        "role_accuracy": scores.right_role_ms / scores.role_ms if scores.role_ms else None,
        "same_words_each_run": row.is_same_each_time,
        "wer_by_call": {call_id: part.wer() for call_id, part in row.by_call.items()},
    }


def _cells(row: Row) -> dict[str, str]:
    if not row.runs:
        return {"title": row.title, "speed": row.note}
    scores = row.scores
    busy = [run.gpu_busy_frac for run in row.runs if run.gpu_busy_frac is not None]
    return {
        "title": f"{row.title} ({len(row.failed)} failed)" if row.failed else row.title,
        "speed": _spread(row.speeds()),
        "speed_with_load": _spread(row.speeds_with_load()),
        "wer_operator": _percent(scores.wer("operator")),
        "wer_client": _percent(scores.wer("client")),
        "wer": _percent(scores.wer()),
        "lost": f"{len(scores.lost)} of {scores.n_turns}",
        "inside": _percent(scores.n_inside / scores.n_placed if scores.n_placed else None),
        "start_error": _median_and_p90(scores.start_errors_ms),
        "end_error": _median_and_p90(scores.end_errors_ms),
        "role": _percent(scores.right_role_ms / scores.role_ms if scores.role_ms else None),
        "cpu": f"{row.cpu_s_per_minute():.1f}",
        "memory": f"{max(run.peak_bytes for run in row.runs) / 1e9:.1f}",
        "gpu": f"{statistics.median(busy):.0%}" if busy else "-",
    }


def _spread(values: Sequence[float]) -> str:
    """Return the median with the least and the greatest: 24.1 (23.0-25.2)."""
    if not values:
        return "-"
    middle = f"{statistics.median(values):.1f}"
    return f"{middle} ({min(values):.1f}-{max(values):.1f})" if len(values) > 1 else middle


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _quantiles(values: Sequence[int]) -> dict[str, int] | None:
    if not values:
        return None
    ordered = sorted(values)
    return {"median": round(statistics.median(ordered)), "p90": ordered[min(len(ordered) - 1, len(ordered) * 9 // 10)]}


def _median_and_p90(values: Sequence[int]) -> str:
    found = _quantiles(values)
    return "-" if found is None else f"{found['median']}, {found['p90']}"
