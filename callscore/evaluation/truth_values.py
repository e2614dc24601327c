"""The values of a file of labelled calls: names, verdicts and turns, each checked with its place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from callscore.errors import ConfigError, nearest
from callscore.evaluation.truth import TruthTurn
from callscore.records import Role, Verdict
from callscore.units import Span

__all__ = ["Spot", "call_type_of", "key_of", "label_of", "labels_of", "turns_of"]

# The Russian words are those by which callscore's own reports call the verdicts.
VERDICTS: Final[Mapping[str, Verdict]] = {
    **dict.fromkeys(("pass", "да"), Verdict.PASS),
    **dict.fromkeys(("fail", "нет"), Verdict.FAIL),
    **dict.fromkeys(("na", "n/a", "не было повода"), Verdict.NA),
}
# No recording is longer than a day; a larger number is milliseconds or damage.
LONGEST_S: Final = 86_400.0
MAX_NAME: Final = 1000
_KINDS: Final = ("speech", "hold", "ring", "silence", "music", "noise")
_SIDES: Final = (Role.OPERATOR, Role.CLIENT)
_PROMPTS: Final = ("ivr", "system")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file, for messages."""

    where: str

    def error(self, message: str, hint: str = "") -> ConfigError:
        """Return (not raise) an error that points here."""
        return ConfigError(message, where=self.where, hint=hint)

    def below(self, part: str) -> Spot:
        """Return a place inside this one."""
        return Spot(f"{self.where}: {part}")


def key_of(row: Mapping[str, Any], spot: Spot) -> tuple[str | None, str | None]:
    """Return call id and file; `id` is another name of `call_id`."""
    call_id = _name(row, "call_id", spot) or _name(row, "id", spot)
    file = _name(row, "file", spot)
    if not call_id and not file:
        raise spot.error("it names no call", hint="it needs file or call_id")
    return call_id, file


def labels_of(row: Mapping[str, Any], spot: Spot) -> dict[str, Verdict]:
    """Return the labels of a whole call; none where the key is missing."""
    labels = row.get("labels", {})
    if not isinstance(labels, dict):
        raise spot.error("labels must be an object of criteria and verdicts", hint='{"greeting": "pass"}')
    found: dict[str, Verdict] = {}
    for name, text in labels.items():
        verdict = _verdict(text, name, spot)
        if not name.strip() or verdict is None:
            raise spot.error(f"the label of criterion {name!r} is empty")
        found[name] = verdict
    return found


def label_of(row: Mapping[str, Any], spot: Spot) -> tuple[str, Verdict | None]:
    """Return the criterion and the verdict (None: not filled in) of a row that is one label."""
    name = _name(row, "criterion", spot)
    if name is None:
        raise spot.error("the row names no criterion")
    return name, _verdict(row.get("verdict", ""), name, spot)


def call_type_of(row: Mapping[str, Any], spot: Spot) -> str | None:
    """Return the labelled call type, None where there is none."""
    return _name(row, "type", spot)


def turns_of(row: Mapping[str, Any], spot: Spot) -> tuple[TruthTurn, ...] | None:
    """Return the turns with speech in order of start; None where the call has no list of turns."""
    turns = row.get("turns")
    if turns is None:
        return None
    if not isinstance(turns, list):
        raise spot.error("turns must be a list")
    found = [_turn(turn, spot.below(f"turn {number}")) for number, turn in enumerate(turns, 1)]
    return tuple(sorted((turn for turn in found if turn is not None), key=lambda turn: turn.span.start_ms))


def _turn(turn: Any, spot: Spot) -> TruthTurn | None:
    if not isinstance(turn, dict):
        raise spot.error("a turn must be an object")
    kind = turn.get("kind", "speech")
    if kind not in _KINDS:
        raise spot.error(f"unknown kind of turn {kind!r}", hint=f"one of: {', '.join(_KINDS)}")
    span = Span(_ms(turn, "start", spot), _ms(turn, "end", spot))
    if kind != "speech":
        return None
    text = turn.get("text")
    if not isinstance(text, str):
        raise spot.error("a turn of speech needs a text")
    role, side = _sides(turn, spot)
    return TruthTurn(span=span, role=role, side=side, text=text)


def _sides(turn: Mapping[str, Any], spot: Spot) -> tuple[Role, Role]:
    """Return whose time a turn is, and to whom its words count: a prompt's to the side on whose channel it plays."""
    named = [turn.get(key) for key in ("channel", "role", "speaker")]
    texts = [name.lower() for name in named if isinstance(name, str)]
    sides = [side for text in texts for side in _SIDES if text.startswith(side.value)]
    is_prompt = any(text in _PROMPTS for text in texts)
    if not sides and not is_prompt:
        raise spot.error("the turn does not say who speaks", hint="channel, role or speaker: operator or client")
    side = sides[0] if sides else Role.OPERATOR
    return (Role.SYSTEM if is_prompt else side), side


def _ms(turn: Mapping[str, Any], key: str, spot: Spot) -> int:
    value = turn.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise spot.error(f"{key} must be a number of seconds")
    if not 0 <= value <= LONGEST_S:
        raise spot.error(f"{key} must be seconds from the start of the call, 0..{LONGEST_S:.0f}")
    if key == "end" and value < turn["start"]:
        raise spot.error("the turn ends before it starts")
    return round(value * 1000)


def _verdict(text: Any, criterion: str, spot: Spot) -> Verdict | None:
    value = text.strip().lower() if isinstance(text, str) else text
    if value in ("", None):
        return None
    if not isinstance(value, str) or value not in VERDICTS:
        like = nearest(value, VERDICTS) if isinstance(value, str) else ""
        raise spot.error(
            f"the label of criterion {criterion!r} is {text!r}, it must be pass, fail or na",
            hint=f"did you mean {like!r}?" if like else "",
        )
    return VERDICTS[value]


def _name(row: Mapping[str, Any], key: str, spot: Spot) -> str | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # an id of digits, as a program writes it
    if not isinstance(value, str) or len(value) > MAX_NAME:
        raise spot.error(f"{key} must be a text")
    return value.strip() or None
