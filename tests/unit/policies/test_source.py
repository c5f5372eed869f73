"""What a plan expects to be fed is checked when it is said."""

import pytest

from policies.errors import PlanError
from policies.source import FORMATS, Source


def test_a_source_is_utf_8_csv_unless_it_is_said():
    assert Source() == Source(format="csv", encoding="utf-8", delimiter=",")
    assert all(Source(format=form).format == form for form in FORMATS)


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"format": "xls"}, "source.format"),
        ({"encoding": "big5"}, "source.encoding"),
        ({"delimiter": ",,"}, "source.delimiter"),
        ({"delimiter": ""}, "source.delimiter"),
        ({"delimiter": '"'}, "source.delimiter"),
        ({"delimiter": "\n"}, "source.delimiter"),
        ({"delimiter": "，"}, "source.delimiter"),
        ({"max_bytes": 0}, "source.max_bytes"),
        ({"max_bytes": "many"}, "source.max_bytes"),
        ({"types": []}, "source.types"),
        ({"types": {"age": "number of years"}}, "source.types, column 'age'"),
    ],
)
def test_what_no_reader_knows_is_refused(options, place):
    with pytest.raises(PlanError) as caught:
        Source(**options)
    assert caught.value.place == place
    assert caught.value.fix
