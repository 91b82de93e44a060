"""What the API answers of trials."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field

from server import schema, trial_words
from server.associations.judged import Judgement, Verdict
from server.diary_kinds import Habit
from server.trial import outcome, power
from server.trials import Trial as KeptTrial
from server.trials import TrialState

__all__ = ["Foreseen", "Trial", "TrialBlock", "TrialPower", "TrialResult", "Trials"]

Begin = Annotated[schema.NightDate, Field(examples=["2026-11-23"])]
End = Annotated[schema.NightDate, Field(examples=["2027-02-14"])]


class TrialBlock(schema.Answer):
    """Nights in a row that are to be alike."""

    first: Begin
    last: Annotated[schema.NightDate, Field(examples=["2026-12-06"])]
    with_it: bool = Field(description="Whether the habit is to be kept", examples=[True])


class TrialResult(schema.Answer):
    """Nights with the habit beside nights without it, compared within each pair of blocks."""

    with_it: schema.Side
    without: schema.Side
    rate_ratio: schema.RateRatio | None = Field(description="Null where nothing can be compared")
    verdict: Verdict = Field(examples=["too_early"])
    finding: str = Field(examples=["Too early to tell."])

    @classmethod
    def of(cls, judged: Judgement) -> Self:
        """Give a result as it is told."""
        return cls(
            with_it=schema.Side.model_validate(judged.with_it),
            without=schema.Side.model_validate(judged.without),
            rate_ratio=None if judged.ratio is None else schema.RateRatio.of(judged.ratio),
            verdict=judged.verdict,
            finding=trial_words.finding(judged),
        )


class Trial(schema.Answer):
    """A trial of a habit; what came of it is null until it is over."""

    id: schema.Identifier
    habit: Habit
    state: TrialState
    first: Begin
    last: End = Field(description="The last night; before `first` where it never began")
    stopped: date | None = Field(
        description="The first night that is no longer of it, where somebody stopped it",
        examples=["2027-01-04"],
    )
    blocks: list[TrialBlock]
    nights: int = Field(description="Nights so far, recorded or not", examples=[35])
    told: int = Field(description="Of these, those of which the diary tells", examples=[33])
    as_planned_told: int = Field(description="Of these, those that were as planned", examples=[31])
    as_planned: TrialResult | None = Field(description="By the blocks, whatever was done")
    as_done: TrialResult | None = Field(description="By what the diary says was done")

    @classmethod
    def of(cls, kept: KeptTrial, found: outcome.Outcome, today: date) -> Self:
        """Give a trial as it is today."""
        state = kept.state(today)
        is_over = state is TrialState.OVER
        return cls(
            id=kept.id,
            habit=kept.plan.habit,
            state=state,
            first=kept.plan.first,
            last=kept.last,
            stopped=kept.stopped,
            blocks=[TrialBlock.model_validate(each) for each in kept.plan.blocks],
            nights=found.nights,
            told=found.told,
            as_planned_told=found.as_planned_told,
            as_planned=TrialResult.of(found.as_planned) if is_over else None,
            as_done=TrialResult.of(found.as_done) if is_over else None,
        )


class Trials(schema.Answer):
    """Every trial, the newest first."""

    items: list[Trial]


class Foreseen(schema.Answer):
    """What a trial of some length would show."""

    pairs: int = Field(examples=[3])
    weeks: int = Field(examples=[12])
    halving: float = Field(
        description="Chance that 'fewer' is said where the habit halves the cramp nights",
        examples=[0.52],
    )
    mistaken: float = Field(
        description="Chance that 'fewer' or 'more' is said where it changes nothing",
        examples=[0.03],
    )


class TrialPower(schema.Answer):
    """What a trial would show, if the nights go on as they were."""

    cramp_nights: float | None = Field(
        description="Share of the counted nights of the last twelve weeks; null where too few are "
        "counted to foresee anything",
        examples=[0.44],
    )
    counted: float | None = Field(
        description="Share of all nights that are counted", examples=[0.93]
    )
    lengths: list[Foreseen] = Field(description="Empty where nothing can be foreseen")

    @classmethod
    def of(cls, usual: power.Usual | None) -> Self:
        """Foresee a trial of each length."""
        if usual is None:
            return cls(cramp_nights=None, counted=None, lengths=[])
        return cls(
            cramp_nights=usual.cramp_nights,
            counted=usual.counted,
            lengths=[Foreseen.model_validate(each) for each in power.power(usual)],
        )
