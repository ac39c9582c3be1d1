#!/usr/bin/env python3
"""What CPython and numpy make of the values named on standard input, for the tests of the pickle wire.

Each line is KIND SIZES PROTOCOL, sizes joined by x: `str 255 4`, `bytes 4096 0`, `array 4x6x3 5`, `fortran 4x6x3 2`,
`int -70000 2`, `float 0.1 0`, `none 0 4`. Byte k of an array or of bytes is (7 k + 3) mod 256, character k of a str is
chr(33 + k mod 90). Each answer is a pickle behind its length, as on the wire.
"""
import pickle
import struct
import sys

try:
    import numpy
except ImportError:
    sys.exit(3)


def content(count):
    return numpy.resize((numpy.arange(256) * 7 + 3).astype(numpy.uint8), count)


def value(kind, sizes):
    if kind == "none":
        return None
    if kind == "int":
        return int(sizes)
    if kind == "float":
        return float(sizes)
    sides = [int(side) for side in sizes.split("x")]
    if kind == "str":
        return ("".join(chr(33 + k) for k in range(90)) * (sides[0] // 90 + 1))[:sides[0]]
    if kind == "bytes":
        return content(sides[0]).tobytes()
    array = content(int(numpy.prod(sides))).reshape(sides)
    return numpy.asfortranarray(array) if kind == "fortran" else array


for line in sys.stdin:
    kind, sizes, protocol = line.split()
    made = pickle.dumps(value(kind, sizes), int(protocol))
    sys.stdout.buffer.write(struct.pack("<Q", len(made)) + made)
