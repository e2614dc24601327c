"""One shop for all tests of the desk; each begins with an empty journal."""

from __future__ import annotations

import pytest

from tests.review.desk_shop import Shop, fresh, make_shop


@pytest.fixture(scope="session")
def scored_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return the shop, scored once."""
    return make_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def shop(scored_shop: Shop) -> Shop:
    """Return the shop with an empty desk."""
    return fresh(scored_shop)
