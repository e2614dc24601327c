"""Numbers of telephony against a plain computation over the same calls: 50,000 of them, with a change of clocks."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from callscore.records import CallRecord, Direction, Disposition, LegKind, Outcome
from callscore.store import StoreReader, open_reader
from callscore.store.call_hours import read_hour_loads, read_patience
from callscore.store.contacts import read_contacts
from callscore.store.levels import read_line_levels
from callscore.store.lines import read_lines
from callscore.store.missed import read_missed, read_missed_numbers, read_waiting
from callscore.store.telephony import Window
from callscore.store.workload import WorkOptions, read_operator_hours, read_operator_loads
from tests.telephony_shop import FIRST, HOURS, LAST, LINES, NEW_LINE, SILENT_LINE, ZONE, Shop, make_shop, store_shop

ALL = Window(since=FIRST, until=LAST)
PAUSES = WorkOptions(wrap_ms=120_000, away_ms=3_600_000)
DAY = timedelta(days=1)
MS = timedelta(milliseconds=1)


@pytest.fixture(scope="module")
def shop() -> Shop:
    """Return the generated shop."""
    return make_shop(50_000)


@pytest.fixture(scope="module")
def reader(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreReader]:
    """Return a reader of the stored shop."""
    path: Path = tmp_path_factory.mktemp("shop") / "x.duckdb"
    store_shop(shop, path)
    with open_reader(path) as opened:
        yield opened


def incoming(shop: Shop) -> list[CallRecord]:
    """Return the incoming calls."""
    return [call for call in shop.calls if call.direction is Direction.INBOUND]


def is_open(at: datetime) -> bool:
    """Tell whether the shop is open."""
    local = at.astimezone(ZONE)
    return (
        str(local.isoweekday()) in HOURS.work_days and local.date().isoformat() not in HOURS.days_off and 9 <= local.hour < 20
    )


def is_missed(call: CallRecord) -> bool:
    """Tell whether nobody answered."""
    return call.disposition is not Disposition.ANSWERED


def afterwards(shop: Shop) -> dict[str, tuple[str, timedelta | None, datetime | None]]:
    """Return for each missed call what became of it, after how long, and when the client was first talked to at all."""
    by_phone: dict[str, list[CallRecord]] = defaultdict(list)
    for call in shop.calls:
        if call.client_phone:
            by_phone[call.client_phone].append(call)
    found: dict[str, tuple[str, timedelta | None, datetime | None]] = {}
    for call in incoming(shop):
        if not is_missed(call):
            continue
        later = [other for other in by_phone[call.client_phone or ""] if other.started_at > call.started_at]
        talked = min((other for other in later if not is_missed(other)), key=lambda other: other.started_at, default=None)
        tried = [
            other for other in later if other.direction is Direction.OUTBOUND and other.started_at <= call.started_at + DAY
        ]
        if talked and talked.started_at <= call.started_at + DAY:
            how = "came" if talked.direction is Direction.INBOUND else "back"
        else:
            how = "tried" if tried else "nobody"
        found[call.call_id] = (
            how,
            talked.started_at - call.started_at if talked else None,
            talked.started_at if talked else None,
        )
    return found


def test_what_became_of_missed_calls(shop: Shop, reader: StoreReader) -> None:
    """Call-backs, clients who came through, vain attempts, the medians, and the mornings."""
    after = afterwards(shop)
    with reader.asking() as queries:
        totals, _ = read_missed_numbers(queries, HOURS, ALL, morning_hours=3)
    assert [total.out_of_hours for total in totals] == [False, True]
    for total in totals:
        lost = [call for call in incoming(shop) if is_missed(call) and is_open(call.started_at) is not total.out_of_hours]
        hows = Counter(after[call.call_id][0] for call in lost)
        assert total.missed == len(lost)
        assert total.clients == len({call.client_phone for call in lost if call.client_phone})
        assert total.no_number == sum(call.client_phone is None for call in lost)
        assert (total.called_back, total.came_through) == (hows["back"], hows["came"])
        assert (total.tried, total.nobody) == (hows["tried"], hows["nobody"])
        delays = [cast("timedelta", after[call.call_id][1]) for call in lost if after[call.call_id][0] == "back"]
        assert total.median_back_ms == pytest.approx(statistics.median(delay / MS for delay in delays), abs=1)
        for minutes, within in zip((15, 30, 60), total.back_within, strict=True):
            limit = timedelta(minutes=minutes)
            assert within == (sum(d <= limit for d in delays), sum(call.started_at <= LAST - limit for call in lost))
        dues = {call.call_id: due(call.started_at) for call in lost} if total.out_of_hours else {}
        over = [call_id for call_id, at in dues.items() if at <= LAST]
        done = [call_id for call_id in over if after[call_id][2] and cast("datetime", after[call_id][2]) <= dues[call_id]]
        assert (total.due, total.by_morning) == (len(over), len(done))
    assert totals[1].by_morning > 50


def due(at: datetime) -> datetime:
    """Return noon of the morning after a call that came when the shop was closed."""
    moment = at.astimezone(ZONE)
    day = moment.date() if moment.hour < 9 else moment.date() + DAY
    while not is_open(datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)):
        day += DAY
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)


def test_missed_calls_by_reason_hour_line_and_queue(shop: Shop, reader: StoreReader) -> None:
    """Each grouping adds up to the same calls, counted one by one."""
    after = afterwards(shop)
    with reader.asking() as queries:
        _, groups = read_missed_numbers(queries, HOURS, ALL, morning_hours=3)
    keys: dict[str, Callable[[CallRecord], str | None]] = {
        "hour": lambda call: f"{call.started_at.astimezone(ZONE).hour:02d}",
        "line": lambda call: call.line_phone,
        "queue": lambda call: call.queue,
        "reason": lambda call: str(call.disposition),
    }
    for kind, key in keys.items():
        expected: dict[object, list[int]] = defaultdict(lambda: [0] * 5)
        for call in incoming(shop):
            if kind == "reason" and not is_missed(call):
                continue
            how = after[call.call_id][0] if is_missed(call) else ""
            row = (1, how != "", how != "" and is_open(call.started_at), how in ("back", "came"), how == "nobody")
            expected[key(call)] = [a + b for a, b in zip(expected[key(call)], row, strict=True)]
        found = {
            group.name: [group.calls, group.missed, group.missed_in_hours, group.talked, group.nobody]
            for group in groups
            if group.kind == kind
        }
        assert found == dict(expected), kind


def test_the_list_agrees_with_the_numbers(shop: Shop, reader: StoreReader) -> None:
    """Every missed call is in the list, newest first, with its call-back."""
    after = afterwards(shop)
    with reader.asking() as queries:
        rows = read_missed(queries, HOURS, ALL, None)
        few = read_missed(queries, HOURS, ALL, 10)
    assert len(rows) == len(after)
    assert [row.started_at for row in rows] == sorted((row.started_at for row in rows), reverse=True)
    assert rows[:10] == few
    for row in rows:
        how, delay, _ = after[row.call_id]
        assert (row.answered_at is not None) == (how in ("back", "came"))
        assert row.answered_at is None or row.answered_at - row.started_at == delay


def test_waiting_and_service_level(shop: Shop, reader: StoreReader) -> None:
    """Medians, 90th percentiles, and calls answered in time among all of opening hours."""
    with reader.asking() as queries:
        waiting = read_waiting(queries, HOURS, ALL, 20_000)
    calls = incoming(shop)
    answered = [call.wait_ms for call in calls if not is_missed(call) and call.wait_ms is not None]
    gave_up = [call.wait_ms for call in calls if call.disposition is Disposition.ABANDONED and call.wait_ms is not None]
    assert (waiting.calls, waiting.answered) == (len(calls), sum(not is_missed(call) for call in calls))
    assert (waiting.answered_base, waiting.gave_up_base) == (len(answered), len(gave_up))
    assert waiting.answered_median_ms == pytest.approx(statistics.median(answered), abs=1)
    assert waiting.gave_up_p90_ms == pytest.approx(statistics.quantiles(gave_up, n=10, method="inclusive")[8], abs=1)
    in_hours = [call for call in calls if is_open(call.started_at) and (is_missed(call) or call.wait_ms is not None)]
    assert waiting.service_base == len(in_hours)
    assert waiting.service == sum(not is_missed(call) and cast("int", call.wait_ms) <= 20_000 for call in in_hours)


def test_repeats_transfers_and_calls_per_order(shop: Shop, reader: StoreReader) -> None:
    """Who calls again within a week, whom one talk was enough, how often calls are handed over; duplicate orders count once."""
    since, until = FIRST + 14 * DAY, LAST - 3 * DAY
    with reader.asking() as queries:
        contacts = read_contacts(queries, Window(since=since, until=until), 7)
    times: dict[str, list[datetime]] = defaultdict(list)
    for call in incoming(shop):
        if call.client_phone:
            times[call.client_phone].append(call.started_at)
    asked = [call for call in incoming(shop) if call.client_phone and since <= call.started_at < until]
    repeats = [c for c in asked if any(timedelta() < c.started_at - t <= 7 * DAY for t in times[c.client_phone or ""])]
    known = [c for c in asked if not is_missed(c) and c.started_at <= LAST - 7 * DAY]
    first = [c for c in known if not any(timedelta() < t - c.started_at <= 7 * DAY for t in times[c.client_phone or ""])]
    assert (contacts.calls, contacts.repeat_base, contacts.repeats) == (len(asked), len(asked), len(repeats))
    assert (contacts.first_base, contacts.first_enough) == (len(known), len(first))
    talks = [c for c in incoming(shop) if not is_missed(c) and c.account == "pbx" and since <= c.started_at < until]
    handed = [sum(leg.kind is LegKind.TRANSFER_BLIND for leg in c.legs) for c in talks]
    assert (contacts.transfer_base, contacts.transfers) == (len(talks), sum(handed))
    won = {o.number for o in shop.orders if o.outcome is Outcome.WON and (o.amount or 0) > 0 and since <= o.created_at < until}
    assert contacts.orders == len(won)
    assert contacts.order_calls == len(won)


def test_lines_with_sales_and_returns(shop: Shop, reader: StoreReader) -> None:
    """Orders of each line once, returns apart, by line, purpose, campaign and advertising source."""
    names = ((LINES[0].strip("+"), "Skates"), (LINES[1].strip("+"), "Skates"))
    with reader.asking() as queries:
        rows = read_lines(queries, HOURS, ALL, names)
    orders: dict[str, list[float]] = defaultdict(list)
    joined = {join.outcome_id: join.call_id for join in shop.joins}
    for order in shop.orders:
        if order.order_id in joined and order.outcome is Outcome.WON:
            orders[joined[order.order_id]].append(order.amount or 0.0)
    calls = incoming(shop)
    groups: dict[tuple[str, str | None], list[CallRecord]] = defaultdict(list)
    for call in calls:
        groups["line", call.line_phone].append(call)
        if call.line_phone in LINES[:2]:
            groups["site", "Skates"].append(call)
        if call.campaign:
            groups["campaign", call.campaign].append(call)
        if call.utm:
            groups["origin", "yandex"].append(call)
    assert {(row.kind, row.name) for row in rows} == set(groups)
    for row in rows:
        own = groups[row.kind, row.name]
        amounts = [amount for call in own for amount in orders[call.call_id]]
        sales = [amount for amount in amounts if amount > 0]
        assert (row.calls, row.answered) == (len(own), sum(not is_missed(call) for call in own))
        assert row.missed == sum(is_missed(call) and is_open(call.started_at) for call in own)
        assert (row.sales, row.revenue) == (len(sales), sum(sales))
        assert row.converted == sum(any(amount > 0 for amount in orders[call.call_id]) for call in own)
        assert (row.returns, row.returned) == (len(amounts) - len(sales), sum(a for a in amounts if a < 0))
        assert row.scored == 0


def talks(shop: Shop) -> dict[str | None, list[tuple[datetime, datetime, CallRecord, bool]]]:
    """Return the talks of each operator in order: start, end, the call, and whether it was handed over."""
    found: dict[str | None, list[tuple[datetime, datetime, CallRecord, bool]]] = defaultdict(list)
    for call in shop.calls:
        legs = [leg for leg in call.legs if leg.answered_at]
        for leg in legs:
            start, end = cast("datetime", leg.answered_at), cast("datetime", leg.ended_at)
            found[leg.operator_name].append((start, end, call, leg.kind is LegKind.TRANSFER_BLIND))
        if not legs and not is_missed(call):
            start, end = cast("datetime", call.answered_at), cast("datetime", call.ended_at)
            found[call.operator_name].append((start, end, call, False))
    return {name: sorted(rows, key=lambda row: row[:2]) for name, rows in found.items()}


def test_the_work_of_operators(shop: Shop, reader: StoreReader) -> None:
    """Talks, pauses up to the cap, pauses with a client waiting, several calls at once, and nobody known."""
    with reader.asking() as queries:
        loads = {load.person: load for load in read_operator_loads(queries, ALL, PAUSES)}
    expected = talks(shop)
    assert set(loads) == set(expected)
    for name, own in expected.items():
        load = loads[name]
        assert load.incoming == sum(call.direction is Direction.INBOUND and not handed for _, _, call, handed in own)
        assert load.outgoing == sum(call.direction is Direction.OUTBOUND and not handed for _, _, call, handed in own)
        assert load.taken_over == sum(handed for _, _, _, handed in own)
        assert load.talk_ms == pytest.approx(
            sum((end - start) / timedelta(milliseconds=1) for start, end, _, _ in own), abs=len(own)
        )
        if name is None:
            continue
        gaps, wraps, free = [], [], None
        for start, end, call, _ in own:
            if free is not None and start > free and start - free <= timedelta(seconds=120):
                gaps.append(start - free)
                if call.direction is Direction.INBOUND and call.started_at <= free:
                    wraps.append(start - free)
            free = end if free is None else max(free, end)
        assert (load.pauses, load.wraps) == (len(gaps), len(wraps))
        assert load.median_pause_ms == pytest.approx(statistics.median(gap / MS for gap in gaps), abs=1)


def test_time_at_the_phone_by_hour(shop: Shop, reader: StoreReader) -> None:
    """Busy and present time cut by the hours of the clock, across midnight and the change of clocks."""
    with reader.asking() as queries:
        found = read_operator_hours(queries, HOURS, ALL, PAUSES)
    by_name = talks(shop)
    for name in ("anna", "hanna"):
        own = [(start, end) for start, end, _, _ in by_name[name]]
        busy, stays = merge(own, timedelta()), merge(own, timedelta(hours=1))
        inner = [b[0] - a[1] for a, b in pairwise(busy) if timedelta() < b[0] - a[1] <= timedelta(hours=1)]
        pause = min(sum(inner, timedelta()) / len(inner), timedelta(minutes=30))
        present = [(start - pause, end + pause) for start, end in stays]
        times = {each.hour: (each.busy_ms, each.present_ms) for each in found if each.person == name}
        for kind, spans in enumerate((busy, present)):
            expected = cut(spans)
            for hour, (ms, tolerance) in expected.items():
                assert times[hour][kind] == pytest.approx(ms, abs=tolerance), (name, kind, hour)
        on_sundays = [(start, end) for start, end in present if start.astimezone(ZONE).isoweekday() == 7]
        left_out = sum(each.present_ms - each.present_work_ms for each in found if each.person == name)
        assert left_out > 0.9 * sum((end - start) / MS for start, end in on_sundays)


def merge(spans: Sequence[tuple[datetime, datetime]], gap: timedelta) -> list[tuple[datetime, datetime]]:
    """Return spans joined where they overlap or the pause is at most `gap`."""
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def cut(spans: Sequence[tuple[datetime, datetime]]) -> dict[int, tuple[float, float]]:
    """Return milliseconds by hour of the local clock within the window, and how far rounding may be off."""
    total: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for first, last in spans:
        start, end = max(first, FIRST.astimezone(UTC)), min(last, LAST.astimezone(UTC))
        while start < end:
            edge = min(end, start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
            cell = total[start.astimezone(ZONE).hour]
            cell[0] += (edge - start) / timedelta(milliseconds=1)
            cell[1] += 4
            start = edge
    return {hour: (ms, tolerance) for hour, (ms, tolerance) in total.items()}


def test_calls_by_hour_of_working_days(shop: Shop, reader: StoreReader) -> None:
    """Sums and squares over every working day, days without a call in that hour included."""
    with reader.asking() as queries:
        loads = read_hour_loads(queries, HOURS, ALL)
        patience = read_patience(queries, HOURS, ALL)
    days: list[date] = []
    day = FIRST.date()
    while day < LAST.date():
        if str(day.isoweekday()) in HOURS.work_days and day.isoformat() not in HOURS.days_off:
            days.append(day)
        day += DAY
    counts = Counter((c.started_at.astimezone(ZONE).date(), c.started_at.astimezone(ZONE).hour) for c in incoming(shop))
    for load in loads:
        own = [counts[day, load.hour] for day in days if load.weekday in (None, day.isoweekday())]
        assert (load.days, load.calls, load.square) == (len(own), sum(own), sum(n * n for n in own))
    waits = [(c.disposition, c.wait_ms) for c in incoming(shop) if is_open(c.started_at) and c.wait_ms is not None]
    assert patience.gave_up == sum(how is Disposition.ABANDONED for how, _ in waits)
    assert (patience.waited_ms, patience.calls) == (sum(ms for _, ms in waits), len(waits))


def test_levels_count_the_last_days(shop: Shop, reader: StoreReader) -> None:
    """Days before the end of what was read, and the weeks that are known of each line."""
    with reader.asking() as queries:
        levels = {(level.source, level.did): level for level in read_line_levels(queries, "Europe/Berlin")}
    for (source, did), level in levels.items():
        own = [c.started_at.astimezone(ZONE) for c in incoming(shop) if (c.account, c.line_phone) == (source, did)]
        ages = [LAST.replace(tzinfo=None) - at.replace(tzinfo=None) for at in own]
        assert level.days == dict(Counter((age - timedelta(milliseconds=1)) // DAY for age in ages)), did
        assert level.weeks == (2 if did == NEW_LINE else 7 if min(own) > FIRST else 8)
    assert 0 not in levels["pbx", SILENT_LINE].days
