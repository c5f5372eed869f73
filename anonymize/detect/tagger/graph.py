"""ONNX graphs written by hand: nodes, constants and sub-graphs, without the `onnx` package.

Field numbers are those of onnx.proto. Only what the tagger's network needs is here: attributes are whole numbers,
lists of them, tensors and graphs.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from anonymize.detect.tagger.wire import CODES, Array, field, tensor

IR_VERSION, OPSET, CONTRIB = 7, 13, "com.microsoft"
Attribute: TypeAlias = "int | list[int] | Array | Graph"


class Graph:
    """A graph under construction; a sub-graph shares the constants of the graph it belongs to."""

    def __init__(self, name: str, parent: "Graph | None" = None) -> None:
        self.name, self._parent = name, parent
        self._nodes: list[bytes] = []
        self._constants: dict[str, bytes] = {}
        self._ports: list[bytes] = []
        self._count = 0

    def input(self, name: str, dtype: type, rank: int = 2) -> str:
        """Declare an input of *rank* dimensions of any size."""
        self._ports.append(field(11, _port(name, dtype, rank)))
        return name

    def output(self, name: str, dtype: type, rank: int = 2) -> None:
        """Declare the value *name* an output of *rank* dimensions of any size."""
        self._ports.append(field(12, _port(name, dtype, rank)))

    def constant(self, name: str, array: Array) -> str:
        """Keep *array* under *name*; sub-graphs see it too."""
        root = self._parent or self
        root._constants.setdefault(name, tensor(name, array))
        return name

    def node(self, kind: str, *inputs: str, named: str | None = None, **attributes: Attribute) -> str:
        """Add a node with one output, and name that output."""
        return self.nodes(kind, inputs, (named or self._name(),), **attributes)[0]

    def nodes(self, kind: str, inputs: Sequence[str], named: Sequence[str], **attributes: Attribute) -> Sequence[str]:
        """Add a node with the outputs *named*."""
        body = b"".join(field(1, name) for name in inputs) + b"".join(field(2, name) for name in named) + field(4, kind)
        body += b"".join(field(5, _attribute(name, value)) for name, value in attributes.items())
        if kind == "MatMulIntegerToFloat":
            body += field(7, CONTRIB)
        self._nodes.append(field(1, body))
        return named

    def encode(self) -> bytes:
        """Give the graph as a `GraphProto`."""
        constants = b"".join(field(5, constant) for constant in self._constants.values())
        return b"".join(self._nodes) + field(2, self.name) + constants + b"".join(self._ports)

    def model(self) -> bytes:
        """Give the graph as a `ModelProto`, which the runtime loads."""
        opsets = field(8, field(1, "") + field(2, OPSET)) + field(8, field(1, CONTRIB) + field(2, 1))
        return field(1, IR_VERSION) + opsets + field(7, self.encode())

    def _name(self) -> str:
        self._count += 1
        return f"{self.name}.{self._count}"


def _port(name: str, dtype: type, rank: int) -> bytes:
    shape = field(2, field(1, b"") * rank)
    return field(1, name) + field(2, field(1, field(1, CODES[np.dtype(dtype)]) + shape))


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    if isinstance(value, list):
        return field(1, name) + b"".join(field(8, item) for item in value) + field(20, 7)
    if isinstance(value, Graph):
        return field(1, name) + field(6, value.encode()) + field(20, 5)
    return field(1, name) + field(5, tensor("", value)) + field(20, 4)
