"""Pages as a browser sees them: nothing is asked of the network, nothing is complained about, no text is cut off."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from callscore.report.html import html_text
from tests.report.chromium import BINARY, visit
from tests.report.sample_report import ABOUT, OPTIONS, report

pytestmark = [
    pytest.mark.skipif(BINARY is None, reason="no Chromium on this machine (Debian: apt install chromium)"),
    pytest.mark.timeout(180),
]

# Finds texts that do not fit where they stand. Boxes that scroll may hold more than they show.
PROBE = """
const found = [];
const name = (e) => e.tagName + "." + (e.className.baseVal ?? e.className) + ": " + e.textContent.slice(0, 40);
for (const e of document.querySelectorAll("body *:not(.scroll):not(svg *):not(script)")) {
  if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && getComputedStyle(e).overflowX !== "auto") found.push(name(e));
  const hidden = getComputedStyle(e).overflowY === "hidden";
  if (hidden && e.scrollHeight > e.clientHeight + 2 && e.clientHeight > 0) found.push(name(e));
}
if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the window");
for (const svg of document.querySelectorAll("svg")) {
  const box = svg.viewBox.baseVal;
  const texts = [...svg.querySelectorAll("text")].map((t) => [t, t.getBBox()]);
  for (const [t, b] of texts) {
    if (b.x < -0.5 || b.y < -0.5 || b.x + b.width > box.width + 0.5 || b.y + b.height > box.height + 0.5) found.push(name(t));
  }
  for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
    const [a, b] = [texts[i][1], texts[j][1]];
    const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
    const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
    if (across > 1 && down > 4) found.push("overlap: " + name(texts[i][0]) + " / " + name(texts[j][0]));
  }
}
document.body.dataset.found = JSON.stringify(found);
document.body.dataset.buttons = document.querySelectorAll("th button").length;
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample report as a file."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html_text(report(), ABOUT, OPTIONS), encoding="utf-8")
    return path


def asked_hosts(log: Path) -> set[str | None]:
    """Return whom the browser asked; what it asks its maker at every start is not the page's doing."""
    urls = re.findall(r'"url":"((?:https?|wss?|ftp):[^"]+)"', log.read_text(encoding="utf-8"))
    return {host for host in (urlsplit(url).hostname for url in urls) if not (host or "").endswith(".google.com")}


def test_the_browser_asks_for_nothing_and_complains_of_nothing(page: Path, tmp_path: Path) -> None:
    """No request leaves the page, and its own script and style pass its policy."""
    log = tmp_path / "net.json"
    seen = visit(page, f"--log-net-log={log}")
    assert seen.console == []
    assert "<title>Итоги</title>" in seen.dom
    assert "<th" in seen.dom
    assert 'aria-label="Найти в таблице"' in seen.dom, "the page's own script did not run"
    assert asked_hosts(log) == set()


def test_a_page_that_asks_and_cuts_is_found_out(tmp_path: Path) -> None:
    """These tests would see a request, a broken policy and a text that is cut off."""
    bad = tmp_path / "bad.html"
    bad.write_text('<body><img src="http://127.0.0.1:9/x.png"></body>', encoding="utf-8")
    visit(bad, f"--log-net-log={tmp_path / 'net.json'}")
    assert asked_hosts(tmp_path / "net.json") == {"127.0.0.1"}
    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    bad.write_text(f"<head>{policy}</head><body><script>1</script></body>", encoding="utf-8")
    assert len(visit(bad).console) == 1
    cut = '<div style="width:9px;overflow:hidden;white-space:nowrap">long text</div>'
    bad.write_text(f"<body>{cut}<script>{PROBE}</script></body>", encoding="utf-8")
    assert "DIV.: long text" in unescape(visit(bad).dom)


@pytest.mark.parametrize("size", [(1200, 900), (500, 900)], ids=["desk", "phone"])
def test_no_text_is_cut_off(page: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    """Every text is whole inside its box, or its box scrolls; names in charts stay inside and apart."""
    probed = tmp_path / "probed.html"
    whole = page.read_text(encoding="utf-8")
    # The policy allows no further script; the copy under test goes without it.
    assert whole.count('http-equiv="Content-Security-Policy"') == 1
    whole = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", whole)
    probed.write_text(whole.replace("</body>", f"<script>{PROBE}</script></body>"), encoding="utf-8")
    dom = visit(probed, size=size).dom
    found = re.search(r'data-found="([^"]*)"', dom)
    assert found is not None, "the probe did not run"
    assert json.loads(unescape(found[1])) == []
    assert re.search(r'data-buttons="([1-9]\d*)"', dom), "the page's own script did not run"


def test_the_page_reads_without_its_script(page: Path, tmp_path: Path) -> None:
    """Whoever forbids scripts sees every row."""
    bare = tmp_path / "bare.html"
    bare.write_text(re.sub(r"<script>.*?</script>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL), encoding="utf-8")
    assert visit(bare).dom.count("<tr") == visit(page).dom.count("<tr")


def test_a_page_can_be_printed(page: Path, tmp_path: Path) -> None:
    """Printing makes a PDF of several pages, with nothing asked of anybody."""
    target = tmp_path / "report.pdf"
    visit(page, f"--print-to-pdf={target}", "--no-pdf-header-footer")
    assert target.read_bytes().startswith(b"%PDF")
