"""Fits the limits of doubt to labelled calls and writes them beside the rubrics, if that holds on calls not fitted to."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Final

from callscore import __version__
from callscore.errors import ConfigError
from callscore.evaluation import HeardCall, TruthCall
from callscore.evaluation.calibration import Calibration, Price
from callscore.evaluation.compare import Confusion, tally
from callscore.jobs.fit import CANDIDATES, MAX_ROUNDS, cross_validate, fit, folds, live_candidates
from callscore.jobs.labelled import LabelledCall
from callscore.pipeline import score_dialogue
from callscore.records import Dialogue
from callscore.rubric import RubricBook
from callscore.rubric.thresholds import THRESHOLDS_FILE, Thresholds, read_thresholds
from callscore.store.entries import StoredCall

__all__ = ["MIN_CALLS", "CalibrationRequest", "calibrate", "target_file"]

MIN_CALLS: Final = 30
"""With fewer calls a part of the cross-validation holds under six: its errors say nothing."""
N_FOLDS: Final = 5

_Labelled = tuple[TruthCall, StoredCall, Dialogue]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRequest:
    """What to fit: labelled calls to the rubrics, only on some criteria (all if empty), written to `file`."""

    labelled: Sequence[LabelledCall]
    book: RubricBook
    file: Path
    today: date
    only: Collection[str] = ()
    price: Price = dataclasses.field(default_factory=Price)


def target_file(rubrics_dir: Path | None, output: Path | None) -> Path:
    """Return where fitted thresholds go; looks at the folder now, not after minutes of fitting.

    Raises:
        ConfigError: if neither is given (the rubrics that come with callscore are no place for a shop's own values), or the
            folder cannot be written to.
    """
    if output is None and rubrics_dir is None:
        raise ConfigError(
            "there is no folder of rubrics of your own to write thresholds to",
            hint="callscore init makes one, or name a file with --output",
        )
    path = output or Path(rubrics_dir or "") / THRESHOLDS_FILE
    if not os.access(path.absolute().parent, os.W_OK | os.X_OK):
        raise ConfigError("the folder for the thresholds does not exist or cannot be written to", where=str(path.parent))
    return path


def calibrate(request: CalibrationRequest, on_progress: Callable[[float], None]) -> Calibration:
    """Fit the thresholds and write them if they cost clearly less than the present ones on calls that were not fitted to.

    `on_progress` hears the share done, 0..1.

    Raises:
        ConfigError: too few labelled calls, or the file cannot be written.
    """
    calls = _usable(request)
    bench, steps = _Bench(calls, request), _Steps(on_progress)
    start, price = request.book.thresholds, request.price
    live = live_candidates(start, bench.judge, steps.screened)
    steps.expect((N_FOLDS + 1) * MAX_ROUNDS * len(live))
    parts = folds([stored.info.call_id for _, stored, _ in calls], N_FOLDS)
    trial = cross_validate(start, bench.judge, parts, live, price, steps.fitted)
    fitted = fit(start, bench.judge, range(len(calls)), live, price, steps.fitted)
    on_progress(1.0)
    changes = ((name, getattr(start, name), getattr(fitted, name)) for name in live)
    found = Calibration(
        n_calls=len(calls),
        n_labels=trial.before.n,
        trial=trial,
        price=price,
        changes=tuple(change for change in changes if change[1] != change[2]),
        old_origin=start.origin,
        written=None,
    )
    if not found.changes or not trial.is_gain:
        return found
    _write(request.file, replace(fitted, origin=_origin(found, [stored for _, stored, _ in calls], request)))
    return replace(found, written=request.file)


def _usable(request: CalibrationRequest) -> tuple[_Labelled, ...]:
    """Return the labelled calls that can be scored."""
    only = request.only
    calls = tuple(
        (truth, stored, stored.dialogue)
        for truth, stored in request.labelled
        if stored is not None and stored.dialogue is not None and any(not only or name in only for name in truth.labels)
    )
    if len(calls) < MIN_CALLS:
        raise ConfigError(
            f"fitting needs {MIN_CALLS} labelled calls that are stored and were heard, there are {len(calls)}",
            hint="label more calls; callscore eval without --calibrate works with any number",
        )
    return calls


class _Bench:
    """Scores the labelled calls under any thresholds, each only once."""

    def __init__(self, calls: Sequence[_Labelled], request: CalibrationRequest) -> None:
        self._calls = calls
        self._request = request
        self._known: dict[Thresholds, tuple[Confusion, ...]] = {}
        self._alike: dict[Confusion, Confusion] = {}

    def judge(self, thresholds: Thresholds) -> tuple[Confusion, ...]:
        """Return each call's labels against its verdicts under `thresholds`."""
        if thresholds not in self._known:
            book = replace(self._request.book, thresholds=thresholds)
            tables = (self._one(call, book) for call in self._calls)
            # Few tables differ; kept once, a thousand calls under hundreds of thresholds fit into memory.
            self._known[thresholds] = tuple(self._alike.setdefault(table, table) for table in tables)
        return self._known[thresholds]

    def _one(self, call: _Labelled, book: RubricBook) -> Confusion:
        truth, stored, dialogue = call
        scored = score_dialogue(dialogue, stored.info, book, notes=stored.notes)
        verdicts = {result.criterion: result for score in scored.scores for result in score.results}
        heard = HeardCall(call_id=stored.info.call_id, verdicts=verdicts, call_type=scored.call_type.id, dialogue=dialogue)
        return reduce(Confusion.combine, tally((truth, heard), self._request.only).values(), Confusion())


class _Steps:
    """Turns steps into a share done: a third for trying each threshold alone, the rest for fitting."""

    def __init__(self, on_progress: Callable[[float], None]) -> None:
        self._on_progress = on_progress
        self._screened = self._fitted = 0
        self._expected = 1

    def expect(self, n_steps: int) -> None:
        """Tell how many steps fitting takes at most."""
        self._expected = max(1, n_steps)

    def screened(self) -> None:
        """Count a threshold tried alone."""
        self._screened += 1
        self._on_progress(self._screened / len(CANDIDATES) / 3)

    def fitted(self) -> None:
        """Count a threshold of a fit."""
        self._fitted += 1
        self._on_progress(1 / 3 + self._fitted / self._expected * 2 / 3)


def _origin(found: Calibration, calls: Sequence[StoredCall], request: CalibrationRequest) -> str:
    engines = sorted({call.provenance[0].model or call.provenance[0].engine for call in calls if call.provenance})
    about = f" on {', '.join(sorted(request.only))}" if request.only else ""
    return (
        f"fitted by callscore {__version__} on {request.today}: {found.n_labels} labels{about} of {found.n_calls} calls heard "
        f"with {', '.join(engines) or 'an unknown engine'}; on calls not fitted to ({N_FOLDS}-fold cross-validation) "
        f"{_brief(found.trial.before)} before, {_brief(found.trial.after)} after"
    )


def _brief(found: Confusion) -> str:
    right = f"{100 * found.right / found.decided:.1f}% of {found.decided} decided right" if found.decided else "nothing decided"
    return f"{right}, {100 * found.unsure / found.n:.1f}% unsure"


def _write(path: Path, thresholds: Thresholds) -> None:
    """Put the file in place whole or not at all, after reading it back."""
    usual = Thresholds()
    names = [field.name for field in dataclasses.fields(thresholds) if field.name != "origin"]
    kept = [name for name in names if name in CANDIDATES or getattr(thresholds, name) != getattr(usual, name)]
    lines = ["format: 1", f"origin: {json.dumps(thresholds.origin, ensure_ascii=False)}", "values:"]
    text = "\n".join([*lines, *(f"  {name}: {getattr(thresholds, name)}" for name in kept)]) + "\n"
    try:
        descriptor, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        new = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            read_thresholds(new)
            new.chmod(0o644)
            new.replace(path)
        finally:
            with contextlib.suppress(OSError):
                new.unlink()
    except OSError as exc:
        raise ConfigError(f"the thresholds cannot be written: {exc.strerror or exc}", where=str(path)) from exc
