"""How the last runs went and how well calls are heard. Pure: records to view records."""

from __future__ import annotations

from callscore.dialogue.trouble import TroubleKind
from callscore.report.labels import label, note_text
from callscore.report.text import UNKNOWN, local_time, long_duration, percent
from callscore.report.view import Cell, Column, Report, Section, ViewOptions, cell, facts_section
from callscore.store.entries import FailureRow, FeedRow, Health, LineCount, RejectRow, RunRow

__all__ = ["health_report"]


def health_report(health: Health, options: ViewOptions) -> Report:
    """Return the state of the store: totals, calls without verdicts and notes on recordings by line, runs, failures."""
    language = options.language
    troubles = [(count, label(f"trouble_{count.code}", language)) for count in health.flags if count.code in set(TroubleKind)]
    notes = [(count, note_text(count.code, language)) for count in health.notes]
    sections = (
        _totals(health, options),
        _line_counts("not_scored", troubles, options),
        _line_counts("audio_notes", notes, options),
        _feeds(health.feeds, options),
        _rejects(health.rejects, options),
        _runs(health.runs, options),
        _failures(health.failures, options),
    )
    return Report(sections, "failures")


def _line_counts(key: str, counts: list[tuple[LineCount, str]], options: ViewOptions) -> Section:
    columns = (
        Column("code", label("h_audio_note" if key == "audio_notes" else "message", options.language)),
        Column("did", label("fact_line", options.language)),
        Column("calls", label("n_calls", options.language), is_number=True),
        Column("line_calls", label("h_line_calls", options.language), is_number=True),
    )
    rows = tuple(
        (
            Cell(text, count.code),
            cell(count.did),
            Cell(str(count.calls), count.calls),
            Cell(str(count.line_calls), count.line_calls),
        )
        for count, text in counts
    )
    return Section(key, label(f"h_{key}", options.language), columns, rows)


def _totals(health: Health, options: ViewOptions) -> Section:
    def share(part: float, whole: int, base: str) -> Cell:
        text = label("share_of", options.language, share=percent(part, whole), base=base) if whole else UNKNOWN
        return Cell(text, part / whole if whole else None)

    probability = health.mean_word_prob
    facts = (
        ("calls_done", "h_calls_done", Cell(str(health.calls_done), health.calls_done)),
        ("calls_failed", "h_calls_failed", Cell(str(health.calls_failed), health.calls_failed)),
        ("audio_ms", "h_audio", Cell(long_duration(health.audio_ms), health.audio_ms)),
        ("mean_word_prob", "h_word_prob", Cell(UNKNOWN if probability is None else percent(probability, 1), probability)),
        (
            "unrecognised_frac",
            "h_unrecognised",
            share(health.unrecognised_ms, health.speech_ms, long_duration(health.speech_ms)),
        ),
        ("unsure_frac", "h_unsure", share(health.n_unsure, health.n_verdicts, str(health.n_verdicts))),
    )
    named = tuple((key, label(title, options.language), value) for key, title, value in facts)
    return facts_section("totals", label("health", options.language), named)


def _feeds(feeds: tuple[FeedRow, ...], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("source", say("source")),
        Column("kind", say("h_kind")),
        Column("covered_until", say("h_covered")),
        Column("read_at", say("h_read_at")),
        Column("calls", say("n_calls"), is_number=True),
        Column("orders", say("orders"), is_number=True),
        Column("unrecorded", say("h_unrecorded"), is_number=True),
        Column("unfetched", say("h_unfetched"), is_number=True),
        Column("rejects", say("h_n_rejects"), is_number=True),
        Column("error", say("h_error")),
    )
    rows = tuple(
        (
            cell(feed.source),
            cell(feed.kind),
            Cell(
                local_time(feed.covered_until, options.timezone),
                feed.covered_until.isoformat() if feed.covered_until else None,
            ),
            Cell(local_time(feed.read_at, options.timezone), feed.read_at.isoformat()),
            _count(feed.calls),
            _count(feed.orders),
            _count(feed.unrecorded),
            _count(feed.unfetched),
            _count(feed.rejects),
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
        Column("started_at", say("started")),
        Column("status", say("status")),
        Column("found", say("found"), is_number=True),
        Column("done", say("done"), is_number=True),
        Column("skipped", say("skipped"), is_number=True),
        Column("failed", say("failed"), is_number=True),
        Column("audio_ms", say("audio"), is_number=True),
        Column("wall_ms", say("wall"), is_number=True),
    )
    rows = tuple(
        (
            cell(run.run_id),
            Cell(local_time(run.started_at, options.timezone), run.started_at.isoformat()),
            Cell(label(f"run_{run.status}", options.language), run.status),
            _count(run.found),
            _count(run.done),
            _count(run.skipped),
            _count(run.failed),
            Cell(long_duration(run.audio_ms), run.audio_ms),
            Cell(long_duration(run.wall_ms), run.wall_ms),
        )
        for run in runs
    )
    return Section("runs", say("runs"), columns, rows)


def _failures(failures: tuple[FailureRow, ...], options: ViewOptions) -> Section:
    columns = (
        Column("path", label("recording", options.language)),
        Column("call_id", label("call", options.language)),
        Column("code", label("code", options.language), is_number=True),
        Column("message", label("message", options.language)),
        Column("at", label("when", options.language)),
    )
    rows = tuple(
        (
            cell(failure.path),
            cell(failure.call_id),
            Cell(str(failure.code), failure.code),
            cell(failure.message),
            Cell(local_time(failure.at, options.timezone), failure.at.isoformat()),
        )
        for failure in failures
    )
    return Section("failures", label("failures", options.language), columns, rows)


def _count(value: int | None) -> Cell:
    return Cell(UNKNOWN if value is None else str(value), value)
