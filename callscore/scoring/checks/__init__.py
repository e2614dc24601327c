"""The kinds of check: one file each, joined here by the type of their record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callscore.rubric.check_nodes import asks_judge
from callscore.rubric.schema import (
    Absence,
    AllOf,
    AnyOf,
    Check,
    EventCheck,
    Exchange,
    Judge,
    Manual,
    Metric,
    Name,
    Not,
    Phrase,
    Sequence,
    Steps,
)
from callscore.scoring.base import CheckResult, Outcome, all_of, any_of, inverted
from callscore.scoring.checks.absence import check_absence
from callscore.scoring.checks.event import check_event
from callscore.scoring.checks.exchange import check_exchange
from callscore.scoring.checks.judge import check_judge
from callscore.scoring.checks.manual import check_manual
from callscore.scoring.checks.metric import check_metric
from callscore.scoring.checks.name import check_name
from callscore.scoring.checks.phrase import check_phrase
from callscore.scoring.checks.sequence import check_sequence, check_steps
from callscore.scoring.view import CallView

__all__ = ["run_check"]


def run_check(view: CallView, spec: Check) -> CheckResult:  # noqa: C901, PLR0911, PLR0912 - one line per kind, as a table
    """Return what the check finds in the call."""
    match spec:
        case Phrase():
            return check_phrase(view, spec)
        case Absence():
            return check_absence(view, spec)
        case Exchange():
            return check_exchange(view, spec)
        case Sequence():
            return check_sequence(view, spec)
        case Steps():
            return check_steps(view, spec)
        case Metric():
            return check_metric(view, spec)
        case EventCheck():
            return check_event(view, spec)
        case Name():
            return check_name(view, spec)
        case Manual():
            return check_manual(view, spec)
        case Judge():
            return check_judge(view, spec)
        case AnyOf():
            return any_of(_until(view, spec.checks, Outcome.YES))
        case AllOf():
            return all_of(_until(view, spec.checks, Outcome.NO))
        case Not():
            return inverted(run_check(view, spec.check))


def _until(view: CallView, checks: Iterable[Check], settled: Outcome) -> Iterator[CheckResult]:
    """Yield the results of the checks; a language model is asked last, and only where no other check settles it."""
    asking = [check for check in checks if asks_judge(check)]
    is_settled = False
    for check in checks:
        if check not in asking:
            result = run_check(view, check)
            is_settled = is_settled or (result.applies and result.outcome is settled)
            yield result
    if not is_settled:
        yield from (run_check(view, check) for check in asking)
