"""The edition that a cut is part of, as its evidence tells it, and what cannot be cut from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from anonymize.errors import AnonymizeError
from anonymize.evidence import evidence_hash, read_profile
from policies.cut import CutSpec
from policies.profile import Mode, Profile


class CutRefused(AnonymizeError):
    """A part of an edition may not leave: which *rule* stands against it, and in which *column*, where it is one."""

    def __init__(self, rule: str, found: str, *, fix: str, column: str | None = None) -> None:
        self.rule, self.column = rule, column
        super().__init__(f"cut, {rule}", found, fix=fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """One edition of a release."""

    dataset: str
    edition: str
    """The name of its profile."""
    evidence_hash: str
    profile: Profile
    raw_profile: Mapping[str, Any]
    published: Sequence[Mapping[str, Any]]
    sort_by: tuple[str, ...]
    """What the rows of the release's editions are sorted by."""
    risk: Mapping[str, Any]

    @classmethod
    def of(cls, body: Mapping[str, Any], edition: str) -> Self:
        """Read the edition named *edition* from the body of a release's evidence."""
        told = body["editions"][edition]
        return cls(
            dataset=body["dataset"],
            edition=edition,
            evidence_hash=evidence_hash(body),
            profile=read_profile(told["profile"]),
            raw_profile=told["profile"],
            published=told["published"],
            sort_by=tuple(body["plan"].get("sort_by", ())),
            risk=told["risk"],
        )

    def named(self, role: str, among: Sequence[str] | None = None) -> list[str]:
        """Name the columns with a role, in the edition's order, all or those *among* some."""
        return [e["name"] for e in self.published if e["role"] == role and (among is None or e["name"] in among)]

    @property
    def token(self) -> str | None:
        """The column of tokens, where one is published."""
        return next(iter(self.named("subject")), None)

    @property
    def rows_are_subjects(self) -> bool:
        """Whether, as its signer attests, nobody owns two of its rows."""
        return bool(self.risk["after"]["subjects"] == self.risk["after"]["rows"])

    def check(self, spec: CutSpec) -> None:
        """Refuse what is no part of this edition, or cannot be measured.

        Raises:
            CutRefused: a column is not there, tokens are filtered, or it is the whole edition.
        """
        names = [entry["name"] for entry in self.published]
        for place, asked in (("columns", spec.columns), ("where", [item.column for item in spec.where])):
            for name in asked:
                if name not in names:
                    fix = f"Use some of: {', '.join(names)}."
                    raise CutRefused(place, f"the edition has no column {name!r}", fix=fix, column=name)
                if place == "where" and name == self.token:
                    fix = "Filter by what the rows say, not by whose they are."
                    raise CutRefused(place, "the filter picks subjects by their token", fix=fix, column=name)
        if not spec.where and len(spec.columns) == len(names):
            raise CutRefused("columns", "this is the whole edition", fix="Offer the edition itself.")
        if self.token is None and not self.rows_are_subjects:
            raise CutRefused(
                "subjects",
                "a subject may own several rows, and no token tells which: distinct subjects cannot be counted",
                fix="Offer the whole edition, or publish a token in an edition that may carry one.",
            )

    @property
    def linked(self) -> bool:
        """Whether rows with the same token are seen together."""
        return Mode.RECORDS in self.profile.modes


def body_of(
    parent: Parent, spec: CutSpec, *, filtered: int, suppressed: int, classes: tuple[int, int]
) -> dict[str, Any]:
    """Give what a cut's evidence says before anything is written; *classes* are those left out and those kept."""
    used = {item.column for item in spec.where}
    told = parent.risk["from_parquet"]
    return {
        "parent": parent.evidence_hash,
        "dataset": parent.dataset,
        "edition": parent.edition,
        "spec": spec.to_dict(),
        "spec_hash": spec.digest,
        "profile": dict(parent.raw_profile),
        "published": [dict(entry) for entry in parent.published if entry["name"] in spec.columns],
        "subjects": "rows" if parent.token is None else "tokens",
        "inherited": {
            name: {"l": told["l"][name], "t": told["t"][name]}
            for name in parent.named("sensitive_attribute")
            if name in used
        },
        "suppression": {
            "rows": suppressed,
            "filtered": filtered,
            "classes": classes[0],
            "classes_kept": classes[1],
            "limit": parent.profile.suppression_limit,
        },
    }


def measured_sensitive(body: Mapping[str, Any]) -> list[str]:
    """Name the sensitive columns of a cut whose l and t are its own."""
    used = {item["column"] for item in body["spec"]["where"]}
    return [
        entry["name"]
        for entry in body["published"]
        if entry["role"] == "sensitive_attribute" and entry["name"] not in used
    ]
