"""Plain words for what is told on a channel, and who agreed to it."""

from __future__ import annotations

from collections.abc import Collection

from server.language import N_, _
from server.notify.channels import CHOICES, Channel
from server.notify.kinds import Kind
from server.words import listed

__all__ = ["CHOICE_WORDS", "OPEN_ON_ITS_WAY", "asked_for", "told_of"]

CHOICE_WORDS = {
    Kind.MORNING: N_("the morning summary"),
    Kind.ALERT: N_("alerts"),
    Kind.FAULT: N_("faults in the night"),
}

WAITS = N_(
    "Nothing is told here yet: the wearer's word comes first, and the owner gives it on this page."
)

OPEN_ON_ITS_WAY = N_(
    "What is sent to this address can be read on its way. Give one that is encrypted, such as "
    "ntfys:// or mailtos://, or have the owner set it in CRAMPWATCH_NOTICE_URLS."
)


def told_of(channel: Channel) -> str:
    """Write what is told on a channel, to whoever added it."""
    if channel.person is not None and not channel.agreed:
        return _(WAITS)
    return _("Told here of %(kinds)s.", kinds=_listed(channel.told))


def asked_for(channel: Channel, name: str) -> str:
    """Write what somebody wants to be told of, to who may agree to it."""
    return _(
        "%(name)s asks to be told here of %(kinds)s.", name=name, kinds=_listed(channel.wanted)
    )


def _listed(kinds: Collection[Kind]) -> str:
    return listed([_(CHOICE_WORDS[each]) for each in CHOICES if each in kinds]) or _("nothing")
