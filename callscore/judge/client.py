"""Ask a language model and remember its answers; whatever goes wrong is a Silence, soon, and the batch goes on."""

from __future__ import annotations

import json
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callscore.errors import ConfigError
from callscore.judge.answer import parse_answer, reply_content
from callscore.judge.cache import AnswerCache
from callscore.judge.endpoint import Endpoint, NoReplyError
from callscore.judge.prompt import build_payload, question_key
from callscore.scoring.judging import JudgeAnswer, JudgeQuestion, Silence, is_backed

__all__ = ["JudgeOptions", "LanguageJudge"]

_LOG = logging.getLogger(__name__)

FAILURES_IN_A_ROW: Final = 3
PAUSE_S: Final = 60.0
"""A server that failed so often in a row is left alone for so long; else each criterion of each call would wait for it."""
_MAX_REQUESTS: Final = 4
_MOST_WAIT_S: Final = 30.0
_USUAL_WAIT_S: Final = 1.0
_OK: Final = 200
_NO_SCHEMA: Final = (400, 422, 501)
"""What servers say to a response_format they do not know."""
_BUSY: Final = (429, 503)
_OUR_FAULT: Final = (400, 413, 422)
"""This request was refused; the next one may be fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions:
    """Where the model is and its bounds. `api_key_env` names the environment variable with the key; empty: no key is sent.

    `timeout_s` is the longest a question may take, waits and second tries included; `max_chars` the longest text shown.
    """

    url: str
    model: str
    api_key_env: str
    timeout_s: float
    max_chars: int
    cache_dir: Path

    def open(self) -> Endpoint:
        """Return the endpoint.

        Raises:
            ConfigError: if the key is not in the environment, or the configured certificates cannot be read.
        """
        key = os.environ.get(self.api_key_env, "").strip() if self.api_key_env else ""
        if self.api_key_env and not (key and key.isascii() and key.isprintable()):
            raise ConfigError(
                f"the environment variable {self.api_key_env} holds no usable key",
                where="judge.api_key_env",
                hint="set it, or empty judge.api_key_env",
            )
        return Endpoint(self.url, key)


class _Refused(Exception):  # noqa: N818 - not an error of ours
    """The server will not answer this very request."""


class LanguageJudge:
    """Puts questions to one model; see scoring.judging.Ask. One per worker process, used by one thread."""

    def __init__(self, options: JudgeOptions) -> None:
        """Prepare; nothing is sent yet. Raises ConfigError as JudgeOptions.open does."""
        self._options = options
        self._endpoint = options.open()
        self._cache = AnswerCache(options.cache_dir)
        self._with_schema = True
        self._failures = 0
        self._closed_until = 0.0

    def __call__(self, question: JudgeQuestion) -> JudgeAnswer | Silence:
        """Return the kept answer or ask; only answers that the words bear out are kept."""
        key = question_key(question, self._options.model)
        kept = self._cache.get(key)
        if kept is not None and is_backed(question, kept):
            return kept
        if len(question.text) + sum(len(turn.text) for turn in question.turns) > self._options.max_chars:
            return Silence.LONG
        body = self._reply(question)
        if body is None:
            return Silence.DOWN
        answer = parse_answer(reply_content(body) or "")
        if answer is None or not is_backed(question, answer):
            return Silence.VOID
        self._cache.put(key, answer)
        return answer

    def _reply(self, question: JudgeQuestion) -> bytes | None:
        """Return the body of the server's reply; None if there is none, or the server is being left alone."""
        if time.monotonic() < self._closed_until:
            return None
        try:
            body = self._ask(question)
        except _Refused as exc:
            _LOG.info("the language model refused a question: %s", exc)
            return None
        except NoReplyError as exc:
            self._note_failure(exc)
            return None
        self._failures = 0
        return body

    def _note_failure(self, error: NoReplyError) -> None:
        self._failures += 1
        _LOG.info("the language model does not answer: %s", error)
        if self._failures >= FAILURES_IN_A_ROW:
            self._closed_until = time.monotonic() + PAUSE_S
            _LOG.warning("the language model does not answer (%s), it is left alone for %d s", error, PAUSE_S)

    def _ask(self, question: JudgeQuestion) -> bytes:
        """Return the body of a reply of status 200, asking again where the server is busy or knows no answer schema."""
        deadline = time.monotonic() + self._options.timeout_s
        with_schema = self._with_schema
        for _ in range(_MAX_REQUESTS):
            payload = build_payload(question, self._options.model, with_schema=with_schema)
            body = json.dumps(payload).encode()
            reply = self._endpoint.send("POST", "/chat/completions", body, deadline - time.monotonic())
            if reply.status == _OK:
                self._with_schema = with_schema
                return reply.body
            if reply.status in _BUSY:
                _wait(_USUAL_WAIT_S if reply.retry_after_s is None else reply.retry_after_s, deadline, reply.status)
            elif reply.status in _NO_SCHEMA and with_schema:
                with_schema = False
            elif reply.status in _OUR_FAULT:
                raise _Refused(f"HTTP {reply.status}")
            else:
                raise NoReplyError(f"HTTP {reply.status}")
        raise NoReplyError("asked too often")


def _wait(seconds: float, deadline: float, status: int) -> None:
    """Wait as the server asks, unless that is longer than anybody would wait for one answer."""
    if seconds > min(_MOST_WAIT_S, deadline - time.monotonic()):
        raise NoReplyError(f"HTTP {status}, to be asked again in {seconds:.0f} s")
    time.sleep(seconds)
