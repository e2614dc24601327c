"""One call in full: facts, metrics, verdicts with their evidence, the transcript. Pure: records to view records."""

from __future__ import annotations

from callscore.dialogue.trouble import TroubleKind
from callscore.records import CallMetrics, CallScore, CriterionResult, Dialogue, Turn, TurnKind
from callscore.report.cells import bound, count, decimal, duration, score, share, when
from callscore.report.labels import flag_text, label, note_text
from callscore.report.tables import Criteria, Titles, any_title, criterion_title
from callscore.report.text import UNKNOWN, minutes
from callscore.report.view import Cell, Column, Report, Section, Unit, ViewOptions, cell, facts_section, figure
from callscore.store.entries import StoredCall
from callscore.units import overlap_ms

__all__ = ["call_report"]


def call_report(call: StoredCall, titles: Titles, criteria: Criteria, options: ViewOptions) -> Report:
    """Return everything the store knows about `call`; of a failed call its facts and why it failed."""
    sections = [_facts(call, titles, options)]
    if call.metrics is not None:
        sections.append(_metrics(call.metrics, options))
    sections.append(_verdicts(call.scores, criteria, options))
    if call.flags:
        sections.append(_flags(call, criteria, options))
    if call.failures:
        sections.append(_failures(call, options))
    if call.dialogue is not None:
        sections.append(_transcript(call.dialogue, options))
    shown = tuple(section for section in sections if section.rows or section.key == "verdicts")
    return Report(shown, "verdicts", title=f"{label('call', options.language)} {call.info.call_id}")


def _facts(call: StoredCall, titles: Titles, options: ViewOptions) -> Section:
    say = options.language
    info = call.info
    engines = ", ".join(" ".join(filter(None, (step.engine, step.model))) for step in call.provenance)
    facts = [
        ("call_id", "fact_call_id", cell(info.call_id)),
        ("recording", "fact_recording", cell(call.recording)),
        ("started_at", "started", when(info.started_at, options)),
        ("operator", "operator", cell(info.operator)),
        ("direction", "fact_direction", _named("direction", info.direction, say)),
        ("client_phone", "fact_client", cell(info.client_phone)),
        ("did", "fact_line", cell(info.did)),
        ("queue", "fact_queue", cell(info.queue)),
        ("wait_ms", "fact_wait", duration(info.wait_ms)),
        ("transferred_to", "fact_transferred", cell(info.transferred_to)),
        ("call_type", "call_type", cell(call.call_type.id if call.call_type else info.call_type)),
        ("duration_ms", "duration", duration(call.dialogue.duration_ms if call.dialogue else None)),
        ("layout", "fact_layout", _named("layout", call.dialogue.layout if call.dialogue else None, say)),
        ("status", "status", _named("status", call.status, say)),
        ("engines", "fact_engines", cell(engines or None)),
        ("notes", "fact_notes", Cell("; ".join(note_text(note, say) for note in call.notes), "; ".join(call.notes) or None)),
    ]
    facts.extend(
        (
            f"score.{found.rubric}",
            f"{label('score', say)}: {titles.get((found.rubric, found.rubric_version)) or found.rubric}",
            score(found.score, found.score_low, found.score_high),
        )
        for found in call.scores
    )
    facts.extend(("not_scored", "score", _no_score(flag.reason, say)) for flag in call.flags if flag.reason in set(TroubleKind))
    known = tuple((key, label(title, say), value) for key, title, value in facts if value.value is not None)
    return facts_section("call", label("call", say), known)


def _no_score(reason: str, language: str) -> Cell:
    return Cell(flag_text(reason, language), reason)


def _named(kind: str, value: str | None, language: str) -> Cell:
    return Cell(label(f"{kind}_{value}", language), str(value)) if value else cell(None)


def _metrics(metrics: CallMetrics, options: ViewOptions) -> Section:
    talk_ms = metrics.operator_talk_ms + metrics.client_talk_ms
    place = metrics.longest_silence_start_ms
    longest = minutes(metrics.longest_silence_ms) + (f" ({minutes(place)})" if place is not None else "")
    facts = (
        ("operator_talk_ms", "m_operator_talk", _talk(metrics.operator_talk_ms, talk_ms)),
        ("client_talk_ms", "m_client_talk", _talk(metrics.client_talk_ms, talk_ms)),
        ("overlap_ms", "m_overlap", duration(metrics.overlap_ms)),
        ("silence_ms", "m_silence", duration(metrics.silence_ms)),
        ("longest_silence_ms", "m_longest_silence", Cell(longest, metrics.longest_silence_ms)),
        ("hold_ms", "m_hold", duration(metrics.hold_ms)),
        ("interruptions_by_operator", "m_interrupts", count(metrics.interruptions_by_operator)),
        ("interruptions_by_client", "m_interrupted", count(metrics.interruptions_by_client)),
        ("operator_words_per_min", "m_rate", decimal(metrics.operator_words_per_min, 0)),
        ("operator_reply_delay_ms", "m_reply_delay", _delay(metrics.operator_reply_delay_ms, options)),
        ("unrecognised_ms", "m_unrecognised", duration(metrics.unrecognised_ms)),
    )
    named = tuple((key, label(title, options.language), shown) for key, title, shown in facts)
    return facts_section("metrics", label("metrics", options.language), named)


def _talk(ms: int, whole_ms: int) -> Cell:
    return figure(ms, lambda form: f"{minutes(ms)} ({form.percent(ms / whole_ms)})") if whole_ms else duration(ms)


def _delay(ms: int | None, options: ViewOptions) -> Cell:
    if ms is None:
        return cell(None)
    return figure(ms, lambda form: f"{form.number(ms / 1000, 1)} {label('unit_s', options.language)}")


def _verdicts(scores: tuple[CallScore, ...], criteria: Criteria, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("rubric", "", is_shown=False),
        Column("rubric_version", "", is_shown=False, unit=Unit.COUNT),
        Column("criterion", say("criterion")),
        Column("verdict", say("verdict")),
        Column("confidence", say("confidence"), is_number=True, unit=Unit.SHARE),
        Column("critical", "", is_shown=False, unit=Unit.YES_NO),
        Column("evidence_start_ms", "", is_shown=False, unit=Unit.DURATION),
        Column("evidence_end_ms", "", is_shown=False, unit=Unit.DURATION),
        Column("evidence_role", "", is_shown=False),
        Column("evidence_text", say("quote")),
        Column("reason", say("reason")),
    )
    rows = tuple(_verdict_row(found, result, criteria, options) for found in scores for result in found.results)
    return Section("verdicts", say("verdicts"), columns, rows)


def _verdict_row(found: CallScore, result: CriterionResult, criteria: Criteria, options: ViewOptions) -> tuple[Cell, ...]:
    first = result.evidence[0] if result.evidence else None
    title = criterion_title(found.rubric, found.rubric_version, result.criterion, criteria, options.language)
    mark = f" ({label('critical', options.language)})" if result.critical else ""
    return (
        cell(found.rubric),
        count(found.rubric_version),
        Cell(title + mark, result.criterion),
        Cell(label(f"verdict_{result.verdict}", options.language), str(result.verdict), str(result.verdict)),
        share(result.confidence),
        Cell("", result.critical),
        bound(first.span.start_ms if first else None),
        bound(first.span.end_ms if first else None),
        Cell("", str(first.role) if first and first.role else None),
        Cell(_quote(result, options.language), first.text if first else None),
        cell(result.reason),
    )


def _quote(result: CriterionResult, language: str) -> str:
    quotes = []
    for evidence in result.evidence:
        who = f" {label(f'role_{evidence.role}', language)}" if evidence.role else ""
        if evidence.text:
            quotes.append(f"{minutes(evidence.span.start_ms)}{who}: {evidence.text}")
            continue
        searched = f"{minutes(evidence.span.start_ms)}-{minutes(evidence.span.end_ms)}"
        # Without a role it is a stretch that was measured, such as a silence: nobody was expected to say anything.
        quotes.append(f"{searched}{who}: {label('not_found', language)}" if who else searched)
    return "\n".join(quotes) or UNKNOWN


def _flags(call: StoredCall, criteria: Criteria, options: ViewOptions) -> Section:
    columns = (
        Column("severity", label("severity", options.language)),
        Column("start_ms", label("place_in_call", options.language), is_number=True, unit=Unit.DURATION),
        Column("reason", label("reason", options.language)),
        Column("criterion", label("criterion", options.language)),
        Column("detail", label("detail", options.language)),
    )
    rows = tuple(
        (
            Cell(label(f"severity_{flag.severity}", options.language), flag.severity),
            duration(flag.start_ms),
            Cell(flag_text(flag.reason, options.language), flag.reason),
            Cell(any_title(flag.criterion, criteria, options.language), flag.criterion),
            cell(flag.detail),
        )
        for flag in call.flags
    )
    return Section("flags", label("flags", options.language), columns, rows)


def _failures(call: StoredCall, options: ViewOptions) -> Section:
    columns = (
        Column("at", label("when", options.language), unit=Unit.TIME),
        Column("code", label("code", options.language), is_number=True, unit=Unit.COUNT),
        Column("message", label("message", options.language)),
    )
    rows = tuple(
        (
            when(failure.at, options),
            count(failure.code),
            cell(failure.message),
        )
        for failure in call.failures
    )
    return Section("failures", label("failures", options.language), columns, rows)


def _transcript(dialogue: Dialogue, options: ViewOptions) -> Section:
    columns = (
        Column("turn_no", "", is_shown=False, unit=Unit.COUNT),
        Column("start_ms", label("time", options.language), is_number=True, unit=Unit.DURATION),
        Column("end_ms", "", is_shown=False, unit=Unit.DURATION),
        Column("kind", "", is_shown=False),
        Column("role", label("role", options.language)),
        Column("text", label("text", options.language)),
        Column("overlap_ms", "", is_shown=False, unit=Unit.DURATION),
    )
    under = _talked_over(dialogue)
    rows = tuple(_turn_row(turn, under.get(turn.turn_no), options.language) for turn in dialogue.turns)
    return Section("transcript", label("transcript", options.language), columns, rows)


def _turn_row(turn: Turn, under: Turn | None, language: str) -> tuple[Cell, ...]:
    overlap = overlap_ms(turn.span, under.span) if under else 0
    text = turn.text
    if turn.kind is not TurnKind.SPEECH:
        text = f"[{label(turn.kind, language)}, {minutes(turn.span.length_ms)}]"
    elif under is not None:
        text = f"{text} [{label('over', language, who=label(f'role_{under.role}', language))}]"
    return (
        count(turn.turn_no),
        duration(turn.span.start_ms),
        duration(turn.span.end_ms),
        Cell(str(turn.kind), str(turn.kind)),
        Cell(label(f"role_{turn.role}", language), str(turn.role)),
        Cell(text, turn.text),
        Cell("", overlap),
    )


def _talked_over(dialogue: Dialogue) -> dict[int, Turn]:
    """Return for each speech turn, by number, the first turn of another role that was still going on when it began."""
    found: dict[int, Turn] = {}
    going_on: list[Turn] = []
    for turn in dialogue.spoken():
        going_on = [other for other in going_on if other.span.end_ms > turn.span.start_ms]
        others = [other for other in going_on if other.role is not turn.role]
        if others:
            found[turn.turn_no] = others[0]
        going_on.append(turn)
    return found
