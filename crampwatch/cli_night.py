"""The commands of the evening: scan, pair, devices, forget, night, collect, status."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from crampwatch import exits

__all__ = ["register"]

Until = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        metavar="HH:MM", help="End by itself at this local time; else Ctrl-C.", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the door."""
    app.command(
        epilog="Examples:\n\n  crampwatch scan\n\n  crampwatch scan --seconds 20\n\n"
        "  sudo crampwatch scan    # where only root may use Bluetooth"
    )(scan)
    app.command(
        epilog="Examples:\n\n  crampwatch pair\n\n  crampwatch pair InfiniTime\n\n"
        "  crampwatch pair A0:9E:1A:00:00:01 --placement calf\n\n"
        "  crampwatch pair 'Polar H10' --takes heart_rate"
    )(pair)
    app.command(
        epilog="Examples:\n\n  crampwatch devices\n\n"
        "  CRAMPWATCH_DATA_DIR=elsewhere crampwatch devices\n\n"
        "  crampwatch devices && crampwatch night"
    )(devices)
    app.command(
        epilog="Examples:\n\n  crampwatch forget InfiniTime\n\n"
        "  crampwatch forget A0:9E:1A:00:00:01\n\n  crampwatch forget 'Polar H10'"
    )(forget)
    app.command(
        epilog="Examples:\n\n  crampwatch night\n\n  crampwatch night --until 08:00\n\n"
        "  crampwatch night --port 9000"
    )(night)
    app.command(
        epilog="Examples:\n\n  crampwatch collect http://pi.local:8321\n\n"
        "  crampwatch collect http://pi.local:8321 --until 08:00\n\n"
        "  CRAMPWATCH_TOKEN=... crampwatch collect https://nights.example.org"
    )(collect)
    app.command(
        epilog="Examples:\n\n  crampwatch status\n\n  crampwatch status http://pi.local:8321\n\n"
        "  crampwatch status --json\n\n"
        "The exit status is 0 where a wearable is being recorded, and 1 where none is."
    )(status)
    app.command(
        epilog="Examples:\n\n  crampwatch demo-wearable\n\n"
        "  crampwatch demo-wearable --kind infinitime --hours 3\n\n"
        "  crampwatch demo-wearable --seed 7\n\n"
        "Some minutes of computing; nothing is sent over the air, and no person slept. The "
        "night is kept in a store of its own until the next demonstration."
    )(demo_wearable)


def demo_wearable(
    kind: Annotated[
        str, typer.Option(metavar="polar|infinitime|bangle", help="Which wearable.")
    ] = "bangle",
    hours: Annotated[float, typer.Option(help="Length of the night.", min=2, max=12)] = 7.5,
    seed: Annotated[int, typer.Option(help="Where chance begins.")] = 23,
) -> None:
    """Watch a simulated wearable through a whole night."""
    from crampwatch.demo import demonstrate
    from server.settings import load_settings

    demonstrate(load_settings(), kind=kind, hours=hours, seed=seed)


def scan(
    seconds: Annotated[float, typer.Option(help="How long to listen.", min=1, max=300)] = 8.0,
) -> None:
    """List the wearables in range."""
    import asyncio

    from crampwatch.output import new_console
    from crampwatch.pairing import show_scan
    from crampwatch.radio import system_radio

    asyncio.run(show_scan(system_radio(), seconds, new_console()))


def pair(
    wearable: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="WEARABLE",
            help="Its name, as far as needed, or address; left out where only one is in range.",
        ),
    ] = None,
    placement: Annotated[
        str, typer.Option(metavar="wrist|forearm|ankle|calf", help="Where it is worn.")
    ] = "wrist",
    takes: Annotated[
        str,
        typer.Option(
            metavar="both|acceleration|heart_rate", help="What a night is to take from it."
        ),
    ] = "both",
) -> None:
    """Make a wearable known, after a live check of 20 s."""
    import asyncio

    from crampwatch import pairing
    from crampwatch.output import new_console
    from crampwatch.radio import system_radio
    from ingest.collector.clock import SystemClock
    from ingest.devices.conversation import StreamKind
    from ingest.sensor import Placement
    from server.settings import load_settings

    if placement not in list(Placement):
        raise typer.BadParameter("use wrist, forearm, ankle or calf", param_hint="--placement")
    kinds = {StreamKind.ACCELERATION, StreamKind.HEART_RATE}
    if takes != "both":
        if takes not in kinds:
            raise typer.BadParameter("use both, acceleration or heart_rate", param_hint="--takes")
        kinds = {StreamKind(takes)}
    wanted = pairing.Wanted(wearable, Placement(placement), frozenset(kinds))
    paired = asyncio.run(
        pairing.pair(
            load_settings(),
            wanted,
            radio=system_radio(),
            clock=SystemClock(),
            console=new_console(),
        )
    )
    if not paired:
        raise typer.Exit(exits.NOT_PAIRED)


def devices() -> None:
    """List the wearables that are paired."""
    from crampwatch.wearables import list_wearables

    list_wearables()


def forget(
    wearable: Annotated[
        str, typer.Argument(metavar="WEARABLE", help="Its name, as far as needed, or its address.")
    ],
) -> None:
    """Forget a wearable; its nights stay."""
    from crampwatch.wearables import forget_wearable

    forget_wearable(wearable)


def night(
    until: Until = None,
    port: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Port of the page; 0 takes any free one.", show_default=False),
    ] = None,
) -> None:
    """Record this night, and sum it up in the morning."""
    from crampwatch.bedside import watch_night_here
    from server.settings import load_settings

    watch_night_here(load_settings(port=port), until)


def collect(
    server: Annotated[
        str, typer.Argument(metavar="URL", help="The server, as http://pi.local:8321.")
    ],
    until: Until = None,
) -> None:
    """Record this night for a server elsewhere."""
    from crampwatch.bedside import collect_night_for
    from server.settings import load_settings

    collect_night_for(load_settings(), server, until)


def status(
    server: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="URL",
            help="The server that shows the night; this machine's without it.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Say what the night that goes on is doing."""
    from crampwatch.status import show_status
    from server.settings import load_settings

    if not show_status(load_settings(), server, as_json=as_json):
        raise typer.Exit(exits.NOT_RECORDING)
