"""Run argus-redact over the texts on standard input; it stands in an environment of its own."""

import json
import sys

from argus_redact import redact

TYPES = {"person": "PERSON", "address": "ADDRESS", "phone": "PHONE", "landline": "PHONE", "id_number": "CN_ID"} | {
    "bank_card": "BANK_CARD",
    "license_plate": "PLATE",
    "passport": "PASSPORT",
    "email": "EMAIL",
    "ip_address": "IP",
    "url": "URL",
    "credit_code": "USCC",
}

if __name__ == "__main__":
    found = []
    for text in json.load(sys.stdin):
        entities = redact(text, report=True, lang=sys.argv[1], mode="fast").entities
        found.append([(e["start"], e["end"], TYPES.get(e["type"], e["type"].upper())) for e in entities])
    json.dump(found, sys.stdout)
