"""The table of a source in callscore.toml: every mistake is named, and no value that may be a secret is repeated."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from callscore.connectors import CONNECTORS
from callscore.errors import ConfigError
from callscore.outside.secret import Secret
from callscore.outside.settings import ConnectorSettings, common_options, example_section, need, read_settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(ConnectorSettings):
    """One field of each type."""

    key: Secret = need("env:SAMPLE_KEY", "the key")
    folder: Path | None = setting(None, "a folder", example="/var/calls")
    hours: float = setting(1.0, "hours")
    names: tuple[str, ...] = setting((), "names")
    is_old: bool = setting(False, "an old system")


def read(text: str) -> Sample:
    """Return the settings in a TOML table."""
    return read_settings(Sample, tomllib.loads(text), Path("/work"), "callscore.toml:3")


def test_values_are_converted_and_paths_start_at_the_workspace() -> None:
    """A whole number does for hours; an empty text means that there is none."""
    found = read('key = "env:A_KEY"\nfolder = "rec"\nhours = 2\nnames = ["a", "b"]\nis_old = true\noverlap_days = 3')
    assert (found.key, found.folder, found.hours) == (Secret("env:A_KEY"), Path("/work/rec"), 2.0)
    assert (found.names, found.is_old, found.overlap_days, found.timezone) == (("a", "b"), True, 3, "")
    assert read('key = "env:A_KEY"\nfolder = ""').folder is None


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('kye = "env:A"', "unknown option 'kye'", "did you mean key?"),
        ("hours = 1", "key is missing", 'key = "env:SAMPLE_KEY"  # the key'),
        ('key = "env:A"\nhours = "two"', "must be a number", ""),
        ('key = "env:A"\nnames = "a"', "must be a list of texts", ""),
        ('key = "env:A"\nis_old = 1', "must be true or false", ""),
        ('key = "env:A"\nfirst_days = true', "must be a whole number", ""),
        ('key = "my-real-password"', "a secret is not written here", ""),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, message: str, hint: str) -> None:
    """Section and key are told; the value is not."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert message in caught.value.message
    assert caught.value.where.startswith("callscore.toml:3")
    assert caught.value.hint.startswith(hint)
    assert "password" not in f"{caught.value.message}{caught.value.where}{caught.value.hint}"


def test_a_section_to_fill_in_shows_what_must_be_set_first() -> None:
    """Each line is a comment that becomes a setting when its # is taken away."""
    assert example_section(Sample, "sample", "A sample").splitlines() == [
        "# A sample",
        "# [sources.sample]",
        '# kind = "sample"',
        '# key = "env:SAMPLE_KEY"                   # the key',
        '# folder = "/var/calls"                    # a folder',
        "# hours = 1.0                              # hours",
        "# names = []                               # names",
        "# is_old = false                           # an old system",
    ]
    assert '# timezone = ""' in common_options()


@pytest.mark.parametrize("kind", CONNECTORS)
def test_the_section_of_every_kind_can_be_used(kind: str) -> None:
    """What `callscore init` writes is understood once the comment signs are gone."""
    connector = CONNECTORS[kind]
    text = re.sub(r"^# (?=\[|\w+ = )", "", example_section(connector.settings, kind, connector.title), flags=re.MULTILINE)
    table = tomllib.loads(text)["sources"][kind]
    assert table.pop("kind") == kind
    read_settings(connector.settings, table, Path("/work"), kind)
