"""The desk as a trainer, a manager and an operator use it: in a real browser, while a run holds the store for writing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from callscore.records import Verdict
from callscore.review.entries import AppealDecided, AppealFiled, TextCorrected, VerdictGiven
from callscore.review.users import UserRole
from tests.review.desk_shop import PASSWORD, Shop, serving, writing

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"
NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (Debian: apt-get install chromium)"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a headless browser that plays sound only after somebody pressed a key, as real ones do."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--autoplay-policy=user-gesture-required"])
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a window of 1280x720; a script error or a break of the page's own policy fails the test."""
    with browser.new_context(viewport={"width": 1280, "height": 720}) as context:
        wrong: list[str] = []
        window = context.new_page()
        window.on("pageerror", lambda error: wrong.append(str(error)))
        window.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
        yield window
        assert wrong == []


def seconds(page: Page) -> float:
    """Return where the sound stands."""
    return float(page.evaluate("document.getElementById('audio').currentTime"))


def until(page: Page, condition: str) -> None:
    """Wait for something in the page; Playwright's own way evaluates strings there, which the page's policy forbids."""
    for _ in range(600):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"this never came true: {condition}")


def shoot(page: Page, name: str) -> None:
    """Keep a picture for the README if asked to by CALLSCORE_SCREENSHOTS=1."""
    if os.environ.get("CALLSCORE_SCREENSHOTS"):
        SCREENSHOTS.mkdir(exist_ok=True)
        # As JPEG they stay under 150 kB: a waveform is all edges.
        page.screenshot(path=SCREENSHOTS / f"desk-{name}.jpg", type="jpeg", quality=75)


def test_three_keys_check_a_flagged_verdict_while_a_run_is_writing(shop: Shop, page: Page) -> None:
    """Enter opens the first call, Space plays the place in doubt from a second before it, 2 corrects; all of it is kept."""
    with serving(shop, language="ru") as address, writing(shop):
        page.goto(address)
        expect(page.locator("tbody tr").first).to_be_visible()
        shoot(page, "queue")

        page.keyboard.press("Enter")
        page.wait_for_url("**/call?*")
        chosen = page.locator(".criterion.chosen")
        start = int(chosen.get_attribute("data-start") or "") / 1000
        page.keyboard.press("Space")
        until(page, "document.getElementById('audio').currentTime > 0 && !document.getElementById('audio').paused")
        assert max(0.0, start - 1.05) <= seconds(page) <= start + 1.5
        was = seconds(page)
        until(page, f"document.getElementById('audio').currentTime > {was + 0.3}")

        before = page.locator(".score .now").first.inner_text()
        old = chosen.get_attribute("data-verdict")
        key, new = ("1", Verdict.PASS) if old != "pass" else ("2", Verdict.FAIL)
        page.keyboard.press(key)
        expect(page.locator(".score .now").first).not_to_have_text(before)
        after = page.locator(".score .now").first.inner_text()
        expect(page.locator("#wave canvas").first).to_be_attached()
        shoot(page, "call")

        page.reload()
        expect(page.locator(".score .now").first).to_have_text(after)

    (entry,) = shop.journal.read().entries
    assert isinstance(entry, VerdictGiven)
    assert (entry.old, entry.new, entry.sample) == (old, new, "flagged")


def test_a_quote_plays_with_a_second_around_it_and_stops(shop: Shop, page: Page) -> None:
    """A click on a quote plays from a second before its words and stops a second behind them."""
    with serving(shop) as address:
        page.goto(f"{address}/call?id=d002")
        quote = page.locator(".quote:has(q)").last
        start, end = (int(quote.get_attribute(f"data-{name}") or "") / 1000 for name in ("start", "end"))
        page.locator("#speed").select_option("2")
        quote.click()
        until(page, "!document.getElementById('audio').paused")
        assert max(0.0, start - 1.05) <= seconds(page) <= start + 1.5
        until(page, "document.getElementById('audio').paused")
        assert end + 0.4 <= seconds(page) <= end + 2.0


def test_a_comment_and_a_word_are_kept_beside_what_the_machine_said(shop: Shop, page: Page) -> None:
    """The comment goes with the verdict; a corrected word shows what the machine heard."""
    with serving(shop) as address:
        page.goto(f"{address}/call?id=d002")
        page.keyboard.press("c")
        page.keyboard.type("said it in other words")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".given").filter(has_text="said it in other words")).to_be_visible()
        word = page.locator(".turn p span").first
        heard = word.inner_text()
        word.dblclick()
        page.locator("#edit textarea").fill("поправлено")
        page.keyboard.press("Tab")
        page.locator("#edit button.main").click()
        expect(word).to_have_text("поправлено")
        page.reload()
        expect(page.locator(".turn p .fixed").first).to_have_attribute("title", f"the machine heard: {heard}")

    entries = shop.journal.read().entries
    assert isinstance(entries[0], VerdictGiven)
    assert entries[0].reason == "said it in other words"
    assert isinstance(entries[1], TextCorrected)
    assert (entries[1].old, entries[1].new) == (heard, "поправлено")


def test_a_phrase_is_found_in_another_form_and_opened_at_its_place(shop: Shop, page: Page) -> None:
    """Other forms of the words are found; Enter opens the call where they are said, and Space plays from there."""
    with serving(shop) as address, writing(shop):
        page.goto(f"{address}/search")
        page.keyboard.type("доставка")
        page.keyboard.press("Enter")
        mark = page.locator("mark").first
        expect(mark).to_be_visible()
        assert mark.inner_text().lower().startswith("достав")
        page.locator("tbody a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/call?*")
        place = int(page.url.split("t=")[1]) / 1000
        page.keyboard.press("Space")
        until(page, "!document.getElementById('audio').paused && document.getElementById('audio').currentTime > 0")
        assert max(0.0, place - 1.1) <= seconds(page) <= place + 1.5


def test_an_operator_appeals_by_link_and_the_trainer_decides(shop: Shop, browser: Browser, page: Page) -> None:
    """A link opens own calls only; the appeal reaches the trainer; both the appeal and the answer stay on record."""
    link, token = shop.users.make_link("d.kozlov", now=datetime.now(UTC), days=7)
    with serving(shop) as address, writing(shop), browser.new_context() as his:
        operator = his.new_page()
        operator.goto(f"{address}/link/{token}")
        operator.get_by_role("button", name="Open my calls").click()
        expect(operator.locator("tbody tr")).to_have_count(2)
        operator.locator("tbody a").first.click()
        operator.locator("details summary").first.click()
        operator.locator("details textarea").first.fill("I did greet her, listen at the start")
        operator.locator("details button").first.click()
        expect(operator.get_by_text("awaits an answer")).to_be_visible()
        refused = operator.goto(f"{address}/call?id=d010")
        assert refused is not None
        assert refused.status == 404

        page.goto(f"{address}/appeals")
        page.locator("tbody a").first.click()
        page.get_by_label("Answer", exact=True).fill("right, sorry")
        page.get_by_role("button", name="Accept", exact=True).click()
        expect(page.get_by_text("accepted").first).to_be_visible()

        shop.users.revoke_links(link.operator, now=datetime.now(UTC))
        gone = operator.goto(f"{address}/link/{token}")
        assert gone is not None
        assert gone.status == 410

    kinds = [type(entry) for entry in shop.journal.read().entries]
    assert kinds == [AppealFiled, VerdictGiven, AppealDecided]


def test_signing_in_is_needed_where_there_are_users_and_wrong_passwords_are_refused(shop: Shop, page: Page) -> None:
    """Nobody gets in without the password, a guesser has to wait, and a manager sees no words."""
    shop.users.add("olga", PASSWORD, UserRole.TRAINER, now=NOW)
    shop.users.add("boss", PASSWORD, UserRole.MANAGER, now=NOW)
    with serving(shop) as address:
        page.goto(f"{address}/call?id=d002")
        assert page.url.endswith("/sign-in")
        for _ in range(5):
            page.get_by_label("Login").fill("olga")
            page.get_by_label("Password").fill("wrong")
            page.keyboard.press("Enter")
            expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Too many attempts")).to_be_visible()

        page.get_by_label("Login").fill("boss")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Queue")).to_be_visible()
        page.goto(f"{address}/call?id=d002")
        expect(page.locator(".turn")).to_have_count(0)
        expect(page.locator("audio")).to_have_count(0)
        expect(page.locator(".give")).to_have_count(0)
        page.get_by_role("button", name="Sign out").click()
        assert page.url.endswith("/sign-in")


def test_calibration_hides_what_the_machine_said(shop: Shop, page: Page) -> None:
    """In a session a reviewer sees no verdict, confidence, quote or flag, and judges each criterion himself."""
    with serving(shop, language="ru") as address:
        page.goto(f"{address}/calibration")
        page.locator("input[name=title]").fill("Октябрь")
        page.locator("select[name=rubric]").select_option("incoming_sale")
        page.locator("input[name=size]").fill("2")
        page.get_by_role("button", name="Начать").click()
        shoot(page, "calibration")
        page.locator("a.go").click()
        expect(page.locator(".blind")).to_be_visible()
        assert page.locator(".badge").all_inner_texts() == [""] * page.locator(".badge").count()
        assert [page.locator(place).count() for place in (".quote", ".flag", ".now", ".reason")] == [0, 0, 0, 0]
        page.keyboard.press("1")
        expect(page.locator(".yours").filter(has_text="ваш вердикт: да").first).to_be_visible()
        shoot(page, "blind")

    entry = shop.journal.read().entries[-1]
    assert isinstance(entry, VerdictGiven)
    assert (entry.sample, entry.new) == ("blind", "pass")


def test_clips_go_into_a_collection_and_out_as_one_page_with_sound(shop: Shop, page: Page, tmp_path: Path) -> None:
    """A clip is cut on the call's page; the collection is one HTML file whose sound plays without the server."""
    with serving(shop, language="ru") as address:
        page.goto(f"{address}/call?id=d002")
        page.locator("details.clip summary").click()
        page.locator("#clip input[name=collection]").fill("Возражения")
        page.locator("#clip input[name=start]").fill("2")
        page.locator("#clip input[name=end]").fill("4,5")
        page.locator("#clip button").click()
        expect(page.locator("#message")).to_have_text("Сохранено")
        page.goto(f"{address}/coaching")
        shoot(page, "coaching")
        with page.expect_download() as found:
            page.get_by_role("link", name="Скачать одним файлом HTML").click()
        found.value.save_as(tmp_path / "clips.html")
    page.goto((tmp_path / "clips.html").as_uri())
    page.evaluate("document.querySelector('audio').preload = 'auto'")
    until(page, "document.querySelector('audio').duration > 0")
    assert page.evaluate("document.querySelector('audio').duration") == pytest.approx(2.5, abs=0.01)


def test_a_recording_that_is_gone_is_said_and_the_rest_of_the_page_works(shop: Shop, page: Page) -> None:
    """A moved recording leaves the transcript, the verdicts and the keys; the page says why nothing plays."""
    file = next(shop.recordings.glob("d002.*"))
    away = file.rename(file.with_name("away.bin"))
    try:
        with serving(shop) as address:
            page.goto(f"{address}/call?id=d002")
            expect(page.get_by_text("moved or deleted since it was heard")).to_be_visible()
            page.keyboard.press("4")
            expect(page.locator(".given li").first).to_be_visible()
    finally:
        away.rename(file)
