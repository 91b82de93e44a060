"""``crampwatch password``, ``people``, ``tokens``, ``share`` and ``sessions``: who may."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from getpass import getpass

import typer
from sqlalchemy.orm import Session

from crampwatch.output import complain, say
from ingest.errors import SettingsError
from ingest.samples import NS_PER_S
from server import audit, logins, passwords, people, shares, tokens, wearers, words
from server.kept_tables import Role
from server.nights import ONE_DAY
from server.permissions import is_route, who_may
from server.settings import load_settings
from server.store import Store
from server.wearer_day import today

__all__ = [
    "add_person",
    "add_token",
    "end_sessions",
    "list_people",
    "list_sessions",
    "list_tokens",
    "remove_person",
    "revoke",
    "set_password",
    "share_nights",
]

NS_PER_DAY = 24 * 3600 * NS_PER_S

SHARED_NIGHTS = 90
"""Nights that a share holds where nobody says otherwise: a season, what a doctor asks about."""

MOST_SHARED_NIGHTS = 366
"""Nights that a share holds at the most: a year, on one page."""


@contextmanager
def _store() -> Iterator[Store]:
    settings = load_settings()
    with Store.open(settings.database_url, home=settings.data_dir, say=complain) as store:
        yield store


def set_password(person: str, *, stdin: bool) -> None:
    """Set a password, asked for twice, or read from standard input.

    Raises
    ------
    SettingsError
        It is too short, was not typed the same twice, or nobody is called so.
    """
    with _store() as store:
        with store.reading() as session:
            if person != people.OWNER and people.find_person(session, person) is None:
                raise _nobody(person)
        kept = passwords.hash_password(_ask(stdin))
        now_ns = store.now_ns()

        def work(session: Session) -> None:
            if person == people.OWNER:
                people.set_owner(session, kept, now_ns=now_ns)
            elif not people.set_password(session, person, kept):
                raise _nobody(person)
            _note(session, "set a password", person, now_ns)

        store.write(work)
    typer.echo(f"The password is set. Log in as {person}; whoever was logged in so no longer is.")
    if person == people.OWNER:
        typer.echo("A server that runs already asks for it when it is started again.")


def add_person(name: str, wearer: str | None, *, stdin: bool) -> None:
    """Add a carer.

    Raises
    ------
    SettingsError
        The name or the password cannot be used, or the owner has none yet.
    WearerError
        It is not clear whose nights are meant.
    """
    with _store() as store:
        with store.reading() as session:
            if not people.has_owner(session):
                raise SettingsError("First set a password of your own: `crampwatch password`.")
            whose = _known_wearer(session, wearer)
        kept = passwords.hash_password(_ask(stdin))
        now_ns = store.now_ns()

        def work(session: Session) -> people.Person:
            added = people.add_person(session, name, kept, wearer=whose, now_ns=now_ns)
            _note(session, "add a person", added.id, now_ns, whose)
            return added

        added = store.write(work)
    say(f"{added.name} may log in as {added.id}, and read the nights of {whose}.")


def remove_person(name: str) -> None:
    """Remove a carer.

    Raises
    ------
    SettingsError
        Nobody is called so, or it is the owner.
    """
    if name == people.OWNER:
        raise SettingsError(
            "The owner stays. `crampwatch password` sets another password, which ends every login."
        )
    with _store() as store:

        def work(session: Session) -> None:
            if not people.remove_person(session, name):
                raise _nobody(name)
            _note(session, "remove a person", name, store.now_ns())

        store.write(work)
    say(f"{name} may log in no more.")


def list_people() -> None:
    """Print who may log in, in what role and for whose nights."""
    with _store() as store, store.reading() as session:
        found = people.everybody(session)
    if not found:
        typer.echo("Nobody logs in: no password is set. `crampwatch password` sets one.")
    for each in found:
        say(f"{each.id}: {each.name}, {each.role}, {_whose(each.wearer)}")


def add_token(
    name: str, role: str, wearer: str | None, *, days: int, only: Collection[str] = ()
) -> None:
    """Make a token and print it.

    Parameters
    ----------
    only
        The routes to which it is narrowed; none for all that its role may.

    Raises
    ------
    SettingsError
        There is no such role for a token, or it may not ask for one of the routes.
    WearerError
        It is not clear whose nights are meant.
    """
    if role not in (Role.COLLECTOR, Role.CARER, Role.OWNER):
        raise SettingsError(
            f"No token is for a '{role}'. Use --role collector, carer or owner; for a doctor there "
            "is `crampwatch share`."
        )
    for route in only:
        if not is_route(route):
            raise SettingsError(
                f"'{route}' is no address of the server. Write its method and its path, such as "
                "'GET /metrics'; /api/v1/openapi.json of your server lists those of the API."
            )
        if Role(role) not in who_may(route):
            raise SettingsError(
                f"A token for a '{role}' may not ask for '{route}'. Leave that out, or choose "
                "another --role."
            )
    with _store() as store:
        now_ns = store.now_ns()

        def work(session: Session) -> tuple[tokens.Token, str]:
            whose = None if role == Role.OWNER else _known_wearer(session, wearer)
            made = tokens.issue_token(
                session,
                name,
                Role(role),
                wearer=whose,
                now_ns=now_ns,
                expires_ns=now_ns + days * NS_PER_DAY,
                scopes=only,
            )
            _note(session, "make a token", made[0].id, now_ns, whose)
            return made

        token, text = store.write(work)
    complain(f"This is shown once. It is good for {_counted(days)}, {_whose(token.wearer)}.")
    typer.echo(f"CRAMPWATCH_TOKEN={text}")


def share_nights(
    wearer: str | None, since: date | None, until: date | None, *, days: int, name: str
) -> None:
    """Make a share and print its address.

    Raises
    ------
    SettingsError
        The nights are in no order, or too many.
    WearerError
        It is not clear whose nights are meant.
    """
    with _store() as store:
        now_ns = store.now_ns()
        with store.reading() as session:
            whose = _known_wearer(session, wearer)
            last = until or today(session, whose, now_ns) - ONE_DAY
        first = since or last - (SHARED_NIGHTS - 1) * ONE_DAY
        if not 0 <= (last - first).days < MOST_SHARED_NIGHTS:
            raise SettingsError(
                f"From {first} to {last} cannot be shared: give --since before --until, and at "
                f"most {MOST_SHARED_NIGHTS} nights."
            )

        def work(session: Session) -> str:
            return shares.share(
                session,
                whose,
                first,
                last,
                name=name,
                who=people.OWNER,
                now_ns=now_ns,
                expires_ns=now_ns + days * NS_PER_DAY,
            )

        path = store.write(work)
    complain(
        f"Whoever has this address reads the nights of {first} to {last} for {_counted(days)}. It "
        "is shown once; put the address under which others reach your server before it."
    )
    typer.echo(path)


def revoke(token: str) -> None:
    """Revoke a token or a share.

    Raises
    ------
    SettingsError
        None has that id.
    """
    with _store() as store:
        now_ns = store.now_ns()

        def work(session: Session) -> None:
            if not tokens.revoke_token(session, token, now_ns=now_ns):
                raise SettingsError(f"No token has the id '{token}'. See `crampwatch tokens list`.")
            _note(session, "revoke a token", token, now_ns)

        store.write(work)
    say(f"The token {token} is of no use from now on.")


def list_tokens() -> None:
    """Print the tokens and shares with what each is good for."""
    with _store() as store, store.reading() as session:
        now_ns = store.now_ns()
        found = tokens.tokens(session)
    if not found:
        typer.echo("There is no token. `crampwatch tokens add` makes one.")
    for each in found:
        if each.revoked_ns is not None:
            state = f"revoked {_day(each.revoked_ns)}"
        elif each.expires_ns is not None:
            over = each.expires_ns <= now_ns
            state = f"{'expired' if over else 'good until'} {_day(each.expires_ns)}"
        else:
            state = "good until it is revoked"
        say(f"{each.id}: {each.name}, {each.role}, {_whose(each.wearer)}, {state}")


def list_sessions() -> None:
    """Print where somebody is logged in."""
    with _store() as store, store.reading() as session:
        found = logins.logins(session, now_ns=store.now_ns())
    if not found:
        typer.echo("Nobody is logged in.")
    for each in found:
        say(f"{each.person}: since {_day(each.created_ns)}, used {_day(each.used_ns)}")


def end_sessions(person: str | None) -> None:
    """Log out every browser of somebody, or of everybody."""
    with _store() as store:

        def work(session: Session) -> int:
            ended = logins.end_logins(session, person)
            _note(session, "log out everywhere", person or "everybody", store.now_ns())
            return ended

        ended = store.write(work)
    typer.echo(f"{words.count(ended, 'browser was', 'browsers were')} logged out.")


def _ask(stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise SettingsError("Nobody is there to type a password. Give it as one line with --stdin.")
    first = getpass("Password: ")
    if first != getpass("The same again: "):
        raise SettingsError("These were two different passwords. Nothing was changed.")
    return first


def _known_wearer(session: Session, asked: str | None) -> str:
    whose = wearers.resolve(session, asked or load_settings().wearer)
    if all(each.id != whose for each in wearers.everybody(session)):
        raise SettingsError(
            "There is no wearer yet. Add one with `crampwatch wearers --add NAME`, or store a "
            "night first."
        )
    return whose


def _note(session: Session, action: str, what: str, at_ns: int, wearer: str | None = None) -> None:
    audit.note(session, people.OWNER, action, what, at_ns=at_ns, wearer=wearer)


def _whose(wearer: str | None) -> str:
    return "for everybody's nights" if wearer is None else f"for the nights of {wearer}"


def _counted(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _day(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns // NS_PER_S, UTC):%Y-%m-%d}"


def _nobody(name: str) -> SettingsError:
    return SettingsError(f"Nobody logs in as '{name}'. See `crampwatch people list`.")
