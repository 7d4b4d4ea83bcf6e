#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# mutants.py -- mutants of the library, and the tests that kill them.
#
# A mutant is the library with one place of its source changed.  Places are
# found in the text as it is: functions, statements and expressions are told by
# a small reader of C, which relies on the house style (a function's brace and
# its end stand in the first column).  Nothing names a function or a line.
#
# Everywhere:
#   bound        < becomes <=, <= becomes <, > and >= likewise
#   clamp        `if (a < b) a = b' never happens; `a < b ? a : b' is always a,
#                or always b
#   one          + 1 or - 1 is left out
#   drop-store, plain-store, plain-load, relax-store, relax-load     see below
# On the path of readers without a lock and of the writer beside them (PATH):
#   negate       == becomes !=, != becomes ==
#   and-or       && becomes ||, || becomes &&
#   drop-check   an operand of && or || is left out
#   never        the condition of an if is never true
#   swap-check   two operands of && or || that load change places
#   once         a loop runs once at most; `continue' and `goto' are left out
#   drop-store   an atomic store is left out
#   drop-call    a call is left out whose function stores, or waits for readers
#   swap         two statements change places: each stores, loads or waits; or
#                the first writes what the second may publish
#   reload       a value that was loaded is loaded again where it is used
#   plain-store, plain-load     an atomic access becomes an ordinary one
#   relax-store, relax-load     it stays atomic, and orders nothing
# In atomic.h an order becomes memory_order_relaxed (relax), for all at once.
#
# The last five are seen by a tool that knows what was ordered, or by nothing on
# a machine that orders stores by itself.  So they meet t_radix_steps and
# t_radix_claims, which see every access and its order, and then the tests with
# threads under ThreadSanitizer (RACES, RACES_TOO).
#
# Each worker has a copy of the source and build trees for it, in build/mutants.
# There the tests are linked once, with the library as a shared one; a mutant
# compiles what it changes, and links the library anew.  One that the compiler makes the same code
# of is no mutant.  The tests are those of ctest that are programs, what killed
# the mutant before and then the cheapest first, up to the first that fails; of a
# backend's file only those on that backend.  t_radix_steps comes twice, first in
# a hurry, and before others that take as long, for it kills more.
#
# A mutant's identity is its file, function and kind, and the text before and
# after, without regard to white space: it outlives changes elsewhere.  That is
# how it stands in tests/mutants.txt, with the argument for it:
#
#   FILE FUNCTION KIND
#   - text before
#   + text after
#   Why no test can tell, in as many lines as it takes, up to an empty one.
#
# Mutants that share an argument may share an entry.  FUNCTION and KIND are then
# regular expressions, and so is what the two lines of text must contain:
#
#   FILE FUNCTION KIND
#   ~ expression
#   Why no test can tell.
#
# An argument whose mutant is not there any more, or was killed, is an error; of
# several mutants, all.
#
# A run of all takes hours.  So verdicts are kept in build/mutants/results, each
# with a digest of what it depends on: the library, and the source of the test
# that killed the mutant, or of all if none did.  A run takes up only what has no
# verdict; --minutes and --jobs say how much of it.  --report runs nothing and
# sums up what is known.  --old takes verdicts of other sources as well, as long
# as the mutant itself is still there.

import argparse
import hashlib
import json
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from glob import glob

FILES = ['src/*.c', 'src/*.h', 'src/diag/*.c',
         'src/base/*.h', 'src/backend_*/*.[ch]']
PATH = re.compile(r'src/(backend_radix/.*(?<!_check)|host|list|record|index|'
                  r'lookup|plug|unplug|engine|base/atomic)\.[ch]$')
NOT_COPIED = re.compile(r'build|out$|\.git$')
ARGUED = 'tests/mutants.txt'
WORK = 'build/mutants'

RELAXED = {'plain-store', 'plain-load', 'relax-store', 'relax-load', 'relax'}
UNSEEN = {'plain-load'}  # by t_radix_steps
FLAVOURS = {
    'plain': ['-DCMAKE_C_COMPILER=gcc', '-DCMAKE_C_FLAGS=-O2 -w'],
    'tsan': ['-DCMAKE_C_COMPILER=clang',  # ranked blocks, soon many of them
             '-DCMAKE_C_FLAGS=-O1 -w -DRADIX_LARGE=0 -DRADIX_MANY=3',
             '-DPHYSSEG_SANITIZE=thread'],
}
# Left out: tests of what is not mutated, of the other face all but one, and what
# the tests of RACES do on backends without threads.
LEFT_OUT = r't_(baremetal|stats|shim_|uvm_(?!boot\.rbtree)|physseg_threads|' \
           r'(physseg_stress|history)\.(?!radix))'
RACES = r't_physseg_(stress|threads|lock)\.radix|t_radix_race.*'
RACES_TOO = r't_life_threads\.radix|t_radix_claims'  # and without, for the rest
STEPS = r't_radix_(steps|claims)'
TSAN_STEPS = '1000'  # as in test.sh
HURRY = '100'
MEMORY = 8 << 20  # KiB a test may have


# ---- reading C ----

def mask(text):
    """The text with comments, literals and preprocessor lines blanked."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match.group())
    text = re.sub(r'/\*.*?\*/|//[^\n]*', blank, text, flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                  lambda m: '"' + '_' * (len(m.group()) - 2) + '"', text)
    return re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', blank, text, flags=re.M)


TOKEN = re.compile(r'[A-Za-z_]\w*|\d[\w.]*|"[^"]*"|<<=|>>=|->|\+\+|--|<<|>>|'
                   r'<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\S')
OPEN, CLOSE = '([{', ')]}'
TYPES = set('const struct enum union static unsigned signed int size_t bool '
            'char void long short uintptr_t uint64_t int32_t uint32_t '
            'physseg_pfn_t physseg_t'.split())
NOT_CALLS = set('if while for switch return sizeof do else case'.split())


class Source:
    """A file's tokens, its functions and their statements."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.tok, self.pos, self.end = [], [], []
        for match in TOKEN.finditer(mask(text)):
            self.tok.append(match.group())
            self.pos.append(match.start())
            self.end.append(match.end())
        self.mate = {}
        stack = []
        for i, tok in enumerate(self.tok):
            if tok in OPEN:
                stack.append(i)
            elif tok in CLOSE and stack:
                j = stack.pop()
                self.mate[i], self.mate[j] = j, i
        self.functions = []  # (name, first token, last token)
        for i, tok in enumerate(self.tok):
            column = self.pos[i] - (text.rfind('\n', 0, self.pos[i]) + 1)
            if tok == '{' and column == 0 and i and self.tok[i - 1] == ')':
                name = self.tok[self.mate[i - 1] - 1]
                self.functions.append((name, i, self.mate[i]))

    def span(self, i, j):
        return self.text[self.pos[i]:self.end[j]]

    def statement(self, i):
        """The statement that begins with token i."""
        tok = self.tok[i]
        if tok == '{':
            return Statement('block', i, self.mate[i],
                             self.statements(i + 1, self.mate[i]))
        if tok in ('if', 'while', 'for', 'switch'):
            body = self.statement(self.mate[i + 1] + 1)
            last, parts = body.last, [body]
            if tok == 'if' and self.tok[last + 1] == 'else':
                parts.append(self.statement(last + 2))
                last = parts[1].last
            return Statement(tok, i, last, parts)
        if tok == 'do':
            body = self.statement(i + 1)
            return Statement('do', i, self.mate[body.last + 2] + 1, [body])
        if tok in ('case', 'default') or (
                self.tok[i + 1] == ':' and re.match(r'\w', tok)):
            while self.tok[i] != ':':
                i += 1
            return Statement('label', i, i, [])
        if re.match(r'[A-Za-z_]', tok) and self.tok[i + 1] == '(' and \
                tok not in NOT_CALLS:
            after = self.tok[self.mate[i + 1] + 1]
            if after == '{' or re.match(r'[A-Za-z_]', after):
                body = self.statement(self.mate[i + 1] + 1)
                return Statement('foreach', i, body.last, [body])
        last = i
        while self.tok[last] != ';':
            last = self.mate[last] + 1 if self.tok[last] in OPEN else last + 1
        kind = 'expression'
        if tok in ('return', 'break', 'continue', 'goto'):
            kind = 'jump'
        elif tok in TYPES or re.match(r'\w+ \w|\w+ \**\w+ [=;,]',
                                      ' '.join(self.tok[i:i + 4])):
            kind = 'declaration'
        return Statement(kind, i, last, [])

    def statements(self, i, end):
        found = []
        while i < end:
            found.append(self.statement(i))
            i = found[-1].last + 1
        return found


class Statement:
    def __init__(self, kind, first, last, parts):
        self.kind, self.first, self.last = kind, first, last
        self.parts = parts

    def walk(self):
        yield self
        for part in self.parts:
            yield from part.walk()


# ---- what stores, what loads ----

STORE = re.compile(r'physseg_atomic_store\w*')
LOAD = re.compile(r'physseg_atomic_load\w*')
PURE = set('find next prev first lookup page need position at floor check '
           'alloc free panic lock unlock'.split())


class Effects:
    """Which functions store, wait or load, by themselves or by a call."""

    def __init__(self, sources):
        bodies = {}
        for src in sources:
            for name, i, j in src.functions:
                bodies.setdefault(name, []).append((src, i, j))
        self.storing, self.loading, self.writing = set(), set(), set()
        for names, test in ((self.storing, self.stores),
                            (self.loading, self.loads),
                            (self.writing, self.writes)):
            grown = True
            while grown:
                grown = False
                for name, places in bodies.items():
                    if name not in names and any(
                            test(src, i, j) for src, i, j in places):
                        names.add(name)
                        grown = True

    def calls(self, src, i, j):
        for k in range(i, j):
            if src.tok[k + 1] == '(' and re.match(r'[A-Za-z_]', src.tok[k]):
                yield k

    def stores(self, src, i, j):
        for k in self.calls(src, i, j):
            tok = src.tok[k]
            if STORE.fullmatch(tok) or tok in self.storing:
                return True
            if src.tok[k - 1] == '->' and (tok == 'sync' or (
                    src.tok[k - 2] == 'backend' and tok not in PURE)):
                return True
        return False

    def writes(self, src, i, j):
        """Plainly, what a pointer leads to."""
        for k in range(i + 1, j):
            if src.tok[k] in ('=', '+=', '-=', '|=', '&=', '^=') and (
                    src.tok[k - 1] == ']' or src.tok[k - 2] in ('->', '.')):
                return True
        return any(src.tok[k] in ('memcpy', 'memset', 'memmove') or
                   src.tok[k] in self.writing for k in self.calls(src, i, j))

    def loads(self, src, i, j):
        return any(LOAD.fullmatch(src.tok[k]) or src.tok[k] in self.loading
                   for k in self.calls(src, i, j))


# ---- making mutants ----

def words(text):
    return ' '.join(text.split())


class Mutant:
    def __init__(self, src, function, kind, edits):
        """`edits': (from, to, replacement) of the text, not overlapping."""
        self.file, self.function, self.kind = src.name, function, kind
        self.edits = sorted(edits)
        first = src.text.rfind('\n', 0, self.edits[0][0]) + 1
        last = src.text.find('\n', self.edits[-1][1])
        new, at = '', first
        for start, end, text in self.edits:
            new += src.text[at:start] + text
            at = end
        self.line = src.text.count('\n', 0, self.edits[0][0]) + 1
        self.old = words(src.text[first:last])
        self.new = words(new + src.text[at:last])
        self.number = 1

    def key(self):
        again = f' #{self.number}' if self.number > 1 else ''
        return (f'{self.file} {self.function} {self.kind}{again}\n'
                f'- {self.old}\n+ {self.new}\n')

    def apply(self, text):
        for start, end, new in reversed(self.edits):
            text = text[:start] + new + text[end:]
        return text


class Maker:
    def __init__(self, src, effects):
        self.src, self.effects, self.made = src, effects, []
        self.on_path = PATH.match(src.name) is not None
        self.function = None

    def make(self, kind, *edits):
        self.made.append(Mutant(self.src, self.function, kind, edits))

    def replace(self, kind, i, j, text):
        """Tokens i to j become `text'."""
        self.make(kind, (self.src.pos[i], self.src.end[j], text))

    def all(self):
        for self.function, i, j in self.src.functions:
            body = self.src.statement(i)
            self.expressions(i, j)
            self.orders(i, j)
            for statement in body.walk():
                if self.on_path:
                    self.control(statement)
                else:  # there it is one of `never'
                    self.clamp_if(statement)
                    self.drop_store(statement)
            if self.on_path:
                for statement in body.walk():
                    self.drops(statement)
                    self.swaps(statement)
                    self.reloads(statement, j)
        return self.unique()

    def unique(self):
        """Without those that change nothing; alike ones are numbered."""
        kept, seen = [], {}
        for mutant in self.made:
            if mutant.old == mutant.new:
                continue
            n = seen.get(mutant.key(), 0) + 1
            seen[mutant.key()] = n
            mutant.number = n
            kept.append(mutant)
        return kept

    # Expressions.

    def binary(self, k):
        """Is token k an operator between two operands?"""
        return re.match(r'[\w)\]"]', self.src.tok[k - 1]) and \
            self.src.tok[k - 1] not in NOT_CALLS

    def operand(self, k, step, stops):
        """The far end of the operand beside token k."""
        tok, mate = self.src.tok, self.src.mate
        i = k + step
        while tok[i] not in stops and \
                tok[i] not in (OPEN if step < 0 else CLOSE):
            if tok[i] in (CLOSE if step < 0 else OPEN):
                i = mate[i]
            i += step
        return i - step

    def expressions(self, i, j):
        tok = self.src.tok
        weaker = {'<': '<=', '<=': '<', '>': '>=', '>=': '>'}
        opposite = {'==': '!=', '!=': '=='}
        for k in range(i, j):
            if tok[k] in weaker and self.binary(k):
                self.replace('bound', k, k, weaker[tok[k]])
            if tok[k] in opposite and self.on_path and self.binary(k):
                self.replace('negate', k, k, opposite[tok[k]])
            if tok[k] in '+-' and re.fullmatch(r'1[UuLl]*', tok[k + 1]) and \
                    self.binary(k):
                self.replace('one', k, k + 1, '')
            if tok[k] == '?':
                self.ternary(k)
            if tok[k] in ('&&', '||') and self.on_path:
                self.logic(k)

    def ternary(self, k):
        stops = {';', ',', '?', ':', '=', 'return', '+=', '-=', '|=', '&='}
        first = self.operand(k, -1, stops)
        cond = self.src.span(first, k - 1)
        if re.search(r'[<>](?!\w*\))', cond.replace('->', '')):
            self.replace('clamp', first, k - 1, '1')
            self.replace('clamp', first, k - 1, '0')

    def logic(self, k):
        tok, src = self.src.tok, self.src
        self.replace('and-or', k, k, '||' if tok[k] == '&&' else '&&')
        stops = {';', ',', '?', ':', '=', 'return', '||', '&&'}
        first = self.operand(k, -1, stops)
        last = self.operand(k, 1, stops)
        nothing = '1' if tok[k] == '&&' else '0'
        if tok[first - 1] != tok[k]:  # else it is the last of the one before
            self.replace('drop-check', first, k - 1, nothing)
        self.replace('drop-check', k + 1, last, nothing)
        if self.effects.loads(src, first, k) and \
                self.effects.loads(src, k + 1, last + 1):
            left, right = src.span(first, k - 1), src.span(k + 1, last)
            self.make('swap-check',
                      (src.pos[first], src.end[k - 1], right),
                      (src.pos[k + 1], src.end[last], left))

    # Atomic accesses.

    def arguments(self, k):
        """The texts of a call's arguments; token k is its name."""
        src, i = self.src, k + 2
        found = []
        while i <= src.mate[k + 1] - 1:
            last = self.operand(i - 1, 1, {','})
            found.append(src.span(i, last))
            i = last + 2
        return found

    def orders(self, i, j):
        src = self.src
        for k in range(i, j):
            tok = src.tok[k]
            if tok in ('memory_order_release', 'memory_order_acquire'):
                self.replace('relax', k, k, 'memory_order_relaxed')
            if src.tok[k + 1] != '(':
                continue
            if STORE.fullmatch(tok):
                where, value = self.arguments(k)
                self.replace('plain-store', k, src.mate[k + 1],
                             f'(*({where}) = ({value}))')
                self.replace('relax-store', k, src.mate[k + 1],
                             'atomic_store_explicit((_Atomic(__typeof__('
                             f'*({where}))) *)({where}), ({value}), '
                             'memory_order_relaxed)')
            if LOAD.fullmatch(tok):
                where, = self.arguments(k)
                self.replace('plain-load', k, src.mate[k + 1],
                             f'(*({where}))')
                self.replace('relax-load', k, src.mate[k + 1],
                             'atomic_load_explicit((const _Atomic(__typeof__('
                             f'*({where}) + 0)) *)({where}), '
                             'memory_order_relaxed)')

    # Statements.

    def clamp_if(self, statement):
        src = self.src
        if statement.kind != 'if' or len(statement.parts) != 1:
            return
        body = statement.parts[0]
        i, j = statement.first + 2, src.mate[statement.first + 1] - 1
        if body.kind == 'expression' and \
                '=' in src.tok[body.first:body.last] and \
                set(src.tok[i:j + 1]) & {'<', '>', '<=', '>='}:
            self.replace('clamp', i, j, '0')

    def control(self, statement):
        src, first = self.src, statement.first
        if statement.kind == 'if':
            i, j = first + 2, src.mate[first + 1] - 1
            self.replace('never', i, j, f'0 && ({src.span(i, j)})')
        elif statement.kind == 'while':
            i, j = first + 2, src.mate[first + 1] - 1
            self.replace('once', first, j + 1,
                         'for (int once_ = 1; once_ && '
                         f'({src.span(i, j)}); once_ = 0)')
        elif statement.kind == 'do':
            i = statement.parts[0].last + 1
            self.replace('once', i, src.mate[i + 1],
                         f'while (0 && {src.span(i + 1, src.mate[i + 1])})')
        elif statement.kind == 'for':
            self.for_once(statement)
        elif statement.kind == 'jump' and src.tok[first] in (
                'continue', 'goto'):
            self.replace('once', first, statement.last, ';')

    def for_once(self, statement):
        src, i = self.src, statement.first + 2
        ends = []
        for _ in range(2):
            while src.tok[i] != ';':
                i = src.mate[i] + 1 if src.tok[i] in OPEN else i + 1
            ends.append(i)
            i += 1
        start, middle = ends
        cond = src.span(start + 1, middle - 1) if middle > start + 1 else '1'
        close = src.mate[statement.first + 1]
        step = src.span(middle + 1, close - 1) if close > middle + 1 else '0'
        self.make('once',
                  (src.pos[statement.first], src.pos[statement.first],
                   '{ int once_ = 1; '),
                  (src.end[start], src.end[close],
                   f' once_ && ({cond}); once_ = 0, {step})'),
                  (src.end[statement.last], src.end[statement.last], ' }'))

    def drop_store(self, statement):
        if STORE.fullmatch(self.src.tok[statement.first]):
            self.replace('drop-store', statement.first, statement.last, ';')

    def drops(self, statement):
        src, k = self.src, statement.first
        self.drop_store(statement)
        if statement.kind != 'expression' or STORE.fullmatch(src.tok[k]):
            return
        if src.tok[statement.last - 1] == ')' and \
                src.mate[statement.last - 1] > k and \
                '=' not in src.tok[k:src.mate[statement.last - 1]] and \
                self.effects.stores(src, k, statement.last):
            self.replace('drop-call', k, statement.last, ';')

    def orderly(self, statement):
        return self.effects.stores(self.src, statement.first,
                                   statement.last + 1) or \
            self.effects.loads(self.src, statement.first, statement.last + 1)

    def needs(self, one, two):
        """Does the second use what the first gives a name to, or take place
        only if the first lets it?"""
        tok = self.src.tok
        if one.kind != 'expression' and one.kind != 'declaration':
            return any(s.kind == 'jump' and tok[s.first] in ('return', 'goto')
                       for s in one.walk())
        given = {tok[k - 1] for k in range(one.first + 1, one.last)
                 if tok[k] == '=' and tok[k - 2] not in ('->', '.')}
        return bool(given & set(tok[two.first:two.last]))

    def swaps(self, block):
        src = self.src
        if block.kind != 'block':
            return
        for one, two in zip(block.parts, block.parts[1:]):
            if {one.kind, two.kind} & {'jump', 'label'} or \
                    (one.kind == 'declaration') != (two.kind == 'declaration') \
                    or self.needs(one, two):
                continue
            publishes = self.effects.stores(src, two.first, two.last + 1) and \
                self.effects.writes(src, one.first, one.last + 1)
            if publishes or (self.orderly(one) and self.orderly(two)):
                self.make('swap',
                          (src.pos[one.first], src.end[one.last],
                           src.span(two.first, two.last)),
                          (src.pos[two.first], src.end[two.last],
                           src.span(one.first, one.last)))

    def reloads(self, statement, end):
        """`v = load(e)': each later v, up to the next `v ='."""
        src, tok = self.src, self.src.tok
        if statement.kind not in ('declaration', 'expression'):
            return
        for k in range(statement.first + 1, statement.last):
            if tok[k] != '=':
                continue
            last = self.operand(k, 1, {',', ';'})
            names = [t for t in tok[k + 1:last + 1] if LOAD.fullmatch(t)]
            if not names or not re.match(r'[A-Za-z_]', tok[k - 1]) or \
                    tok[k - 2] in ('->', '.'):
                continue
            value = src.span(k + 1, last)
            for i in range(last + 1, end):
                if tok[i] != tok[k - 1] or tok[i - 1] in ('->', '.'):
                    continue
                if tok[i + 1] == '=' or tok[i + 1] in ('++', '--') or \
                        tok[i + 1][-1] == '=' and tok[i + 1] not in (
                            '==', '!=', '<=', '>='):
                    break
                if tok[i - 1] == '&' and not self.binary(i - 1):
                    break
                self.replace('reload', i, i, f'({value})')


# ---- building and running ----

class Test:
    def __init__(self, flavour, name, command, build):
        self.flavour, self.name = flavour, name
        self.program = os.path.relpath(command[0], build)
        self.target = os.path.basename(command[0])
        self.arguments = command[1:]
        self.kind = 'stepped' if re.fullmatch(STEPS, name) else 'objects'
        self.steps = None  # TEST_STEPS, if it has its own
        self.seconds = 0.0

    def worth(self):
        """What it takes to kill one: of what is left, t_radix_steps kills as
        many as fifteen of the others."""
        return self.seconds / (15 if self.kind == 'stepped' else 1)

    def label(self):
        return self.name + (' under TSan' if self.flavour == 'tsan' else '')


class Worker:
    """A copy of the source, and its build trees."""

    def __init__(self, number, steps, short):
        self.top = os.path.abspath(f'{WORK}/{number}')
        self.source = f'{self.top}/source'
        self.steps, self.short = steps, short
        shutil.rmtree(self.source, ignore_errors=True)
        os.makedirs(self.source)
        for name in os.listdir('.'):
            if NOT_COPIED.match(name):
                continue
            if os.path.isdir(name):
                shutil.copytree(name, f'{self.source}/{name}', symlinks=True)
            else:
                shutil.copy2(name, self.source)
        self.configured, self.objects, self.clean = set(), {}, {}
        self.stepped = {}
        self.newest = max(
            os.path.getmtime(name) for name in glob('src/**', recursive=True) +
            glob('include/**', recursive=True) + ['tests/radix/stepped.h'])

    def build_dir(self, flavour):
        return f'{self.top}/{flavour}'

    def command(self, command, log):
        with open(log, 'a') as out:
            if subprocess.call(command, stdout=out, stderr=out,
                               cwd=self.top) != 0:
                sys.exit(f'mutants: {command[0]} fails, see {log}')

    def configure(self, flavour):
        if flavour in self.configured:
            return
        self.command(['cmake', '-G', 'Ninja', '-S', self.source,
                      '-B', self.build_dir(flavour), '-DCMAKE_BUILD_TYPE=None',
                      '-DPHYSSEG_BENCH=OFF', '-DPHYSSEG_EXAMPLES=OFF',
                      '--compile-no-warning-as-error', *FLAVOURS[flavour]],
                     f'{self.top}/{flavour}.log')
        self.configured.add(flavour)

    def recipes(self, flavour, target):
        """The commands that make it."""
        said = subprocess.run(
            ['ninja', '-C', self.build_dir(flavour), '-t', 'commands', target],
            stdout=subprocess.PIPE, check=True).stdout.decode()
        return said.splitlines()

    def prepare(self, flavour, targets):
        """Build the library and the tests; the tests use it as shared ones."""
        directory, log = self.build_dir(flavour), f'{self.top}/{flavour}.log'
        targets = sorted(set(targets))
        self.command(['ninja', '-C', directory, '-j2', *targets], log)
        stepped = [t for t in targets if re.fullmatch(STEPS, t)]
        for line in self.recipes(flavour, (stepped + targets)[0]):
            found = re.search(r'physseg-(objects|stepped)\.dir/\S*? .* -o (\S+) '
                              r'-c (\S+)$', line)
            if found:
                kind, there, source = found.groups()
                line = re.sub(r' -MD -MT .* -c ', ' -c ', line)
                line = line.replace(
                    '-fvisibility=hidden',
                    '-fvisibility=default -fno-semantic-interposition')
                key = (flavour, kind)
                self.objects.setdefault(key, {})[
                    os.path.relpath(source, self.source)] = (
                        line, f'{directory}/{there}.shared.o')
        for (found, kind), objects in self.objects.items():
            if found == flavour:
                for line, there in objects.values():
                    if not os.path.exists(there) or \
                            os.path.getmtime(there) < self.newest:
                        self.compile(line, there, directory)
                if kind == 'objects':
                    self.link(flavour, kind, {})
        for target in targets:
            line = self.recipes(flavour, target)[-1]
            if target in stepped:  # which have the library in themselves
                self.stepped.setdefault(flavour, []).append(line)
                continue
            line = re.sub(r'(?<= )libphysseg\.a', f'{directory}/objects.so',
                          line)
            line = line.replace(' -o ', f' -rdynamic -Wl,-rpath,{directory} -o ')
            self.command(['sh', '-c', f'cd {directory} && {line}'], log)
        self.clean = {key: self.digests(objects)
                      for key, objects in self.objects.items()}

    def digests(self, objects):
        found = {}
        for source, (_, there) in objects.items():
            with open(there, 'rb') as f:
                found[source] = hashlib.sha256(f.read()).digest()
        return found

    def compile(self, line, there, directory):
        run = subprocess.run(
            ['sh', '-c', f'{line} -o {there}'], cwd=directory,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = run.stdout.decode(errors='replace')
        return run.returncode == 0

    def link(self, flavour, kind, changed):
        """The library, with some objects in place of the usual."""
        objects = self.objects[flavour, kind]
        log = f'{self.top}/{flavour}.log'
        if kind == 'stepped':
            for line in self.stepped[flavour]:
                for source, mutant in changed.items():
                    line = re.sub(r'\S*physseg-stepped\.dir/\S*/%s\.o' %
                                  re.escape(source), mutant, line)
                self.command(
                    ['sh', '-c', f'cd {self.build_dir(flavour)} && {line}'],
                    log)
            return
        compiler = next(iter(objects.values()))[0].split()[0]
        sanitize = ['-fsanitize=thread'] if flavour == 'tsan' else []
        self.command(
            [compiler, *sanitize, '-shared', '-o',
             f'{self.build_dir(flavour)}/{kind}.so',
             *(changed.get(source, there)
               for source, (_, there) in objects.items())], log)

    def depend(self, file, kind_objects):
        """The sources that a change of the file concerns."""
        if file.endswith('.c'):
            return [file] if file in kind_objects else []
        folder = os.path.dirname(file) + '/'
        if folder in ('src/', 'src/base/'):
            return [f for f in kind_objects if not f.startswith('src/shim/')]
        return [f for f in kind_objects if f.startswith(folder)]

    def build(self, flavour, kind, file):
        """With the file as it is now: whether it compiles; and whether the code
        differs."""
        objects, changed = self.objects[flavour, kind], {}
        for source in self.depend(file, objects):
            line, there = objects[source]
            mutant = there + '.mutant'
            if not self.compile(line, mutant, self.build_dir(flavour)):
                return False, False
            with open(mutant, 'rb') as f:
                if hashlib.sha256(f.read()).digest() != \
                        self.clean[flavour, kind][source]:
                    changed[source] = mutant
        self.link(flavour, kind, changed)
        return True, bool(changed)

    def tests(self, flavour):
        self.configure(flavour)
        directory = self.build_dir(flavour)
        with open(f'{directory}/tests/CTestTestfile.cmake') as f:
            lines = re.findall(r'^add_test\((.*)\)$', f.read(), re.M)
        found = []
        for line in lines:  # a name, and the words of a command in quotes
            name = re.match(r'(?:\[=*\[)?([^\]" ]+)', line).group(1)
            command = re.findall(r'"([^"]*)"', line)
            if command[0].startswith(f'{directory}/'):
                found.append(Test(flavour, name, command, directory))
                if name == 't_radix_steps':  # it kills most in a hurry
                    found.append(Test(flavour, name, command, directory))
                    found[-1].steps = HURRY
        if not found:
            sys.exit(f'mutants: {directory} has no tests')
        return found

    def run(self, test, limit):
        """None if the test passes, else how it failed."""
        directory = self.build_dir(test.flavour)
        guard = 'ulimit -c 0; ulimit -v %s; exec "$@"' % (
            MEMORY if test.flavour == 'plain' else 'unlimited')
        environment = {**os.environ, 'TEST_SEED': '1', 'CK_FORK': 'no',
                       'TEST_FIRST': '1'}
        steps = test.steps or self.steps
        if not steps and test.flavour == 'tsan':
            steps = TSAN_STEPS
        if steps:
            environment['TEST_STEPS'] = steps
        if self.short:
            environment['TEST_SHORT'] = '1'
        process = subprocess.Popen(
            ['sh', '-c', guard, 'sh', f'{directory}/{test.program}',
             *test.arguments], cwd=directory, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)
        try:
            said = process.communicate(timeout=limit)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return 'hangs'
        if process.returncode == 0:
            return None
        self.said = said = said.decode(errors='replace')
        if process.returncode < 0:
            return signal.strsignal(-process.returncode)
        match = re.search(r':[FE]:[^:]*:(\w+):\d+:', said) or \
            re.search(r'^wrong: (.*)$', said, re.M)
        if match:
            return match.group(1)
        match = re.search(r'(WARNING|ERROR|SUMMARY): \w+Sanitizer: ([\w -]+)',
                          said)
        return match.group(2).strip() if match else 'fails'


def relevant(test, mutant):
    """Does the test run code of the mutant's file?"""
    backend = re.match(r'src/backend_(array|radix|rbtree)/', mutant.file)
    named = re.search(r'\.(array|radix|rbtree)', test.name)
    if test.name.startswith('t_backend.') and not backend:
        return named.group(1) == 'radix' or mutant.file == 'src/base/select.h'
    if mutant.file == 'src/list.c':  # only that backend's maps have one
        return not named or named.group(1) == 'radix'
    if not backend and re.search(r'\.array-(contig|random|bsearch)', test.name):
        return False  # the engine does nothing else with them
    if test.name == 't_radix_claims':
        return re.fullmatch(r'src/(claims|coalesce|boot|online|plug|unplug|'
                            r'remove|record|engine|base/atomic)\.[ch]',
                            mutant.file)
    if test.kind == 'stepped' and not PATH.match(mutant.file):
        return re.fullmatch(r'src/(boot|map|slab|online|remove|coalesce|'
                            r'present)\.c', mutant.file)
    return not backend or not named or backend.group(1) == named.group(1)


COMMENT = re.compile(rb'/\*.*?\*/', re.S)


def digest_of(*names):
    """Of the files, and of all that is below folders; comments of C apart."""
    digest = hashlib.sha256()
    for top in names:
        for name in sorted([top] + glob(f'{top}/**', recursive=True)):
            if os.path.isfile(name) and name != ARGUED:
                with open(name, 'rb') as f:
                    text = f.read()
                if name.endswith(('.c', '.h')):
                    text = b' '.join(COMMENT.sub(b' ', text).split())
                digest.update(name.encode() + text)
    return digest.hexdigest()[:16]


class Results:
    """The verdicts that are known, in a file that grows."""

    PATH = f'{WORK}/results'

    def __init__(self, options):
        self.old = options.old
        self.short = ' short' if options.short else ''
        self.code = digest_of('src', 'include', 'CMakeLists.txt', 'cmake')
        self.tests = digest_of('tests')
        self.sources = {}
        self.known = {}
        if os.path.exists(self.PATH):
            with open(self.PATH) as f:
                for line in f:
                    found = json.loads(line)
                    self.known[found['key']] = found
        self.known = {key: found for key, found in self.known.items()
                      if found['verdict'] != 'forgotten'}

    def of_tests(self, verdict, killer):
        """A digest of the tests that the verdict depends on."""
        if verdict in ('not compiled', 'the same code'):
            return ''
        if killer is None:
            return self.tests + self.short
        name = killer.split(' ')[0].split('.')[0]
        source = name if name.startswith('t_') else ''
        if source not in self.sources:
            self.sources[source] = digest_of(
                'tests/CMakeLists.txt', 'tests/support',
                *glob(f'tests/*/{source}.c'),
                *(f'tests/{name}' for name in (
                    'model/model.c', 'model/model.h', 'radix/arena.c',
                    'radix/arena.h', 'radix/stepped.h', 'uvm/t_uvm.h')))
        return self.sources[source]

    def verdict(self, mutant):
        """None: not known."""
        found = self.known.get(mutant.key())
        if found is None:
            return None
        if not self.old and (
                found['code'] != self.code or found['tests'] !=
                self.of_tests(found['verdict'], found['killer'])):
            return None
        return found['verdict']

    def killer(self, mutant):
        """The test that killed it at some time."""
        return self.known.get(mutant.key(), {}).get('killer')

    def add(self, mutant, verdict, killer):
        found = {'key': mutant.key(), 'verdict': verdict, 'killer': killer,
                 'code': self.code,
                 'tests': self.of_tests(verdict, killer)}
        self.known[mutant.key()] = found
        with open(self.PATH, 'a') as f:
            f.write(json.dumps(found) + '\n')


class Run:
    def __init__(self, options, results):
        self.options, self.results = options, results
        self.lock = threading.Lock()
        self.end = time.monotonic() + 60 * (options.minutes or 1 << 20)

    def times(self, tests, worker):
        """How long each takes; all must pass.  Kept for the next run."""
        path = f'{WORK}/times'
        state = [self.results.code, self.results.tests, self.options.steps,
                 self.options.short]
        known = {}
        if os.path.exists(path):
            with open(path) as f:
                found = json.load(f)
            if found['state'] == state:
                known = found['seconds']
        for test in tests:
            name = f'{test.flavour} {test.name} {test.steps or ""}'.strip()
            if name not in known:
                start = time.monotonic()
                how = worker.run(test, 600)
                known[name] = time.monotonic() - start
                if how:
                    sys.exit('mutants: without a mutant, '
                             f'{test.label()} fails: {how}\n{worker.said}')
            test.seconds = known[name]
        with open(path, 'w') as f:
            json.dump({'state': state, 'seconds': known}, f)

    def baseline(self, worker, kinds, first):
        """The tests, in order, with their times."""
        tests, races = worker.tests('plain'), []
        if kinds & RELAXED:
            races = [t for t in worker.tests('tsan')
                     if re.fullmatch(f'{RACES}|{RACES_TOO}', t.name)]
        tests = [t for t in tests + races
                 if re.search(self.options.tests, t.name) and
                 (t.flavour == 'tsan' or not re.match(LEFT_OUT, t.name))]
        for flavour in FLAVOURS:
            targets = [t.target for t in tests if t.flavour == flavour]
            if targets:
                worker.prepare(flavour, targets)
        if not first:
            return
        self.times(tests, worker)
        self.tests = sorted(
            tests, key=lambda t: (t.flavour, round(t.worth(), 2),
                                  not t.name.endswith('.radix'), t.name))

    def limit(self, test):
        return 4 + 8 * test.seconds

    def choose(self, mutant):
        """The tests to run, in order."""
        tests = [t for t in self.tests if relevant(t, mutant)]
        if mutant.kind in RELAXED:
            tests = [t for t in tests if t.flavour != 'plain' or
                     (t.kind == 'stepped' and mutant.kind not in UNSEEN)]
        else:
            tests = [t for t in tests if t.flavour == 'plain' and
                     not re.fullmatch(RACES, t.name)]
        killer = self.results.killer(mutant)
        return sorted(tests, key=lambda t: t.label() != killer)

    def judge(self, worker, mutant):
        """The verdict, and the test that killed it."""
        built = set()
        for test in self.choose(mutant):
            if (test.flavour, test.kind) not in built:
                compiles, differs = worker.build(
                    test.flavour, test.kind, mutant.file)
                if not compiles:
                    return 'not compiled', None
                if mutant.kind not in RELAXED and not differs:
                    return 'the same code', None
                built.add((test.flavour, test.kind))
            how = worker.run(test, self.limit(test))
            if how:
                return f'killed by {test.label()}: {how}', test.label()
        return 'survived', None

    def work(self, worker, todo):
        while time.monotonic() < self.end:
            try:
                mutant = todo.get_nowait()
            except queue.Empty:
                return
            path = f'{worker.source}/{mutant.file}'
            with open(mutant.file) as f:
                text = f.read()
            start = time.monotonic()
            with open(path, 'w') as f:
                f.write(mutant.apply(text))
            try:
                verdict, killer = self.judge(worker, mutant)
            finally:
                with open(path, 'w') as f:
                    f.write(text)
            with self.lock:
                if verdict != 'survived' or not self.options.tests:
                    self.results.add(mutant, verdict, killer)
                self.say(mutant, verdict, time.monotonic() - start)

    def say(self, mutant, verdict, seconds):
        self.said += 1
        print(f'{self.said}/{self.total} {mutant.file}:{mutant.line} '
              f'{mutant.function} {mutant.kind}: {verdict} '
              f'({seconds:.1f} s)', flush=True)
        if verdict == 'survived':
            print(f'  - {mutant.old}\n  + {mutant.new}', flush=True)

    def __call__(self, pending):
        self.said, self.total = 0, len(pending)
        workers = [Worker(i, self.options.steps, self.options.short)
                   for i in range(min(self.options.jobs, len(pending)))]
        for worker in workers:
            self.baseline(worker, {m.kind for m in pending},
                          worker is workers[0])
        print(f'mutants: {len(pending)} to do; {len(self.tests)} tests, '
              f'which take {sum(t.seconds for t in self.tests):.0f} s',
              flush=True)
        todo = queue.Queue()
        for mutant in pending:
            todo.put(mutant)
        threads = [threading.Thread(target=self.work, args=(w, todo))
                   for w in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


# ---- arguments, the report ----

class Argument:
    """An entry of ARGUED."""

    def __init__(self, block):
        lines = [words(line) for line in block.splitlines()
                 if not line.startswith('#')]
        head = lines[0].split(' ', 3) if lines else []
        self.pattern = None
        if len(lines) > 2 and lines[1].startswith('~ ') and len(head) == 3:
            self.file, self.function, self.kind = head
            self.pattern = lines[1][2:]
            self.key = f'{lines[0]}\n{lines[1]}\n'
            self.text = ' '.join(lines[2:])
        elif len(lines) > 3 and lines[1].startswith('- ') and \
                lines[2].startswith('+ '):
            self.key = ''.join(f'{line}\n' for line in lines[:3])
            self.text = ' '.join(lines[3:])
        else:
            sys.exit(f'{ARGUED}: not a mutant with an argument:\n{block}')

    def matches(self, mutant):
        if self.pattern is None:
            return self.key == mutant.key()
        return self.file == mutant.file and \
            re.fullmatch(self.function, mutant.function) and \
            re.fullmatch(self.kind, mutant.kind) and \
            re.search(self.pattern, f'- {mutant.old}\n+ {mutant.new}', re.S)


def read_arguments():
    with open(ARGUED) as f:
        blocks = re.split(r'\n\s*\n', f.read())
    return [Argument(block) for block in blocks
            if any(line.strip() and not line.startswith('#')
                   for line in block.splitlines())]


def column(verdict, argued):
    """What a verdict counts as."""
    if verdict is None or verdict == 'survived':
        if argued:
            return 'argued'
        return 'not run' if verdict is None else 'unexplained'
    if verdict.startswith('killed'):
        return 'hang' if verdict.endswith(': hangs') else 'killed'
    return verdict


COLUMNS = ['not compiled', 'the same code', 'killed', 'hang', 'argued',
           'unexplained', 'not run']


def table(rows):
    """Counts of each file, and of all."""
    total = dict.fromkeys(COLUMNS, 0)
    print(f'\n{"":44}{"made":>6}' +
          ''.join(f'{name.replace("the ", ""):>13}' for name in COLUMNS))
    for name, counts in [*rows.items(), ('all', total)]:
        print(f'{name:44}{sum(counts.values()):6}' +
              ''.join(f'{counts[what]:13}' for what in COLUMNS))
        if counts is not total:
            for what in COLUMNS:
                total[what] += counts[what]
    return total


def report(mutants, results, arguments):
    bad = 0
    rows, killers, by_argument = {}, {}, {}
    unexplained = []
    for mutant in mutants:
        verdict = results.verdict(mutant)
        fitting = [a for a in arguments if a.matches(mutant)]
        what = column(verdict, fitting)
        rows.setdefault(mutant.file, dict.fromkeys(COLUMNS, 0))[what] += 1
        if what in ('killed', 'hang'):
            killer = re.match(r'killed by (.*?): ', verdict).group(1)
            killers[killer] = killers.get(killer, 0) + 1
        if what == 'unexplained':
            unexplained.append(mutant)
        for argument in fitting:
            by_argument.setdefault(argument.key, []).append(what)
    for killer, n in sorted(killers.items(), key=lambda item: -item[1]):
        print(f'{n:6} {killer}')
    if unexplained:
        print('\nSurvivors without an argument:')
    for mutant in unexplained:
        print(f'\n{mutant.key()}', end='')
    for key, found in by_argument.items():
        if 'argued' not in found:
            print(f'\nargued, but {", ".join(sorted(set(found)))}:\n{key}',
                  end='')
            bad += 1
    total = table(rows)
    return 1 if bad or total['unexplained'] or total['not run'] else 0


def main():
    parser = argparse.ArgumentParser(
        prog='mutants.sh', description='Break the library in one place, and '
        'see which test notices; so for every place.')
    parser.add_argument('file', nargs='*', help='only of these (a part of the '
                        'name is enough), in this order')
    parser.add_argument('--kind', default='', help='only of kinds that match '
                        'this regular expression')
    parser.add_argument('--function', default='', help='only in functions '
                        'that match it')
    parser.add_argument('--list', action='store_true',
                        help='say which there are, and run nothing')
    parser.add_argument('--report', action='store_true',
                        help='say what is known, and run nothing')
    parser.add_argument('--sample', type=int, metavar='N',
                        help='only N of them, drawn')
    parser.add_argument('--seed', type=int, default=1, help='of the sample')
    parser.add_argument('--tests', default='',
                        help='only tests that match this regular expression; '
                        'what survives is not kept')
    parser.add_argument('--steps', default='', metavar='N',
                        help="TEST_STEPS of the tests; else each one's own")
    parser.add_argument('--short', action='store_true', help='t_radix_steps '
                        'tries fewer ways; what survives counts only for runs '
                        'that are short, too')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--minutes', type=float,
                        help='begin with no mutant after so many')
    parser.add_argument('--old', action='store_true', help='verdicts count '
                        'that were found with other sources or tests')
    parser.add_argument('--survivors', action='store_true',
                        help='once more those that survived')
    parser.add_argument('--unargued', action='store_true',
                        help='leave out those that are argued')
    options = parser.parse_args()

    sources = []
    for name in sorted(name for pattern in FILES for name in glob(pattern)):
        with open(name) as f:
            sources.append(Source(name, f.read()))
    effects = Effects(sources)
    every = [m for src in sources for m in Maker(src, effects).all()]
    wanted = options.file or ['']
    mutants = [m for m in every
               if re.search(options.kind, m.kind) and
               re.search(options.function, m.function) and
               any(name in m.file for name in wanted)]
    mutants.sort(key=lambda m: next(i for i, name in enumerate(wanted)
                                    if name in m.file))
    if options.sample is not None and options.sample < len(mutants):
        chosen = random.Random(options.seed).sample(
            range(len(mutants)), options.sample)
        mutants = [mutants[i] for i in sorted(chosen)]
    if options.list:
        for mutant in mutants:
            print(mutant.key())
        print(f'mutants: {len(mutants)}')
        return 0
    arguments = read_arguments()
    lost = [a for a in arguments if not any(a.matches(m) for m in every)]
    for argument in lost:
        print(f'argued, but there is no such mutant:\n{argument.key}')
    os.makedirs(WORK, exist_ok=True)
    results = Results(options)

    def is_argued(mutant):
        return any(a.matches(mutant) for a in arguments)

    pending = [m for m in mutants
               if results.verdict(m) is None or
               (options.survivors and results.verdict(m) == 'survived')]
    if options.unargued:
        pending = [m for m in pending if not is_argued(m)]
    else:
        pending.sort(key=is_argued)
    if pending and not options.report:
        Run(options, results)(pending)
    return 1 if report(mutants, results, arguments) or lost else 0


if __name__ == '__main__':
    sys.exit(main())
