"""`exchange`: whenever one side says X, the other side answers with Y within N turns; every occurrence counts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.records import Evidence, Verdict, Word
from callscore.rubric.schema import Exchange
from callscore.scoring.base import CheckResult, Outcome, all_of, any_of
from callscore.scoring.checks.found import absent, best_hit, certainty, evidence_of, outcome_of, quote
from callscore.scoring.doubt import find_trace, heard_share, is_badly_heard
from callscore.scoring.reasons import clock, reason
from callscore.scoring.view import CallView, Hit, Run
from callscore.scoring.windows import Searched, find_said, select_window
from callscore.units import Span

__all__ = ["check_exchange"]

_ECHO_WORDS = 12
_NUMBER_STEMS = (
    "полтор", "два", "две", "три", "четыр", "пят", "шест", "сем", "восем", "девят", "десят", "одиннадцат", "двенадцат",
    "тринадцат", "сорок", "девяност", "сто", "тысяч", "двадцат", "тридцат", "двест", "трист", "миллион", "hundred",
    "thousand", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip


def check_exchange(view: CallView, spec: Exchange) -> CheckResult:
    """Return YES where each occurrence (or one, without `every`) is answered; `missing` decides where there is none."""
    searched = select_window(view, spec.when.roles, spec.when.window)
    occurrences = _one_per_run(view, find_said(view, spec.when, searched))
    if not occurrences:
        return _echoed(view, spec, searched) or _missing(view, spec, searched)
    results = [_answer(view, spec, hit) for hit in occurrences]
    certain = [r for r, hit in zip(results, occurrences, strict=True) if outcome_of(view, hit) is Outcome.YES]
    if not certain:
        return _only_doubtful(view, occurrences, results)
    return all_of(certain) if spec.every else any_of(certain)


def _echoed(view: CallView, spec: Exchange, searched: Searched) -> CheckResult | None:
    """Return DOUBTFUL where the figure that was just named comes back as a question or an exclamation."""
    for run in searched.runs if spec.echo else ():
        before = next((other for other in reversed(view.runs[: run.number]) if other.role in spec.then.roles), None)
        if before is None or before.number != run.number - 1:
            continue
        sentence = _first_sentence(run)
        figures = {_figure(word.text) for word in before.words[-_ECHO_WORDS:]} & {_figure(word.text) for word in sentence}
        if figures - {""} and sentence[-1].text.endswith(("?", "!")):
            at = clock(run.span.start_ms)
            text = " ".join(word.text for word in sentence)
            return CheckResult(
                outcome=Outcome.DOUBTFUL,
                confidence=0.5,
                evidence=(Evidence(span=run.span, role=run.role, text=text),),
                reason=reason(view.language, "trigger_unclear", quote=text, at=at),
            )
    return None


def _first_sentence(run: Run) -> list[Word]:
    words = []
    for word in run.words[:_ECHO_WORDS]:
        words.append(word)
        if word.text.endswith((".", "?", "!", "…")):
            break
    return words


def _figure(text: str) -> str:
    """Return a number word or a figure in a comparable form, empty for any other word."""
    bare = text.strip('.,!?;:…«»"-').casefold().replace("ё", "е")
    return bare if bare.isdigit() or bare.startswith(_NUMBER_STEMS) else ""


def _one_per_run(view: CallView, hits: Sequence[Hit]) -> list[Hit]:
    """Return the surest match of each run: one turn is one occurrence, however many phrases it holds."""
    runs = dict.fromkeys(hit.run.number for hit in hits)
    found = [best_hit(view, [hit for hit in hits if hit.run.number == number]) for number in runs]
    return [hit for hit in found if hit is not None]


def _missing(view: CallView, spec: Exchange, searched: Searched) -> CheckResult:
    result = absent(view, spec.when.roles, searched, spec.when.phrases)
    if result.outcome is Outcome.DOUBTFUL or spec.missing is Verdict.FAIL:
        return result
    return CheckResult(
        outcome=Outcome.YES,
        confidence=result.confidence,
        evidence=result.evidence,
        reason=reason(view.language, "not_arisen"),
        applies=spec.missing is not Verdict.NA,
    )


def _only_doubtful(view: CallView, occurrences: Sequence[Hit], results: Sequence[CheckResult]) -> CheckResult:
    """Return DOUBTFUL: it may have arisen. The evidence is the surest of the weak matches."""
    hit = max(occurrences, key=certainty)
    return CheckResult(
        outcome=Outcome.DOUBTFUL,
        confidence=certainty(hit),
        evidence=(evidence_of(hit), *results[occurrences.index(hit)].evidence),
        reason=reason(view.language, "trigger_unclear", quote=quote(hit), at=clock(hit.match.span.start_ms)),
    )


def _answer(view: CallView, spec: Exchange, occurrence: Hit) -> CheckResult:
    runs = _answering_runs(view, spec, occurrence)
    end = max([occurrence.match.span.end_ms, *(run.span.end_ms for run in runs)])
    searched = Searched(runs, Span(occurrence.match.span.end_ms, end))
    hits = [hit for run in runs for hit in view.hits(run, spec.then.phrases) if _is_after(hit, occurrence)]
    answer = best_hit(view, hits)
    told = {
        "when": quote(occurrence),
        "at": clock(occurrence.match.span.start_ms),
        "heard": f"{heard_share(view, spec.then.roles, searched):.0%}",
    }
    if answer is None:
        trace = find_trace(view, spec.then.phrases, searched)
        doubtful = trace is not None or _is_unclear(view, spec, runs) or is_badly_heard(view, spec.then.roles, searched)
        return CheckResult(
            outcome=Outcome.DOUBTFUL if doubtful else Outcome.NO,
            confidence=0.5 if doubtful else certainty(occurrence),
            evidence=(evidence_of(occurrence),),
            reason=reason(view.language, "answer_doubtful" if doubtful else "unanswered", **told),
        )
    outcome = outcome_of(view, answer)
    if outcome is Outcome.YES:
        at = clock(answer.match.span.start_ms)
        text = reason(view.language, "answered", when=quote(occurrence), when_at=told["at"], at=at, quote=quote(answer))
    else:
        text = reason(view.language, "answer_doubtful", **told)
    return CheckResult(
        outcome=outcome, confidence=certainty(answer), evidence=(evidence_of(occurrence), evidence_of(answer)), reason=text
    )


def _is_unclear(view: CallView, spec: Exchange, runs: Sequence[Run]) -> bool:
    """Tell whether the first answer states something at length that no phrase knows: it may be to the point."""
    if spec.unclear is None or not runs or len(runs[0].words) < spec.unclear.words:
        return False
    asks = any(word.text.endswith("?") for word in runs[0].words)
    return not asks and not view.hits(runs[0], spec.unclear.brush_off)


def _is_after(hit: Hit, occurrence: Hit) -> bool:
    return hit.run.number != occurrence.run.number or hit.match.first_word > occurrence.match.last_word


def _answering_runs(view: CallView, spec: Exchange, occurrence: Hit) -> tuple[Run, ...]:
    """Return the next runs of the answering roles: those that go on after the occurrence was said."""
    said_ms = occurrence.match.span.end_ms
    begun_ms = occurrence.run.span.start_ms
    later = [run for run in view.of_roles(spec.then.roles) if run.span.end_ms > said_ms and run.span.start_ms >= begun_ms]
    return tuple(run for run in later if run.number != occurrence.run.number)[: spec.within_turns]
