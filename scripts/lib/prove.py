#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# prove.py -- what prove.sh does: run Frama-C on the functions of
# tests/proof.txt, then on their mutants, and compare with docs/proof.md.

import argparse
import os
import re
import shutil
import subprocess
import sys
import time

LIST = 'tests/proof.txt'
PAGE = 'docs/proof.md'
WORK = None     # a folder
FRAMA_C = ['frama-c', '-no-autoload-plugins', '-load-module', 'wp,rtegen',
           '-machdep', 'gcc_x86_64']
WP = ['-wp', '-wp-rte', '-wp-prover', 'z3,cvc4', '-wp-smoke-timeout', '2']
RESULT = re.compile(r'\[wp\] \[(.*?)\] (Goal|Smoke-test) '
                    r'typed(?:_cast)?_(?:lemma_)?(\w+)')


class Unit:
    """A file, the functions of it to prove, and their mutants."""

    def __init__(self, path):
        self.path = path
        self.options = []
        self.functions = []
        self.mutants = []       # (function, before, after)


def read_list():
    units = []
    before = None
    for number, line in enumerate(open(LIST), 1):
        word, _, rest = line.rstrip('\n').partition(' ')
        if word == '#' or not word:
            continue
        elif word == 'file':
            units.append(Unit(rest))
        elif word == 'options':
            units[-1].options = rest.split()
        elif word == 'function':
            units[-1].functions.append(rest)
        elif word == '-':
            before = rest
        elif word == '+':
            units[-1].mutants.append(
                (units[-1].functions[-1], before, rest))
        else:
            sys.exit(f'{LIST}:{number}: what is {word}?')
    return units


def read_gaps():
    """The goals that the page says are not proved."""
    text = open(PAGE).read().partition('\n## What is not proved\n')[2]
    return set(re.findall(r'^\| `(\w+)` \|', text, re.M))


def frama_c(unit, tree, log, *options):
    """Run it; the goals as a dictionary of name to whether it was proved, and
    the smoke tests likewise."""
    with open(f'{WORK}/unit.c', 'w') as wrapper:
        wrapper.write(f'#include "{unit.path.removeprefix("src/")}"\n')
    command = FRAMA_C + [
        f'-cpp-extra-args=-I{tree}/src -I{tree}/include -U__GNUC__',
        *WP, '-wp-par', str(os.cpu_count()), *unit.options, *options,
        f'{WORK}/unit.c']
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    with open(f'{WORK}/{log}.log', 'w') as file:
        file.write(' '.join(command) + '\n' + done.stdout)
    if done.returncode != 0:
        print(done.stdout)
        sys.exit(f'prove: {unit.path}: frama-c failed')
    goals, smoke = {}, {}
    for verdict, what, name in RESULT.findall(done.stdout):
        results = goals if what == 'Goal' else smoke
        results[name] = verdict != 'Failed'
    return goals, smoke


def mutate(text, function, before, after):
    start = re.search(rf'^{function}\(', text, re.M)
    if start is None:
        sys.exit(f'prove: there is no {function}')
    end = text.index('\n}', start.start())
    parts = re.split(r'(/\*.*?\*/)', text[start.start():end], flags=re.S)
    pattern = r'\s+'.join(re.escape(word) for word in before.split())
    found = 0
    for i in range(0, len(parts), 2):   # those between are comments
        parts[i], n = re.subn(pattern, lambda _: after, parts[i])
        found += n
    if found != 1:
        sys.exit(f'prove: {function} does not have this once: {before}')
    return text[:start.start()] + ''.join(parts) + text[end:]


def run_mutants(unit):
    """Prints those that keep their contract; returns how many do not."""
    tree = f'{WORK}/mutant'
    shutil.rmtree(tree, ignore_errors=True)
    for folder in 'src', 'include':
        shutil.copytree(folder, f'{tree}/{folder}')
    text = open(unit.path).read()
    killed = 0
    for i, (function, before, after) in enumerate(unit.mutants):
        with open(f'{tree}/{unit.path}', 'w') as file:
            file.write(mutate(text, function, before, after))
        goals, _ = frama_c(unit, tree, f'{os.path.basename(unit.path)}.{i}',
                           '-wp-fct', function)
        if all(goals.values()):
            print(f'{function} keeps its contract with\n- {before}\n+ {after}')
        else:
            killed += 1
    return killed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--no-mutants', action='store_true')
    parser.add_argument('--work', default='build/proof')
    parser.add_argument('files', nargs='*')
    options = parser.parse_args()
    global WORK
    WORK = options.work
    os.makedirs(WORK, exist_ok=True)
    # The provers that Why3 knows: those that are here now.
    os.environ['WHY3CONFIG'] = os.path.abspath(f'{WORK}/why3.conf')
    subprocess.run(['why3', 'config', 'detect'], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # Frama-C finds files from $PWD.
    os.environ['PWD'] = os.getcwd()

    units = read_list()
    for path in options.files:
        if path not in (unit.path for unit in units):
            sys.exit(f'prove: {LIST} does not name {path}')
    gaps = read_gaps()
    seen = set()
    faults = 0
    total = [0] * 6
    row = '{:<42}{:>10}{:>7}{:>6}{:>7}{:>9}{:>7}'
    print(row.format('', 'functions', 'goals', 'gaps', 'smoke', 'mutants',
                     'time'))
    for unit in units:
        if options.files and unit.path not in options.files:
            continue
        start = time.monotonic()
        log = os.path.basename(unit.path)
        goals, smoke = frama_c(unit, '.', log, '-wp-smoke-tests', '-wp-fct',
                               ','.join(unit.functions))
        if '@ lemma' in open(unit.path).read():
            goals |= frama_c(unit, '.', f'{log}.lemmas',
                             '-wp-prop', '@lemma')[0]
        faults_before = faults
        for function in unit.functions:
            if not any(name.startswith(function) for name in goals):
                print(f'{function}: no goals')
                faults += 1
        for name, proved in sorted(goals.items()):
            if proved == (name in gaps):
                print(f'{name}: proved, but {PAGE} says that it is not'
                      if proved else f'{name}: not proved')
                faults += 1
        for name, passed in sorted(smoke.items()):
            if not passed:
                print(f'{name}: follows from a contradiction')
                faults += 1
        seen |= goals.keys()
        killed = 0
        if not options.no_mutants and faults == faults_before:
            killed = run_mutants(unit)
            faults += len(unit.mutants) - killed
        counts = [len(unit.functions), sum(goals.values()),
                  len(goals) - sum(goals.values()), sum(smoke.values()),
                  killed, round(time.monotonic() - start)]
        total = [a + b for a, b in zip(total, counts)]
        print(row.format(unit.path, *counts[:-1], f'{counts[-1]} s'),
              flush=True)
    print(row.format('all', *total[:-1], f'{total[-1]} s'))
    if not options.files:
        for name in sorted(gaps - seen):
            print(f'{PAGE} names {name}, and there is no such goal')
            faults += 1
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
