"""Questions as far as the ledger and the log see them: reserved and posted, without an engine that answers them."""

from catalog.actors import Actor
from market.query import reserving, runs
from market.query.aggregates.noise import Noise
from market.query.assess import Assessor
from market.query.assessed import Assessed
from market.query.question import Question
from market.query.statements.lineage import bound_here
from tests.common.world import PURPOSE, World

EPOCH = "this-process"


def assessed(world: World, agreement: str, key: str = "k1", sql: str = "SELECT sex FROM works") -> Assessed:
    """Assess a question of the licensee's."""
    question = Question(agreement_id=agreement, purpose=PURPOSE, sql=sql, key=key)
    with world.reading() as session:
        return Assessor(world.store, Noise(b"n" * 32), bound_here).assess(
            session, question, firm=world.firm, at=world.now()
        )


def reserve(world: World, question: Assessed, *, epoch: str = EPOCH) -> str:
    """Set a question's cost aside; gives the run's identifier."""
    with world.writing() as session:
        accounts = reserving.accounts_of(session, question.grant, at=world.now())
        run, _ = reserving.reserve(
            session, question, [accounts], by=_licensee(world).id, epoch=epoch, row_limit=100, at=world.now()
        )
    return run


def post(world: World, run: str, question: Assessed, *, epoch: str = EPOCH) -> None:
    """Charge a reserved question."""
    with world.writing() as session:
        runs.post(session, run, question, by=_licensee(world).id, epoch=epoch, at=world.now())


def settle(world: World, run: str, *, rows: int = 2, epoch: str = EPOCH) -> None:
    """Say that a charged question was delivered."""
    with world.writing() as session:
        runs.settle(
            session,
            run,
            rows=rows,
            sha256="0" * 64,
            size_bytes=10,
            format="csv",
            status="complete",
            by=_licensee(world).id,
            epoch=epoch,
            at=world.now(),
        )


def _licensee(world: World) -> Actor:
    return world.people["licensee"]
