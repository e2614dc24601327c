"""Pieces of SVG: elements with every text escaped, and how wide a text will be. Pure.

No font is known beforehand: widths are those of wide fonts (DejaVu Sans), so that text fits in narrower ones too.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["LINE", "SIZE", "clean", "number", "tag", "text_lines", "text_width", "wrap"]

SIZE: Final = 13
"""Height of letters, pixels."""
LINE: Final = 17
"""From line to line, pixels."""
_NARROW: Final = frozenset("iljtfrI!.,:;'|()[]{} -/\\·ј")
_WIDE: Final = frozenset("mwMWmwжмшщюыфъЖМШЩЮФЫЪДОQ@%—…№")
_WORD: Final = re.compile(r" *[^ -]*-?")
"""Words, and parts of words that end with a hyphen."""
_LONGEST: Final = 400
"""Letters of a name that are drawn: no chart gets readable by more."""


def tag(name: str, content: str = "", /, **attributes: object) -> str:
    """Return an element; `content` must be SVG already, attributes are escaped here. `class_` becomes class, _ becomes -.

    >>> tag("rect", x=1, class_="a<b")
    '<rect x="1" class="a&lt;b"/>'
    """
    from markupsafe import escape

    written = "".join(
        f' {key.rstrip("_").replace("_", "-") if key != "viewBox" else key}="{escape(number(value))}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def number(value: object) -> object:
    """Return a coordinate with at most one decimal.

    >>> number(12.04), number(3.0), number("a")
    ('12', '3', 'a')
    """
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def clean(text: str) -> str:
    r"""Return text without the characters that XML and browsers forbid, on one line.

    >>> clean("a\x00b\nc")
    'ab c'
    """
    flat = " ".join(text.split())
    return "".join(letter for letter in flat if unicodedata.category(letter) not in ("Cc", "Cs", "Cn", "Co"))


def text_width(text: str, size: float = SIZE) -> float:
    """Return how wide a text is at most, pixels.

    >>> text_width("ii") < text_width("nn") < text_width("ШШ")
    True
    """
    return size * sum(_width(letter) for letter in text)


def _width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF" or ord(letter) > 0xFFFF:
        return 1.3
    if letter in _NARROW:
        return 0.42
    if letter in _WIDE:
        return 1.1 if letter.isupper() else 0.98
    return 0.8 if letter.isupper() else 0.66


def wrap(text: str, width: float, size: float = SIZE) -> tuple[str, ...]:
    """Return the lines of a text that fit into `width`; words wider than it are broken, nothing is lost but what is over 400.

    >>> wrap("one two three", 60)
    ('one two', 'three')
    """
    text = clean(text)
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}…"
    lines = [""]
    for word in _WORD.findall(text):
        joined = f"{lines[-1]}{word}" if lines[-1] else word.lstrip()
        if text_width(joined, size) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for letter in word.lstrip():
            if lines[-1] and text_width(lines[-1] + letter, size) > width:
                lines.append("")
            lines[-1] += letter
    return tuple(line.rstrip() for line in lines)


def text_lines(lines: tuple[str, ...], x: float, y: float, **attributes: object) -> str:
    """Return a text of several lines whose middle stands at height `y`."""
    from markupsafe import escape

    first = y - LINE * (len(lines) - 1) / 2 + SIZE * 0.35
    spans = (tag("tspan", str(escape(line)), x=x, y=first + LINE * place) for place, line in enumerate(lines) if line)
    return tag("text", "".join(spans), **attributes)
