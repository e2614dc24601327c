"""Sounds in which nobody speaks, alone and between the two halves of a call: whatever is recognised in them is invented.

Hold music, room noise and silence come from recordings; tones, white noise and digital silence are made here. Between the
halves of a stereo call a sound plays on the operator's leg, as hold music does, and the client's leg is silent.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.hearing.calls import Missing, read_legs
from benchmarks.hearing.records import LabelledCall

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["find_sounds", "write_wav"]

_RATE_HZ: Final = 16_000
_RECORDINGS: Final = ("hold/*", "azure/callcenter_ambience.wav", "pisets/silence.wav", "pisets/test_silence.wav")
_MADE_S: Final = 20
_MOST_S: Final = 40
"""How much of a sound goes between the halves of a call, seconds."""
_LEAST_TURNS: Final = 6
_RING_HZ: Final = 425
"""Russian ring-back: 425 Hz, a second on, four off (ITU-T E.180 supplement 2)."""


def find_sounds(audio_dir: Path, calls: Sequence[LabelledCall], folder: Path) -> tuple[LabelledCall, ...]:
    """Return the sounds alone, then between the halves of a mono and of a stereo call; what is made is written to `folder`.

    Args:
        audio_dir: recordings of sounds.
        calls: labelled calls, of which the shortest with some turns of each layout is cut in two.
        folder: for what is made.

    Raises:
        Missing: if the recordings are not there.
    """
    recordings = sorted(path for pattern in _RECORDINGS for path in audio_dir.glob(pattern))
    if not recordings:
        raise Missing(f"error: no hold music in {audio_dir}\n  try: --audio DIR, or --layout stereo mono")
    sounds = [*recordings, *_make(folder)]
    found = [_alone(path) for path in sounds]
    for layout in ("mono", "stereo"):
        fitting = [call for call in calls if call.layout == layout and len(call.turns) >= _LEAST_TURNS]
        fitting = [call for call in fitting if call.n_channels == len(call.channels)]
        for call in sorted(fitting, key=lambda one: one.seconds)[:1]:
            found += [_glued(call, path, folder) for path in sounds]
    return tuple(found)


def write_wav(path: Path, legs: Sequence[NDArray[np.float32]]) -> None:
    """Write channels of equal length (float32, -1..1, 16 kHz) as 16-bit PCM."""
    import numpy as np

    with wave.open(str(path), "wb") as out:
        out.setnchannels(len(legs))
        out.setsampwidth(2)
        out.setframerate(_RATE_HZ)
        out.writeframes((np.clip(np.stack(legs, axis=1), -1, 1) * 32_767).astype("<i2").tobytes())


def _make(folder: Path) -> Iterator[Path]:
    import numpy as np

    n_samples = _MADE_S * _RATE_HZ
    at = np.arange(n_samples) / _RATE_HZ
    tone = 0.2 * np.sin(2 * np.pi * _RING_HZ * at)
    made = {
        "tone": tone,
        "ring-back": tone * (at % 5 < 1),
        "white-noise": np.random.default_rng(1).normal(0, 0.03, n_samples),
        "digital-silence": np.zeros(n_samples),
    }
    for name, samples in made.items():
        path = folder / f"{name}.wav"
        write_wav(path, [samples.astype(np.float32)])
        yield path


def _alone(path: Path) -> LabelledCall:
    legs = read_legs(path)
    seconds = len(legs[0]) / _RATE_HZ
    return LabelledCall(
        call_id=f"{path.stem}.alone",
        path=str(path.resolve()),
        layout="quiet",
        language="ru",
        channels=("",) if len(legs) == 1 else ("operator", "client"),
        turns=(),
        seconds=seconds,
        n_channels=len(legs),
        quiet_ms=(0, round(seconds * 1000)),
    )


def _glued(call: LabelledCall, sound: Path, folder: Path) -> LabelledCall:
    """Write a call with the sound in its widest pause."""
    import numpy as np

    legs = read_legs(Path(call.path))
    at = _pause_ms(call) * _RATE_HZ // 1000
    middle = read_legs(sound)[0][: _MOST_S * _RATE_HZ]
    silence = np.zeros_like(middle)
    parts = [np.concatenate([leg[:at], silence if channel else middle, leg[at:]]) for channel, leg in enumerate(legs)]
    path = folder / f"{sound.stem}.{call.layout}.wav"
    write_wav(path, parts)
    start_ms = at * 1000 // _RATE_HZ
    return LabelledCall(
        call_id=path.stem,
        path=str(path),
        layout="quiet",
        language=call.language,
        channels=call.channels,
        turns=(),
        seconds=len(parts[0]) / _RATE_HZ,
        n_channels=len(legs),
        pbx=call.pbx,
        quiet_ms=(start_ms, start_ms + len(middle) * 1000 // _RATE_HZ),
    )


def _pause_ms(call: LabelledCall) -> int:
    """Return the middle of the widest pause in the middle half of a call."""
    spans = sorted((turn.start_ms, turn.end_ms) for turn in call.turns if turn.start_ms is not None and turn.end_ms is not None)
    length_ms = call.seconds * 1000
    pauses = []
    end_ms = 0
    for start, end in spans:
        if length_ms / 4 < (end_ms + start) / 2 < length_ms * 3 / 4:
            pauses.append((start - end_ms, (start + end_ms) // 2))
        end_ms = max(end_ms, end)
    return max(pauses)[1] if pauses else round(length_ms / 2)
