"""Values on their way between bpsym and the process that runs the user's code.

A frame is one line of JSON and the arrays' bytes. Nothing in it can make the reader run code, as a
pickle could: what is no number, text, array, list, tuple or dict arrives as an ``Opaque``.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as dataclass_fields
from types import SimpleNamespace
from typing import Any, BinaryIO

import numpy as np

DEEPEST = 12
LARGEST = 2**30
MOST_ITEMS = 200_000
_HEAD = struct.Struct("<QQ")


@dataclass(frozen=True)
class Opaque:
    """A value that is not data, by the name of its type."""

    type: str


def neutral(value: Any, depth: int = DEEPEST) -> Any:
    """A copy of a value made of numbers, text, None, arrays, lists, tuples and dicts only."""
    if value is None or isinstance(value, bool | str | Opaque):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 2**63 else float(value)
    if isinstance(value, float):
        return float(value)
    if depth == 0:
        return Opaque(type(value).__name__)
    if isinstance(value, np.generic):
        return _array(np.asarray(value))
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return [neutral(each, depth - 1) for each in value]
        return _array(value)
    fields = record_fields(value)
    if fields is not None:
        return {name: neutral(each, depth - 1) for name, each in fields.items()}
    if isinstance(value, list | tuple):
        if len(value) > MOST_ITEMS:
            return Opaque(type(value).__name__)
        items = [neutral(each, depth - 1) for each in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {_key(key): neutral(each, depth - 1) for key, each in value.items()}
    if hasattr(value, "__array__"):
        return neutral_array(value)
    return Opaque(type(value).__name__)


def record_fields(value: Any) -> dict[str, Any] | None:
    """The fields of a named tuple, a dataclass or a namespace; None of anything else."""
    if isinstance(value, type):
        return None
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        return None if names is None else dict(zip(names, value, strict=True))
    if is_dataclass(value):
        names = [each.name for each in dataclass_fields(value)]
        return {name: getattr(value, name) for name in names if hasattr(value, name)}
    return dict(vars(value)) if isinstance(value, SimpleNamespace) else None


def _key(key: Any) -> str | int:
    if isinstance(key, tuple):
        return "".join(str(each) for each in key)
    return key if isinstance(key, str | int) and not isinstance(key, bool) else str(key)


def neutral_array(value: Any) -> Any:
    """Something that numpy can read, a data frame or a tensor of another library."""
    try:
        return _array(np.asarray(value))
    except Exception:  # whatever the other library raises, it is no array
        return Opaque(type(value).__name__)


def _array(value: Any) -> Any:
    if value.dtype.kind in "biufc":
        return np.array(value, order="C")
    return Opaque(f"array of {value.dtype}")


def _encode(value: Any, blobs: list[bytes]) -> Any:
    if isinstance(value, np.ndarray):
        standard = value if value.dtype.kind != "f" or value.itemsize <= 8 else value.astype(float)
        blobs.append(np.ascontiguousarray(standard).tobytes())
        return {"a": standard.dtype.str, "shape": list(standard.shape)}
    if isinstance(value, list):
        return {"l": [_encode(each, blobs) for each in value]}
    if isinstance(value, tuple):
        return {"t": [_encode(each, blobs) for each in value]}
    if isinstance(value, dict):
        return {"d": [[key, _encode(each, blobs)] for key, each in value.items()]}
    if isinstance(value, Opaque):
        return {"o": value.type}
    return value


def _decode(value: Any, blobs: memoryview, at: list[int]) -> Any:
    if not isinstance(value, dict):
        return value
    if "a" in value:
        dtype, shape = np.dtype(value["a"]), tuple(value["shape"])
        size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        part = blobs[at[0] : at[0] + size]
        at[0] += size
        return np.frombuffer(part, dtype).reshape(shape).copy()
    if "l" in value:
        return [_decode(each, blobs, at) for each in value["l"]]
    if "t" in value:
        return tuple(_decode(each, blobs, at) for each in value["t"])
    if "d" in value:
        return {key: _decode(each, blobs, at) for key, each in value["d"]}
    return Opaque(str(value.get("o")))


def packed(value: Any) -> bytes:
    """A value as a frame."""
    blobs: list[bytes] = []
    text = json.dumps(_encode(neutral(value), blobs)).encode()
    return b"".join([_HEAD.pack(len(text), sum(map(len, blobs))), text, *blobs])


def frame_length(head: bytes) -> int:
    """The number of bytes that follow the head.

    Raises ValueError for a frame that is too long to be meant.
    """
    text, blobs = _HEAD.unpack(head)
    if text + blobs > LARGEST:
        raise ValueError("frame too long")
    return int(text + blobs)


HEAD_LENGTH = _HEAD.size


def unpacked(frame: bytes) -> Any:
    """The value of a whole frame, its head included."""
    text, _ = _HEAD.unpack(frame[:HEAD_LENGTH])
    body = memoryview(frame)[HEAD_LENGTH:]
    return _decode(json.loads(bytes(body[:text])), body[text:], [0])


def read_frame(stream: BinaryIO) -> Any:
    """The next value of a stream; EOFError at its end."""
    head = _exactly(stream, HEAD_LENGTH)
    return unpacked(head + _exactly(stream, frame_length(head)))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    parts = []
    while count:
        part = stream.read(count)
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
