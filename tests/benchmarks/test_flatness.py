"""Whether a long run stays the same."""

from __future__ import annotations

import pytest

from benchmarks.flatness import Sample, judge_flatness


def run(memory: list[int], speed: list[float]) -> list[Sample]:
    """Build a run: a start without progress, then ten seconds for each memory and speed."""
    samples = [Sample(0.0, 10, 0.0), Sample(30.0, 10, 0.0)]
    for number, (n_bytes, one) in enumerate(zip(memory, speed, strict=True)):
        samples.append(Sample(40.0 + 10 * number, n_bytes, samples[-1].audio_s + 10 * one))
    return samples


def test_a_steady_run_is_flat() -> None:
    """Loading models at the start is neither growth nor slowness."""
    found = judge_flatness(run([1000] * 40, [20.0] * 40))
    assert (found.is_memory_flat, found.is_speed_flat, found.memory_ratio, found.bytes_per_audio_hour) == (True, True, 1.0, 0.0)
    assert [quarter.speed for quarter in found.quarters] == pytest.approx([20.0] * 4)


def test_a_leak_is_seen() -> None:
    """Memory that grows with the audio is named with its slope."""
    found = judge_flatness(run([1000 + 10 * number for number in range(40)], [36.0] * 40))
    assert not found.is_memory_flat
    assert found.bytes_per_audio_hour == pytest.approx(100.0)


def test_slowing_down_is_seen() -> None:
    """A last quarter at half the speed is not flat, whatever the memory does."""
    found = judge_flatness(run([1000] * 40, [20.0] * 20 + [10.0] * 20))
    assert (found.is_memory_flat, found.is_speed_flat) == (True, False)
    assert found.speed_ratio == pytest.approx(0.5)


def test_one_large_call_is_no_leak() -> None:
    """A peak counts as a peak and changes neither slope nor ratio."""
    found = judge_flatness(run([1000] * 30 + [5000] + [1000] * 9, [20.0] * 40))
    assert (found.is_memory_flat, found.quarters[3].peak_bytes, found.bytes_per_audio_hour) == (True, 5000, 0.0)


def test_a_short_run_tells_nothing() -> None:
    """Without progress seen some times there is no verdict."""
    with pytest.raises(ValueError, match="longer run"):
        judge_flatness(run([1000] * 5, [20.0] * 5))
