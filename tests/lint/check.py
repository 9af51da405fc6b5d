#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the house on the whole tree; prints TAP, one test point a rule."""

import argparse
import pathlib
import sys

import layers
import names
import style
from sources import Tree

RULES = [
    layers.check_rooms,
    layers.check_outside,
    layers.check_private,
    style.check_file_length,
    style.check_function_length,
    style.check_braces,
    style.check_unfinished,
    style.check_white_space,
    style.check_pragma,
    style.check_license,
    style.check_engine_calls,
    names.check_icons,
    names.check_icon_list,
    names.check_cuda_symbols,
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    tree = Tree(parser.parse_args().root)
    print(f"1..{len(RULES)}")
    failed = False
    for number, rule in enumerate(RULES, 1):
        found = list(rule(tree))
        failed |= bool(found)
        print(f"{'not ok' if found else 'ok'} {number} - {rule.__doc__.splitlines()[0]}")
        for path, line, text in found:
            print(f"# {path}:{line}: {text}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
