"""What the arm does about each happening, told in the movements of `simulator.arm`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from simulator.arm import (
    BEFORE_THE_FACE,
    HANGING,
    IN_THE_ARMS,
    ON_A_TABLE,
    PROPPED,
    TO_THE_LEG,
    Arm,
)
from simulator.happening import Happening, Kind, Phenotype
from simulator.movement import Motion
from simulator.person import Person

__all__ = ["choreograph"]

WATCH_ARM_RUBS = 0.6
"""Share of cramps in which the arm with the watch does the rubbing; assumed."""

OTHER_ARM = (0.05, 0.4)
"""What this arm takes of the strokes where the other does the work, as a share; assumed."""


def choreograph(
    rng: np.random.Generator,
    person: Person,
    happenings: Sequence[Happening],
    *,
    span_s: float,
    twitches_h: float,
) -> Motion:
    """Turn what happens in a night into the motion of one wrist.

    Parameters
    ----------
    rng
        Source of all chance.
    person
        Whose wrist it is.
    happenings
        By onset, none overlapping.
    span_s
        Length of the night in seconds.
    twitches_h
        Small movements an hour that belong to no happening.
    """
    arm = Arm(rng, person)
    next_onsets_s = [happening.onset_s for happening in happenings[1:]] + [math.inf]
    for happening, arm.deadline_s in zip(happenings, next_onsets_s, strict=False):
        arm.now_s = max(arm.now_s, happening.onset_s + happening.lag_s)
        turns, overlays = len(arm.turns), len(arm.overlays)
        arm.pace = happening.pace
        arm.handed = 1.0 if happening.watch_arm is not False else float(rng.uniform(*OTHER_ARM))
        if happening.kind is Kind.CRAMP and happening.phenotype is not None:
            CRAMPS[happening.phenotype](arm, happening)
        elif happening.visible:
            SCENES[happening.kind](arm, happening)
        for offset_s, pause_s in happening.pauses:
            start_s = happening.onset_s + offset_s
            arm.hold_still(start_s, start_s + pause_s, turns, overlays)
        if happening.settling_s and happening.visible:
            arm.settle_until(happening.end_s + happening.settling_s)
    off = [happening for happening in happenings if happening.kind is Kind.OFF_WRIST]
    for onset_s in np.sort(rng.uniform(0.0, span_s, rng.poisson(twitches_h * span_s / 3600.0))):
        if not any(happening.onset_s - 2.0 < onset_s < happening.end_s for happening in off):
            arm.now_s = float(onset_s)
            arm.restless(rng.uniform(0.3, 1.8), rng.uniform(0.5, 4.0), rng.lognormal(-3.5, 0.7))
    return Motion(
        first_pose=arm.first_pose,
        turns=tuple(arm.turns),
        overlays=tuple(arm.overlays),
        respiration_hz=person.respiration_hz,
        breathing_mg=person.breathing_mg,
        span_s=span_s,
        seed=int(rng.integers(2**32)),
    )


Scene = Callable[[Arm, Happening], None]


def _silent_cramp(arm: Arm, cramp: Happening) -> None:
    """Lie still and flex the foot: a strain that hardly reaches the wrist."""
    while arm.now_s < cramp.end_s - 3.0:
        arm.restless(min(arm.rng.uniform(2.0, 8.0), cramp.end_s - arm.now_s), 0.15, 0.003)
        arm.wait(arm.rng.uniform(6.0, 20.0))


def _rub_cramp(arm: Arm, cramp: Happening) -> None:
    """Reach for the leg and rub it, in bed."""
    rng = arm.rng
    rubs = rng.random() < WATCH_ARM_RUBS if cramp.watch_arm is None else cramp.watch_arm
    pose = arm.near(TO_THE_LEG if rubs else PROPPED, 0.3)
    arm.toss(rng.uniform(1.0, 5.0), pose, rng.uniform(0.7, 1.3))
    _tend(arm, cramp.end_s - 2.0, rubs=rubs)
    arm.toss(rng.uniform(2.0, 6.0), arm.in_bed(), 0.8)
    arm.settle()


def _sit_cramp(arm: Arm, cramp: Happening) -> None:
    """Sit up, hold and stretch the foot, rub now and then."""
    rng = arm.rng
    rubs = rng.random() < WATCH_ARM_RUBS / 2.0 and cramp.watch_arm is not False
    arm.toss(rng.lognormal(0.9, 0.5), arm.near(PROPPED, 0.3), rng.uniform(0.7, 1.3))
    while arm.now_s < cramp.end_s - 6.0:
        if rng.random() < 0.5:
            arm.turn(arm.near(TO_THE_LEG, 0.3), rng.uniform(0.5, 1.3))
        _tend(arm, min(cramp.end_s - 2.0, arm.now_s + rng.uniform(8.0, 40.0)), rubs=rubs)
    arm.toss(rng.uniform(2.0, 8.0), arm.in_bed(), 0.8)
    arm.settle()


def _stand_cramp(arm: Arm, cramp: Happening) -> None:
    """Get up, put weight on the leg, limp a few steps, go back to bed."""
    rng = arm.rng
    arm.stand_up(abrupt=rng.uniform(0.5, 1.0))
    walked = False
    while not walked or arm.now_s < cramp.end_s - 12.0:
        left_s = max(5.0, cramp.end_s - arm.now_s - 8.0)
        arm.walk(min(int(rng.integers(4, 26)), int(2 + 1.3 * left_s)), limp=rng.uniform(0.0, 1.0))
        walked = True
        left_s = cramp.end_s - arm.now_s - 8.0
        if left_s > 4.0:
            pause_s = min(left_s, float(rng.lognormal(2.3, 0.7)))
            arm.restless(pause_s, rng.uniform(1.0, 5.0), rng.uniform(0.01, 0.05))
            if pause_s > 6.0 and rng.random() < 0.3:
                arm.turn(arm.near(TO_THE_LEG, 0.3), 0.9)
                arm.rub(pause_s - 2.0, 0.8)
                arm.turn(arm.near(HANGING, 0.2), 0.9)
            else:
                arm.wait(pause_s)
    arm.lie_down()


def _tend(arm: Arm, end_s: float, *, rubs: bool) -> None:
    """See to the leg with this arm, or lean on it while the other does."""
    rng = arm.rng
    while arm.now_s < end_s - 2.0:
        stint_s = min(float(rng.lognormal(2.5, 0.6)), end_s - arm.now_s)
        if rubs:
            arm.rub(stint_s, rng.uniform(0.5, 1.2))
        else:
            # The body sways with the other arm's strokes.
            sway = rng.uniform(0.05, 0.35)
            arm.rhythm(stint_s, rng.uniform(0.6, 2.6), 5.0 * sway, 0.15 * sway)
            arm.restless(stint_s, rng.uniform(0.5, 3.0), 0.03)
            arm.wait(stint_s)
        if rng.random() < 0.35:
            arm.linger(8.0, end_s)
        if rng.random() < 0.3:
            arm.fidget()


def _position_shift(arm: Arm, happening: Happening) -> None:
    arm.toss(happening.duration_s, arm.in_bed())
    if arm.rng.random() < 0.4:
        arm.settle()


def _large_movement(arm: Arm, happening: Happening) -> None:
    """Stretch, toss or scratch."""
    rng = arm.rng
    scratch_s = happening.duration_s * rng.uniform(0.3, 0.9) if rng.random() < 0.35 else 0.0
    strength = rng.uniform(0.5, 1.4)
    arm.toss(max(2.0, happening.duration_s - scratch_s), None, strength)
    arm.rub(scratch_s, rng.uniform(0.4, 1.2))
    if rng.random() < 0.45:
        arm.turn(arm.in_bed(), rng.uniform(0.5, 1.5), lands=True)
    if rng.random() < 0.4:
        arm.settle()


def _arousal(arm: Arm, happening: Happening) -> None:
    arm.wait(arm.rng.uniform(0.0, 2.0))
    if arm.rng.random() < 0.3:
        arm.toss(min(happening.duration_s, 6.0), arm.in_bed(), 0.7)
    else:
        arm.fidget()


def _run(arm: Arm, happening: Happening) -> None:
    """Jerk along with the legs, or with the breath that comes back."""
    share = arm.rng.uniform(0.3, 1.0)
    for offset_s, duration_s in happening.parts:
        arm.now_s = max(arm.now_s, happening.onset_s + offset_s)
        if arm.rng.random() < share:
            arm.restless(duration_s, arm.rng.uniform(0.3, 3.0), arm.rng.lognormal(-3.6, 0.7))


def _lying_awake(arm: Arm, happening: Happening) -> None:
    _lie_until(arm, happening.end_s, arm.rng.uniform(6.0, 40.0))


def _lie_until(arm: Arm, end_s: float, every_s: float) -> None:
    """Fidget, scratch and turn over until then."""
    rng = arm.rng
    while arm.now_s < end_s - 12.0:
        draw = rng.random()
        if draw < 0.55:
            arm.fidget(1.3)
        elif draw < 0.85:
            arm.toss(rng.uniform(2.0, 9.0), arm.in_bed(), 0.9)
        else:
            arm.rub(rng.uniform(2.0, 9.0), rng.uniform(0.3, 0.9))
        arm.linger(every_s, end_s)


def _scratch(arm: Arm, happening: Happening) -> None:
    """Reach for what itches, scratch it in stints, lie back."""
    rng = arm.rng
    arm.toss(rng.uniform(1.0, 4.0), arm.near(arm.pose, 0.8), rng.uniform(0.5, 1.2))
    while arm.now_s < happening.end_s - 5.0:
        stint_s = min(float(rng.lognormal(2.2, 0.7)), happening.end_s - 2.0 - arm.now_s)
        arm.rub(stint_s, rng.uniform(0.4, 1.2))
        arm.linger(4.0, happening.end_s)
        if rng.random() < 0.3:
            arm.fidget()
    arm.toss(rng.uniform(1.0, 4.0), arm.in_bed(), 0.8)
    arm.settle()


def _falling_asleep(arm: Arm, happening: Happening) -> None:
    """Lie down and grow still."""
    arm.lie_down()
    for share, every_s in ((0.35, 12.0), (0.7, 35.0), (1.0, 90.0)):
        _lie_until(arm, happening.onset_s + share * happening.duration_s, every_s)


def _final_waking(arm: Arm, happening: Happening) -> None:
    """Lie awake for a while, get up and go."""
    rng = arm.rng
    _lie_until(arm, happening.onset_s + rng.uniform(0.2, 0.7) * happening.duration_s, 15.0)
    arm.stand_up(abrupt=rng.uniform(0.0, 0.6))
    while arm.now_s < happening.end_s - 12.0:
        arm.walk(int(rng.integers(6, 30)))
        _stand_about(arm, min(happening.end_s - 8.0, arm.now_s + rng.exponential(30.0)))


def _stand_about(arm: Arm, end_s: float) -> None:
    """Use the hands: reach, hold, wash."""
    rng = arm.rng
    while arm.now_s < end_s - 4.0:
        draw = rng.random()
        if draw < 0.5:
            arm.toss(rng.uniform(1.0, 5.0), arm.near(HANGING, 0.6), 0.7)
        elif draw < 0.65:
            arm.rub(min(rng.uniform(3.0, 15.0), end_s - arm.now_s), rng.uniform(0.6, 1.3))
        arm.linger(8.0, end_s)
    arm.turn(arm.near(HANGING, 0.2), 1.0)


def _bathroom(arm: Arm, happening: Happening) -> None:
    """Get up slowly as a rule, walk there, stay, wash the hands, walk back."""
    rng = arm.rng
    arm.stand_up(abrupt=rng.beta(1.2, 2.5))
    # Doors and darkness: people walk about as far back as they went.
    steps = int(rng.integers(10, 50))
    arm.walk(steps)
    back_s = steps / 1.8 + 12.0
    _stand_about(arm, max(arm.now_s + 10.0, happening.end_s - back_s))
    arm.walk(max(6, steps + int(rng.integers(-4, 5))))
    arm.lie_down()


def _infant(arm: Arm, happening: Happening) -> None:
    """Get up at once, carry, rock and pat, go back."""
    rng = arm.rng
    arm.stand_up(abrupt=rng.uniform(0.3, 1.0))
    steps = int(rng.integers(4, 30))
    arm.walk(steps)
    arm.toss(rng.uniform(2.0, 6.0), arm.near(IN_THE_ARMS, 0.25), 0.6)
    end_s = happening.end_s - steps / 1.8 - 12.0
    while arm.now_s < end_s - 5.0:
        stint_s = min(float(rng.lognormal(3.0, 0.6)), end_s - arm.now_s)
        draw = rng.random()
        if draw < 0.4:
            arm.rhythm(stint_s, rng.uniform(0.4, 1.0), 4.0, 0.06)
            arm.wait(stint_s)
        elif draw < 0.7:
            arm.rhythm(stint_s, rng.uniform(1.0, 2.2), rng.uniform(1.0, 5.0), 0.12)
            arm.wait(stint_s)
        elif draw < 0.85:
            arm.walk(int(rng.integers(4, 16)))
        else:
            arm.wait(min(stint_s, 15.0) / arm.pace)
        if rng.random() < 0.4:
            arm.turn(arm.near(IN_THE_ARMS, 0.3), rng.uniform(0.5, 1.5))
    arm.turn(arm.near(HANGING, 0.2), 1.2)
    arm.walk(steps)
    arm.lie_down()


def _drink(arm: Arm, happening: Happening) -> None:
    """Sit up or go to the kitchen, drink, lie down."""
    rng = arm.rng
    out_of_bed = happening.duration_s > 60.0 and rng.random() < 0.6
    steps = int(rng.integers(6, 40)) if out_of_bed else 0
    if out_of_bed:
        arm.stand_up(abrupt=rng.uniform(0.0, 0.9))
        arm.walk(min(steps, int(happening.duration_s / 3.0)))
    else:
        arm.toss(rng.uniform(1.5, 6.0), arm.near(PROPPED, 0.3), 0.9)
    end_s = happening.end_s - steps / 1.8 - 6.0
    while arm.now_s < end_s - 6.0:
        arm.toss(rng.uniform(1.0, 4.0), arm.near(BEFORE_THE_FACE, 0.25), 0.5)
        arm.restless(3.0, 1.5, 0.01)
        arm.wait(rng.uniform(1.5, 6.0) / arm.pace)
        arm.toss(rng.uniform(1.0, 3.0), arm.near(PROPPED, 0.3), 0.5)
        arm.linger(15.0, end_s)
    if out_of_bed:
        arm.turn(arm.near(HANGING, 0.2), 1.2)
        arm.walk(min(steps, int(happening.duration_s / 3.0)))
    arm.lie_down()


def _phone(arm: Arm, happening: Happening) -> None:
    """Reach, hold the phone before the face, tap, put it away."""
    rng = arm.rng
    arm.toss(rng.uniform(1.5, 6.0), arm.near(BEFORE_THE_FACE, 0.3), 0.8)
    end_s = happening.end_s - 4.0
    while arm.now_s < end_s - 3.0:
        stint_s = min(float(rng.exponential(15.0)) + 1.0, end_s - arm.now_s)
        arm.restless(stint_s, rng.uniform(0.2, 1.5), rng.uniform(0.003, 0.02))
        arm.wait(stint_s)
        if rng.random() < 0.5:
            arm.turn(arm.near(BEFORE_THE_FACE, 0.25), rng.uniform(0.5, 1.5))
    arm.toss(rng.uniform(1.5, 5.0), arm.in_bed(), 0.8)
    arm.settle()


def _off_wrist(arm: Arm, happening: Happening) -> None:
    """Undo the strap, let the watch lie, put it on again."""
    taken_off, put_on = happening.each_part
    _at_the_strap(arm, taken_off.end_s)
    arm.turn(arm.near(ON_A_TABLE, 0.05), 0.8, worn=False, lands=True)
    arm.now_s = max(arm.now_s, put_on.onset_s)
    arm.turn(arm.near(BEFORE_THE_FACE, 0.3), 0.8, lands=True)
    _at_the_strap(arm, put_on.end_s)
    arm.toss(arm.rng.uniform(1.0, 5.0), arm.in_bed(), 0.8)
    arm.settle()


def _at_the_strap(arm: Arm, end_s: float) -> None:
    """Fumble with it before the face, or on the way to where the watch lies."""
    rng = arm.rng
    walks = end_s - arm.now_s > 15.0 and rng.random() < 0.3
    if walks:
        arm.stand_up(abrupt=rng.uniform(0.0, 0.8))
        arm.walk(min(int(rng.integers(4, 30)), int(1.2 * max(end_s - arm.now_s, 4.0))))
    arm.toss(rng.uniform(1.0, 5.0), arm.near(BEFORE_THE_FACE, 0.3), 0.8)
    while arm.now_s < end_s - 2.0:
        stint_s = min(float(rng.exponential(4.0)) + 1.0, end_s - arm.now_s)
        arm.restless(stint_s, rng.uniform(1.0, 10.0), rng.uniform(0.01, 0.12))
        if rng.random() < 0.6:
            arm.turn(arm.near(BEFORE_THE_FACE, 0.4), min(rng.uniform(0.4, 1.2), stint_s))
            stint_s *= 0.5
        arm.wait(stint_s)


def _taps(arm: Arm, happening: Happening) -> None:
    """Hold the watch to the other hand or leave it where it lies, tap it three times, rest."""
    rng = arm.rng
    lies = rng.random() < 0.5
    if not lies:
        sits = rng.random() < 0.5
        arm.turn(arm.near(PROPPED if sits else BEFORE_THE_FACE, 0.3), rng.uniform(0.6, 1.4))
    arm.wait(rng.uniform(1.2, 2.5))
    arm.tap(3)
    arm.wait(rng.uniform(1.2, 2.5))
    if not lies:
        arm.turn(arm.in_bed(), rng.uniform(0.6, 1.4), lands=True)


CRAMPS: Mapping[Phenotype, Scene] = {
    Phenotype.SILENT: _silent_cramp,
    Phenotype.RUB: _rub_cramp,
    Phenotype.SIT: _sit_cramp,
    Phenotype.STAND: _stand_cramp,
}

SCENES: Mapping[Kind, Scene] = {
    Kind.BATHROOM: _bathroom,
    Kind.LARGE_MOVEMENT: _large_movement,
    Kind.POSITION_SHIFT: _position_shift,
    Kind.LIMB_MOVEMENTS: _run,
    Kind.PHONE: _phone,
    Kind.AROUSAL: _arousal,
    Kind.OFF_WRIST: _off_wrist,
    Kind.INFANT: _infant,
    Kind.DRINK: _drink,
    Kind.FALLING_ASLEEP: _falling_asleep,
    Kind.LYING_AWAKE: _lying_awake,
    Kind.FINAL_WAKING: _final_waking,
    Kind.APNOEA: _run,
    Kind.SCRATCH: _scratch,
    Kind.TAPS: _taps,
}
