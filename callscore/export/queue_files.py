"""Files that propose in which order a telephone exchange tries operators; nothing here touches an exchange.

What is written comes partly from calls, that is from outside. A name that could be more than a name where it is written is
refused, never repaired.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callscore.errors import ConfigError

__all__ = ["PlacedMember", "PresentMember", "extension_of", "fault_of", "plain_comment", "write_folder"]

_EXTENSION: Final = re.compile(r"[0-9A-Za-z_.+]{1,40}")
_QUEUE: Final = re.compile(r"\w[\w.@+-]{0,79}")
_MEMBER: Final = re.compile(r"\w[\w./@:+-]{0,119}")
_AT_END: Final = re.compile(r"(?:^|/)([0-9A-Za-z_.+]+)(?:[-@/]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentMember:
    """A member of a queue as the exchange's own file has it; `rest` are the further fields, as written."""

    queue: str
    member: str
    level: int
    name: str = ""
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedMember:
    """A member of a queue with the proposed level and the one to go back to, both as the exchange counts."""

    queue: str
    member: str
    person: str
    level: int
    undo_level: int
    rest: tuple[str, ...] = ()


def fault_of(queue: str, member: str, extension: str | None = None) -> str:
    r"""Return why these names cannot be written into a configuration, "" if they can.

    >>> fault_of("sales", "PJSIP/101", "101")
    ''
    >>> fault_of("sales", "PJSIP/101", "101\nexec => evil")
    'the extension holds signs that do not belong into one'
    """
    if extension is not None and not _EXTENSION.fullmatch(extension):
        return "the extension holds signs that do not belong into one"
    if not _QUEUE.fullmatch(queue):
        return "the name of the queue holds signs that do not belong into one"
    if not _MEMBER.fullmatch(member):
        return "the name of the member holds signs that do not belong into one"
    return ""


def extension_of(member: str) -> str | None:
    """Return the extension in the name of a member.

    >>> [extension_of(text) for text in ("PJSIP/101", "Local/102@from-queue/n", "103@default", "104", "")]
    ['101', '102', '103', '104', None]
    """
    found = _AT_END.search(member.partition("/")[2] or member)
    return found.group(1) if found else None


def plain_comment(text: str) -> str:
    r"""Return a text as it may stand in a comment of one line, of a configuration or of XML.

    >>> plain_comment("Анна --> \n[evil]")
    'Анна [evil]'
    """
    kept = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(re.sub(r"-{2,}|[<>&]", " ", kept).split())[:100]


def write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write all files, or none: they are made in a folder beside, which then takes the place of `folder`.

    Raises:
        ConfigError: if `folder` cannot be written, or is there and not empty: it may hold the way back.
    """
    folder = folder.absolute()
    made: Path | None = None
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            hint = "name a new folder with --files"
            raise ConfigError("the folder is there already and not empty", where=str(folder), hint=hint)
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        for name, text in files.items():
            with (made / name).open("w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        made.chmod(0o755)
        made.replace(folder)
    except OSError as exc:
        raise ConfigError(f"the files cannot be written: {exc.strerror or exc}", where=str(folder)) from exc
    finally:
        if made is not None and made.exists():
            shutil.rmtree(made, ignore_errors=True)
