"""Run the command line as `python -m callscore`."""

from callscore.cli import main

if __name__ == "__main__":
    main()
