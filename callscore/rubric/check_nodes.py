"""YAML nodes -> the records of checks and conditions; every wrong shape is a RubricError with file and line."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from callscore.records import SCORED_DIRECTIONS, CallMetrics, Direction, Role, Verdict
from callscore.rubric.nodes import Node
from callscore.rubric.phrase_files import PhraseLibrary
from callscore.rubric.schema import (
    Absence,
    AllOf,
    AnyOf,
    Check,
    Condition,
    EventCheck,
    EventKind,
    Exchange,
    Flag,
    Judge,
    Manual,
    Metric,
    Name,
    NameOf,
    Not,
    Phrase,
    Said,
    Sequence,
    Steps,
    Title,
    Unclear,
    Window,
)

__all__ = [
    "ANYONE",
    "MAX_CONTEXT",
    "MAX_SECONDS",
    "MAX_TURNS",
    "METRICS",
    "WINDOW_KEYS",
    "CheckReader",
    "asks_judge",
    "parts_of",
    "read_title",
    "rests_on_judge",
]

ANYONE: Final = "anyone"
WINDOW_KEYS: Final = ("first_turns", "last_turns", "first_s", "last_s", "until_client_turn", "before", "after")
METRICS: Final = tuple(item.name for item in dataclasses.fields(CallMetrics))
MAX_TURNS: Final = 1000
MAX_SECONDS: Final = 36_000
MAX_CONTEXT: Final = 10
_NO_METRIC_LIMIT: Final = 1e9


def read_title(node: Node, what: str) -> Title:
    """Read `{ru: ..., en: ...}`."""
    known = node.fields(what, ("ru", "en"), ("ru", "en"))
    return Title(known["ru"].text(f"{what}, ru"), known["en"].text(f"{what}, en"))


def rests_on_judge(check: Check) -> bool:
    """Tell whether nothing but a language model could decide the check; a question to a person decides nothing either."""
    return asks_judge(check) and all(isinstance(part, Judge | Manual) for part in parts_of(check))


def asks_judge(check: Check) -> bool:
    """Tell whether a language model has a part in the check."""
    return any(isinstance(part, Judge) for part in parts_of(check))


def parts_of(check: Check) -> Iterator[Check]:
    """Yield what a check consists of, without any_of, all_of and not."""
    match check:
        case AnyOf() | AllOf():
            for inner in check.checks:
                yield from parts_of(inner)
        case Not():
            yield from parts_of(check.check)
        case _:
            yield check


@dataclass(slots=True)
class CheckReader:
    """Reads checks of one file; knows the phrase sets of its language and the call types."""

    library: PhraseLibrary
    call_types: Mapping[str, str]
    """Every id and alias of a call type to its id."""

    def check(self, node: Node) -> Check:
        """Read a mapping with exactly one key, the kind of check."""
        kinds: dict[str, Callable[[Node], Check]] = {
            "phrase": self._phrase,
            "absence": self._absence,
            "exchange": self._exchange,
            "sequence": self._sequence,
            "metric": self._metric,
            "event": self._event,
            "name": self._name,
            "manual": self._manual,
            "judge": self._judge,
            "any_of": lambda inner: AnyOf(checks=self._several(inner, "any_of")),
            "all_of": lambda inner: AllOf(checks=self._several(inner, "all_of")),
            "not": lambda inner: Not(check=self.check(inner)),
        }
        known = node.fields("a check", kinds)
        if len(known) != 1:
            raise node.error(f"a check needs exactly one kind, {len(known)} given", "combine several with any_of or all_of")
        kind, inner = next(iter(known.items()))
        return kinds[kind](inner)

    def _several(self, node: Node, what: str) -> tuple[Check, ...]:
        checks = tuple(self.check(item) for item in node.items(what))
        if not checks:
            raise node.error(f"{what} must hold at least one check")
        return checks

    def said(self, node: Node, extra: tuple[str, ...] = ()) -> Said:
        """Read `by`, `any`, `except` and `within`; `extra` keys are the caller's."""
        known = node.fields("what is said", ("by", "any", "except", "within", "question", *extra), ("by", "any"))
        phrases, source = self.library.resolve(known["any"], known.get("except"))
        return Said(
            roles=read_roles(known["by"]),
            phrases=phrases,
            source=source,
            window=read_window(known["within"]) if "within" in known else Window(),
            is_question=known["question"].flag("question") if "question" in known else False,
            where=node.where,
        )

    def _phrase(self, node: Node) -> Phrase:
        known = node.fields("phrase", ("by", "any", "all", "except", "within", "question"), ("by",))
        if ("any" in known) == ("all" in known):
            raise node.error("a phrase check needs either 'any' or 'all'")
        if "any" in known:
            return Phrase(parts=(self.said(node),))
        if "question" in known:
            raise known["question"].error("question goes with 'any', not with 'all'")
        roles = read_roles(known["by"])
        window = read_window(known["within"]) if "within" in known else Window()
        parts = []
        for item in known["all"].items("all"):
            phrases, source = self.library.resolve(item, known.get("except"))
            parts.append(Said(roles=roles, phrases=phrases, source=source, window=window, where=item.where))
        if not parts:
            raise known["all"].error("all must hold at least one phrase or list of phrases")
        return Phrase(parts=tuple(parts))

    def _absence(self, node: Node) -> Absence:
        return Absence(said=self.said(node))

    def _exchange(self, node: Node) -> Exchange:
        known = node.fields("exchange", ("when", "then", "every", "missing", "echo", "unclear"), ("when", "then"))
        then = known["then"].fields("then", ("by", "any", "except", "within_turns"), ("within_turns",))
        phrases, source = self.library.resolve(then["any"], then.get("except")) if "any" in then else (None, ())
        if phrases is None or "by" not in then:
            raise known["then"].error("then lacks the keys 'by' and 'any'")
        missing = known["missing"].choice("missing", ("na", "fail", "pass")) if "missing" in known else "na"
        return Exchange(
            when=self.said(known["when"]),
            then=Said(roles=read_roles(then["by"]), phrases=phrases, source=source, where=known["then"].where),
            within_turns=then["within_turns"].whole("within_turns", 1, MAX_TURNS),
            every=known["every"].flag("every") if "every" in known else True,
            missing=Verdict(missing),
            echo=known["echo"].flag("echo") if "echo" in known else False,
            unclear=self._unclear(known["unclear"]) if "unclear" in known else None,
        )

    def _unclear(self, node: Node) -> Unclear:
        known = node.fields("unclear", ("words", "except"), ("words", "except"))
        return Unclear(words=known["words"].whole("words", 1, MAX_TURNS), brush_off=self.library.resolve(known["except"])[0])

    def _sequence(self, node: Node) -> Check:
        known = node.fields("sequence", ("around", "before", "after", "turns", "steps"))
        if "steps" in known:
            if len(known) > 1:
                raise node.error("a sequence of 'steps' takes no other key")
            steps = tuple(self.said(item) for item in known["steps"].items("steps"))
            if len(steps) < 2:
                raise known["steps"].error("steps must hold at least two")
            return Steps(steps=steps)
        if "around" not in known or not {"before", "after"} & set(known):
            raise node.error("a sequence needs 'steps', or 'around' with 'before' or 'after'")
        return Sequence(
            around=EventKind(known["around"].choice("around", EventKind)),
            before=self.said(known["before"]) if "before" in known else None,
            after=self.said(known["after"]) if "after" in known else None,
            turns=known["turns"].whole("turns", 1, MAX_TURNS) if "turns" in known else 2,
        )

    def _metric(self, node: Node) -> Metric:
        known = node.fields("metric", ("name", "at_least", "below", "grey"), ("name",))
        limits = {key: known[key].number(key, 0, _NO_METRIC_LIMIT) for key in ("at_least", "below", "grey") if key in known}
        if not {"at_least", "below"} & set(limits):
            raise node.error("a metric needs 'at_least' or 'below'")
        if limits.get("at_least", 0) >= limits.get("below", _NO_METRIC_LIMIT):
            raise node.error("at_least must be lower than below, or nothing can pass")
        return Metric(
            name=known["name"].choice("name", METRICS),
            at_least=limits.get("at_least"),
            below=limits.get("below"),
            grey=limits.get("grey", 0.0),
        )

    def _event(self, node: Node) -> EventCheck:
        known = node.fields("event", ("kind", "at_least", "at_most"), ("kind",))
        if not {"at_least", "at_most"} & set(known):
            raise node.error("an event check needs 'at_least' or 'at_most'")
        return EventCheck(
            kind=EventKind(known["kind"].choice("kind", EventKind)),
            at_least=known["at_least"].whole("at_least", 0, MAX_TURNS) if "at_least" in known else 0,
            at_most=known["at_most"].whole("at_most", 0, MAX_TURNS) if "at_most" in known else None,
        )

    def _name(self, node: Node) -> Name:
        known = node.fields("name", ("of", "frames", "fillers", "within"), ("of",))
        return Name(
            of=NameOf(known["of"].choice("of", NameOf)),
            frames=self.library.resolve(known["frames"])[0] if "frames" in known else None,
            fillers=self.library.resolve(known["fillers"])[0] if "fillers" in known else None,
            window=read_window(known["within"]) if "within" in known else Window(),
        )

    def _manual(self, node: Node) -> Manual:
        known = node.fields("manual", ("question",), ("question",))
        return Manual(question=read_title(known["question"], "question"))

    def _judge(self, node: Node) -> Judge:
        known = node.fields("judge", ("question", "by", "within", "context_turns", "missing"), ("question", "by"))
        missing = known["missing"].choice("missing", ("na", "unsure")) if "missing" in known else "unsure"
        return Judge(
            question=read_title(known["question"], "question"),
            roles=read_roles(known["by"]),
            window=read_window(known["within"]) if "within" in known else Window(),
            context_turns=known["context_turns"].whole("context_turns", 0, MAX_CONTEXT) if "context_turns" in known else 0,
            missing=Verdict(missing),
        )

    def condition(self, node: Node) -> Condition:
        """Read `applies_when`."""
        known = node.fields("applies_when", ("call_type", "direction", "event", "flag", "said", "not"))
        if not known:
            raise node.error("applies_when must name at least one condition")
        return Condition(
            call_types=self.types(known["call_type"]) if "call_type" in known else (),
            direction=Direction(known["direction"].choice("direction", SCORED_DIRECTIONS)) if "direction" in known else None,
            event=EventKind(known["event"].choice("event", EventKind)) if "event" in known else None,
            flag=Flag(known["flag"].choice("flag", Flag)) if "flag" in known else None,
            said=self.said(known["said"]) if "said" in known else None,
            unless=tuple(self.condition(item) for item in known["not"].one_or_more("not")) if "not" in known else (),
            where=node.where,
        )

    def types(self, node: Node) -> tuple[str, ...]:
        """Read one or several call types, by id or alias."""
        return tuple(self.call_types[item.choice("call type", self.call_types)] for item in node.one_or_more("call types"))


def read_roles(node: Node) -> tuple[Role, ...]:
    """Read one or several of operator, client, system, anyone."""
    names = [item.choice("by", (*Role, ANYONE)) for item in node.one_or_more("by")]
    if not names:
        raise node.error("by must name at least one role")
    return tuple(Role) if ANYONE in names else tuple(dict.fromkeys(Role(name) for name in names))


def read_window(node: Node) -> Window:
    """Read `within`; seconds become milliseconds."""
    known = node.fields("within", WINDOW_KEYS)
    if not known:
        raise node.error("within must name at least one limit")
    if {"first_turns", "last_turns"} <= set(known) or {"first_s", "last_s"} <= set(known):
        raise node.error("a window is counted from the beginning or from the end, not from both")
    turns = {
        key: known[key].whole(key, 1, MAX_TURNS) for key in ("first_turns", "last_turns", "until_client_turn") if key in known
    }
    seconds = {key: round(1000 * known[key].number(key, 0.1, MAX_SECONDS)) for key in ("first_s", "last_s") if key in known}
    events = {key: EventKind(known[key].choice(key, EventKind)) for key in ("before", "after") if key in known}
    return Window(
        first_turns=turns.get("first_turns"),
        last_turns=turns.get("last_turns"),
        first_ms=seconds.get("first_s"),
        last_ms=seconds.get("last_s"),
        until_client_turn=turns.get("until_client_turn"),
        before=events.get("before"),
        after=events.get("after"),
    )
