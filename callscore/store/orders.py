"""SQL that reads the orders of CRM systems once each: a part of other modules' queries."""

from __future__ import annotations

from typing import Final

__all__ = ["ORDERS"]

# One order may be known to a CRM and to the accounting, or come in two files: then number and client agree. Without a number
# only what agrees in client, amount and second is the same. A return has the number of its order and stays apart by its sign.
ORDERS: Final = """
known AS (
    SELECT outcome_id, outcome, amount, currency, created_at, coalesce(amount, 0) < 0 AS is_return,
        nullif(trim(number), '') AS number,
        right(regexp_replace(coalesce(client_phone, ''), '\\D', '', 'g'), 10) AS digits,
        call_id IS NOT NULL AS is_joined
    FROM outcomes
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY is_return, CASE WHEN digits = '' THEN outcome_id
            WHEN number IS NULL THEN concat_ws('|', digits, amount, created_at)
            ELSE concat_ws('#', digits, number) END
        ORDER BY outcome = 'won' DESC, is_joined DESC, outcome_id) AS place
    FROM known
), orders AS (
    SELECT outcome_id, outcome, amount, currency, created_at, is_return,
        outcome = 'won' AND NOT is_return AS is_sale FROM ranked WHERE place = 1
)
"""
"""A table `orders` to put into WITH: outcome_id, outcome, amount, currency, created_at, is_return, is_sale."""
