"""What a user says about an Asterisk: where its files lie, how times are meant, and how trunks and extensions are named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from callscore.outside.pages import Tools
from callscore.outside.phones import phone_or_text
from callscore.outside.settings import ConnectorSettings, setting
from callscore.sources.asterisk.channels import CALLBACK, EXTENSION, INCOMING, LINE, CallRules
from callscore.sources.asterisk.clock import CDR_TIMES
from callscore.sources.asterisk.recordings import LEG_ENDINGS

__all__ = ["PbxSettings", "Settings", "rules_of"]

_SIDES = ("caller", "callee")


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxSettings(ConnectorSettings):
    """What is said of a PBX alike, whether its logs are files or tables."""

    recordings: Path | None = setting(
        None, "folder with recordings, such as /var/spool/asterisk/monitor", example="/var/spool/asterisk/monitor"
    )
    cdr_times: str = setting("auto", '"gmt" with usegmtime=yes in cdr.conf, "local" without; "auto": as the uniqueids tell')
    queue_log_times: str = setting("auto", 'times of a dump of the table queue_log: "local", "gmt" or "auto"')
    channel_side: str = setting(
        "caller", 'whose channel MixMonitor runs on: "caller" or "callee"; says which leg is the client'
    )
    leg_endings: tuple[str, ...] = setting(LEG_ENDINGS, "how names of single legs end: received/transmitted")
    raw_rate_hz: int = setting(8000, "sample rate of .raw files (MixMonitor's option D)")
    guess_within_s: int = setting(120, "a recording without an id belongs to a call that began so near to it; 0: never guess")
    operators: tuple[str, ...] = setting((), 'employees, such as "101=Anna Sokolova"')
    lines: tuple[str, ...] = setting((), 'our number by trunk, such as "trunk-msk=+74950000001"')
    outside_prefix: str = setting("", "what employees dial before a number outside")
    extension_pattern: str = setting(EXTENSION, "regular expression for endpoints of employees; a group in it is the extension")
    trunk_pattern: str = setting("", "regular expression for endpoints that are trunks although they look like extensions")
    incoming_pattern: str = setting(INCOMING, "regular expression for contexts in which calls come in")
    callback_pattern: str = setting(CALLBACK, "regular expression for contexts of call-backs")
    line_pattern: str = setting(LINE, "regular expression for our number in the userfield; its group is the number")

    def __post_init__(self) -> None:
        for name in ("cdr_times", "queue_log_times"):
            if getattr(self, name) not in CDR_TIMES:
                raise ValueError(f"{name} must be one of {', '.join(CDR_TIMES)}")
        if self.channel_side not in _SIDES:
            raise ValueError(f"channel_side must be one of {', '.join(_SIDES)}")
        if not 4000 <= self.raw_rate_hz <= 192_000:
            raise ValueError("raw_rate_hz must be 4000 to 192000")
        if self.guess_within_s < 0:
            raise ValueError("guess_within_s must be 0 or more")
        _check_lists(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(PbxSettings):
    """Files of one PBX; at least `cdr` or `queue_log` is needed."""

    cdr: Path | None = setting(
        None,
        "Master.csv, or an export of FreePBX's table cdr; rotated files beside it are read too",
        example="/var/log/asterisk/cdr-csv/Master.csv",
    )
    queue_log: Path | None = setting(
        None,
        "queue_log, or a dump of the table of that name; rotated files beside it too",
        example="/var/log/asterisk/queue_log",
    )
    cel: Path | None = setting(None, "the file of cel_custom, where transfers are not to be seen otherwise")

    def __post_init__(self) -> None:
        PbxSettings.__post_init__(self)  # super() without arguments knows no class with slots
        if self.cdr is None and self.queue_log is None:
            raise ValueError("set cdr, queue_log, or both")


def rules_of(settings: PbxSettings, name: str, tools: Tools) -> CallRules:
    """Return how the PBX of a source names things."""
    names = dict(_pair(text) for text in settings.operators)
    lines = dict(_pair(text) for text in settings.lines)
    return CallRules(
        account=name,
        region=tools.region,
        extension=re.compile(settings.extension_pattern),
        trunk=re.compile(settings.trunk_pattern) if settings.trunk_pattern else None,
        incoming=re.compile(settings.incoming_pattern),
        callback=re.compile(settings.callback_pattern),
        line=re.compile(settings.line_pattern),
        names=names,
        extensions={name: extension for extension, name in names.items()},
        lines={trunk: phone_or_text(number, tools.region) or number for trunk, number in lines.items()},
        outside_prefix=settings.outside_prefix,
    )


def _check_lists(settings: PbxSettings) -> None:
    for name in ("operators", "lines"):
        if any(not all(_pair(text)) for text in getattr(settings, name)):
            raise ValueError(f'{name} must be texts such as "101=name"')
    for ending in settings.leg_endings:
        if ending.count("/") != 1 or not all(ending.split("/")):
            raise ValueError('leg_endings must be texts such as "-rx/-tx"')
    for name in ("extension_pattern", "trunk_pattern", "incoming_pattern", "callback_pattern", "line_pattern"):
        _check_pattern(name, getattr(settings, name))


def _pair(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return key.strip(), value.strip()


def _check_pattern(name: str, pattern: str) -> None:
    try:
        compiled = re.compile(pattern)
    except re.error as exc:
        raise ValueError(f"{name} is no regular expression: {exc}") from exc
    if name == "line_pattern" and compiled.groups < 1:
        raise ValueError("line_pattern needs a group around the number")
