"""Which calls lead to which orders: the rule, its limits, and what always holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callscore.joining import Certainty, Joined, JoinOptions, Rule, join_orders
from callscore.store.feeds import JoinableCall, JoinableOrder

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANNA, BORIS = "+79000000101", "+79000000102"


def call(name: str, hours: float, phone: str | None = ANNA, *others: str) -> JoinableCall:
    """Return a call that began so many hours after noon."""
    at = NOON + timedelta(hours=hours)
    return JoinableCall(source="pbx", pbx_call_id=name, call_id=name, ids=(name, *others), started_at=at, client_phone=phone)


def order(name: str, hours: float, *phones: str, closed: float | None = None, call_ids: tuple[str, ...] = ()) -> JoinableOrder:
    """Return an order that was made so many hours after noon."""
    return JoinableOrder(
        outcome_id=name,
        created_at=NOON + timedelta(hours=hours),
        closed_at=None if closed is None else NOON + timedelta(hours=closed),
        phones=phones,
        call_ids=call_ids,
    )


def told(joined: Joined) -> list[tuple[str, str, str]]:
    """Return call, rule and certainty of an order's calls."""
    return [(found.call.call_id, found.rule, found.certainty) for found in joined.calls]


def join(orders: list[JoinableOrder], calls: list[JoinableCall], days: int = 14) -> dict[str, Joined]:
    """Return what joining gives by order."""
    return {joined.outcome_id: joined for joined in join_orders(orders, calls, JoinOptions(days=days))}


def test_the_nearest_call_before_an_order_led_to_it() -> None:
    """Of several calls the last before the order counts first; the others are possible."""
    joined = join([order("o", 0, ANNA)], [call("old", -48), call("new", -1), call("other", -0.5, BORIS)])
    assert told(joined["o"]) == [("new", "phone_before", "likely"), ("old", "phone_before", "possible")]
    assert joined["o"].calls[0].gap == timedelta(hours=1)


def test_an_id_in_the_crm_counts_before_any_number() -> None:
    """What the CRM itself says is certain, whatever the phones are; linked ids count too."""
    joined = join([order("o", 0, BORIS, call_ids=("talk-7",))], [call("x", -1, ANNA, "talk-7"), call("y", -0.5, BORIS)])
    assert told(joined["o"]) == [("x", "call_id", "certain"), ("y", "phone_before", "possible")]


def test_each_call_leads_to_the_next_order_only() -> None:
    """Two orders of a client share no call: each has what came between it and the order before."""
    joined = join([order("first", 0, ANNA, closed=1), order("second", 48, ANNA)], [call("a", -1), call("b", 47)])
    assert [told(joined[name])[0][0] for name in ("first", "second")] == ["a", "b"]
    assert [len(joined[name].calls) for name in ("first", "second")] == [1, 1]


def test_a_call_between_creation_and_closing_belongs_to_the_order() -> None:
    """A confirmation after the order is its call, but did not lead to it: possible, and after those before."""
    joined = join([order("o", 0, ANNA, closed=72)], [call("confirm", 24), call("ask", -3), call("late", 73)])
    assert told(joined["o"]) == [("ask", "phone_before", "likely"), ("confirm", "phone_after", "possible")]


def test_an_order_made_just_before_the_call_began_still_counts() -> None:
    """Clocks of systems differ by minutes."""
    assert told(join([order("o", -0.1, ANNA)], [call("c", 0)])["o"]) == [("c", "phone_before", "likely")]


def test_old_calls_do_not_count() -> None:
    """Beyond the window a call led to nothing, and the order says that there is none."""
    joined = join([order("o", 0, ANNA)], [call("c", -24 * 15)])
    assert joined["o"] == Joined(outcome_id="o", calls=(), reason=Rule.NO_CALL)


def test_why_there_is_no_call_is_told() -> None:
    """No phone, no call, and a call that another order of the client has, are different things."""
    joined = join([order("none", 0), order("a", -1, ANNA), order("b", 0, ANNA)], [call("c", -2)])
    assert joined["none"].reason is Rule.NO_PHONE
    assert joined["a"].reason is None
    assert joined["b"].reason is Rule.OTHER_ORDER


def test_ten_digits_are_a_fallback_that_says_so() -> None:
    """A number that was stored without its country is compared by its last ten digits, with less certainty."""
    joined = join([order("o", 0, "89000000101")], [call("c", -1)])
    assert told(joined["o"]) == [("c", "digits_before", "possible")]


PHONES = st.sampled_from([ANNA, BORIS, "+74950000001", None])
HOURS = st.integers(-500, 500).map(lambda half: half / 2)


@given(
    calls=st.lists(st.tuples(HOURS, PHONES), max_size=12),
    orders=st.lists(st.tuples(HOURS, PHONES, st.none() | st.integers(0, 200)), max_size=8),
)
def test_no_call_leads_to_two_orders(
    calls: list[tuple[float, str | None]], orders: list[tuple[float, str | None, int | None]]
) -> None:
    """Whatever the times: a call is counted once, with its client's order, in the window; each order has calls or a reason."""
    made = [
        order(f"o{n}", at, *([phone] if phone else []), closed=None if length is None else at + length)
        for n, (at, phone, length) in enumerate(orders)
    ]
    rang = [call(f"c{n}", at, phone) for n, (at, phone) in enumerate(calls)]
    joined = join_orders(made, rang, JoinOptions())
    counted = [found.call.call_id for item in joined for found in item.calls]
    assert len(counted) == len(set(counted))
    assert [item.outcome_id for item in joined] == [item.outcome_id for item in made]
    for item, source in zip(joined, made, strict=True):
        assert (item.reason is None) == bool(item.calls)
        for place, found in enumerate(item.calls):
            assert found.call.client_phone in source.phones
            assert found.gap <= timedelta(days=14)
            assert place == 0 or found.certainty is Certainty.POSSIBLE


@given(st.lists(st.tuples(HOURS, PHONES), max_size=10), st.randoms())
def test_the_order_of_calls_does_not_matter(calls: list[tuple[float, str | None]], random: object) -> None:
    """Sources are read in any order."""
    rang = [call(f"c{n}", at, phone) for n, (at, phone) in enumerate(calls)]
    mixed = list(rang)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    made = [order("a", 0, ANNA, closed=24), order("b", 48, ANNA), order("c", 3, BORIS)]
    assert join_orders(made, rang, JoinOptions()) == join_orders(made, mixed, JoinOptions())
