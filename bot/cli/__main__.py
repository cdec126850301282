"""`python -m bot.cli` is `deskhand`."""

from bot.cli.group import main

main()
