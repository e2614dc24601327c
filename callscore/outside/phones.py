"""Phone numbers in all spellings -> E.164, the form in which calls and orders are compared."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from callscore.outside.rows import RowError, clean_text

__all__ = ["Phone", "parse_phone", "parse_phones", "phone_or_text"]

LONGEST_EXTENSION: Final = 6
MOST_DIGITS: Final = 15
_EXTENSION: Final = re.compile(
    r"\(?\s*(?:доб(?:авочный)?\.?|вн(?:утр)?\.?|ext\.?|#|,|;ext=)\s*([0-9]{1,6})\s*\)?\s*$", re.IGNORECASE
)
_FLOAT: Final = re.compile(r"(\d{10,15})[.,]0+")
_SCIENTIFIC: Final = re.compile(r"\s*\d(?:[.,]\d*)?[eEеЕ]\+?\d+\s*")
_RUSSIAN: Final = re.compile(r"(?:\+?7|8) ?\(?([0-9]{3})\)?[ -]?([0-9]{3})[ -]?([0-9]{2})[ -]?([0-9]{2})")
_SIP: Final = re.compile(r"^(?:sips?|tel):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phone:
    """What a text says: a number in E.164, an extension (also one behind a number), or neither."""

    e164: str | None
    extension: str | None = None


@functools.lru_cache(maxsize=65536)
def parse_phone(text: str | None, region: str = "RU") -> Phone:
    """Return the number in a text; service numbers, `anonymous` and the like give neither number nor extension.

    In Russia 11 digits from 8 are the trunk form of 7, 10 digits are a number without its country, and up to 6 digits are an
    extension.

    >>> parse_phone("8 (900) 000-01-01 доб. 12")
    Phone(e164='+79000000101', extension='12')

    Raises:
        RowError: for a number that a spreadsheet turned into 7,90000E+10: its digits are lost.
    """
    if text and (plain := _RUSSIAN.fullmatch(text)) and (text[0] != "8" or region in ("RU", "KZ")):
        return Phone(f"+7{''.join(plain.groups())}")  # what most rows hold; reading a million of them in full takes minutes
    raw = clean_text(text or "")
    if _SCIENTIFIC.fullmatch(raw):
        raise RowError("the phone number lost its digits in a spreadsheet (7,9E+10); make the column a text column there")
    raw = _SIP.sub("", raw).split("@")[0]
    if whole := _FLOAT.fullmatch(raw):
        raw = whole.group(1)
    found = _EXTENSION.search(raw)
    extension = found.group(1) if found else None
    raw = raw[: found.start()] if found else raw
    digits = re.sub(r"[^0-9]", "", raw)
    if len(digits) <= LONGEST_EXTENSION:
        own = digits if digits and re.fullmatch(r"[0-9\s()*#-]+", raw) else None
        return Phone(None, extension or own)
    if len(digits) > MOST_DIGITS:  # two numbers in one field: the first counts
        raw = re.split(r"[,;/|]", raw)[0]
    return Phone(_to_e164(raw, region), extension)


def parse_phones(texts: Iterable[str | None], region: str = "RU") -> tuple[str, ...]:
    """Return the numbers in fields that people fill in freely, in E.164, each once and in their order.

    >>> parse_phones(["8 900 000-01-01, +7 900 000-01-02 Мария", "позвонить позже"])
    ('+79000000101', '+79000000102')

    Raises:
        RowError: if a spreadsheet destroyed a number and there is no other.
    """
    import phonenumbers

    found: dict[str, None] = {}
    ruined: RowError | None = None
    for text in texts:
        raw = clean_text(text or "")
        try:
            matches = list(phonenumbers.PhoneNumberMatcher(raw, region, leniency=phonenumbers.Leniency.POSSIBLE))
            whole = parse_phone(raw, region).e164 if len(matches) < 2 else None
        except RowError as exc:
            ruined = exc
            continue
        e164 = phonenumbers.PhoneNumberFormat.E164
        numbers = [whole] if whole else [phonenumbers.format_number(match.number, e164) for match in matches]
        found.update(dict.fromkeys(numbers))
    if ruined is not None and not found:
        raise ruined
    return tuple(found)


def phone_or_text(text: str, region: str = "RU") -> str | None:
    """Return E.164 where the number can be parsed, else the text as written; None for an empty one."""
    try:
        return parse_phone(text, region).e164 or text or None
    except RowError:
        return text


def _to_e164(raw: str, region: str) -> str | None:
    """Return the first reading of a number that can be one: as written, then as people and PBXs shorten it."""
    digits = re.sub(r"[^0-9]", "", raw)
    spellings = []
    if len(digits) == 11 and (digits[0] == "7" or (digits[0] == "8" and region in ("RU", "KZ"))):
        # "+8 900 ..." is meant as 8 900, but +81 and +852 are countries.
        spellings += [f"+{digits}"] if raw.startswith("+8") and _parse(f"+{digits}", None, is_strict=True) else []
        spellings.append(f"+7{digits[1:]}")
    elif raw.startswith("+"):
        spellings.append(f"+{digits}")
    elif digits.startswith("00"):
        spellings += [f"+{digits[2:]}", raw]
    else:
        spellings.append(raw)
    found = next((number for text in spellings if (number := _parse(text, region))), None)
    # Many PBXs write foreign numbers without their plus.
    return found or (_parse(f"+{digits}", None, is_strict=True) if len(digits) > 10 else None)


def _parse(text: str, region: str | None, *, is_strict: bool = False) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    fits = phonenumbers.is_valid_number(number) if is_strict else phonenumbers.is_possible_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if fits else None
