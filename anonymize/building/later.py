"""What a build has to do with the releases before and after it: rules to follow, members to read, members to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonymize.building.arrivals import Past, read_past
from anonymize.building.members import members_of
from anonymize.building.nesting import Edition
from anonymize.building.previous import Previous
from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated
from anonymize.custody import Custody, CustodyError
from anonymize.evidence import Evidence
from anonymize.linkage import Rendering
from policies.plan import Plan
from policies.profile import Profile


@dataclass(frozen=True, slots=True)
class Later:
    """The custody of a dataset, where there is one, and the release before, where one was published."""

    custody: Custody | None
    previous: Previous | None

    @classmethod
    def of(
        cls, plan: Plan, profiles: Sequence[Profile], custody: Custody | None, previous: Path | Evidence | None
    ) -> "Later":
        """Read the release before, and insist that *plan* may follow it.

        Raises:
            CustodyError: a later release was asked for without what was kept of the one before.
            EvidenceError, PlanError: the release before is none that *plan* can follow.
        """
        if previous is None:
            return cls(custody, None)
        if custody is None:
            fix = "Name the folder that the release before was built with: --custody DIR."
            raise CustodyError("custody", "is needed for a later release", fix=fix)
        before = Previous.of(previous)
        before.check(plan, profiles)
        return cls(custody, before)

    def pasts(self, scratch: Scratch, plan: Plan, profiles: Sequence[Profile]) -> dict[int, Past]:
        """Read who stood in which class before, for each edition that was published then."""
        if self.previous is None or self.custody is None:
            return {}
        out = {}
        for number, profile in enumerate(profiles):
            if (told := self.previous.editions.get(profile.name)) is not None:
                carried = {column.published_as for column in plan.carried(profile.name)}
                with self.custody.members(self.previous.evidence.hash, profile.name) as members:
                    out[number] = read_past(scratch, members, told, self.previous.trees, carried, number)
        return out

    def least(self, plan: Plan) -> Mapping[tuple[str, str], int]:
        """Give the finest level allowed, by edition and column."""
        return {} if self.previous is None else self.previous.least(plan)

    def renderings(self) -> list[Rendering]:
        """Give the editions of the release before, as far as their files are there."""
        return [] if self.previous is None else self.previous.renderings()

    def told(self, editions: Sequence[Edition]) -> dict[str, Any] | None:
        """Give what the evidence says of the release before."""
        if self.previous is None:
            return None
        changes = {edition.profile.name: edition.change for edition in editions}
        return {
            "evidence": self.previous.evidence.hash,
            "joined": sorted(rendering.name for rendering in self.renderings()),
            "editions": {name: change.to_dict() for name, change in sorted(changes.items()) if change is not None},
        }

    def keep(
        self, scratch: Scratch, editions: Sequence[Edition], treated: Treated, evidence: str, *, repeated: bool
    ) -> None:
        """Keep the members of *editions*, for the release after this one."""
        if self.custody is not None:
            for edition in editions:
                members = members_of(scratch, edition, treated, repeated=repeated)
                self.custody.keep(evidence, edition.profile.name, members)
