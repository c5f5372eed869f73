"""A small market, built once through the services and copied per test: a home, its people, two editions, two firms.

The firm of `licensee` holds an agreement on the edition of tumours; the firm of `rival` holds one on an edition whose
cells carry a planted value that `licensee` must never see.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from anonymize.custody import Custody
from anonymize.evidence import Evidence
from anonymize.pipeline import build
from anonymize.signing import Signer
from catalog import assessment, proposing, publishing, registration, releases
from catalog.actors import Actor
from catalog.datasets import register_dataset
from catalog.describe import Description
from catalog.ids import MemberId
from catalog.mandates import grant_mandate
from catalog.publishers import register_publisher
from market.audit import log
from market.audit.verify import verify as verify_log
from market.cli.plans import read_plan
from market.home import Home
from market.ledger.models import Kind, Unit
from market.ledger.transfers import grant, left, open_account
from market.ledger.verify import verify as verify_ledger
from market.licensing import agreements
from market.parties.members import add_member, holder_of, register_firm
from market.parties.models import Role
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.question import Question
from market.query.reconcile import reconcile
from market.query.service import serving
from market.settings import Settings
from policies import profile
from policies.pricing import Price
from policies.profile import Mode
from policies.terms import Action, Duty, Purpose, Quota, Terms

ROWS = 600
PURPOSE = Purpose.HEALTH_RESEARCH
PLANTED = "CANARY-OF-THE-OTHER-FIRM"
CREDIT_FEN = 1_000_000
PRICE = Price(per_query_fen=10, per_gb_fen=5000)
QUOTA = Quota(bytes=10**12, rows=10**9, queries=10**6)
OWN = ("SLUICE_HOME", "SLUICE_DATABASE_URL", "SLUICE_KEY")
"""What a market says of itself to a command, whatever the environment of the tests says."""
PEOPLE = {
    "administrator": Role.ADMINISTRATOR,
    "steward": Role.STEWARD,
    "approver": Role.APPROVER,
    "licensee": Role.LICENSEE,
    "rival": Role.LICENSEE,
    "auditor": Role.AUDITOR,
}

PLAN = """\
dataset = "{dataset}"
profiles = ["controlled"]
sort_by = ["age"]

[[column]]
name = "id"
role = "subject"
treatment = "token"

[[column]]
name = "sex"
role = "quasi_identifier"
treatment = "group"

[[column]]
name = "age"
role = "quasi_identifier"
treatment = "band"
widths = [10, 20, 40]

[[column]]
name = "stage"
role = "sensitive_attribute"
treatment = "group"

[[column]]
name = "size"
role = "insensitive"
treatment = "keep"
kind = "number"

[[column]]
name = "remark"
role = "insensitive"
treatment = "keep"
"""


def now() -> datetime:
    """Give this moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Facts:
    """Identifiers of what the template holds."""

    publisher: str
    firm: str
    rival_firm: str
    release: str
    edition: str
    agreement: str
    rival_release: str
    rival_edition: str
    rival_agreement: str
    log_key: str


@dataclass(frozen=True)
class Market:
    """A folder with a home in it, the keys of its people, a source and its plan, and what was built from them."""

    folder: Path
    facts: Facts
    database_url: str | None = None
    """Where its database is, if not in the home."""

    @property
    def root(self) -> Path:
        """The home."""
        return self.folder / "home"

    @property
    def source(self) -> Path:
        """The raw table of the tumours."""
        return self.folder / "tumours.csv"

    @property
    def plan(self) -> Path:
        """Its plan."""
        return self.folder / "tumours.toml"

    @property
    def built(self) -> Path:
        """The folder that `build` made of them."""
        return self.folder / "tumours"

    def following(self, home: Home) -> Path:
        """Build the tumours once more, as the release after what is published now; gives the folder."""
        with home.database.reading() as session:
            before = proposing.release_before(session, "tumours")
        assert before is not None
        out = self.folder / f"tumours-{before.number + 1}"
        if not out.exists():
            folders = (path.parent for path in self.folder.glob("*/evidence.json"))
            (previous,) = (path for path in folders if Evidence.read(path).hash == before.evidence_hash)
            signer, custody = Signer.load(self.key("steward")), Custody.open(self.root / "custody" / "tumours")
            plan = read_plan(self.plan)
            build(plan, self.source, out, signer=signer, at=now(), custody=custody, previous=previous)
        return out

    def key(self, name: str) -> Path:
        """Give the path of somebody's key."""
        return self.folder / "keys" / f"{name}.key"

    def settings(self, **changes: str) -> Settings:
        """Give the settings of this home."""
        return Settings.read({**self._place(), **changes})

    def environment(self, by: str | None = None, **changes: str) -> dict[str, str]:
        """Give the environment of a command run by somebody."""
        others = {name: value for name, value in os.environ.items() if name not in OWN}
        key = {} if by is None else {"SLUICE_KEY": str(self.key(by))}
        return {**others, **self._place(), **key, **changes}

    def _place(self) -> dict[str, str]:
        """Say where the home is, and its database."""
        url = {} if self.database_url is None else {"SLUICE_DATABASE_URL": self.database_url}
        return {"SLUICE_HOME": str(self.root), **url}

    def sluice(
        self, *words: str | Path, by: str | None = None, timeout: float = 120, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command as anybody would, in a process of its own."""
        return subprocess.run(
            command(*words),
            env=self.environment(by, **changes),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def ask(
        self, sql: str, *words: str | Path, by: str = "licensee", **changes: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run `sluice query` under the template's agreement."""
        return self.sluice("query", *self.under(), *words, sql, by=by, **changes)

    def under(self, agreement: str | None = None) -> tuple[str, ...]:
        """Give the words that name an agreement and its purpose."""
        return ("--agreement", agreement or self.facts.agreement, "--purpose", PURPOSE.value)

    @contextmanager
    def open(self, **changes: str) -> Iterator[Home]:
        """Open the home."""
        home = Home.open(self.settings(**changes))
        try:
            yield home
        finally:
            home.close()

    @contextmanager
    def service(self, *, clock: Callable[[], datetime] = now, **changes: str) -> Iterator[QueryService]:
        """Open the home and answer questions in this process."""
        with self.open(**changes) as home, serving(home, clock, workers=2) as service:
            yield service

    def question(self, sql: str, key: str, *, agreement: str | None = None, purpose: str = PURPOSE) -> Question:
        """Ask under the template's agreement."""
        return Question(agreement_id=agreement or self.facts.agreement, purpose=purpose, sql=sql, key=key)

    def asker(self, home: Home, name: str = "licensee") -> Asker:
        """Say who asks."""
        with home.database.reading() as session:
            member = holder_of(session, Signer.load(self.key(name)).public)
            return Asker(MemberId(member.id), member.organisation)

    def actor(self, home: Home, name: str) -> Actor:
        """Say who acts, key in hand."""
        return Actor(self.asker(home, name).id, Signer.load(self.key(name)))

    def agree(self, home: Home, *, edition: str | None = None, licensee: str = "licensee", **terms: Any) -> str:
        """Go from an offer to an agreement signed by both sides; gives its identifier."""
        at = now()
        values: dict[str, Any] = {
            "edition": edition or self.facts.edition,
            "table": "tumor",
            "mode": Mode.RECORDS,
            "purposes": (PURPOSE,),
            "actions": (Action.QUERY,),
            "duties": tuple(Duty),
            "quota": QUOTA,
            "price": PRICE,
            "starts_at": at,
            "ends_at": at + timedelta(days=365),
        }
        steward, member = self.actor(home, "steward"), self.actor(home, licensee)
        firm = self.asker(home, licensee).firm
        publisher = self.asker(home, "steward").firm
        with home.database.writing() as session:
            offered = agreements.offer(
                session, Terms(**{**values, **terms}), by=steward.id, organisation=publisher, at=at
            )
            asked = agreements.request(
                session, offered.id, firm=firm, purposes=(PURPOSE,), statement="Tests", by=member.id, at=at
            )
            session.flush()
            drawn = agreements.approve(session, asked.id, by=steward, organisation=publisher, at=at)
            session.flush()
            agreements.sign(session, drawn.id, by=member, firm=firm, at=at)
            return drawn.id

    def release(self, home: Home, built: Path, *, publish: bool) -> tuple[str, str]:
        """Propose and approve a release of *built*, and perhaps publish it; gives it and its edition."""
        steward, approver = self.actor(home, "steward"), self.actor(home, "approver")
        proposal = proposing.store_proposal(home.store, built, steward.signer.public)
        with home.database.reading() as session:
            joined = assessment.assess(session, home.store, proposal)
        with home.database.writing() as session:
            row = proposing.propose(session, proposal, by=steward, at=now(), joined=joined)
            edition = releases.editions_of(session, row.id)[0].id
        with home.database.writing() as session:
            publishing.approve(session, row.id, by=approver, at=now())
        if publish:
            with home.database.writing() as session:
                publishing.publish(session, home.store, row.id, by=steward.id, at=now())
        return row.id, edition

    def balance(self, owner: str | None = None, kind: Kind = Kind.CREDIT, unit: Unit = Unit.FEN) -> int:
        """Say what the licensee's firm, or another owner, has left."""
        with self.open() as home, home.database.writing() as session:
            account = open_account(session, owner=owner or self.facts.firm, kind=kind, unit=unit, at=now())
            return left(session, account)

    def entries(self, action: str, **details: Any) -> list[dict[str, Any]]:
        """List what the log says of *action*, with these details."""
        with self.open() as home, home.database.reading() as session:
            bodies = [log.entry_body(session, seq) for seq in range(log.size(session))]
        return [
            body
            for body in bodies
            if body["action"] == action and details.items() <= {**body["details"], "subject": body["subject"]}.items()
        ]

    def faults(self) -> list[str]:
        """List all that ledger and log hold against themselves."""
        with self.open() as home, home.database.reading() as session:
            found = [str(fault) for fault in verify_log(session, home.log_key.public)]
            return [*found, *verify_ledger(session), *reconcile(session)]


def command(*words: str | Path) -> list[str]:
    """Give the words that run `sluice` with the interpreter of the tests."""
    return [sys.executable, "-m", "market.cli", *map(str, words)]


def output_of(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """Read the one JSON object that a command printed."""
    value = json.loads(done.stdout)
    assert isinstance(value, dict)
    return value


def registry(rows: int, remark: str, *, seed: int = 11) -> pa.Table:
    """Generate *rows* people with a tumour each."""
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "id": [f"P{number:06}" for number in range(rows)],
            "sex": rng.choice(["1", "2"], rows),
            "age": rng.integers(20, 90, rows).astype(str),
            "stage": rng.choice(["I", "II", "III"], rows),
            "size": np.round(rng.gamma(2, 15, rows), 1).astype(str),
            "remark": [remark] * rows,
        }
    )


@cache
def _kept() -> "tempfile.TemporaryDirectory[str]":
    """Keep the template until the process ends, and no longer."""
    return tempfile.TemporaryDirectory(prefix="market-template-")


@cache
def template() -> Market:
    """Build the template, once per process."""
    folder = Path(_kept().name)
    signers = {name: Signer.create(folder / "keys" / f"{name}.key") for name in PEOPLE}
    for name, remark in (("tumours", "plain"), ("rivals", PLANTED)):
        arrow_csv.write_csv(registry(ROWS, remark), folder / f"{name}.csv")
        (folder / f"{name}.toml").write_text(PLAN.format(dataset=name), encoding="utf-8")
        plan = read_plan(folder / f"{name}.toml")
        custody = Custody.open(folder / "home" / "custody" / name)
        build(plan, folder / f"{name}.csv", folder / name, signer=signers["steward"], at=now(), custody=custody)
    return _begun(folder, None)


def _begun(folder: Path, url: str | None) -> Market:
    """Make the home in *folder*, where sources, keys and editions are already, and let its people act."""
    market = Market(folder, Facts(*[""] * 10), url)
    home = Home.create(market.settings())
    try:
        return replace(market, facts=_populate(market, home))
    finally:
        home.close()


def described(name: str) -> Description:
    """Say as little of a dataset as one may."""
    return Description(
        title_zh=name,
        title_en=name,
        description_zh=name,
        description_en=name,
        source="generated",
        theme="health",
        legal_basis="a test",
        contact="the department",
    )


def _populate(market: Market, home: Home) -> Facts:
    at, signers = now(), {name: Signer.load(market.key(name)) for name in PEOPLE}
    with home.database.writing() as session:
        role = Role.ADMINISTRATOR
        admin = add_member(session, name=role, role=role, public_key=signers["administrator"].public, at=at)
        by = MemberId(admin.id)
        publisher = register_publisher(session, name_zh="示例", name_en="Example", by=by, at=at)
        grant_mandate(session, publisher.id, theme="health", profiles=profile.names(), by=by, at=at)
        firm = register_firm(session, name="First Firm", by=by, at=at)
        rival_firm = register_firm(session, name="Second Firm", by=by, at=at)
        owners = {"steward": publisher.id, "approver": publisher.id, "licensee": firm.id, "rival": rival_firm.id}
        for name, role in PEOPLE.items():
            if role is not Role.ADMINISTRATOR:
                public = signers[name].public
                add_member(
                    session, name=name, role=role, public_key=public, organisation=owners.get(name), by=by, at=at
                )
        for name in ("tumours", "rivals"):
            register_dataset(session, id=name, publisher=publisher, description=described(name), by=by, at=at)
            registration.register(session, name, number=f"TEST-{name}", by=by, at=at)
        for owner in (firm.id, rival_firm.id):
            account = open_account(session, owner=owner, kind=Kind.CREDIT, unit=Unit.FEN, at=at)
            grant(session, account, CREDIT_FEN, unit=Unit.FEN, cause="top-up", by=by, at=at)
    home.trust(signers["steward"].public)
    release, edition = market.release(home, market.folder / "tumours", publish=True)
    rival_release, rival_edition = market.release(home, market.folder / "rivals", publish=True)
    return Facts(
        publisher=publisher.id,
        firm=firm.id,
        rival_firm=rival_firm.id,
        release=release,
        edition=edition,
        agreement=market.agree(home, edition=edition),
        rival_release=rival_release,
        rival_edition=rival_edition,
        rival_agreement=market.agree(home, edition=rival_edition, licensee="rival"),
        log_key=home.log_key.public,
    )


def copied(to: Path, url: str | None = None) -> Market:
    """Copy the template to the new folder *to*.

    With *url*, an empty database, its home is made anew there: the same people, sources and editions, entered again.
    """
    made = template()
    if url is None:
        shutil.copytree(made.folder, to)
        return Market(to, made.facts)
    shutil.copytree(made.folder, to, ignore=shutil.ignore_patterns("home"))
    shutil.copytree(made.root / "custody", to / "home" / "custody")
    return _begun(to, url)
