"""What the log keeps of people is what its entries commit to, and what is gone was erased by somebody who said so."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.audit import log
from market.audit.commitments import proves
from market.audit.erasure import ERASED
from market.audit.faults import Body, Fault


@dataclass(slots=True)
class Personal:
    """Compares each commitment with the words at rest."""

    session: Session
    committed: dict[tuple[int, str], str] = field(default_factory=dict)
    erased: set[tuple[int, str]] = field(default_factory=set)

    def read(self, seq: int, body: Body) -> Iterator[Fault]:
        """Note commitments and erasures."""
        for name, commitment in body.get("personal", {}).items():
            self.committed[seq, name] = commitment
        if body["action"] == ERASED:
            details = body["details"]
            self.erased |= {(details.get("seq"), name) for name in details.get("names", ())}
        return iter(())

    def close(self) -> Iterator[Fault]:
        """Say what is kept and was never said, is gone and was never erased, or is not what was said."""
        left = dict(self.committed)
        columns = log.SECRETS.c
        kept = select(columns.seq, columns.name, columns.text, columns.salt).order_by(columns.seq, columns.name)
        for seq, name, text, salt in self.session.connection().execute(kept):
            commitment = left.pop((seq, name), None)
            if commitment is None:
                yield Fault(seq, f"words are kept as its {name}, which it does not commit to")
            elif not _proves(commitment, text, salt):
                yield Fault(seq, f"the {name} that is kept is not the one that was logged")
            elif (seq, name) in self.erased:
                yield Fault(seq, f"its {name} was erased, and is there")
        for seq, name in sorted(left.keys() - self.erased):
            yield Fault(seq, f"its {name} is gone, and no entry says who erased it")


def _proves(commitment: str, text: str, salt: str) -> bool:
    try:
        return proves(commitment, text, bytes.fromhex(salt))
    except (TypeError, ValueError):
        return False
