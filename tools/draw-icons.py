#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws resources/icons/symbolic/ from resources/icons/strokes.txt.

GTK recolours the fills of a symbolic icon and leaves its strokes alone, so every stroke becomes a
filled outline here: each segment is one closed shape (both offset curves and two round caps), all
shapes wind the same way, and the non-zero rule makes their union.

    tools/draw-icons.py           writes the icons
    tools/draw-icons.py --check   fails if a file is missing, stale or left over
"""

import argparse
import math
import pathlib
import re
import sys

HALF_WIDTH = 0.8        # half of the line, in units of the grid
PIECES = 4              # offset curves a cubic is cut into
TOKEN = re.compile(r"[MLHVCAZ]|[-+]?(?:\d+\.?\d*|\.\d+)", re.IGNORECASE)
ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "A": 7, "Z": 0}


def arc_to_cubics(start, radius, large, sweep, end):
    """The circular arc of SVG's endpoint form as cubics of at most a quarter turn each."""
    (x0, y0), (x1, y1) = start, end
    half = math.hypot(x1 - x0, y1 - y0) / 2
    radius = max(radius, half)
    height = math.sqrt(max(0.0, radius * radius - half * half))
    side = 1 if large == sweep else -1
    # The centre lies on the chord's normal.
    normal = ((y1 - y0) / (2 * half), -(x1 - x0) / (2 * half))
    cx = (x0 + x1) / 2 + side * height * normal[0]
    cy = (y0 + y1) / 2 + side * height * normal[1]
    begin = math.atan2(y0 - cy, x0 - cx)
    turn = math.atan2(y1 - cy, x1 - cx) - begin
    if sweep and turn <= 0:
        turn += 2 * math.pi
    if not sweep and turn >= 0:
        turn -= 2 * math.pi
    count = math.ceil(abs(turn) / (math.pi / 2) - 1e-9)
    step = turn / count
    handle = 4 / 3 * math.tan(step / 4) * radius
    cubics = []
    for i in range(count):
        a, b = begin + i * step, begin + (i + 1) * step
        p0 = (cx + radius * math.cos(a), cy + radius * math.sin(a))
        p3 = (cx + radius * math.cos(b), cy + radius * math.sin(b))
        p1 = (p0[0] - handle * math.sin(a), p0[1] + handle * math.cos(a))
        p2 = (p3[0] + handle * math.sin(b), p3[1] - handle * math.cos(b))
        cubics.append((p0, p1, p2, p3))
    return cubics


def parse(data):
    """Path data as sub-paths; each is a list of segments (2 points: line, 4 points: cubic)."""
    tokens = TOKEN.findall(data)
    if re.sub(r"[\s,]", "", data) != "".join(tokens):
        raise ValueError(f"cannot read the path {data!r}")
    subpaths, at, start, command, i = [], (0.0, 0.0), (0.0, 0.0), None, 0
    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
        kind, relative = command.upper(), command.islower()
        args = [float(t) for t in tokens[i:i + ARGUMENTS[kind]]]
        i += ARGUMENTS[kind]
        base = at if relative else (0.0, 0.0)
        if kind == "M":
            at = start = (base[0] + args[0], base[1] + args[1])
            subpaths.append([])
            command = "l" if relative else "L"
            continue
        if kind == "Z":
            if at != start:
                subpaths[-1].append((at, start))
            at = start
            continue
        if kind == "H":
            end = (base[0] + args[0], at[1])
        elif kind == "V":
            end = (at[0], base[1] + args[0])
        else:
            end = (base[0] + args[-2], base[1] + args[-1])
        if kind == "C":
            points = [(base[0] + args[k], base[1] + args[k + 1]) for k in (0, 2)]
            subpaths[-1].append((at, *points, end))
        elif kind == "A":
            subpaths[-1].extend(arc_to_cubics(at, args[0], bool(args[3]), bool(args[4]), end))
        else:
            subpaths[-1].append((at, end))
        at = end
    return subpaths


def mix(a, b, t):
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)


def split(cubic, t):
    """De Casteljau: the two halves of a cubic."""
    p0, p1, p2, p3 = cubic
    a, b, c = mix(p0, p1, t), mix(p1, p2, t), mix(p2, p3, t)
    d, e = mix(a, b, t), mix(b, c, t)
    f = mix(d, e, t)
    return (p0, a, d, f), (f, e, c, p3)


def direction(a, b):
    length = math.hypot(b[0] - a[0], b[1] - a[1])
    return ((b[0] - a[0]) / length, (b[1] - a[1]) / length)


def tangents(segment):
    """Unit tangents at both ends; handles that coincide with their end are passed over."""
    first = next(p for p in segment[1:] if math.dist(p, segment[0]) > 1e-9)
    last = next(p for p in reversed(segment[:-1]) if math.dist(p, segment[-1]) > 1e-9)
    return direction(segment[0], first), direction(last, segment[-1])


def shift(point, tangent, distance):
    return (point[0] + tangent[1] * distance, point[1] - tangent[0] * distance)


def offset(segment, distance):
    """Tiller and Hanson: ends move along their normals, handles keep direction and scale with the chord."""
    begin, finish = tangents(segment)
    p0, p3 = shift(segment[0], begin, distance), shift(segment[-1], finish, distance)
    if len(segment) == 2:
        return (p0, p3)
    scale = math.dist(p0, p3) / math.dist(segment[0], segment[3])
    first = math.dist(segment[0], segment[1]) * scale
    last = math.dist(segment[2], segment[3]) * scale
    return (p0, (p0[0] + begin[0] * first, p0[1] + begin[1] * first),
            (p3[0] - finish[0] * last, p3[1] - finish[1] * last), p3)


def number(value):
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def coordinates(points):
    return " ".join(f"{number(x)} {number(y)}" for x, y in points)


def draw(segment):
    return ("L" if len(segment) == 2 else "C") + coordinates(segment[1:])


def pieces(segment):
    if len(segment) == 2:
        return [segment]
    out = []
    for left in range(PIECES, 1, -1):
        head, segment = split(segment, 1 / left)
        out.append(head)
    return out + [segment]


def stroke(segment):
    """The outline of one segment with round ends, as path data."""
    parts = pieces(segment)
    there = [offset(p, HALF_WIDTH) for p in parts]
    back = [tuple(reversed(offset(p, -HALF_WIDTH))) for p in reversed(parts)]
    cap = f"A{HALF_WIDTH} {HALF_WIDTH} 0 0 1 "
    return ("M" + coordinates(there[0][:1]) + "".join(draw(s) for s in there)
            + cap + coordinates(back[0][:1]) + "".join(draw(s) for s in back)
            + cap + coordinates(there[0][:1]) + "z")


def interior(subpath):
    """A closed sub-path as path data that winds as the strokes do (clockwise on screen)."""
    corners = [s[0] for s in subpath]
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, corners[1:] + corners[:1]))
    if area < 0:
        subpath = [tuple(reversed(s)) for s in reversed(subpath)]
    return "M" + coordinates(subpath[0][:1]) + "".join(draw(s) for s in subpath) + "z"


def icon(data, filled):
    shapes = []
    for subpath in parse(data):
        if filled and len(subpath) > 1 and math.dist(subpath[0][0], subpath[-1][-1]) < 1e-6:
            shapes.append(interior(subpath))
        shapes.extend(stroke(s) for s in subpath)
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">\n'
            '<!-- SPDX-License-Identifier: Apache-2.0; drawn by tools/draw-icons.py -->\n'
            '<path fill="#2e3436" d="' + "\n".join(shapes) + '"/>\n</svg>\n')


def read_strokes(path):
    icons = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, data = line.split(maxsplit=1)
        filled = data.startswith("fill ")
        icons[f"{name}-symbolic.svg"] = icon(data.removeprefix("fill "), filled)
    return icons


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    options = parser.parse_args()
    folder = options.root / "resources/icons/symbolic"
    wanted = read_strokes(options.root / "resources/icons/strokes.txt")
    there = {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.svg"))}
    if not options.check:
        folder.mkdir(exist_ok=True)
        for name, text in wanted.items():
            (folder / name).write_text(text, encoding="utf-8")
        for name in there.keys() - wanted.keys():
            (folder / name).unlink()
        return 0
    problems = [f"{n}: not drawn yet" for n in sorted(wanted.keys() - there.keys())]
    problems += [f"{n}: stands in no line of strokes.txt" for n in sorted(there.keys() - wanted.keys())]
    problems += [f"{n}: differs from strokes.txt" for n in sorted(wanted.keys() & there.keys())
                 if wanted[n] != there[n]]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
