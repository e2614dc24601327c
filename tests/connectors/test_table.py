"""What is particular to tables of calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from callscore.errors import RecordingError, SourceError
from callscore.outside.pages import Level, Reject, Window
from callscore.records import CallRecord, Direction, Disposition, LegKind
from callscore.sources.call_table import CallTable, Settings, open_source
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.cases.table import TABLES, lay_out
from tests.connectors.story import CALLS, WINDOW, beep, quick_tools

HEADER = "Дата и время;Тип;Номер клиента;Сотрудник;Разговор;Результат;Запись;ID звонка\n"
Opener = Callable[..., CallTable]


def opened(path: Path, **given: object) -> CallTable:
    """Return the source for a path."""
    return open_source("office", replace(Settings(path=path), **given), quick_tools())  # type: ignore[arg-type]


def table(folder: Path, text: str, name: str = "calls.csv") -> Path:
    """Write a table."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(source: CallTable, window: Window = WINDOW) -> list[CallRecord]:
    """Return the calls."""
    return [call for page in source.iter_pages(window) for call in page.records]


def rejected(source: CallTable, window: Window = WINDOW) -> list[Reject]:
    """Return the rows that could not be used."""
    return [reject for page in source.iter_pages(window) for reject in page.rejects]


def one(folder: Path, text: str) -> CallRecord:
    """Return the only call of a table."""
    (call,) = read(opened(table(folder, text)))
    return call


def test_a_phone_that_excel_destroyed_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    """7,90000E+10 is nobody's number: the row is told by file and line, four calls remain."""
    source = opened(TABLES / "calls_page*.csv")
    assert [call.call_id for call in read(source)] == ["1", "2", "3", "4"]
    (reject,) = rejected(source)
    assert reject.where == "calls_page2_utf8bom.csv:3"
    assert "lost its digits" in reject.reason


def test_a_workbook_with_a_title_and_a_total_tells_the_same_calls() -> None:
    """Date serials, phones as numbers and no ids: what Excel really saves."""
    calls = read(opened(TABLES / "calls.xlsx"))
    assert [(call.started_at, call.client_phone, call.talk_ms) for call in calls] == [
        (call.started_at, call.client_phone, call.talk_ms) for call in CALLS[:3]
    ]
    assert calls[2].disposition is Disposition.ABANDONED
    assert len({call.call_id for call in calls}) == 3
    assert calls == read(opened(TABLES / "calls.xlsx"))


def test_rows_that_cannot_be_read_are_named_by_line(tmp_path: Path) -> None:
    """A folder with a broken table still gives what the others hold."""
    (tmp_path / "a.csv").write_bytes((TABLES / "broken.csv").read_bytes().replace("Номер".encode(), "Откуда".encode()))
    table(tmp_path, HEADER + "02.03.2026 10:02;Вх;79000000101;Анна;5;Отвечен;;1\nвчера;Вх;1;1;5;x;;2\n", "b.csv")
    table(tmp_path, "Артикул;Остаток\n1;2\n", "stock.csv")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    source = opened(tmp_path)
    assert [call.call_id for call in read(source)] == ["1"]
    reasons = {reject.where: reject.reason for reject in rejected(source)}
    assert set(reasons) == {"a.csv:2", "a.csv:3", "b.csv:3", "stock.csv", "old.xls"}
    assert "save it as .xlsx" in reasons["old.xls"]
    assert "Артикул, Остаток" in reasons["stock.csv"]


def test_the_only_table_must_be_one_of_calls(tmp_path: Path) -> None:
    """Where nothing can be read, the watermark must not move."""
    with pytest.raises(SourceError, match="there is no table"):
        read(opened(tmp_path / "none"))
    with pytest.raises(SourceError, match="has no column with the time of calls") as caught:
        read(opened(table(tmp_path, "Артикул;Остаток\n1;2\n")))
    assert "callscore map --guess calls.csv" in caught.value.hint


def test_from_and_to_are_client_and_line_by_the_direction(tmp_path: Path) -> None:
    """An outgoing call has the client where an incoming one has the line."""
    text = (
        "Дата;Тип;Откуда;Куда;Длительность\n02.03.2026 10:00;Входящий;79000000101;74950000001;10\n"
        "02.03.2026 11:00;Исходящий;101;79000000104;20\n02.03.2026 12:00;Внутренний;101;102;30\n"
        "02.03.2026 13:00;;101;79000000105;40\n"
    )
    found = [
        (call.direction, call.client_phone, call.line_phone, call.extension) for call in read(opened(table(tmp_path, text)))
    ]
    assert found == [
        (Direction.INBOUND, "+79000000101", "+74950000001", None),
        (Direction.OUTBOUND, "+79000000104", None, "101"),
        (Direction.INTERNAL, None, None, "101"),
        (Direction.OUTBOUND, "+79000000105", None, "101"),
    ]


def test_a_missed_call_waited_as_long_as_it_lasted(tmp_path: Path) -> None:
    """Where a table only says how long a call was, a call without an answer has no talk."""
    call = one(tmp_path, "Дата;Тип;Телефон;Длительность;Статус\n02.03.2026 10:40;вх;9000000103;48;Пропущен\n")
    assert (call.wait_ms, call.talk_ms, call.total_ms, call.disposition) == (48_000, 0, 48_000, Disposition.ABANDONED)
    assert (call.ended_at, call.missed_reason) == (call.started_at + timedelta(seconds=48), "Пропущен")


def test_an_answered_call_has_its_moments(tmp_path: Path) -> None:
    """Answer and end follow from what the table says."""
    call = one(tmp_path, "Дата;Время;Телефон;Ожидание;Разговор;Сотрудник\n02.03.2026;10:02;1;26;03:04;Соколова Анна (101)\n")
    assert call.started_at == CALLS[0].started_at
    assert call.answered_at == call.started_at + timedelta(seconds=26)
    assert call.ended_at == call.started_at + timedelta(seconds=26 + 184)
    assert (call.operator_name, call.extension, call.disposition) == ("Соколова Анна", "101", Disposition.ANSWERED)
    assert [(leg.kind, leg.operator_name) for leg in call.legs] == [(LegKind.TALK, "Соколова Анна")]


def test_unknown_words_are_unknown(tmp_path: Path) -> None:
    """A result that nobody knows is no result, and a direction is not made up."""
    call = one(tmp_path, "Дата;Тип;Телефон;Разговор;Результат\n02.03.2026 10:00;ромашка;79000000101;5;лютик\n")
    assert (call.direction, call.disposition) == (None, Disposition.UNKNOWN)


def test_the_id_of_a_row_without_one_stays(tmp_path: Path) -> None:
    """The same row in a longer export is the same call; another row is another one."""
    header = "Дата;Телефон;Разговор\n"
    first = one(tmp_path, header + "02.03.2026 10:02;8 900 000-01-01;5\n").call_id
    calls = read(opened(table(tmp_path, header + "02.03.2026 10:02:00;79000000101;00:00:05\n02.03.2026 10:02;79000000102;5\n")))
    assert calls[0].call_id == first != calls[1].call_id


def test_a_row_that_changed_later_comes_again_with_its_new_state(tmp_path: Path) -> None:
    """Both states are given, the later one last."""
    text = HEADER + "02.03.2026 10:02;Вх;79000000101;Анна;5;Пропущен;;1\n02.03.2026 10:02;Вх;79000000101;Анна;5;Отвечен;;1\n"
    assert [call.disposition.value for call in read(opened(table(tmp_path, text)))] == ["abandoned", "answered"]


def test_ids_that_are_counted_anew_each_day_do_not_hide_calls(tmp_path: Path) -> None:
    """The second call with an id that stood for another day's call is named instead of taking its place."""
    window = Window(start=WINDOW.start, end=WINDOW.end + timedelta(days=3))
    text = HEADER + "02.03.2026 10:02;Вх;79000000101;Анна;5;Отвечен;;1\n04.03.2026 10:02;Вх;79000000102;Анна;5;Отвечен;;1\n"
    source = opened(table(tmp_path, text))
    assert len(read(source, window)) == 1
    assert "stands for another call" in rejected(source, window)[0].reason
    assert len(read(opened(table(tmp_path, text), columns=("call_id =",)), window)) == 2


def test_sheets_of_months_are_read_and_others_are_not(tmp_path: Path) -> None:
    """A summary beside the calls makes no calls."""
    book = openpyxl.Workbook()
    for title, rows in {
        "Март": [["Дата", "Телефон", "Разговор"], ["02.03.2026 10:00", 79000000101, 5]],
        "Сводка": [["Дата", "Разговор"], ["02.03.2026", 100]],
        "Апрель": [["Дата", "Телефон", "Разговор"], ["02.03.2026 11:00", 79000000102, 5]],
    }.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "t.xlsx")
    assert [call.client_phone for call in read(opened(tmp_path / "t.xlsx"))] == ["+79000000101", "+79000000102"]


def test_columns_of_the_settings_are_used(tmp_path: Path) -> None:
    """Headings that nobody can guess are said once."""
    path = table(tmp_path, "Момент;Абонент А;Абонент Б\n02.03.2026 10:00;79000000101;79000000102\n")
    columns = ("started_at = Момент", "client_phone = Абонент Б", "direction =")
    assert [call.client_phone for call in read(opened(path, columns=columns))] == ["+79000000102"]
    with pytest.raises(ValueError, match="is no field"):
        Settings(path=path, columns=("phone = Абонент Б",))


def test_times_without_a_zone_are_in_that_of_the_source(tmp_path: Path) -> None:
    """A shop in Novosibirsk writes its own hours."""
    path = table(tmp_path, "Дата;Телефон;Разговор\n02.03.2026 10:02;1;5\n02.03.2026T10:02;1;5\n2026-03-02T10:02:00+03:00;1;5\n")
    tools = replace(quick_tools(), timezone="Asia/Novosibirsk")
    calls = read(open_source("office", Settings(path=path), tools))
    assert [call.started_at.hour for call in calls] == [3, 3, 7]


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-02/a.wav",
        "2026-03-02\\a.wav",
        "D:\\Записи\\2026-03-02\\a.wav",
        "/var/spool/monitor/2026-03-02/a.wav",
        "a",
        "A.WAV",
    ],
)
def test_a_recording_is_found_however_it_is_named(tmp_path: Path, cell: str) -> None:
    """Paths of another machine end like ours, and a bare name is searched for."""
    recordings = tmp_path / "rec"
    (recordings / "2026-03-02").mkdir(parents=True)
    (recordings / "2026-03-02" / "a.wav").write_bytes(beep())
    source = opened(table(tmp_path, f"Дата;Запись\n02.03.2026 10:00;{cell}\n"), recordings=recordings)
    (call,) = read(source)
    assert source.fetch(call, call.recordings[0], tmp_path / "got") == recordings / "2026-03-02" / "a.wav"


@pytest.mark.parametrize("cell", ["../secret.wav", "gone.wav", "page.mp3", "empty.wav"])
def test_a_recording_that_is_none_is_refused(tmp_path: Path, cell: str) -> None:
    """Nothing outside the folder, nothing absent, no error page, nothing empty."""
    recordings = tmp_path / "rec"
    recordings.mkdir()
    (tmp_path / "secret.wav").write_bytes(beep())
    (recordings / "page.mp3").write_text("<html>404</html>", encoding="utf-8")
    (recordings / "empty.wav").touch()
    source = opened(table(tmp_path, f"Дата;Запись\n02.03.2026 10:00;{cell}\n"), recordings=recordings)
    (call,) = read(source)
    with pytest.raises(RecordingError):
        source.fetch(call, call.recordings[0], tmp_path / "got")


@pytest.mark.parametrize("cell", ["", "-", "Нет", "Прослушать", "да"])
def test_words_are_no_recordings(tmp_path: Path, cell: str) -> None:
    """The text of a button is not a file."""
    assert one(tmp_path, f"Дата;Запись\n02.03.2026 10:00;{cell}\n").recordings == ()


def linked(folder: Path, site: ApiServer, key: str) -> Path:
    """Write a table whose recordings lie behind links with a key."""
    rows = "".join(f"02.03.2026 1{n}:00;7900000010{n};{site.url}/rec/get?id={n}&key={key};{n}\n" for n in range(2))
    return table(folder, "Дата;Телефон;Ссылка;ID\n" + rows)


def test_recordings_behind_links_are_fetched(tmp_path: Path) -> None:
    """The id of a recording holds nothing of the key, and a private host must be allowed."""
    with serving(lambda _: Reply(beep(), headers={"Content-Type": "audio/wav"})) as site:
        path = linked(tmp_path, site, "sesame")
        source = opened(path, allow_hosts=("127.0.0.1",))
        calls = read(source)
        assert [link.rec_id for call in calls for link in call.recordings] == ["//127.0.0.1/rec/get"] * 2
        assert source.fetch(calls[1], calls[1].recordings[0], tmp_path / "got").read_bytes() == beep()
        assert site.asked[-1].query == {"id": "1", "key": "sesame"}
        # A source that was opened anew knows only what the store kept: it finds the link in the table.
        anew = opened(path, allow_hosts=("127.0.0.1",))
        assert anew.fetch(calls[0], calls[0].recordings[0], tmp_path / "again").is_file()
        with pytest.raises(RecordingError, match="private"):
            opened(path).fetch(calls[0], calls[0].recordings[0], tmp_path / "got")


def test_an_expired_link_is_looked_up_again(tmp_path: Path) -> None:
    """The table was exported anew since it was read: its new links live."""

    def handler(asked: Asked) -> Reply:
        return Reply(beep()) if asked.query.get("key") == "fresh" else Reply("expired", status=403)

    with serving(handler) as site:
        source = opened(linked(tmp_path, site, "stale"), allow_hosts=("127.0.0.1",))
        (call, _) = read(source)
        with pytest.raises(RecordingError):
            source.fetch(call, call.recordings[0], tmp_path / "got")
        linked(tmp_path, site, "fresh")
        assert source.fetch(call, call.recordings[0], tmp_path / "got").read_bytes() == beep()
        table(tmp_path, "Дата;Телефон;Ссылка;ID\n02.03.2026 10:00;1;;0\n")
        with pytest.raises(RecordingError, match="no link"):
            opened(tmp_path / "calls.csv").fetch(call, call.recordings[0], tmp_path / "got")


def test_a_check_tells_what_is_understood_and_what_is_missing(tmp_path: Path) -> None:
    """Whoever sets up a table sees what it will not tell."""
    path = table(tmp_path, "Дата;Телефон;Цвет\n02.03.2026 10:00;79000000101;синий\nпотом;1;1\n")
    findings = list(opened(path).check())
    texts = [f"{finding.text} {finding.hint}" for finding in findings]
    assert any("started_at = Дата" in text and "not used: Цвет" in text for text in texts)
    assert any("no column tells whether calls came in or went out" in text for text in texts)
    assert any("calls.csv:3: the start is not a time" in text for text in texts)
    assert {finding.level for finding in findings} == {Level.FINE, Level.ADVICE}


def test_operators_of_the_story_are_told(tmp_path: Path) -> None:
    """A name with a semicolon in it is one name; a table names only who took the call."""
    tables, recordings = lay_out(tmp_path)
    calls = read(opened(tables, recordings=recordings))
    assert [(call.operator_name, call.extension) for call in calls] == [
        ("Соколова Анна", "101"),
        ("Кравцов Олег", "102"),
        (None, None),
        ("Соколова; Анна", "101"),
        ("Кравцов Олег", "102"),
    ]


@pytest.mark.parametrize("value", ["'; DROP TABLE", "=1+1", "9" * 400, "\x00\x1b[31m", "null", "-1", "NaN", "1e309", "☎", "{}"])
@pytest.mark.parametrize("field", range(8))
def test_hostile_cells_stop_nothing(tmp_path: Path, field: int, value: str) -> None:
    """Whatever stands in one cell of one row, the row beside it is read."""
    cells = ["02.03.2026 10:02", "Вх", "79000000101", "Анна", "5", "Отвечен", "a.wav", "1"]
    cells[field] = value
    source = opened(table(tmp_path, HEADER + ";".join(cells) + "\n02.03.2026 11:00;Вх;79000000102;Анна;5;Отвечен;;2\n"))
    assert "2" in [call.call_id for call in read(source)]
    assert len(read(source)) + len(rejected(source)) == 2
