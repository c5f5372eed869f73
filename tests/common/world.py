"""A market with people in it, made by the services alone, so that it only knows states the product can reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from anonymize.signing import Signer
from catalog import assessment, classes, proposing, publishing, registration, releases, withdrawal
from catalog.actors import Actor
from catalog.datasets import register_dataset
from catalog.describe import Description
from catalog.ids import MemberId
from catalog.mandates import grant_mandate
from catalog.models import Release, Tombstone
from catalog.publishers import find_publisher, register_publisher
from catalog.store import BlobStore
from market.db import Database
from market.ledger.models import Kind, Unit
from market.ledger.transfers import grant, open_account
from market.licensing import agreements
from market.parties.members import add_member, register_firm
from market.parties.models import Role
from policies import profile
from policies.pricing import Price
from policies.profile import Mode
from policies.terms import Action, Duty, Purpose, Quota, Terms
from tests.common import editions
from tests.common.clock import BEGIN

PURPOSE = Purpose.HEALTH_RESEARCH
WORKS = Description(
    title_zh="道路施工",
    title_en="Road works",
    description_zh="四百名工人",
    description_en="Four hundred workers",
    source="generated",
    theme="urban",
    legal_basis="a test",
    contact="the works department",
)


@dataclass(slots=True)
class World:
    """A database, a store, and the people who act in them. Its clock steps a second with each reading."""

    database: Database
    store: BlobStore
    folder: Path
    people: dict[str, Actor] = field(default_factory=dict)
    publisher: str = ""
    firm: str = ""
    _now: datetime = BEGIN

    @classmethod
    def begin(cls, database: Database, folder: Path) -> "World":
        """Enter a publisher with a dataset, a steward and an approver, and a firm with a licensee."""
        world = cls(database, BlobStore(folder / "blobs"), folder)
        world.people["administrator"] = world.enter("administrator", Role.ADMINISTRATOR)
        by = world.people["administrator"].id
        with world.writing() as session:
            publisher = register_publisher(
                session, name_zh="示范市政局", name_en="Example Works Department", by=by, at=world.now()
            )
            grant_mandate(session, publisher.id, theme="urban", profiles=profile.names(), by=by, at=world.now())
            register_dataset(
                session, id=editions.DATASET, publisher=publisher, description=WORKS, by=by, at=world.now()
            )
            registration.register(session, editions.DATASET, number="TEST-1", by=by, at=world.now())
            firm = register_firm(session, name="Example Firm", by=by, at=world.now())
        world.publisher, world.firm = publisher.id, firm.id
        steward = Signer.load(editions.built(1)[1])
        world.people["steward"] = world.enter("steward", Role.STEWARD, publisher.id, steward)
        world.people["approver"] = world.enter("approver", Role.APPROVER, publisher.id)
        world.people["licensee"] = world.enter("licensee", Role.LICENSEE, firm.id)
        return world

    def now(self) -> datetime:
        """Give a moment a second after the one before."""
        self._now += timedelta(seconds=1)
        return self._now

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a writing session."""
        with self.database.writing() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a reading session."""
        with self.database.reading() as session:
            yield session

    def enter(self, name: str, role: Role, organisation: str | None = None, signer: Signer | None = None) -> Actor:
        """Enter a person with a key of their own."""
        signer = signer or Signer.create(self.folder / "keys" / f"{name}.key")
        by = self.people["administrator"].id if self.people else None
        with self.writing() as session:
            row = add_member(
                session,
                name=name,
                role=role,
                public_key=signer.public,
                organisation=organisation,
                by=by,
                at=self.now(),
            )
        return Actor(MemberId(row.id), signer)

    def before(self, dataset: str = editions.DATASET) -> str | None:
        """Give the hash of the evidence that the next release of a dataset must follow."""
        with self.reading() as session:
            release = proposing.release_before(session, dataset)
            return None if release is None else release.evidence_hash

    def propose(self, seed: int = 1) -> str:
        """Propose an edition built from *seed*, after what is published; gives the release's identifier."""
        steward = self.people["steward"]
        folder, _ = editions.built(seed, self.before())
        proposal = proposing.store_proposal(self.store, folder, steward.signer.public)
        with self.reading() as session:
            joined = assessment.assess(session, self.store, proposal)
        assessment.check(joined)
        with self.writing() as session:
            return proposing.propose(session, proposal, by=steward, at=self.now(), joined=joined).id

    def approve(self, release: str, by: str = "approver") -> Release:
        """Approve a release."""
        with self.writing() as session:
            return publishing.approve(session, release, by=self.people[by], at=self.now())

    def publish(self, release: str, *, embargo_until: datetime | None = None) -> Release:
        """Publish a release."""
        with self.writing() as session:
            return publishing.publish(
                session,
                self.store,
                release,
                by=self.people["steward"].id,
                at=self.now(),
                embargo_until=embargo_until,
            )

    def register(self, dataset: str, *, theme: str = "urban", number: str | None = None, **said: Any) -> str:
        """Enter another dataset of the publisher's, and its registration."""
        by = self.people["administrator"].id
        with self.writing() as session:
            publisher = find_publisher(session, self.publisher)
            description = replace(WORKS, theme=theme, **said)
            register_dataset(session, id=dataset, publisher=publisher, description=description, by=by, at=self.now())
            registration.register(session, dataset, number=number or f"TEST-{dataset}", by=by, at=self.now())
        return dataset

    def published(self, seed: int = 1) -> str:
        """Take a release all the way; gives its identifier."""
        release = self.propose(seed)
        self.approve(release)
        self.publish(release)
        return release

    def withdraw(self, release: str, *, legal_hold: str | None = None) -> Tombstone:
        """Withdraw a release."""
        with self.writing() as session:
            return withdrawal.withdraw(
                session,
                release,
                reason="a worker objected",
                legal_hold=legal_hold,
                by=self.people["steward"].id,
                at=self.now(),
            )

    def erase(self) -> list[str]:
        """Keep the classes of what may be erased, and erase it."""
        by = self.people["steward"].id
        with self.reading() as session:
            counted = classes.count(session, self.store)
        with self.writing() as session:
            classes.keep(session, self.store, counted, by=by, at=self.now())
        with self.writing() as session:
            return withdrawal.erase_withdrawn(session, self.store, by=by, at=self.now(), unreadable=counted.unreadable)

    def release(self, release: str) -> Release:
        """Read a release as it is."""
        with self.reading() as session:
            return releases.find_release(session, release)

    def edition(self, release: str) -> str:
        """Give the identifier of a release's only edition."""
        with self.reading() as session:
            return releases.editions_of(session, release)[0].id

    def files(self, release: str) -> list[str]:
        """Name the blobs of a release's edition."""
        edition = self.edition(release)
        with self.reading() as session:
            return [file.sha256 for file in releases.files_of(session, edition)]

    def terms(self, edition: str, **changes: Any) -> Terms:
        """Give terms for an edition, with *changes*."""
        values: dict[str, Any] = {
            "edition": edition,
            "table": "works",
            "mode": Mode.RECORDS,
            "purposes": (PURPOSE, Purpose.METHODS_DEVELOPMENT),
            "actions": (Action.QUERY,),
            "duties": (Duty.ATTRIBUTE, Duty.DELETE_ON_WITHDRAWAL),
            "quota": Quota(bytes=10_000_000, rows=1_000, queries=10),
            "price": Price(per_query_fen=10, per_gb_fen=5000),
            "starts_at": BEGIN,
            "ends_at": BEGIN + timedelta(days=365),
        }
        return Terms(**{**values, **changes})

    def offer(self, release: str, **changes: Any) -> str:
        """Offer a release's edition; gives the offer's identifier."""
        with self.writing() as session:
            row = agreements.offer(
                session,
                self.terms(self.edition(release), **changes),
                by=self.people["steward"].id,
                organisation=self.publisher,
                at=self.now(),
            )
        return row.id

    def request(self, offer: str, purposes: tuple[Purpose, ...] = (PURPOSE,)) -> str:
        """Ask for an offer; gives the request's identifier."""
        with self.writing() as session:
            row = agreements.request(
                session,
                offer,
                firm=self.firm,
                purposes=purposes,
                statement="Safer crossings",
                by=self.people["licensee"].id,
                at=self.now(),
            )
        return row.id

    def draw_up(self, request: str) -> str:
        """Approve a request; gives the agreement's identifier."""
        with self.writing() as session:
            row = agreements.approve(
                session, request, by=self.people["steward"], organisation=self.publisher, at=self.now()
            )
        return row.id

    def sign(self, agreement: str) -> None:
        """Sign an agreement for the firm."""
        with self.writing() as session:
            agreements.sign(session, agreement, by=self.people["licensee"], firm=self.firm, at=self.now())

    def agreement(self, release: str) -> str:
        """Go from a published release to an active agreement; gives its identifier."""
        agreement = self.draw_up(self.request(self.offer(release)))
        self.sign(agreement)
        return agreement

    def account(self, *, owner: str = "", kind: Kind = Kind.CREDIT, unit: Unit = Unit.FEN, amount: int = 0) -> str:
        """Open an account, of the firm unless told otherwise, and top it up; gives its identifier."""
        with self.writing() as session:
            account = open_account(session, owner=owner or self.firm, kind=kind, unit=unit, at=self.now())
            if amount:
                by = self.people["administrator"].id
                grant(session, account, amount, unit=unit, cause="top-up", by=by, at=self.now())
        return account
