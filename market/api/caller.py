"""Who calls: the member whose bearer token came with the request, and how often they may."""

import time
from collections import OrderedDict, deque
from datetime import datetime
from threading import Lock

from flask import Request

from catalog.errors import CatalogError
from catalog.ids import MemberId
from market.home import Home
from market.parties import tokens
from market.parties.errors import NotAMember
from market.parties.models import Role
from market.query.asker import Asker
from market.query.errors import Code, QueryFailed

REMEMBERED = 10_000


class Pace:
    """At most so many calls of one member in a minute. It may forget; what is paid for is in the ledger."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def count(self, member: str) -> None:
        """Count a call.

        Raises:
            QueryFailed: BUSY, as there were too many in the last minute.
        """
        now = time.monotonic()
        with self._lock:
            calls = self._calls.setdefault(member, deque())
            self._calls.move_to_end(member)
            while calls and now - calls[0] > 60:
                calls.popleft()
            if len(calls) >= self.per_minute:
                fix = f"Ask at most {self.per_minute} times a minute."
                raise QueryFailed(Code.BUSY, "You ask too often.", fix=fix)
            calls.append(now)
            if len(self._calls) > REMEMBERED:
                self._calls.popitem(last=False)


def caller(home: Home, request: Request, *, at: datetime) -> Asker:
    """Find the licensee who calls.

    Raises:
        NotAMember: no living token came with the request, or it is of another role.
    """
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text:
        raise NotAMember("token", "did not come with the request", fix="Send: Authorization: Bearer TOKEN.")
    if request.cookies:
        raise CatalogError("cookie", "came with the request", fix="The API takes bearer tokens alone.")
    with home.database.reading() as session:
        member = tokens.bearer(session, text.strip(), at=at)
    if member.role != Role.LICENSEE:
        raise NotAMember("member", f"has the role {member.role}", fix="Questions are for licensees.")
    return Asker(MemberId(member.id), member.organisation)
