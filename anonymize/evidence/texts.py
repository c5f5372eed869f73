"""What an audit of the texts of an edition must give again, and whether it may."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from anonymize.evidence.figures import differences, named, read_profile
from anonymize.residual import METHOD, audit, texts_of
from policies.disclosure import judge_texts


def check_texts(files: Sequence[Path], edition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Audit the texts in *files* again; give what does not hold: where in the *edition*'s part of a body, and what.

    Figures of another method are not compared, but judged. Evidence from before there were audits has none.
    """
    profile, told, texts = read_profile(edition["profile"]), edition.get("residual", {}), named(edition, "free_text")
    if "residual" not in edition and not profile.maximum_residual:
        return
    if sorted(told) != sorted(texts):
        yield "residual", "does not tell of each column of text"
        return
    for name in texts:
        figures, entry = audit(texts_of(files, name)), told[name]
        if entry["method"] == METHOD:
            for key, value in figures.to_dict().items():
                yield from ((f"residual.{name}.{where}", DIFFERS) for where in differences(entry[key], value, key))
        for failure in judge_texts(figures.per_million, name, profile):
            yield f"gate: {failure.rule}", f"is {failure.found:.4g}, limit {failure.limit:.4g}"


DIFFERS = "differs from what the files give"
