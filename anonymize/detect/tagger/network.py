"""The tagger's network, written anew around LAC's weights so that it does the same sums in a third of the time.

LAC is two bidirectional GRU layers of 128 units over an embedding of characters, and a linear layer to 59 tags. Three
things are different here, and nothing is trained:

- What the first layer makes of a character is the same wherever it stands; it is worked out once for each of the
  8,000 characters and looked up (`ahead`).
- A state lies between -1 and 1, so states and weights are multiplied as whole numbers of eight bits, with a scale for
  each column of weights (Wu et al. 2020, arXiv 2004.09602, section 3). Sums are of 32 bits, activations are floats.
- Padding leaves the state as it is, so a batch gives what each text alone would give. The published file lets padding
  into the backward direction.

What comes out is not 59 tags but four masses of probability for each character: it begins a person's name, it goes on
with one, it belongs to a place, to an organisation.
"""

from collections.abc import Sequence

import numpy as np

from anonymize.detect.tagger.graph import Graph
from anonymize.detect.tagger.weights import UNKNOWN, Weights
from anonymize.detect.tagger.wire import Array

UNITS = 128
UPDATE, RESET, NEW = (slice(part * UNITS, (part + 1) * UNITS) for part in range(3))
"""Both gates and the candidate state (ONNX operator GRU, linear_before_reset = 1)."""
GATES = {"update": UPDATE, "reset": RESET}
STEPS = 127
"""Eight-bit steps from 0 to 1 (states) or to the largest weight of a column."""
CLOSED = 40.0
"""An update gate of this height keeps the old state exactly: 1 - sigmoid(40) is nothing in single precision."""
GROUPS = (("PER-B",), ("PER-I",), ("LOC-B", "LOC-I"), ("ORG-B", "ORG-I"))
"""Tags whose probability is summed in each of the outputs."""


def ahead(weights: Weights) -> tuple[Array, dict[str, int], int]:
    """Work out the first layer's input side: one row per character, then unknown, then padding.

    Gives the table, the row of each character, and the row of padding.
    """
    tensors, rows = weights.tensors, dict.fromkeys(weights.characters)
    del rows[UNKNOWN]
    embedded = tensors["embedding_0.w_0"][[weights.characters[c] for c in (*rows, UNKNOWN)]]
    sides = []
    for direction in (0, 1):
        weight, (own, recurrent) = tensors["helper.concat.5"][direction], _biases(tensors["helper.concat.9"], direction)
        bias = own.copy()
        for part in GATES.values():
            bias[part] += recurrent[part]
        padding = np.zeros(3 * UNITS, np.float32)
        padding[:UNITS] = CLOSED
        sides.append(np.vstack([embedded @ weight.T + bias, padding]))
    table = np.stack(sides).astype(np.float32)
    return table, {character: row for row, character in enumerate(rows)}, len(rows) + 1


def build(weights: Weights, table: Array, padding: int) -> bytes:
    """Write the network as a model that takes `rows` [time, text] of *table* and gives `masses` [time, text, 4]."""
    graph = Graph("tagger")
    for name, array in (
        ("step", np.array(1 / STEPS, np.float32)),
        ("zero", np.array(128, np.uint8)),
        ("width", np.array([UNITS], np.int64)),
        ("one", np.array([1], np.int64)),
        ("two", np.array([2], np.int64)),
        ("padding", np.array(padding, np.int32)),
    ):
        graph.constant(name, array)
    rows = graph.input("rows", np.int32)
    texts = graph.node("Slice", graph.node("Shape", rows), "one", "two")
    size = graph.node("Concat", texts, "width", axis=0)
    nothing = graph.node("ConstantOfShape", size, value=np.zeros(1, np.float32))
    states = (nothing, nothing, *2 * [graph.node("QuantizeLinear", nothing, "step", "zero")])
    first = graph.nodes(
        "Scan",
        (*states, rows, rows),
        [f"first.{one}" for one in ("f.last", "b.last", "f.last.whole", "b.last.whole", "f", "b")],
        body=_first(graph, weights, table),
        num_scan_inputs=2,
        scan_input_directions=[0, 1],
        scan_output_directions=[0, 1],
    )
    joined = graph.node("Concat", *first[4:], axis=2)
    kept = graph.node("Cast", graph.node("Not", graph.node("Equal", rows, "padding")), to=1)
    kept = graph.node("Unsqueeze", kept, "two")
    second = graph.nodes(
        "Scan",
        (*states, joined, joined, kept),
        [f"second.{one}" for one in ("f.last", "b.last", "f.last.whole", "b.last.whole", "f", "b")],
        body=_second(graph, weights),
        num_scan_inputs=3,
        scan_input_directions=[0, 1, 1],
        scan_output_directions=[0, 1],
    )
    joined = graph.node("Concat", *second[4:], axis=2)
    tensors = weights.tensors
    tags = _product(graph, graph, "tags", joined, tensors["linear_0.w_0"], tensors["linear_0.b_0"])
    graph.node("MatMul", graph.node("Softmax", tags), graph.constant("groups", _groups(weights)), named="masses")
    graph.output("masses", np.float32, rank=3)
    return graph.model()


def _first(root: Graph, weights: Weights, table: Array) -> Graph:
    """One step of the first layer in both directions: the input side is looked up."""
    body, tensors = _states(Graph("1", root)), weights.tensors
    for direction, side in enumerate("fb"):
        recurrent, (_, bias) = tensors["helper.concat.6"][direction], _biases(tensors["helper.concat.9"], direction)
        state, row = f"1{side}.whole", f"1{side}.row"
        looked = {
            name: body.node("Gather", root.constant(f"1{side}.ahead.{name}", table[direction][:, part]), row)
            for name, part in (*GATES.items(), ("new", NEW))
        }
        gates = [
            body.node("Add", _product(root, body, f"1{side}.{name}", state, recurrent[part].T), looked[name])
            for name, part in GATES.items()
        ]
        new = _product(root, body, f"1{side}.new", state, recurrent[NEW].T, bias[NEW])
        _step(body, f"1{side}", gates, looked["new"], new)
    for side in "fb":
        body.input(f"1{side}.row", np.int32, rank=1)
    _outputs(body)
    return body


def _second(root: Graph, weights: Weights) -> Graph:
    """One step of the second layer: its input side and its state go into each gate in one product."""
    body, tensors = _states(Graph("2", root)), weights.tensors
    for direction, side in enumerate("fb"):
        inner, recurrent = tensors["helper.concat.14"][direction], tensors["helper.concat.15"][direction]
        own, bias = _biases(tensors["helper.concat.18"], direction)
        state, below = f"2{side}.whole", f"2{side}.below"
        joined, both = body.node("Concat", below, state, axis=1), np.concatenate([inner.T, recurrent.T])
        gates = [
            _product(root, body, f"2{side}.{name}", joined, both[:, part], own[part] + bias[part])
            for name, part in GATES.items()
        ]
        given = _product(root, body, f"2{side}.given", below, inner[NEW].T, own[NEW])
        new = _product(root, body, f"2{side}.new", state, recurrent[NEW].T, bias[NEW])
        _step(body, f"2{side}", gates, given, new, keep="kept" if side == "b" else None)
    for side in "fb":
        body.input(f"2{side}.below", np.uint8)
    body.input("kept", np.float32)
    _outputs(body)
    return body


def _step(body: Graph, name: str, gates: Sequence[str], given: str, new: str, keep: str | None = None) -> None:
    """Make the next state: `update * state + (1 - update) * tanh(given + reset * new)`.

    The backward direction meets padding first: there *keep* is 0 and the state stays nothing.
    """
    update, reset = (body.node("Sigmoid", gate) for gate in gates)
    candidate = body.node("Tanh", body.node("Add", body.node("Mul", reset, new), given))
    change = body.node("Mul", update, body.node("Sub", name, candidate))
    if keep is None:
        body.node("Add", change, candidate, named=f"{name}.next")
    else:
        body.node("Mul", body.node("Add", change, candidate), keep, named=f"{name}.next")
    body.node("QuantizeLinear", f"{name}.next", "step", "zero", named=f"{name}.next.whole")
    body.node("Identity", f"{name}.next.whole", named=f"{name}.out")


def _states(body: Graph) -> Graph:
    """Give *body* its states: of each direction as floats, and as whole numbers for the next products."""
    for end, kind in (("", np.float32), (".whole", np.uint8)):
        for side in "fb":
            body.input(f"{body.name}{side}{end}", kind)
    return body


def _outputs(body: Graph) -> None:
    for end, kind in ((".next", np.float32), (".next.whole", np.uint8), (".out", np.uint8)):
        for side in "fb":
            body.output(f"{body.name}{side}{end}", kind)


def _product(root: Graph, body: Graph, name: str, left: str, weight: Array, bias: Array | None = None) -> str:
    """Multiply eight-bit *left* by *weight*, rounded to eight bits by column, into floats."""
    scale = np.maximum(np.abs(weight).max(axis=0) / STEPS, np.finfo(np.float32).tiny).astype(np.float32)
    whole = root.constant(f"{name}.weight", np.round(weight / scale).astype(np.int8))
    inputs = [left, whole, "step", root.constant(f"{name}.scale", scale), "zero"]
    if bias is not None:
        inputs += ["", root.constant(f"{name}.bias", bias.astype(np.float32))]
    return body.node("MatMulIntegerToFloat", *inputs)


def _biases(both: Array, direction: int) -> tuple[Array, Array]:
    """Part a GRU's bias into that of the input side and that of the state."""
    return both[direction][: 3 * UNITS], both[direction][3 * UNITS :]


def _groups(weights: Weights) -> Array:
    size = weights.tensors["linear_0.b_0"].size
    return np.array([[weights.tags.get(tag) in group for group in GROUPS] for tag in range(size)], np.float32)
