"""The hours in which nobody is told of what can wait, by the wearer's own clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Self
from zoneinfo import ZoneInfo

__all__ = ["QuietHours"]

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one local time to another, over midnight where the second is earlier.

    Where the clock jumps over their end, they end with the jump.
    """

    begin: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``22:00-07:00``.

        Raises
        ------
        ValueError
            It is not written so, or the hours begin when they end.
        """
        found = _HOURS.fullmatch(text.replace(" ", ""))
        if found is None:
            raise ValueError("not two times of day")
        from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
        hours = cls(time(from_hour, from_minute), time(to_hour, to_minute))
        if hours.begin == hours.end:
            raise ValueError("quiet hours that begin when they end")
        return hours

    def covers(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Tell whether an instant is within them where the clock shows the time of a zone."""
        clock = moment.astimezone(zone).time()
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end
