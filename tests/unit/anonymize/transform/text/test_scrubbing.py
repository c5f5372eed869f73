"""Every operator takes the place of what is found, in every form a row's own person is written, and of nothing else."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.detect.recall import LEVELS
from anonymize.transform.text import Rules, Taken, check_rules, scrub, survey
from anonymize.transform.text.names import words
from anonymize.transform.text.operators import WRITERS
from policies.errors import PlanError
from policies.texts import OPERATORS, RECALLS

KEY = bytes(range(32))
TEXT = "患者张伟民，68岁，电话13800138000，张先生诉腹痛，张*民签字，伟民于2019年3月4日入院。"
OWN = [("name", pa.array(["张伟民"]))]


def one(text, own=(), **said):
    operators = said.pop("operators", {})
    more = {name: said.pop(name) for name in ("whose", "shifts", "taken") if name in said}
    done = scrub(
        pa.array([text]),
        [(kind, pa.array([cell])) for kind, cell in own],
        rules=Rules(operators=operators, **said),
        key=KEY,
        processes=1,
        **more,
    )
    return done.texts[0].as_py()


@pytest.mark.parametrize(
    ("operator", "out"),
    [
        ("placeholder", "患者[PERSON]，[AGE]，电话[PHONE]，[PERSON]诉腹痛，[PERSON]签字，[PERSON]于[DATE]入院。"),
        ("mask", "患者███，███，电话███████████，███诉腹痛，███签字，██于█████████入院。"),
        ("fixed", "患者███，███，电话███，███诉腹痛，███签字，███于███入院。"),
    ],
)
def test_each_form_of_the_rows_own_name_goes(operator, out):
    assert one(TEXT, [("name", "张伟民")], operators={"*": operator}) == out


def test_a_surrogate_is_one_person_in_every_form():
    out = one(TEXT, [("name", "张伟民")], operators={"PERSON": "surrogate"})
    whole = out[2:5]
    assert out == (
        f"患者{whole}，[AGE]，电话[PHONE]，{whole[0]}先生诉腹痛，{whole[0]}*{whole[2]}签字，{whole[1:]}于[DATE]入院。"
    )
    assert not {"张", "民"} & set(out)


def test_a_token_is_one_for_every_form_and_differs_by_subject():
    texts = pa.array([TEXT, TEXT])
    done = scrub(
        texts, [(kind, pa.array(["张伟民"] * 2)) for kind, _ in OWN], rules=Rules(operators={"PERSON": "token"}),
        key=KEY, whose=["a", "b"], processes=1,
    ).texts.to_pylist()  # fmt: skip
    tokens = [{part[:40] for part in text.split("[PERSON:")[1:]} for text in done]
    assert [len(of) for of in tokens] == [4, 4]
    persons = [{part[:32] for part in text.split("[PERSON:")[1:]} for text in done]
    assert [len(of) for of in persons] == [1, 1]
    assert persons[0] != persons[1]


def test_dates_move_with_their_subject_and_ages_are_capped():
    out = one(
        "2021年3月4日，93岁，另一位68岁，03/05/2021",
        operators={"DATE": "shift", "AGE": "cap"},
        whose=["a"],
        shifts=[10],
    )
    assert out.startswith("2021年3月14日，90+岁，另一位68岁")
    assert one("2021年3月4日", operators={"DATE": "shift"}, whose=["a"]) == "[DATE]"


@pytest.mark.parametrize("written", ["1951-03-04", "1951年3月4日", "1951年3月", "1951.03.04"])
def test_the_rows_own_dates_are_never_shifted(written):
    own = [("value", "1951-03-04")]
    out = one(f"{written}，2021年6月4日", own, operators={"DATE": "shift"}, whose=["a"], shifts=[10])
    assert out.endswith("2021年6月14日")
    assert out.startswith(("[DATE]", "[DATE_OF_BIRTH]"))


def test_a_stewards_strings_always_or_never_go():
    text = "三楼转角那家说楼道灯坏了，李时珍的书不见了，请联系李建国"
    assert one(text) == "三楼转角那家说楼道灯坏了，[PERSON]的书不见了，请联系[PERSON]"
    out = one(text, always={"三楼转角": "MARKED"}, never=("李时珍",))
    assert out == "[MARKED]那家说楼道灯坏了，李时珍的书不见了，请联系[PERSON]"
    assert "李时珍" not in one("李时珍来电", [("name", "李时珍")], never=("李时珍",))


def test_only_the_types_named_go_and_the_rows_own_cells():
    assert one(TEXT, types=frozenset({"PHONE"})) == TEXT.replace("13800138000", "[PHONE]")
    assert "张伟民" not in one(TEXT, [("name", "张伟民")], types=frozenset({"PHONE"}))


def test_organisations_stay_until_they_are_named():
    text = "在重庆医科大学附属第一医院就诊"
    assert one(text) == text
    assert one(text, operators={"ORGANIZATION": "placeholder"}) == "在[ORGANIZATION]就诊"


def test_texts_and_rows_beside_them_must_match():
    with pytest.raises(ValueError, match="2 texts stand beside 1 rows"):
        scrub(pa.array(["a", "b"]), [("name", pa.array(["x"]))])


def test_rules_name_what_can_be_found_and_invented():
    check_rules(Rules(operators={"PERSON": "surrogate", "*": "mask"}, types=frozenset({"PHONE"})), "here")
    with pytest.raises(PlanError, match=r"here: nothing finds SHOE .* Use some of: ADDRESS"):
        check_rules(Rules(types=frozenset({"SHOE"})), "here")
    with pytest.raises(PlanError, match='Write DATE = "shift"'):
        check_rules(Rules(operators={"DATE": "surrogate"}), "here")
    with pytest.raises(PlanError, match="no surrogates for AGE"):
        check_rules(Rules(operators={"AGE": "surrogate"}), "here")
    with pytest.raises(PlanError, match="language 'fr'"):
        check_rules(Rules(language="fr"), "here")


def test_the_words_of_plans_are_those_of_the_code():
    assert set(RECALLS) == set(LEVELS)
    assert set(OPERATORS) == set(WRITERS)


WORDS = st.sampled_from(
    words(
        "患者 家属 张伟 张先生 张*伟 李建国 伟民 老王 ： ， 。 、 [PERSON] █ ██ *** 13800138000 138 0013 8000 住院号 "
        "ZY12345 2019年 3月 4日 1903-05-07 2021年3月4日 500103191805109423 卡号 128 重庆市渝中区 民生路 210号 93岁 "
        "68 于 某 a@b.cn Zhang Weimin John Smith Dr. 出生 - +86 (023) 68681234 的 说 与 来电 \u200b ＠ １３８ ∀ 😀"
    )
)
LINES = st.lists(st.lists(WORDS, max_size=9), min_size=1, max_size=6)
JOINTS = st.sampled_from(["", "", " "])
NAMES = st.sampled_from(["张伟", "张伟民", "李建国", "John Smith", ""])


def gone_over(texts, name, operators, **more):
    own = [("name", pa.array([name] * len(texts)))] if name else []
    return scrub(pa.array(texts, pa.string()), own, rules=Rules(operators=operators), key=KEY, processes=1, **more)


@settings(max_examples=60, deadline=None)
@given(LINES, JOINTS, NAMES, st.sampled_from(["placeholder", "mask", "fixed"]))
def test_a_second_run_finds_nothing_after_placeholders_and_masks(lines, joint, name, operator):
    once = gone_over([joint.join(line) for line in lines], name, {"*": operator})
    again = gone_over(once.texts.to_pylist(), name, {"*": operator})
    assert again.counts == {}
    assert again.texts == once.texts


@settings(max_examples=60, deadline=None)
@given(LINES, JOINTS, NAMES, st.sampled_from(OPERATORS[:5]))
def test_spans_lie_in_both_texts_and_all_else_stays(lines, joint, name, operator):
    texts = [joint.join(line) for line in lines]
    done = gone_over(
        texts, name, {"*": operator, "DATE": "shift", "AGE": "cap"}, whose=["a"] * len(texts), shifts=[7] * len(texts)
    )
    for text, out, removed in zip(texts, done.texts.to_pylist(), done.removed, strict=True):
        at = out_at = 0
        for span in removed:
            assert at <= span.start < span.end <= len(text)
            assert out_at <= span.out_start < span.out_end <= len(out)
            assert text[at : span.start] == out[out_at : span.out_start]
            at, out_at = span.end, span.out_end
        assert text[at:] == out[out_at:]
        assert name not in out or not name
    assert sum(done.counts.values()) == sum(map(len, done.removed))


@settings(max_examples=60, deadline=None)
@given(LINES, JOINTS, NAMES, st.sampled_from("abcdefgh"))
def test_no_surrogate_is_a_value_of_the_source_and_a_subject_keeps_its_own(lines, joint, name, whose):
    texts = [joint.join(line) for line in lines]
    rules, taken = Rules(operators={"*": "surrogate"}), Taken()
    survey(taken, pa.array(texts, pa.string()), [("name", pa.array([name] * len(texts)))], rules, processes=1)
    made = [gone_over(texts, name, {"*": "surrogate"}, whose=[whose] * len(texts), taken=taken) for _ in range(2)]
    assert made[0].texts == made[1].texts
    for text, out, removed in zip(texts, made[0].texts.to_pylist(), made[0].removed, strict=True):
        for span in removed:
            new = out[span.out_start : span.out_end]
            assert new == f"[{span.type}]" or new not in taken
            assert new != text[span.start : span.end]


def test_nothing_is_told_of_a_text_but_how_many_there_are(caplog):
    told = []
    with caplog.at_level(0):
        scrub(pa.array([TEXT, None, TEXT]), [], processes=1, progress=told.append)
    assert told == ["analysing 1 distinct texts"]
    assert not any("张" in record.getMessage() for record in caplog.records)
