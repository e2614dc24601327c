"""The DuckDB store: the only place that imports duckdb and pyarrow."""

from callscore.store.digest import store_digest
from callscore.store.paths import published_path
from callscore.store.read import StoreReader
from callscore.store.session import open_reader, open_store
from callscore.store.write import StoreWriter

__all__ = ["StoreReader", "StoreWriter", "open_reader", "open_store", "published_path", "store_digest"]
