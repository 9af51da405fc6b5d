/* SPDX-License-Identifier: Apache-2.0 */
/* Where the time of a training step goes: `gw bench --profile` and `--trace`. */
#pragma once

#include "app/cli/cli.h"

G_BEGIN_DECLS

/* Makes training steps for about `seconds`, timing every node, and prints a table of them,
 * the slowest first (with `json` a line for each). With `trace` the last of these steps are
 * written to that file, for chrome://tracing and Perfetto. */
gboolean bench_profile (GwTrainer *trainer, gboolean fixed_batch, double seconds, gboolean table, gboolean json,
                        const char *trace, GError **error);

G_END_DECLS
