"""Whether an ONNX model knows a language: as its makers say, by its language tokens, else by the letters of its vocabulary."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Final

from callscore.transcribe.onnx_folder import OnnxModel

__all__ = ["OnnxLanguages"]

# Letters without which a language cannot be written; ё is spared, for several models write е.
_LATIN: Final = "abcdefghijklmnoprstuvz"
_ALPHABETS: Final = {
    "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "uk": "абвгдежзийклмнопрстуфхцчшщьюяєії",
    "be": "абвгдежзйклмнопрстуфхцчшыьэюяіў",
    "kk": "абвгдежзийклмнопрстуфхцчшыьәғқңөұүһі",
    "ky": "абвгдежзийклмнопрстуфхцчшыьэюяңөү",
    "uz": _LATIN + "qxy",
    "en": _LATIN + "qwxy",
    "de": _LATIN + "wäöü",
    "fr": _LATIN + "qxéèàç",
    "es": _LATIN + "qyñáéíóú",
    "it": _LATIN + "qàèìòù",
    "pt": _LATIN + "qãçéó",
    "pl": _LATIN + "wyąćęłńśż",
}
_VOCABULARIES: Final = re.compile(r"(?:.*/)?(?:[\w-]*vocab\.txt|tokens\.txt|vocab\.json|added_tokens\.json)")


class OnnxLanguages:
    """The languages of a model in a folder; its vocabulary is read at the first question that needs it."""

    def __init__(self, folder: Path, model: OnnxModel) -> None:
        self._folder = folder
        self._model = model

    def __contains__(self, language: str) -> bool:
        """Tell whether the model can be asked to write `language`, an ISO 639-1 code."""
        if self._model.traits.languages:
            return language in self._model.traits.languages
        if "<|en|>" in self._vocabulary:
            return f"<|{language}|>" in self._vocabulary
        return language in _ALPHABETS and set(_ALPHABETS[language]) <= set(self._vocabulary.lower())

    @cached_property
    def _vocabulary(self) -> str:
        files = (self._folder / name for name in self._model.files if _VOCABULARIES.fullmatch(name))
        return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
