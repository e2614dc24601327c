"""`callscore report priorities` and `efficiency`: what is proposed, written and refused."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import CallscoreError
from tests.store.staffed_shop import Talk, fill_shop, staff

NINE = datetime(2026, 10, 5, 6, tzinfo=UTC)
CONVERSION = {"Анна": (0.35, "101"), "Борис": (0.2, "102"), "Вера": (0.2, "103"), "Глеб": (0.05, "104")}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return where a test's database goes."""
    return tmp_path / "x.duckdb"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a shop of four operators, of whom one sells well and one badly; nobody writes to it."""
    path = tmp_path_factory.mktemp("shop") / "x.duckdb"
    fill_shop(path, month(CONVERSION))
    return path


def run(*arguments: object) -> Result:
    """Run a command as a user does."""
    return CliRunner().invoke(cli, [*map(str, arguments)])


def table(db: Path, *arguments: object) -> list[dict[str, Any]]:
    """Return the main table of a report."""
    result = run("report", *arguments, "--db", db, "--format", "json")
    assert result.exception is None, result.output
    return list(json.loads(result.stdout)[str(arguments[0])])


def month(conversion: dict[str, tuple[float, str]], per_day: int = 20, **given: Any) -> list[Talk]:
    """Return 25 days in which everybody takes `per_day` calls all over the day, and sells by chance."""
    dice = random.Random(6)
    return [
        Talk(
            at=NINE + timedelta(days=day, minutes=540 / per_day * number),
            operator=name,
            extension=extension,
            sale=1000.0 if dice.random() < share else None,
            **given,
        )
        for name, (share, extension) in conversion.items()
        for day in range(25)
        for number in range(per_day)
    ]


def test_levels_follow_sales_on_equal_calls(filled: Path) -> None:
    """Who clearly sells more is tried first, who clearly sells less last, the others between."""
    rows = {row["operator"]: (row["level"], row["conversion_says"]) for row in table(filled, "priorities")}
    assert rows == {"Анна": (0, "better"), "Борис": (1, "unknown"), "Вера": (1, "unknown"), "Глеб": (2, "worse")}


def test_two_levels_put_only_the_worse_behind(filled: Path) -> None:
    """With two levels nobody is put before those of whom nothing is known."""
    assert [row["level"] for row in table(filled, "priorities", "--levels", "2")] == [0, 0, 0, 1]


def test_good_lines_make_no_good_operators(db: Path) -> None:
    """The same operators on lines that sell differently are not told apart by their lines."""
    good, poor = {"Анна": (0.4, "101"), "Борис": (0.4, "102")}, {"Анна": (0.1, "101"), "Борис": (0.1, "102")}
    talks = [
        *month({"Анна": good["Анна"]}, 18, did="1"),
        *month({"Борис": good["Борис"]}, 2, did="1"),
        *month({"Анна": poor["Анна"]}, 2, did="2"),
        *month({"Борис": poor["Борис"]}, 18, did="2"),
    ]
    fill_shop(db, talks)
    assert {row["conversion_says"] for row in table(db, "priorities")} == {"unknown"}


def test_operators_who_are_alike_stay_in_one_level_and_nothing_is_written(db: Path, tmp_path: Path) -> None:
    """Luck makes no levels, and no file."""
    fill_shop(db, month({name: (0.2, number) for name, (_, number) in CONVERSION.items()}))
    assert {row["level"] for row in table(db, "priorities")} == {0}
    result = run("report", "priorities", "--db", db, "--files", tmp_path / "out")
    assert "Звонки не позволяют различить операторов" in " ".join(result.stdout.split())
    assert isinstance(result.exception, CallscoreError)
    assert result.exception.exit_code == 8
    assert not (tmp_path / "out").exists()


def test_few_calls_are_not_judged(db: Path) -> None:
    """An operator below priorities.min_calls is in the middle, whatever the numbers."""
    fill_shop(db, [*month(CONVERSION), *month({"Дина": (1.0, "105")}, 1)])
    row = next(row for row in table(db, "priorities") if row["operator"] == "Дина")
    assert (row["level"], row["conversion_says"]) == (1, "few")


def test_asterisk_gets_lines_commands_and_the_way_back(filled: Path, tmp_path: Path) -> None:
    """The files set penalties, and back to the first level where the present ones are unknown."""
    assert run("report", "priorities", "--db", filled, "--files", tmp_path / "out").exception is None
    lines = (tmp_path / "out" / "queues.conf").read_text(encoding="utf-8").splitlines()
    assert "[sales]" in lines
    assert "member => PJSIP/104,2" in lines
    assert (tmp_path / "out" / "apply.txt").read_text().splitlines()[-1] == "queue set penalty 2 on PJSIP/104 in sales"
    assert (tmp_path / "out" / "undo.txt").read_text().splitlines()[-1] == "queue set penalty 0 on PJSIP/104 in sales"
    again = run("report", "priorities", "--db", filled, "--files", tmp_path / "out")
    assert "not empty" in str(again.exception)


def test_undo_goes_back_to_the_exchanges_own_file(filled: Path, tmp_path: Path) -> None:
    """Members are named as in that file, keep their other fields, and strangers are left alone by name."""
    own = tmp_path / "queues.conf"
    own.write_text(
        "[general]\n[sales](base)\n;member => PJSIP/9\nmember => Local/104@from-queue/n,1,Gleb G.,hint:104@ext ; he\n"
        "member=>SIP/101\nmember => PJSIP/555,3\n",
        encoding="utf-8",
    )
    result = run("report", "priorities", "--db", filled, "--current", own, "--files", tmp_path / "out")
    assert result.exception is None
    assert "PJSIP/555" in result.stdout
    lines = (tmp_path / "out" / "queues.conf").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("member")] == [
        "member => Local/104@from-queue/n,2,Gleb G.,hint:104@ext",
        "member => SIP/101,0",
    ]
    assert (tmp_path / "out" / "undo.txt").read_text().splitlines() == [
        "queue set penalty 1 on Local/104@from-queue/n in sales",
        "queue set penalty 0 on SIP/101 in sales",
    ]


def test_freeswitch_gets_tiers(db: Path, tmp_path: Path) -> None:
    """Levels count from 1 there, positions stay, and comments and variables of the file do no harm."""
    fill_shop(db, month(CONVERSION, queue="sales@default"))
    own = tmp_path / "callcenter.conf.xml"
    own.write_text(
        '<tiers><!-- <tier agent="999@default" queue="sales@default" level="7"/> -->\n'
        '<tier agent="104@default" queue="sales@default" level="2" position="5"/>\n'
        '<tier agent="101@default" queue="sales@default"/>\n'
        '<tier agent="102@$${domain}" queue="sales@default" level="1"/></tiers>',
        encoding="utf-8",
    )
    result = run("report", "priorities", "--pbx", "freeswitch", "--db", db, "--current", own, "--files", tmp_path / "out")
    assert result.exception is None
    assert "опасное имя" in result.stdout
    xml = (tmp_path / "out" / "tiers.xml").read_text(encoding="utf-8")
    assert '<tier agent="104@default" queue="sales@default" level="3" position="5"/> <!-- Глеб -->' in xml
    undo = (tmp_path / "out" / "undo.txt").read_text().splitlines()
    assert undo == [
        "callcenter_config tier set level sales@default 104@default 2",
        "callcenter_config tier set level sales@default 101@default 1",
    ]


HOSTILE = (
    ("101\nexec => x", "sales"),
    ("101,0\n[general]", "sales"),
    ("101", "sales\nmember => PJSIP/1"),
    ("101;", "a b"),
    ("$(x)", "sales"),
    ('1" queue="x"/><tier agent="1', "sales"),
)


@pytest.mark.parametrize("pbx", ["asterisk", "freeswitch"])
def test_a_hostile_name_writes_no_line(db: Path, tmp_path: Path, pbx: str) -> None:
    """What could be more than a name is refused and named, and the others are written."""
    hostile = [
        Talk(at=NINE, operator=f"Злой {number}\n<!-- -->", extension=extension, queue=queue)
        for number, (extension, queue) in enumerate(HOSTILE)
    ]
    fill_shop(db, [*month(CONVERSION), *hostile])
    result = run("report", "priorities", "--pbx", pbx, "--db", db, "--files", tmp_path / "out", "--format", "json")
    assert result.exception is None
    assert [row["why"] for row in json.loads(result.stdout)["refused"]] == ["unsafe"] * len(HOSTILE)
    for file in (tmp_path / "out").iterdir():
        text = file.read_text(encoding="utf-8")
        assert "Злой" not in text
        assert [piece for piece in ("exec", "[general]", "PJSIP/1\n", "$(", 'agent="1"') if piece in text] == []


def test_one_operator_cannot_be_compared(db: Path) -> None:
    """There is no order of one."""
    fill_shop(db, month({"Анна": (0.3, "101")}))
    assert [(row["level"], row["conversion_says"]) for row in table(db, "priorities")] == [(0, "few")]


def test_without_orders_and_scores_nobody_is_told_apart(db: Path) -> None:
    """Calls alone say nothing about who is better."""
    fill_shop(db, month({name: (0.0, number) for name, (_, number) in CONVERSION.items()}))
    assert {(row["level"], row["conversion_says"]) for row in table(db, "priorities")} == {(0, "few")}


def test_efficiency_shows_its_parts(db: Path) -> None:
    """The coefficient is the weighted product of the parts beside it, with an interval; unknown parts are left out for all."""
    entries = [staff("Анна", hour="500"), staff("Борис", hour="400"), staff("Вера", hour="400"), staff("Глеб", hour="300")]
    fill_shop(db, month(CONVERSION), entries)
    result = run("report", "efficiency", "--db", db, "--format", "json")
    rows = {row["operator"]: row for row in json.loads(result.stdout)["efficiency"]}
    assert set(rows["Анна"]) == {"operator", "answered", "coefficient", "low", "high", "conversion", "workload", "cost", "why"}
    one = rows["Анна"]
    product = one["conversion"] ** 0.6 * one["workload"] ** 0.2 * one["cost"] ** 0.2
    assert one["coefficient"] == pytest.approx(product)
    assert one["low"] < one["coefficient"] < one["high"]
    assert one["conversion"] > 1.2
    assert rows["Глеб"]["conversion"] < 0.8
    text = " ".join(run("report", "efficiency", "--db", db).stdout.split())
    assert "Не основание для решений об оплате" in text
    assert "Не входит, потому что неизвестно для большинства операторов: балл, принятые вызовы" in text


def test_efficiency_refuses_few_calls_and_unknown_costs(db: Path) -> None:
    """An operator who lacks calls or a part gets the reason in place of a number."""
    entries = [staff("Анна", hour="500"), staff("Борис", hour="400"), staff("Вера", hour="400")]
    fill_shop(db, [*month(CONVERSION), *month({"Дина": (0.5, "105")}, 1)], entries)
    rows = {row["operator"]: (row["coefficient"], row["why"]) for row in table(db, "efficiency")}
    assert rows["Дина"] == (None, "мало звонков: 25 из 100")
    assert rows["Глеб"] == (None, "неизвестно: цена звонка")
    assert rows["Анна"][1] is None


def test_rings_that_nobody_took_lower_the_part_of_rings(db: Path) -> None:
    """Only rings that no colleague took at that moment count against an operator."""
    talks = [*month(CONVERSION), *month({"Борис": (0.2, "102")}, 5, in_vain=("104",))]
    fill_shop(db, talks, [staff(name, number) for name, (_, number) in CONVERSION.items()])
    rows = {row["operator"]: row["missed"] for row in table(db, "efficiency")}
    assert rows["Глеб"] < 0.9
    assert rows["Борис"] > 1.0


def test_efficiency_without_enough_calls_is_refused(db: Path) -> None:
    """A shop with a handful of calls gets no coefficients at all."""
    fill_shop(db, month(CONVERSION, 1))
    error = run("report", "efficiency", "--db", db).exception
    assert isinstance(error, CallscoreError)
    assert error.exit_code == 8
    assert "no operator has 100 answered calls" in error.message
