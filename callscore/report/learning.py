"""What was learnt from people's verdicts, as a QA lead reads it before accepting it. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callscore.evaluation.learned import ArchiveChange, Effect, Learned, Proposal
from callscore.report import cells
from callscore.report.calibration import calibration_report
from callscore.report.labels import label
from callscore.report.view import Cell, Column, Report, Section, Unit, ViewOptions, cell, facts_section

__all__ = ["learning_report"]

_MOST_OPERATORS: Final = 50


def learning_report(learned: Learned, options: ViewOptions, *, is_applied: bool) -> Report:
    """Return what was learnt from, what is proposed and refused, and what it would change."""
    sections = [_facts(learned, options)]
    if learned.calibration is not None:
        sections += calibration_report(learned.calibration, options).sections
    sections += [_proposals(learned.proposals.accepted, learned.effects, options), _refused(learned, options)]
    if learned.archive is not None:
        sections += [_archive(learned.archive, options), _operators(learned.archive, options)]
    sections.append(_diff(learned, options))
    shown = tuple(section for section in sections if section.rows)
    return Report(shown, "proposals", tuple(_notes(learned, options, is_applied=is_applied)))


def _facts(learned: Learned, options: ViewOptions) -> Section:
    found, labels = learned.proposals, learned.labels
    numbers = (
        ("labels", len(labels)),
        ("for_rates", sum(one.is_for_rates and not one.is_contested for one in labels)),
        ("rate_calls", learned.n_rate_calls),
        ("contested", sum(one.is_contested for one in labels)),
        ("corrected", found.n_corrected),
        ("beyond", found.n_beyond_phrases),
        ("explained", found.n_explained),
    )
    facts = tuple((key, label(f"learn_{key}", options.language), cells.count(n)) for key, n in numbers)
    calibration = learned.calibration
    key = "few" if calibration is None else "same" if calibration.written is None else "new"
    text = label(f"learn_thresholds_{key}", options.language, n=learned.n_rate_calls, least=learned.least_calls)
    thresholds = ("thresholds", label("learn_thresholds", options.language), Cell(text, key))
    return facts_section("learning", label("learn_facts", options.language), (*facts, thresholds))


def _proposals(accepted: Sequence[Proposal], effects: Sequence[Effect], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"learn_{key}", options.language)

    columns = (
        Column("rubric", say("rubric"), is_shown=False),
        Column("criterion", say("criterion")),
        Column("set", say("set")),
        Column("phrase", say("phrase")),
        Column("said", say("said"), is_number=True, unit=Unit.COUNT),
        Column("corrected", "", is_number=True, is_shown=False, unit=Unit.COUNT),
        Column("failed", say("failed"), is_number=True, unit=Unit.COUNT),
        Column("others", say("others"), is_number=True, unit=Unit.COUNT),
        Column("effect_calls", say("effect_calls"), is_number=True, unit=Unit.COUNT),
        Column("effect_operators", say("effect_operators"), is_number=True, unit=Unit.COUNT),
    )
    rows = tuple(
        (
            cell(one.rubric),
            cell(one.criterion),
            cell(one.set_id),
            cell(one.phrase),
            _of(len(one.wording.calls), one.wording.n_corrected, options),
            cells.count(one.wording.n_corrected),
            _of(0, one.n_failed, options),
            _of(one.wording.with_it, one.wording.n_others, options),
            cells.count(effect.calls),
            cells.count(effect.operators),
        )
        for one, effect in zip(accepted, effects, strict=True)
    )
    return Section("proposals", say("proposals"), columns, rows)


def _of(part: int, whole: int, options: ViewOptions) -> Cell:
    return Cell(label("learn_of", options.language, part=part, whole=whole), part)


def _refused(learned: Learned, options: ViewOptions) -> Section:
    columns = tuple(Column(key, label(f"learn_{key}", options.language)) for key in ("set", "phrase", "why"))
    rows = tuple((cell(one.set_id), cell(one.phrase), cell(one.why)) for one in learned.proposals.refused)
    return Section("refused", label("learn_refused", options.language), columns, rows)


def _archive(archive: ArchiveChange, options: ViewOptions) -> Section:
    numbers = (
        ("archive_calls", archive.found),
        ("archive_changed", archive.totals.changed_calls),
        ("archive_verdicts", archive.totals.changed_verdicts),
        ("archive_operators", len({one.operator for one in archive.operators})),
    )
    facts = tuple((key, label(f"learn_{key}", options.language), cells.count(n)) for key, n in numbers)
    return facts_section("archive", label("learn_archive", options.language), facts)


def _operators(archive: ArchiveChange, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"learn_{key}", options.language)

    columns = (
        Column("operator", say("operator")),
        Column("rubric", say("rubric")),
        Column("calls", say("calls"), is_number=True, unit=Unit.COUNT),
        Column("changed", say("changed"), is_number=True, unit=Unit.COUNT),
        Column("old_score", say("old"), is_number=True, unit=Unit.SCORE),
        Column("new_score", say("new"), is_number=True, unit=Unit.SCORE),
    )
    rows = tuple(
        (
            cell(one.operator),
            cell(one.rubric),
            cells.count(one.new_calls),
            cells.count(one.changed_calls),
            cells.decimal(one.old_score),
            cells.decimal(one.new_score),
        )
        for one in archive.operators[:_MOST_OPERATORS]
    )
    return Section("operators", say("operators"), columns, rows)


def _diff(learned: Learned, options: ViewOptions) -> Section:
    column = Column("line", label("learn_line", options.language))
    rows = tuple((cell(line),) for line in learned.diff.splitlines())
    return Section("diff", label("learn_diff", options.language), (column,), rows)


def _notes(learned: Learned, options: ViewOptions, *, is_applied: bool) -> Iterator[str]:
    keys = ["bias", "phrases"] if learned.diff else ["nothing", "bias"]
    if learned.diff and not is_applied:
        keys.append("accept")
    for key in keys:
        yield label(f"learn_note_{key}", options.language)
