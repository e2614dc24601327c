"""Sound for the page: WAV by byte ranges, and the shape of each leg. Only by the id of a call that the viewer may open."""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import JSONResponse, Response

from callscore.review.web.audio import Sound
from callscore.review.web.frame import Visit
from callscore.units import Span

__all__ = ["audio", "peaks"]

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_MOST_BYTES: Final = 4 * 1024 * 1024
"""Of one answer, some four minutes: browsers ask for the rest when they get there, and so the log tells what was heard."""


def peaks(visit: Visit) -> Response:
    """Return length and peaks of a recording; the first question about a call decodes it."""
    call_id = visit.query("id")
    file = visit.desk.recording(visit.viewer, call_id)
    sound = visit.frame.sounds.open(file)
    visit.desk.access.write(visit.viewer, call_id, None, "waveform")
    return JSONResponse({"duration_ms": sound.duration_ms, "peaks": sound.peaks})


def audio(visit: Visit) -> Response:
    """Return the recording, or the part that the browser asks for."""
    call_id = visit.query("id")
    file = visit.desk.recording(visit.viewer, call_id)
    sound = visit.frame.sounds.open(file)
    found = _wanted(visit.request.headers.get("range", ""), sound.n_bytes)
    if found is None:
        return Response(status_code=416, headers={"content-range": f"bytes */{sound.n_bytes}"})
    start, end, is_part = found
    headers = {"accept-ranges": "bytes"}
    if is_part:
        headers["content-range"] = f"bytes {start}-{end - 1}/{sound.n_bytes}"
    if visit.request.method == "HEAD":
        headers["content-length"] = str(sound.n_bytes)
        return Response(status_code=200, media_type="audio/wav", headers=headers)
    visit.desk.access.write(visit.viewer, call_id, _heard(sound, start, end), "play")
    return Response(sound.read(start, end), 206 if is_part else 200, media_type="audio/wav", headers=headers)


def _wanted(text: str, n_bytes: int) -> tuple[int, int, bool] | None:
    """Return start, end (exclusive) and whether it is a part; None for a range that is not there (RFC 9110, section 14).

    >>> _wanted("bytes=-100", 1000)
    (900, 1000, True)
    """
    found = _RANGE.fullmatch(text)
    if found is None or found.groups() == ("", ""):
        return 0, n_bytes, False
    first, last = found.groups()
    if not first:
        return max(0, n_bytes - int(last)), n_bytes, True
    start = int(first)
    end = min(int(last) + 1 if last else n_bytes, start + _MOST_BYTES, n_bytes)
    return (start, end, True) if start < end else None


def _heard(sound: Sound, start: int, end: int) -> Span:
    """Return what stretch of the call the bytes hold."""
    per_ms = 2 * sound.n_channels * sound.rate_hz / 1000
    return Span(int(start / per_ms), max(int(start / per_ms), int(end / per_ms)))
