#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checker against planted violations: each rule must find them, at their line, and nothing else."""

import pathlib
import sys
import tempfile

import check
from sources import Tree

HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n"
HEADER = HEAD + "#pragma once\n"
MARK = "TO" + "DO"
CATEGORIES = check.names.CATEGORIES


def function(lines, name="f"):
    """A function of that many lines from brace to brace."""
    return f"void\n{name} (void)\n{{\n" + "  g ();\n" * (lines - 2) + "}\n"


def clean_tree():
    """A small tree that keeps every rule, with the permitted neighbours of each violation."""
    tree = {
        "engine/engine.h": HEADER + '#include "engine/train/trainer.h"\n#include "engine/base/error.h"\n',
        "engine/base/error.h": HEADER + "#include <glib.h>\n",
        "engine/base/error-private.h": HEADER,
        "engine/base/error.c": HEAD + '#include "engine/base/error.h"\n#include "engine/base/error-private.h"\n',
        "engine/train/trainer.h": HEADER + '#include "engine/runtime/session.h"\n',
        "engine/runtime/session.h": HEADER + '#include "engine/ops/families.h"\n',
        "engine/ops/families.h": HEADER,
        "engine/ops/matmul.c": HEAD + '#include "engine/device/cpu/gemm.h"\n'
                               'static const GwOpDef d = {\n  .cuda = "gw_cuda_matmul",\n'
                               '  .icon = "op-maths-symbolic",\n};\n',
        "engine/device/cpu/gemm.h": HEADER,
        "engine/device/cpu/gemm.c": HEAD + "#include <cblas.h>\n",
        "engine/device/cuda/kernels-math.c": HEAD + "int\ngw_cuda_matmul (const GwView *a,\n"
                                             "                const GwView *b)\n{\n  return 0;\n}\n",
        "engine/files/proto/event.proto": "// SPDX-License-Identifier: Apache-2.0\n",
        "engine/files/event-file.c": HEAD + '#include "engine/files/proto/event.pb-c.h"\n'
                                     "/* printf () and stderr in a comment,\n#include <gtk/gtk.h>\n*/\n"
                                     'const char *text = "exit (1) getenv ()";\n'
                                     "int n = g_snprintf (b, 2, self->exit (3));\n",
        "engine/cluster/mpi.c": HEAD + "#include <mpi.h>\n",
        "engine/base/long.c": HEAD + function(80) + "static const int table[] =\n{\n" + "  1,\n" * 200 + "};\n"
                              + "static int one (void) { return 1; }\n",
        "widgets/paint/axis.c": HEAD + "#include <pango/pangocairo.h>\n#include <cairo.h>\n",
        "widgets/charts/view.c": HEAD + '#include "widgets/paint/axis.h"\n#include <gtk/gtk.h>\n',
        "app/model/run.c": HEAD + '#include "engine/engine.h"\n#include <gio/gio.h>\n',
        "app/cli/main.c": HEAD + '#include "app/model/run.h"\n#include "widgets/paint/axis.h"\n#include <stdio.h>\n'
                          'int main (void) { return printf ("a"); }\n',
        "app/ui/window.c": HEAD + '#include "widgets/charts/view.h"\n#include <adwaita.h>\n',
        "tests/engine/base/test-error.c": HEAD + '#include "engine/base/error-private.h"\n',
        "tests/run": "#!/usr/bin/env bash\n# SPDX-License-Identifier: Apache-2.0\n",
        "build-x/rubbish.c": "no licence \n",
        "resources/icons/graphwright-icons.gresource.xml": "".join(
            f"<file>symbolic/op-{c}-symbolic.svg</file>\n" for c in CATEGORIES),
    }
    for category in CATEGORIES:
        tree[f"resources/icons/symbolic/op-{category}-symbolic.svg"] = "<svg/>\n"
    return tree


# (rule, what is added or replaced, where the violation must be reported)
PLANTS = [
    ("check_rooms", {"engine/tensor/x.c": HEAD + '#include "engine/graph/node.h"\n'}, "engine/tensor/x.c:2"),
    ("check_rooms", {"engine/device/x.c": HEAD + '#include "engine/device/cpu/gemm.h"\n'}, "engine/device/x.c:2"),
    ("check_rooms", {"engine/runtime/x.c": HEAD + '#include "engine/document/document.h"\n'}, "engine/runtime/x.c:2"),
    ("check_rooms", {"engine/ops/x.c": HEAD + '#include "engine/engine.h"\n'}, "engine/ops/x.c:2"),
    ("check_rooms", {"engine/ops/x.c": HEAD + '#include "engine/device/cuda/launch.h"\n'}, "engine/ops/x.c:2"),
    ("check_rooms", {"engine/engine.c": HEAD + '#include "engine/device/cuda/launch.h"\n'}, "engine/engine.c:2"),
    ("check_rooms", {"engine/device/cuda/x.c": HEAD + '#include "engine/graph/node.h"\n'}, "engine/device/cuda/x.c:2"),
    ("check_rooms", {"engine/train/x.c": HEAD + '#include "app/model/run.h"\n'}, "engine/train/x.c:2"),
    ("check_rooms", {"engine/attic/x.c": HEAD}, "engine/attic/x.c:1"),
    ("check_rooms", {"engine/train/x.c": HEAD + '#include "engine/attic/x.h"\n'}, "engine/train/x.c:2"),
    ("check_rooms", {"engine/base/x.c": HEAD + '#include "error.h"\n'}, "engine/base/x.c:2"),
    ("check_rooms", {"engine/base/x.c": HEAD + '#include <engine/base/error.h>\n'}, "engine/base/x.c:2"),
    ("check_rooms", {"engine/base/x.c": HEAD + '#include "tests/support/x.h"\n'}, "engine/base/x.c:2"),
    ("check_rooms", {"widgets/paint/x.c": HEAD + '#include "widgets/charts/view.h"\n'}, "widgets/paint/x.c:2"),
    ("check_rooms", {"widgets/canvas/x.c": HEAD + '#include "engine/engine.h"\n'}, "widgets/canvas/x.c:2"),
    ("check_rooms", {"app/model/x.c": HEAD + '#include "engine/graph/graph.h"\n'}, "app/model/x.c:2"),
    ("check_rooms", {"app/model/x.c": HEAD + '#include "widgets/paint/axis.h"\n'}, "app/model/x.c:2"),
    ("check_rooms", {"app/cli/x.c": HEAD + '#include "widgets/charts/view.h"\n'}, "app/cli/x.c:2"),
    ("check_rooms", {"app/ui/x.c": HEAD + '#  include "app/cli/command.h"\n'}, "app/ui/x.c:2"),
    ("check_outside", {"widgets/paint/x.c": HEAD + "#include <gtk/gtk.h>\n"}, "widgets/paint/x.c:2"),
    ("check_outside", {"app/model/x.c": HEAD + "#include <adwaita.h>\n"}, "app/model/x.c:2"),
    ("check_outside", {"app/cli/x.c": HEAD + "#include <cairo-svg.h>\n"}, "app/cli/x.c:2"),
    ("check_outside", {"engine/base/x.c": HEAD + "#include <gio/gio.h>\n"}, "engine/base/x.c:2"),
    ("check_outside", {"engine/engine.c": HEAD + "#include <glib-object.h>\n"}, "engine/engine.c:2"),
    ("check_outside", {"engine/ops/x.c": HEAD + "#include <cblas.h>\n"}, "engine/ops/x.c:2"),
    ("check_outside", {"engine/device/x.c": HEAD + "#include <cuda_runtime.h>\n"}, "engine/device/x.c:2"),
    ("check_outside", {"engine/runtime/x.c": HEAD + "#include <mpi.h>\n"}, "engine/runtime/x.c:2"),
    ("check_private", {"engine/tensor/x.c": HEAD + '#include "engine/base/error-private.h"\n'}, "engine/tensor/x.c:2"),
    ("check_private", {"tests/engine/tensor/x.c": HEAD + '#include "engine/base/error-private.h"\n'},
     "tests/engine/tensor/x.c:2"),
    ("check_file_length", {"app/ui/x.c": HEAD + "\n" * 800}, "app/ui/x.c:801"),
    ("check_function_length", {"app/ui/x.c": HEAD + function(81)}, "app/ui/x.c:4"),
    ("check_function_length", {"tests/lint/long-functions.txt": "engine/base/long.c f 90\n"},
     "tests/lint/long-functions.txt:1"),
    ("check_function_length", {"app/ui/x.c": HEAD + function(90),
                               "tests/lint/long-functions.txt": "app/ui/x.c f 85\n"}, "app/ui/x.c:4"),
    ("check_braces", {"app/ui/x.c": HEAD + "void f (void) {\n}\n"}, "app/ui/x.c:2"),
    ("check_unfinished", {"app/ui/x.c": HEAD + f"/* {MARK}: more */\n"}, "app/ui/x.c:2"),
    ("check_white_space", {"app/ui/x.c": HEAD + "int a; \n"}, "app/ui/x.c:2"),
    ("check_white_space", {"app/ui/x.c": HEAD + "\tint a;\n"}, "app/ui/x.c:2"),
    ("check_white_space", {"app/ui/x.c": HEAD + "int a;"}, "app/ui/x.c:2"),
    ("check_pragma", {"app/ui/x.h": HEAD + "#ifndef X\n#define X\n#endif\n"}, "app/ui/x.h:1"),
    ("check_license", {"app/ui/x.c": "int a;\n"}, "app/ui/x.c:1"),
    ("check_license", {"app/run": "#!/usr/bin/env bash\necho\n"}, "app/run:1"),
    ("check_engine_calls", {"engine/base/x.c": HEAD + 'int a = printf ("x");\n'}, "engine/base/x.c:2"),
    ("check_engine_calls", {"engine/base/x.c": HEAD + 'int a = fprintf (stderr, "x");\n'}, "engine/base/x.c:2"),
    ("check_engine_calls", {"engine/base/x.c": HEAD + 'char *a = g_getenv("X");\n'}, "engine/base/x.c:2"),
    ("check_icons", {"engine/ops/x.c": HEAD + 'char *a = "op-nowhere-symbolic";\n'}, "engine/ops/x.c:2"),
    ("check_icons", {"resources/ui/x.ui": '<property name="icon-name">op-nowhere-symbolic</property>\n'},
     "resources/ui/x.ui:1"),
    ("check_icons", {"resources/icons/symbolic/op-maths-symbolic.svg": None}, "resources/icons:1"),
    ("check_icon_list", {"resources/icons/symbolic/x-symbolic.svg": "<svg/>\n"},
     "resources/icons/symbolic/x-symbolic.svg:1"),
    ("check_cuda_symbols", {"engine/ops/x.c": HEAD + 'GwOpDef d = { .cuda = "gw_cuda_none" };\n'}, "engine/ops/x.c:2"),
    ("check_cuda_symbols", {"engine/ops/x.c": HEAD + 'GwOpDef d = { .cuda = "gw_cuda_later" };\n',
                            "engine/device/cuda/k.h": HEADER + "int gw_cuda_later (void);\n"}, "engine/ops/x.c:2"),
]


def report(files):
    """{rule: [path:line, ...]} of the tree made of these files."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            if text is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
        tree = Tree(root)
        found = {rule.__name__: [f"{path}:{line}" for path, line, _ in rule(tree)] for rule in check.RULES}
        return {rule: places for rule, places in found.items() if places}


def main():
    tests = [("a clean tree passes", {}, {})]
    tests += [(f"{rule} finds {where}", plant, {rule: [where]}) for rule, plant, where in PLANTS]
    print(f"1..{len(tests) + 1}")
    failures = 0
    for number, (name, plant, expected) in enumerate(tests, 1):
        found = report({**clean_tree(), **plant})
        good = {rule: places[:1] for rule, places in found.items()} == expected
        failures += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# expected {expected}, found {found}")
    planted = {rule for rule, _, _ in PLANTS}
    unproven = [rule.__name__ for rule in check.RULES if rule.__name__ not in planted]
    failures += bool(unproven)
    print(f"{'not ok' if unproven else 'ok'} {len(tests) + 1} - every rule has a violation planted")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
