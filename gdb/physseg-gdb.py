# SPDX-License-Identifier: BSD-2-Clause
#
# physseg-gdb.py -- libphysseg's maps, segments and handles in gdb.
#
#	(gdb) source physseg-gdb.py
#	(gdb) print *map
#	(gdb) print handle
#	(gdb) print $physseg_segment(map, handle)
#	(gdb) print $physseg_find(map, 0x1234)
#
# Only memory is read, no function of the program is called.  libphysseg must
# have been compiled with -g: gdb learns its structures from that.

import gdb
import gdb.printing

# What the preprocessor knows and the debug information does not.
ALIGN = 64  # PHYSSEG_ALIGN: a chunk of records begins at a multiple of it
CHUNK_RECORDS = 16  # record.c
DIR_FIRST = 8  # record.c
POSITION = 1 << 1  # PHYSSEG_POSITION


def index_bits():
    """PHYSSEG_INDEX_BITS: the bits of a handle that number a record."""
    return 32 if gdb.lookup_type("long").sizeof > 4 else 20


def live(record):
    """Whether the record is a segment now: its generation is odd."""
    return int(record["handle"]) >> index_bits() & 1 == 1


def record_at(m, i):
    """Record number i of the map, which must be below nborn."""
    size = int(m["record_size"])
    nboot = int(m["nboot"])
    if i < nboot:
        address = int(m["boot_records"]) + i * size
    else:
        chunk, i = divmod(i - nboot, CHUNK_RECORDS)
        level, length = 0, DIR_FIRST
        while chunk >= length:
            chunk -= length
            level += 1
            length *= 2
        start = int(m["directory"][level][chunk])
        address = (start + ALIGN - 1) // ALIGN * ALIGN + i * size
    record = gdb.lookup_type("struct physseg_record").pointer()
    return gdb.Value(address).cast(record).dereference()


def segments(m):
    """The records that are segments of the map, by address."""
    records = (record_at(m, i) for i in range(int(m["nborn"])))
    return sorted(
        (r for r in records if live(r)), key=lambda r: int(r["node"]["start"])
    )


def the_map(m):
    if m.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
        m = m.dereference()
    return m


def span(range_):
    return "0x%x-0x%x" % (int(range_["start"]), int(range_["end"]))


class MapPrinter:
    """The map's state in one line, and its segments."""

    def __init__(self, m):
        self.m = m

    def to_string(self):
        m = self.m
        return "%s, %s, %s, %d segments, %d frames, %d counted" % (
            m["backend"]["name"].string(),
            "running" if int(m["running"]) else "boot",
            "built" if int(m["built"]) else "list",
            int(m["segments"]),
            int(m["frames"]),
            int(m["counted"]),
        )

    def children(self):
        for i, record in enumerate(segments(self.m)):
            yield "[%d]" % i, record


class RecordPrinter:
    """A segment in one line, or that the record is none."""

    def __init__(self, record):
        self.record = record

    def to_string(self):
        r = self.record
        if not live(r):
            return "no segment"
        return "%s, avail %s, %d counted, free list %d, %s" % (
            span(r["node"]),
            span(r["avail"]),
            int(r["counted"]["end"]) - int(r["counted"]["start"]),
            int(r["free_list"]),
            "pages" if int(r["slab"]) else "no pages",
        )


class HandlePrinter:
    """What a handle says without its map."""

    def __init__(self, handle):
        self.handle = int(handle)

    def to_string(self):
        generation, number = divmod(self.handle, 1 << index_bits())
        if self.handle == 0:
            return "PHYSSEG_NONE"
        if generation == 0:
            return "position %d" % (number - 1)
        return "record %d, generation %d" % (number, generation)


class Segment(gdb.Function):
    """$physseg_segment(MAP, HANDLE): the segment that the handle names."""

    def __init__(self):
        super().__init__("physseg_segment")

    def invoke(self, m, handle):
        m = the_map(m)
        handle = int(handle)
        for r in segments(m):
            name = int(r["handle"])
            if int(m["backend"]["capabilities"]) & POSITION:
                name = int(r["node"]["link"]["word"][0]) + 1
            if name == handle:
                return r
        return "no segment"


class Find(gdb.Function):
    """$physseg_find(MAP, FRAME): the segment that contains the frame."""

    def __init__(self):
        super().__init__("physseg_find")

    def invoke(self, m, frame):
        for r in segments(the_map(m)):
            if int(r["node"]["start"]) <= int(frame) < int(r["node"]["end"]):
                return r
        return "no segment"


class Printers(gdb.printing.PrettyPrinter):
    def __call__(self, value):
        type_ = value.type.strip_typedefs().unqualified()
        if type_.code == gdb.TYPE_CODE_PTR:
            if type_.target().tag == "physseg_segment":
                return HandlePrinter(value)
        elif type_.code == gdb.TYPE_CODE_STRUCT and type_.fields():
            if type_.tag == "physseg_map":
                return MapPrinter(value)
            if type_.tag == "physseg_record":
                return RecordPrinter(value)
        return None


Segment()
Find()
gdb.printing.register_pretty_printer(
    gdb.current_objfile(), Printers("physseg"), replace=True
)
