"""Reading what other systems give: HTTP as a good guest, recordings behind links, rows, tables, phones, times, secrets.

Sources of calls and of orders are built on it; it knows neither the store nor the settings of a run.
"""
