"""Free text with its personal data replaced: what stands there, who is meant, and what takes its place.

`spans` says what is to go, `operators` what takes its place, `surrogates` and `persons` what an invented value looks
like, `written_dates` how a date is shifted as it is written, and `scrubbing` does it for a whole column.
"""

from anonymize.transform.text.rules import Rules, check_rules
from anonymize.transform.text.scrubbing import Scrubbed, redact, scrub, survey
from anonymize.transform.text.spans import Removed
from anonymize.transform.text.taken import Taken

__all__ = ["Removed", "Rules", "Scrubbed", "Taken", "check_rules", "redact", "scrub", "survey"]
