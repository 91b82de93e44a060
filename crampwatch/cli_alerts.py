"""The commands for frequency alerts."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["register"]

EXAMPLES = (
    "Examples:\n\n  crampwatch alerts simulate\n\n"
    "  crampwatch alerts simulate --people 50 --jobs 2\n\n"
    "  crampwatch alerts simulate --seed 3 --json > figures.json\n\n"
    "With 150 people it takes some minutes. Every figure is from simulation."
)


def register(app: typer.Typer) -> None:
    """Add the commands to the door."""
    alerts = typer.Typer(
        help="Prove the frequency alerts by simulation.",
        epilog=EXAMPLES,
        no_args_is_help=True,
        rich_markup_mode=None,
        subcommand_metavar="{COMMAND} [ARGS]...",
    )

    # With a single command, typer would take it for the group itself.
    @alerts.callback()
    def group() -> None: ...

    alerts.command(epilog=EXAMPLES)(simulate)
    app.add_typer(alerts, name="alerts")


def simulate(
    people: Annotated[
        int, typer.Option(help="People for every rate and every rise.", min=2, max=100_000)
    ] = 150,
    seed: Annotated[
        int, typer.Option(help="Where chance begins; the same gives the same figures.", min=0)
    ] = 1,
    jobs: Annotated[int, typer.Option(help="Processes to share the work.", min=1, max=256)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, nothing else.")] = False,
) -> None:
    """Print how often alerts are false and how late.

    People are simulated with and without a rise of their cramps.
    """
    from crampwatch.alerts_study import simulate_alerts

    simulate_alerts(people, seed, jobs, as_json=as_json)
