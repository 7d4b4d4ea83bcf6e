#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""totals.py -- what the maps of this directory add up to, by another way.

    python3 totals.py >totals.txt

The library paints entries, call by call, and walks them.  Here the bounds of
all calls cut the address space into pieces; each piece asks every call what it
is, and each run of pages asks the pieces that lie in it.  Numbers have no end.

A line of the output: the map, its segments, frames, available frames, lost
bytes, and its pages of each kind, in the order of KINDS.
"""
import pathlib
import sys

KINDS = ['none', 'RAM', 'soft', 'persistent', 'unaccepted', 'acpi', 'nvs',
         'firmware', 'reserved', 'unusable']
MEMORY = {'RAM', 'soft', 'persistent'}
E820 = {1: 'RAM', 3: 'acpi', 4: 'nvs', 5: 'unusable', 7: 'persistent',
        12: 'persistent', 0xefffffff: 'soft'}
TOP = 1 << 64


def number(text):
    scale = {'K': 10, 'M': 20, 'G': 30, 'T': 40}.get(text[-1], 0)
    return int(text[:-1] if scale else text, 0) << scale


def efi_kind(kind, attributes):
    ram = {1, 2, 3, 4, 7}
    other = {5: 'firmware', 6: 'firmware', 8: 'unusable', 9: 'acpi',
             10: 'nvs', 13: 'firmware', 14: 'persistent', 15: 'unaccepted'}
    if kind not in ram and kind != 14:
        return other.get(kind, 'reserved')
    if attributes >> 63:
        return 'firmware'
    if kind == 14 or attributes >> 15 & 1:
        return 'persistent'
    if attributes >> 18 & 1:
        return 'soft'
    return 'RAM' if attributes >> 3 & 1 else 'reserved'


class Map:
    def __init__(self, lines):
        self.shift, self.lists, self.leave, self.check = 12, [], set(), None
        self.says = []    # (start, end, kind, node, flags), of firmware's
        self.orders = []  # (what, start, end, value)
        self.used = []    # (start, end)
        usable = []
        runs = any(line.split()[:1] == ['boot'] for line in lines)
        for line in lines:
            word = line.split()
            if not word or word[0].startswith('#'):
                continue
            getattr(self, 'do_' + word[0])(word[1:], runs, usable)
        if usable:
            self.orders.insert(0, ('usable', 0, 0, usable))

    def span(self, base, length):
        return number(base), number(base) + number(length)

    def do_page(self, word, *_):
        self.shift = int(word[0])

    def do_list(self, word, *_):
        self.lists.append((number(word[0]), int(word[1])))

    def do_leave(self, word, *_):
        self.leave |= set(word)

    def do_check(self, word, *_):
        self.check = int(word[0])

    def do_via(self, *_):
        pass

    do_boot = do_cells = do_untyped = do_via

    def do_e820(self, word, *_):
        kind = E820.get(int(word[2], 0), 'reserved')
        self.says.append(self.span(*word[:2]) + (kind, None, frozenset()))

    def do_efi(self, word, runs, _):
        start, kind = number(word[1]), int(word[0])
        end = start + number(word[2]) * 4096
        attributes = number(word[3])
        flags = {name for name, bit in (('reliable', 16), ('removable', 20))
                 if attributes >> bit & 1}
        self.says.append((start, end, efi_kind(kind, attributes), None,
                          frozenset(flags)))
        if kind in (1, 2) or (kind in (3, 4) and runs):
            self.used.append((start, end))

    def do_region(self, word, *_):
        node = word[3] if len(word) > 3 and word[3] != '-' else None
        self.says.append(self.span(*word[:2]) +
                         (word[2], node, frozenset(word[4:])))

    def do_memory(self, word, *_):
        if 'disabled' in word:
            return
        node = [w[5:] for w in word if w.startswith('node=')]
        flags = {'removable'} if 'hotpluggable' in word else set()
        self.says.append(self.span(*word[:2]) +
                         ('RAM', node[0] if node else None, frozenset(flags)))

    def do_reserved(self, word, *_):
        if 'disabled' in word:
            return
        if 'no-map' in word:
            self.says.append(self.span(*word[:2]) +
                             ('reserved', None, frozenset()))
        else:
            self.used.append(self.span(*word[:2]))

    def do_use(self, word, *_):
        self.used.append(self.span(*word[:2]))

    do_memreserve = do_use

    def do_usable(self, word, _, usable):
        usable.append(self.span(*word[:2]))

    def do_kind(self, word, *_):
        self.orders.append(('kind',) + self.span(*word[:2]) + (word[2],))

    def do_node(self, word, *_):
        self.orders.append(('node',) + self.span(*word[:2]) + (word[2],))

    def do_clip(self, word, *_):
        self.orders.append(('usable', 0, 0, [self.span(*word[:2])]))

    # ---- what a piece is ----

    def piece(self, at):
        """(kind, node, flags, in use) of the byte at this address."""
        here = [s for s in self.says if s[0] <= at < s[1]]
        kind = max((s[2] for s in here), key=KINDS.index, default='none')
        here = [s for s in here if s[2] == kind]
        nodes = {s[3] for s in here} - {None}
        flags = frozenset().union(*(s[4] for s in here))
        node = nodes.pop() if len(nodes) == 1 else None
        conflict = len(nodes) > 0
        for what, start, end, value in self.orders:
            if what == 'usable':
                if kind in MEMORY and not any(a <= at < b for a, b in value):
                    kind = 'none'
            elif start <= at < end and what == 'kind':
                kind = value
            elif start <= at < end:
                node, conflict = value, False
        assert not conflict or kind == 'none', 'nodes contradict each other'
        used = kind in MEMORY and any(a <= at < b for a, b in self.used)
        return kind, node, flags, used

    def pieces(self):
        cuts = {0, TOP}
        for start, end, *_ in self.says + self.used:
            cuts |= {start, end}
        for _, start, end, value in self.orders:
            cuts |= {start, end}
            if isinstance(value, list):
                for pair in value:
                    cuts |= set(pair)
        cuts = sorted(c for c in cuts if c <= TOP)
        return [(a, b) + self.piece(a) for a, b in zip(cuts, cuts[1:])]

    # ---- pages ----

    def page_runs(self):
        """(first page, number, kind, node, flags, in use, lost): pages that
        lie in one piece, and single ones with a cut inside."""
        size = 1 << self.shift
        pieces = self.pieces()
        cuts = set()
        for a, b, *_ in pieces:
            for c in (a, b):
                cuts |= {c // size, -(-c // size)}
        cuts = sorted(cuts)
        first = 0
        for p, q in zip(cuts, cuts[1:]):
            start, end = p * size, q * size
            while pieces[first][1] <= start:
                first += 1
            inside = []
            for part in pieces[first:]:
                if part[0] >= end:
                    break
                inside.append((max(part[0], start), min(part[1], end)) +
                              part[2:])
            kinds = {part[2] for part in inside}
            used = any(part[5] for part in inside)
            lost = sum(b - a for a, b, kind, *_ in inside if kind in MEMORY)
            if len(kinds) == 1 and kinds <= MEMORY:
                yield (p, q - p) + inside[0][2:5] + (used, 0)
            else:
                kind = max(kinds - MEMORY or {'none'}, key=KINDS.index)
                yield p, q - p, kind, None, None, False, lost

    def list_of(self, page):
        return max([0] + [i for i, (at, _) in enumerate(self.lists)
                          if at <= page])

    def totals(self):
        pages = dict.fromkeys(KINDS, 0)
        runs, lost_all = [], 0
        for p, n, kind, node, flags, used, lost in self.page_runs():
            lost_all += lost
            if kind != 'none' or lost:
                pages[kind] += n
            if kind not in MEMORY or kind in self.leave:
                continue
            # Cut at the free lists.
            borders = [at for at, _ in self.lists if p < at < p + n]
            for a, b in zip([p] + borders, borders + [p + n]):
                runs.append((a, b, (kind, node, flags, self.list_of(a)),
                             kind == 'RAM' and not used))
        frames = sum(b - a for a, b, *_ in runs)
        available = sum(b - a for a, b, _, free in runs if free)
        # Groups of runs that touch and are alike; in each as many segments as
        # there are separate available ranges, but at least one.
        segments, i = 0, 0
        while i < len(runs):
            j = i + 1
            while j < len(runs) and runs[j][0] == runs[j - 1][1] and \
                    runs[j][2] == runs[i][2]:
                j += 1
            free = [run[3] for run in runs[i:j]]
            starts = sum(f and (k == 0 or not free[k - 1])
                         for k, f in enumerate(free))
            segments += max(1, starts)
            i = j
        if self.check is not None:
            assert pages['RAM'] == self.check, pages['RAM']
        return [segments, frames, available, lost_all] + \
            [pages[kind] for kind in KINDS]


def main():
    here = pathlib.Path(__file__).resolve().parent
    for path in sorted(here.glob('*/*.map')):
        try:
            totals = Map(path.read_text().splitlines()).totals()
        except Exception as error:
            sys.exit('%s: %s' % (path, error))
        print(path.relative_to(here).with_suffix(''), *totals)


main()
