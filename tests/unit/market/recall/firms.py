"""Two firms with an agreement each on one release, and the steps of its recall, by the services alone."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from anonymize.signing import Signer
from catalog import withdrawal
from catalog.actors import Actor
from catalog.errors import CatalogError
from market.audit import log
from market.licensing import agreements
from market.parties.members import holder_of, register_firm
from market.parties.models import Role
from market.recall.attestation import attest
from market.recall.escalation import escalate
from market.recall.models import Notice, Recall
from market.recall.notices import open_recall
from market.recall.viewers import Viewer
from tests.common.world import PURPOSE, World

REASON = "a worker objected"
DELETED = "All copies and backups were deleted."


@dataclass(slots=True)
class Firms:
    """A world, its release, and the agreement of each firm: the world's own `licensee`, and `rival`."""

    world: World
    release: str
    agreements: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, world: World) -> "Firms":
        """Publish a release and let both firms sign."""
        firms = cls(world, world.published())
        with world.writing() as session:
            by = world.people["administrator"].id
            rival = register_firm(session, name="Rival Firm", by=by, at=world.now()).id
        world.people["rival"] = world.enter("rival", Role.LICENSEE, rival)
        world.people["auditor"] = world.enter("auditor", Role.AUDITOR)
        firms.ids = {"licensee": world.firm, "rival": rival}
        for name in firms.ids:
            firms.agreements[name] = firms.drawn(name)
            firms.sign(name, firms.agreements[name])
        return firms

    def drawn(self, name: str, release: str | None = None) -> str:
        """Draw up an agreement for a firm, not signed by it yet."""
        world, member = self.world, self.world.people[name]
        offer = world.offer(release or self.release)
        with world.writing() as session:
            asked = agreements.request(
                session,
                offer,
                firm=self.ids[name],
                purposes=(PURPOSE,),
                statement="Safer crossings",
                by=member.id,
                at=world.now(),
            )
        return world.draw_up(asked.id)

    def signing(self, name: str, agreement: str) -> Callable[[Session], Any]:
        """Give the step by which a firm signs."""
        return lambda session: agreements.sign(
            session, agreement, by=self.world.people[name], firm=self.ids[name], at=self.world.now()
        )

    def sign(self, name: str, agreement: str) -> None:
        """Sign an agreement for a firm."""
        with self.world.writing() as session:
            self.signing(name, agreement)(session)

    def withdrawing(self, *, due_in_days: int = 14) -> Callable[[Session], Recall]:
        """Give the step that withdraws the release and opens its recall, in one transaction."""
        world, by = self.world, self.world.people["steward"].id

        def step(session: Session) -> Recall:
            at = world.now()
            withdrawal.withdraw(session, self.release, reason=REASON, by=by, at=at)
            return open_recall(session, self.release, reason=REASON, by=by, at=at, due_in_days=due_in_days)

        return step

    def recalled(self, *, due_in_days: int = 14) -> Recall:
        """Withdraw the release with its recall."""
        with self.world.writing() as session:
            return self.withdrawing(due_in_days=due_in_days)(session)

    def recall(self) -> Recall:
        """Read the only recall as it is."""
        with self.world.reading() as session:
            return session.exec(select(Recall)).one()

    def notices(self) -> dict[str, Notice]:
        """Read the notices, by agreement."""
        with self.world.reading() as session:
            return {row.agreement_id: row for row in session.exec(select(Notice))}

    def notice(self, name: str) -> str:
        """Name a firm's notice on its first agreement."""
        return self.notices()[self.agreements[name]].id

    def attesting(self, name: str, notice: str, statement: str = DELETED) -> Callable[[Session], Any]:
        """Give the step by which a firm attests a notice."""
        return lambda session: attest(
            session,
            notice,
            firm=self.ids[name],
            statement=statement,
            by=self.world.people[name],
            at=self.world.now(),
        )

    def attest(self, name: str, statement: str = DELETED) -> Any:
        """Attest a firm's notice."""
        with self.world.writing() as session:
            return self.attesting(name, self.notice(name), statement)(session)

    def escalate(self, by: str = "administrator", *, days: int, patience_days: int = 7) -> list[tuple[str, str, str]]:
        """Escalate what is overdue, so many days from now; gives notice, level and to whom."""
        at = self.world.now() + timedelta(days=days)
        with self.world.writing() as session:
            made = escalate(session, by=self.viewer(by), at=at, patience_days=patience_days)
            return [(step.notice_id, step.level, step.to) for step in made]

    def viewer(self, name: str) -> Viewer:
        """Say who looks."""
        with self.world.reading() as session:
            return Viewer.of(holder_of(session, self.world.people[name].signer.public))

    def enter(self, name: str, role: Role, organisation: str | None) -> Actor:
        """Enter one more person."""
        signer = Signer.create(self.world.folder / "keys" / f"{name}.key")
        self.world.people[name] = self.world.enter(name, role, organisation, signer)
        return self.world.people[name]

    def entries(self, action: str) -> list[dict[str, Any]]:
        """List what the log says of an action."""
        with self.world.reading() as session:
            bodies = [log.entry_body(session, seq) for seq in range(log.size(session))]
        return [body for body in bodies if body["action"] == action]


def meanwhile(world: World, first: Callable[[Session], Any], second: Callable[[Session], Any]) -> Any:
    """Run *second* while the transaction of *first* is not committed yet; gives what it gave, or its refusal."""
    came: list[Any] = []

    def run() -> None:
        try:
            with world.database.writing() as session:
                came.append(second(session))
        except CatalogError as error:
            came.append(error)

    thread = threading.Thread(target=run)
    with world.database.writing() as session:
        first(session)
        session.flush()
        thread.start()
        time.sleep(0.2)
    thread.join()
    return came[0]
