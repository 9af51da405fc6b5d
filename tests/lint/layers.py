# SPDX-License-Identifier: Apache-2.0
"""Who may include what: the rooms, the headers from outside, private headers."""

import re

# A room of the engine sees itself and the rooms before it.
ENGINE = ["base", "tensor", "files", "data", "device", "device/cpu", "cluster", "graph", "ops",
          "runtime", "document", "train"]
FACADE = "engine/engine.h"

ROOMS = {f"engine/{room}": {f"engine/{r}" for r in ENGINE[:i + 1]} for i, room in enumerate(ENGINE)}
ROOMS |= {
    "engine/device/cuda": {"engine/device/cuda", "engine/base", "engine/tensor", "engine/device"},
    "engine": {"engine"} | {f"engine/{room}" for room in ENGINE},
    "widgets/paint": {"widgets/paint"},
    "widgets": {"widgets", "widgets/paint"},
    "app/model": {"app/model", FACADE},
    "app/scene": {"app/scene", "widgets/paint", FACADE},
    "app/cli": {"app/cli", "app/model", "app/scene", "widgets/paint", FACADE},
    "app/ui": {"app/ui", "app/model", "app/scene", "widgets", "widgets/paint", FACADE},
}
BY_LENGTH = sorted(ROOMS, key=len, reverse=True)
LAYERED = ("engine/", "widgets/", "app/")

# Headers from outside: what they match, the rooms that may see them.
OUTSIDE = [
    (r"(gtk|gdk|gsk)/|adwaita\.h|adw-|graphene", {"widgets", "app/ui"}),
    (r"(cairo|pango)(/|[\w-]*\.h)", {"widgets", "widgets/paint", "app/ui"}),
    (r"gio/|glib-object\.h|gobject/", {"widgets", "widgets/paint", "app/model", "app/cli", "app/ui"}),
    (r"(cblas|lapacke?|openblas_config|f77blas)\.h", {"engine/device/cpu"}),
    (r"(cuda|cublas|cudnn|curand|nccl)", {"engine/device/cuda"}),
    (r"mpi\.h", {"engine/cluster"}),
]


def room_of(path):
    """The room that a path lies in, or None. `engine/engine.h` is in the room `engine`."""
    for room in BY_LENGTH:
        if path.startswith(room + "/"):
            # A folder of the engine that nobody knows is no part of the room `engine` itself.
            return None if room == "engine" and "/" in path[len("engine/"):] else room
    return None


def check_rooms(tree):
    """Includes between the rooms follow their order."""
    for source in tree.code("engine", "widgets", "app"):
        room = room_of(source.path)
        if room is None:
            yield source.path, 1, "lies in no known room"
            continue
        for line, kind, name in source.includes():
            if name.startswith(LAYERED):
                target = room_of(name)
                if target is None:
                    yield source.path, line, f"includes {name}, which lies in no known room"
                elif target not in ROOMS[room] and name not in ROOMS[room]:
                    yield source.path, line, f"{room} must not include {name}"
                elif kind == "<":
                    yield source.path, line, f'{name} is our own: include it with "..."'
            elif kind == '"' and tree.exists(f"{source.folder}/{name}"):
                yield source.path, line, f'{name} is included without its path from the root'
            elif name.startswith("tests/"):
                yield source.path, line, f"the program must not include {name}"


def check_outside(tree):
    """A library's headers are seen only by the rooms it was chosen for."""
    for source in tree.code("engine", "widgets", "app"):
        room = room_of(source.path)
        for line, _, name in source.includes():
            for pattern, rooms in OUTSIDE:
                if re.match(pattern, name) and room not in rooms:
                    yield source.path, line, f"{name} belongs to {', '.join(sorted(rooms))}"


def check_private(tree):
    """A *-private.h is included only from its own folder and from the tests that mirror it."""
    for source in tree.code():
        for line, _, name in source.includes():
            if not name.endswith("-private.h"):
                continue
            home = name.rpartition("/")[0] or source.folder
            if source.folder not in (home, f"tests/{home}"):
                yield source.path, line, f"{name} is private to {home}"
