"""Settings: defaults.toml < callscore.toml < environment < flags, resolved once into one frozen Config."""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from callscore.errors import ConfigError, nearest
from callscore.transcribe.base import COMPUTE_TYPES, DEVICES

__all__ = [
    "AudioConfig",
    "Config",
    "ConversionConfig",
    "DiarizeConfig",
    "DigestConfig",
    "EfficiencyConfig",
    "JoiningConfig",
    "JudgeConfig",
    "LoadedConfig",
    "MetadataConfig",
    "ModelsConfig",
    "OperatorsConfig",
    "PrioritiesConfig",
    "ReportConfig",
    "ReviewConfig",
    "RubricsConfig",
    "RunConfig",
    "SecondListenConfig",
    "SourceConfig",
    "StoreConfig",
    "TelephonyConfig",
    "TranscribeConfig",
    "load_config",
]

CONFIG_NAME: Final = "callscore.toml"
DEFAULTS_PATH: Final = Path(__file__).with_name("defaults.toml")
_PATH_KEYS: Final = (
    "store.db",
    "rubrics.dir",
    "judge.cache_dir",
    "models.cache_dir",
    "transcribe.script",
    "telephony.recordings_dir",
    "digest.file",
    "operators.file",
)


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where the database lies and how often readers see it refreshed."""

    db: Path
    publish_every_s: int


@dataclass(frozen=True, slots=True)
class RunConfig:
    """How a run uses the machine."""

    workers: int
    threads: int


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """Limits on recordings."""

    max_duration_min: int
    max_file_mb: int


@dataclass(frozen=True, slots=True)
class TranscribeConfig:
    """Which recogniser, and its settings; `line_languages` gives the language of a line by the digits of its number."""

    engine: str
    model: str
    language: str
    line_languages: tuple[tuple[str, str], ...]
    device: str
    compute_type: str
    beam_size: int
    batch_size: int
    script: Path | None


@dataclass(frozen=True, slots=True)
class SecondListenConfig:
    """Whether and how doubtful places are heard again."""

    enabled: bool
    max_per_call: int
    model: str


@dataclass(frozen=True, slots=True)
class DiarizeConfig:
    """How speakers of mono recordings are told apart."""

    engine: str
    segmentation_step: float
    max_speakers: int


@dataclass(frozen=True, slots=True)
class RubricsConfig:
    """Where rubrics lie; None: the shipped ones."""

    dir: Path | None


@dataclass(frozen=True, slots=True)
class JudgeConfig:
    """The language model for `judge` checks; off while `url` is empty. `cache_dir` None: beside the database."""

    url: str
    model: str
    api_key_env: str
    timeout_s: int
    max_chars: int
    cache_dir: Path | None


@dataclass(frozen=True, slots=True)
class ModelsConfig:
    """Where weights lie and where they may be copied from."""

    cache_dir: Path | None
    local_dirs: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class MetadataConfig:
    """How call facts are read from file names and tables."""

    file_name_pattern: str
    timezone: str


@dataclass(frozen=True, slots=True)
class ReportConfig:
    """How reports look."""

    language: str
    timezone: str
    min_calls: int


@dataclass(frozen=True, slots=True)
class DigestConfig:
    """Where `callscore report digest --send` goes, and how much of calls it tells; an empty text switches a way off."""

    file: Path | None
    mail_to: str
    mail_from: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str
    webhook_url: str
    webhook_token: str
    webhook_http: bool
    timeout_s: int
    max_flags: int
    with_words: bool


@dataclass(frozen=True, slots=True)
class ReviewConfig:
    """What the trainer's page shows to whom, and from which amount on a lost order puts its call into the queue."""

    managers_see_words: bool
    big_order: int


@dataclass(frozen=True, slots=True)
class TelephonyConfig:
    """Where fetched recordings are kept (None: beside the database), when the shop is open, and what is expected of it.

    `days_off` are dates (ISO 8601); `line_names` give what a line is for by the digits of its number.
    """

    recordings_dir: Path | None
    open_at: str
    close_at: str
    work_days: str
    days_off: tuple[str, ...]
    callback_hours: int
    morning_hours: int
    repeat_days: int
    service_s: int
    service_share: float
    wrap_cap_s: int
    away_min: int
    line_names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class JoiningConfig:
    """Which calls may have led to an order."""

    days: int
    grace_min: int


@dataclass(frozen=True, slots=True)
class OperatorsConfig:
    """The table of operators (None: there is none), and how presence is told from calls."""

    file: Path | None
    paid_extra_min: int
    shift_gap_hours: int


@dataclass(frozen=True, slots=True)
class PrioritiesConfig:
    """How queues name their members, and when a proposal of levels warns."""

    interface: str
    agent: str
    min_calls: int
    min_share: float
    peak_occupancy: float


@dataclass(frozen=True, slots=True)
class EfficiencyConfig:
    """What an operator's coefficient is made of: weights, 0 for none."""

    min_calls: int
    quality: float
    conversion: float
    workload: float
    missed: float
    cost: float


@dataclass(frozen=True, slots=True)
class ConversionConfig:
    """Which calls are looked at for what goes with sales, and which difference matters, in percentage points."""

    days: int
    open_days: int
    call_types: tuple[str, ...]
    matters: float


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One configured source: `table` is its section without the kind, read when the source is opened.

    Relative paths in it start at `base`; `where` names the section for messages.
    """

    name: str
    kind: str
    table: Mapping[str, Any]
    base: Path
    where: str


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting; its sections and keys are those of defaults.toml."""

    version: int
    store: StoreConfig
    run: RunConfig
    audio: AudioConfig
    transcribe: TranscribeConfig
    second_listen: SecondListenConfig
    diarize: DiarizeConfig
    rubrics: RubricsConfig
    judge: JudgeConfig
    models: ModelsConfig
    metadata: MetadataConfig
    telephony: TelephonyConfig
    joining: JoiningConfig
    conversion: ConversionConfig
    operators: OperatorsConfig
    priorities: PrioritiesConfig
    efficiency: EfficiencyConfig
    report: ReportConfig
    digest: DigestConfig
    review: ReviewConfig
    sources: tuple[SourceConfig, ...]


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A Config, the file it came from if any, and the origin of each `section.key`."""

    config: Config
    file: Path | None
    origins: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Setting:
    """One raw value and where it was set; `base` is the folder relative paths start from."""

    value: Any
    origin: str
    base: Path


def load_config(
    file: Path | None = None,
    *,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> LoadedConfig:
    """Resolve the settings.

    Args:
        file: the config file; None: CALLSCORE_CONFIG, else callscore.toml in `cwd` if there is one.
        flags: `section.key` to value, from the command line; None values are not set.
        environ: the environment; None: the process's own.
        cwd: where relative paths of flags and environment start; None: the working directory.

    Raises:
        ConfigError: for an unreadable file, an unknown key (with the nearest match and the line) or a wrong value.
    """
    env = os.environ if environ is None else environ
    here = (cwd or Path.cwd()).absolute()
    path = _find_file(file, env, here)
    settings = {
        key: _Setting(value, "default", path.parent if path else here)
        for key, value in _flatten(_read_toml(DEFAULTS_PATH), DEFAULTS_PATH).items()
    }
    sources: tuple[SourceConfig, ...] = ()
    if path is not None:
        table = _read_toml(path)
        sources = _parse_sources(table.pop("sources", {}), path)
        for key, value in _flatten(table, path).items():
            if key not in settings:
                raise _unknown_key(key, tuple(settings), path)
            settings[key] = _Setting(value, f"{path.name}:{_line_of(path, key)}", path.parent)
    for key, setting in list(settings.items()):
        name = "CALLSCORE_" + key.replace(".", "_").upper()
        if key != "version" and name in env:
            settings[key] = _Setting(_from_text(env[name], setting.value, name), f"environment {name}", here)
    for key, value in (flags or {}).items():
        if value is not None:
            settings[key] = _Setting(value, "flag", here)
    if path is not None and not settings["rubrics.dir"].value and (path.parent / "rubrics").is_dir():
        settings["rubrics.dir"] = _Setting("rubrics", f"beside {path.name}", path.parent)
    config = _build(settings, sources, path)
    return LoadedConfig(config, path, tuple((key, setting.origin) for key, setting in settings.items()))


def _find_file(file: Path | None, env: Mapping[str, str], here: Path) -> Path | None:
    named = file or (Path(env["CALLSCORE_CONFIG"]) if env.get("CALLSCORE_CONFIG") else None)
    if named is None:
        found = here / CONFIG_NAME
        return found if found.is_file() else None
    named = here / named
    if not named.is_file():
        raise ConfigError("the config file does not exist", where=str(named), hint="callscore init")
    return named


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"the config file is not valid TOML: {exc}", where=str(path)) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"the config file cannot be read: {exc}", where=str(path)) from exc


def _flatten(table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for section, value in table.items():
        if isinstance(value, dict):
            flat.update({f"{section}.{key}": inner for key, inner in value.items()})
        elif section == "version":
            flat[section] = value
        else:
            raise ConfigError(f"{section!r} stands outside any section", where=f"{path}:{_line_of(path, section)}")
    return flat


def _line_of(path: Path, key: str) -> int:
    section, _, name = key.rpartition(".")
    current = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            current = header.group(1).strip()
        elif current == section and re.match(rf"\s*{re.escape(name)}\s*=", line):
            return number
    return 1


def _unknown_key(key: str, known: tuple[str, ...], path: Path) -> ConfigError:
    near = nearest(key, known)
    hint = f"did you mean {near}?" if near else "callscore config show lists every option"
    return ConfigError(f"unknown option {key!r}", where=f"{path}:{_line_of(path, key)}", hint=hint)


def _from_text(text: str, like: Any, name: str) -> Any:
    try:
        if isinstance(like, bool):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if isinstance(like, int):
            return int(text)
        if isinstance(like, float):
            return float(text)
    except (ValueError, KeyError):
        raise ConfigError(f"{name} must be a {type(like).__name__}, got {text!r}") from None
    return text.split(os.pathsep) if isinstance(like, list) else text


def _parse_sources(tables: Any, path: Path) -> tuple[SourceConfig, ...]:
    if not isinstance(tables, dict):
        raise ConfigError("sources must be tables such as [sources.office]", where=str(path))
    found = []
    for name, table in tables.items():
        where = f"{path}:{_line_of(path, f'sources.{name}.kind')}"
        kind = table.get("kind") if isinstance(table, dict) else None
        if not isinstance(kind, str) or not kind:
            raise ConfigError(
                f"source {name!r} needs a kind", where=where, hint='kind = "folder", or one that `callscore init` lists'
            )
        if not re.fullmatch(r"[\w-]{1,40}", name):
            raise ConfigError(f"a source cannot be named {name!r}", where=where, hint="use letters, digits, - and _")
        inner = {key: value for key, value in table.items() if key != "kind"}
        found.append(SourceConfig(name, kind, inner, path.parent, where))
    return tuple(found)


def _build(settings: Mapping[str, _Setting], sources: tuple[SourceConfig, ...], path: Path | None) -> Config:
    if settings["version"].value != 1:
        raise ConfigError(
            f"the config has version {settings['version'].value!r}, this callscore reads version 1",
            where=str(path or ""),
            hint="install a newer callscore",
        )
    sections: dict[str, Any] = {"version": 1, "sources": sources}
    defaults = _flatten(_read_toml(DEFAULTS_PATH), DEFAULTS_PATH)
    for field in dataclasses.fields(Config):
        if field.name in sections:
            continue
        section = cast("type[Any]", globals()[str(field.type)])
        sections[field.name] = section(
            **{
                f.name: _value(key, settings[key], defaults[key], path)
                for f in dataclasses.fields(section)
                for key in (f"{field.name}.{f.name}",)
            }
        )
    config = Config(**sections)
    _check(config, settings, path)
    return config


def _value(key: str, setting: _Setting, default: Any, path: Path | None) -> Any:
    value = setting.value
    if isinstance(value, Path):
        value = str(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(default):
        where = f"{path}:{_line_of(path, key)}" if path and setting.origin.startswith(path.name) else setting.origin
        raise ConfigError(f"{key} must be a {type(default).__name__}, got {value!r}", where=where)
    if key in _PATH_KEYS:
        return setting.base / Path(value).expanduser() if value else None
    if isinstance(value, list):
        return tuple(found for item in value for found in _items(key, item, setting))
    return value


def _items(key: str, item: Any, setting: _Setting) -> tuple[Any, ...]:
    """Return what one item of a list stands for: most are one thing, days off may be many."""
    match key:
        case "transcribe.line_languages":
            return (_line_language(item, setting.origin),)
        case "conversion.call_types":
            return (str(item),)
        case "telephony.line_names":
            return (_line_name(item, setting.origin),)
        case "telephony.days_off":
            return tuple(_days(item, setting.origin))
        case _:
            return (setting.base / Path(item).expanduser(),)


def _line_language(item: Any, origin: str) -> tuple[str, str]:
    """Return the digits of a line's number and the language spoken on it."""
    line, _, language = str(item).partition("=")
    digits = "".join(filter(str.isdigit, line))
    if not digits or not re.fullmatch("[a-z]{2}", language.strip()):
        raise ConfigError(f'transcribe.line_languages must hold texts such as "74951234567=en", got {item!r}', where=origin)
    return digits, language.strip()


def _line_name(item: Any, origin: str) -> tuple[str, str]:
    """Return the digits of a line's number and what the line is for."""
    line, _, name = str(item).partition("=")
    digits = "".join(filter(str.isdigit, line))
    if not digits or not name.strip():
        raise ConfigError(f'telephony.line_names must hold texts such as "74951234567=Skates", got {item!r}', where=origin)
    return digits, name.strip()


def _days(item: Any, origin: str) -> tuple[str, ...]:
    """Return the dates of a text such as "2026-01-01" or "2026-01-01..2026-01-08", both ends within."""
    first, _, last = str(item).partition("..")
    try:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        start, end = date.max, date.min
    if not 0 <= (end - start).days <= 366:
        raise ConfigError(
            f'telephony.days_off must hold dates such as "2026-01-01" or "2026-01-01..2026-01-08", got {item!r}', where=origin
        )
    return tuple((start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1))


def _check(config: Config, settings: Mapping[str, _Setting], path: Path | None) -> None:
    def require(key: str, fine: bool, rule: str) -> None:
        if not fine:
            at = settings[key]
            where = f"{path}:{_line_of(path, key)}" if path and at.origin.startswith(path.name) else at.origin
            raise ConfigError(f"{key} must be {rule}, got {at.value!r}", where=where)

    require("store.db", bool(settings["store.db"].value), "a path")
    require("store.publish_every_s", config.store.publish_every_s >= 1, "1 or more")
    require("run.workers", 0 <= config.run.workers <= 256, "0..256")
    require("run.threads", 0 <= config.run.threads <= 1024, "0..1024")
    require("audio.max_duration_min", 1 <= config.audio.max_duration_min <= 24 * 60, "1..1440")
    require("audio.max_file_mb", config.audio.max_file_mb >= 1, "1 or more")
    require("transcribe.language", re.fullmatch("[a-z]{2}", config.transcribe.language) is not None, "two letters such as ru")
    require("transcribe.device", config.transcribe.device in DEVICES, f"one of {', '.join(DEVICES)}")
    require("transcribe.compute_type", config.transcribe.compute_type in COMPUTE_TYPES, f"one of {', '.join(COMPUTE_TYPES)}")
    require("transcribe.beam_size", 1 <= config.transcribe.beam_size <= 20, "1..20")
    require("transcribe.batch_size", 1 <= config.transcribe.batch_size <= 128, "1..128")
    require("second_listen.max_per_call", 0 <= config.second_listen.max_per_call <= 20, "0..20")
    require("diarize.segmentation_step", 0.05 <= config.diarize.segmentation_step <= 1.0, "0.05..1")
    require("diarize.max_speakers", 1 <= config.diarize.max_speakers <= 20, "1..20")
    require("judge.url", _is_judge_url(config.judge.url), 'an address such as "http://127.0.0.1:8080/v1"')
    require("judge.model", bool(config.judge.model) or not config.judge.url, "the model's name on the server at judge.url")
    require("judge.timeout_s", 1 <= config.judge.timeout_s <= 600, "1..600")
    require("judge.max_chars", 500 <= config.judge.max_chars <= 200_000, "500..200000")
    require("telephony.open_at", _is_time(config.telephony.open_at), 'a time such as "09:00"')
    require("telephony.close_at", _is_time(config.telephony.close_at), 'a time such as "21:00"')
    require("telephony.work_days", _is_days(config.telephony.work_days), 'digits of week days such as "12345", Monday is 1')
    require("telephony.callback_hours", 1 <= config.telephony.callback_hours <= 24 * 7, "1..168")
    require("telephony.morning_hours", 1 <= config.telephony.morning_hours <= 24, "1..24")
    require("telephony.repeat_days", 1 <= config.telephony.repeat_days <= 365, "1..365")
    require("telephony.service_s", 0 <= config.telephony.service_s <= 3600, "0..3600")
    require("telephony.service_share", 0.01 <= config.telephony.service_share <= 0.99, "0.01..0.99")
    require("telephony.wrap_cap_s", 1 <= config.telephony.wrap_cap_s <= 3600, "1..3600")
    require("telephony.away_min", 1 <= config.telephony.away_min <= 24 * 60, "1..1440")
    require("joining.days", 1 <= config.joining.days <= 365, "1..365")
    require("joining.grace_min", 0 <= config.joining.grace_min <= 24 * 60, "0..1440")
    require("conversion.days", 1 <= config.conversion.days <= 3650, "1..3650")
    require("conversion.open_days", 0 <= config.conversion.open_days <= 365, "0..365")
    require("conversion.matters", 0.1 <= config.conversion.matters <= 50.0, "0.1..50")
    require("operators.paid_extra_min", 0 <= config.operators.paid_extra_min <= 12 * 60, "0..720")
    require("operators.shift_gap_hours", 1 <= config.operators.shift_gap_hours <= 24, "1..24")
    for key, text in (("interface", config.priorities.interface), ("agent", config.priorities.agent)):
        require(f"priorities.{key}", _is_member(text), 'a name with "{extension}" in it, without blanks, commas and semicolons')
    require("priorities.min_calls", config.priorities.min_calls >= 1, "1 or more")
    require("priorities.min_share", 0.0 <= config.priorities.min_share <= 1.0, "0..1")
    require("priorities.peak_occupancy", 0.0 < config.priorities.peak_occupancy <= 1.0, "above 0 and at most 1")
    require("efficiency.min_calls", config.efficiency.min_calls >= 1, "1 or more")
    for part in ("quality", "conversion", "workload", "missed", "cost"):
        require(f"efficiency.{part}", 0.0 <= getattr(config.efficiency, part) <= 100.0, "0..100")
    require("review.big_order", config.review.big_order >= 1, "1 or more")
    _check_reports(config.report, config.digest, require)
    for key, zone in (("metadata.timezone", config.metadata.timezone), ("report.timezone", config.report.timezone)):
        require(key, _is_zone(zone), "a time zone such as Europe/Moscow")
    require("metadata.file_name_pattern", _is_pattern(config.metadata.file_name_pattern), "a regular expression")


def _check_reports(report: ReportConfig, digest: DigestConfig, require: Callable[[str, bool, str], None]) -> None:
    require("report.language", report.language in ("ru", "en"), "ru or en")
    require("report.min_calls", report.min_calls >= 1, "1 or more")
    require("digest.smtp_port", 1 <= digest.smtp_port <= 65535, "1..65535")
    require("digest.smtp_security", digest.smtp_security in ("starttls", "ssl", "none"), "starttls, ssl or none")
    require("digest.timeout_s", 1 <= digest.timeout_s <= 600, "1..600")
    require("digest.max_flags", 0 <= digest.max_flags <= 50, "0..50")


def _is_judge_url(text: str) -> bool:
    """Tell whether the text is empty or an http address without a password, which would end up in logs."""
    try:
        parts = urlsplit(text)
        is_plain = parts.username is None and not parts.query and not parts.fragment
        return not text or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and is_plain)
    except ValueError:
        return False


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _is_member(text: str) -> bool:
    return re.fullmatch(r"[\w./@:+-]*\{extension\}[\w./@:+-]*", text) is not None


def _is_time(text: str) -> bool:
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", text) is not None


def _is_days(text: str) -> bool:
    return re.fullmatch(r"[1-7]{1,7}", text) is not None


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True
