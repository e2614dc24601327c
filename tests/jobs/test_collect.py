"""What the config adds to the calls that sources find."""

from __future__ import annotations

import wave
from pathlib import Path

from callscore.config import load_config
from callscore.jobs.collect import IngestRequest, collect_calls, find_folders
from callscore.jobs.pull_calls import Pull
from callscore.store import open_store

METADATA = """file,did,language
a.wav,+7 (495) 123-45-67,
b.wav,74951234567,de
c.wav,74950000000,
"""


def test_a_line_gives_its_calls_their_language(tmp_path: Path) -> None:
    """The number that was called decides, however it is written, unless the call's own metadata name a language."""
    for name in "abc":
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(name.encode() * 8000)
    (tmp_path / "calls.csv").write_text(METADATA, encoding="utf-8")
    (tmp_path / "callscore.toml").write_text('[transcribe]\nline_languages = ["+7 495 123-45-67=en"]\n', encoding="utf-8")
    config = load_config(tmp_path / "callscore.toml", environ={}).config
    with open_store(tmp_path / "c.duckdb") as writer:
        request = IngestRequest(paths=(tmp_path,), metadata=tmp_path / "calls.csv")
        collected = collect_calls(
            config, find_folders(config, request), Pull(config=config, writer=writer, note=lambda _: None)
        )
    assert [(call.recording.name, call.info.language) for call in collected.found.calls] == [
        ("a.wav", "en"),
        ("b.wav", "de"),
        ("c.wav", None),
    ]
