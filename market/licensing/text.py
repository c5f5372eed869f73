"""The text of an agreement: clauses a person can read, and the ODRL policy that the gate executes."""

import json

from policies import odrl
from policies.pricing import Price
from policies.terms import Action, Terms


def render(
    terms: Terms,
    *,
    uid: str,
    publisher: str,
    firm: str,
    dataset: str,
    evidence_hash: str,
    cut_hash: str | None = None,
) -> str:
    """Write the agreement between *publisher* and *firm*, in Chinese and English, with its machine-readable half."""
    quota, price = terms.quota, terms.price
    at_once = "" if quota.at_once is None else f"; at most {quota.at_once} queries at once"
    purposes = ", ".join(terms.purposes)
    policy = odrl.agreement(terms, uid=f"urn:sluice:agreement:{uid}", assigner=publisher, assignee=firm)
    clauses = [
        ("数据集 / Dataset", f"{dataset}, edition {terms.edition}, evidence {evidence_hash}"),
        *([("部分 / Cut", f"{terms.cut} of that edition, evidence {cut_hash}")] if terms.cut is not None else []),
        ("用途 / Purposes", purposes),
        ("方式 / Mode", f"{terms.mode}, under the table name {terms.table}"),
        ("联接 / Joins", _joins(terms)),
        ("期限 / Term", f"{terms.starts_at.isoformat()} – {terms.ends_at.isoformat()}"),
        ("限额 / Quota", f"{quota.queries} queries, {quota.bytes} billed bytes, {quota.rows} rows{at_once}"),
        ("价格 / Price", _price(price)),
        ("义务 / Duties", ", ".join(terms.duties)),
        (
            "禁止再识别 / No re-identification",
            "The licensee shall not identify any person, nor link the rows to do so.",
        ),
    ]
    lines = [f"# 数据使用协议 / Data use agreement {uid}", "", f"{publisher} → {firm}", ""]
    lines += [f"{number}. {title}: {clause}" for number, (title, clause) in enumerate(clauses, 1)]
    lines += ["", "```json", json.dumps(policy, ensure_ascii=False, indent=1, sort_keys=True), "```", ""]
    return "\n".join(lines)


def _joins(terms: Terms) -> str:
    allowed = {
        Action.JOIN: "with tables of other agreements that allow it, about other subjects",
        Action.JOIN_SUBJECTS: "with tables of other agreements that allow it, about the same subjects",
    }
    return "; ".join(words for action, words in allowed.items() if action in terms.actions) or "none"


def _price(price: Price) -> str:
    clauses = [
        f"{price.per_query_fen} fen per query and {price.per_gb_fen} fen per GB read, "
        f"at least {price.minimum_bytes} bytes per query"
    ]
    if price.flat_monthly_fen:
        clauses.append(f"{price.flat_monthly_fen} fen for each calendar month in which it is used")
    if price.monthly_maximum_fen is not None:
        clauses.append(f"at most {price.monthly_maximum_fen} fen in a calendar month")
    if price.free_purposes:
        clauses.append(f"free of charge for {', '.join(price.free_purposes)}")
    return "; ".join(clauses)
