"""What entries say of members, publications and attestations: each signature is by the key in force at its entry."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anonymize import signing
from catalog.errors import NotPermitted
from catalog.lifecycle import State
from catalog.models import Release
from catalog.publishing import approval_message, check_approval
from market.audit.faults import Body, Fault
from policies.canonical import canonical_json

STATES = {
    "release:proposed": State.ASSESSED,
    "release:approved": State.APPROVED,
    "release:published": State.PUBLISHED,
    "release:superseded": State.SUPERSEDED,
    "release:withdrawn": State.WITHDRAWN,
}
"""What an entry makes of a release."""


def key_message(member: str, old: str, new: str) -> bytes:
    """What a member's old key signs to hand over to the new one, and the new one to take over."""
    return canonical_json({"member": member, "old": old, "new": new})


@dataclass(slots=True)
class Members:
    """Who holds which key, as of the entry that was read last."""

    keys: dict[str, Any] = field(default_factory=dict)

    def read(self, seq: int, body: Body) -> Iterator[Fault]:
        """Follow the keys: each new one is signed by the one before."""
        if body["action"] == "member:added":
            self.keys[body["subject"]] = body["details"].get("key")
        elif body["action"] == "member:key-rotated":
            if not self._handed_over(body):
                yield Fault(seq, "a member's key was changed without a valid signature by the one before")
            self.keys[body["subject"]] = body["details"].get("new")

    def close(self) -> Iterator[Fault]:
        """Nothing is left to say."""
        return iter(())

    def _handed_over(self, body: Body) -> bool:
        details, member = body["details"], body["subject"]
        try:
            old, new = details["old"], details["new"]
            message = key_message(member, old, new)
            return (
                old == self.keys.get(member)
                and body["by"] == member
                and signing.verify(old, details["old_signature"], message)
                and signing.verify(new, details["new_signature"], message)
            )
        except (KeyError, TypeError):
            return False


@dataclass(slots=True)
class Publications:
    """Each `release:published` needs a valid approval over the same evidence by another member than its author.

    Both sign with the key that was theirs when they did: a key of nobody's approves nothing.
    """

    members: Members
    proposed: dict[str, tuple[Body, Any]] = field(default_factory=dict)
    approved: dict[str, tuple[Body, Any]] = field(default_factory=dict)

    def read(self, seq: int, body: Body) -> Iterator[Fault]:
        """Compare a publication with its proposal and its approval."""
        subject, own = body["subject"], (body, self.members.keys.get(body.get("by", "")))
        match body["action"]:
            case "release:proposed":
                self.proposed[subject] = own
            case "release:approved":
                self.approved[subject] = own
            case "release:published":
                author, approval = self.proposed.get(subject), self.approved.get(subject)
                if author is None or approval is None:
                    yield Fault(seq, "a release was published without a proposal and an approval")
                elif not _second(subject, body["details"], author, approval):
                    yield Fault(seq, "a release was published without a valid signature by a second key")

    def close(self) -> Iterator[Fault]:
        """Nothing is left to say."""
        return iter(())


@dataclass(slots=True)
class Attestations:
    """Each `deletion:attested` carries a signature over what it says, by the key of the member who attests."""

    members: Members

    def read(self, seq: int, body: Body) -> Iterator[Fault]:
        """Check an attestation."""
        if body["action"] == "deletion:attested" and not self._attested(body):
            yield Fault(seq, "a deletion was attested without a valid signature by the member who is said to attest it")

    def close(self) -> Iterator[Fault]:
        """Nothing is left to say."""
        return iter(())

    def _attested(self, body: Body) -> bool:
        try:
            details = body["details"]
            said = {name: details[name] for name in ("release", "evidence", "statement")}
            message = canonical_json({"attest": body["subject"], **said, "at": body["at"]})
            key, signature = details["key"], details["signature"]
            return bool(key == self.members.keys[body["by"]]) and signing.verify(key, signature, message)
        except (KeyError, TypeError):
            return False


@dataclass(slots=True)
class Releases:
    """Each release is in the state that the log tells last, and shows the approval that was logged."""

    session: Session
    last: dict[str, tuple[int, State]] = field(default_factory=dict)
    size: int = 0

    def read(self, seq: int, body: Body) -> Iterator[Fault]:
        """Note what becomes of releases."""
        self.size = seq + 1
        if body["action"] in STATES:
            self.last[body["subject"]] = (seq, STATES[body["action"]])
        return iter(())

    def close(self) -> Iterator[Fault]:
        """Compare with the releases at rest."""
        for release in self.session.execute(select(Release).order_by(Release.id)).scalars():
            seq, state = self.last.get(release.id, (self.size, State.DRAFT))
            if release.state != state:
                yield Fault(seq, f"release {release.id} is {release.state}, the log says {state}")
            if release.state in (State.PUBLISHED, State.SUPERSEDED) or release.published_at is not None:
                try:
                    check_approval(release)
                except NotPermitted as error:
                    yield Fault(seq, str(error))


def _second(release: str, published: Body, author: tuple[Body, Any], approval: tuple[Body, Any]) -> bool:
    (proposed, author_key), (approved, approver_key) = author, approval
    try:
        said, given = proposed["details"], approved["details"]
        message = approval_message(release, published["evidence"], published.get("joined"))
        return (
            said["evidence"] == given["evidence"] == published["evidence"]
            and said.get("joined") == given.get("joined") == published.get("joined")
            and said["key"] == author_key != given["key"] == approver_key
            and proposed["by"] != approved["by"]
            and signing.verify(given["key"], given["signature"], message)
        )
    except KeyError:
        return False
