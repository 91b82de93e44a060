"""What the arm does about each happening, put together from fragments of real movement.

A scene has an opening, a stretch of phrases drawn by weights, and a way back. Cramps and harmless
happenings differ in the weights only; each happening shakes its weights, so that they overlap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.fragments import After, Fragment, Fragments, Track, angle
from simulator.happening import Happening, Kind, Phenotype
from simulator.movement import Vector, unit
from simulator.real_nights import RATE_HZ

__all__ = ["SMALL_G", "Player", "Poses", "play_scene"]

TABLE_POSE = (0.02, -0.03, 1.0)
"""A watch that lies on its strap."""

STROKE_S = (0.6, 1.6)
"""What is cut out of a real movement to be repeated as a stroke, in seconds."""

BURST_G, BURST_SIGMA = 0.3, 0.6
"""Median strength of a burst and its spread: the stronger half of the real fragments."""
FIDGET_G, FIDGET_SIGMA = 0.035, 0.7
"""The same for a small movement: the weaker half."""

SUDDEN = (0.9, 1.7)
"""Strength of an opening in pain against that of usual bursts; assumed."""
UNHURRIED = (0.6, 1.3)
"""The same of any other: some are as sudden."""

SMALL_G = 0.05
"""Strength of a movement up to which it counts as small, in g."""

WATCH_ARM_RUBS = 0.6
"""Share in which the arm with the watch does the rubbing where the plan leaves it open; assumed."""
OTHER_ARM = (0.05, 0.4)
"""What this arm takes of the strokes where the other does the work, as a share; assumed."""

SHAKE = 0.5
"""How far weights are shaken, as a logarithm: what one person does often another does never."""

HEAVE_G = (0.1, 0.3)
"""How hard a step pushes, in g: the body falls and rises with each, whatever the arm does."""

SWAY_G = (0.02, 0.1)
"""How hard the body sways with each stroke of either arm, in g: who rubs a calf sits bent over it,
and a trunk that goes along by half a centimetre, once or twice a second, is pushed as much."""

STANDING_RAD = 0.7
"""Least angle in radians between a pose and one that is another position of the body."""


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """Real resting poses in the frame of the real nights, of the nights one background is made of.

    ``up`` are those of the minutes after lying down and before getting up.
    """

    bed: tuple[Vector, ...]
    up: tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """How one kind of happening goes.

    Parameters
    ----------
    opening_s
        Median seconds until the arm is where it goes; 0 for none.
    up
        Whether the body gets up or sits up; else the arm goes anywhere near.
    phrases
        What is done, by weight.
    steps
        Steps to walk there and back; None for none.
    back
        Whether it ends in bed poses with a way back.
    sudden
        Range of the strength of the opening.
    """

    opening_s: float
    up: bool
    phrases: Mapping[str, float]
    steps: tuple[int, int] | None = None
    back: bool = True
    sudden: tuple[float, float] = UNHURRIED


CRAMPS: Mapping[Phenotype, Scene] = {
    Phenotype.RUB: Scene(
        2.0, True, {"rub": 6, "still": 0.5, "fidget": 1, "burst": 1.5}, sudden=SUDDEN
    ),
    Phenotype.SIT: Scene(
        2.5, True, {"rub": 2.5, "still": 0.5, "fidget": 2, "burst": 2, "turn": 2}, sudden=SUDDEN
    ),
    Phenotype.STAND: Scene(
        3.5, True, {"walk": 4, "still": 0.5, "fidget": 1.5, "rub": 1.5, "burst": 1.5}, sudden=SUDDEN
    ),
}

SCENES: Mapping[Kind, Scene] = {
    Kind.LARGE_MOVEMENT: Scene(0.0, False, {"burst": 6, "rub": 1, "still": 0.5}, back=False),
    Kind.POSITION_SHIFT: Scene(0.0, False, {"burst": 6, "fidget": 1, "still": 0.5}),
    Kind.AROUSAL: Scene(0.0, False, {"burst": 2, "fidget": 3}, back=False),
    Kind.SCRATCH: Scene(2.5, False, {"rub": 5, "still": 2, "fidget": 1, "burst": 1}),
    Kind.LYING_AWAKE: Scene(
        0.0, False, {"still": 5, "fidget": 3, "burst": 2, "rub": 0.7}, back=False
    ),
    Kind.PHONE: Scene(3.0, False, {"still": 4, "fidget": 4, "turn": 1, "burst": 0.5}),
    Kind.DRINK: Scene(3.5, True, {"turn": 2, "still": 3, "fidget": 2, "burst": 1, "walk": 0.5}),
    Kind.INFANT: Scene(
        4.0, True, {"rub": 3, "walk": 1.5, "still": 2, "turn": 1, "burst": 1}, steps=(4, 30)
    ),
    Kind.OFF_WRIST: Scene(
        2.5, True, {"fidget": 4, "burst": 2, "turn": 1, "still": 0.7}, steps=(0, 12), back=False
    ),
    Kind.BATHROOM: Scene(
        6.0, True, {"still": 3, "burst": 2, "fidget": 2, "turn": 1, "rub": 0.7}, steps=(10, 50)
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Beat:
    """The body's own movement with each step or stroke, which any arm goes along with.

    Parameters
    ----------
    steps_s : shape (n + 1,)
        When each begins, and the last ends.
    heave_g : shape (n, 3)
        How hard each pushes.
    second
        Size of the second harmonic: of a step, the heel.
    """

    steps_s: Vector
    heave_g: Vector
    second: float

    def add_to(self, force_g: Vector, times_s: Vector) -> None:
        """Lay it over what is felt at some times."""
        first, last = np.searchsorted(times_s, self.steps_s[[0, -1]])
        at_s = times_s[first:last]
        step = np.minimum(np.searchsorted(self.steps_s, at_s, side="right"), len(self.heave_g)) - 1
        share = (at_s - self.steps_s[step]) / (self.steps_s[step + 1] - self.steps_s[step])
        wave = np.sin(2.0 * np.pi * share) + self.second * np.sin(4.0 * np.pi * share)
        force_g[first:last] += wave[:, None] * self.heave_g[step]


def draw_beat(
    rng: np.random.Generator,
    begin_s: float,
    end_s: float,
    step_s: float,
    uneven: float,
    push_g: Vector,
) -> Beat:
    """Draw steps or strokes; uneven steps are a limp, in time and in strength."""
    count = max(1, round((end_s - begin_s) / step_s))
    steps_s = step_s * rng.lognormal(0.0, uneven / 2.0, count)
    return Beat(
        steps_s=begin_s + np.r_[0.0, np.cumsum(steps_s)] * (end_s - begin_s) / steps_s.sum(),
        heave_g=rng.lognormal(0.0, uneven, count)[:, None] * push_g,
        second=float(rng.uniform(0.1, 0.6)),
    )


@dataclass
class Player:
    """An arm that plays phrases, each from where the last has ended.

    Parameters
    ----------
    fragments, strokes
        To choose from: everything, and what strokes are cut out of.
    rests
        Real paths of resting arms.
    afters
        What followed real movements: rests, and small movements between them.
    deadline_s
        When the next happening begins: an arm that settles stops for it.
    pauses
        Stretches of the night, from one second to another, in which it holds still.
    unworn
        Where the watch was not worn, from one second to another.
    beats
        What the body does with the steps and the strokes.
    """

    rng: np.random.Generator
    track: Track
    fragments: Fragments
    strokes: Sequence[Fragment]
    rests: Sequence[Vector]
    afters: Sequence[After]
    poses: Poses
    deadline_s: float = math.inf
    pauses: tuple[tuple[float, float], ...] = ()
    handed: float = 1.0
    unworn: list[tuple[float, float]] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)

    @property
    def now_s(self) -> float:
        """Second of the night that it has come to."""
        return self.track.now_s

    def wait(self, seconds: float) -> None:
        """Rest as a real arm did, after a movement or later."""
        count = round(seconds * RATE_HZ)
        while count > 0:
            path = self.rests[int(self.rng.integers(len(self.rests)))]
            later = 0 if self.track.moved else max(1, len(path) - count)
            first = int(self.rng.integers(later)) if later else 0
            self.track.rest(path[first : first + count])
            count -= len(path[first : first + count])

    def left_s(self, end_s: float) -> float:
        """Seconds until it has to pause or to end; it holds still through a pause that is due."""
        for start_s, stop_s in self.pauses:
            if start_s <= self.now_s < stop_s:
                self.wait(min(stop_s, end_s) - self.now_s)
        due = [start_s for start_s, _ in self.pauses if start_s > self.now_s]
        return min([end_s, *due]) - self.now_s

    # Where to

    def pose_in_bed(self) -> Vector:
        """Choose a pose of sleep."""
        return self._pick(self.poses.bed)

    def pose_up(self) -> Vector:
        """Choose a pose of one who is up, clearly another than now."""
        now = self.track.at_home()
        others = [pose for pose in self.poses.up if angle(pose, now) > STANDING_RAD]
        return self._pick(others or self.poses.up)

    def pose_near(self, spread: float) -> Vector:
        """Choose a pose about so many radians away."""
        return unit(self.track.at_home() + self.rng.normal(0.0, spread / math.sqrt(2.0), 3))

    def _pick(self, poses: Sequence[Vector]) -> Vector:
        return poses[int(self.rng.integers(len(poses)))]

    # Phrases

    def burst(self, seconds: float, to: Vector | None = None, strength: float = 1.0) -> None:
        """Move strongly, here and there, and end in a pose, or wherever that leads."""
        rng = self.rng
        end_s = self.now_s + seconds
        while True:
            left_s = end_s - self.now_s
            piece_s = float(np.clip(rng.lognormal(1.4, 0.5), 1.0, max(1.0, left_s)))
            last = piece_s > left_s - 1.5
            size = strength * rng.lognormal(math.log(BURST_G), BURST_SIGMA)
            self._play(piece_s, size, to if last else None)
            if last:
                return
            if rng.random() < 0.25:
                self.wait(min(rng.exponential(1.0), max(0.0, end_s - self.now_s - 1.0)))

    def fidget(self, strength: float = 1.0) -> None:
        """Move a little."""
        rng = self.rng
        size = strength * rng.lognormal(math.log(FIDGET_G), FIDGET_SIGMA)
        self._play(rng.lognormal(0.7, 0.4), size)

    def _play(self, seconds: float, strength_g: float, to: Vector | None = None) -> None:
        fragment = self.fragments.choose(self.rng, seconds, strength_g, self.track.at_home(), to)
        if to is None:
            self.track.move(fragment.force_g)
        else:
            self.track.move(fragment.force_g, self.track.home.apply(to))

    def rub(self, seconds: float) -> None:
        """Rub, scratch, pat or rock: a stroke cut from a real movement, again and again."""
        rng = self.rng
        end_s = self.now_s + seconds
        period_s = 1.0 / float(np.exp(rng.uniform(math.log(0.5), math.log(2.2))))
        while (left_s := end_s - self.now_s) > 1.5:
            stint_s = min(float(rng.lognormal(1.9, 0.6)), left_s)
            begin_s, stroke_s = self.now_s, period_s * rng.lognormal(0.0, 0.15)
            self._strokes(stint_s, stroke_s, 0.12)
            sway_g = rng.uniform(*SWAY_G) * unit(rng.normal(size=3))
            self.beats.append(draw_beat(rng, begin_s, self.now_s, stroke_s, 0.12, sway_g))
            pause_s = min(float(rng.exponential(3.0)), max(0.0, end_s - self.now_s))
            if pause_s > 1.0 and rng.random() < 0.3:
                self.fidget()
            else:
                self.wait(pause_s)

    def walk(self, steps: int, uneven: float = 0.1) -> None:
        """Walk. The real nights hold no steps: a stroke stands in for the arm, once a stride."""
        stride_s = 2.0 / float(self.rng.uniform(1.5, 2.1))
        handed, self.handed = self.handed, max(self.handed, 0.6)
        begin_s, up = self.now_s, self.track.pose
        self._strokes(steps * stride_s / 2.0, stride_s, uneven)
        push_g = self.rng.uniform(*HEAVE_G) * unit(up + self.rng.normal(0.0, 0.4, 3))
        self.beats.append(draw_beat(self.rng, begin_s, self.now_s, stride_s / 2.0, uneven, push_g))
        self.handed = handed

    def _strokes(self, seconds: float, period_s: float, uneven: float) -> None:
        rng = self.rng
        stroke = self._stroke()
        periods = period_s * rng.lognormal(0.0, uneven, int(seconds / period_s) + 1)
        sizes = self.handed * rng.lognormal(0.0, 0.25, len(periods))
        edges_s = np.r_[0.0, np.cumsum(periods)]
        # Whole strokes only: the arm ends where it began.
        count = round(edges_s[max(1, np.searchsorted(edges_s, seconds) - 1)] * RATE_HZ)
        at_s = np.arange(count) / RATE_HZ
        which = np.clip(np.searchsorted(edges_s, at_s, side="right") - 1, 0, len(periods) - 1)
        share = np.clip((at_s - edges_s[which]) / periods[which], 0.0, 1.0)
        shares = np.linspace(0.0, 1.0, len(stroke))
        wave = np.stack([np.interp(share, shares, axis) for axis in stroke.T], axis=1)
        base = np.repeat(self.track.pose[None], count, axis=0)
        self.track.put(base + sizes[which, None] * self.track.home.apply(wave))

    def _stroke(self) -> Vector:
        """Cut a stroke out of a real movement; it begins and ends where it began."""
        rng = self.rng
        source = self.strokes[int(rng.integers(len(self.strokes)))].force_g
        count = min(int(rng.uniform(*STROKE_S) * RATE_HZ) + 1, len(source))
        line = np.linspace(0.0, 1.0, count)[:, None]
        # Some of a movement is quiet: the widest of three is taken.
        parts = [source[at : at + count] for at in rng.integers(len(source) - count + 1, size=3)]
        strokes = [part - part[0] - line * (part[-1] - part[0]) for part in parts]
        return max(strokes, key=lambda stroke: float(np.ptp(stroke, axis=0).max()))

    # What several happenings share

    def settle(self, end_s: float) -> None:
        """Come to rest by then: small movements, ever further apart."""
        rng = self.rng
        gap_s = 3.0
        while True:
            gap_s = min(1.4 * gap_s, 40.0)
            self.wait(rng.exponential(gap_s) + 0.5)
            if self.now_s > min(self.deadline_s - 5.0, end_s):
                return
            self.fidget(rng.uniform(0.5, 1.5))

    def calm_down(self, end_s: float) -> None:
        """Go on until then as after a real movement, but for what was more than small."""
        for fragment in self.afters[int(self.rng.integers(len(self.afters)))]:
            left = round((end_s - self.now_s) * RATE_HZ)
            if left <= 0:
                return
            if not fragment.moving:
                self.track.rest(fragment.force_g[:left])
            elif fragment.strength_g < SMALL_G and len(fragment.force_g) <= left:
                self.track.move(fragment.force_g)
        self.wait(end_s - self.now_s)


def play_scene(player: Player, happening: Happening) -> None:
    """Play a happening that moves the wrist."""
    rng = player.rng
    player.pauses = tuple(
        (happening.onset_s + offset_s, happening.onset_s + offset_s + length_s)
        for offset_s, length_s in happening.pauses
    )
    player.wait(happening.onset_s + happening.lag_s - player.now_s)
    rubs = happening.watch_arm
    if rubs is None:
        rubs = bool(rng.random() < WATCH_ARM_RUBS)
    player.handed = 1.0 if rubs else float(rng.uniform(*OTHER_ARM))
    if happening.kind is Kind.OFF_WRIST:
        _take_off(player, happening)
    elif happening.parts:
        share = rng.uniform(0.3, 1.0)
        for offset_s, _ in happening.parts:
            player.wait(happening.onset_s + offset_s - player.now_s)
            if rng.random() < share:
                player.fidget(rng.uniform(0.5, 1.5))
    elif happening.kind is Kind.CRAMP and happening.phenotype is not None:
        _play(player, happening, CRAMPS[happening.phenotype])
    else:
        _play(player, happening, SCENES[happening.kind])
    player.pauses = ()
    if happening.settling_s:
        player.settle(happening.end_s + happening.settling_s)


def _play(player: Player, happening: Happening, scene: Scene) -> None:
    rng = player.rng
    names = list(scene.phrases)
    weights = np.array([scene.phrases[name] for name in names], dtype=np.float64)
    weights *= rng.lognormal(0.0, SHAKE, len(names))
    back_s = min(rng.uniform(2.0, 7.0), 0.3 * happening.duration_s) if scene.back else 0.0
    end_s = happening.end_s - back_s
    if scene.opening_s:
        to = player.pose_up() if scene.up else player.pose_near(rng.uniform(0.3, 1.2))
        player.burst(scene.opening_s * rng.lognormal(0.0, 0.5), to, rng.uniform(*scene.sudden))
    steps = int(rng.integers(*scene.steps)) if scene.steps else 0
    if steps:
        player.walk(steps)
        end_s -= 0.6 * steps
    while player.now_s < end_s - 1.0:
        left_s = player.left_s(end_s)
        if left_s < 1.0:
            player.wait(max(left_s, 1.0 / RATE_HZ))
            continue
        name = str(rng.choice(names, p=weights / weights.sum()))
        length_s = min(float(rng.lognormal(2.0, 0.7)), left_s)
        still_s = min(length_s / happening.pace, left_s)
        if name == "rub":
            player.rub(length_s)
        elif name == "walk":
            player.walk(min(int(rng.integers(3, 20)), int(1.5 * left_s)), rng.uniform(0.05, 0.25))
        elif name == "burst":
            player.burst(min(length_s, rng.uniform(1.5, 10.0)))
        elif name == "turn":
            to = player.pose_up() if scene.up else player.pose_near(0.6)
            player.burst(min(length_s, rng.uniform(1.0, 3.0)), to, 0.7)
        elif name == "fidget":
            player.fidget()
        else:
            player.wait(still_s)
    if steps:
        player.walk(steps)
    if scene.back:
        player.burst(back_s, player.pose_in_bed(), rng.uniform(0.6, 1.1))


def _take_off(player: Player, happening: Happening) -> None:
    """Undo the strap, let it lie, put it on again."""
    taken_off, put_on = happening.each_part
    _play(player, taken_off, SCENES[Kind.OFF_WRIST])
    table = unit(player.track.home.apply(np.array(TABLE_POSE)))
    count = max(round((put_on.onset_s - player.now_s) * RATE_HZ), 0)
    player.unworn.append((player.now_s, player.now_s + count / RATE_HZ))
    player.track.put(np.repeat(table[None], count, axis=0))
    _play(player, put_on, SCENES[Kind.OFF_WRIST])
    player.burst(player.rng.uniform(1.0, 5.0), player.pose_in_bed(), 0.8)
