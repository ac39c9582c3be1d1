#!/usr/bin/env python3
"""Makes the seed corpora of the fuzz targets, and exploit pickles for the tests. Needs numpy for the arrays.

    make_corpus.py corpus DIR                writes DIR/NAME for every fuzz target
    make_corpus.py exploits COUNT SEED       writes COUNT length-prefixed exploit pickles to standard output

Files of pickle and framed named `refused_*` must be refused, all others must be read. Messages, pictures and libraries
are packed here by hand, from docs/wire.md, ITU-T T.81 and the ELF specification, so that they check the C++ side instead
of repeating it.
"""
import base64
import os
import pickle
import random
import struct
import sys

# --- exploits -------------------------------------------------------------------------------------------------------

CALLABLES = [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("os", "popen"), ("os", "execv"), ("os", "spawnvp"),
    ("subprocess", "Popen"), ("subprocess", "check_output"), ("subprocess", "getoutput"), ("commands", "getoutput"),
    ("builtins", "eval"), ("builtins", "exec"), ("builtins", "compile"), ("builtins", "getattr"), ("builtins", "open"),
    ("builtins", "__import__"), ("__builtin__", "eval"), ("__builtin__", "execfile"), ("__builtin__", "apply"),
    ("builtins", "bytearray"), ("builtins", "bytes.fromhex"), ("builtins", "type"), ("builtins", "map"),
    ("importlib", "import_module"), ("runpy", "_run_code"), ("runpy", "run_path"), ("code", "InteractiveInterpreter"),
    ("pty", "spawn"), ("webbrowser", "open"), ("socket", "create_connection"), ("urllib.request", "urlopen"),
    ("shutil", "rmtree"), ("ctypes", "CDLL"), ("pickle", "loads"), ("_pickle", "loads"), ("marshal", "loads"),
    ("types", "FunctionType"), ("operator", "attrgetter"), ("functools", "partial"), ("timeit", "timeit"),
    ("cProfile", "run"), ("pdb", "run"), ("bdb", "Bdb"), ("asyncio.unix_events", "_UnixSubprocessTransport._start"),
    ("pip", "main"), ("sys", "exit"), ("ssl", "get_server_certificate"), ("idlelib.pyshell", "ModifiedInterpreter"),
    ("numpy", "load"), ("numpy", "loads"), ("numpy", "fromfile"), ("numpy", "memmap"), ("numpy", "dtype.__new__"),
    ("numpy.core.multiarray", "scalar"), ("numpy.core.multiarray", "_reconstruct.__class__"),
    ("numpy.core.multiarray ", "_reconstruct"), ("numpy.testing._private.utils", "runstring"),
    ("numpy.f2py.crackfortran", "getlincoef"), ("numpy.core.numeric", "_frombuffer.__globals__"),
    ("_codecs", "decode"), ("codecs", "encode"), ("_codecs", "encode.__self__"), ("copyreg", "_reconstructor"),
    ("", ""), ("numpy", ""), ("", "dtype"),
]


def string(rng, text):
    raw = text.encode()
    return rng.choice([
        lambda: b"\x8c" + bytes([len(raw)]) + raw,
        lambda: b"X" + struct.pack("<I", len(raw)) + raw,
        lambda: b"V" + raw + b"\n",
    ])()


def push_callable(rng, module, name):
    if rng.random() < 0.5:
        return b"c" + module.encode() + b"\n" + name.encode() + b"\n"
    memo = rng.choice([b"", b"\x94"])
    return string(rng, module) + memo + string(rng, name) + memo + b"\x93"


def call(rng, module, name):
    """One exploit, without protocol and stop."""
    argument = string(rng, rng.choice(["touch /tmp/streamhost-canary", "id", "latin1", "u1", ""]))
    named = push_callable(rng, module, name)
    return rng.choice([
        lambda: named + b"(" + argument + b"tR",
        lambda: named + argument + b"\x85R",
        lambda: named + b")R",
        lambda: named + argument + b"\x85\x81",                      # NEWOBJ
        lambda: named + argument + b"\x85}\x92",                     # NEWOBJ_EX
        lambda: b"(" + named + argument + b"o",                      # OBJ
        lambda: b"(" + argument + b"i" + module.encode() + b"\n" + name.encode() + b"\n",  # INST
        lambda: named + b")\x81}(" + argument + argument + b"ub",    # BUILD with a state
        lambda: named + b"0N",                                       # named, then dropped
        lambda: named + b"q\x000h\x00" + argument + b"\x85R",        # by way of the memo
        lambda: b"]" + named + argument + b"\x85Ra",                 # inside a list
        lambda: b"}" + argument + named + argument + b"\x85Rs",      # inside a dict
    ])()


def exotic(rng):
    """Opcodes that import, or that eat memory and time."""
    huge = struct.pack("<I", rng.choice([0xFFFFFFFF, 0x7FFFFFFF, 1 << 20]))
    return rng.choice([
        b"\x82\x01", b"\x83\x01\x00", b"\x84\x01\x00\x00\x00",                  # EXT1, EXT2, EXT4
        b"Pos.system\n", b"Nos.system\nQ", string(rng, "os.system") + b"Q",     # PERSID, BINPERSID
        b"\x97", b"C\x01b\x98", b"]" + b"2" * 100, b"(" * 10000, b")" * 10000,
        b"N\x85" + b"\x85" * 10000, b"Nr" + huge, b"NP" + huge, b"\x8b" + huge, b"K\x01" + b"\x94" * 200,
        b"\x95" + b"\xff" * 8, b"B" + huge, b"X" + huge, b"\x8e" + b"\xff" * 8, b"\x8d" + b"\xff" * 8, b"\x8f\x90",
        b"S'os'\n", b"U\x02os", b"T\x02\x00\x00\x00os", b"I" + b"9" * 5000 + b"\n", b"L" + b"9" * 5000 + b"L\n",
    ])


def exploit(rng):
    body = exotic(rng) if rng.random() < 0.15 else call(rng, *rng.choice(CALLABLES))
    before = rng.choice([b"", b"", b"N0", b"(", string(rng, "hello"), b"K\x01", b"(K\x01(K\x04K\x06K\x03t"])
    after = rng.choice([b"", b"", b"t", b"\x85", b"b", b"R"])
    whole = before + body + after + b"."
    protocol = rng.randrange(6)
    if protocol >= 4 and rng.random() < 0.7:
        whole = b"\x95" + struct.pack("<Q", len(whole)) + whole
    return (b"\x80" + bytes([protocol]) if protocol >= 2 else b"") + whole


# --- values ---------------------------------------------------------------------------------------------------------

def as_numpy_2(made, protocol):
    """The same array as numpy 2 pickles it: `core` is called `_core`."""
    if protocol < 4:
        return made.replace(b"numpy.core", b"numpy._core")
    length = struct.unpack_from("<Q", made, 3)[0] + 1
    for module in (b"numpy.core.multiarray", b"numpy.core.numeric"):
        made = made.replace(bytes([len(module)]) + module, bytes([len(module) + 1]) + module.replace(b"core", b"_core"))
    return made[:3] + struct.pack("<Q", length) + made[11:]


def values():
    import numpy
    picture = (numpy.arange(4 * 6 * 3) * 3 % 256).astype(numpy.uint8).reshape(4, 6, 3)
    frozen = picture.copy()
    frozen.flags.writeable = False
    cases = {
        "none": None, "true": True, "false": False, "int8": 7, "int16": 1000, "int32": -70000, "int64": -(1 << 63),
        "float": -1.5, "nan": float("nan"), "str": "h\u00e9 \u6f22 \U0001f600", "str_empty": "", "str_300": "x" * 300,
        "str_escapes": "a\\b\n\0\u00ff", "surrogate": "a\udcffb", "bytes": bytes(range(256)), "bytes_empty": b"",
        "array": picture, "array_fortran": numpy.asfortranarray(picture), "array_gray": picture[:, :, 0].copy(),
        "array_gray3": picture[:, :, :1].copy(), "array_frozen": frozen,
        "array_view": picture[::2, 1:4], "array_1x1": numpy.full((1, 1), 98, numpy.uint8),
    }
    for name, value in cases.items():
        for protocol in range(6):
            made = pickle.dumps(value, protocol)
            yield f"{name}_p{protocol}", made
            if b"numpy.core" in made:
                yield f"{name}_numpy2_p{protocol}", as_numpy_2(made, protocol)


def refused_values():
    import numpy
    grid = numpy.zeros((4, 6, 3), numpy.uint8)
    cases = {
        "list": [1], "tuple": (1, 2), "dict": {"a": 1}, "set": {1}, "complex": 1j, "int65": 1 << 64,
        "bytearray": bytearray(b"a"), "int16_array": grid.astype(numpy.int16), "big_endian": grid.astype(">f8"),
        "object": grid.astype(object), "one_dimension": grid[0, 0].copy(), "four_dimensions": grid.reshape(2, 2, 6, 3),
        "too_wide": numpy.zeros((1, 4097), "u1"), "empty_array": numpy.zeros((0, 6, 3), "u1"), "dtype": grid.dtype,
        "class": numpy.ndarray, "scalar": grid[0, 0, 0],
    }
    for name, value in cases.items():
        for protocol in (0, 2, 4, 5):
            if name == "too_wide" and protocol != 4:
                continue
            yield f"refused_{name}_p{protocol}", pickle.dumps(value, protocol)


# --- framed ---------------------------------------------------------------------------------------------------------

BOOT = bytes(range(16))


def message(kind, form=b"", payload=b"", major=1, size=80, hops=1, extra=b""):
    head = struct.pack("<4sBBHHHI16sIIQqq16s", b"SHFM", major, 0, size, kind, hops, 0x80000000, BOOT, 7, 3, 1 << 40,
                       123456789, 1700000000 * 10**9, form)
    return head + extra + payload


def answer(status, kind, stream=b"", user=b"", text=b"", extra=b"", flags=0):
    rest = stream + user + text + extra
    return struct.pack("<4sBBHIHH16sIIqHHHHII", b"SHFA", 1, 0, 64 + len(rest), flags, status, kind, BOOT, 7, 2,
                       1700000000 * 10**9, len(stream), len(user), len(text), 0, 0, 0) + rest


def hello(stream=b"", token=b"", major=1, extra=b"", flags=0xF0):
    rest = stream + token + extra
    return struct.pack("<4sBBHIHH", b"SHFH", major, 0, 16 + len(rest), flags, len(stream), len(token)) + rest


def on(channel, kind, form=b"", payload=b"", **more):
    return message(kind, form, payload, size=88, extra=struct.pack("<II", channel, 0), **more)


def announce(channel, kind, name, user=b"", version=0):
    return on(channel, 36, struct.pack("<IIII", kind, version, len(name), len(user)), name + user)


def framed():
    three = lambda a, b, c: struct.pack("<III4x", a, b, c)
    yield "video_frame", message(1, three(4, 2, 1), bytes(24))
    yield "video_frame_gray", message(1, three(4, 2, 2), bytes(8))
    yield "encoded_image", message(2, three(640, 480, 1), b"\xff\xd8\xff\xd9")
    yield "audio_block", message(3, three(44100, 2, 1), bytes(16))
    yield "text", message(4, struct.pack("<II8x", 5, 3), b"hellobob")
    yield "text_recipient", message(4, struct.pack("<III4x", 5, 3, 2), b"hellobobme")
    yield "record", message(5, b"", b'{"moisture": 0.25, "at": [1, 2, {"x": null}]}')
    yield "bytes", message(6, b"", b"abc")
    yield "user", message(7, struct.pack("<II8x", 2, 12), b"soil.reading" + bytes(4) + b"data")
    yield "ping", message(32, b"", struct.pack("<q", 5))
    yield "pong", message(33, b"", struct.pack("<qqq", 5, 105, 107))
    yield "end_of_stream", message(34, b"", b"end of file")
    yield "failure", message(35, b"", b"broken")
    yield "longer_header", message(6, b"", b"abc", size=96, extra=bytes(16))
    yield "channel", on(3, 6, b"", b"abc")
    yield "announce", announce(1, 5, b"readings")
    yield "announce_user", announce(2, 7, b"scan", b"acme.scan", 3)
    yield "refused_announce_sizes", on(1, 36, struct.pack("<IIII", 5, 0, 9, 0), b"readings")
    yield "refused_announce_type", announce(1, 0, b"readings")
    yield "refused_announce_name", announce(1, 5, b"a b")
    yield "refused_announce_no_user", announce(1, 7, b"scan")
    yield "refused_announce_user", announce(1, 5, b"readings", b"acme.scan")
    yield "hello", hello(b"front", b"secret")
    yield "hello_plain", hello()
    yield "hello_longer", hello(b"front", extra=b"later")
    yield "answer", answer(0, 2, b"front")
    yield "answer_user", answer(0, 7, b"soil", b"soil.reading")
    yield "answer_refusal", answer(1, 0, text=b"no such stream")
    yield "refused_major", message(6, b"", b"abc", major=2)
    yield "refused_hops", message(6, b"", b"abc", hops=5)
    yield "refused_header_size", message(6, b"", b"abc", size=72)
    yield "refused_header_odd", message(6, b"", b"abcdefgh", size=81)
    yield "refused_header_beyond", message(6, b"", b"", size=88)
    yield "refused_pixels", message(1, three(4, 2, 1), bytes(23))
    yield "refused_pixel_format", message(1, three(4, 2, 9), bytes(24))
    yield "refused_sides", message(1, three(0xFFFFFFFF, 0xFFFFFFFF, 1), bytes(24))
    yield "refused_no_sides", message(1, three(0, 0, 1))
    yield "refused_audio", message(3, three(44100, 2, 1), bytes(15))
    yield "refused_utf8", message(4, struct.pack("<II8x", 1, 0), b"\xff")
    yield "refused_text_sizes", message(4, struct.pack("<II8x", 0xFFFFFFFF, 9), b"hellobob")
    yield "refused_json", message(5, b"", b'{"a":')
    yield "refused_deep", message(5, b"", b"[" * 33 + b"]" * 33)
    yield "refused_user", message(7, struct.pack("<II8x", 2, 65), bytes(80))
    yield "refused_type", message(999)
    yield "refused_hello_major", hello(b"front", major=2)
    yield "refused_hello_name", hello(b"a b")
    yield "refused_answer_no_type", answer(0, 7, b"soil")


# --- JPEG -----------------------------------------------------------------------------------------------------------

def segment(code, content):
    return bytes([0xFF, code]) + struct.pack(">H", len(content) + 2) + content


SOI, EOI = b"\xff\xd8", b"\xff\xd9"
QUANTISATION = segment(0xDB, b"\x00" + bytes([1] * 64))
# Two tables with a single code of one bit each: "no difference" and "end of block".
HUFFMAN = segment(0xC4, b"\x00\x01" + bytes(15) + b"\x00") + segment(0xC4, b"\x10\x01" + bytes(15) + b"\x00")


def frame(width, height, factors, code=0xC0, precision=8):
    components = b"".join(bytes([i + 1, factor, 0]) for i, factor in enumerate(factors))
    return segment(code, struct.pack(">BHHB", precision, height, width, len(factors)) + components)


def scan(components, data, spectral=(0, 63), approximation=0):
    names = b"".join(bytes([i + 1, 0]) for i in range(components))
    return segment(0xDA, bytes([components]) + names + bytes(spectral) + bytes([approximation])) + data


def jpeg(*parts):
    return SOI + b"".join(parts) + EOI


# All blocks are "0" "0": a flat picture of medium brightness, padded with ones.
GRAY = jpeg(QUANTISATION, HUFFMAN, frame(8, 8, [0x11]), scan(1, b"\x3f"))
COLOUR = jpeg(QUANTISATION, HUFFMAN, frame(16, 16, [0x22, 0x11, 0x11]), scan(3, b"\x00\x0f"))
PROGRESSIVE = jpeg(QUANTISATION, HUFFMAN, frame(8, 8, [0x11], code=0xC2), scan(1, b"\x7f", spectral=(0, 0)),
                   scan(1, b"\x7f", spectral=(1, 63)))


def pictures():
    restarts = segment(0xDD, struct.pack(">H", 1))
    head = QUANTISATION + HUFFMAN
    yield "gray", GRAY
    yield "colour", COLOUR
    yield "progressive", PROGRESSIVE
    yield "comment", jpeg(segment(0xFE, b"a comment"), head, frame(8, 8, [0x11]), scan(1, b"\x3f"))
    yield "thumbnail", jpeg(segment(0xE1, b"Exif\0\0" + GRAY), head, frame(8, 8, [0x11]), scan(1, b"\x3f"))
    yield "restarts", jpeg(head, restarts, frame(24, 8, [0x11]), scan(1, b"\x3f\xff\xd0\x3f\xff\xd1\x3f"))
    yield "stuffing", jpeg(head, frame(8, 8, [0x11]), scan(1, b"\x3f\xff\x00\xff\x00"))
    yield "fill_bytes", SOI + head + b"\xff\xff" + frame(8, 8, [0x11]) + scan(1, b"\x3f\xff\xff") + EOI
    yield "bare_tables", jpeg(QUANTISATION, frame(8, 8, [0x11]), scan(1, b"\x3f"))  # as from cameras
    yield "wide_sampling", jpeg(head, frame(32, 8, [0x41, 0x11, 0x11]), scan(3, bytes(2)))
    yield "no_data", jpeg(head, frame(64, 64, [0x11]), scan(1, b""))
    yield "two_scans", jpeg(head, frame(8, 8, [0x11]), scan(1, b"\x3f"), scan(1, b"\x3f"))
    yield "behind_it", GRAY + b"more"
    yield "too_wide", jpeg(head, frame(4097, 8, [0x11]), scan(1, b"\x3f"))
    yield "too_many_pixels", jpeg(head, frame(4096, 4096, [0x11]), scan(1, b"\x3f"))
    yield "too_many_scans", jpeg(head, frame(8, 8, [0x11], code=0xC2), scan(1, b"\x7f", spectral=(0, 0)) * 101)
    yield "no_height", jpeg(head, frame(8, 0, [0x11]), scan(1, b"\x3f"))
    yield "twelve_bits", jpeg(head, frame(8, 8, [0x11], code=0xC1, precision=12), scan(1, b"\x3f"))
    yield "arithmetic", jpeg(head, frame(8, 8, [0x11], code=0xC9), scan(1, b"\x3f"))
    yield "lossless", jpeg(head, frame(8, 8, [0x11], code=0xC3), scan(1, b"\x3f"))
    yield "two_frames", jpeg(head, frame(8, 8, [0x11]), frame(8, 8, [0x11]), scan(1, b"\x3f"))
    yield "scan_first", jpeg(head, scan(1, b"\x3f"), frame(8, 8, [0x11]))
    yield "length_of_one", SOI + b"\xff\xe0\x00\x01" + EOI
    yield "no_end", GRAY[:-2]
    yield "cut", GRAY[:40]
    yield "nothing_in_it", SOI + EOI


def picture_streams():
    yield "three", GRAY + COLOUR + PROGRESSIVE
    yield "between", b"\0\xff\xffnoise\xd8" + GRAY + b"\xff\xd9\0\0" + COLOUR + b"\xff"
    yield "cut_in_the_scan", COLOUR[:-3] + GRAY + GRAY
    yield "cut_in_a_segment", COLOUR[:60] + GRAY * 3
    yield "long_segment", SOI + b"\xff\xe2\xff\xff" + GRAY * 3
    yield "broken", SOI + b"x" + SOI + b"\xff\x00" + SOI + b"\xff\xd0" + SOI + SOI + GRAY
    for name, picture in pictures():
        yield name, picture + GRAY


def datagrams():
    for name, picture in pictures():
        yield name, base64.b64encode(picture)
    whole = base64.b64encode(COLOUR + bytes(-len(COLOUR) % 3 + 1))
    assert whole.endswith(b"==")
    yield "no_padding", whole[:-2]
    yield "half_padding", whole[:-1]
    yield "padding_within", whole + whole
    yield "newline", whole + b"\n"
    yield "lines", base64.encodebytes(COLOUR)
    yield "url_letters", base64.urlsafe_b64encode(COLOUR)
    yield "surplus_bits", whole[:-3] + b"B=="
    yield "raw", COLOUR
    yield "not_jpeg", base64.b64encode(b"\x89PNG\r\n\x1a\n")
    yield "empty", b""
    yield "hello", b"Hello"
    for word in (b"view", b"bye", b"refused"):
        yield word.decode(), b"streamhost-video/1 " + word


# --- module libraries -------------------------------------------------------------------------------------------------

def note_descriptor(names, count=None):
    # SDK 0.1, GCC 12.2, libstdc++ with the new ABI, Boost 1.81, the macros of this project, no debug, no sanitizer.
    built_with = struct.pack("<10I", 0, 1, 1, 120200, 1, 1, 108100, 0x6E7, 0, 0)
    text = b"".join(name + b"\0" for name in names)
    return built_with + struct.pack("<II", len(names) if count is None else count, len(text)) + text


def note(owner, kind, descriptor):
    pad = lambda part: part + bytes(-len(part) % 4)
    return struct.pack("<III", len(owner) + 1, len(descriptor), kind) + pad(owner + b"\0") + pad(descriptor)


def library(notes, run_path=b"", kind=3):
    """An ELF file of 64 bits: one segment that maps all of it, one of notes, one for the dynamic linker."""
    strings = b"\0" + run_path + b"\0"
    notes_at = 64 + 3 * 56
    strings_at = notes_at + len(notes)
    dynamic_at = strings_at + len(strings)
    dynamic = struct.pack("<8q", 5, strings_at, 10, len(strings), 29, 1, 0, 0)
    whole = dynamic_at + len(dynamic)
    segment_of = lambda type_, at, size: struct.pack("<IIQQQQQQ", type_, 4, at, at, at, size, size, 4)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", kind, 62, 1, 0, 64, 0, 0, 64, 56, 3, 64, 0, 0)
    return (header + segment_of(1, 0, whole) + segment_of(4, notes_at, len(notes)) +
            segment_of(2, dynamic_at, len(dynamic)) + notes + strings + dynamic)


def libraries():
    ours = note(b"streamhost", 1, note_descriptor([b"soil::probe", b"soil::gauge<int, 3>"]))
    foreign = note(b"GNU", 3, bytes(20))
    yield "library", library(foreign + ours, b"$ORIGIN/../..")
    yield "no_note", library(foreign)
    yield "no_run_path", library(ours)[:-32]
    yield "later_format", library(note(b"streamhost", 2, bytes(8)))
    yield "program", library(ours, kind=2)
    yield "cut", library(foreign + ours)[:200]
    yield "long_owner", library(struct.pack("<III", 0xFFFFFFFF, 8, 1) + b"streamhost\0\0" + bytes(8))
    yield "run_path_escape", library(ours, b"a\x1b[2Jb")
    yield "descriptor", note_descriptor([b"soil::probe"])
    yield "descriptor_of_none", note_descriptor([])
    yield "descriptor_count", note_descriptor([b"soil::probe"], count=2)
    yield "descriptor_unnamed", note_descriptor([b""])
    yield "descriptor_escape", note_descriptor([b"soil\x1b[2J"])


# --- topologies (with those of tests/core/topology) ---------------------------------------------------------------------

def topologies():
    text = b'{"modules": {"a": {"type": "fake.camera", "fps": 30}}, "links": []}'
    yield "override", text + b"\0modules.a.fps=25\nname=front"
    yield "override_of_nothing", text + b"\0modules.b.fps=25\n.=\n==\nmodules..a=1"
    yield "variables", b'{"vars": {"x": "${FPS:-30}"}, "modules": {"a": {"type": "fake.camera", "fps": "${x}"}}}'
    yield "not_json", b'{"modules": {"a": '
    yield "deep", b'{"modules": ' + b'{"a": ' * 40 + b"1" + b"}" * 41
    yield "invalid_utf8", b'{"name": "\xff\xc0\x80", "modules": {}}'


# --- lines of text ----------------------------------------------------------------------------------------------------

def texts():
    yield "one", b"hello\n"
    yield "several", "hello\n\ngr\u00fc\u00dfe \u4f60\u597d\r\n \r \nrest".encode()
    yield "controls", b"\x1b[2J\x07\x00\x7f\xc2\x9b2J\n\xe2\x80\xaeevil\n"
    yield "no_utf8", b"gr\xfc\xdfe\n\xc3\n\xed\xa0\x80\nfine\n"
    yield "ends_only", b"\n\r\n\r\r\n"
    yield "largest", b"x" * 65536 + b"\r\n"
    yield "too_large", b"x" * 65537 + b"\nfine\n"


def prefixed(content):
    return struct.pack("<Q", len(content)) + content


def chats():
    """What a peer sends: a byte for the wire (0 lines, 1 pickle), then the wire's own."""
    for name, content in texts():
        yield "lines_" + name, b"\0" + content
    said = ["hello", "", "gr\u00fc\u00dfe \u4f60\u597d", "x" * 300, "y" * 65536]
    for protocol in range(6):
        yield f"pickle_{protocol}", b"\1" + b"".join(prefixed(pickle.dumps(line, protocol)) for line in said[:4])
    yield "pickle_largest", b"\1" + prefixed(pickle.dumps(said[4], 4))
    yield "pickle_too_large", b"\1" + prefixed(pickle.dumps(said[4] + "y", 4))
    yield "pickle_surrogate", b"\1" + prefixed(pickle.dumps("\udcff", 4))
    for name, value in ("none", None), ("number", 42), ("bytes", b"hello"), ("list", ["hello"]):
        yield f"pickle_{name}", b"\1" + prefixed(pickle.dumps("hello", 4)) + prefixed(pickle.dumps(value, 4))
    yield "pickle_cut", b"\1" + prefixed(pickle.dumps("hello", 4))[:-1]
    yield "pickle_empty", b"\1" + prefixed(b"")
    yield "pickle_huge", b"\1" + struct.pack("<Q", 2**63) + b"hello"


# --- what a relay gets from upstream ------------------------------------------------------------------------------------

def relays():
    """A byte for the wire (0 framed, 1 pickle), then the server's words behind its answer."""
    picture = message(1, struct.pack("<III4x", 4, 2, 1), bytes(24))
    ping, pong = message(32, b"", struct.pack("<q", 5)), message(33, b"", struct.pack("<qqq", 5, 105, 107))
    end, failure = message(34, b"", b"that was all"), message(35, b"", b"broken")
    sequences = {
        "pictures": [picture] * 3, "types": [message(kind, b"", b"any") for kind in (2, 3, 4, 5, 6, 7, 20, 31)],
        "session": [ping, pong, picture, ping], "end": [picture, end, picture], "failure": [failure, picture],
        "later": [message(kind, b"", b"?") for kind in (0, 36, 999, 65535)] + [picture],
        "hops": [message(6, hops=hops) for hops in (0, 1, 3, 4, 0)], "circling": [picture, message(6, hops=5), picture],
        "major": [picture, message(6, major=2), picture], "longer_header": [message(6, b"", b"abc", size=96, extra=bytes(16))],
        "bad_ping": [picture, message(32, b"", b"short"), picture], "no_utf8": [message(34, b"", b"\xff"), picture],
        "empty": [b""], "rubbish": [picture, b"rubbish"],
    }
    for name, bodies in sequences.items():
        yield "framed_" + name, b"\0" + b"".join(map(prefixed, bodies))
    yield "framed_cut", b"\0" + (prefixed(picture) * 2)[:-1]
    yield "framed_huge", b"\0" + prefixed(picture) + struct.pack("<Q", 2**63) + b"hello"
    for name, body in framed():
        if not name.startswith(("hello", "answer", "refused_hello", "refused_answer")):
            yield "framed_one_" + name, b"\0" + prefixed(picture) + prefixed(body) + prefixed(picture)

    rng = random.Random(2)
    good = [pickle.dumps(value, 4) for value in ("hello", b"sound", 7)]
    none, silence = pickle.dumps(None, 4), pickle.dumps(b"", 4)
    for i in range(20):
        yield f"pickle_exploit_{i}", b"\1" + b"".join(map(prefixed, good + [exploit(rng)] + good))
    yield "pickle_none", b"\1" + b"".join(map(prefixed, [none, good[0], none, good[1], none]))
    yield "pickle_silence", b"\1" + b"".join(map(prefixed, [good[1], silence, good[1]]))
    yield "pickle_cut", b"\1" + b"".join(map(prefixed, good))[:-1]
    yield "pickle_list", b"\1" + b"".join(map(prefixed, [good[0], pickle.dumps([1], 4), good[0]]))
    yield "pickle_empty", b"\1" + prefixed(good[0]) + prefixed(b"") + prefixed(good[0])
    yield "pickle_huge", b"\1" + struct.pack("<Q", 65537) + bytes(100)
    for name, made in values():
        if name.startswith(("array_p", "array_fortran_p4", "str_p", "bytes_p")):
            yield "pickle_one_" + name, b"\1" + prefixed(made) * 2


# --- sound ------------------------------------------------------------------------------------------------------------

def chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def wav(*chunks, size=None, name=b"RIFF"):
    content = b"WAVE" + b"".join(chunks)
    return name + struct.pack("<I", len(content) if size is None else size) + content


def wav_format(tag=1, channels=2, rate=44100, bits=16, frame=None, extra=b""):
    frame = channels * bits // 8 if frame is None else frame
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * frame & 0xFFFFFFFF, frame, bits) + extra)


def wav_files():
    # "Multimedia Programming Interface and Data Specifications 1.0" (IBM and Microsoft 1991); RF64: EBU Tech 3306.
    data = chunk(b"data", bytes(range(64)))
    guid = bytes.fromhex("000000001000800000aa00389b71")
    yield "stereo", wav(wav_format(), data)
    yield "mono_8_bits", wav(wav_format(channels=1, bits=8), data)
    yield "24_bits", wav(wav_format(bits=24), chunk(b"data", bytes(60)))
    yield "float", wav(wav_format(tag=3, bits=32), chunk(b"data", struct.pack("<4f", 0.5, float("nan"), float("inf"), -2)))
    yield "extensible", wav(wav_format(tag=0xFFFE, channels=6, extra=struct.pack("<HHI", 22, 16, 0) + b"\x01\0" + guid), data)
    yield "ms_adpcm", wav(wav_format(tag=2, bits=4, frame=256, extra=struct.pack("<HHH", 4, 500, 7) + bytes(28)), data)
    yield "gsm", wav(wav_format(tag=49, channels=1, rate=8000, bits=0, frame=65, extra=struct.pack("<HH", 2, 320)),
                     chunk(b"data", bytes(65)))
    yield "list_first", wav(chunk(b"LIST", b"INFOINAM\x02\0\0\0a\0"), wav_format(), data)
    yield "no_channels", wav(wav_format(channels=0, frame=4), data)
    yield "65_channels", wav(wav_format(channels=65), chunk(b"data", bytes(130)))
    yield "65535_channels", wav(wav_format(channels=65535, frame=4), data)
    yield "no_rate", wav(wav_format(rate=0), data)
    yield "huge_rate", wav(wav_format(rate=0xFFFFFFFF), data)
    yield "no_frame_size", wav(wav_format(frame=0), data)
    yield "no_bits", wav(wav_format(bits=0, frame=4), data)
    yield "huge_data", wav(wav_format(), b"data" + b"\xff" * 4 + bytes(64))
    yield "huge_riff", wav(wav_format(), data, size=0xFFFFFFFF)
    yield "huge_format", wav(b"fmt " + b"\xff" * 4 + bytes(16), data)
    yield "no_data", wav(wav_format(), chunk(b"data", b""))
    yield "no_format", wav(data)
    yield "two_formats", wav(wav_format(), wav_format(channels=1, rate=8000), data)
    yield "rf64", wav(chunk(b"ds64", struct.pack("<QQQI", 1 << 33, 64, 16, 0)), wav_format(), b"data" + b"\xff" * 4 + bytes(64),
                      size=0xFFFFFFFF, name=b"RF64")
    yield "rf64_of_2_64_frames", wav(chunk(b"ds64", b"\xff" * 24 + bytes(4)), wav_format(), b"data" + b"\xff" * 4 + bytes(64),
                                     size=0xFFFFFFFF, name=b"RF64")
    yield "cut_in_the_format", wav(wav_format(), data)[:30]
    yield "cut_in_a_frame", wav(wav_format(), data)[:-3]
    yield "name_only", b"RIFF"
    yield "au", struct.pack(">4sIIIII", b".snd", 24, 32, 3, 8000, 1) + bytes(32)
    yield "flac_name", b"fLaC" + bytes(42)
    yield "ogg_name", b"OggS" + bytes(60)


def sounds():
    """A byte for where it comes from (0, 1 a pickle, 2 framed, 3 a file), then the sound."""
    samples = bytes(range(256)) * 16
    for protocol in range(6):
        yield f"pickle_{protocol}", b"\0" + pickle.dumps(samples, protocol)
    yield "pickle_floats", b"\1" + pickle.dumps(struct.pack("<12f", *([float("nan"), float("inf"), -1e38] * 4)), 4)
    yield "pickle_cut_frame", b"\0" + pickle.dumps(samples[:-3], 4)
    yield "pickle_less_than_a_frame", b"\1" + pickle.dumps(b"abc", 4)
    yield "pickle_end", b"\0" + pickle.dumps(b"", 4)
    for name, value in ("none", None), ("text", "sound"), ("number", 42), ("list", [samples]):
        yield f"pickle_{name}", b"\0" + pickle.dumps(value, 4)
    form = lambda rate, channels, kind: struct.pack("<III4x", rate, channels, kind)
    yield "framed_s16", b"\2" + message(3, form(44100, 2, 1), samples)
    yield "framed_f32", b"\2" + message(3, form(16000, 1, 2), struct.pack("<8f", *([float("nan"), -float("inf"), 1e38, 0.5] * 2)))
    yield "framed_equal", b"\2" + message(3, form(48000, 2, 1), samples)
    yield "framed_64_channels", b"\2" + message(3, form(768000, 64, 2), samples)
    yield "framed_1_hz", b"\2" + message(3, form(1, 1, 1), samples)
    yield "framed_188_hz", b"\2" + message(3, form(188, 1, 1), samples[:64])
    yield "framed_empty", b"\2" + message(3, form(44100, 2, 1))
    yield "framed_cut_frame", b"\2" + message(3, form(44100, 2, 1), samples[:-1])
    yield "framed_no_rate", b"\2" + message(3, form(0, 2, 1), samples)
    yield "framed_no_channels", b"\2" + message(3, form(44100, 0, 1), samples)
    yield "framed_too_fast", b"\2" + message(3, form(0xFFFFFFFF, 2, 1), samples)
    yield "framed_too_wide", b"\2" + message(3, form(44100, 65, 1), samples)
    yield "framed_of_later", b"\2" + message(3, form(44100, 2, 3), samples)
    yield "framed_text", b"\2" + message(4, struct.pack("<II8x", 5, 0), b"hello")
    for name, content in wav_files():
        yield "file_" + name, b"\3" + content


# --- sessions of many streams ---------------------------------------------------------------------------------------

def sessions():
    """The first byte says whose peer speaks: 0 a server's, 1 a client's."""
    many = hello(flags=1)
    accepted = answer(0, 0, flags=1)
    readings, scan = announce(1, 5, b"readings"), announce(2, 7, b"scan", b"acme.scan", 3)
    reading = on(1, 5, b"", b'{"n": 1}')
    turn = on(2, 7, struct.pack("<II8x", 3, 9), b"acme.scan" + bytes(7) + struct.pack("<If", 5, 0.5))
    ping, pong = message(32, b"", struct.pack("<q", 5)), message(33, b"", struct.pack("<qqq", 5, 105, 107))
    end, failure = message(34, b"", b"done"), message(35, b"", b"broken")
    stories = {
        "good": [readings, scan, reading, turn, ping, pong, end],
        "failure": [readings, reading, failure, reading],
        "not_announced": [reading],
        "no_channel": [readings, message(5, b"", b"1")],
        "twice": [readings, readings],
        "one_name_twice": [readings, announce(2, 5, b"readings")],
        "channel_0": [announce(0, 5, b"readings")],
        "channel_65": [announce(65, 5, b"readings")],
        "flood": [announce(1 + i % 64, 4, b"s%d" % i) for i in range(100)],
        "unknown_name": [announce(1, 5, b"weather"), reading],
        "unknown_type": [announce(1, 99, b"readings"), reading],
        "other_type": [announce(1, 4, b"readings"), reading],
        "other_version": [announce(2, 7, b"scan", b"acme.scan", 4), turn],
        "other_content": [readings, on(1, 6, b"", b"abc")],
        "broken_json": [readings, on(1, 5, b"", b'{"n":')],
        "broken_scan": [scan, on(2, 7, struct.pack("<II8x", 3, 9), b"acme.scan" + bytes(7) + b"abc")],
        "repeated": [readings, reading, reading],
        "circling": [readings, on(1, 5, b"", b"1", hops=5)],
        "ping_cut": [message(32, b"", b"1234")],
        "pings": [ping] * 40,
        "later": [message(99), on(7, 77, b"", b"later"), readings, reading],
        "other_major": [on(1, 5, b"", b"1", major=2)],
        "empty": [],
    }
    for name, story in stories.items():
        told = b"".join(prefixed(each) for each in story)
        yield f"server_{name}", b"\0" + many + told
        yield f"client_{name}", b"\1" + accepted + told
    yield "server_one", b"\0" + hello(b"camera")
    yield "server_none", b"\0" + hello(b"rear", flags=1)
    yield "server_cut", b"\0" + many + prefixed(readings) + prefixed(reading)[:-3]
    yield "server_huge", b"\0" + many + struct.pack("<Q", 2**40) + b"abc"
    yield "server_zero", b"\0" + many + struct.pack("<Q", 0)
    yield "server_hello_cut", b"\0" + many[:9]
    yield "server_other", b"\0GET / HTTP/1.1\r\n\r\n"
    yield "client_one", b"\1" + answer(0, 5, b"readings") + prefixed(message(5, b"", b'{"n": 1}'))
    yield "client_unwanted", b"\1" + answer(0, 5, b"weather")
    yield "client_refused", b"\1" + answer(1, 0, text=b"no room")
    yield "client_other", b"\1HTTP/1.1 400\r\n\r\n"


# --- RTP with JPEG: RFC 3550, RFC 2435, RFC 8285 ------------------------------------------------------------------------

def rtp(payload, number, marker=False, time=0, kind=26, ssrc=7, first=0x80, extension=b""):
    if extension:
        first |= 0x10
    return struct.pack(">BBHII", first, marker << 7 | kind, number & 0xFFFF, time, ssrc) + extension + payload


def rtp_jpeg(data, offset=0, kind=1, quality=50, columns=2, rows=2, restart=None, tables=None, specific=0):
    head = struct.pack(">B3sBBBB", specific, offset.to_bytes(3, "big"), kind, quality, columns, rows)
    if restart is not None:
        head += struct.pack(">HH", restart, 0xFFFF)
    if tables is not None:
        head += struct.pack(">BBH", 0, 0, len(tables)) + tables
    return head + data


def rtp_stamps(width=16, height=16, hops=1):
    elements = (BOOT, struct.pack(">IIQ", 7, 3, 1 << 40), struct.pack(">qq", 123456789, 1700000000 * 10**9),
                struct.pack(">HHB", width, height, hops))
    body = b"".join(bytes([i << 4 | len(each) - 1]) + each for i, each in enumerate(elements, 1))
    body += bytes(-len(body) % 4)
    return struct.pack(">HH", 0xBEDE, len(body) // 4) + body


def rtp_streams():
    """Datagrams, each behind its length."""
    flat = b"\x00\x0f"  # the data of COLOUR
    two = bytes([1] * 128)
    long = flat * 50
    parts = lambda step, first=0, time=0, **more: [
        rtp(rtp_jpeg(long[at:at + step], at, **more), first + at // step, at + step >= len(long), time)
        for at in range(0, len(long), step)]
    stories = {
        "one": [rtp(rtp_jpeg(flat), 0, True)],
        "parts": parts(20), "backwards": parts(20)[::-1], "twice": parts(20) * 2,
        "several": parts(20) + parts(20, 5, 3000) + parts(20, 10, 6000), "mixed": parts(20)[:-1] + parts(20, 5, 9) + parts(20)[-1:],
        "lost": parts(20)[:2] + parts(20)[3:] + parts(20, 5, 3000), "wrap": parts(20, 65533), "leap": parts(20) + parts(20, 40000, 9) * 2,
        "no_begin": parts(20)[1:], "no_end": parts(20)[:-1] * 3,
        "two_tables": [rtp(rtp_jpeg(flat, quality=255, tables=two), 0, True)],
        "one_table": [rtp(rtp_jpeg(flat, quality=255, tables=two[:64]), 0, True)],
        "three_tables": [rtp(rtp_jpeg(flat, quality=255, tables=two + two[:64]), 0, True)],
        "no_tables": [rtp(rtp_jpeg(flat, quality=255, tables=b""), 0, True)],
        "kept_tables": [rtp(rtp_jpeg(flat, quality=200, tables=two), 0, True), rtp(rtp_jpeg(flat, quality=200, tables=b""), 1, True, 9)],
        "unknown_tables": [rtp(rtp_jpeg(flat, quality=200, tables=b""), 0, True)],
        "cut_tables": [rtp(rtp_jpeg(flat, quality=255, tables=two)[:70], 0, True)],
        "sixteen_bits": [rtp(rtp_jpeg(flat, quality=255, tables=two).replace(b"\0\0\0\x80", b"\0\1\0\x80"), 0, True)],
        "restarts": [rtp(rtp_jpeg(flat, kind=65, restart=1), 0, True)], "restart_0": [rtp(rtp_jpeg(flat, kind=64, restart=0), 0, True)],
        "stamps": [rtp(rtp_jpeg(flat), 0, True, extension=rtp_stamps())],
        "true_size": [rtp(rtp_jpeg(flat), 0, True, extension=rtp_stamps(9, 15))],
        "false_size": [rtp(rtp_jpeg(flat), 0, True, extension=rtp_stamps(4000, 0))],
        "hops": [rtp(rtp_jpeg(flat), 0, True, extension=rtp_stamps(hops=255))],
        "extension_cut": [rtp(rtp_jpeg(flat), 0, True, extension=b"\xbe\xde\xff\xff" + rtp_stamps()[4:])],
        "element_beyond": [rtp(rtp_jpeg(flat), 0, True, extension=b"\xbe\xde\0\1\x1f\0\0\0")],
        "two_bytes": [rtp(rtp_jpeg(flat), 0, True, extension=b"\x10\0\0\2\1\5abcde\0")],
        "contributors": [rtp(bytes(8) + rtp_jpeg(flat), 0, True, first=0x82)], "padding": [rtp(rtp_jpeg(flat) + b"\0\2", 0, True, first=0xA0)],
        "padding_beyond": [rtp(rtp_jpeg(flat) + b"\0\xff", 0, True, first=0xA0)], "padding_0": [rtp(rtp_jpeg(flat) + b"\0", 0, True, first=0xA0)],
        "no_size": [rtp(rtp_jpeg(flat, columns=0, rows=0), 0, True)], "largest": [rtp(rtp_jpeg(flat, columns=255, rows=255), 0, True)],
        "field": [rtp(rtp_jpeg(flat, specific=1), 0, True)], "quality_0": [rtp(rtp_jpeg(flat, quality=0), 0, True)],
        "quality_100": [rtp(rtp_jpeg(flat, quality=100), 0, True)], "no_data": [rtp(rtp_jpeg(b""), 0, True)],
        "far_offset": [rtp(rtp_jpeg(flat), 0), rtp(rtp_jpeg(flat, 0xFFFFFF), 1, True)],
        "gap": [rtp(rtp_jpeg(flat), 0), rtp(rtp_jpeg(flat, 3), 1, True)], "begins_twice": [rtp(rtp_jpeg(flat), 0), rtp(rtp_jpeg(flat), 1, True)],
        "other_sizes": [rtp(rtp_jpeg(flat), 0), rtp(rtp_jpeg(flat, 2, columns=3), 1, True)],
        "end_in_the_data": [rtp(rtp_jpeg(flat + EOI), 0, True)], "markers_in_the_data": [rtp(rtp_jpeg(flat + frame(8, 8, [0x11])), 0, True)],
        "another_sender": parts(20)[:-1] + [rtp(rtp_jpeg(flat), 9, True, 9, ssrc=8)] + parts(20)[-1:],
        "report": [struct.pack(">BBHI", 0x80, 200, 6, 7) + bytes(20)], "h264": [rtp(b"\x65" + bytes(20), 0, True, kind=96)],
        "version_1": [rtp(rtp_jpeg(flat), 0, True, first=0x40)], "words": [b"streamhost-rtp/1\1" + bytes(47)], "empty": [b""],
    }
    for name, story in stories.items():
        yield name, b"".join(struct.pack(">H", len(each)) + each for each in story)
    yield "length_beyond", b"\xff\xff" + rtp(rtp_jpeg(flat), 0, True)
    standard = rtp_carriable()
    yield "jpeg_carried", standard
    yield "jpeg_huffman", COLOUR


def rtp_carriable():
    """COLOUR without Huffman tables, as from cameras: the standard's are meant, and another table is for the chroma."""
    components = b"".join(bytes([i + 1, factor, i > 0]) for i, factor in enumerate([0x22, 0x11, 0x11]))
    names = bytes([1, 0x00, 2, 0x11, 3, 0x11])
    return jpeg(QUANTISATION, segment(0xDB, b"\x01" + bytes([2] * 64)),
                segment(0xC0, struct.pack(">BHHB", 8, 16, 16, 3) + components),
                segment(0xDA, b"\3" + names + b"\0\x3f\0") + bytes(3000))


# --- what a satellite receiver writes ---------------------------------------------------------------------------------

def sentence(content, sum_of=None):
    total = 0
    for byte in content.encode():
        total ^= byte
    return f"${content}*{total if sum_of is None else sum_of:02X}\r\n".encode()


def receivers():
    gga = "GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"
    rmc = "GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230324,003.1,W,A"
    later = [each.replace("123519", "123520") for each in (gga, rmc)]
    yield "moment", sentence(gga) + sentence(rmc)
    yield "moments", sentence(gga) + sentence(rmc) + sentence(later[1]) + sentence(later[0])
    yield "one_kind", sentence(rmc) + sentence(later[1]) + sentence(later[1].replace("20", "21", 1))
    yield "no_fix", sentence("GPGGA,,,,,,0,00,99.99,,,,,,") + sentence("GPRMC,,V,,,,,,,,,,N")
    yield "south_west", sentence("GNGGA,000000.125,8959.9999999,S,17959.9999999,W,4,31,0.5,-12.5,M,,M,1.0,0000")
    yield "leap_second", sentence("GPRMC,235960.00,A,0000.0,N,00000.0,E,0,360,311224,,,A")
    yield "others", sentence("GPGSV,3,1,11,03,03,111,00,04,15,270,00") + sentence("PUBX,00") + sentence("GPTXT,01,01,02,x")
    yield "wrong_sum", sentence(gga, 0) + sentence(rmc)
    yield "joined_in_the_middle", sentence(gga)[20:] + sentence(rmc)
    yield "binary_between", b"\xb5\x62\x01\x07\x00\n" + sentence(gga) + b"\xb5\x62" + sentence(rmc)
    yield "too_long", b"$" + b"GPGGA," * 400 + b"*00\n" + sentence(gga)
    yield "out_of_range", b"".join(map(sentence, (
        "GPGGA,246060,,,,,1,,,,,,,,", "GPGGA,,9107.038,N,01131.000,E,1,,,,,,,,", "GPGGA,,,,,,1,,,1e300,M,,,,",
        "GPGGA,,,,,,1,,,nan,M,,,,", "GPRMC,,A,,,,,-1,,,,,N", "GPRMC,,A,,,,,,361,,,,N", "GPRMC,,A,,,,,,,310224,,,N")))
    yield "bare_gga", gga.encode()
    yield "bare_rmc", rmc.encode()


# --- what a program writes to process.run -------------------------------------------------------------------------------

def programs():
    """A byte for the form and the ports (see process_output.cpp), then the program's own."""
    lines = b'{"a": 1}\n\n7\r\n"text"\nnull\n[1, [2.5e3]]\n'
    for number in range(3):
        yield f"lines_{number}", bytes([number]) + lines
    yield "named", b'\0{"port": "readings", "value": 5}\n{"port": "x", "value": 5}\n'
    yield "garbage", b'\0hello\n{"a": NaN}\n{"a":\n\xff\xfe\n1 2\n1e999\n{"a": 1}\n'
    yield "deep", b"\0" + b"[" * 40 + b"]" * 40 + b"\n1\n"
    yield "long", b'\0"' + b"x" * 5000 + b'"\n1\n'
    yield "half_line", b'\0{"a": 1}\n{"b":'
    yield "texts", b'\1"hi"\n"\\ud83d\\ude00 \\u0000"\n"\\ud83d"\n5\n'
    yield "ports", (b'\2{"port": "said", "value": "hi", "sender": "a", "recipient": "b"}\n'
                    b'{"port": "readings", "value": {"port": 5}}\n'
                    b'{"value": 5}\n{"port": "other", "value": 5}\n{"port": 7, "value": 5}\n{"port": "said", "value": 5}\n')
    yield "raw", b'\3{"bytes": 3}\na\nb{"port": "raw"}\n{"bytes": 0}\n{"bytes": 1}\n\n'
    headers = {"none": b"hello", "list": b"[]", "negative": b'{"bytes": -1}', "text": b'{"bytes": "1"}', "long": b"x" * 5000,
               "fraction": b'{"bytes": 1.5}', "huge": b'{"bytes": 1e18}', "larger": b'{"bytes": 65537}'}
    for name, header in headers.items():
        yield "header_" + name, b'\3{"bytes": 1}\na' + header + b'\n{"bytes": 1}\na'
    yield "cut", b'\3{"bytes": 100}\nabc'
    picture = b'{"port": "image", "format": "jpeg", "width": 64, "height": 48, "bytes": 5}\n\n\xff{}\n'
    frame = b'{"port": "frame", "format": "gray8", "width": 2, "height": 2, "bytes": 4}\nabcd'
    sound = b'{"port": "sound", "format": "f32", "rate": 48000, "channels": 1, "bytes": 8}\nabcdefgh'
    said = b'{"port": "said", "value": "hi", "sender": "me"}\n{"port": "readings", "value": [1]}\n'
    yield "frames", b"\4" + picture + frame + sound + said + picture
    yield "frames_wrong", b"\4" + b"".join([
        picture.replace(b"64", b"0"), frame.replace(b"gray8", b"bgr8"), frame.replace(b'"width": 2', b'"width": 5000'),
        sound.replace(b"48000", b"1e9"), sound.replace(b"8}", b"7}")[:-1], said.replace(b'"me"', b'"me", "bytes": 0')])


def request(method, target, *fields, body=b""):
    return b"".join([method, b" ", target, b" HTTP/1.1\r\n", *(field + b"\r\n" for field in fields), b"\r\n", body])


def web_requests():
    host = b"Host: 127.0.0.1:8080"
    yield "get", request(b"GET", b"/", host)
    yield "two", request(b"GET", b"/a", host) + request(b"GET", b"/b?x=%20y", host)
    yield "post", request(b"POST", b"/login", host, b"Content-Length: 7", body=b"token=x")
    yield "chunked", request(b"POST", b"/api/plan", host, b"Transfer-Encoding: chunked", body=b"2\r\n{}\r\n1;a=b\r\n \r\n0\r\nA: b\r\n\r\n")
    yield "continue", request(b"POST", b"/api/plan", host, b"Expect: 100-continue", b"Content-Length: 2", body=b"{}")
    yield "upgrade", request(b"GET", b"/ws/control", host, b"Connection: keep-alive, Upgrade", b"Upgrade: websocket",
                             b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Origin: http://127.0.0.1:8080")
    yield "stream", request(b"GET", b"/streams/test.mjpeg", host)
    yield "picture", request(b"GET", b"/streams/test.jpg", host) * 3
    yield "basic", request(b"GET", b"/metrics", host, b"Authorization: Basic eDp5", b"Cookie: a=b; streamhost_session=0")
    yield "head", request(b"HEAD", b"/graph.json", host)
    yield "old", b"GET / HTTP/1.0\r\n\r\n"
    yield "two_lengths", request(b"POST", b"/login", host, b"Content-Length: 1", b"Content-Length: 2", body=b"x")
    yield "two_forms", request(b"POST", b"/login", host, b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n")
    yield "fold", request(b"GET", b"/", host, b"A: b\r\n c")
    yield "bare_lf", b"GET / HTTP/1.1\nHost: x\n\n"
    yield "absolute", request(b"GET", b"http://x/", host)
    yield "dots", request(b"GET", b"/../%2e%2e/etc/passwd", host)
    yield "broken_query", request(b"GET", b"/ws/media?streams=%zz", host)
    yield "flood", request(b"GET", b"/", host, *([b"A: b"] * 3000))


def masked(opcode, payload, final=True, mask=b"abcd"):
    length = len(payload)
    head = bytes([(0x80 if final else 0) | opcode])
    if length < 126:
        head += bytes([0x80 | length])
    elif length < 65536:
        head += bytes([0x80 | 126]) + struct.pack(">H", length)
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", length)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def web_frames():
    yield "text", masked(1, b'{"type":"clock","t0":1}')
    yield "fragments", masked(1, b"he", False) + masked(9, b"ping") + masked(0, b"l", False) + masked(0, b"lo")
    yield "binary", masked(2, bytes(range(256)))
    yield "pong", masked(10, b"")
    yield "close", masked(8, b"\x03\xe8 bye") + masked(1, b"behind")
    yield "close_short", masked(8, b"x")
    yield "close_code", masked(8, b"\x03\xed")
    yield "unmasked", b"\x81\x01x"
    yield "reserved", b"\xc1" + masked(1, b"x")[1:]
    yield "large", masked(2, b"x" * 70000)
    yield "huge", b"\x82\xff" + struct.pack(">Q", 2 ** 40) + b"abcd"
    yield "long_form", b"\x81\xfe\x00\x01abcd" + b"x"
    yield "no_utf8", masked(1, b"\xc0\xaf")
    yield "no_start", masked(0, b"x")


def web_messages():
    yield "all", b"\n".join([
        b'{"type":"name","name":"Ada"}', b'{"type":"chat","line":"hello"}', b'{"type":"operate","take":true}',
        b'{"type":"command","time":1700003600000,"value":{"x":1,"y":0,"keys":["w"]}}', b'{"type":"operate","take":false}',
        b'{"type":"watch","graph":true}', b'{"type":"log","instance":"module"}', b'{"type":"clock","t0":1.5}'])
    yield "wrong", b"\n".join([
        b"", b"[]", b"{", b'{"type":1}', b'{"type":"command","time":1e400,"value":{}}', b'{"type":"command","time":1,"value":[]}',
        b'{"type":"name","name":"\\u0007"}', b'{"type":"operate"}', b'{"type":"chat","line":""}', b"[" * 40, b'{"type":"clock","t0":"x"}'])
    yield "flood", b'{"type":"watch","graph":false}\n' * 200


def web_sessions():
    for kind, cases in enumerate((web_requests, web_frames, web_frames, web_messages)):
        for name, content in cases():
            yield f"{kind}_{name}", bytes([kind]) + content


# --------------------------------------------------------------------------------------------------------------------

def write(folder, cases):
    os.makedirs(folder, exist_ok=True)
    for name, content in cases:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)


def corpus(folder):
    rng = random.Random(1)
    write(os.path.join(folder, "pickle"), values())
    write(os.path.join(folder, "pickle"), refused_values())
    write(os.path.join(folder, "pickle"), ((f"refused_exploit_{i}", exploit(rng)) for i in range(100)))
    write(os.path.join(folder, "framed"), framed())
    write(os.path.join(folder, "jpeg_header"), pictures())
    write(os.path.join(folder, "jpeg_decode"), pictures())
    write(os.path.join(folder, "jpeg_splitter"), picture_streams())
    write(os.path.join(folder, "base64_jpeg"), datagrams())
    write(os.path.join(folder, "note"), libraries())
    write(os.path.join(folder, "topology"), topologies())
    write(os.path.join(folder, "lines"), texts())
    write(os.path.join(folder, "chat"), chats())
    write(os.path.join(folder, "relay"), relays())
    write(os.path.join(folder, "audio"), sounds())
    write(os.path.join(folder, "framed_session"), sessions())
    write(os.path.join(folder, "rtp"), rtp_streams())
    write(os.path.join(folder, "nmea"), receivers())
    write(os.path.join(folder, "process_output"), programs())
    write(os.path.join(folder, "http_request"), web_requests())
    write(os.path.join(folder, "websocket"), ((name, b"\x0c" + content) for name, content in web_frames()))
    write(os.path.join(folder, "websocket"), (("control_" + name, b"\0" + content) for name, content in web_frames()))
    write(os.path.join(folder, "web_session"), web_sessions())


def exploits(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        made = exploit(rng)
        sys.stdout.buffer.write(struct.pack("<Q", len(made)) + made)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "corpus":
        corpus(sys.argv[2])
    elif len(sys.argv) == 4 and sys.argv[1] == "exploits":
        exploits(int(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(__doc__)
