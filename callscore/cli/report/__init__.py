"""`callscore report`: what managers read, a file per subject."""

from __future__ import annotations

import click

from callscore.cli.report import (
    digest,
    agreement,
    coaching,
    conversion,
    efficiency,
    health,
    money,
    people,
    priorities,
    scores,
    telephony,
    workload,
)

__all__ = ["command"]


@click.group()
def command() -> None:
    """Show what the stored calls say.

    Reports read the published copy of the database, so they also work while `callscore ingest` runs.

    \b
    Example:
      callscore report operators
    """  # noqa: D301 - click wants the character, not its escape


for _report in (
    people.operators,
    people.compare,
    scores.calls,
    scores.criteria,
    conversion.conversion,
    scores.call,
    health.health,
    digest.digest,
    agreement.agreement,
    coaching.coaching,
    telephony.missed,
    telephony.lines,
    telephony.outcomes,
    workload.workload,
    money.costs,
    money.teams,
    priorities.priorities,
    efficiency.efficiency,
):
    command.add_command(_report)
