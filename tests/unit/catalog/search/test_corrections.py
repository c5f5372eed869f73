"""A slip of the finger still finds, and says what was searched for."""

from catalog.search.corrections import Correction
from catalog.search.find import Scope


def test_a_word_with_a_slip_or_two_finds_what_was_meant(shelf):
    for typed in ("registy", "regsitry", "registrry", "rgistry", "regystri"):
        found = shelf.search(f"breast {typed}")
        assert [hit.dataset for hit in found.hits] == ["tumor.breast"]
        assert found.corrections == (Correction(typed, ("registry",)),)


def test_short_words_forgive_one_slip_and_the_shortest_none(shelf):
    assert shelf.ids("lnug")[0] == "tumor.lung"
    assert shelf.ids("lung")[0] == "tumor.lung"
    assert shelf.ids("gnul") == []
    shelf.enter("cat", title_en="Cat")
    assert shelf.ids("cta") == []


def test_seven_letters_forgive_one_slip_and_eight_two(shelf):
    shelf.enter("a", title_en="Zookeep")
    assert shelf.ids("zookepe") == ["a"]
    assert shelf.ids("zoakepe") == []
    shelf.enter("b", title_en="Waterpipe")
    assert shelf.ids("wotarpipe") == ["b"]
    assert shelf.ids("wotarpepe") == []


def test_a_word_that_finds_something_is_not_corrected(shelf):
    shelf.enter("typo", title_en="A registy of our own")
    found = shelf.search("registy")
    assert [hit.dataset for hit in found.hits] == ["typo"]
    assert found.corrections == ()


def test_words_that_never_meet_are_tried_beside_their_neighbours(shelf):
    shelf.enter("typo", title_en="A registy of our own")
    found = shelf.search("breast registy")
    assert [hit.dataset for hit in found.hits] == ["tumor.breast"]
    assert found.corrections == (Correction("registy", ("registry",), beside=True),)


def test_no_correction_gives_away_a_word_of_what_is_unpublished(shelf):
    shelf.enter("secret", title_en="Whistleblower", publish=False)
    found = shelf.search("whistlebloer")
    assert found.total == 0
    assert found.corrections == ()
    assert shelf.search("whistlebloer", scope=Scope(everything=True)).corrections != ()
    shelf.publish("secret", ["sex"], ["open"])
    assert shelf.ids("whistlebloer") == ["secret"]
    shelf.withdraw("secret")
    assert shelf.search("whistlebloer").corrections == ()


def test_digits_and_chinese_are_never_corrected(shelf):
    for words in ("500104", "C50.8", "乳腺炎"):
        assert shelf.search(words).corrections == ()
