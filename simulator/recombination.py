"""The recombination family: real nights, taken apart and put together anew.

The background is a real night of the wrist in blocks of another order, and how this watch is worn
is drawn; its movements are real and stay unlabelled: the truth of such a night tells of what was
put into it, and of nothing else. What is put in is made of fragments of the same real nights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from simulator.body import Body
from simulator.fragment_scenes import SMALL_G, Player, Poses, play_scene
from simulator.fragments import (
    STRONG_G,
    After,
    Fragment,
    Fragments,
    Track,
    cut_afters,
    cut_fragments,
    strength,
)
from simulator.happening import Happening, Kind
from simulator.life import Life
from simulator.movement import Vector, unit
from simulator.person import Person, Rates
from simulator.real_heart import beat_real_heart, take_hearts_apart
from simulator.real_nights import RATE_HZ, RealNights, WristNight, find_real_nights
from simulator.resynthesis import measure_texture, resynthesise

__all__ = ["Recombination", "fit_to_background", "real_models"]

FEWER = 0.3
"""Share of the small happenings of a life that are put in. The background moves by itself, and all
in all it is to move about as often as the real nights do."""

BLOCK_S = (1200.0, 3600.0)
"""Shortest and longest block of a night that keeps its order, in seconds."""
CUT_S = 60.0
"""Shortest rest in seconds that a block may end in."""
STRETCHING = (0.85, 1.2)
"""How far the rests of a block are stretched: movements keep their speed, not their distance."""
EVENING_S, MORNING_S = 1500.0, 480.0
"""Beginning and end of a real night in seconds, with its lying down and its getting up."""

MOUNTING_RAD = 0.3
"""How askew a watch is worn, in radians, beside being worn on either arm and either way round."""

QUIET_S = (20.0, 60.0)
"""Rest before anything that is put in: at least, and what is added on average, in seconds."""
SETTLED_S = (20.0, 20.0)
"""The same after it."""

REST_S = 10.0
"""Shortest real rest that is taken for resting, in seconds: an arm just moved sinks, and more so
before it moves again."""
IN_BED_S = 120.0
"""Shortest rest in seconds whose pose is one of sleep."""
APART_S = 20.0
"""Quiet in seconds that parts two movements of the background for the heart."""


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """What real nights are taken apart into."""

    fragments: Fragments
    strokes: tuple[Fragment, ...]
    rests: tuple[Vector, ...]
    afters: tuple[After, ...]


@lru_cache(maxsize=2)
def _taken_apart(real: RealNights) -> _Parts:
    fragments = [fragment for night in real.wrists for fragment in cut_fragments(night)]
    return _Parts(
        Fragments(fragments),
        tuple(fragment for fragment in fragments if fragment.strength_g > STRONG_G),
        tuple(
            night.force_g[stretch.start : stretch.stop]
            for night in real.wrists
            for stretch in night.stretches
            if not stretch.moving and stretch.seconds > REST_S
        ),
        tuple(after for night in real.wrists for after in cut_afters(night)),
    )


def fit_to_background(life: Life) -> Life:
    """Make a life fit nights that bring movement of their own."""

    def draw_rates(rng: np.random.Generator) -> Rates:
        rates = life.draw_rates(rng)
        return replace(
            rates,
            arousals_h=FEWER * rates.arousals_h,
            position_shifts_h=FEWER * rates.position_shifts_h,
            large_movements_h=FEWER * rates.large_movements_h,
        )

    return replace(life, draw_rates=draw_rates)


@dataclass(frozen=True, slots=True)
class Recombination:
    """The family, with the folder of real nights, or None for the one the environment names."""

    folder: Path | None = None

    def __call__(
        self,
        seed: np.random.SeedSequence,
        person: Person,
        happenings: Sequence[Happening],
        times_s: Vector,
        *,
        span_s: float,
        twitches_h: float,
    ) -> Body:
        """Make a night; see `simulator.body.Family`.

        Small movements are those of the real night: ``twitches_h`` is not heeded.

        Raises
        ------
        SettingsError, RecordingError
            Where there are no real nights, or they cannot be read.
        """
        real = find_real_nights(self.folder)
        rng, heart_rng = map(np.random.default_rng, seed.spawn(2))
        of_person = _chance_of(person)
        sleeper, beating = _models(of_person, real)
        home = _mounting(of_person)
        nights = [night for night in real.wrists if night.person == sleeper]
        hearts = take_hearts_apart(real)
        levels = hearts.levels[hearts.names.index(beating)]

        player, movements = _live(rng, real, nights, home, happenings, span_s)
        force_g = resynthesise(
            rng,
            measure_texture(real),
            player.track.force_g,
            times_s,
            respiration_hz=person.respiration_hz,
            breathing_g=person.breathing_mg / 1000.0,
            still=player.unworn,
        )
        for beat in player.beats:
            beat.add_to(force_g, times_s)
        heart = beat_real_heart(
            heart_rng, hearts, real, person, levels, happenings, movements, span_s=span_s
        )
        return Body(force_g, heart)


def real_models(person: Person, folder: Path | None = None) -> tuple[str, str]:
    """Tell whose wrist and whose heart a simulated person has, to hold out real people by.

    The fragments that happenings are made of are of everybody.
    """
    return _models(_chance_of(person), find_real_nights(folder))


def _chance_of(person: Person) -> np.random.Generator:
    """Return chance that begins with the person, so that it is the same in all of their nights."""
    return np.random.default_rng(np.array(person.bed_poses).view(np.uint64).ravel())


def _models(rng: np.random.Generator, real: RealNights) -> tuple[str, str]:
    sleepers = sorted({night.person for night in real.wrists})
    hearts = take_hearts_apart(real).names
    return str(rng.choice(sleepers)), str(rng.choice(hearts))


def _mounting(rng: np.random.Generator) -> Rotation:
    """Worn either way round on either arm, and a little askew."""
    way_round = Rotation.from_euler("z", 90.0 * int(rng.integers(4)), degrees=True)
    arm = Rotation.from_euler("x", 180.0 * int(rng.integers(2)), degrees=True)
    return Rotation.from_rotvec(rng.normal(0.0, MOUNTING_RAD, 3)) * arm * way_round


def _live(
    rng: np.random.Generator,
    real: RealNights,
    nights: Sequence[WristNight],
    home: Rotation,
    happenings: Sequence[Happening],
    span_s: float,
) -> tuple[Player, list[tuple[float, float]]]:
    """Play a night: the background, and into it what happens."""
    parts = _taken_apart(real)
    first = nights[int(rng.integers(len(nights)))]
    track = Track(home, unit(home.apply(first.force_g[0])))
    player = Player(
        rng,
        track,
        parts.fragments,
        parts.strokes,
        parts.rests,
        parts.afters,
        _poses(nights),
    )
    background = _Background(rng, nights, player)
    onsets_s = [happening.onset_s for happening in happenings[1:]] + [span_s]
    for happening, player.deadline_s in zip(happenings, onsets_s, strict=True):
        if happening.kind is Kind.FALLING_ASLEEP:
            evening = _pieces(first, 0.0, happening.duration_s * RATE_HZ)
            background.replay(evening, happening.end_s)
        elif happening.kind is Kind.FINAL_WAKING:
            background.until(happening.onset_s)
            last = nights[int(rng.integers(len(nights)))]
            length = len(last.force_g)
            morning = _pieces(last, length - happening.duration_s * RATE_HZ, length)
            background.replay(morning, span_s)
        elif happening.visible:
            quiet_s = QUIET_S[0] + rng.exponential(QUIET_S[1])
            background.until(happening.onset_s - quiet_s)
            play_scene(player, happening)
            settled_s = SETTLED_S[0] + rng.exponential(SETTLED_S[1])
            player.calm_down(min(player.now_s + settled_s, player.deadline_s))
        else:
            # What the wrist takes no part in is not covered by a movement that it happens on.
            background.until(happening.onset_s)
            player.wait(happening.end_s - player.now_s)
    background.until(span_s)
    player.wait(span_s + 1.0 - player.now_s)
    return player, background.movements


def _poses(nights: Sequence[WristNight]) -> Poses:
    bed: list[Vector] = []
    up: list[Vector] = []
    for night in nights:
        evening, morning = EVENING_S * RATE_HZ / 3, len(night.force_g) - MORNING_S * RATE_HZ
        for stretch in night.stretches:
            if not stretch.moving:
                pose = unit(np.median(night.force_g[stretch.start : stretch.stop], axis=0))
                about = evening < stretch.start < morning
                if about and stretch.seconds > IN_BED_S:
                    bed.append(pose)
                elif not about:
                    up.append(pose)
    return Poses(tuple(bed), tuple(up or bed))


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """A movement or a rest of a real night."""

    force_g: Vector
    moving: bool


def _pieces(night: WristNight, first: float, last: float) -> list[_Piece]:
    """Everything between two samples of a night, what reaches across cut off."""
    begin, end = max(0, round(first)), min(len(night.force_g), round(last))
    return [
        _Piece(night.force_g[max(begin, stretch.start) : min(end, stretch.stop)], stretch.moving)
        for stretch in night.stretches
        if stretch.start < end and stretch.stop > begin
    ]


def _blocks(rng: np.random.Generator, night: WristNight) -> list[list[_Piece]]:
    """Cut the hours of sleep into blocks, each of which keeps its order."""
    blocks: list[list[_Piece]] = [[]]
    left_s = stretching = 0.0
    hours = _pieces(night, EVENING_S * RATE_HZ, len(night.force_g) - MORNING_S * RATE_HZ)
    for piece in hours:
        seconds = len(piece.force_g) / RATE_HZ
        if left_s <= 0.0 and not piece.moving and seconds > CUT_S:
            blocks.append([])
            left_s, stretching = rng.uniform(*BLOCK_S), rng.uniform(*STRETCHING)
        left_s -= seconds
        if not piece.moving and stretching:
            at = (np.arange(round(len(piece.force_g) * stretching)) / stretching).astype(np.int64)
            piece = _Piece(piece.force_g[np.minimum(at, len(piece.force_g) - 1)], moving=False)
        blocks[-1].append(piece)
    return blocks


class _Background:
    """Plays real nights from block to block, as far as it is asked to.

    ``movements`` has the onset and the duration in seconds of those that it played, but for the
    small, which the counts that the answers of the heart are known for do not show.
    """

    def __init__(self, rng: np.random.Generator, nights: Sequence[WristNight], player: Player):
        self.rng = rng
        self.nights = nights
        self.player = player
        self.pieces: list[_Piece] = []
        self.movements: list[tuple[float, float]] = []

    def until(self, end_s: float) -> None:
        """Go on. A movement that would not be over by then is left out."""
        while self.player.now_s < end_s - 0.5 / RATE_HZ:
            if not self.pieces:
                blocks = [block for night in self.nights for block in _blocks(self.rng, night)]
                order = self.rng.permutation(len(blocks))
                self.pieces = [piece for index in order for piece in blocks[index]][::-1]
            self._play(self.pieces, end_s)

    def replay(self, pieces: Sequence[_Piece], end_s: float) -> None:
        """Play a part of a night, and rest until then where it is shorter."""
        queue = list(reversed(pieces))
        while queue and self.player.now_s < end_s - 0.5 / RATE_HZ:
            self._play(queue, end_s, noted=False)
        self.player.wait(end_s - self.player.now_s)

    def _play(self, queue: list[_Piece], end_s: float, *, noted: bool = True) -> None:
        piece = queue.pop()
        track = self.player.track
        left = round((end_s - track.now_s) * RATE_HZ)
        count = len(piece.force_g)
        if not piece.moving:
            track.rest(piece.force_g[:left])
            if count > left:
                queue.append(_Piece(piece.force_g[left:], moving=False))
        elif 2 <= count <= left:
            if noted and strength(piece.force_g) > SMALL_G:
                self._note(track.now_s, count / RATE_HZ)
            # Back, as far as that goes, to the poses of the real night.
            track.move(piece.force_g, track.home.apply(unit(piece.force_g[-2:].mean(axis=0))))

    def _note(self, onset_s: float, duration_s: float) -> None:
        if self.movements and onset_s - sum(self.movements[-1]) < APART_S:
            onset, _ = self.movements.pop()
            self.movements.append((onset, onset_s + duration_s - onset))
        else:
            self.movements.append((onset_s, duration_s))
