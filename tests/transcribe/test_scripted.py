"""Finding the script of a recording, and the scripted engine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callscore.errors import TranscribeError
from callscore.records import MonoAudio, VoiceActivity
from callscore.transcribe import scripted
from callscore.transcribe.scripted import ScriptedTranscriber, load_script
from callscore.units import Span

from .sounds import transcribe_one


def line(file: str, text: str, **more: Any) -> str:
    """Return a line of truth.jsonl with one turn."""
    turn = {"kind": "speech", "speaker": "operator", "channel": "operator", "text": text, "start": 0.0, "end": 1.0}
    return json.dumps({"file": file, "turns": [turn], **more}, ensure_ascii=False)


def srt(text: str) -> str:
    """Return subtitles with one cue."""
    return f"1\n00:00:00,000 --> 00:00:01,000\n{text}\n"


def segments(text: str) -> str:
    """Return a Whisper transcript with one segment."""
    return json.dumps({"segments": [{"start": 0, "end": 1, "text": text}]})


def said(recording: Path, script: Path | None = None) -> str:
    """Return all words of a recording's script."""
    return " ".join(word.text for turn in load_script(recording, script).turns for word in turn.words)


SIDECARS = ("a.turns.json", "a.wav.turns.json", "a.srt", "a.vtt", "a.whisper.json", "a.json", "truth.jsonl")


def write_sidecar(folder: Path, name: str) -> None:
    """Write a script that says its own file name."""
    if name.endswith(".turns.json"):
        body = line("ignored.wav", name)
    elif name.endswith(".json"):
        body = segments(name)
    elif name.endswith(".jsonl"):
        body = line("b.wav", "other") + "\n\n" + line("a.wav", name) + "\n"
    else:
        body = srt(name)
    (folder / name).write_text(body, encoding="utf-8")


@pytest.mark.parametrize("first", range(len(SIDECARS)))
def test_the_nearest_script_wins(tmp_path: Path, first: int) -> None:
    """Sidecars are preferred in the order that the documentation gives."""
    for name in SIDECARS[first:]:
        write_sidecar(tmp_path, name)
    assert said(tmp_path / "a.wav") == SIDECARS[first]


def test_a_sidecar_with_call_data_is_no_script(tmp_path: Path) -> None:
    """<stem>.json without segments is what the PBX knows, and the search goes on."""
    (tmp_path / "a.json").write_text('{"operator": "anna"}', encoding="utf-8")
    write_sidecar(tmp_path, "truth.jsonl")
    assert said(tmp_path / "a.wav") == "truth.jsonl"


def test_no_script_names_what_was_looked_for(tmp_path: Path) -> None:
    """The hint lists every file name that would have done."""
    with pytest.raises(TranscribeError, match="there is no script for this recording") as caught:
        load_script(tmp_path / "a.wav")
    assert caught.value.where == str(tmp_path / "a.wav")
    assert all(name in caught.value.hint for name in SIDECARS)


def test_one_file_serves_many_recordings(tmp_path: Path) -> None:
    """A truth.jsonl from elsewhere is matched by `file`, if need be with the folder."""
    script = tmp_path / "all.jsonl"
    script.write_text(f"{line('x/a.wav', 'x')}\n{line('y/a.wav', 'y')}\n{line('b.wav', 'b')}\n", encoding="utf-8")
    assert said(tmp_path / "calls" / "y" / "a.wav", script) == "y"
    assert said(tmp_path / "calls" / "z" / "b.wav", script) == "b"
    with pytest.raises(TranscribeError, match="there is no script for this recording"):
        load_script(tmp_path / "a.wav", script)


@pytest.mark.parametrize("name", ["made.turns.json", "made.srt", "made.vtt", "made.json"])
def test_a_script_file_may_be_given(tmp_path: Path, name: str) -> None:
    """A single file of any format is read for the recording whatever its name."""
    write_sidecar(tmp_path, name)
    assert said(tmp_path / "a.wav", tmp_path / name) == name


def test_a_script_file_that_is_not_there(tmp_path: Path) -> None:
    """A wrong path in the settings is named."""
    with pytest.raises(TranscribeError, match="there is no such script file"):
        load_script(tmp_path / "a.wav", tmp_path / "none.jsonl")


def test_a_broken_line_spares_the_others(tmp_path: Path) -> None:
    """One damaged line fails its own recording only, and is named then."""
    (tmp_path / "truth.jsonl").write_bytes(
        line("a.wav", "a").encode() + b"\n{broken\n\xff\xfe\n[1]\n" + line("c.wav", "c").encode()
    )
    assert said(tmp_path / "c.wav") == "c"
    with pytest.raises(TranscribeError) as caught:
        load_script(tmp_path / "b.wav")
    assert caught.value.hint == "these lines cannot be read: 2, 3, 4"


def test_two_lines_for_one_recording_are_refused(tmp_path: Path) -> None:
    """Nobody can tell which of them is right."""
    (tmp_path / "truth.jsonl").write_text(f"{line('a.wav', 'x')}\n{line('a.wav', 'y')}\n", encoding="utf-8")
    with pytest.raises(TranscribeError, match="two lines name the same recording"):
        load_script(tmp_path / "a.wav")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """The lines are indexed once, but not beyond a change."""
    truth = tmp_path / "truth.jsonl"
    truth.write_text(line("a.wav", "before"), encoding="utf-8")
    assert said(tmp_path / "a.wav") == "before"
    truth.write_text(line("a.wav", "afterwards"), encoding="utf-8")
    os.utime(truth, ns=(1, 1))
    assert said(tmp_path / "a.wav") == "afterwards"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_encodings_of_old_tools_are_read(tmp_path: Path, encoding: str) -> None:
    """SRT files come in UTF-8 with and without a mark, in UTF-16 and in cp1251."""
    (tmp_path / "a.srt").write_bytes(srt("Добрый день, ёлки!").encode(encoding))
    assert said(tmp_path / "a.wav") == "Добрый день, ёлки!"


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    """A recording renamed to .srt is no text."""
    (tmp_path / "a.srt").write_bytes(b"RIFF\x00\x00\x98\xff" * 10)
    with pytest.raises(TranscribeError, match="this is no text"):
        load_script(tmp_path / "a.wav")


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script has a limit, so that one file cannot fill the memory."""
    monkeypatch.setattr(scripted, "_MAX_BYTES", 100)
    (tmp_path / "a.srt").write_text(srt("слово " * 50), encoding="utf-8")
    with pytest.raises(TranscribeError, match="a script must be under"):
        load_script(tmp_path / "a.wav")


def test_a_file_named_like_a_folder_is_skipped(tmp_path: Path) -> None:
    """A folder a.srt is no script."""
    (tmp_path / "a.srt").mkdir()
    write_sidecar(tmp_path, "a.vtt")
    assert said(tmp_path / "a.wav") == "a.vtt"


def test_a_name_too_long_for_a_sidecar_is_no_error(tmp_path: Path) -> None:
    """A recording whose name leaves no room for an ending is still found in truth.jsonl."""
    name = "a" * 250 + ".wav"
    (tmp_path / "truth.jsonl").write_text(line(name, "long"), encoding="utf-8")
    assert said(tmp_path / name) == "long"


def test_a_recording_may_be_named_with_its_whole_path(tmp_path: Path) -> None:
    """`file` may be absolute."""
    script = tmp_path / "all.jsonl"
    script.write_text(line(str(tmp_path / "a.wav"), "absolute"), encoding="utf-8")
    assert said(tmp_path / "a.wav", script) == "absolute"


def test_all_labelled_calls_are_read(shared_dir: Path) -> None:
    """Each of the 36 calls has its turns; their speech is all there."""
    truths = [json.loads(text) for text in (shared_dir / "calls" / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    for truth in truths:
        script = load_script(shared_dir / "calls" / truth["file"])
        assert len(script.turns) == sum(turn["kind"] != "silence" for turn in truth["turns"])
        said_words = [word.text for turn in script.turns for word in turn.words]
        assert len(said_words) == sum(len(turn.get("text", "").split()) for turn in truth["turns"])


def engine(tmp_path: Path, *turns: dict[str, Any], layout: str = "stereo") -> ScriptedTranscriber:
    """Return the engine for a script of these turns."""
    path = tmp_path / "a.turns.json"
    path.write_text(json.dumps({"turns": turns, "layout": layout}), encoding="utf-8")
    return ScriptedTranscriber(load_script(tmp_path / "a.wav"))


def ten_seconds(channel: int) -> MonoAudio:
    """Return silence; the scripted engine hears nothing."""
    return MonoAudio(samples=np.zeros(160_000, dtype=np.float32), rate_hz=16_000, channel=channel)


OPERATOR = {"speaker": "operator", "channel": "operator", "text": "Добрый день", "start": 1.0, "end": 2.0}
CLIENT = {"speaker": "client", "channel": "client", "text": "Алло", "start": 3.0, "end": 3.5}


def test_a_channel_gets_its_own_words(tmp_path: Path) -> None:
    """The words of each party go to its leg, and speech without a turn is unrecognised."""
    activity = VoiceActivity(channel=1, duration_ms=10_000, speech=(Span(2900, 3600), Span(7000, 8000)), sounds=())
    found = transcribe_one(engine(tmp_path, OPERATOR, CLIENT), ten_seconds(1), activity, "ru")
    assert [word.text for word in found.words] == ["Алло"]
    assert found.unrecognised == (Span(7000, 8000),)


def test_a_mono_channel_gets_all_words(tmp_path: Path) -> None:
    """On mono both parties are on the one channel."""
    activity = VoiceActivity(channel=0, duration_ms=10_000, speech=(), sounds=())
    found = transcribe_one(engine(tmp_path, OPERATOR, CLIENT, layout="mono"), ten_seconds(0), activity, "ru")
    assert [word.text for word in found.words] == ["Добрый", "день", "Алло"]


def test_the_script_of_another_recording_is_noticed(tmp_path: Path) -> None:
    """A script that goes on long after the end belongs to another call."""
    activity = VoiceActivity(channel=0, duration_ms=10_000, speech=(), sounds=())
    late = {**OPERATOR, "start": 13.0, "end": 14.0}
    with pytest.raises(TranscribeError, match=r"the script goes on to 13.6 s, the recording ends at 10.0 s"):
        transcribe_one(engine(tmp_path, late), ten_seconds(0), activity, "ru")
