"""``python -m crampwatch``."""

from crampwatch.cli import main

main()
