"""The command line: thin, each command a call that a script could make."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from evenhand.cli.app import app

    app()
