"""Learning from people's verdicts: limits of doubt fitted anew, phrases proposed, what both would change; applied on demand."""

from __future__ import annotations

import contextlib
import difflib
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from callscore.config import Config
from callscore.errors import ConfigError, NothingToDoError
from callscore.evaluation import TruthCall
from callscore.evaluation.calibration import Calibration
from callscore.evaluation.learned import ArchiveChange, Effect, Learned, Proposal
from callscore.jobs.calibrate import MIN_CALLS, CalibrationRequest, calibrate
from callscore.jobs.ingest import Progress
from callscore.jobs.proposals import ProposalRequest, propose_phrases
from callscore.jobs.rubric_diff import DiffRequest, RubricDiff, comparing_rubrics
from callscore.phrases import compile_phrases, find_matches
from callscore.records import Verdict, Word
from callscore.rubric import load_book
from callscore.rubric.thresholds import THRESHOLDS_FILE
from callscore.shipped import shipped_dir
from callscore.store import StoreReader, open_reader
from callscore.store.entries import StoredCall
from callscore.store.labels import ReviewLabel, read_failed_calls, read_labels
from callscore.units import Span
from callscore.whole_file import whole_file

__all__ = ["LearnRequest", "apply_draft", "learning"]

_MOST_UNSEEN: Final = 150
"""Calls per criterion that the machine failed and nobody looked at: enough to tell a common wording from a rare one."""
_MOST_CHANGED: Final = 20_000
_WORD_MS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnRequest:
    """What to learn: on some criteria only, all if empty; `since` and `workers` are for trying it on the archive."""

    today: date
    only: Sequence[str] = ()
    since: datetime | None = None
    workers: int = 0


@contextlib.contextmanager
def learning(config: Config, request: LearnRequest, progress: Progress, on_fit: Callable[[float], None]) -> Iterator[Learned]:
    """Learn from the reviews in the store and try it out; nothing is changed.

    Thresholds are fitted to calls drawn by lot or judged blind alone: fitted to what looked wrong they would be moved too far.
    Phrases are looked for in all corrections, as that takes examples and no rate.

    Raises:
        NothingToDoError: if nobody has reviewed a call that is stored.
        ConfigError, RubricError, StoreError: as the steps do.
        KeyboardInterrupt: after Ctrl-C or SIGTERM.
    """
    folder = (config.rubrics.dir or shipped_dir("rubrics")).absolute()
    with tempfile.TemporaryDirectory(prefix="callscore-draft-") as name:
        draft = Path(name) / folder.name
        _copy_rubrics(folder, draft)
        with open_reader(config.store.db) as reader:
            labels, calls, unseen = _read(reader, request)
        rated, calibration = _fit(labels, calls, folder, draft, request, on_fit)
        proposals = propose_phrases(ProposalRequest(labels=labels, calls=calls, unseen=unseen, draft=draft))
        diff = _diff(folder, draft)
        archive, effects = None, tuple(Effect(0, 0) for _ in proposals.accepted)
        if diff:
            wanted = DiffRequest(old=folder, new=draft, since=request.since, workers=request.workers)
            with comparing_rubrics(config, wanted, progress) as compared:
                archive, effects = _archive(compared), _effects(proposals.accepted, draft, compared)
        yield Learned(
            labels=labels,
            n_rate_calls=rated,
            least_calls=MIN_CALLS,
            calibration=calibration,
            proposals=proposals,
            diff=diff,
            folder=folder,
            draft=draft,
            archive=archive,
            effects=effects,
        )


def apply_draft(learned: Learned) -> tuple[Path, ...]:
    """Put the changed files in place, each whole or not at all, and return them.

    Raises:
        ConfigError: if a file was changed by somebody meanwhile, or cannot be written.
    """
    if _diff(learned.folder, learned.draft) != learned.diff:
        raise ConfigError(
            "the rubrics were changed meanwhile, so nothing is written", where=str(learned.folder), hint="run the command again"
        )
    written = []
    for name in _changed(learned.folder, learned.draft):
        target = learned.folder / name
        with whole_file(target) as stream:
            stream.write((learned.draft / name).read_bytes())
        written.append(target)
    return tuple(written)


def _copy_rubrics(folder: Path, draft: Path) -> None:
    load_book(folder)
    for path in (*folder.glob("*.yaml"), *(folder / "phrases").glob("*.yaml")):
        target = draft / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())


def _read(
    reader: StoreReader, request: LearnRequest
) -> tuple[tuple[ReviewLabel, ...], dict[str, StoredCall], dict[tuple[str, str], list[StoredCall]]]:
    with reader.asking() as queries:
        labels = read_labels(queries, request.only)
        missed = sorted({(one.rubric, one.criterion) for one in labels if _is_missed(one)})
        unseen = {key: read_failed_calls(queries, *key, _MOST_UNSEEN) for key in missed}
    if not labels:
        raise NothingToDoError(
            "no stored call was reviewed", where=str(reader.path), hint="callscore review, then callscore reviews fold"
        )
    names = {one.call_id for one in labels} | {name for found in unseen.values() for name in found}
    read = {name: call for name in sorted(names) if (call := reader.call(name)) is not None}
    reviewed = {name: call for name, call in read.items() if name in {one.call_id for one in labels}}
    return labels, reviewed, {key: [read[name] for name in found if name in read] for key, found in unseen.items()}


def _is_missed(label: ReviewLabel) -> bool:
    return label.truth is Verdict.PASS and label.machine in (Verdict.FAIL, Verdict.UNSURE)


def _fit(
    labels: Sequence[ReviewLabel],
    calls: dict[str, StoredCall],
    folder: Path,
    draft: Path,
    request: LearnRequest,
    on_fit: Callable[[float], None],
) -> tuple[int, Calibration | None]:
    """Return how many calls may tell rates, and what fitting to them found; written to the draft if it is a gain."""
    by_call: dict[str, dict[str, Verdict]] = defaultdict(dict)
    for one in labels:
        if one.is_for_rates and not one.is_contested and calls.get(one.call_id) and calls[one.call_id].dialogue is not None:
            by_call[one.call_id][one.criterion] = one.truth
    labelled = tuple(
        (TruthCall(call_id=name, file=None, labels=given, where=name), calls[name]) for name, given in sorted(by_call.items())
    )
    if len(labelled) < MIN_CALLS:
        return len(labelled), None
    request_ = CalibrationRequest(
        labelled=labelled, book=load_book(folder), file=draft / THRESHOLDS_FILE, today=request.today, only=request.only
    )
    return len(labelled), calibrate(request_, on_fit)


def _changed(folder: Path, draft: Path) -> list[str]:
    names = sorted(str(path.relative_to(draft)) for path in draft.rglob("*.yaml"))
    return [name for name in names if _text(folder / name) != _text(draft / name)]


def _diff(folder: Path, draft: Path) -> str:
    parts: list[str] = []
    for name in _changed(folder, draft):
        old, new = _text(folder / name), _text(draft / name)
        parts += difflib.unified_diff(
            old.splitlines(keepends=True),
            new.splitlines(keepends=True),
            f"a/{name}" if old else "/dev/null",
            f"b/{name}",
        )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in parts)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _archive(compared: RubricDiff) -> ArchiveChange | None:
    differences = compared.differences
    return ArchiveChange(compared.found, differences.totals(), differences.operators()) if differences else None


def _effects(accepted: Sequence[Proposal], draft: Path, compared: RubricDiff) -> tuple[Effect, ...]:
    """Return how many changed verdicts quote each phrase, and of how many operators."""
    if compared.differences is None:
        return tuple(Effect(0, 0) for _ in accepted)
    languages = {rubric.id: rubric.language for rubric in load_book(draft).rubrics}
    phrases = [compile_phrases((one.phrase,), languages[one.rubric]) for one in accepted]
    found: list[set[tuple[str, str | None]]] = [set() for _ in accepted]
    for changed in compared.differences.calls(_MOST_CHANGED):
        for verdict in changed.verdicts:
            if verdict.new is not Verdict.PASS or not verdict.new_quote:
                continue
            words = _words(verdict.new_quote)
            for place, phrase in enumerate(phrases):
                if find_matches(words, phrase):
                    found[place].add((changed.shift.call_id, changed.shift.operator))
    return tuple(Effect(len({call for call, _ in one}), len({name for _, name in one})) for one in found)


def _words(text: str) -> tuple[Word, ...]:
    parts = text.split()
    return tuple(Word(span=Span(at * _WORD_MS, (at + 1) * _WORD_MS), text=part, prob=1.0) for at, part in enumerate(parts))
