"""What goes with sales, asked of stores with all that real shops do wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from callscore.stats.conversion.analyse import ConversionFindings, analyse_conversion
from callscore.stats.conversion.power import Limits
from callscore.store import open_reader
from callscore.store.conversion_records import ConversionPeriod, ConversionRow
from tests.store.selling_shop import START, SoldCall, make_calls, store_calls

Change = Callable[[int, SoldCall], SoldCall]
PERIOD = ConversionPeriod(
    since=None, until=None, open_since=datetime(2027, 1, 1, tzinfo=UTC), timezone="Europe/Moscow", days=3650
)


def analyse(
    tmp_path: Path, calls: list[SoldCall], period: ConversionPeriod = PERIOD, *, is_joined: bool = True
) -> ConversionFindings:
    """Return the findings about a shop with these calls."""
    db = store_calls(tmp_path / "x.duckdb", calls, is_joined=is_joined)
    with open_reader(db) as reader, reader.asking() as queries:
        return analyse_conversion(queries, period, Limits())


def only(found: ConversionFindings) -> ConversionRow:
    """Return the finding of the only criterion, checked to hold nothing that is no number, and a sentence."""
    assert len(found.criteria) == 1
    row = found.criteria[0]
    assert "nan" not in repr(row)
    assert "inf" not in repr(row)
    assert row.sentence_ru
    assert row.sentence_en
    return row


def test_a_criterion_that_sells_helps(tmp_path: Path) -> None:
    """A difference of fifteen points in 3,000 calls is found, with its numbers."""
    row = only(analyse(tmp_path, make_calls(3000, effect=0.15)))
    assert (row.finding, row.reason, row.design, row.n_operators) == ("helps", "effect", "operators", 8)
    # Calls after the last order have no outcome yet.
    assert row.n == row.n_calls
    assert 2990 <= row.n <= 3000
    assert row.risk_low is not None
    assert row.risk_high is not None
    assert 0 < row.risk_low < 0.15 < row.risk_high
    assert "п. п. больше" in (row.sentence_ru or "")
    assert "не доказательство" in (row.sentence_ru or "")


def test_a_criterion_that_loses_sales_hurts(tmp_path: Path) -> None:
    """The sentence says fewer, with an interval whose signs go with the word."""
    row = only(analyse(tmp_path, make_calls(3000, effect=-0.15)))
    assert row.finding == "hurts"
    assert "points fewer" in (row.sentence_en or "")
    assert "-" not in (row.sentence_en or "").partition("(95")[2].partition(";")[0]


def test_no_difference_in_enough_calls_is_no_evidence(tmp_path: Path) -> None:
    """Many calls without a difference say that one of five points would have shown; few calls say that they are few."""
    row = only(analyse(tmp_path, make_calls(6000, seed=4)))
    assert (row.finding, row.reason) == ("no_effect", "no_difference")
    few = only(analyse(tmp_path / "few", make_calls(900, seed=4)))
    assert (few.finding, few.reason) == ("not_enough", "underpowered")


def no_orders(_: int, call: SoldCall) -> SoldCall:
    """Return the call without orders."""
    return replace(call, orders=())


def all_won(_: int, call: SoldCall) -> SoldCall:
    """Return the call with a sale."""
    return replace(call, orders=(("won", 1.0),))


def none_won(_: int, call: SoldCall) -> SoldCall:
    """Return the call with a lost order."""
    return replace(call, orders=(("lost", 1.0),))


def never_fails(_: int, call: SoldCall) -> SoldCall:
    """Return the call with the criterion met."""
    return replace(call, verdicts={"offer": "pass"})


def all_na(_: int, call: SoldCall) -> SoldCall:
    """Return the call in which the criterion did not arise."""
    return replace(call, verdicts={"offer": "na"})


def one_operator(_: int, call: SoldCall) -> SoldCall:
    """Return the call of the only operator."""
    return replace(call, operator="operator0")


def nobody(_: int, call: SoldCall) -> SoldCall:
    """Return the call of an unknown operator."""
    return replace(call, operator=None)


def by_operator(number: int, call: SoldCall) -> SoldCall:
    """Return the call with the verdict that its operator always gets."""
    return replace(call, verdicts={"offer": "pass" if number % 8 < 4 else "fail"})


def by_line(number: int, call: SoldCall) -> SoldCall:
    """Return the call on one of two lines, of which one sells and always gets the verdict."""
    is_good = number % 3 == 0
    orders = (("won", 1.0),) if is_good and number % 2 else (("won" if number % 7 == 0 else "lost", 1.0),)
    return replace(call, did="1" if is_good else "2", verdicts={"offer": "pass" if is_good else "fail"}, orders=orders)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (no_orders, "no_outcomes"),
        (all_won, "few_sales"),
        (none_won, "few_sales"),
        (never_fails, "few_of_a_verdict"),
        (all_na, "few_calls"),
        (one_operator, "one_operator"),
        (nobody, "no_calls"),
        (by_operator, "few_clusters"),
        (by_line, "entangled"),
    ],
)
def test_what_the_data_cannot_tell_is_refused_in_words(tmp_path: Path, change: Change, reason: str) -> None:
    """Each way of having nothing to compare has its own reason and sentence, and no numbers."""
    row = only(analyse(tmp_path, make_calls(1200, change=change)))
    assert (row.finding, row.reason) == ("not_enough", reason)
    assert row.odds_ratio is None
    assert (row.sentence_en or "").startswith("Not enough data")


def test_orders_without_calls_say_nothing(tmp_path: Path) -> None:
    """Orders that were joined to no call are no outcomes of calls, so that calls are not counted as lost."""
    found = analyse(tmp_path, make_calls(1200), is_joined=False)
    assert (found.totals.joined, only(found).reason) == (0, "no_outcomes")


def test_an_order_read_twice_sells_once(tmp_path: Path) -> None:
    """Duplicates of an order, and a return with a negative amount, leave each call's outcome what it is."""

    def odd(number: int, call: SoldCall) -> SoldCall:
        if number % 3 == 0:
            return replace(call, orders=(("won", 10.0), ("won", 10.0)))
        return replace(call, orders=(("won", -10.0),) if number % 3 == 1 else (("lost", 5.0),))

    found = analyse(tmp_path, make_calls(900, change=odd))
    assert (found.totals.usable, found.totals.won) == (900, 300)


def test_an_open_order_is_no_loss_yet(tmp_path: Path) -> None:
    """Calls of open orders are left out while they are young, and count as no sale afterwards."""

    def open_orders(number: int, call: SoldCall) -> SoldCall:
        return replace(call, orders=(("open", 5.0),)) if number % 2 else call

    calls = make_calls(1000, change=open_orders)
    young = replace(PERIOD, open_since=calls[0].started_at.replace(tzinfo=UTC) - timedelta(days=1))
    assert analyse(tmp_path / "young", calls, young).totals.unknown >= 500
    assert analyse(tmp_path / "old", calls).totals.unknown <= 5


def test_calls_after_the_last_order_that_was_read_have_no_outcome_yet(tmp_path: Path) -> None:
    """Orders that are read once a week do not turn the calls of this week into losses."""

    def until_half(number: int, call: SoldCall) -> SoldCall:
        return call if number < 500 else replace(call, orders=())

    found = analyse(tmp_path, make_calls(1000, change=until_half))
    assert 495 <= found.totals.unknown <= 520


def test_calls_out_of_the_question_are_left_out(tmp_path: Path) -> None:
    """Outgoing calls and calls of other kinds than the settings name do not count."""

    def mixed(number: int, call: SoldCall) -> SoldCall:
        if number % 4 == 0:
            return replace(call, direction="outbound")
        return replace(call, call_type="complaint") if number % 4 == 1 else call

    found = analyse(tmp_path, make_calls(800, change=mixed), replace(PERIOD, call_types=("sale",)))
    assert found.totals.calls == 400


def test_only_the_newest_version_of_a_rubric_is_compared(tmp_path: Path) -> None:
    """A criterion may have meant something else before; its older verdicts are no part of the comparison."""

    def versions(number: int, call: SoldCall) -> SoldCall:
        return replace(call, version=2 if number >= 600 else 1)

    row = only(analyse(tmp_path, make_calls(1000, change=versions)))
    assert row.rubric_version == 2
    assert 390 <= (row.n_calls or 0) <= 400


def test_a_period_without_calls_gives_nothing(tmp_path: Path) -> None:
    """No calls: no criteria, and totals that say so."""
    found = analyse(tmp_path, make_calls(300), replace(PERIOD, since=datetime(2030, 1, 1, tzinfo=UTC)))
    assert (found.criteria, found.totals.calls) == ((), 0)


def test_a_renamed_operator_is_one_person(tmp_path: Path) -> None:
    """The shop's list of operators makes one person of two names, before and after the change."""

    def renamed(number: int, call: SoldCall) -> SoldCall:
        return replace(call, operator="Иванова") if call.operator == "operator0" and number >= 600 else call

    db = store_calls(tmp_path / "x.duckdb", make_calls(1200, change=renamed))
    with open_reader(db) as reader, reader.asking() as queries:
        assert analyse_conversion(queries, PERIOD, Limits()).totals.operators == 9
    with duckdb.connect(str(db)) as connection:
        connection.execute("INSERT INTO operators (entry_no, operator, names) VALUES (1, 'Петрова', ['operator0', 'иванова'])")
    from callscore.store.maintain import publish_store

    publish_store(db)
    with open_reader(db) as reader, reader.asking() as queries:
        assert analyse_conversion(queries, PERIOD, Limits()).totals.operators == 8


def test_doubt_takes_a_finding_away(tmp_path: Path) -> None:
    """Where counting unsure verdicts one way turns the association round, nothing is claimed."""

    def doubtful(number: int, call: SoldCall) -> SoldCall:
        # Unsure verdicts stand in calls that never sell: as passes they would outweigh what the decided ones show.
        if number % 3 == 0:
            return replace(call, verdicts={"offer": "unsure"}, orders=())
        return call

    row = only(analyse(tmp_path, make_calls(6000, effect=0.12, change=doubtful)))
    assert (row.finding, row.reason) == ("not_enough", "doubtful")
    assert row.odds_unsure_low is not None
    assert row.odds_unsure_low < 1 < (row.odds_unsure_high or 0)


def test_better_calls_of_an_operator_that_sell_more_are_told(tmp_path: Path) -> None:
    """Per operator: ten points more of score go with more sales, with an interval; few calls tell nothing."""
    found = analyse(tmp_path, make_calls(2400, n_operators=3, effect=0.3))
    assert {row.finding for row in found.operators} == {"rises"}
    first = found.operators[0]
    assert first.difference_low is not None
    assert first.difference_high is not None
    # Met calls have 40 points more and sell 30 points of share more: 7.5 for ten.
    assert first.difference_low < 0.075 < first.difference_high
    few = analyse(tmp_path / "few", make_calls(200, n_operators=3, effect=0.3))
    assert {row.finding for row in few.operators} == {"not_enough"}


def test_the_first_call_is_the_start_of_the_period(tmp_path: Path) -> None:
    """Days are local: a call at 23:30 in Moscow is of that day."""
    late = [
        replace(call, started_at=START.replace(hour=20, minute=30) + timedelta(days=i))
        for i, call in enumerate(make_calls(40, change=all_won))
    ]
    found = analyse(tmp_path, late)
    assert (str(found.totals.starts_on), found.totals.usable) == ("2026-09-01", 40)
