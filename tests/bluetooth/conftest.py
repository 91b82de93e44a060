from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest

from simulator.wearable import MemoryAir
from tests.bluetooth.bumble_air import BumbleAir

AnyAir: TypeAlias = MemoryAir | BumbleAir
OpenAir: TypeAlias = Callable[[], Awaitable[AnyAir]]


async def _memory() -> AnyAir:
    return MemoryAir()


AIRS: dict[str, OpenAir] = {"memory": _memory, "bumble": BumbleAir.open}


@pytest.fixture(params=AIRS)
def open_air(request: pytest.FixtureRequest) -> OpenAir:
    return AIRS[request.param]
