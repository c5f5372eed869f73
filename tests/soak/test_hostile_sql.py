"""Every hostile statement: what may run, and all that reads or writes with each layer off alone."""

import pytest

from market.query.statements.lineage import Binder
from market.query.workers.layers import Layer
from tests.attack.test_hostile_sql import (
    ONE_OFF,
    READS,
    World,
    besiege,
    hostile,
    let_run,
    lineage,
    world,
)

__all__ = ["lineage", "world"]


@pytest.mark.soak
def test_whatever_may_run_leaks_nothing_and_ends_in_time(world: World, lineage: Binder) -> None:
    slowest, ran = let_run(world, lineage, [h for h in hostile() if not h.refused])
    print(f"{ran} statements ran; the slowest ended after {slowest:.2f} s of a deadline of 1 s")


@pytest.mark.soak
@pytest.mark.parametrize(("gate", "lineage_on", "layers"), ONE_OFF)
def test_each_layer_off_alone_still_leaks_nothing(
    world: World, lineage: Binder, gate: bool, lineage_on: bool, layers: frozenset[Layer]
) -> None:
    besiege(world, lineage, [h for h in hostile() if h.group in READS], gate, lineage_on, layers)
