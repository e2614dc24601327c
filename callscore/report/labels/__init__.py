"""The words of reports in Russian and English, a file per subject. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callscore.report.labels import (
    agreement,
    calls,
    coaching,
    conversion,
    costs,
    digest,
    evaluation,
    forms,
    health,
    learning,
    operators,
    telephony,
    workload,
)

__all__ = ["flag_text", "label", "note_text"]

_ALL: Final[Mapping[str, tuple[str, str]]] = {
    **agreement.LABELS,
    **calls.LABELS,
    **coaching.LABELS,
    **conversion.LABELS,
    **costs.LABELS,
    **digest.LABELS,
    **evaluation.LABELS,
    **forms.LABELS,
    **health.LABELS,
    **learning.LABELS,
    **operators.LABELS,
    **telephony.LABELS,
    **workload.LABELS,
}


def label(key: str, language: str, **values: object) -> str:
    """Return the words for `key` in `language` (ru or en) with `values` put in; the key itself where there are none.

    >>> label("share_of", "en", share="82%", base=411)
    '82% of 411'
    >>> label("incoming_sale", "ru")
    'incoming_sale'
    """
    if key not in _ALL:
        return key
    russian, english = _ALL[key]
    return (russian if language == "ru" else english).format(**values)


def note_text(note: str, language: str) -> str:
    """Return the words for a note of the stages, `code` or `code:milliseconds`; a note in plain words stays as it is.

    >>> note_text("legs_shifted:5700", "en")
    'the channels are out of step (5.7 s)'
    """
    code, _, ms = note.partition(":")
    if f"audio_{code}" not in _ALL:
        return note
    text = label(f"audio_{code}", language)
    if not ms.isdigit():
        return text
    figure = f"{int(ms) / 1000:.1f}"
    return f"{text} ({figure.replace('.', ',')} с)" if language == "ru" else f"{text} ({figure} s)"


def flag_text(reason: str, language: str) -> str:
    """Return the words for a flag's reason; one for which a call has no verdicts says so.

    >>> flag_text("odd_rate", "en")
    'no verdicts: the recording plays too fast or too slow'
    """
    trouble = f"trouble_{reason}"
    if trouble in _ALL:
        return label("not_scored", language, why=label(trouble, language))
    return label(f"flag_{reason}", language)
