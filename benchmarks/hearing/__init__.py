"""Compare recognisers on the same labelled calls: accuracy, lost turns, times, speed and memory; see __main__.py."""
