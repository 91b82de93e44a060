"""The plain words of the morning's questions and of what was answered."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from detector.night import Standing
from server.answers import MAX_PAIN, Answer
from server.kept_tables import Leg, Muscle, Said
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

KEPT = "Kept on this phone, sent when crampwatch can be reached."
WITH_DETAILS = "Yes, and what you told of it"
DO_NOT_SEND = "Do not send"
NOT_KEPT = "This could be neither sent nor kept. Please try again in a while."
NOT_TAKEN = (
    "An answer that was kept on this phone could not be taken: its night was changed meanwhile."
)
FROM_PHONE = "Crampwatch cannot be reached now. This is the page as this phone saw it last."

ANSWERS = {Said.YES: "Yes", Said.NO: "No", Said.UNSURE: "Not sure"}
"""What can be answered."""

ANSWERED = {
    Said.YES: "Answer: it was a cramp.",
    Said.NO: "Answer: it was not a cramp.",
    Said.UNSURE: "Answer: not sure.",
}

LEGS = {Leg.LEFT: "Left", Leg.RIGHT: "Right", Leg.BOTH: "Both"}
MUSCLES = {
    Muscle.CALF: "Calf",
    Muscle.FOOT: "Foot",
    Muscle.THIGH: "Thigh",
    Muscle.OTHER: "Elsewhere",
}

HELPED = ("stretching", "standing up", "walking", "rubbing", "warmth", "nothing")
"""What people name most; anything else is written."""


def ask(episode: StoredEpisode) -> str:
    """Write the question about an episode."""
    if episode.standing is Standing.LIKELY:
        return "Was this a cramp?"
    return f"Something woke you at {clock(episode.start_ns, episode.zone)}. Was it a cramp?"


def answered(said: Said) -> str:
    """Write what was answered."""
    return ANSWERED[said]


def other_answers(said: Said) -> dict[Said, str]:
    """Give what can be answered instead, or that nothing was."""
    others = {each: name for each, name in ANSWERS.items() if each is not said}
    return others | {Said.TAKEN_BACK: "Take it back"}


def trip(got_up: bool, was_one: bool | None) -> str:
    """Write the question about a trip to the bathroom, or what was answered."""
    if was_one is not None:
        return f"{'A' if was_one else 'Not a'} trip to the bathroom."
    return "It looks as if you got up. To the bathroom?" if got_up else "Was it the bathroom?"


def trip_options(was_one: bool | None) -> dict[Said, str]:
    """Give what can be answered of a trip."""
    if was_one is None:
        return {Said.YES: "Yes", Said.NO: "No"}
    return {Said.NO: "It was none"} if was_one else {Said.YES: "It was one"}


def missed(onset_ns: int, zone: ZoneInfo, *, asked: bool) -> str:
    """Write of a cramp that no episode is of, because none was found or it is found no longer."""
    at = clock(onset_ns, zone)
    if asked:
        return f"You had a cramp at {at}. Judged anew, it is found no longer; your word stands."
    return f"You had a cramp at {at} that was not found."


def details(answer: Answer) -> str | None:
    """Write what was said of a cramp as a sentence; None where nothing was."""
    told = [
        _where(answer.leg, answer.muscle),
        None if answer.pain is None else f"pain {answer.pain} of {MAX_PAIN}",
        None if answer.hurt_min is None else f"hurt for {length(60 * answer.hurt_min)}",
        f"helped: {answer.helped}" if answer.helped else None,
    ]
    said = ", ".join(each for each in told if each)
    return f"{said[0].upper()}{said[1:]}." if said else None


def _where(leg: Leg | None, muscle: Muscle | None) -> str | None:
    side = "" if leg is None else f"{leg.value} "
    if muscle in (None, Muscle.OTHER):
        elsewhere = "" if muscle is None else ", not calf, foot or thigh"
        if leg is None:
            return elsewhere.removeprefix(", ") or None
        return f"{side}{'legs' if leg is Leg.BOTH else 'leg'}{elsewhere}"
    many = {"calf": "calves", "foot": "feet", "thigh": "thighs"}
    return f"{side}{many[muscle.value] if leg is Leg.BOTH else muscle.value}"


def helped(answer: Answer | None) -> tuple[str, ...]:
    """Give which of `HELPED` were named."""
    return tuple(each for each in _named(answer) if each in HELPED)


def something_else(answer: Answer | None) -> str:
    """Give what else was written to have helped."""
    return ", ".join(each for each in _named(answer) if each not in HELPED)


def _named(answer: Answer | None) -> list[str]:
    return answer.helped.split(", ") if answer is not None and answer.helped else []
