"""A store that speaks as much of S3 as reading needs: ListObjectsV2 in pages, HEAD and GET with Range, signed requests."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from tests.connectors.api_server import Asked, Reply

AT = "2026-03-02T10:00:00.000Z"
_HTTP_DATE = "Mon, 02 Mar 2026 10:00:00 GMT"


@dataclass
class Bucket:
    """Objects by key, and how they are listed. `changed_at` is by key, AT where there is none."""

    name: str
    access_key: str
    objects: dict[str, bytes]
    page_size: int = 1000
    changed_at: dict[str, str] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Reply:
        """Answer as the store would, with paths such as /bucket/key."""
        if f"Credential={self.access_key}/" not in asked.headers.get("authorization", ""):
            return error(403, "InvalidAccessKeyId")
        bucket, _, key = asked.path.removeprefix("/").partition("/")
        if bucket != self.name:
            return error(404, "NoSuchBucket")
        if key:
            return self._object(asked, key)
        if asked.query.get("list-type") != "2":
            return error(400, "InvalidArgument")
        return self._list(asked)

    def _list(self, asked: Asked) -> Reply:
        after = bytes.fromhex(asked.query.get("continuation-token", "")).decode()
        prefix = asked.query.get("prefix", "")
        keys = [key for key in sorted(self.objects) if key.startswith(prefix) and key > after]
        page, more = keys[: self.page_size], len(keys) > self.page_size
        token = f"<NextContinuationToken>{page[-1].encode().hex()}</NextContinuationToken>" if more else ""
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{self.changed_at.get(key, AT)}</LastModified>"
            f"<ETag>&quot;{self.etag(key)}&quot;</ETag><Size>{len(self.objects[key])}</Size></Contents>"
            for key in page
        )
        return Reply(
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{self.name}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(page)}</KeyCount>"
            f"<MaxKeys>{self.page_size}</MaxKeys><IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>",
            headers={"Content-Type": "application/xml"},
        )

    def _object(self, asked: Asked, key: str) -> Reply:
        data = self.objects.get(key)
        if data is None:
            return error(404, "NoSuchKey")
        headers = {"ETag": f'"{self.etag(key)}"', "Last-Modified": _HTTP_DATE, "Content-Type": "audio/mpeg"}
        if asked.method == "HEAD":
            return Reply(data, headers=headers)
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.headers.get("range", ""))
        if found is None:
            return Reply(data, headers=headers)
        start, end = int(found.group(1)), min(int(found.group(2)) + 1, len(data))
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
        return Reply(data[start:end], status=206, headers=headers)

    def etag(self, key: str) -> str:
        """Return the mark of an object as it is now."""
        return hashlib.md5(self.objects[key], usedforsecurity=False).hexdigest()


def error(status: int, code: str) -> Reply:
    """Return a refusal."""
    return Reply(f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code></Error>", status=status)
