"""A collection of clips as one HTML file with the sound inside: it plays anywhere, without a network and without scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from callscore.errors import AudioError
from callscore.report.text import minutes
from callscore.review.desk import WrongInputError
from callscore.review.entries import ClipTaken
from callscore.review.web.audio import SoundGoneError
from callscore.review.web.view import clean
from callscore.review.words import say

__all__ = ["collection_page"]

_HERE: Final = Path(__file__).parent
_MOST_MS: Final = 30 * 60_000
"""Half an hour of telephone stereo makes a file of some 80 MB: what a browser still opens."""
_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid #8884;padding:.8rem 0}audio{width:100%}h1{font-size:1.4rem}h2{font-size:1rem;margin:0}"
    "p{margin:.3rem 0;overflow-wrap:anywhere}"
)


def collection_page(name: str, clips: Sequence[ClipTaken], sound: Callable[[ClipTaken], bytes], language: str) -> str:
    """Return the page.

    Args:
        name: of the collection.
        clips: in the order to play them.
        sound: gives a clip's WAV file; a recording that is gone is said in its place.
        language: ru or en.

    Raises:
        WrongInputError: if the clips together are too long for one file.
    """
    from jinja2 import Environment, FileSystemLoader

    if sum(clip.end_ms - clip.start_ms for clip in clips) > _MOST_MS:
        raise WrongInputError("error_big_export", n=_MOST_MS // 60_000)
    rows = []
    for clip in clips:
        source, problem = "", ""
        try:
            source = f"data:audio/wav;base64,{base64.b64encode(sound(clip)).decode()}"
        except SoundGoneError as exc:
            problem = say(f"sound_{exc.kind}", language)
        except AudioError as exc:
            problem = say("sound_broken", language, why=exc.message)
        place = f"{minutes(clip.start_ms)}–{minutes(clip.end_ms)}"
        rows.append(
            {"call": clean(clip.call_id, 60), "place": place, "note": clean(clip.note), "source": source, "problem": problem}
        )
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    page = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True).get_template("collection.html")
    return page.render(name=clean(name, 100), rows=rows, style=_STYLE, digest=digest, language=language)
