"""Adds phrases to a set in the text of a phrase file, so that comments, order and layout stay as a person wrote them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import yaml

from callscore.errors import RubricError

__all__ = ["add_phrases"]

_WIDE: Final = 1_000_000


def add_phrases(text: str, set_id: str, phrases: Sequence[str], where: str = "") -> str:
    r"""Return the text of a phrase file with phrases added at the end of a set's list.

    Each is quoted by the YAML library, whatever signs it holds; the result is read back and must differ by these phrases alone.

    >>> print(add_phrases("sets:\n  hi:\n    phrases:\n    - привет  # short\n    except: [ну]\n", "hi", ["я: рад"]))
    sets:
      hi:
        phrases:
        - привет  # short
        - 'я: рад'
        except: [ну]
    <BLANKLINE>

    Raises:
        RubricError: if the file has no such set, or its list is written in a way that cannot be added to.
    """
    items = _phrase_nodes(text, set_id, where)
    last = items[-1]
    quoted = [_quoted(phrase) for phrase in phrases]
    if items[0].is_flow:
        at = last.node.end_mark.index
        new = text[:at] + "".join(f", {phrase}" for phrase in quoted) + text[at:]
    else:
        end = text.find("\n", last.node.end_mark.index - (1 if _is_block_text(last.node) else 0))
        at = len(text) if end < 0 else end + 1
        head = text[:at] if text[:at].endswith("\n") else text[:at] + "\n"
        new = head + "".join(f"{items[0].indent}- {phrase}\n" for phrase in quoted) + text[at:]
    _check(text, new, set_id, phrases, where)
    return new


class _Item:
    """A phrase of a set in the tree of the file."""

    def __init__(self, node: yaml.ScalarNode, sequence: yaml.SequenceNode) -> None:
        self.node = node
        self.is_flow = bool(sequence.flow_style)
        self.indent = " " * sequence.start_mark.column


def _phrase_nodes(text: str, set_id: str, where: str) -> list[_Item]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as exc:
        raise RubricError("the file is no YAML", where=where) from exc
    node = root
    for key in ("sets", set_id, "phrases"):
        node = _value(node, key)
        if node is None:
            raise RubricError(f"there is no list of phrases of the set '{set_id}'", where=where)
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise RubricError(f"the phrases of the set '{set_id}' are no list", where=where)
    if not all(isinstance(item, yaml.ScalarNode) for item in node.value):
        raise RubricError(f"the set '{set_id}' holds something else than phrases", where=where)
    return [_Item(item, node) for item in node.value]


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _is_block_text(node: yaml.ScalarNode) -> bool:
    """Tell whether a text is written as a block (| or >), whose end is the beginning of the next line."""
    return node.style in ("|", ">")


def _quoted(phrase: str) -> str:
    written: str = yaml.safe_dump(phrase, default_style="'", allow_unicode=True, width=_WIDE)
    return written.strip()


def _check(old: str, new: str, set_id: str, phrases: Sequence[str], where: str) -> None:
    """Read both texts and see that nothing but the phrases was added."""
    wanted, found = yaml.safe_load(old), yaml.safe_load(new)
    wanted["sets"][set_id]["phrases"] = [*wanted["sets"][set_id]["phrases"], *phrases]
    if wanted != found:
        raise RubricError(
            f"phrases cannot be added to the set '{set_id}' as it is written",
            where=where,
            hint="write its phrases one per line after a dash",
        )
