"""Hard recordings: what find_legs makes of bleed, empty and mixed legs, bad levels and headers. No recognition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from callscore.audio import AudioLimits, Decoded, decode_channels, probe_audio
from callscore.legs import Legs, find_legs, has_long_pauses, takes_turns
from callscore.records import Diarization, Layout, MonoAudio, Provenance, SpeakerSpan, VoiceActivity
from callscore.units import Span, covered_ms
from callscore.vad import VadOptions, VoiceDetector
from tests.audio.signals import Samples, pause, tone, white_noise, write


@pytest.fixture(scope="module")
def detector() -> VoiceDetector:
    """The real detector."""
    return VoiceDetector(VadOptions())


@pytest.fixture(scope="module")
def call(shared_dir: Path) -> tuple[Samples, Samples]:
    """Return the two legs of a labelled call of 57 s, operator left."""
    path = shared_dir / "calls" / "d012.wav"
    left, right = decode_channels(path, probe_audio(path, AudioLimits()), limits=AudioLimits()).channels
    return left.samples.astype(np.float64), right.samples.astype(np.float64)


def legs(detector: VoiceDetector, *channels: Samples, rate_hz: int = 8000) -> Legs:
    """Return what is to be heard of channels at 16 kHz whose file was at `rate_hz`."""
    audio = tuple(MonoAudio(samples=c.astype(np.float32), rate_hz=16_000, channel=n) for n, c in enumerate(channels))
    return find_legs(Decoded(channels=audio, notes=()), rate_hz, detector, "c")


def speech_ms(found: Legs) -> list[int]:
    """Return the length of each channel's speech."""
    return [covered_ms(channel.activity.speech) for channel in found.channels]


def test_a_good_call_has_no_notes(call: tuple[Samples, Samples], detector: VoiceDetector) -> None:
    """Two legs apart are two legs, and there is nothing to say about them."""
    found = legs(detector, *call)
    assert (found.layout, found.notes) == (Layout.STEREO, ())


def test_bleed_is_noted_and_muted(call: tuple[Samples, Samples], detector: VoiceDetector) -> None:
    """The other's voice is neither in the speech of the leg nor in its sound any more."""
    left, right = call
    found = legs(detector, left, right + 0.15 * np.roll(left, 800))
    assert found.notes == ("bleed",)
    client = found.channels[1]
    assert speech_ms(found)[1] < 1.1 * speech_ms(legs(detector, left, right))[1]
    (span, *_) = found.channels[0].activity.speech
    middle = span.middle_ms * 16
    assert not client.audio.samples[middle - 1600 : middle + 1600].any()


@pytest.mark.parametrize(
    "empty",
    [
        pytest.param(np.zeros, id="digital silence"),
        pytest.param(lambda n: white_noise(60_000, -55)[:n], id="comfort noise"),
        pytest.param(lambda n: tone((50.0,), 60_000, 0.02)[:n], id="mains hum"),
        pytest.param(lambda n: np.full(n, 0.05), id="offset"),
    ],
)
def test_an_empty_leg_is_silent_whatever_it_hums(empty: object, call: tuple[Samples, Samples], detector: VoiceDetector) -> None:
    """A leg without anybody on it is noted, and gives no speech."""
    assert callable(empty)
    found = legs(detector, call[0], empty(len(call[0])))
    assert found.notes == ("silent_leg",)
    assert speech_ms(found)[1] == 0


def test_a_leg_with_nothing_but_bleed_is_silent(call: tuple[Samples, Samples], detector: VoiceDetector) -> None:
    """Where only the echo of the other party was recorded, nobody speaks."""
    echo = 0.05 * np.roll(call[0], 640) + white_noise(60_000, -65)[: len(call[0])]
    found = legs(detector, call[0], echo)
    assert found.notes == ("bleed", "silent_leg")
    assert speech_ms(found)[1] == 0


def test_a_quiet_leg_is_heard(call: tuple[Samples, Samples], detector: VoiceDetector) -> None:
    """A client 45 dB below full scale speaks as long as at full level."""
    left, right = call
    level_db = 20 * np.log10(np.abs(right).max())
    found = legs(detector, left, right * 10 ** ((-45 - level_db) / 20))
    assert found.notes == ()
    assert speech_ms(found)[1] == pytest.approx(speech_ms(legs(detector, left, right))[1], rel=0.1)


def test_an_offset_changes_nothing(call: tuple[Samples, Samples], detector: VoiceDetector, tmp_path: Path) -> None:
    """A constant offset of a tenth of full scale is gone after decoding: same speech, no notes."""
    path = write(tmp_path / "a.wav", tuple(leg[:640_000] + 0.1 for leg in call), "pcm_s16le", 16_000)
    decoded = decode_channels(path, probe_audio(path, AudioLimits()), limits=AudioLimits())
    found = find_legs(decoded, 16_000, detector, "c")
    plain = legs(detector, *(leg[:640_000] for leg in call))
    assert found.notes == ()
    assert speech_ms(found) == pytest.approx(speech_ms(plain), rel=0.02)


@pytest.mark.parametrize(("true_hz", "named_hz"), [(8000, 16_000), (16_000, 8000)])
def test_a_wrong_rate_in_the_header_is_noted(
    true_hz: int, named_hz: int, shared_dir: Path, detector: VoiceDetector, tmp_path: Path
) -> None:
    """Sound that was recorded at one rate and written with another plays at the wrong speed."""
    source = shared_dir / "audio" / "t-one" / "audio_long.flac"
    (voice,) = decode_channels(source, probe_audio(source, AudioLimits()), limits=AudioLimits()).channels
    samples = voice.samples.astype(np.float64)[:: 16_000 // true_hz]
    path = write(tmp_path / "odd.wav", (samples,), "pcm_s16le", named_hz)
    info = probe_audio(path, AudioLimits())
    found = find_legs(decode_channels(path, info, limits=AudioLimits()), info.rate_hz, detector, "c")
    assert found.notes == ("odd_rate",)


def test_a_leg_cut_short_is_noted_with_its_length(call: tuple[Samples, Samples], detector: VoiceDetector) -> None:
    """The recorder of one leg stopped 10 s before the other's; what is missing is named, the order of turns is not touched."""
    left, right = (leg.copy() for leg in call)
    left[-160_000:] = 0.0
    assert legs(detector, left, right).notes == ("late_leg:9993",)


@pytest.mark.parametrize(
    ("channels", "notes"),
    [
        ((pause(1000),), ("silent",)),
        ((pause(1000), pause(1000)), ("silent",)),
        ((tone((1000.0,), 20_000),), ()),
        ((tone((300.0,), 1000), tone((410.0,), 1000)), ()),
        ((white_noise(5000, -20), white_noise(5000, -20, seed=8)), ()),
    ],
)
def test_what_is_no_speech_gives_none(channels: tuple[Samples, ...], notes: tuple[str, ...], detector: VoiceDetector) -> None:
    """A second of silence, a constant tone, noise: nothing is heard as speech, nothing breaks."""
    found = legs(detector, *channels)
    assert found.notes == notes
    assert set(speech_ms(found)) == {0}


def talk(*spans: tuple[str, int, int]) -> Diarization:
    """Return who speaks when."""
    return Diarization(
        channel=0,
        spans=tuple(SpeakerSpan(span=Span(start, end), speaker=speaker) for speaker, start, end in spans),
        provenance=Provenance(engine="test"),
    )


def test_one_party_leaves_room_for_the_other() -> None:
    """On a leg of one party there are pauses for the other's turns; where both speak there are hardly any."""
    leg = VoiceActivity(channel=0, duration_ms=60_000, speech=(Span(0, 5000), Span(12_000, 18_000)), sounds=())
    both = VoiceActivity(channel=0, duration_ms=60_000, speech=(Span(0, 5000), Span(5600, 18_000)), sounds=())
    empty = VoiceActivity(channel=0, duration_ms=60_000, speech=(), sounds=())
    assert [has_long_pauses(activity) for activity in (leg, both, empty)] == [True, False, True]


def test_two_voices_take_turns() -> None:
    """Two voices that follow each other are two parties; one that a diarizer split in two halves is one."""
    turns = [("AB"[n % 2], 4000 * n, 4000 * n + 3500) for n in range(8)]
    halves = [("AB"[n // 4], 4000 * n, 4000 * n + 3500) for n in range(8)]
    assert [takes_turns(talk(*spans)) for spans in (turns, halves, turns[:1])] == [True, False, False]
