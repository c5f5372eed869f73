"""The protobuf wire format, as far as ONNX files need it: tensors are read, and a graph is written.

Source: protobuf.dev, "Encoding", and onnx.proto of ONNX 1.8 (IR version 7). A field is a key (number and wire type)
and a value; the numbers used here are named where they are used.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

DTYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}
"""TensorProto.DataType, for the types that occur."""
CODES = {np.dtype(dtype): code for code, dtype in DTYPES.items()}


def read_tensors(data: bytes) -> dict[str, Array]:
    """Read the initialisers of the model in *data*: `ModelProto.graph` (7), `GraphProto.initializer` (5)."""
    whole = memoryview(data)
    graph = next(value for number, value in _fields(whole) if number == 7)
    return dict(_tensor(value) for number, value in _fields(graph) if number == 5)


def _tensor(view: memoryview) -> tuple[str, Array]:
    """Read a `TensorProto`: dims (1), data_type (2), name (8), raw_data (9)."""
    dims, name, kind, raw = [], "", 1, memoryview(b"")
    for number, value in _fields(view):
        if number == 1:
            dims += [value] if isinstance(value, int) else list(_varints(value))
        elif number == 2:
            kind = value
        elif number == 8:
            name = bytes(value).decode()
        elif number == 9:
            raw = value
    return name, np.frombuffer(raw, DTYPES[kind]).reshape(dims)


def _fields(view: memoryview) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(view):
        key, at = _varint(view, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(view, at)
            yield number, value
            continue
        size, at = (_varint(view, at)) if wire == 2 else ({1: 8, 5: 4}[wire], at)
        yield number, view[at : at + size]
        at += size


def _varints(view: memoryview) -> Iterator[int]:
    at = 0
    while at < len(view):
        value, at = _varint(view, at)
        yield value


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = view[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def field(number: int, value: int | str | bytes) -> bytes:
    """Write one field: a number as a varint, anything else with its length before it."""
    if isinstance(value, int):
        return _key(number, 0) + _to_varint(value)
    body = value.encode() if isinstance(value, str) else value
    return _key(number, 2) + _to_varint(len(body)) + body


def tensor(name: str, array: Array) -> bytes:
    """Write a `TensorProto`."""
    body = b"".join(field(1, size) for size in array.shape)
    return body + field(2, CODES[array.dtype]) + field(8, name) + field(9, np.ascontiguousarray(array).tobytes())


def _key(number: int, wire: int) -> bytes:
    return _to_varint(number << 3 | wire)


def _to_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
