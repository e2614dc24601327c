"""Measure how long the trainer's queue and the search for a phrase take over 200,000 calls.

Run: python -m benchmarks.review_queue [--calls 200000] [--repeats 7] [--folder DIR]
Each question opens the published store anew, as the page does; words are drawn from those of the shipped rubrics.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.big_store import make_store
from callscore.records import Role
from callscore.review.queue import queue_neighbours, queue_page, reason_counts
from callscore.review.sample import SampleWanted, draw
from callscore.review.search import parse_phrase_query, search
from callscore.store import StoreReader, open_reader
from callscore.store.maintain import publish_store
from callscore.store.migrate import migrations
from callscore.store.review_queue import QueueFilter
from callscore.store.review_sample import SampleFilter
from callscore.store.review_search import SearchWanted

_RUBRICS: Final = Path(__file__).parents[1] / "rubrics"
_RECORDED: Final = 0.85  # of the calls of benchmarks.big_store
_SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
SQL_TURNS: Final = """
INSERT INTO turns BY NAME
SELECT call_id, turn_no::INTEGER AS turn_no, 'speech' AS kind,
    CASE turn_no % 2 WHEN 0 THEN 'operator' ELSE 'client' END AS role, 0.95 AS role_confidence,
    'S' || (turn_no % 2) AS speaker, (turn_no % 2)::INTEGER AS channel, turn_no * 7000 AS start_ms,
    turn_no * 7000 + 6500 AS end_ms, upper(said[1]) || said[2:] || '.' AS text, 0.9 AS confidence
FROM (
    SELECT call_id, turn_no, list_aggregate(list_transform(
        range(1, 6 + (hash(call_id, turn_no) % 15)::INTEGER),
        lambda k: getvariable('words')[
            1 + floor(len(getvariable('words')) * pow((hash(call_id, turn_no, k) % 1000003) / 1000003.0, 3))::INTEGER]),
        'string_agg', ' ') AS said
    FROM calls, range(24) turns(turn_no)
)
"""


def fill_words(db: Path) -> None:
    """Give every call 24 turns of 6 to 20 words, frequent words often, and publish."""
    counts: Counter[str] = Counter()
    for file in _RUBRICS.rglob("*.yaml"):
        counts.update(re.findall("[а-яё]+", file.read_text(encoding="utf-8").lower()))
    statement = next(step.sql for step in migrations() if step.name == "0013_reviews.sql").split(";\n")
    with duckdb.connect(str(db)) as connection:
        connection.execute("SET memory_limit = '4GB'")
        connection.execute("SET VARIABLE words = $words", {"words": [word for word, _ in counts.most_common()]})
        connection.execute(SQL_TURNS)
        connection.execute(next(sql for sql in statement if sql.startswith("INSERT INTO search_words")))
    publish_store(db)


def questions() -> Iterator[tuple[str, Callable[[StoreReader], object]]]:
    """Yield what the page asks, with a name each."""
    filters = (
        ("queue", QueueFilter()),
        ("queue, page 101", QueueFilter(offset=5_000)),
        ("queue of an operator", QueueFilter(operator="operator7")),
        ("queue by criterion and dates", QueueFilter(criterion="criterion3", since=_SINCE)),
        ("queue with what was settled", QueueFilter(is_open=False)),
    )
    for name, wanted in filters:
        yield name, partial(_queue, wanted)
    yield "next and previous", lambda reader: queue_neighbours(reader, QueueFilter(), (), "c1000")
    yield "counts of reasons", lambda reader: reason_counts(reader, QueueFilter(), ())
    yield "random sample", lambda reader: draw(reader, SampleWanted(calls=SampleFilter()), who="olga", now=_SINCE, seed=1)
    phrases: tuple[tuple[str, Role | None], ...] = (
        ("доставка", None),
        ("доставка заказа", None),
        ("заказ не доставили", Role.CLIENT),
        ("не", None),
    )
    for phrase, role in phrases:
        by = f", {role}" if role else ""
        wanted_words = SearchWanted(words=parse_phrase_query(phrase), role=role)
        yield f"search «{phrase}»{by}", partial(search, wanted=wanted_words)


def _queue(wanted: QueueFilter, reader: StoreReader) -> object:
    return queue_page(reader, wanted, (), (), reader.criteria())


def main() -> None:
    """Print a line per question: median and slowest, as a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="keeps the store there, and takes it from there if it is there already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        db = (options.folder or Path(name)) / "review.duckdb"
        db.parent.mkdir(parents=True, exist_ok=True)
        if not db.exists():
            make_store(db, round(options.calls / _RECORDED))
            fill_words(db)
        load = f"{os.getloadavg()[0]:.1f}"
        _say(f"{options.calls} calls, {len(os.sched_getaffinity(0))} cores, load {load}, {options.repeats} runs each")
        _say("| question | s, median | s, slowest | s of processor |\n| --- | ---: | ---: | ---: |")
        for question, ask in questions():
            walls, works = [], []
            for _ in range(options.repeats):
                begun, worked = time.perf_counter(), time.process_time()
                with open_reader(db) as reader:
                    ask(reader)
                walls.append(time.perf_counter() - begun)
                works.append(time.process_time() - worked)
            _say(f"| {question} | {statistics.median(walls):.2f} | {max(walls):.2f} | {statistics.median(works):.2f} |")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
