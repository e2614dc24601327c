"""Keeping the shop's list of operators in step with its file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from callscore.config import Config
from callscore.errors import CallscoreError, ConfigError
from callscore.jobs.conversion import refresh_conversion
from callscore.jobs.operator_scores import write_operator_scores
from callscore.staff_file import StaffFile, read_staff_file
from callscore.store import StoreWriter

__all__ = ["load_staff", "refresh_staff", "staff_path", "store_staff"]

_SHOWN: Final = 20


def staff_path(config: Config, named: Path | None = None) -> Path:
    """Return the file to read: `named`, else that of the settings.

    Raises:
        ConfigError: if neither names one.
    """
    path = named or config.operators.file
    if path is None:
        raise ConfigError("no file of operators is configured", hint='name it, or set file = "operators.csv" under [operators]')
    return path


def load_staff(path: Path, timezone: str) -> StaffFile:
    """Read a file of operators of which every row must be right.

    Raises:
        ConfigError: if a row is wrong; names the first twenty of them.
        SourceError: if the file cannot be read.
    """
    staff = read_staff_file(path, timezone)
    if staff.faults:
        lines = [f"{fault.where}: {fault.reason}" for fault in staff.faults[:_SHOWN]]
        if len(staff.faults) > _SHOWN:
            lines.append(f"and {len(staff.faults) - _SHOWN} more")
        raise ConfigError(
            f"{len(staff.faults)} rows of the file of operators are wrong, and none was taken",
            where="\n       ".join(lines),
            hint="correct them; callscore operators check",
        )
    return staff


def store_staff(writer: StoreWriter, config: Config, staff: StaffFile) -> None:
    """Store a list, with everything that was found by the names before: scores, shifts, what goes with sales."""
    with writer.together():
        writer.save_operators(staff.entries)
        write_operator_scores(writer, config.report.timezone)
        writer.refresh_shifts(config.operators.shift_gap_hours)
        refresh_conversion(writer, config)


def refresh_staff(writer: StoreWriter, config: Config) -> tuple[str, ...]:
    """Store what the configured file says now; a file that cannot be used leaves the stored list as it is.

    Returns:
        Remarks for the person who reads how the run went; empty if all is well or no file is configured.
    """
    if config.operators.file is None:
        return ()
    try:
        staff = load_staff(config.operators.file, config.report.timezone)
    except CallscoreError as exc:
        where = " ".join(exc.where.split())
        return (f"the file of operators was not read, the stored list stays: {exc.message} ({where})",)
    writer.save_operators(staff.entries)
    return ()
