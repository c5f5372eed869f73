"""Every page, in both languages, can be used without eyes, mouse or scripts; and can be read on any ground."""

import re
from pathlib import Path

import pytest

from market.web import app
from tests.unit.market.web import site as sites
from tests.unit.market.web.reading import Page

STYLE = (Path(app.__file__).parent / "static" / "sluice.css").read_text("utf-8")
DATASET = f"/datasets/{sites.TUMOR}"
PAGES = (
    "/",
    "/?q=tumour",
    "/?q=registri",
    "/?q=nothing-of-the-kind&theme=health&year=2019",
    "/?q=" + "x" * 201,
    "/publishers",
    "/publishers/{city}",
    DATASET,
    "/datasets/road-works",
    f"{DATASET}/releases/1",
    f"{DATASET}/releases/2/changes",
    "/nothing",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_has_one_outline_and_a_name_for_everything(visitor, shared, path, lang):
    address = path.format(city=shared.city) + ("&" if "?" in path else "?") + f"lang={lang}"
    page = Page(visitor.get(address).text)
    assert page.faults() == []
    assert page.one("html").attributes["lang"] == {"zh": "zh-CN", "en": "en"}[lang]
    skip = page.all("a")[0]
    assert skip.attributes["href"] == "#main"
    assert page.one("main").attributes["id"] == "main"


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<h3>deep</h3>", "h1 is followed by h3"),
        ('<input name="q">', "input q has no label"),
        ("<svg></svg>", "neither named nor hidden"),
        ("<table><caption>c</caption><thead><tr><th>x</th></tr></thead></table>", "without scope"),
        ('<p id="a"></p><p id="a"></p>', "stands 2 times"),
        ('<a href="/"><svg aria-hidden="true"></svg></a>', "has no words"),
        ("<p><b></p>", "</p>"),
    ],
)
def test_a_page_that_cannot_be_used_is_noticed(html, fault):
    whole = f'<html lang="en"><head><title>t</title></head><body><main><h1>t</h1>{html}</main></body></html>'
    assert any(fault in found for found in Page(whole).faults())


def test_every_address_on_a_page_leads_somewhere(visitor):
    waiting, seen = ["/"], {"/"}
    while waiting:
        address = waiting.pop()
        with visitor.get(address) as answer:
            assert answer.status_code in (200, 410), address
            text = answer.text if answer.mimetype == "text/html" else ""
        for element in Page(text).all("a", "link"):
            href = element.attributes["href"]
            if href.startswith("?"):
                href = address.split("?")[0] + href
            # one step into facets and keywords is enough: they lead to one another without end
            if not href.startswith("#") and href not in seen and address.count("?") == 0:
                seen.add(href)
                waiting.append(href)
    assert len(seen) > 40


PAIRS = [
    (ink, ground, 4.5)
    for ink, grounds in {
        "ink": ("paper", "sheet", "well", "care-soft", "stop-soft", "add", "del"),
        "ink-2": ("paper", "sheet", "well"),
        "ink-3": ("paper", "sheet", "well"),
        "river": ("paper", "sheet", "river-soft"),
        "pass": ("pass-soft",),
        "stop": ("stop-soft",),
        "care": ("care-soft",),
        "on-river": ("river", "river-deep"),
    }.items()
    for ground in grounds
] + [("edge", "sheet", 3), ("edge", "paper", 3), ("c1", "well", 3), ("c1", "sheet", 3)]


@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_every_pair_of_colours_can_be_told_apart_by_day_and_by_night(ink, ground, least):
    for place in (1, 2):
        one, other = (_colour(name, place) for name in (ink, ground))
        high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= least


def _colour(name: str, place: int) -> str:
    found = re.search(rf"--{name}:light-dark\((#\w{{6}}),(#\w{{6}})\)", STYLE)
    assert found, name
    return found[place]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_focus_is_always_visible_and_nothing_is_loaded_by_the_style():
    assert ":focus-visible{outline:3px solid" in STYLE
    assert "outline:none" not in STYLE
    assert "url(" not in STYLE
    assert "@import" not in STYLE
