"""Run helan over the texts on standard input; it stands in an environment of its own."""

import json
import sys

sys.path = [place for place in sys.path if not place.endswith("peers")]  # this file bears the package's name

from helan import recognize  # noqa: E402  # after the line above

TYPES = {
    "PERSON_NAME": "PERSON",
    "ID_CARD": "CN_ID",
    "LANDLINE": "PHONE",
    "LICENSE_PLATE": "PLATE",
    "IP_ADDRESS": "IP",
}

if __name__ == "__main__":
    found = [[(e.start, e.end, TYPES.get(e.type, e.type)) for e in recognize(text)] for text in json.load(sys.stdin)]
    json.dump(found, sys.stdout)
