"""A small SMTP server on this machine for tests: keeps the letters, can encrypt, want a sign-in, and refuse."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailSite:
    """What was delivered and tried; `refused` are recipients nobody knows here."""

    port: int = 0
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    sign_ins: list[tuple[str, bool]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    password: str = ""


class _Talk:
    """One client's conversation."""

    def __init__(
        self, site: MailSite, tls: ssl.SSLContext | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.site, self.tls, self.reader, self.writer = site, tls, reader, writer
        self.is_encrypted = False
        self.recipient = ""

    async def run(self) -> None:
        await self.say("220 test")
        while line := (await self.reader.readline()).decode().strip():
            word, _, rest = line.partition(" ")
            if word.upper() == "QUIT":
                await self.say("221 bye")
                break
            await self.answer(word.upper(), rest)
        self.writer.close()

    async def say(self, text: str) -> None:
        self.writer.write(f"{text}\r\n".encode())
        await self.writer.drain()

    async def answer(self, word: str, rest: str) -> None:
        if word == "EHLO":
            can = ["250-test", *(["250-STARTTLS"] if self.tls and not self.is_encrypted else []), "250 AUTH PLAIN"]
            await self.say("\r\n".join(can))
        elif word == "STARTTLS" and self.tls:
            await self.say("220 go on")
            await self.writer.start_tls(self.tls)
            self.is_encrypted = True
        elif word == "AUTH":
            name, password = base64.b64decode(rest.split()[1]).decode().split("\0")[1:]
            self.site.sign_ins.append((name, self.is_encrypted))
            await self.say("235 fine" if password == self.site.password else "535 no")
        elif word == "RCPT":
            self.recipient = rest.partition("<")[2].partition(">")[0]
            await self.say("550 unknown" if self.recipient in self.site.refused else "250 fine")
        elif word == "DATA":
            await self.say("354 go on")
            body = (await self.reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
            self.site.letters.append((self.recipient, message_from_bytes(body, EmailMessage, policy=policy.default)))
            await self.say("250 fine")
        else:
            await self.say("250 fine")


@contextmanager
def mail_server(*, tls: ssl.SSLContext | None = None, password: str = "") -> Iterator[MailSite]:
    """Run the server in a thread of its own; with `tls` it offers STARTTLS."""
    site = MailSite(password=password)
    loop = asyncio.new_event_loop()
    started, ended = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await _Talk(site, tls, reader, writer).run()
            except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
                writer.close()  # a client that hangs up is part of some tests

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        site.port = server.sockets[0].getsockname()[1]
        started.set()
        async with server:
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    started.wait(5)
    try:
        yield site
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()
