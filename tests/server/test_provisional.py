from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from detector.night import Night, Standing
from ingest.errors import InputError
from ingest.samples import NS_PER_S
from server import queries
from server.provisional import (
    ProvisionalEpisode,
    provisional_episodes,
    tell_episode,
    withdraw_episode,
)
from server.store import Store
from server.tables import EpisodeState
from tests.server.conftest import at

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

ON_BOTH = True

NIGHT = date(2026, 11, 21)
BERLIN = ZoneInfo("Europe/Berlin")


def live(night: Night, number: int, *, shift_s: int = 0, name: str = "") -> ProvisionalEpisode:
    each = night.episodes[number]
    shift_ns = shift_s * NS_PER_S
    return ProvisionalEpisode(
        name or f"live-{number}",
        night.info.start_ns,
        each.onset_ns + shift_ns,
        each.end_ns + shift_ns,
        0.5,
        Standing.POSSIBLE,
    )


def tell(store: Store, episode: ProvisionalEpisode, wearer: str = "me") -> bool:
    return store.write(
        lambda session: tell_episode(session, wearer, episode, BERLIN, told_ns=at(NIGHT, "03:00"))
    )


def withdraw(store: Store, episode_id: str, wearer: str = "me") -> bool:
    return store.write(lambda session: withdraw_episode(session, wearer, episode_id))


def states(store: Store) -> dict[str, tuple[str, str | None]]:
    with store.reading() as session:
        found = provisional_episodes(session, "me")
    return {each.id: (each.state.value, each.became) for each in found}


@pytest.fixture
def me(store: Store) -> Store:
    store.add_wearer("Me", "Europe/Berlin")
    return store


def test_an_episode_told_twice_is_one_and_the_later_word_stands(
    me: Store, make_night: NightMaker
) -> None:
    night = make_night()
    assert tell(me, live(night, 0)) is True
    assert tell(me, live(night, 0, shift_s=5)) is False
    with me.reading() as session:
        (kept,) = provisional_episodes(session, "me", (NIGHT, NIGHT))
        assert queries.episodes(session, "me") == ()
    assert kept.onset_ns == night.episodes[0].onset_ns + 5 * NS_PER_S
    assert (kept.night, kept.state) == (NIGHT, EpisodeState.PROVISIONAL)


def test_the_finished_night_confirms_what_it_has_and_withdraws_the_rest(
    me: Store, make_night: NightMaker
) -> None:
    night = make_night(episodes=2)
    tell(me, live(night, 0, shift_s=30))
    tell(me, live(night, 1, shift_s=3600, name="live-late"))
    other = make_night(date(2026, 11, 19), id="other")
    tell(me, live(other, 0, name="of another night"))
    me.save(night)
    assert states(me) == {
        "live-0": ("confirmed", night.episodes[0].id),
        "live-late": ("withdrawn", None),
        "of another night": ("provisional", None),
    }


def test_another_judgement_may_turn_both_round(me: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2)
    for number in (0, 1):
        tell(me, live(night, number))
    me.save(replace(night, episodes=night.episodes[:1]))
    assert [state for state, _ in states(me).values()] == ["confirmed", "withdrawn"]
    me.save(replace(night, episodes=night.episodes[1:]))
    assert [state for state, _ in states(me).values()] == ["withdrawn", "confirmed"]


def test_a_word_that_comes_after_the_end_changes_nothing(me: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2)
    tell(me, live(night, 0))
    tell(me, live(night, 1, shift_s=3600))
    me.save(night)
    before = states(me)
    assert tell(me, live(night, 0, shift_s=900)) is False
    assert tell(me, live(night, 1)) is False
    assert withdraw(me, "live-0") is True
    assert states(me) == before


def test_what_is_withdrawn_while_the_night_goes_on_may_be_told_again(
    me: Store, make_night: NightMaker
) -> None:
    night = make_night()
    tell(me, live(night, 0))
    assert withdraw(me, "live-0") is True
    assert states(me) == {"live-0": ("withdrawn", None)}
    tell(me, live(night, 0))
    assert states(me) == {"live-0": ("provisional", None)}


def test_nobody_tells_or_withdraws_for_another_wearer(me: Store, make_night: NightMaker) -> None:
    me.add_wearer("Anna", "Europe/Berlin")
    night = make_night()
    tell(me, live(night, 0))
    with pytest.raises(InputError, match="its id is taken"):
        tell(me, live(night, 0), "anna")
    assert withdraw(me, "live-0", "anna") is False
    with me.reading() as session:
        assert provisional_episodes(session, "anna") == ()
    assert states(me) == {"live-0": ("provisional", None)}
