"""The page on which people see whether notices reach them, choose which, and try it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from detector.classifier import load_model
from ingest.errors import InputError
from server import learning, notice_log, people, wearers
from server.answer_routes import Form, FormSent
from server.callers import Caller
from server.context import CallerInUse, NotifierInUse, Reader, ReaderNow
from server.language import LANGUAGES, N_, _
from server.learning_words import changed, given
from server.notify import channel_words
from server.notify.channels import (
    CHOICES,
    Channel,
    add_address,
    agree,
    channels,
    choose,
    remove,
)
from server.notify.kinds import Kind, kind_of, title
from server.notify.notifier import Notifier
from server.notify.own_channels import ChannelAction, note_channel, own_channel
from server.notify.reach import require_outside
from server.notify.status_words import ADD_ONE, NO_CHANNEL, NOT_TOLD, became, reason, tried_last
from server.pages import asked, of_wearer, page
from server.tables import Hemisphere
from server.wearer_day import zone_now

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

SHOWN_NOTICES = 20
"""The newest notices on the page: a week's worth on a few channels."""

MAX_URL_CHARS = 2048
"""Longest address in characters: with tokens and several recipients they have some hundred."""

SEASONS = {
    "": N_("No"),
    Hemisphere.NORTH: N_("Yes, with summer in July"),
    Hemisphere.SOUTH: N_("Yes, with summer in January"),
}
"""What may be chosen of the season."""

ChannelId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A channel, as the page shows it.

    Parameters
    ----------
    added
        As somebody added it; None for one of the settings.
    whose
        Who added it, where that is not whoever looks.
    """

    name: str
    shown: str
    last: str
    added: Channel | None = None
    whose: str | None = None

    @property
    def may_try(self) -> bool:
        """Whether a test can be sent."""
        return self.added is None or self.added.hears(Kind.TEST)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at the channels of whom."""

    reader: Reader
    notifier: Notifier
    caller: Caller

    @property
    def whose(self) -> str:
        """Of whom they are."""
        return self.reader.whose

    def back(self) -> Response:
        """Show the page again."""
        return RedirectResponse(f"/settings{asked(self.reader.wearer)}", 303)

    def show(
        self,
        *,
        refusal: str | None = None,
        form: Form | None = None,
        change: str | None = None,
    ) -> Response:
        """Show the page, why something was not kept, and what the answers change."""
        person = self.caller.person
        with self.reader.store.reading() as session:
            zone = zone_now(session, self.whose)
            spoken = wearers.spoken_to(session, self.whose)
            season = wearers.season_of(session, self.whose)
            learns = wearers.learns(session, self.whose)
            answers = learning.answers_given(session, self.whose)
            newest = notice_log.notices(session, self.whose, newest=notice_log.LOOKED_BACK)
            added = {each.name: each for each in channels(session, self.whose)}
            names = {each.id: each.name for each in people.everybody(session)}
            settled = {} if person else self.notifier.channels(session, self.whose)
        last = {each.channel: each for each in newest if each.sent_ns is not None or each.problem}
        mine = {n: each for n, each in added.items() if person in (None, each.person)}
        found = [
            Shown(name, what, tried_last(last.get(name), zone))
            for name, what in settled.items()
            if name not in added
        ] + [
            Shown(
                name,
                each.shown,
                tried_last(last.get(name), zone),
                each,
                names[each.person] if each.person not in (None, person) else None,
            )
            for name, each in mine.items()
        ]
        shown = {each.name: each.shown for each in found}
        home = None if person else self.notifier.home
        return page(
            "settings.html",
            status=200 if refusal is None else 422,
            **of_wearer(self.reader.store, self.reader.wearer),
            channels=found,
            is_owner=person is None,
            language=spoken.language,
            season=season or "",
            seasons=SEASONS,
            learns=learns,
            answers=given(answers),
            change=change,
            home=None if home is None else (home.shown, home.problem and reason(home.problem)),
            push_key=self.notifier.push_key,
            no_channel=_(NO_CHANNEL if person is None else NOT_TOLD),
            how_to_set_one=_(ADD_ONE) if person is None else None,
            channel_words=channel_words,
            choices=CHOICES,
            refusal=refusal,
            wanted=_kinds(form) if form else set(CHOICES),
            notices=[
                (shown.get(each.channel, each.channel), title(kind_of(each.key)), what)
                for each in newest[::-1]
                if person is None or each.channel in shown
                for what in [became(each, zone)]
            ][:SHOWN_NOTICES],
        )

    def keep(self, choose: Callable[[Session], None]) -> Response:
        """Keep a choice for the wearer, who may be still to come."""

        def write(session: Session) -> None:
            self.notifier.begin(session, self.whose)
            choose(session)

        self.reader.store.write(write)
        return self.back()

    def change(
        self, channel_id: int, work: Callable[[Session, Channel], None], action: ChannelAction
    ) -> Response:
        """Change a channel that is one's own, or the owner's to decide on."""
        at_ns = self.reader.store.now_ns()

        def write(session: Session) -> bool:
            found = own_channel(session, self.caller, self.whose, channel_id)
            if found is not None:
                work(session, found)
                note_channel(session, self.caller, action, found, at_ns)
            return found is not None

        if not self.reader.store.write(write):
            raise HTTPException(404)
        return self.back()


def _visit(reader: ReaderNow, notifier: NotifierInUse, caller: CallerInUse) -> Visit:
    return Visit(reader, notifier, caller)


VisitNow = Annotated[Visit, Depends(_visit)]


@router.get("/settings")
def settings(visit: VisitNow) -> Response:
    """Show the channels, what came of the last notice on each, and a button to try it."""
    return visit.show()


@router.post("/settings/test")
def send_test(
    visit: VisitNow, name: Annotated[str, Query(alias="channel", max_length=64)]
) -> Response:
    """Send a test on a channel, and show the page again."""
    if not visit.notifier.test(visit.whose, name, visit.caller.person):
        raise HTTPException(404)
    return visit.back()


@router.post("/settings/language")
def choose_language(visit: VisitNow, form: FormSent) -> Response:
    """Keep the language that notices are written in."""
    language = form.one("language")
    if language not in LANGUAGES:
        return visit.back()
    return visit.keep(lambda session: wearers.choose_language(session, visit.whose, language))


@router.post("/settings/season")
def choose_season(visit: VisitNow, form: FormSent) -> Response:
    """Keep whether what is usual goes with the season; the alerts of the next night do then."""
    season = form.one("season")
    if season not in SEASONS:
        return visit.back()
    chosen = Hemisphere(season) if season else None
    return visit.keep(lambda session: wearers.choose_season(session, visit.whose, chosen))


@router.get("/settings/learning")
def show_learning(visit: VisitNow) -> Response:
    """Show the page with what the answers would have changed, which takes its time to work out."""
    model = load_model()
    with visit.reader.store.reading() as session:
        nights = learning.answered_nights(session, visit.whose, model)
    return visit.show(change=changed(nights, model))


@router.post("/settings/learning")
def choose_learning(visit: VisitNow, form: FormSent) -> Response:
    """Keep whether the nights to come are judged with what was answered."""
    learns = form.one("learns")
    if learns not in ("yes", "no"):
        return visit.back()
    return visit.keep(
        lambda session: wearers.choose_learning(session, visit.whose, learns == "yes")
    )


@router.post("/settings/channels")
def add(visit: VisitNow, form: FormSent) -> Response:
    """Keep an address that somebody wants to be told at."""
    from server.notify.by_url import Service

    url = form.one("url")
    try:
        if len(url.split()) != 1 or len(url) > MAX_URL_CHARS:
            raise InputError(_("Give an address, such as ntfys://ntfy.sh/TOPIC."))
        service = Service.at(url)
        if not service.is_encrypted:
            raise InputError(_(channel_words.OPEN_ON_ITS_WAY))
        person = visit.caller.require_person()
        if person is not None:
            for machine in service.machines:
                require_outside(machine)
        at_ns = visit.reader.store.now_ns()

        def work(session: Session) -> None:
            visit.notifier.begin(session, visit.whose)
            added = add_address(
                session, visit.whose, person, service.shown, url, _kinds(form), added_ns=at_ns
            )
            note_channel(session, visit.caller, ChannelAction.ADD, added, at_ns)

        visit.reader.store.write(work)
    except InputError as refusal:
        return visit.show(refusal=str(refusal), form=form)
    return visit.back()


@router.post("/settings/channels/{channel_id}")
def decide(visit: VisitNow, channel_id: ChannelId, form: FormSent) -> Response:
    """Keep what whoever added a channel wants to be told of, or what the wearer agrees to."""

    def work(session: Session, found: Channel) -> None:
        own = found.person == visit.caller.person
        (choose if own else agree)(session, found, _kinds(form))

    return visit.change(channel_id, work, ChannelAction.DECIDE)


@router.post("/settings/channels/{channel_id}/forget")
def forget(visit: VisitNow, channel_id: ChannelId) -> Response:
    """Tell nothing more on a channel."""
    return visit.change(channel_id, remove, ChannelAction.REMOVE)


def _kinds(form: Form) -> set[Kind]:
    return {each for each in CHOICES if each in form.fields.get("kind", ())}
