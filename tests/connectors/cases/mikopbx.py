"""MikoPBX as a server: bearer key, filters by date and linked id, paging by id, links that are good once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from callscore.sources.mikopbx import Settings, open_source
from tests.connectors.api_server import Asked, Reply, serving
from tests.connectors.case import SourceCase
from tests.connectors.story import FIXTURES, beep

KEY: Final = "mikopbx-key-EXAMPLE-1"
PATH: Final = "/pbxcore/api/v3/cdr"
NAMES: Final = {"101": "Соколова Анна", "102": "Кравцов Олег", "103": "Лис Дарья"}


def stored_rows() -> list[dict[str, Any]]:
    """Return the rows of both fixture pages, and two calls of the story that the fixtures leave out."""
    rows: list[dict[str, Any]] = []
    for name in ("cdr_page1.json", "cdr_page2.json"):
        rows += json.loads((FIXTURES / "asterisk" / "mikopbx" / name).read_text(encoding="utf-8"))["data"]["records"]
    second = "mikopbx-1772435700.104"
    fifth = "mikopbx-1772442000.109"
    return [
        *rows,
        row(505, second, ("79000000102", "102"), ("10:15:02", "10:15:07", "10:17:22"), did="74950000002"),
        row(506, fifth, ("79000000105", "102"), ("12:00:01", "12:00:05", "12:01:05"), did="74950000002"),
        row(507, fifth, ("79000000105", "103"), ("12:01:05", "12:01:12", "12:04:12"), did="74950000002"),
    ]


def row(
    row_id: int, linked_id: str, ends: tuple[str, str], times: tuple[str, str, str], *, did: str = "", **more: Any
) -> dict[str, Any]:
    """Return a row in the system's shape; `times` are start, answer ("": none) and end on 2 March."""
    start, answer, end = (f"2026-03-02 {time}.000" if time else "" for time in times)
    seconds = [sum(int(part) * 60**i for i, part in enumerate(reversed(time.split(":")))) for time in times if time]
    shape = json.loads((FIXTURES / "asterisk" / "mikopbx" / "cdr_page1.json").read_text(encoding="utf-8"))
    return {
        **shape["data"]["records"][1],
        "id": row_id,
        "linkedid": linked_id,
        "UNIQUEID": f"{linked_id}_a{row_id}",
        "src_num": ends[0],
        "src_name": NAMES.get(ends[0], ""),
        "dst_num": ends[1],
        "dst_name": NAMES.get(ends[1], ""),
        "did": did,
        "from_account": "SIP-TRUNK-EXAMPLE" if did else "",
        "start": start,
        "answer": answer,
        "endtime": end,
        "disposition": "ANSWERED" if answer else "NOANSWER",
        "dialstatus": "ANSWER" if answer else "NOANSWER",
        "billsec": seconds[2] - seconds[1] if answer and end else 0,
        "duration": seconds[-1] - seconds[0],
        "recordingfile": f"/storage/monitor/{linked_id}_a{row_id}.webm" if answer else "",
        "download_url": f"{PATH}/{row_id}:download?token=T" if answer else "",
        **more,
    }


class MikoServer:
    """The rows it knows and how it answers: `is_grouped` as in versions that always answer in calls."""

    def __init__(self, rows: list[dict[str, Any]], *, is_grouped: bool = False) -> None:
        self.rows = rows
        self.is_grouped = is_grouped
        self.tokens: set[str] = set()

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        if ":download" in asked.path:
            token = asked.query.get("token", "")
            if token not in self.tokens:
                return Reply({"result": False, "messages": {"error": ["Invalid or expired playback token"]}}, status=403)
            self.tokens.discard(token)
            return Reply(beep(), headers={"Content-Type": "audio/wav"})
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return Reply({"result": False, "data": [], "messages": {"error": ["Unauthorized"]}}, status=401)
        return Reply(self._list(asked.query)) if asked.path == PATH else Reply({"result": False}, status=404)

    def _list(self, query: Mapping[str, str]) -> dict[str, Any]:
        limit, offset = int(query.get("limit", 50)), int(query.get("offset", 0))
        found = [
            row
            for row in self.rows
            if query.get("dateFrom", "") <= str(row["start"]) <= query.get("dateTo", "9")
            and query.get("linkedid", row.get("linkedid")) == row.get("linkedid")
            and ("idFrom" not in query or int(row["id"]) > int(query["idFrom"]))
        ]
        items: list[Any] = [self._linked(row) for row in found]
        if self.is_grouped:
            ids = dict.fromkeys(row["linkedid"] for row in items)
            items = [{"linkedid": one, "records": [row for row in items if row["linkedid"] == one]} for one in ids]
        page = items[offset : offset + limit]
        last = page[-1] if page else {}
        pagination = {
            "total": len(items),
            "limit": limit,
            "offset": offset,
            "hasMore": offset + limit < len(items),
            "lastId": last.get("records", [last])[-1].get("id"),
        }
        return {"result": True, "data": {"records": page, "pagination": pagination}, "messages": {}}

    def _linked(self, row: dict[str, Any]) -> dict[str, Any]:
        if not str(row["download_url"]).startswith("/"):
            return row
        token = f"once-{row['id']}-{len(self.tokens)}"
        self.tokens.add(token)
        return {**row, "download_url": f"{PATH}/{row['id']}:download?token={token}"}


@contextmanager
def open_case(folder: Path, tools: Tools, played: MikoServer | None = None) -> Iterator[SourceCase]:
    """Open a source that reads from a MikoPBX, two rows a page."""
    del folder
    with serving(played or MikoServer(stored_rows())) as server, patch.dict(os.environ, {"TEST_MIKOPBX_KEY": KEY}):
        settings = Settings(url=server.url, api_key=Secret("env:TEST_MIKOPBX_KEY"), page_size=2, allow_hosts=("127.0.0.1",))
        source = open_source("shop", settings, tools)
        # The line of an outgoing call is not told. NOANSWER does not tell a client who hung up from one who waited in vain.
        with closing(source):
            yield SourceCase(source=source, server=server, unknown=frozenset({"line_phone", "disposition"}), secret=KEY)
