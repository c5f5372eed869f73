"""What goes wrong on the way from a source to an edition: found where, and what would mend it."""

from policies.disclosure import Failure


class AnonymizeError(Exception):
    """A step refused its input: *place* says where, *found* what, *fix* what would make it right.

    None of the three ever holds the value of a cell.
    """

    def __init__(self, place: str, found: str, *, fix: str) -> None:
        self.place, self.found, self.fix = place, found, fix
        super().__init__(f"{place}: {found}. {fix}")


class SourceError(AnonymizeError):
    """A source cannot be read, or is not the one the plan was made for."""


class HierarchyError(AnonymizeError):
    """A generalisation hierarchy is no tree, or does not cover its domain."""


class InfeasibleError(AnonymizeError):
    """No generalisation meets the profile within its suppression limit."""


class EvidenceError(AnonymizeError):
    """Evidence is missing, altered, or signed by a key that is not trusted."""


class ModelError(AnonymizeError):
    """A model that finds personal data is missing, or is not the one we tested."""


class GateFailed(AnonymizeError):
    """The written edition misses a threshold; it was not released."""

    def __init__(self, failures: tuple[Failure, ...], place: str = "gate") -> None:
        self.failures = failures
        first = failures[0]
        super().__init__(
            place,
            "; ".join(f"{f.rule} is {f.found:.4g}, limit {f.limit:.4g}" for f in failures),
            fix=first.fix,
        )
