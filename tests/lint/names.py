# SPDX-License-Identifier: Apache-2.0
"""Names in strings that must stand for something: icons and CUDA symbols."""

import pathlib
import re

CATEGORIES = ["inputs", "variables", "layers", "maths", "arrays", "neural", "losses", "training",
              "random", "control", "strings", "summaries"]
ICON_STRING = re.compile(r'"([a-z0-9.-]+-symbolic)"')
ICON_PROPERTY = re.compile(r'name="icon-name"[^>]*>([^<]+)<')
CUDA_STRING = re.compile(r'\.cuda\s*=\s*"(\w+)"')
SYSTEM_ICONS = pathlib.Path("/usr/share/icons")


def icon_names(source):
    pattern = ICON_PROPERTY if source.suffix == ".ui" else ICON_STRING
    for match in pattern.finditer(source.text):
        yield source.line_of(match.start()), match[1].strip()


def names_below(folder):
    return {path.stem for path in folder.rglob("*.svg")}


def check_icons(tree):
    """Every icon that the code names is in resources/icons or in the icon theme."""
    own = names_below(tree.root / "resources/icons")
    theme = names_below(SYSTEM_ICONS / "Adwaita") | names_below(SYSTEM_ICONS / "hicolor")
    for category in CATEGORIES:
        if f"op-{category}-symbolic" not in own:
            yield "resources/icons", 1, f"no icon op-{category}-symbolic for its category"
    for source in tree.files:
        if not source.path.startswith(("engine/", "app/", "widgets/", "resources/")):
            continue
        for line, name in icon_names(source):
            # Without the theme on this machine only our own op icons can be judged.
            if name not in own and (name.startswith("op-") or (theme and name not in theme)):
                yield source.path, line, f"there is no icon {name}"


def check_icon_list(tree):
    """Every icon of resources/icons is compiled in."""
    listing = tree.root / "resources/icons/graphwright-icons.gresource.xml"
    compiled = set(re.findall(r">([^<\s]+\.svg)<", listing.read_text(encoding="utf-8"))) if listing.exists() else set()
    folder = tree.root / "resources/icons"
    for path in sorted(folder.rglob("*.svg")):
        name = path.relative_to(folder).as_posix()
        if name not in compiled:
            yield f"resources/icons/{name}", 1, "not in graphwright-icons.gresource.xml"


def check_cuda_symbols(tree):
    """Every CUDA kernel that an op names is defined in the CUDA module."""
    module = "\n".join(source.bare for source in tree.code("engine/device/cuda"))
    for source in tree.code("engine"):
        for match in CUDA_STRING.finditer(source.text):
            # A definition has a body; a declaration ends in ';'.
            if not re.search(rf"\b{match[1]}\s*\([^;{{}}]*\)\s*\{{", module):
                yield source.path, source.line_of(match.start()), f"{match[1]} is not defined in engine/device/cuda"
