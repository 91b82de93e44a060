"""Sends what is due, and tries again later what nobody took.

A try is noted on the disk before it is made and its outcome afterwards. Whoever is killed in
between sends the notice again: twice is a nuisance, never would be an alert that reaches nobody.
What can know a notice again gets its key: a webhook as its id, a browser as its tag.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from random import Random

from ingest.errors import ServerError
from ingest.samples import NS_PER_S
from server import wearers
from server.language import speaking
from server.notice_log import StoredNotice, begin_try, due, note_failed, note_sent
from server.notify.sender import Sender
from server.store import Store

__all__ = ["FIRST_WAIT_S", "LONGEST_WAIT_S", "deliver", "wait_s"]

FIRST_WAIT_S = 30.0
"""Seconds before the second try: a router that restarts takes a minute or two."""

LONGEST_WAIT_S = 3600.0
"""Seconds (1 h) between two tries at the most: whoever mends the address need not wait for long."""

_LOG = logging.getLogger(__name__)


def deliver(
    store: Store, sender: Sender, may_send: Callable[[StoredNotice], bool], random: Random
) -> None:
    """Send what is due on the channels of a sender.

    Parameters
    ----------
    may_send
        Whether a notice may be sent at this hour.

    Raises
    ------
    StoreError
        The database cannot be read or written.
    """
    with store.reading() as session:
        waiting = [
            (each, wearers.spoken_to(session, each.wearer))
            for each in due(session, store.now_ns())
            if sender.takes(each.channel)
        ]
    for notice, locale in waiting:
        if notice.give_up_ns > store.now_ns() and may_send(notice):
            with speaking(locale):
                _try(store, sender, notice, random)


def wait_s(tries: int, random: Random) -> float:
    """Draw how many seconds to wait after a number of tries.

    It doubles with each; of that, half to all, so that many who wait for the same server do not
    ask it at once.
    """
    longest_s = min(FIRST_WAIT_S * 2.0 ** min(tries - 1, 10), LONGEST_WAIT_S)
    return longest_s * random.uniform(0.5, 1.0)


def _try(store: Store, sender: Sender, notice: StoredNotice, random: Random) -> None:
    next_try_ns = store.now_ns() + round(wait_s(notice.tries + 1, random) * NS_PER_S)
    if not store.write(lambda session: begin_try(session, notice, next_try_ns=next_try_ns)):
        return
    try:
        sender.send(notice)
    except ServerError as error:
        problem = str(error)
        again_ns = None if error.final or next_try_ns >= notice.give_up_ns else next_try_ns
        store.write(lambda session: note_failed(session, notice.id, problem, next_try_ns=again_ns))
        if not notice.tries:
            _LOG.warning("%s: a notice could not be sent: %s", notice.channel, problem)
    else:
        at_ns = store.now_ns()
        store.write(lambda session: note_sent(session, notice.id, at_ns=at_ns))
