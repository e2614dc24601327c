"""How callscore does on labelled calls, and what fitting to them changed. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from callscore.evaluation import Evaluation
from callscore.evaluation.compare import LABELS, Confusion, Score, WrongVerdict
from callscore.evaluation.speech import WordErrors
from callscore.records import Verdict
from callscore.report.cells import bound, count, duration
from callscore.report.form import Form
from callscore.report.labels import label
from callscore.report.text import UNKNOWN
from callscore.report.view import Cell, Column, Report, Section, Unit, ViewOptions, cell, facts_section, figure
from callscore.stats.agreement import Estimate
from callscore.stats.interval import Interval, share_interval

__all__ = ["MIN_DECIDED", "evaluation_report"]

MIN_DECIDED: Final = 10
"""Under ten decided verdicts even faultless ones leave it open whether three in ten are wrong: Wilson's interval of 9 of 9 is
0.70 to 1."""
_DIGITS: Final = 4
_COLUMNS: Final = (*LABELS, Verdict.UNSURE, None)


def evaluation_report(evaluation: Evaluation, options: ViewOptions, *, with_wrong: bool, in_full: bool) -> Report:
    """Return the comparison with the labels.

    Args:
        evaluation: what was found.
        options: how the report speaks.
        with_wrong: list every wrong verdict too.
        in_full: for programs: also a table of labels and verdicts per criterion, and what could not be compared.
    """
    say = options.language
    sections = [_summary(evaluation, say), _measures(evaluation, say), _criteria(evaluation, say)]
    sections.append(_confusion((*evaluation.criteria, evaluation.total) if in_full else (evaluation.total,), say))
    sections.append(_words(evaluation.words, say))
    if with_wrong:
        sections.append(_wrong(evaluation.wrong, say))
    if in_full:
        sections.append(_names("not_stored", "call", evaluation.not_stored, say))
        sections.append(_names("not_heard", "call", evaluation.not_heard, say))
        sections.append(_names("remarks", "message", evaluation.remarks, say))
    notes = [label("note_evaluation", say), label("note_kappa", say)]
    if any(score.confusion.decided < MIN_DECIDED for score in evaluation.criteria):
        notes.append(label("note_few_decided", say, limit=MIN_DECIDED))
    return Report(tuple(sections), "criteria", tuple(notes))


def _summary(evaluation: Evaluation, say: str) -> Section:
    counts = (
        ("calls", evaluation.n_calls),
        ("found", evaluation.n_calls - len(evaluation.not_stored)),
        ("heard", evaluation.n_calls - len(evaluation.not_stored) - len(evaluation.not_heard)),
        ("labels", evaluation.total.confusion.n),
    )
    facts = tuple((key, label(f"ev_{key}", say), count(number)) for key, number in counts)
    return facts_section("summary", label("evaluation", say), facts)


def _measures(evaluation: Evaluation, say: str) -> Section:
    total = evaluation.total.confusion
    rows = [
        _measure("accuracy_of_decided", total.right, total.decided, evaluation.total.interval, say),
        _measure("right_of_all", total.right, total.n, None, say),
        _measure("unsure", total.unsure, total.n, None, say),
        _measure("missing", total.missing, total.n, None, say),
        _measure("false_pass_of_fails", total.false_pass, total.fails, share_interval(total.false_pass, total.fails), say),
    ]
    if evaluation.roles is not None:
        shown = _share(evaluation.roles, 1.0)
        title = Cell(label("ev_role_accuracy", say), "role_accuracy")
        rows.append((title, shown, *_bounds(evaluation.roles.interval, 1.0), Cell("", None)))
    if evaluation.types is not None:
        right, whole, interval = evaluation.types
        rows.append(_measure("call_type_accuracy", right, whole, interval, say))
    columns = (
        Column("measure", label("ev_measure", say)),
        Column("value", label("ev_share", say), is_number=True, unit=Unit.SHARE),
        Column("low", "", is_shown=False, unit=Unit.SHARE),
        Column("high", "", is_shown=False, unit=Unit.SHARE),
        Column("of", label("ev_of", say), is_number=True, unit=Unit.COUNT),
    )
    return Section("measures", label("ev_measures", say), columns, tuple(rows))


def _measure(key: str, part: int, whole: int, interval: Interval | None, say: str) -> tuple[Cell, ...]:
    title = Cell(label(f"ev_{key}", say), key)
    if not whole:
        return (title, cell(None), *_bounds(None), count(0))
    return (title, _share(Estimate(part / whole, interval)), *_bounds(interval), count(whole))


def _criteria(evaluation: Evaluation, say: str) -> Section:
    columns = (
        Column("criterion", label("criterion", say)),
        *(
            Column(key, label(f"ev_{key}", say), is_number=True, unit=Unit.COUNT)
            for key in ("labels", "right", "wrong", "unsure", "missing", "false_pass", "false_fail")
        ),
        Column("accuracy", label("ev_accuracy_of_decided", say), is_number=True, unit=Unit.SHARE),
        Column("accuracy_low", "", is_shown=False, unit=Unit.SHARE),
        Column("accuracy_high", "", is_shown=False, unit=Unit.SHARE),
        Column("kappa", label("ev_kappa", say), is_number=True, unit=Unit.NUMBER),
        Column("kappa_low", "", is_shown=False, unit=Unit.NUMBER),
        Column("kappa_high", "", is_shown=False, unit=Unit.NUMBER),
        Column("enough_calls", label("note", say), unit=Unit.YES_NO),
    )
    scores = (*evaluation.criteria, evaluation.total)
    return Section("criteria", label("criteria", say), columns, tuple(_criterion(score, say) for score in scores))


def _criterion(score: Score, say: str) -> tuple[Cell, ...]:
    found = score.confusion
    counts = (found.n, found.right, found.wrong, found.unsure, found.missing, found.false_pass, found.false_fail)
    enough = found.decided >= MIN_DECIDED
    share = Estimate(found.right / found.decided, score.interval) if found.decided else None
    return (
        _criterion_name(score.criterion, say),
        *(count(number) for number in counts),
        _share(share) if share else cell(None),
        *_bounds(score.interval if share else None),
        _kappa(score.kappa),
        *_bounds(score.kappa.interval if score.kappa else None),
        Cell("" if enough else label("not_enough_calls", say), enough),
    )


def _criterion_name(criterion: str | None, say: str) -> Cell:
    # By id, as the labels name it.
    return Cell(label("ev_all", say) if criterion is None else criterion, criterion)


def _kappa(kappa: Estimate | None) -> Cell:
    if kappa is None or kappa.interval is None:
        return Cell(UNKNOWN, round(kappa.value, _DIGITS) if kappa else None)
    found, interval = kappa.value, kappa.interval
    return figure(
        round(found, _DIGITS), lambda form: f"{form.number(found, 2)} ({form.between(interval.low, interval.high, 2)})"
    )


def _confusion(scores: Iterable[Score], say: str) -> Section:
    columns = (
        Column("criterion", "", is_shown=False),
        Column("label", label("ev_label", say)),
        *(
            Column(str(verdict or "missing"), _verdict_name(verdict, say), is_number=True, unit=Unit.COUNT)
            for verdict in _COLUMNS
        ),
    )
    rows = tuple(row for score in scores for row in _confusion_rows(score.criterion, score.confusion, say))
    return Section("confusion", label("ev_confusion", say), columns, rows)


def _confusion_rows(criterion: str | None, found: Confusion, say: str) -> Iterator[tuple[Cell, ...]]:
    for truth in LABELS:
        counts = [found.count(truth, verdict) for verdict in _COLUMNS]
        yield (
            _criterion_name(criterion, say),
            Cell(_verdict_name(truth, say), str(truth)),
            *(count(number) for number in counts),
        )


def _verdict_name(verdict: Verdict | None, say: str) -> str:
    return label(f"verdict_{verdict}" if verdict else "ev_missing", say)


def _words(sides: Sequence[WordErrors], say: str) -> Section:
    columns = (
        Column("role", label("role", say)),
        Column("words", label("ev_words", say), is_number=True, unit=Unit.COUNT),
        Column("wer", label("ev_wer", say), is_number=True, unit=Unit.SHARE),
        Column("wer_low", "", is_shown=False, unit=Unit.SHARE),
        Column("wer_high", "", is_shown=False, unit=Unit.SHARE),
        *(
            Column(key, label(f"ev_{key}", say), is_number=True, unit=Unit.COUNT)
            for key in ("substituted", "deleted", "inserted")
        ),
    )
    rows = tuple(
        (
            Cell(label(f"role_{side.role}", say), str(side.role)),
            count(side.n_words),
            _share(side.rate),
            *_bounds(side.rate.interval),
            *(count(number) for number in (side.substituted, side.deleted, side.inserted)),
        )
        for side in sides
    )
    return Section("words", label("ev_word_errors", say), columns, rows)


def _wrong(wrong: Sequence[WrongVerdict], say: str) -> Section:
    columns = (
        Column("call_id", label("call", say)),
        Column("criterion", label("criterion", say)),
        Column("label", label("ev_label", say)),
        Column("verdict", label("verdict", say)),
        Column("start_ms", label("place_in_call", say), is_number=True, unit=Unit.DURATION),
        Column("evidence_text", label("quote", say)),
        Column("reason", label("reason", say)),
    )
    return Section("wrong", label("ev_wrong_verdicts", say), columns, tuple(_wrong_row(item, say) for item in wrong))


def _wrong_row(item: WrongVerdict, say: str) -> tuple[Cell, ...]:
    first = item.result.evidence[0] if item.result.evidence else None
    return (
        cell(item.call_id),
        cell(item.result.criterion),
        Cell(_verdict_name(item.label, say), str(item.label)),
        Cell(_verdict_name(item.result.verdict, say), str(item.result.verdict), str(item.result.verdict)),
        duration(first.span.start_ms if first else None),
        Cell((first.text if first else "") or UNKNOWN, first.text if first else None),
        cell(item.result.reason),
    )


def _names(key: str, column: str, names: Sequence[str], say: str) -> Section:
    columns = (Column(column, label(column, say)),)
    return Section(key, label(f"ev_{key}", say), columns, tuple((cell(name),) for name in names))


def _share(share: Estimate, most: float | None = None) -> Cell:
    """Return a share in percent with its interval, the ends rounded outwards; `most` is what it cannot exceed."""

    def write(form: Form) -> str:
        text = form.percent(share.value)
        if share.interval is None:
            return text
        high = share.interval.high if most is None else min(most, share.interval.high)
        return f"{text} ({form.between(100 * share.interval.low, 100 * high, outwards=True)})"

    return figure(round(share.value, _DIGITS), write)


def _bounds(interval: Interval | None, most: float | None = None) -> tuple[Cell, Cell]:
    if interval is None:
        return bound(None), bound(None)
    high = interval.high if most is None else min(most, interval.high)
    return bound(round(interval.low, _DIGITS)), bound(round(high, _DIGITS))
