"""Bleed: what one leg only hears of the other is no speech of its own; what it says itself stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from callscore.audio import AudioLimits, decode_channels, probe_audio
from callscore.records import MonoAudio, SoundKind, VoiceActivity
from callscore.units import Span, covered_ms, intersect_spans, subtract_spans
from callscore.vad import VadOptions, VoiceDetector
from callscore.vad.bleed import Bleed, mute, remove_bleed
from callscore.vad.leak import Leak

RATE_HZ = 16_000
Samples = NDArray[np.float32]


def babble(ms: int, seed: int) -> Samples:
    """Return something that moves like speech: bands of noise, each with its own beat of some syllables a second, at -25 dB."""
    random = np.random.default_rng(seed)
    n = RATE_HZ * ms // 1000
    spectrum, hz = np.fft.rfft(random.standard_normal(n)), np.fft.rfftfreq(n, 1 / RATE_HZ)
    out = np.zeros(n)
    for low, high in ((200, 400), (400, 700), (700, 1100), (1100, 1700), (1700, 2500), (2500, 3600)):
        band = np.fft.irfft(np.where((hz >= low) & (hz < high), spectrum, 0), n)
        beat = np.repeat(random.random(n // 1600 + 2) ** 3, 1600)
        smooth = np.convolve(beat, np.hanning(1600) / 800, "same")[:n]
        out += band / np.sqrt(np.mean(band**2)) * smooth
    return np.asarray(out / np.sqrt(np.mean(out**2)) * 10 ** (-25 / 20), dtype=np.float32)


def placed(pieces: dict[int, Samples], ms: int, noise_db: float = -70.0) -> Samples:
    """Return a leg with the pieces at their times (ms) over line noise."""
    leg = np.random.default_rng(99).standard_normal(RATE_HZ * ms // 1000) * 10 ** (noise_db / 20)
    for at_ms, piece in pieces.items():
        leg[at_ms * 16 : at_ms * 16 + len(piece)] += piece
    return leg.astype(np.float32)


def leaked(samples: Samples, lag_ms: int, gain_db: float) -> Samples:
    """Return the samples later and fainter."""
    return np.concatenate([np.zeros(lag_ms * 16, dtype=np.float32), samples])[: len(samples)] * np.float32(10 ** (gain_db / 20))


def cut(left: Samples, right: Samples, left_speech: list[Span], right_speech: list[Span]) -> Bleed:
    """Remove the bleed from two legs with the given speech."""
    ms = len(left) // 16
    return remove_bleed(
        (MonoAudio(samples=left, rate_hz=RATE_HZ, channel=0), MonoAudio(samples=right, rate_hz=RATE_HZ, channel=1)),
        (
            VoiceActivity(channel=0, duration_ms=ms, speech=tuple(left_speech), sounds=()),
            VoiceActivity(channel=1, duration_ms=ms, speech=tuple(right_speech), sounds=()),
        ),
    )


OPERATOR = [Span(1000, 9000), Span(14_000, 19_000)]


def operator() -> Samples:
    """Return 20 s of a leg on which the operator speaks twice."""
    return placed({span.start_ms: babble(span.length_ms, span.start_ms) for span in OPERATOR}, 20_000)


def test_the_others_echo_is_no_speech() -> None:
    """Speech that is the other leg's, 20 dB down and 0.1 s later, goes; the leak is measured; the cut is noise."""
    left = operator()
    right = placed({10_000: babble(3000, 5)}, 20_000) + leaked(left, 96, -20)
    bleed = cut(left, right, OPERATOR, [Span(1050, 9150), Span(9900, 13_100), Span(14_050, 19_150)])
    assert bleed.activities[1].speech == (Span(9900, 13_100),)
    assert bleed.leaks == ((), (Leak(lag_ms=96, gain_db=bleed.leaks[1][0].gain_db),))
    assert -22 < bleed.leaks[1][0].gain_db < -18
    assert {sound.kind for sound in bleed.activities[1].sounds} == {SoundKind.NOISE}
    assert bleed.activities[0].speech == tuple(OPERATOR)
    assert [bleed.is_noteworthy(leg) for leg in range(2)] == [False, True]


def test_a_word_under_the_others_voice_stays() -> None:
    """A "да" of 0.3 s, said while the other's echo sounds, is the leg's own and stays."""
    left = operator()
    right = placed({4000: babble(300, 8)}, 20_000) + leaked(left, 96, -20)
    (kept,) = cut(left, right, OPERATOR, [Span(1050, 9150), Span(14_050, 19_150)]).activities[1].speech
    assert kept.start_ms <= 4050
    assert kept.end_ms >= 4250
    assert kept.length_ms < 1000


def test_both_speaking_at_once_stay() -> None:
    """Without a leak nothing is cut, however much the parties talk over each other."""
    left, right = operator(), placed({1500: babble(7000, 5), 14_000: babble(4000, 6)}, 20_000)
    speech = [Span(1500, 8500), Span(14_000, 18_000)]
    bleed = cut(left, right, OPERATOR, speech)
    assert (bleed.activities[1].speech, bleed.cut, bleed.leaks) == (tuple(speech), ((), ()), ((), ()))


def test_what_is_as_loud_is_no_bleed() -> None:
    """A prompt that is played to both legs alike is on each leg's own."""
    left = operator()
    bleed = cut(left, leaked(left, 0, -1.0), OPERATOR, OPERATOR)
    assert bleed.cut == ((), ())


def test_a_leg_that_carries_both_parties_is_given_its_own() -> None:
    """Where one channel is a mix of both parties and the other one party alone, the mix keeps what the other does not say."""
    left = operator()
    client = Span(10_000, 13_500)
    right = placed({client.start_ms: babble(client.length_ms, 5)}, 20_000) + left
    bleed = cut(left, right, OPERATOR, [*OPERATOR[:1], client, *OPERATOR[1:]])
    assert bleed.activities[0].speech == tuple(OPERATOR)
    assert covered_ms(subtract_spans(bleed.activities[1].speech, [client])) <= 300
    assert covered_ms(intersect_spans(bleed.activities[1].speech, [client])) == client.length_ms


def test_a_leg_that_only_hears_the_other_is_left_empty() -> None:
    """Where one party never speaks, nothing of its leg is speech."""
    left = operator()
    assert cut(left, placed({}, 20_000) + leaked(left, 48, -30), OPERATOR, OPERATOR).activities[1].speech == ()


def test_each_way_has_its_own_leak() -> None:
    """Both sides may hear each other."""
    left, right = operator(), placed({10_000: babble(3500, 5)}, 20_000)
    client = [Span(10_000, 13_500)]
    bleed = cut(left + leaked(right, 64, -15), right + leaked(left, 160, -20), [*OPERATOR, *client], [*client, *OPERATOR])
    assert covered_ms(subtract_spans(bleed.activities[0].speech, OPERATOR)) <= 300
    assert covered_ms(subtract_spans(bleed.activities[1].speech, client)) <= 300


def test_muting_silences_the_spans_only() -> None:
    """What was cut cannot be heard again; everything else sounds as before."""
    audio = MonoAudio(samples=np.full(RATE_HZ, 0.5, dtype=np.float32), rate_hz=RATE_HZ, channel=1)
    muted = mute(audio, (Span(100, 200),))
    assert np.flatnonzero(muted.samples == 0.0).tolist() == list(range(1600, 3200))
    assert mute(audio, ()) is audio


@pytest.fixture(scope="module")
def detector() -> VoiceDetector:
    """The real detector."""
    return VoiceDetector(VadOptions())


def legs_of(path: Path) -> tuple[Samples, Samples]:
    """Return the two channels of a recording."""
    left, right = decode_channels(path, probe_audio(path, AudioLimits()), limits=AudioLimits()).channels
    return left.samples, right.samples


def detected(detector: VoiceDetector, samples: Samples) -> list[Span]:
    """Return the speech of a leg."""
    return list(detector.detect(MonoAudio(samples=np.asarray(samples, dtype=np.float32), rate_hz=RATE_HZ, channel=0)).speech)


@pytest.mark.parametrize("name", ["calls/d012.wav", "calls/d020.mp3", "audio/speechkitty/call_stereo.wav"])
def test_nothing_is_cut_from_calls_without_bleed(name: str, shared_dir: Path, detector: VoiceDetector) -> None:
    """Real and labelled calls whose legs are apart keep every millisecond."""
    left, right = legs_of(shared_dir / name)
    assert cut(left, right, detected(detector, left), detected(detector, right)).cut == ((), ())


@pytest.mark.parametrize(("lag_ms", "gain_db"), [(20, -12.0), (250, -20.0)])
def test_bleed_goes_from_a_labelled_call(lag_ms: int, gain_db: float, shared_dir: Path, detector: VoiceDetector) -> None:
    """Of the operator's echo on the client's leg nine tenths go, of the client's own speech nothing."""
    left, right = legs_of(shared_dir / "calls" / "d012.wav")
    own = detected(detector, right)
    noisy = right + leaked(left, lag_ms, gain_db)
    speech = detected(detector, noisy)
    kept = cut(left, noisy, detected(detector, left), speech).activities[1].speech
    echo = covered_ms(subtract_spans(speech, own))
    assert echo > 10_000
    assert covered_ms(subtract_spans(kept, own)) <= 0.1 * echo
    assert covered_ms(intersect_spans(kept, own)) >= 0.99 * covered_ms(own)
