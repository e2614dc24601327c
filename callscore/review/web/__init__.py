"""The trainer's page: an app over the desk. See app.py."""

from callscore.review.web.app import LOCAL_HOSTS, make_app

__all__ = ["LOCAL_HOSTS", "make_app"]
