"""CommerceML texts -> documents, one at a time: two encodings, with and without namespaces, schema 2 and 3, no entities."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final
from xml.etree.ElementTree import Element, ParseError

from callscore.outside.rows import RowError
from callscore.outside.times import from_text

__all__ = ["ForeignXmlError", "XmlText", "generated_at", "is_whole", "iter_documents", "local_name"]

ROOT: Final = "КоммерческаяИнформация"
DOCUMENT: Final = "Документ"
_ENCODINGS: Final = ("utf-8", "windows-1251", "utf-16-le", "utf-16-be")
_HEAD_BYTES: Final = 65536
_TAIL_BYTES: Final = 4096
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']""")
_GENERATED: Final = re.compile(r"""ДатаФормирования\s*=\s*["']([^"']{1,40})["']""")
_CLOSING: Final = re.compile(rf"</(?:[\w.-]+:)?{ROOT}\s*>|<(?:[\w.-]+:)?{ROOT}(?:\s[^<>]*)?/>")


class ForeignXmlError(Exception):
    """A text is no CommerceML; the message says why, `line` where, if that is known."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlText:
    """A text to read: what to call it, how to open it, and when it came."""

    name: str
    arrived_at: datetime
    open: Callable[[], IO[bytes]]


def is_whole(text: XmlText) -> bool:
    """Tell whether the closing tag is there: exchanges leave files half written.

    Raises:
        OSError: if it cannot be read.
    """
    with text.open() as stream:
        if stream.seekable():
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _TAIL_BYTES))
        tail = stream.read()[-_TAIL_BYTES:]
    # Half a character may stand first; utf-16 is tried from both.
    return any(_CLOSING.search(part.decode(name, "replace")) for name in _ENCODINGS for part in (tail, tail[1:]))


def generated_at(text: XmlText, zone: str) -> datetime | None:
    """Return when a text says it was written; None where it does not say.

    Raises:
        OSError: if it cannot be read.
    """
    head = _head(text)
    try:
        found = _GENERATED.search(head.decode(_encoding(head) or _declared(head), "replace"))
        return from_text(found.group(1), zone) if found else None
    except (LookupError, RowError):
        return None


def iter_documents(text: XmlText) -> Iterator[Element]:
    """Yield each Документ, whole, and forget it; memory holds one at a time.

    Raises:
        ForeignXmlError: it is broken, has entities or a DTD, or is something else than CommerceML.
        OSError: if it cannot be read.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, iterparse

    parser = DefusedXMLParser(encoding=_encoding(_head(text)), forbid_dtd=True)
    parents: list[Element] = []
    n_open = 0  # elements open within a document, with itself
    with text.open() as stream:
        try:
            for event, element in iterparse(stream, ("start", "end"), parser):
                name = local_name(element)
                if event == "start":
                    if not parents and name != ROOT:
                        raise ForeignXmlError("it is no CommerceML")
                    parents.append(element)
                    n_open += bool(n_open) or name == DOCUMENT
                    continue
                parents.pop()
                n_open = max(0, n_open - 1)
                if n_open:
                    continue
                if name == DOCUMENT:
                    yield element
                element.clear()
                if parents:
                    parents[-1].remove(element)
        except ParseError as exc:
            raise ForeignXmlError("it is broken", exc.position[0]) from exc
        except DefusedXmlException as exc:
            raise ForeignXmlError("it has entities or a DTD, which are refused") from exc
        except (LookupError, ValueError) as exc:
            raise ForeignXmlError("its encoding is unknown") from exc


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _head(text: XmlText) -> bytes:
    with text.open() as stream:
        return stream.read(_HEAD_BYTES)


def _encoding(head: bytes) -> str | None:
    """Return the encoding to read in where the declaration is wrong or missing; None: as declared."""
    if _declared(head) == "utf-16" or head.isascii():
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "windows-1251" if _declared(head) in ("utf-8", "utf8", "us-ascii") else None
    # Text of another encoding that could be read as UTF-8 by chance does not exist: the names of the tags are Cyrillic.
    return "utf-8"


def _declared(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    found = _DECLARED.search(head.removeprefix(codecs.BOM_UTF8))
    return found.group(1).decode("ascii").lower() if found else "utf-8"
