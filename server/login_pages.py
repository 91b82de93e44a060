"""The pages on which people log in and out."""

from __future__ import annotations

from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.orm import Session

from server import audit, pages, passwords
from server.callers import Caller, address_of, cookie_name, of_login, shown_cookie
from server.context import CallerInUse, Context, StoreInUse
from server.language import N_, _, ngettext
from server.logins import LONGEST_S, begin_login, end_login, end_logins
from server.people import Person, find_person, has_owner, rehash_password
from server.store import Store

__all__ = ["router"]

MAX_FORM_BYTES = 4096
"""Largest form taken, in bytes: a name, a password and an address."""
AT_ONCE = 1
"""Passwords looked at at once: each takes 64 MiB, and a small computer has little."""
MAX_WAITING = 8
"""Logins that wait for another at the most, which is some seconds on a small computer; whoever
comes then is asked to come again."""

WRONG = N_("That name and password do not go together. Please try again.")
BUSY = N_("Many are logging in just now. Please try again in a minute.")
NO_PASSWORD = N_(
    "No password is set yet. In a terminal on the machine that runs crampwatch, set one with "
    "`crampwatch password`, and start crampwatch again."
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_limiter = CapacityLimiter(AT_ONCE)


@router.get("/login")
def ask(store: StoreInUse) -> Response:
    """Ask for a name and a password."""
    with store.reading() as session:
        return pages.login(problem=None if has_owner(session) else _(NO_PASSWORD))


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Take a name and a password, and let the browser in."""
    context: Context = request.app.state.context
    store = context.store
    form = await _form(request)
    name, onward = form.get("name", "").strip().lower(), _page_here(form.get("onward", "/"))

    def again(problem: str, status: int, **headers: str) -> Response:
        return pages.login(onward, name=name, problem=problem, status=status, headers=headers)

    found = await to_thread.run_sync(_look_up, store, name)
    # All names that nobody has count as one, or a stranger could fill the memory with them.
    account = "" if found is None else found[0].id
    address = address_of(request.scope)
    wait_s = context.throttle.wait_s(address, account)
    if wait_s > 0:
        minutes = -(-int(wait_s) // 60) or 1
        told = ngettext(
            "That was tried often just now. Please wait a minute, then try again.",
            "That was tried often just now. Please wait %(num)s minutes, then try again.",
            minutes,
        )
        return again(told, 429, **{"Retry-After": str(int(wait_s) + 1)})
    if _limiter.statistics().tasks_waiting >= MAX_WAITING:
        return again(_(BUSY), 503, **{"Retry-After": "60"})
    if not await to_thread.run_sync(_is_right, found, form.get("password", ""), limiter=_limiter):
        await to_thread.run_sync(_note_failure, store, account)
        return again(_(WRONG), 401)
    assert found is not None
    context.throttle.succeeded(address, account)
    secret = await to_thread.run_sync(
        _begin, store, found, form["password"], shown_cookie(request.scope)
    )
    answer = RedirectResponse(onward, 303)
    _set_cookie(request, answer, secret)
    return answer


@router.post("/logout")
def log_out(request: Request, store: StoreInUse) -> Response:
    """Log this browser out."""
    secret = shown_cookie(request.scope)
    if secret is not None:
        store.write(lambda session: _end(session, secret, store.now_ns()))
    return _logged_out(request)


@router.get("/account")
def account(caller: CallerInUse) -> Response:
    """Say who is logged in, and offer the way out."""
    return pages.page("account.html", caller=caller)


@router.post("/account/log-out-everywhere")
def log_out_everywhere(request: Request, store: StoreInUse, caller: CallerInUse) -> Response:
    """Log out every browser of whoever asks."""

    def work(session: Session, person: str) -> None:
        end_logins(session, person)
        _note(session, store, caller, person)

    if caller.login is not None:
        person = caller.login.person
        store.write(lambda session: work(session, person))
    return _logged_out(request)


def _note(session: Session, store: Store, caller: Caller, person: str) -> None:
    audit.note(
        session, person, "log out everywhere", "logins", at_ns=store.now_ns(), wearer=caller.wearer
    )


async def _form(request: Request) -> dict[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413, "This form holds more than a name and a password.")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _page_here(onward: str) -> str:
    """Give the address of a page; that of the first one where it is not of this server."""
    is_here = onward.startswith("/") and onward[1:2] not in ("/", "\\") and onward.isprintable()
    return onward if is_here else "/"


def _look_up(store: Store, name: str) -> tuple[Person, str] | None:
    with store.reading() as session:
        return find_person(session, name)


def _is_right(found: tuple[Person, str] | None, password: str) -> bool:
    # Where nobody has the name it takes as long, so that names cannot be found out by the clock.
    kept = passwords.of_nobody() if found is None else found[1]
    return passwords.is_password(password, kept) and found is not None


def _begin(store: Store, found: tuple[Person, str], password: str, before: str | None) -> str:
    """Log in, out of what this browser was logged in to; gives the secret of the new login."""
    person, kept = found
    again = passwords.hash_again(password) if passwords.is_outdated(kept) else None
    now_ns = store.now_ns()

    def work(session: Session) -> str:
        if before is not None:
            _end(session, before, now_ns)
        if again is not None:
            rehash_password(session, person.id, kept, again)
        _, secret = begin_login(session, person, now_ns=now_ns)
        audit.note(session, person.id, "log in", "a browser", at_ns=now_ns, wearer=person.wearer)
        return secret

    return store.write(work)


def _note_failure(store: Store, account: str) -> None:
    # What was typed as the name may be a password: it is not kept.
    who = account or "nobody known"
    store.write(
        lambda session: audit.note(
            session, who, "log in, refused", "a browser", at_ns=store.now_ns(), wearer=None
        )
    )


def _end(session: Session, secret: str, now_ns: int) -> None:
    caller = of_login(session, secret, now_ns=now_ns)
    if caller is not None and caller.login is not None:
        end_login(session, caller.login.id)
        audit.note(session, caller.name, "log out", "a browser", at_ns=now_ns, wearer=caller.wearer)


def _set_cookie(request: Request, answer: Response, secret: str) -> None:
    scheme = request.scope["scheme"]
    answer.set_cookie(
        cookie_name(scheme),
        secret,
        max_age=LONGEST_S,
        secure=scheme == "https",
        httponly=True,
        # Not strict: whoever follows the link in a notice would have to log in each time.
        samesite="lax",
    )


def _logged_out(request: Request) -> Response:
    scheme = request.scope["scheme"]
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(
        cookie_name(scheme), secure=scheme == "https", httponly=True, samesite="lax"
    )
    # What the service worker keeps for when the server is out of reach is for who was logged in.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
