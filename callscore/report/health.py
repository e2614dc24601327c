"""How the last runs went and how well calls are heard. Pure: records to view records."""

from __future__ import annotations

from callscore.dialogue.trouble import TroubleKind
from callscore.report.cells import count, hours, share, when
from callscore.report.form import Form
from callscore.report.labels import label, note_text
from callscore.report.levels import LevelAnswers, level_notes, level_sections
from callscore.report.text import long_duration
from callscore.report.view import Cell, Column, Report, Section, Unit, ViewOptions, cell, facts_section, figure
from callscore.store.entries import FailureRow, FeedRow, Health, LineCount, RejectRow, RunRow

__all__ = ["health_report"]


def health_report(health: Health, levels: LevelAnswers, options: ViewOptions) -> Report:
    """Return the state of the store: totals, calls without verdicts and notes on recordings by line, runs, failures."""
    language = options.language
    troubles = [(found, label(f"trouble_{found.code}", language)) for found in health.flags if found.code in set(TroubleKind)]
    notes = [(found, note_text(found.code, language)) for found in health.notes]
    sections = (
        _totals(health, options),
        *level_sections(levels, options),
        _line_counts("not_scored", troubles, options),
        _line_counts("audio_notes", notes, options),
        _feeds(health.feeds, options),
        _rejects(health.rejects, options),
        _runs(health.runs, options),
        _failures(health.failures, options),
    )
    return Report(sections, "failures", level_notes(levels, options))


def _line_counts(key: str, counts: list[tuple[LineCount, str]], options: ViewOptions) -> Section:
    columns = (
        Column("code", label("h_audio_note" if key == "audio_notes" else "message", options.language)),
        Column("did", label("fact_line", options.language)),
        Column("calls", label("n_calls", options.language), is_number=True, unit=Unit.COUNT),
        Column("line_calls", label("h_line_calls", options.language), is_number=True, unit=Unit.COUNT),
    )
    rows = tuple(
        (Cell(text, found.code), cell(found.did), count(found.calls), count(found.line_calls)) for found, text in counts
    )
    return Section(key, label(f"h_{key}", options.language), columns, rows)


def _totals(health: Health, options: ViewOptions) -> Section:
    def part(of: float, whole: int, base: str = "") -> Cell:
        def write(form: Form) -> str:
            return label("share_of", options.language, share=form.percent(of / whole), base=base or form.number(whole))

        return figure(of / whole, write) if whole else cell(None)

    facts = (
        ("calls_done", "h_calls_done", count(health.calls_done)),
        ("calls_failed", "h_calls_failed", count(health.calls_failed)),
        ("audio_ms", "h_audio", hours(health.audio_ms)),
        ("mean_word_prob", "h_word_prob", share(health.mean_word_prob)),
        (
            "unrecognised_frac",
            "h_unrecognised",
            part(health.unrecognised_ms, health.speech_ms, long_duration(health.speech_ms)),
        ),
        ("unsure_frac", "h_unsure", part(health.n_unsure, health.n_verdicts)),
    )
    named = tuple((key, label(title, options.language), value) for key, title, value in facts)
    return facts_section("totals", label("health", options.language), named)


def _feeds(feeds: tuple[FeedRow, ...], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("source", say("source")),
        Column("kind", say("h_kind")),
        Column("covered_until", say("h_covered"), unit=Unit.TIME),
        Column("read_at", say("h_read_at"), unit=Unit.TIME),
        Column("calls", say("n_calls"), is_number=True, unit=Unit.COUNT),
        Column("orders", say("orders"), is_number=True, unit=Unit.COUNT),
        Column("unrecorded", say("h_unrecorded"), is_number=True, unit=Unit.COUNT),
        Column("unfetched", say("h_unfetched"), is_number=True, unit=Unit.COUNT),
        Column("rejects", say("h_n_rejects"), is_number=True, unit=Unit.COUNT),
        Column("error", say("h_error")),
    )
    rows = tuple(
        (
            cell(feed.source),
            cell(feed.kind),
            when(feed.covered_until, options),
            when(feed.read_at, options),
            count(feed.calls),
            count(feed.orders),
            count(feed.unrecorded),
            count(feed.unfetched),
            count(feed.rejects),
            cell(feed.error),
        )
        for feed in feeds
    )
    return Section("feeds", say("h_feeds"), columns, rows)


def _rejects(rejects: tuple[RejectRow, ...], options: ViewOptions) -> Section:
    columns = (
        Column("source", label("source", options.language)),
        Column("place", label("h_place", options.language)),
        Column("reason", label("message", options.language)),
    )
    rows = tuple((cell(reject.source), cell(reject.place), cell(reject.reason)) for reject in rejects)
    return Section("rejects", label("h_rejects", options.language), columns, rows)


def _runs(runs: tuple[RunRow, ...], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("run_id", "", is_shown=False),
        Column("started_at", say("started"), unit=Unit.TIME),
        Column("status", say("status")),
        *(Column(key, say(key), is_number=True, unit=Unit.COUNT) for key in ("found", "done", "skipped", "failed")),
        Column("audio_ms", say("audio"), is_number=True, unit=Unit.DURATION),
        Column("wall_ms", say("wall"), is_number=True, unit=Unit.DURATION),
    )
    rows = tuple(
        (
            cell(run.run_id),
            when(run.started_at, options),
            Cell(label(f"run_{run.status}", options.language), run.status),
            *(count(number) for number in (run.found, run.done, run.skipped, run.failed)),
            hours(run.audio_ms),
            hours(run.wall_ms),
        )
        for run in runs
    )
    return Section("runs", say("runs"), columns, rows)


def _failures(failures: tuple[FailureRow, ...], options: ViewOptions) -> Section:
    columns = (
        Column("path", label("recording", options.language)),
        Column("call_id", label("call", options.language)),
        Column("code", label("code", options.language), is_number=True, unit=Unit.COUNT),
        Column("message", label("message", options.language)),
        Column("at", label("when", options.language), unit=Unit.TIME),
    )
    rows = tuple(
        (
            cell(failure.path),
            cell(failure.call_id),
            count(failure.code),
            cell(failure.message),
            when(failure.at, options),
        )
        for failure in failures
    )
    return Section("failures", label("failures", options.language), columns, rows)
