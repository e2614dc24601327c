"""Score call recordings against rubrics, with evidence, on your own machine."""

from typing import Final

__all__ = ["__version__"]

__version__: Final = "0.1.0"
