"""FreeSWITCH as files: the fixtures' cdr-csv with a rotated file, json_cdr and xml_cdr, and recordings named by leg."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from callscore.outside.pages import Tools
from callscore.sources.freeswitch import Settings, open_source
from tests.connectors.case import SourceCase
from tests.connectors.story import CALLS, FIXTURES, StoryCall, beep

FIXTURE: Final = FIXTURES / "freeswitch"
FIRST: Final = "f5000000-0000-4000-8000-000000000001"


def shape() -> dict[str, Any]:
    """Return the fixture's record of json_cdr."""
    found: dict[str, Any] = json.loads((FIXTURE / "json_cdr" / f"{FIRST}.cdr.json").read_text(encoding="utf-8"))
    return found


def leg_id(number: int, side: str = "0") -> str:
    """Return the id of a leg of the story: "0" the first leg, "b" the second."""
    return f"f5000000-0000-4000-8000-0000000000{side}{number}"


def micros(at: datetime, plus_s: float = 0) -> str:
    """Return a moment as json_cdr writes it."""
    return str(round((at.timestamp() + plus_s) * 1_000_000))


def record(call: StoryCall, **variables: str) -> dict[str, Any]:
    """Return a call of the story as json_cdr writes it: one stage, bridged once."""
    made = copy.deepcopy(shape())
    start, bridged = call.started_at.timestamp(), call.started_at.timestamp() + call.wait_ms / 1000
    end = bridged + call.talk_ms / 1000
    is_out = call.direction == "outbound"
    caller, dialled = (call.extension or "", call.client_phone[1:]) if is_out else (call.client_phone[1:], call.line_phone[1:])
    uuid = leg_id(call.number)
    made["variables"] = {
        "uuid": uuid,
        "direction": "inbound",  # the leg's: FreeSWITCH received it, also from a phone of ours
        "start_epoch": str(int(start)),
        "answer_epoch": str(int(bridged)),
        "bridge_epoch": str(int(bridged)),
        "end_epoch": str(int(end)),
        "duration": str(int(end - start)),
        "billsec": str(int(end - bridged)),
        "hangup_cause": "NORMAL_CLEARING",
        "RECORD_STEREO": "true",
        **({"effective_caller_id_number": call.line_phone[1:]} if is_out else {}),
        **variables,
    }
    flow = made["callflow"][0]
    flow["caller_profile"].update(
        username=caller, caller_id_name=caller, caller_id_number=caller, destination_number=dialled, uuid=uuid,
        context="default" if is_out else "public",
    )  # fmt: skip
    other = {"destination_number": dialled if is_out else call.extension, "uuid": leg_id(call.number, "b")}
    flow["caller_profile"]["originatee"] = {"originatee_caller_profiles": [other]}
    flow["times"] = times(call.started_at, 0, call.wait_ms / 1000, hangup_s=end - start)
    return made


def times(at: datetime, created_s: float, bridged_s: float, *, hangup_s: float = 0, transfer_s: float = 0) -> dict[str, str]:
    """Return the times of a stage, as seconds after the start of the call; 0: it did not happen."""
    return {
        "created_time": micros(at),
        "profile_created_time": micros(at, created_s),
        "answered_time": micros(at, bridged_s) if bridged_s else "0",
        "bridged_time": micros(at, bridged_s) if bridged_s else "0",
        "hangup_time": micros(at, hangup_s) if hangup_s else "0",
        "transfer_time": micros(at, transfer_s) if transfer_s else "0",
    }


def transferred() -> dict[str, Any]:
    """Return the fifth call: 102 talks a minute, then hands it to 103; the last stage stands first."""
    call = CALLS[4]
    made = record(call)
    end_s = 5 + 60 + 7 + 180
    last = copy.deepcopy(made["callflow"][0])
    first = made["callflow"][0]
    first["caller_profile"]["originatee"]["originatee_caller_profiles"][0]["destination_number"] = "102"
    first["times"] = times(call.started_at, 0, 5, transfer_s=65)
    last["caller_profile"]["destination_number"] = "103"
    last["caller_profile"]["originatee"]["originatee_caller_profiles"][0]["uuid"] = leg_id(6, "b")
    last["times"] = times(call.started_at, 65, 72, hangup_s=end_s)
    made["callflow"] = [last, first]
    made["variables"] |= {"end_epoch": str(int(call.started_at.timestamp()) + end_s), "duration": str(end_s)}
    return made


def write(folder: Path, made: Mapping[str, Any]) -> Path:
    """Write a record into json_cdr."""
    path = folder / "json_cdr" / f"a_{made['variables']['uuid']}.cdr.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    return path


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Open a source on the folders of logs and recordings."""
    logs, recordings = folder / "log", folder / "recordings"
    shutil.copytree(FIXTURE, logs)
    # cdr-csv tells neither when a person took the call nor who: the fixtures have variables for two calls, these for the rest.
    for made in (record(CALLS[1]), record(CALLS[3]), transferred()):
        write(logs, made)
    recordings.mkdir()
    names = [Path(shape()["variables"]["cc_record_filename"]).name, *(f"x.{leg_id(number)}.wav" for number in (2, 4, 5))]
    for name in names:
        (recordings / name).write_bytes(beep())
    settings = Settings(folder=logs, recordings=recordings)
    yield SourceCase(source=open_source("shop", settings, tools))
