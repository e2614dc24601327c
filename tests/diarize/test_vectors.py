"""Log-mel features: Kaldi's, for that is what the network was trained on."""

from __future__ import annotations

import warnings

import numpy as np

from callscore.diarize.vectors import log_mel


def test_features_equal_kaldis() -> None:
    """The numpy features are those of torchaudio's Kaldi port, frame by frame."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torchaudio.compliance import kaldi

    seconds = np.arange(24_000) / 16_000
    samples = (0.3 * np.sin(2 * np.pi * 220 * seconds) + 0.05 * np.sin(2 * np.pi * 1700 * seconds**2)).astype(np.float32)
    expected = kaldi.fbank(
        torch.from_numpy(samples)[None] * 32768,
        num_mel_bins=80,
        frame_length=25,
        frame_shift=10,
        dither=0.0,
        sample_frequency=16_000,
        window_type="hamming",
        use_energy=False,
    ).numpy()
    np.testing.assert_allclose(log_mel(samples), expected, atol=0.02)


def test_a_long_call_is_cut_into_blocks_without_a_seam() -> None:
    """Features of a minute equal those of its second half where both exist."""
    samples = np.sin(np.arange(16_000 * 60) * 0.05).astype(np.float32)
    np.testing.assert_allclose(log_mel(samples)[3000:], log_mel(samples[3000 * 160 :]), atol=1e-4)


def test_too_short_sound_has_no_frames() -> None:
    """Less than one window of 25 ms gives an empty array of 80 columns."""
    assert log_mel(np.zeros(399, np.float32)).shape == (0, 80)
