"""What a remark is. Record only."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Remark"]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth a look: where it stands, as file:line, and what is odd and what to do about it."""

    where: str
    message: str
