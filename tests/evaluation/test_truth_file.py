"""Labelled calls as people and programs write them down."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.errors import ConfigError
from callscore.evaluation import Truth, read_truth
from callscore.records import Role, Verdict
from callscore.units import Span


def read(folder: Path, text: str, name: str = "t.jsonl", encoding: str = "utf-8") -> Truth:
    """Write a file and read it."""
    path = folder / name
    path.write_text(text, encoding=encoding)
    return read_truth(path)


def refused(folder: Path, text: str, name: str = "t.jsonl") -> tuple[str, str, str]:
    """Return message, line and hint of the error that a file gives."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text, name)
    return caught.value.message, caught.value.where.removeprefix(f"{folder}/"), caught.value.hint


def test_a_line_per_call(tmp_path: Path) -> None:
    """A line holds labels, and optionally the type and who said what."""
    (call,) = read(
        tmp_path,
        '{"id": "d1", "file": "d1.wav", "type": "sale", "seconds": 9, "labels": {"greeting": "pass", "farewell": "na"},'
        ' "turns": [{"kind": "ring", "start": 0, "end": 1.5},'
        ' {"speaker": "client", "channel": "client", "start": 4, "end": 5.25, "text": "Алло"},'
        ' {"kind": "speech", "speaker": "ivr", "channel": "operator", "start": 1.5, "end": 4, "text": "Ждите"}]}\n',
    ).calls
    assert (call.call_id, call.file, call.call_type, call.labels) == (
        "d1", "d1.wav", "sale", {"greeting": Verdict.PASS, "farewell": Verdict.NA},
    )  # fmt: skip
    assert call.turns is not None
    assert [(turn.span, turn.role, turn.side, turn.text) for turn in call.turns] == [
        (Span(1500, 4000), Role.SYSTEM, Role.OPERATOR, "Ждите"),
        (Span(4000, 5250), Role.CLIENT, Role.CLIENT, "Алло"),
    ]


@pytest.mark.parametrize(
    ("turn", "role"),
    [
        ('"role": "operator"', Role.OPERATOR),
        ('"speaker": "operator2"', Role.OPERATOR),
        ('"channel": "left", "speaker": "client"', Role.CLIENT),
        ('"role": "system"', Role.SYSTEM),
    ],
)
def test_who_speaks(tmp_path: Path, turn: str, role: Role) -> None:
    """Channel, role or speaker says whose turn it is."""
    (call,) = read(tmp_path, f'{{"file": "a", "turns": [{{{turn}, "start": 0, "end": 1, "text": ""}}]}}').calls
    assert call.turns is not None
    assert call.turns[0].role is role


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_row_per_label(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """A spreadsheet's table works however it was saved, with Russian verdicts, extra columns and rows not filled in yet."""
    rows = ["File,Criterion,Verdict,комментарий", "a.wav,greeting,Да,", "a.wav,farewell,,потом", ",,,", "b.wav,greeting,fail,"]
    found = read(tmp_path, "\r\n".join(rows).replace(",", delimiter), "t.csv", encoding)
    assert [(call.file, call.labels) for call in found.calls] == [
        ("a.wav", {"greeting": Verdict.PASS}),
        ("b.wav", {"greeting": Verdict.FAIL}),
    ]
    assert found.n_blank == 1


def test_a_label_per_line_of_json(tmp_path: Path) -> None:
    """The long form works in JSON lines too, by call id, and labels of one call come together."""
    (call,) = read(
        tmp_path,
        '{"call_id": 17, "criterion": "a", "verdict": "pass"}\n\n{"call_id": 17, "criterion": "b", "verdict": "na"}\n',
    ).calls
    assert (call.call_id, call.labels) == ("17", {"a": Verdict.PASS, "b": Verdict.NA})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1, 2]", "the line is no JSON object"),
        ('{"file": "a"', "the line is no JSON object: Expecting ',' delimiter, column 13"),
        ('{"file": "a", "file": "b", "labels": {}}', "the line is no JSON object: the key 'file' stands twice"),
        ('{"labels": {"a": "pass"}}', "it names no call"),
        ('{"file": ["a"], "labels": {}}', "file must be a text"),
        ('{"file": "a"}', "the line labels nothing"),
        ('{"file": "a", "labels": ["pass"]}', "labels must be an object of criteria and verdicts"),
        ('{"file": "a", "labels": {"x": "passs"}}', "the label of criterion 'x' is 'passs', it must be pass, fail or na"),
        ('{"file": "a", "labels": {"x": "unsure"}}', "the label of criterion 'x' is 'unsure', it must be pass, fail or na"),
        ('{"file": "a", "labels": {"x": true}}', "the label of criterion 'x' is True, it must be pass, fail or na"),
        ('{"file": "a", "labels": {"x": null}}', "the label of criterion 'x' is empty"),
        ('{"file": "a", "verdict": "pass", "criterion": ""}', "the row names no criterion"),
        ('{"file": "a", "type": {}, "labels": {}}', "type must be a text"),
        ('{"file": "a", "turns": {}}', "turns must be a list"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    """Every wrong shape stops with what is wrong and the line."""
    found = refused(tmp_path, f'{{"file": "ok", "labels": {{}}}}\n{line}\n')
    assert found[:2] == (message, "t.jsonl:2")


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        ("7", "a turn must be an object"),
        ('{"kind": "talk"}', "unknown kind of turn 'talk'"),
        ('{"start": "0", "end": 1}', "start must be a number of seconds"),
        ('{"start": 0, "end": NaN}', "end must be seconds from the start of the call, 0..86400"),
        ('{"start": 0, "end": 90000}', "end must be seconds from the start of the call, 0..86400"),
        ('{"start": 2, "end": 1}', "the turn ends before it starts"),
        ('{"start": 0, "end": 1, "speaker": "operator"}', "a turn of speech needs a text"),
        ('{"start": 0, "end": 1, "speaker": "S1", "text": "да"}', "the turn does not say who speaks"),
    ],
)
def test_a_wrong_turn_is_named(tmp_path: Path, turn: str, message: str) -> None:
    """A wrong turn is named by its number."""
    assert refused(tmp_path, f'{{"file": "a", "turns": [{turn}]}}')[:2] == (message, "t.jsonl:1: turn 1")


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("file,criterion,verdict\na,x,pass\na,x,pass\n", "criterion 'x' of call 'a' is labelled twice", "t.csv:3"),
        ("file,criteria,verdict\na,x,pass\n", "the table has no column 'criterion'", "t.csv:1"),
        ("criterion,verdict\nx,pass\n", "the table has no column 'file'", "t.csv:1"),
        ("file,criterion,verdict,verdict\n", "the column 'verdict' stands twice", "t.csv:1"),
        ("file,criterion,verdict\na,x,pass,,5\n", "the row has more cells than the header", "t.csv:2"),
        ("file,criterion,verdict\n,x,pass\n", "it names no call", "t.csv:2"),
        ("file,criterion,verdict\na,x,\n", "the file holds no labelled calls", "t.csv"),
        ("", "the file holds no labelled calls", "t.csv"),
    ],
)
def test_a_wrong_table_is_named(tmp_path: Path, text: str, message: str, where: str) -> None:
    """Mistakes in a table are named with the line too."""
    assert refused(tmp_path, text, "t.csv")[:2] == (message, where)


def test_typos_are_met_with_the_nearest(tmp_path: Path) -> None:
    """A mistyped verdict or column is answered with what was probably meant."""
    assert refused(tmp_path, '{"file": "a", "labels": {"x": "pas"}}')[2] == "did you mean 'pass'?"
    assert refused(tmp_path, "file,criterium,verdict\n", "t.csv")[2] == "did you mean that by 'criterium'?"


def test_a_call_labelled_twice_is_refused(tmp_path: Path) -> None:
    """Two lines for one call cannot both be the truth."""
    line = '{"file": "a", "labels": {"x": "pass"}}\n'
    where = f"{tmp_path}/t.jsonl:1"
    assert refused(tmp_path, line * 2)[:2] == (f"call 'a' is labelled before, in {where}", "t.jsonl:2")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, another format and another encoding are told apart."""
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_truth(tmp_path / "t.jsonl")
    with pytest.raises(ConfigError, match=r"must be in a \.jsonl or \.csv file"):
        read_truth(tmp_path / "t.xlsx")
    (tmp_path / "t.jsonl").write_bytes('{"file": "a"}\n{"file": "п"}'.encode("cp1251"))
    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        read_truth(tmp_path / "t.jsonl")
    assert caught.value.where == f"{tmp_path / 't.jsonl'}:2"
