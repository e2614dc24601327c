"""`callscore report digest`: what it tells, and that it is sent once, whole, and to nobody else."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import CallscoreError, ConfigError, NothingToDoError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.records import CallRecord, Direction, Disposition, Verdict
from callscore.stats.flags import flag_call
from callscore.store import open_store
from callscore.store.feeds import Feed, FeedBatch
from tests.local_server import LocalServer, Quiet, running
from tests.mail_server import mail_server
from tests.store.build import criterion, result, score

DAY = "2026-10-05"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace with five calls on 5 October 2026, one of them with a failed critical criterion."""
    monkeypatch.chdir(tmp_path)
    with open_store(tmp_path / "data.duckdb") as writer:
        for number in range(5):
            made = result(number, n_turns=3)
            if number == 2:
                phone = made.record.info.client_phone or ""
                info = replace(made.record.info, call_id=f"rec-{phone.removeprefix('+')}")
                bad = score(criterion("greeting", Verdict.FAIL, critical=True))
                made = replace(made, record=replace(made.record, info=info), scores=(bad,))
            writer.save_call(made, "r1", flag_call(made))
    settings(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from a machine that trusts nobody in particular."""
    for name in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def settings(folder: Path, digest: str = "") -> None:
    """Write the settings."""
    text = f'[store]\ndb = "data.duckdb"\n[digest]\n{digest}'
    (folder / "callscore.toml").write_text(text, encoding="utf-8")


def run(*options: str) -> Result:
    """Run the command for the day of the calls."""
    return CliRunner().invoke(cli, ["report", "digest", "--date", DAY, *options])


def error_of(done: Result) -> CallscoreError:
    """Return the error a command ended with."""
    assert isinstance(done.exception, CallscoreError), done.output
    return done.exception


@dataclass
class Hook:
    """What was posted, and the statuses still to be answered."""

    bodies: list[Any] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    port: int = 0


class _Handler(Quiet, BaseHTTPRequestHandler):
    site: Hook

    def do_POST(self) -> None:
        self.site.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.site.tokens.append(self.headers.get("Authorization", ""))
        self.send_response(self.site.statuses.pop(0) if self.site.statuses else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Return an address that takes JSON."""
    site = Hook()
    server = LocalServer(_Handler, site)
    site.port = server.server_address[1]
    with running(server):
        yield site


def test_the_digest_names_what_to_listen_to(workspace: Path) -> None:
    """Calls, flags and the worst call fit on one screen of a terminal."""
    done = run()
    assert done.exit_code == 0
    assert "Звонков оценено" in done.stdout
    assert "провален критичный критерий" in done.stdout
    assert "rec-79000000002" in done.stdout
    assert len(done.stdout.splitlines()) < 30


def test_a_day_without_calls_is_told_too(workspace: Path) -> None:
    """Silence is news; a digest that did not come is not."""
    done = CliRunner().invoke(cli, ["report", "digest", "--date", "2026-10-20"])
    assert done.exit_code == 0
    assert "не запускалась" in done.stdout


def test_an_empty_store_has_no_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first run there is nothing to send."""
    monkeypatch.chdir(tmp_path)
    with open_store(tmp_path / "data.duckdb"):
        settings(tmp_path)
    assert isinstance(error_of(run()), NothingToDoError)


def test_every_number_can_be_traced(workspace: Path) -> None:
    """--explain prints the queries."""
    assert "FROM flags" in run("--explain").stdout


def test_without_a_place_nothing_is_sent(workspace: Path) -> None:
    """--send without settings says which are missing."""
    assert error_of(run("--send")).hint == "set file, mail_to or webhook_url"


def test_a_letter_has_text_and_page_and_no_phone(workspace: Path) -> None:
    """Everybody gets a letter of their own; no phone number and no words of a call leave the machine."""
    with mail_server() as site:
        settings(
            workspace,
            'mail_to = "a@shop.example, b@shop.example"\nmail_from = "callscore@shop.example"\nsmtp_security = "none"\n'
            f'smtp_host = "127.0.0.1"\nsmtp_port = {site.port}\n',
        )
        assert run("--send").exit_code == 0
        assert [recipient for recipient, _ in site.letters] == ["a@shop.example", "b@shop.example"]
        letter = site.letters[0][1]
        parts = {part.get_content_type(): part.get_content() for part in letter.walk() if not part.is_multipart()}
        assert letter["Subject"] == "Сводка за 05.10.2026"
        assert letter["To"] == "a@shop.example"
        assert "Послушать сегодня: 1" in parts["text/plain"]
        assert "провален критичный критерий" in parts["text/html"]
        everything = letter.as_string() + "".join(parts.values())
        assert "79000000002" not in everything
        assert "rec-7…0002" in parts["text/plain"]
        assert "не слышно" not in everything


def test_nothing_is_sent_twice(workspace: Path, hook: Hook) -> None:
    """A second run the same day sends nothing, --again does."""
    settings(workspace, f'webhook_url = "http://127.0.0.1:{hook.port}/x"\n')
    assert run("--send").exit_code == 0
    again = run("--send")
    assert (again.exit_code, len(hook.bodies)) == (0, 1)
    assert "sent already" in again.stderr
    assert run("--send", "--again").exit_code == 0
    assert len(hook.bodies) == 2
    assert CliRunner().invoke(cli, ["report", "digest", "--date", "2026-10-06", "--send"]).exit_code == 0
    assert len(hook.bodies) == 3


def test_only_what_failed_is_tried_again(workspace: Path, hook: Hook) -> None:
    """The exit status is that of the failure; the other places got theirs and get no second one."""
    hook.statuses = [400]
    settings(workspace, f'file = "out/digest.html"\nwebhook_url = "http://127.0.0.1:{hook.port}/x"\n')
    (workspace / "out").mkdir()
    failed = run("--send")
    assert isinstance(error_of(failed), SourceError)
    assert "the address refused the digest (HTTP 400)" in error_of(failed).message
    page = workspace / "out" / "digest.html"
    page.unlink()
    assert run("--send").exit_code == 0
    assert not page.exists()
    assert len(hook.bodies) == 2


def test_a_busy_address_is_asked_again(workspace: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passing errors are no failures; the token comes from the environment."""
    monkeypatch.setenv("HOOK_TOKEN", "secret")
    hook.statuses = [503]
    settings(workspace, f'webhook_url = "http://127.0.0.1:{hook.port}/x"\nwebhook_token = "env:HOOK_TOKEN"\n')
    assert run("--send").exit_code == 0
    assert hook.tokens == ["Bearer secret", "Bearer secret"]
    body = hook.bodies[-1]
    assert (body["version"], body["day"], body["title"]) == (1, DAY, "Сводка за 05.10.2026")
    assert body["report"]["totals"]["flags_today"] == 1


def test_a_web_address_without_encryption_is_refused(workspace: Path) -> None:
    """What is personal does not travel in the open unless the shop says so."""
    settings(workspace, 'webhook_url = "http://hooks.shop.example/x"\n')
    error = error_of(run("--send"))
    assert isinstance(error, ConfigError)
    assert error.where == "digest.webhook_url"


def test_a_password_is_not_sent_without_encryption(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in over plain SMTP is refused before anything is sent."""
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    with mail_server(password="secret") as site:
        settings(workspace, mail_settings(site.port, "none"))
        assert isinstance(error_of(run("--send")), ConfigError)
        assert (site.letters, site.sign_ins) == ([], [])


def test_a_server_that_cannot_encrypt_gets_nothing(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """STARTTLS that is missing is not passed over."""
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    with mail_server(password="secret") as site:
        settings(workspace, mail_settings(site.port, "starttls"))
        assert isinstance(error_of(run("--send")), SourceError)
        assert (site.letters, site.sign_ins) == ([], [])


def test_signing_in_happens_behind_encryption(workspace: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With STARTTLS the password arrives encrypted, and a wrong one is told."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with mail_server(tls=context, password="secret") as site:
        settings(workspace, mail_settings(site.port, "starttls"))
        assert run("--send").exit_code == 0
        assert (len(site.letters), site.sign_ins) == (1, [("shop", True)])
        monkeypatch.setenv("MAIL_PASSWORD", "wrong")
        assert isinstance(error_of(run("--send", "--again")), SourceAuthError)


def test_a_certificate_nobody_vouches_for_is_refused(
    workspace: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter is not handed to a server that may be anybody's."""
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with mail_server(tls=context, password="secret") as site:
        settings(workspace, mail_settings(site.port, "starttls"))
        assert "certificate is not trusted" in error_of(run("--send")).message
        assert site.letters == []


def test_an_unknown_recipient_does_not_stop_the_others(workspace: Path) -> None:
    """Who is known gets the letter; the exit status tells of the other."""
    with mail_server() as site:
        site.refused = {"gone@shop.example"}
        text = mail_settings(site.port, "none", user="").replace('"a@shop.example"', '"gone@shop.example, a@shop.example"')
        settings(workspace, text)
        assert isinstance(error_of(run("--send")), SourceError)
        assert [recipient for recipient, _ in site.letters] == ["a@shop.example"]


def test_a_mail_server_that_is_away_is_named(workspace: Path) -> None:
    """No connection is exit code 12."""
    settings(workspace, mail_settings(1, "none", user=""))
    error = error_of(run("--send"))
    assert isinstance(error, SourceUnavailableError)
    assert error.where == "127.0.0.1:1"


@pytest.mark.parametrize("wrong", ["nobody", "a@b\\r\\nBcc: c@d", "a@@b", "@b"])
def test_a_wrong_address_is_a_wrong_setting(workspace: Path, wrong: str) -> None:
    """Nothing is sent to, and nothing is smuggled in by, what is no address."""
    text = mail_settings(1, "none", user="").replace("a@shop.example", wrong)
    settings(workspace, text)
    assert isinstance(error_of(run("--send")), ConfigError)


def test_missed_calls_and_changes_are_told(workspace: Path) -> None:
    """A day of many calls beside eight like weeks is named; those nobody talked to wait, their numbers masked when sent."""
    start = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
    with open_store(workspace / "data.duckdb") as writer:
        calls = [
            pbx(f"w{week}-{n}", start - timedelta(weeks=week, minutes=-n), True) for week in range(1, 9) for n in range(20)
        ]
        calls += [pbx(f"n{n}", start + timedelta(minutes=n), True) for n in range(90)]
        calls += [pbx("lost", start + timedelta(hours=5), False)]
        writer.save_batch(FeedBatch(feed=Feed(source="pbx", kind="fake"), at=start, calls=tuple(calls)))
    settings(workspace, 'file = "digest.md"\n')
    done = run()
    assert "Что изменилось" in done.stdout
    assert "Ждут звонка" in done.stdout
    assert "+79001112233" in done.stdout
    assert run("--send").exit_code == 0
    sent = (workspace / "digest.md").read_text(encoding="utf-8")
    assert "+7…2233" in sent
    assert "9001112233" not in sent


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate for 127.0.0.1 that no one trusts yet, with its key in the same folder."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem"


def mail_settings(port: int, security: str, user: str = "shop") -> str:
    """Return the settings for one recipient."""
    return (
        'mail_to = "a@shop.example"\nmail_from = "callscore@shop.example"\nsmtp_host = "127.0.0.1"\n'
        f'smtp_port = {port}\nsmtp_security = "{security}"\nsmtp_user = "{user}"\nsmtp_password = "env:MAIL_PASSWORD"\n'
    )


def pbx(name: str, at: datetime, is_answered: bool) -> CallRecord:
    """Return an incoming call of a telephony system."""
    return CallRecord(
        source="fake",
        account="pbx",
        call_id=name,
        started_at=at,
        direction=Direction.INBOUND,
        disposition=Disposition.ANSWERED if is_answered else Disposition.ABANDONED,
        client_phone=f"+7900{zlib.crc32(name.encode()) % 10**7:07d}" if is_answered else "+79001112233",
        line_phone="+74950001122",
    )
