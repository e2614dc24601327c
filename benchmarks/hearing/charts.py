"""Bar charts as SVG that read well on light and on dark pages. Pure: figures in, text out; no library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

__all__ = ["Bar", "Panel", "bar_chart"]

_WIDTH: Final = 760
_LABELS: Final = 230
_VALUES: Final = 120
_BAR: Final = 18
_STEP: Final = 28
_HEAD: Final = 44
_STYLE: Final = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.quiet { fill: #59636e }
.own { fill: #0969da }
.peer { fill: #afb8c1 }
.spread { stroke: #1f2328; stroke-width: 1.5 }
.base { stroke: #d1d9e0 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .quiet { fill: #9198a1 }
  .own { fill: #4493f8 }
  .peer { fill: #59636e }
  .spread { stroke: #f0f6fc }
  .base { stroke: #3d444d }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A value from 0 with its label and its text; `spread` (least, greatest) is drawn as a line; `is_own` stands out."""

    label: str
    value: float
    text: str
    spread: tuple[float, float] | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars under one heading."""

    title: str
    bars: tuple[Bar, ...]


def bar_chart(title: str, note: str, panels: Sequence[Panel]) -> str:
    """Return a chart of horizontal bars, all panels on one scale.

    Args:
        title: what is shown, with its unit.
        note: one line below the title, such as which way is better.
        panels: at least one with a bar.

    Raises:
        ValueError: if there is nothing to draw.
    """
    top = max((_longest(bar) for panel in panels for bar in panel.bars), default=0.0)
    if top <= 0:
        raise ValueError("bar_chart needs a bar above 0")
    scale = (_WIDTH - _LABELS - _VALUES) / top
    parts = [_text(0, 18, title, "title"), _text(0, 38, note, "quiet")]
    y = 38 + _HEAD
    for panel in panels:
        parts.append(_text(0, y - 12, panel.title, "title"))
        first = y
        for bar in panel.bars:
            parts += _draw(bar, y, scale)
            y += _STEP
        parts.append(f'<line class="base" x1="{_LABELS}" x2="{_LABELS}" y1="{first - 4}" y2="{y - 6}"/>')
        y += _HEAD
    height = y - _HEAD + 4
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    head = f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>"
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">', head, *parts, "</svg>\n"])


def _longest(bar: Bar) -> float:
    return max(bar.value, bar.spread[1]) if bar.spread else bar.value


def _draw(bar: Bar, y: int, scale: float) -> list[str]:
    middle = y + _BAR // 2
    end = _LABELS + _longest(bar) * scale
    kind = "own" if bar.is_own else "peer"
    parts = [
        _text(_LABELS - 10, middle + 4, bar.label, "", anchor="end"),
        f'<rect class="{kind}" x="{_LABELS}" y="{y}" width="{bar.value * scale:.1f}" height="{_BAR}" rx="2"/>',
    ]
    if bar.spread:
        low, high = (_LABELS + value * scale for value in bar.spread)
        parts.append(f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>')
    return [*parts, _text(end + 8, middle + 4, bar.text, "")]


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    kind = f' class="{kind}"' if kind else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
