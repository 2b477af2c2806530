# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Readers of protobuf messages and flatbuffers for the tests: small, and nobody else's, so that what they find in a file is a second opinion."""
import struct


def fields(blob, start, end):
    """(field, value or start, end) of the protobuf message at blob[start:end]."""

    def varint(at):
        value = shift = 0
        while True:
            byte = blob[at]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value, at

    while start < end:
        tag, start = varint(start)
        if tag & 7 == 0:
            value, start = varint(start)
            yield tag >> 3, value, None
        else:
            size, start = varint(start) if tag & 7 == 2 else ({1: 8, 5: 4}[tag & 7], start)
            yield tag >> 3, start, start + size
            start += size


def nested(blob, spans, field):
    return [(start, end) for span in spans for number, start, end in fields(blob, *span) if number == field and end]


class FlatTable:
    """A table of a flatbuffer; fields by their place in the schema."""

    def __init__(self, blob, at):
        self.blob, self.at = blob, at

    @staticmethod
    def root(blob):
        return FlatTable(blob, struct.unpack_from("<I", blob)[0])

    def place(self, field):
        """0 for a field that is left out."""
        table = self.at - struct.unpack_from("<i", self.blob, self.at)[0]
        if 4 + 2 * field >= struct.unpack_from("<H", self.blob, table)[0]:
            return 0
        offset = struct.unpack_from("<H", self.blob, table + 4 + 2 * field)[0]
        return self.at + offset if offset else 0

    def number(self, field, form):
        return struct.unpack_from("<" + form, self.blob, self.place(field))[0] if self.place(field) else 0

    def follow(self, field):
        at = self.place(field)
        return at + struct.unpack_from("<I", self.blob, at)[0] if at else 0

    def table(self, field):
        return FlatTable(self.blob, self.follow(field))

    def span(self, field):
        """Start and size of a vector of bytes."""
        at = self.follow(field)
        return (at + 4, struct.unpack_from("<I", self.blob, at)[0]) if at else (0, 0)

    def bytes(self, field):
        start, size = self.span(field)
        return self.blob[start : start + size]

    def text(self, field):
        return self.bytes(field).decode()

    def numbers(self, field, form):
        start, count = self.span(field)
        return list(struct.unpack_from(f"<{count}{form}", self.blob, start))

    def tables(self, field):
        start, count = self.span(field)
        places = [start + 4 * i for i in range(count)]
        return [FlatTable(self.blob, place + struct.unpack_from("<I", self.blob, place)[0]) for place in places]
