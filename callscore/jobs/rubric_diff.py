"""What rubrics would change: every stored call scored with the old ones and with the new ones, and nothing stored."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from callscore.config import Config
from callscore.errors import RubricError
from callscore.jobs.ingest import Progress
from callscore.jobs.rescore import plan_calls_of
from callscore.jobs.rubric_changes import book_rubrics, compare_rubrics
from callscore.jobs.score_stored import RubricSide, ScoreSettings, score_stored
from callscore.jobs.stopping import stop_on_signals
from callscore.rubric import load_book
from callscore.rubric.load import CALL_TYPES_FILE
from callscore.shipped import shipped_dir
from callscore.store.changes import RubricChange
from callscore.store.compare import Comparison, compare_scores
from callscore.store.work import require_database, take_snapshot, work_folder

__all__ = ["DiffRequest", "RubricDiff", "comparing_rubrics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRequest:
    """Two rubric files, or two folders with rubrics."""

    old: Path
    new: Path
    since: datetime | None = None
    workers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricDiff:
    """How many calls were looked at, and the differences to ask for while the context lasts; None for equal rubrics."""

    found: int
    wall_s: float
    sides: tuple[RubricSide, RubricSide]
    rubrics: tuple[RubricChange, ...] = ()
    differences: Comparison | None = None


@contextlib.contextmanager
def comparing_rubrics(config: Config, request: DiffRequest, progress: Progress) -> Iterator[RubricDiff]:
    """Score the stored calls under both sides and give what differs.

    A rubric file stands for its rubric alone, chosen among the others as if it lay in their folder: those beside it where it
    lies among rubrics, else those of the settings.

    Raises:
        RubricError: a rubric is wrong, or the file holds none that calls are scored with.
        NothingToDoError: no processed call is stored, or none matches.
        StoreError: there is no database, or it cannot be read.
        KeyboardInterrupt: after Ctrl-C or SIGTERM.
    """
    begun = time.monotonic()
    folder = config.rubrics.dir or shipped_dir("rubrics")
    old, new = _open_side(request.old, folder), _open_side(request.new, folder)
    require_database(config.store.db)
    with work_folder(config.store.db) as work:
        with stop_on_signals() as is_stopped:
            snapshot = take_snapshot(config.store.db, work)
            plan = plan_calls_of(config, snapshot, request.since)
            done = RubricDiff(found=plan.n_calls, wall_s=0.0, sides=(old, new))
            if not _are_same(old, new):
                settings = ScoreSettings(config=config, snapshot=snapshot, folder=work, sides={"old": old, "new": new})
                score_stored(settings, plan, request.workers or config.run.workers, is_stopped, progress)
                changes = compare_rubrics(book_rubrics(old.book), book_rubrics(new.book))
                done = replace(
                    done,
                    rubrics=tuple(change for change in changes if change.rubric in _chosen(old, new)),
                    differences=compare_scores(work, snapshot, is_old_staged=True),
                )
        yield replace(done, wall_s=round(time.monotonic() - begun, 1))


def _are_same(old: RubricSide, new: RubricSide) -> bool:
    """Tell whether no verdict can differ; within one folder phrase sets and call types are the same anyway."""
    if old.only != new.only:
        return False
    if Path(old.book.folder).resolve() != Path(new.book.folder).resolve():
        return old.book.sha256 == new.book.sha256
    texts = [sorted((rubric.id, rubric.sha256) for rubric in side.book.rubrics) for side in (old, new)]
    return texts[0] == texts[1]


def _chosen(*sides: RubricSide) -> set[str]:
    """Return the rubrics that are compared."""
    return {rubric.id for side in sides for rubric in side.book.rubrics if side.only in ("", rubric.id)}


def _open_side(path: Path, folder: Path) -> RubricSide:
    if path.is_dir():
        return RubricSide(book=load_book(path))
    if not path.exists():
        raise RubricError("there is no such file or folder", where=str(path))
    if (path.parent / CALL_TYPES_FILE).is_file():
        book = load_book(path.parent)
    else:
        # As if it lay in the folder: only a file given to `ingest` by hand goes before rubrics that fit a call better.
        book = load_book(folder, path)
        book = replace(book, rubrics=tuple(replace(rubric, extra=False) for rubric in book.rubrics))
    found = next((rubric.id for rubric in book.rubrics if Path(rubric.file).resolve() == path.resolve()), "")
    if not found:
        raise RubricError(
            "no call is scored with this file: it is a base of other rubrics, or holds no rubric",
            where=str(path),
            hint="compare the folders",
        )
    return RubricSide(book=book, only=found)
