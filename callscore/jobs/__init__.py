"""The nightly run: what is stale, who works on it, and what is left when something breaks."""
