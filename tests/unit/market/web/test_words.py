"""Both languages say the same things, all of them are said somewhere, and every code has its words."""

import re
from pathlib import Path
from string import Formatter

import pytest

from anonymize.standards import SYSTEMS
from catalog.lifecycle import State
from catalog.publishers import PublisherKind
from catalog.registration import Act
from market.web import words as module
from market.web.asking import FACETS, SORTS
from market.web.released import SEEN
from market.web.words import LANGUAGES, Words, texts
from policies import profile
from policies.columns import Role, Treatment
from policies.profile import Mode, Profile

WEB = Path(module.__file__).parent
SOURCE = "\n".join(path.read_text("utf-8") for path in sorted(WEB.rglob("*")) if path.suffix in (".html", ".py"))
CODES = {
    "role": tuple(Role),
    "treatment": tuple(Treatment),
    "mode": tuple(Mode),
    "state": SEEN,
    "act": tuple(Act),
    "kind": tuple(PublisherKind),
    "profile": profile.names(),
    "profile_use": profile.names(),
    "standard": (*SYSTEMS, "number", "integer"),
    "facet": FACETS,
    "threshold": tuple(name for name in Profile.__dataclass_fields__ if name != "source"),
}


def test_both_languages_know_the_same_keys():
    assert set(texts("zh")) == set(texts("en"))


def test_a_sentence_names_the_same_values_in_both_languages():
    def values(language, key):
        return {name for _, name, _, _ in Formatter().parse(texts(language)[key]) if name}

    keys = [key for key in texts("zh") if not key.endswith("_one")]
    assert [key for key in keys if values("zh", key) != values("en", key)] == []


def test_every_sentence_is_said_somewhere():
    literal = set(re.findall(r"""['"]([a-z_.0-9]+)['"]""", SOURCE))
    coded = set(re.findall(r"""code\(['"]([a-z_]+)['"]""", SOURCE))
    begun = tuple(re.findall(r"""\bt\(f?['"]([a-z_.]+[._])(?:['"] ~|\{)""", SOURCE))
    assert begun
    unsaid = [
        key
        for key in texts("en")
        if key.removesuffix("_one") not in literal and key.split(".")[0] not in coded and not key.startswith(begun)
    ]
    assert unsaid == []


def test_every_sentence_that_is_asked_for_is_there():
    asked = set(re.findall(r"""\bt\(['"]([a-z_.0-9]+[a-z0-9])['"]\s*[,)]""", SOURCE))
    assert len(asked) > 150
    assert asked <= set(texts("en"))


@pytest.mark.parametrize(("family", "code"), [(family, code) for family, codes in CODES.items() for code in codes])
def test_every_code_has_words(family, code):
    for language in LANGUAGES:
        assert f"{family}.{code}" in texts(language)


def test_chinese_pages_carry_chinese_and_english_pages_none():
    chinese = re.compile(r"[\u4e00-\u9fff]")
    alone = {"site.other_name"}
    assert not [key for key, text in texts("en").items() if chinese.search(text) and key not in alone]
    latin = [
        key for key, text in texts("zh").items() if text and not chinese.search(text) and re.search("[A-Za-z]", text)
    ]
    assert set(latin) == {"site.other_name", "site.other_tag", "standard.icd10", "quality.exact"}


def test_no_sentence_claims_that_anybody_is_anonymous():
    for key, text in [*texts("en").items(), *texts("zh").items()]:
        if key != "site.claim":
            assert "anonym" not in text.casefold()
            assert "匿名" not in text


def test_one_of_a_thing_is_said_in_the_singular():
    assert Words("en")("list.found", n="1") == "1 dataset"
    assert Words("en")("list.found", n="2") == "2 datasets"
    assert Words("zh")("list.found", n="2") == "2个数据集"


def test_a_code_nobody_wrote_down_is_said_as_it_is():
    assert Words("en").code("role", "new_role") == "new_role"
    assert Words("zh").code("theme", "health") == "卫生健康"
    assert Words("zh").code("theme", "unheard-of") == "unheard-of"


def test_every_sort_has_its_word():
    assert {f"list.sort_{sort}" for sort in SORTS} <= set(texts("en"))
    assert State.DRAFT not in SEEN
