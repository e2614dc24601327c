"""An executor that does the work in this process, so that tests need not wait for others to start."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from callscore.jobs import score_stored
from callscore.jobs.executor import Outcome, Worker

if TYPE_CHECKING:
    import pytest


class InlineExecutor:
    """See Executor; `n_workers` is of no interest."""

    def __init__(self, factory: Callable[[], Worker[Any, Any]], n_workers: int) -> None:
        del n_workers
        self._factory = factory

    def __class_getitem__(cls, _types: object) -> type[InlineExecutor]:
        """Take the types of jobs and results, as ProcessExecutor does."""
        return cls

    def run(self, jobs: Iterable[Any], is_stopped: Callable[[], bool]) -> Generator[Outcome[Any, Any], None, None]:
        """See Executor.run."""
        del is_stopped
        worker = self._factory()
        for job in jobs:
            yield Outcome(job, worker.run(job, lambda _: None), None)


@contextmanager
def scoring_inline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Score stored calls in this process, and leave the garbage collector as it was."""
    thresholds = gc.get_threshold()
    with monkeypatch.context() as patch:
        patch.setattr(score_stored, "ProcessExecutor", InlineExecutor)
        yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
