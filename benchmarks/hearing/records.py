"""What passes between the parts of the comparison: labelled calls, jobs for recognisers, what they heard. No library needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["LAYOUTS", "SIDES", "Facts", "Heard", "Job", "JobCall", "LabelledCall", "LabelledTurn", "SpokenTurn", "SpokenWord"]

LAYOUTS: Final = ("stereo", "mono", "english", "quiet")
"""Groups that are measured apart: a leg per channel; both parties on one channel; English calls, which are mono as well; and
sounds in which nobody speaks.
"""
SIDES: Final = ("operator", "client")


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """What somebody said. `side` is operator or client, `role` may also be system (a prompt); times None: not labelled."""

    side: str
    role: str
    text: str
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCall:
    """A recording with its turns. `channels` names the side of each channel to hear; one with "" holds both sides.

    `n_channels` is how many the file has, `pbx` what a telephone system knows of the call, by column of a metadata table.
    In `quiet_ms` (start, end) nobody speaks; then there are no turns.
    """

    call_id: str
    path: str
    layout: str
    language: str
    channels: tuple[str, ...]
    turns: tuple[LabelledTurn, ...]
    seconds: float
    n_channels: int = 1
    pbx: tuple[tuple[str, str], ...] = ()
    quiet_ms: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A recognised word: where, and on which channel of the file."""

    channel: int
    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A stretch of the call that a recogniser gives to one role or anonymous speaker."""

    speaker: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one recogniser made of one call; `turns` are empty where it does not tell speakers apart.

    `problem` says why it failed on this call; then there are no words.
    """

    words: tuple[SpokenWord, ...] = ()
    turns: tuple[SpokenTurn, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class JobCall:
    """A call to hear: its id, its file, the numbers from 0 of the channels to hear (one of several: the first alone).

    `n_channels` is how many the file has, `pbx` what a telephone system knows of it, by column of a metadata table.
    """

    call_id: str
    path: str
    n_channels: int
    channels: tuple[int, ...]
    pbx: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of one recogniser over some calls, as handed to its process.

    `model` is the folder with the weights, `second` a second of speech with as many channels as the calls, `command` the
    program to run where the recogniser is one.
    """

    contender: str
    calls: tuple[JobCall, ...]
    language: str
    model: str
    device: str
    compute_type: str
    threads: int
    second: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a run cost: wall time of starting and loading, wall and processor time of the rest."""

    load_s: float
    work_s: float
    cpu_s: float
