"""What anybody sees before signing: search, facets, statistics, first rows, a mock table."""

from market.demo.exhibits import IMAGING, TUMOR, URBAN
from market.demo.stage import Stage, Surprise


def browse(stage: Stage) -> None:
    """Look for the three datasets as a newcomer would."""
    for words, wanted in (("瘤登", TUMOR), ("brest cancer survivl", TUMOR), ("precinct", URBAN), ("影像", IMAGING)):
        found = [hit["dataset"] for hit in stage.run("search", words)["hits"]]
        stage.say(f"{words}: {', '.join(found)}")
        if wanted.dataset not in found:
            raise Surprise(f"{words!r} does not find {wanted.dataset}")
    shown = stage.run("dataset", "statistics", URBAN.dataset)
    described = len(shown["editions"][-1]["columns"])
    stage.say(f"{described} columns described from the open edition of {URBAN.dataset}")
    rows = stage.run("dataset", "rows", URBAN.dataset)["rows"]
    stage.say(f"its first rows: {len(rows)}")
    mock = stage.run("dataset", "mock", URBAN.dataset, "-o", str(stage.folder / "mock.parquet"))
    stage.say(f"a mock table of its {mock['edition']} edition, synthetic, to try SQL on")
