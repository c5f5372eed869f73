"""What goes wrong with a policy, said with its place and its remedy."""


class PolicyError(Exception):
    """A policy value is not acceptable: *place* says where, *fix* what would make it right."""

    def __init__(self, place: str, found: str, *, fix: str) -> None:
        self.place, self.found, self.fix = place, found, fix
        super().__init__(f"{place}: {found}. {fix}")


class PlanError(PolicyError):
    """A release plan cannot be used as it stands."""


class TermsError(PolicyError):
    """Terms of use cannot be offered or signed as they stand."""
