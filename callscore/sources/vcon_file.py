"""Bytes of a vCon file -> its plain object, whichever draft it follows: unpacked, taken out of a signature, members renamed.

Signatures are not checked: whoever can put files into the folder is trusted with what they say. Pure.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from callscore.outside.rows import RowError, clean_text

__all__ = ["Vcon", "content_bytes", "content_hashes", "open_vcon"]

MAX_BYTES: Final = 1024**3
KNOWN_EXTENSIONS: Final = ("CC",)
_GZIP: Final = b"\x1f\x8b"
_MAX_WRAPS: Final = 3
_RENAMED: Final[Mapping[str, str]] = {
    "mimetype": "mediatype",
    "transfer-target": "transfer_target",
    "target-dialog": "target_dialog",
    "appended": "amended",
    "must_support": "critical",
}
_HASHES: Final = ("sha512", "sha384", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vcon:
    """A vCon under the names of the newest draft. `is_signed`: it came in a signature, which nobody has checked."""

    body: Mapping[str, Any]
    is_signed: bool = False

    @property
    def uuid(self) -> str:
        """Its id in small letters."""
        return clean_text(str(self.body["uuid"])).lower()

    @property
    def prior_uuid(self) -> str:
        """The id of the vCon it was amended from, empty where it was from none."""
        return _uuid_in(self.body.get("amended"))

    @property
    def fuller_uuid(self) -> str:
        """The id of the vCon it was redacted from, empty where it was from none."""
        return _uuid_in(self.body.get("redacted"))


def open_vcon(data: bytes) -> Vcon:
    """Return the vCon in a file.

    Raises:
        RowError: if it is none, is encrypted, has no id, or needs an extension that is not known here.
    """
    whole, n_wraps = _parse(data), 0
    while "payload" in whole and ("signatures" in whole or "signature" in whole) and n_wraps < _MAX_WRAPS:
        whole, n_wraps = _parse(_decoded(whole["payload"])), n_wraps + 1
    if "ciphertext" in whole:
        raise RowError("the vCon is encrypted (JWE): decrypt it first")
    body = dict(_renamed(whole))
    for name in ("dialog", "analysis", "attachments"):
        body[name] = [dict(_renamed(item)) for item in _objects(body.get(name))]
    critical = body.get("critical") or ()
    for name in critical if isinstance(critical, list | tuple) else [critical]:
        if name not in KNOWN_EXTENSIONS:
            raise RowError(f"it needs the extension {clean_text(str(name))[:40]}, which is not known here")
    if not isinstance(body.get("uuid"), str) or not clean_text(body["uuid"]):
        raise RowError("uuid is missing, so this is no vCon" if "dialog" not in whole else "uuid is missing")
    return Vcon(body=body, is_signed=n_wraps > 0)


def content_bytes(item: Mapping[str, Any]) -> bytes | None:
    """Return the content that lies in a dialog, analysis or attachment itself; None where none does.

    Raises:
        RowError: if it cannot be decoded.
    """
    body, encoding = item.get("body"), str(item.get("encoding") or "base64url").lower()
    if body in (None, ""):
        return None
    if not isinstance(body, str) or encoding not in ("base64url", "base64", "none"):
        raise RowError("body is not encoded as base64url")
    return body.encode() if encoding == "none" else _decoded(body)


def content_hashes(item: Mapping[str, Any]) -> tuple[tuple[str, bytes], ...]:
    """Return the hashes of an item's content that can be checked, as name for hashlib and digest.

    Raises:
        RowError: if one of a known kind cannot be a hash.
    """
    given = item.get("content_hash")
    texts = [text for text in (given if isinstance(given, list) else [given]) if isinstance(text, str)]
    if not texts and isinstance(item.get("signature"), str):
        # Before content_hash: alg "SHA-512" and the hash in a member of its own.
        texts = [f"{re.sub('[^a-z0-9]', '', str(item.get('alg', '')).lower())}-{item['signature']}"]
    found = []
    for name, _, text in (text.partition("-") for text in texts):
        if name in _HASHES:
            digest = _decoded(text)
            if len(digest) != hashlib.new(name).digest_size:
                raise RowError("content_hash is no hash")
            found.append((name, digest))
    return tuple(found)


def _parse(data: bytes) -> dict[str, Any]:
    try:
        if data[:2] == _GZIP:
            unpacker = zlib.decompressobj(wbits=31)
            data = unpacker.decompress(data, MAX_BYTES)
            if not unpacker.eof:
                raise RowError("the packed file is cut off or too large")
        whole = json.loads(data)
    except (ValueError, RecursionError, zlib.error):
        raise RowError("the file is no JSON") from None
    if not isinstance(whole, dict):
        raise RowError("the file is no JSON object")
    return whole


def _decoded(text: object) -> bytes:
    if not isinstance(text, str):
        raise RowError("an encoded content is no text")
    plain = re.sub(r"\s|=", "", text).replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise RowError("an encoded content is no base64url") from None


def _renamed(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in item.items():
        new = _RENAMED.get(name, name)
        if new == name or new not in item:
            yield new, value


def _objects(value: object) -> list[Mapping[str, Any]]:
    """Return a list of objects with empty ones for what is none, because other places refer to them by number."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise RowError("a list of the vCon is no list")
    return [item if isinstance(item, Mapping) else {} for item in value]


def _uuid_in(reference: object) -> str:
    given = reference.get("uuid") if isinstance(reference, Mapping) else None
    return clean_text(given).lower() if isinstance(given, str) else ""
