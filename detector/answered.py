"""Nights that the wearer has answered: what they say of each awakening, and what that changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detector.classifier import Model
from detector.night import Standing
from detector.personal import ASKED, UNASKED, Answer, fit_personal

__all__ = ["QUESTIONS", "AnsweredNight", "Change", "answered_night", "asked_about", "report_change"]

PARTS = 10
"""Parts that answered nights are judged in, each by the answers of the others: with more there is
little more to learn from, and years of nights would take minutes."""

QUESTIONS = 2
"""Awakenings that are only possible which a morning asks about at the most: nobody answers more."""


@dataclass(frozen=True, slots=True)
class AnsweredNight:
    """A night of which the wearer has said all that they know.

    Parameters
    ----------
    answers
        Of its awakenings.
    cramps
        That there were, with those that no awakening was found for.
    """

    answers: tuple[Answer, ...]
    cramps: int


@dataclass(frozen=True, slots=True)
class Change:
    """What an adjustment does to the nights that were answered, at `likely`.

    Each night is judged by what the answers of others teach: judged by its own it would look
    better than the next one will be.

    Parameters
    ----------
    nights, cramps
        That were answered, and the cramps in them.
    found_before, found_after
        Cramps among what is `likely`, by the plain model and by the adjusted one.
    false_before, false_after
        What else is `likely`.
    """

    nights: int
    cramps: int
    found_before: int
    found_after: int
    false_before: int
    false_after: int

    def in_words(self) -> str:
        """Tell it in two sentences."""
        nights = "1 answered night" if self.nights == 1 else f"{self.nights} answered nights"
        cramps = "1 cramp" if self.cramps == 1 else f"{self.cramps} cramps"
        return (
            f"Of {cramps} in {nights}, {self.found_after} would have been called likely with the "
            f"answers of other nights, {self.found_before} without. False alarms: "
            f"{self.false_after} with them, {self.false_before} without."
        )


def asked_about(model: Model, probabilities: Sequence[float]) -> list[bool]:
    """Tell which awakenings of one night are shown: what is likely, and two possible ones.

    Parameters
    ----------
    probabilities
        Of each, by whatever judges now.
    """
    standings = [model.standing(each) for each in probabilities]
    possible = [number for number, each in enumerate(standings) if each is Standing.POSSIBLE]
    possible.sort(key=lambda number: -probabilities[number])
    asked = set(possible[:QUESTIONS])
    return [each is Standing.LIKELY or number in asked for number, each in enumerate(standings)]


def answered_night(
    features: Sequence[Mapping[str, float]],
    log_odds: Sequence[float],
    cramp: Sequence[bool | None],
    asked: Sequence[bool],
    *,
    cramps: int,
) -> AnsweredNight:
    """Lay the wearer's word onto the awakenings of a night that was answered.

    Parameters
    ----------
    features, log_odds
        What was measured on each awakening, and how the plain model judges it.
    cramp
        Whether it was one; None where that cannot be said, as of the second movement of one cramp.
    asked
        Which of them were asked about.
    cramps
        That there were, with those that no awakening was found for.
    """
    answers = [
        Answer(measured, plain, word, ASKED if word or shown else UNASKED)
        for measured, plain, word, shown in zip(features, log_odds, cramp, asked, strict=True)
        if word is not None
    ]
    return AnsweredNight(tuple(answers), cramps)


def report_change(nights: Sequence[AnsweredNight], model: Model) -> Change:
    """Tell what the answers would have changed in the nights that they are of."""
    found, false = np.zeros(2, int), np.zeros(2, int)
    for part in range(min(PARTS, len(nights))):
        others = [
            answer
            for number, other in enumerate(nights)
            if number % PARTS != part
            for answer in other.answers
        ]
        personal = fit_personal(others, model.version)
        for answer in (answer for night in nights[part::PARTS] for answer in night.answers):
            likely = np.array(
                [
                    model.standing(probability) is Standing.LIKELY
                    for probability in (answer.probability, personal.probability(answer))
                ]
            )
            if answer.cramp:
                found += likely
            else:
                false += likely
    return Change(
        nights=len(nights),
        cramps=sum(night.cramps for night in nights),
        found_before=int(found[0]),
        found_after=int(found[1]),
        false_before=int(false[0]),
        false_after=int(false[1]),
    )
