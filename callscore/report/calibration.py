"""What fitting thresholds to labelled calls found. Pure: records to view records."""

from __future__ import annotations

from typing import Final

from callscore.evaluation.calibration import Calibration, Price, cost
from callscore.evaluation.compare import Confusion
from callscore.report.cells import count
from callscore.report.labels import label
from callscore.report.view import Cell, Column, Report, Section, Unit, ViewOptions, cell, facts_section, figure

__all__ = ["calibration_report"]

_DIGITS: Final = 4


def calibration_report(found: Calibration, options: ViewOptions) -> Report:
    """Return what the thresholds do on calls they were not fitted to, before and after, and which of them change."""
    say = options.language
    facts = (
        ("calls", label("n_calls", say), count(found.n_calls)),
        ("labels", label("ev_labels", say), count(found.n_labels)),
        ("gain", label("cal_gain", say), Cell(f"{found.trial.gain:g}", found.trial.gain)),
        ("gain_error", label("cal_gain_error", say), _number(found.trial.error, 1)),
        ("old_origin", label("cal_old_origin", say), cell(found.old_origin)),
        ("written", label("cal_written", say), cell(str(found.written) if found.written else None)),
    )
    sections = (facts_section("calibration", label("calibration", say), facts), _trial(found, say), _changes(found, say))
    return Report(sections, "changes", (label("note_calibration", say), label("note_gain", say)))


def _trial(found: Calibration, say: str) -> Section:
    columns = (
        Column("thresholds", label("cal_thresholds", say)),
        Column("accuracy_of_decided", label("ev_accuracy_of_decided", say), is_number=True, unit=Unit.SHARE),
        *(
            Column(key, label(f"ev_{key}", say), is_number=True, unit=Unit.COUNT)
            for key in ("right", "wrong", "unsure", "missing")
        ),
        Column("unsure_frac", label("cal_unsure_frac", say), is_number=True, unit=Unit.SHARE),
        Column("cost_per_label", label("cal_cost", say), is_number=True, unit=Unit.NUMBER),
    )
    rows = (
        _trial_row("before", found.trial.before, found.price, say),
        _trial_row("after", found.trial.after, found.price, say),
    )
    return Section("trial", label("cal_trial", say), columns, rows)


def _trial_row(key: str, verdicts: Confusion, price: Price, say: str) -> tuple[Cell, ...]:
    return (
        Cell(label(f"cal_{key}", say), key),
        _share(verdicts.right, verdicts.decided),
        *(count(n) for n in (verdicts.right, verdicts.wrong, verdicts.unsure, verdicts.missing)),
        _share(verdicts.unsure, verdicts.n),
        _number(cost(verdicts, price) / verdicts.n, 3),
    )


def _share(part: int, whole: int) -> Cell:
    return figure(round(part / whole, _DIGITS), lambda form: form.percent(part / whole)) if whole else cell(None)


def _number(value: float, digits: int) -> Cell:
    return figure(round(value, _DIGITS), lambda form: form.number(value, digits))


def _changes(found: Calibration, say: str) -> Section:
    columns = (
        Column("threshold", label("cal_threshold", say)),
        Column("old", label("cal_before", say), is_number=True, unit=Unit.NUMBER),
        Column("new", label("cal_after", say), is_number=True, unit=Unit.NUMBER),
    )
    rows = tuple((cell(name), Cell(f"{old:g}", old), Cell(f"{new:g}", new)) for name, old, new in found.changes)
    return Section("changes", label("cal_changes", say), columns, rows)
