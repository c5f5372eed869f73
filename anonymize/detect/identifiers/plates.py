"""Number plates, of every kind that GA 36-2018 and its forerunners know."""

from anonymize.detect.identifiers.pattern import Pattern, pattern

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""What provinces are called on number plates."""
_LETTER, _SIGN = "[A-HJ-NP-Za-hj-np-z]", "[A-HJ-NP-Za-hj-np-z0-9]"

PLATES: tuple[Pattern, ...] = (
    # GA 36-2018: province, authority, five characters; six for new-energy vehicles (D/F first, or last of six).
    pattern(
        "PLATE",
        rf"(?P<v>[{PROVINCES}][ ·•.]?{_LETTER}[ ·•.\-]?"
        rf"(?:[DFdf]{_SIGN}\d{{4}}|{_SIGN}\d{{4}}[DFdf]|[ABCE-Kabce-k]{_SIGN}\d{{4}}"
        rf"|(?=[A-Za-z0-9]{{0,4}}\d){_SIGN}{{4}}(?:{_SIGN}|[挂学警港澳试超领使])))(?![0-9A-Za-z])",
        0.85,
        digits=1,
        cues=" ".join(PROVINCES),
    ),
    pattern(
        "PLATE",
        rf"(?P<v>[{PROVINCES}](?P<s>[ ·•.\-])?{_LETTER}(?:[ ·•.\-]{_SIGN}){{5,6}})(?![0-9A-Za-z])",
        lambda found: 0.8 if sum(map(str.isdigit, found)) >= 2 else 0.0,
        digits=2,
        cues=" ".join(PROVINCES),
    ),
    # Armed police: WJ, the sign of the province, four digits and one more sign.
    pattern(
        "PLATE",
        rf"(?<![A-Za-z])(?P<v>WJ[ ·]?[{PROVINCES}][ ·]?\d{{4}}[\dA-Z])(?![0-9A-Za-z])",
        0.9,
        digits=4,
        cues="WJ",
    ),
    # Embassies: 使 before six digits, behind them since 2017; what is counted or served is none.
    pattern(
        "PLATE",
        r"(?<![\d.])(?P<v>使[ ·•]?\d{3}[ ·•]?\d{3}(?![\d.,%]|[余多]?[万亿名个户人位元家件台辆次平吨])"
        r"|\d{3}[ ·•]?\d{3}使(?![馆用得命人者]))",
        0.85,
        digits=6,
        cues="使",
    ),
)
