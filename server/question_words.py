"""The plain words of the morning's questions and of what was answered."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from detector.night import Standing
from server.answers import MAX_PAIN, Answer
from server.kept_tables import Leg, Muscle, Said
from server.language import N_, _, translated
from server.stored import StoredEpisode
from server.words import clock, length

__all__ = [
    "ANSWERS",
    "DO_NOT_SEND",
    "FROM_PHONE",
    "HELPED",
    "KEPT",
    "LEGS",
    "MUSCLES",
    "NOT_KEPT",
    "NOT_TAKEN",
    "WITH_DETAILS",
    "answered",
    "ask",
    "details",
    "helped",
    "missed",
    "other_answers",
    "something_else",
    "trip",
    "trip_options",
]

KEPT = N_("Kept on this phone, sent when crampwatch can be reached.")
WITH_DETAILS = N_("Yes, and what you told of it")
DO_NOT_SEND = N_("Do not send")
NOT_KEPT = N_("This could be neither sent nor kept. Please try again in a while.")
NOT_TAKEN = N_(
    "An answer that was kept on this phone could not be taken: its night was changed meanwhile."
)
FROM_PHONE = N_("Crampwatch cannot be reached now. This is the page as this phone saw it last.")

ANSWERS = {Said.YES: N_("Yes"), Said.NO: N_("No"), Said.UNSURE: N_("Not sure")}
"""What can be answered."""

ANSWERED = {
    Said.YES: N_("Answer: it was a cramp."),
    Said.NO: N_("Answer: it was not a cramp."),
    Said.UNSURE: N_("Answer: not sure."),
}

LEGS = {Leg.LEFT: N_("Left"), Leg.RIGHT: N_("Right"), Leg.BOTH: N_("Both")}
MUSCLES = {
    Muscle.CALF: N_("Calf"),
    Muscle.FOOT: N_("Foot"),
    Muscle.THIGH: N_("Thigh"),
    Muscle.OTHER: N_("Elsewhere"),
}

WHERE: dict[tuple[Leg | None, Muscle | None], str] = {
    (None, Muscle.CALF): N_("calf"),
    (None, Muscle.FOOT): N_("foot"),
    (None, Muscle.THIGH): N_("thigh"),
    (None, Muscle.OTHER): N_("not calf, foot or thigh"),
    (Leg.LEFT, None): N_("left leg"),
    (Leg.LEFT, Muscle.CALF): N_("left calf"),
    (Leg.LEFT, Muscle.FOOT): N_("left foot"),
    (Leg.LEFT, Muscle.THIGH): N_("left thigh"),
    (Leg.LEFT, Muscle.OTHER): N_("left leg, not calf, foot or thigh"),
    (Leg.RIGHT, None): N_("right leg"),
    (Leg.RIGHT, Muscle.CALF): N_("right calf"),
    (Leg.RIGHT, Muscle.FOOT): N_("right foot"),
    (Leg.RIGHT, Muscle.THIGH): N_("right thigh"),
    (Leg.RIGHT, Muscle.OTHER): N_("right leg, not calf, foot or thigh"),
    (Leg.BOTH, None): N_("both legs"),
    (Leg.BOTH, Muscle.CALF): N_("both calves"),
    (Leg.BOTH, Muscle.FOOT): N_("both feet"),
    (Leg.BOTH, Muscle.THIGH): N_("both thighs"),
    (Leg.BOTH, Muscle.OTHER): N_("both legs, not calf, foot or thigh"),
}
"""Where a cramp was, by the leg and the muscle that were told."""

HELPED = {
    "stretching": N_("stretching"),
    "standing up": N_("standing up"),
    "walking": N_("walking"),
    "rubbing": N_("rubbing"),
    "warmth": N_("warmth"),
    "nothing": N_("nothing"),
}
"""What people name most, by the word that is kept; anything else is written."""


def ask(episode: StoredEpisode) -> str:
    """Write the question about an episode."""
    if episode.standing is Standing.LIKELY:
        return _("Was this a cramp?")
    at = clock(episode.start_ns, episode.zone)
    return _("Something woke you at %(at)s. Was it a cramp?", at=at)


def answered(said: Said) -> str:
    """Write what was answered."""
    return _(ANSWERED[said])


def other_answers(said: Said) -> dict[Said, str]:
    """Give what can be answered instead, or that nothing was."""
    others = {each: name for each, name in ANSWERS.items() if each is not said}
    return translated(others) | {Said.TAKEN_BACK: _("Take it back")}


def trip(got_up: bool, was_one: bool | None) -> str:
    """Write the question about a trip to the bathroom, or what was answered."""
    if was_one is not None:
        return _("A trip to the bathroom.") if was_one else _("Not a trip to the bathroom.")
    if got_up:
        return _("It looks as if you got up. To the bathroom?")
    return _("Was it the bathroom?")


def trip_options(was_one: bool | None) -> dict[Said, str]:
    """Give what can be answered of a trip."""
    if was_one is None:
        return {Said.YES: _("Yes"), Said.NO: _("No")}
    return {Said.NO: _("It was none")} if was_one else {Said.YES: _("It was one")}


def missed(onset_ns: int, zone: ZoneInfo, *, asked: bool) -> str:
    """Write of a cramp that no episode is of, because none was found or it is found no longer."""
    at = clock(onset_ns, zone)
    if asked:
        return _(
            "You had a cramp at %(at)s. Judged anew, it is found no longer; your word stands.",
            at=at,
        )
    return _("You had a cramp at %(at)s that was not found.", at=at)


def details(answer: Answer) -> str | None:
    """Write what was said of a cramp as a sentence; None where nothing was."""
    told = [
        _where(answer.leg, answer.muscle),
        None
        if answer.pain is None
        else _("pain %(pain)s of %(most)s", pain=answer.pain, most=MAX_PAIN),
        None
        if answer.hurt_min is None
        else _("hurt for %(time)s", time=length(60 * answer.hurt_min)),
        _("helped: %(what)s", what=", ".join(_named(answer))) if answer.helped else None,
    ]
    said = ", ".join(each for each in told if each)
    return f"{said[0].upper()}{said[1:]}." if said else None


def _where(leg: Leg | None, muscle: Muscle | None) -> str | None:
    place = WHERE.get((leg, muscle))
    return None if place is None else _(place)


def helped(answer: Answer | None) -> tuple[str, ...]:
    """Give which of `HELPED` were named."""
    return tuple(each for each in _kept(answer) if each in HELPED)


def something_else(answer: Answer | None) -> str:
    """Give what else was written to have helped."""
    return ", ".join(each for each in _kept(answer) if each not in HELPED)


def _named(answer: Answer) -> list[str]:
    return [_(HELPED[each]) if each in HELPED else each for each in _kept(answer)]


def _kept(answer: Answer | None) -> list[str]:
    return answer.helped.split(", ") if answer is not None and answer.helped else []
