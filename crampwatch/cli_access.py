"""The commands for who may, and who did: password, people, tokens, share, sessions, audit."""

from __future__ import annotations

import datetime
from typing import Annotated, Optional

import typer

from crampwatch.options import MaybeText, Until, Wearer, text_option
from ingest.errors import SettingsError

__all__ = ["register"]

Stdin = Annotated[
    bool, typer.Option("--stdin", help="Read the password as one line from standard input.")
]
Days = Annotated[int, typer.Option(help="Days for which it is good.", min=1, max=3650)]

PEOPLE = (
    "Examples:\n\n  crampwatch people add Ben --wearer anna\n\n"
    "  crampwatch people list\n\n  crampwatch people remove ben"
)
TOKENS = (
    "Examples:\n\n  crampwatch tokens add bedroom-pi --wearer anna\n\n"
    "  crampwatch tokens add my-script --role carer --days 30\n\n"
    "  crampwatch tokens revoke 0c6f3a91be02"
)
SESSIONS = (
    "Examples:\n\n  crampwatch sessions list\n\n  crampwatch sessions end\n\n"
    "  crampwatch sessions end --person ben"
)


def register(app: typer.Typer) -> None:
    """Add the commands to the door."""
    app.command(
        epilog="Examples:\n\n  crampwatch password\n\n  crampwatch password ben\n\n"
        "  pass show crampwatch | crampwatch password --stdin"
    )(password)
    app.command(
        epilog="Examples:\n\n  crampwatch share\n\n"
        "  crampwatch share --wearer anna --days 7 --for 'Dr Weiss'\n\n"
        "  crampwatch share --since 2026-09-01 --until 2026-11-21\n\n"
        "`crampwatch tokens revoke` ends it early."
    )(share)
    app.command(
        epilog="Examples:\n\n  crampwatch audit\n\n"
        "  crampwatch audit --who ben --action 'log in'\n\n"
        "  crampwatch audit --wearer anna --since 2026-11-01 --newest 1000 --json"
    )(audit)
    people = _group(app, "people", "Who else may log in.", PEOPLE)
    people.command("list")(list_people)
    people.command("add", epilog=PEOPLE)(add_person)
    people.command("remove")(remove_person)
    tokens = _group(app, "tokens", "What collectors and scripts show to the server.", TOKENS)
    tokens.command("list")(list_tokens)
    tokens.command("add", epilog=TOKENS)(add_token)
    tokens.command("revoke")(revoke_token)
    sessions = _group(app, "sessions", "Which browsers are logged in.", SESSIONS)
    sessions.command("list")(list_sessions)
    sessions.command("end", epilog=SESSIONS)(end_sessions)


def _group(app: typer.Typer, name: str, told: str, epilog: str) -> typer.Typer:
    group = typer.Typer(
        help=told,
        epilog=epilog,
        no_args_is_help=True,
        rich_markup_mode=None,
        subcommand_metavar="{COMMAND} [ARGS]...",
    )
    app.add_typer(group, name=name)
    return group


def password(
    person: Annotated[str, typer.Argument(metavar="NAME", help="Whose password.")] = "owner",
    stdin: Stdin = False,
) -> None:
    """Set the password without which nobody else gets in."""
    from crampwatch import access

    access.set_password(person, stdin=stdin)


def share(
    wearer: Wearer = None,
    since: Annotated[
        Optional[datetime.datetime],  # noqa: UP045  typer reads the annotation at run time
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First night; 89 nights before the last without it.",
            show_default=False,
        ),
    ] = None,
    until: Until = None,
    days: Days = 14,
    name: Annotated[
        str, typer.Option("--for", metavar="NAME", help="Whom it is for, to find it again.")
    ] = "a doctor",
) -> None:
    """Make an address under which a doctor reads of some nights."""
    from crampwatch import access

    access.share_nights(
        wearer, since and since.date(), until and until.date(), days=days, name=name
    )


def list_people() -> None:
    """List who may log in."""
    from crampwatch import access

    access.list_people()


def add_person(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call them.")],
    role: Annotated[
        str,
        typer.Option(metavar="carer", help="What they may do: a carer reads, and acknowledges."),
    ] = "carer",
    wearer: Wearer = None,
    stdin: Stdin = False,
) -> None:
    """Let somebody else log in, for one wearer's nights."""
    from crampwatch import access

    if role != "carer":
        raise SettingsError(
            f"Nobody logs in as '{role}'. People who log in are carers; for a collector there is "
            "`crampwatch tokens add`, for a doctor `crampwatch share`."
        )
    access.add_person(name, wearer, stdin=stdin)


def remove_person(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `people list` gives it.")],
) -> None:
    """Let somebody log in no more, and end where they are logged in."""
    from crampwatch import access

    access.remove_person(name)


def list_tokens() -> None:
    """List the tokens and shares, and how long each is good."""
    from crampwatch import access

    access.list_tokens()


def add_token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    role: Annotated[
        str,
        typer.Option(
            metavar="collector|carer|owner", help="What may be done with it; an owner may all."
        ),
    ] = "collector",
    wearer: Wearer = None,
    days: Days = 365,
    only: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            metavar="ROUTE",
            help="Narrow it to this, such as 'GET /metrics'; may be given again.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a token; it is shown this once."""
    from crampwatch import access

    access.add_token(name, role, wearer, days=days, only=only or ())


def revoke_token(
    token: Annotated[str, typer.Argument(metavar="ID", help="As `tokens list` gives it.")],
) -> None:
    """Make a token, or a share, of no use from now on."""
    from crampwatch import access

    access.revoke(token)


def list_sessions() -> None:
    """List where somebody is logged in."""
    from crampwatch import access

    access.list_sessions()


def end_sessions(
    person: Annotated[MaybeText, text_option("NAME", "Theirs alone; all without it.")] = None,
) -> None:
    """Log browsers out, from now on."""
    from crampwatch import access

    access.end_sessions(person)


def audit(
    wearer: Annotated[
        MaybeText, text_option("ID", "Only what was done to what is this wearer's.")
    ] = None,
    who: Annotated[MaybeText, text_option("NAME", "Only what this person or token did.")] = None,
    action: Annotated[MaybeText, text_option("WORDS", "Only this, such as 'log in'.")] = None,
    since: Annotated[
        Optional[datetime.datetime],  # noqa: UP045
        typer.Option(formats=["%Y-%m-%d"], help="First day, UTC.", show_default=False),
    ] = None,
    until: Annotated[
        Optional[datetime.datetime],  # noqa: UP045
        typer.Option(formats=["%Y-%m-%d"], help="Last day, UTC.", show_default=False),
    ] = None,
    newest: Annotated[int, typer.Option(help="How many, of all.", min=1, max=1_000_000)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each.")] = False,
) -> None:
    """List who did what, and when, the newest last."""
    from crampwatch import audited
    from server.audit import Sought

    sought = Sought.days(
        since and since.date(), until and until.date(), wearer=wearer, who=who, action=action
    )
    audited.list_audited(sought, newest, as_json=as_json)
