"""Charts are well-formed and to scale."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from benchmarks.hearing.charts import Bar, Panel, bar_chart

PANELS = (
    Panel("Stereo", (Bar(label="a & b", value=40.0, text="40", is_own=True), Bar(label="c", value=10.0, text="10"))),
    Panel("Mono", (Bar(label="a & b", value=20.0, text="20", spread=(18.0, 22.0)),)),
)


def test_bars_share_one_scale() -> None:
    """Widths are in proportion to values, over all panels."""
    widths = [float(width) for width in re.findall(r'<rect[^>]*width="([\d.]+)"', bar_chart("speed", "more is better", PANELS))]
    assert [width / widths[1] for width in widths] == pytest.approx([4.0, 1.0, 2.0], abs=0.01)


def test_the_chart_is_xml_and_knows_dark_pages() -> None:
    """Labels are escaped; colours follow the reader's scheme."""
    text = bar_chart("speed", "more is better", PANELS)
    assert "a & b" in {item.text for item in ET.fromstring(text).iter()}
    assert "prefers-color-scheme: dark" in text


def test_nothing_to_draw_is_refused() -> None:
    """A chart needs a bar."""
    with pytest.raises(ValueError, match="needs a bar"):
        bar_chart("speed", "", ())
