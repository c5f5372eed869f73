"""Terms in the Open Digital Rights Language (W3C ODRL 2.2), as the agreement's machine-readable half."""

from typing import Any

from policies.terms import Purpose, Terms

CONTEXT = ["http://www.w3.org/ns/odrl.jsonld", {"sluice": "urn:sluice:", "duo": "http://purl.obolibrary.org/obo/DUO_"}]


def agreement(terms: Terms, *, uid: str, assigner: str, assignee: str) -> dict[str, Any]:
    """Render *terms* as an ODRL Agreement between two parties."""

    def bound(operand: str, operator: str, value: Any) -> dict[str, Any]:
        return {"leftOperand": operand, "operator": operator, "rightOperand": value}

    def duo(purposes: tuple[Purpose, ...]) -> list[str]:
        return [f"duo:{purpose.removeprefix('DUO:')}" for purpose in purposes]

    constraints = [
        bound("purpose", "isAnyOf", duo(terms.purposes)),
        bound("dateTime", "gteq", terms.starts_at.isoformat()),
        bound("dateTime", "lt", terms.ends_at.isoformat()),
        bound("count", "lteq", terms.quota.queries),
        bound("sluice:rows", "lteq", terms.quota.rows),
        bound("sluice:billedBytes", "lteq", terms.quota.bytes),
    ]
    if terms.quota.at_once is not None:
        constraints.append(bound("sluice:atOnce", "lteq", terms.quota.at_once))
    target = f"urn:sluice:edition:{terms.edition}" if terms.cut is None else f"urn:sluice:cut:{terms.cut}"
    payment = [
        bound("sluice:perQueryFen", "eq", terms.price.per_query_fen),
        bound("sluice:perGBFen", "eq", terms.price.per_gb_fen),
    ]
    if terms.price.flat_monthly_fen:
        payment.append(bound("sluice:flatMonthlyFen", "eq", terms.price.flat_monthly_fen))
    if terms.price.monthly_maximum_fen is not None:
        payment.append(bound("sluice:monthlyMaximumFen", "lteq", terms.price.monthly_maximum_fen))
    if terms.price.free_purposes:
        payment.append(bound("purpose", "isNoneOf", duo(terms.price.free_purposes)))
    duties = [
        {"action": "compensate", "constraint": payment},
        *({"action": duty.removeprefix("odrl:")} for duty in terms.duties),
    ]
    return {
        "@context": CONTEXT,
        "@type": "Agreement",
        "uid": uid,
        "profile": "urn:sluice:profile",
        "permission": [
            {
                "target": target,
                "assigner": assigner,
                "assignee": assignee,
                "action": list(terms.actions),
                "constraint": constraints,
                "duty": duties,
            }
        ]
        if terms.actions and terms.purposes
        else [],
        "prohibition": [{"target": target, "assignee": assignee, "action": "sluice:reidentify"}],
    }
