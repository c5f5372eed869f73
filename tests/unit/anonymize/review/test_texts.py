"""A sample is drawn alike each time, and tells where the two detectors differ."""

import json

from anonymize.residual import Left, search
from anonymize.review.sampling import draw
from anonymize.review.shown import shown
from anonymize.review.texts import Reviewed, look_at, review
from anonymize.transform.text.spans import Span
from policies.columns import Column, Role, Treatment

NOTE = Column(name="备注", role=Role.FREE_TEXT, treatment=Treatment.REDACT)
TEXTS = ["来电人张伟民，电话13800138000", "道路已修好", "昨日李建国签收"]


def test_a_sample_depends_on_its_seed_and_not_on_the_order():
    values = [[f"文{number}" for number in range(start, start + 50)] for start in range(0, 500, 50)]
    assert draw(values, 20, 1) == draw(values[::-1], 20, 1)
    assert draw(values, 20, 1) != draw(values, 20, 2)
    assert len(set(draw(values, 20, 1))) == 20
    assert draw(values, 10, 1) == draw(values, 20, 1)[:10]
    assert len(draw(values, 900, 1)) == 500


def test_each_text_is_as_likely_as_any_other():
    values = [[f"文{number}" for number in range(100)]]
    drawn = [number for seed in range(200) for number in draw(values, 10, seed)]
    counts = [drawn.count(text) for text in values[0]]
    assert 20 - 6 * 4.3 < min(counts) <= max(counts) < 20 + 6 * 4.3


def test_what_the_first_detector_removes_is_told_from_what_only_the_second_finds():
    reviewed = look_at(TEXTS, NOTE)
    told = review(reviewed, 5).to_dict()
    assert told["findings"]["PHONE"] == 1
    assert told["sampled"] == 3
    assert told["found_by_both"] <= told["compared"]
    assert told["seed"] == 5
    assert all(not each.left or search(each.text) for each in reviewed)
    words = json.dumps(told, ensure_ascii=False) + review(reviewed, 5).told()
    assert not any(part in words for part in ("张伟民", "李建国", "13800138000", "道路"))


def test_what_is_half_covered_is_left():
    each = [Reviewed("张伟民来", (Span(0, 2, "PERSON", False),), (Left(0, 3, "PERSON"),))]
    told = review(each, 0)
    assert (told.left, told.texts_left, told.estimate > 0) == ({"PERSON": 1}, 1, True)


def test_a_text_is_shown_with_its_spans_marked_and_gives_no_order_to_the_terminal():
    text = "\x1b[2J张伟民\u202e与李建国\n"
    each = Reviewed(text, (Span(4, 7, "PERSON", False),), (Left(9, 12, "PERSON"),))
    line = shown(each)
    assert line == "\\u001b[2J【张伟民 PERSON】\\u202e与⟪李建国 PERSON⟫\\u000a"
    assert len(shown(Reviewed("长" * 10_000, (), ()))) < 500
