"""The gate: may this statement be asked at all? DuckDB's parser reads it, our allow-lists judge its tree.

It knows table names only. Which columns exist, and what a ``*`` means, is for the binder in `lineage`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from market.query.statements.bounds import Bounds
from market.query.statements.filling import Filling
from market.query.statements.parameters import NONE, Parameters
from market.query.statements.parser import parse
from market.query.statements.predicates import Predicate, predicates
from market.query.statements.walk import Walk


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that passed: its text, the licensed tables it names, its simple conditions and its tree.

    In the tree its parameters have become the literals that they stand for.
    """

    sql: str
    tables: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    tree: Mapping[str, Any] = field(repr=False, compare=False)


def check(sql: str, tables: frozenset[str], parameters: Parameters = NONE) -> Statement:
    """Return what later steps need of *sql*, or raise `QueryRefused` naming the construct and what to write instead.

    *tables* are the names the agreement gives; DuckDB does not mind their case, so neither does the gate. A parameter
    is allowed where *parameters* has its value, and judged as that value.
    """
    tree = parse(sql)
    licensed = frozenset(name.lower() for name in tables)
    bounds = Bounds(sql)
    filling = Filling(parameters, bounds)
    walk = Walk(licensed, filling, bounds)
    walk.query(tree, {}, 0)
    filling.check_taken()
    return Statement(sql, tuple(sorted(walk.used)), predicates(tree, licensed), tree)
