"""One person is one invented person, however they are written; and no part of the name stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.transform.text import names
from anonymize.transform.text.people import invented
from anonymize.transform.text.persons import Cast
from anonymize.transform.text.taken import Taken

KEY = bytes(32)


def poured(cast, mention, whose="a", taken=None):
    return invented(KEY, whose, cast.mould(mention), taken or Taken())


def test_every_form_of_a_chinese_name_becomes_that_form_of_one_other():
    cast = Cast(["张伟民"], ["张先生", "张*民"])
    whole = poured(cast, "张伟民")
    surname, given_name = whole[0], whole[1:]
    assert whole != "张伟民"
    assert poured(cast, "张先生") == f"{surname}先生"
    assert poured(cast, "伟民") == given_name
    assert poured(cast, "老张") == f"老{surname}"
    assert poured(cast, "张*民") == f"{surname}*{given_name[-1]}"
    assert poured(cast, "张某某") == f"{surname}某某"
    assert poured(cast, "张 伟 民") == whole
    spelled = {part.hanzi: part.pinyin for part in (*names.SURNAMES, *names.MALE, *names.FEMALE, *names.EITHER)}
    assert poured(cast, "Zhang Weimin").lower() == (
        f"{spelled[surname]} {''.join(spelled[char] for char in given_name)}".lower()
    )
    assert poured(cast, "ZHANG WEI-MIN").isupper()


def test_every_form_of_an_english_name_becomes_that_form_of_one_other():
    cast = Cast([], ["John A. Smith", "SMITH, JOHN", "Mr. Smith"])
    given_name, initial, surname = poured(cast, "John A. Smith").replace(".", "").split()
    assert len(initial) == 1
    assert given_name in names.ENGLISH_MALE
    assert surname in names.ENGLISH_SURNAMES
    assert poured(Cast([], []), "John Smith").split() == [given_name, surname]
    assert poured(Cast([], ["John Smith"]), "Mr. Smith").startswith("Mr. ")
    assert poured(Cast(["John", "Smith"], []), "SMITH, JOHN") == ", ".join(
        reversed(poured(Cast(["John", "Smith"], []), "JOHN SMITH").split())
    )


def test_gender_follows_the_name():
    women = {part.hanzi for part in names.FEMALE}
    men = {part.hanzi for part in names.MALE}
    for number in range(20):
        assert set(poured(Cast([], []), "李淑芳", str(number))[1:]) <= women
        assert set(poured(Cast([], []), "李建国", str(number))[1:]) <= men
        assert poured(Cast([], []), "Mary Smith", str(number)).split()[0] in names.ENGLISH_FEMALE


def test_dotted_names_and_compound_surnames_keep_their_form():
    out = poured(Cast([], []), "阿卜杜拉·买合提")
    assert out.count("·") == 1
    assert len(poured(Cast([], []), "欧阳娜娜")) == 3
    assert len(poured(Cast([], []), "王芳")) == 2


@pytest.mark.parametrize("mention", ["Smith 13800138000", "12345", "John2", "***", "Иванов 7", "张伟民13800138000x"])
def test_a_mention_that_holds_more_than_a_name_leaves_nothing_of_it(mention):
    out = poured(Cast([], []), mention)
    assert out is None or not any(char.isdigit() for char in out)


MENTIONS = st.one_of(
    st.sampled_from(["张伟民", "张先生", "老张", "张*民", "Zhang Weimin", "Do", "Mr Do", "Minh Do MD", "O'Neil-Brown"]),
    st.text(min_size=1, max_size=12),
    st.lists(
        st.sampled_from(names.words("张 王 伟 民 芳 · * 先生 女士 老 Li Smith Mr. , MD x")), min_size=1, max_size=5
    ).map(" ".join),
)


@given(MENTIONS, st.sampled_from(["", "张伟民", "Minh Do"]))
def test_no_word_of_a_mention_stays_but_titles(mention, own):
    cast = Cast([own] if own else [], [mention])
    out = poured(cast, mention)
    if out is None:
        return
    for kind, part in cast.mould(mention).parts:
        if kind and part and part not in "Xx":
            assert out != mention
    assert out not in ("张伟民", "Zhang Weimin", "Do")


@given(MENTIONS, st.sampled_from("abcdef"))
def test_an_invented_person_is_none_of_the_source(mention, whose):
    first = poured(Cast([], []), mention, whose)
    if first is None:
        return
    assert poured(Cast([], []), mention, whose) == first
    taken = Taken()
    taken.add([first])
    assert poured(Cast([], []), mention, whose, taken) != first


def test_where_every_name_is_taken_nothing_is_invented():
    class All(Taken):
        def __contains__(self, string):
            return True

    assert poured(Cast([], []), "张伟民", taken=All()) is None


def test_other_subjects_usually_meet_other_persons():
    assert len({poured(Cast([], []), "张伟民", str(number)) for number in range(200)}) > 180
