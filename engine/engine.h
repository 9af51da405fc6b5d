/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: the only header of it that programs include.
 *
 * Conventions, which no other header repeats:
 *
 * 1. What can fail for reasons outside of the program takes `GError **error` last and
 *    returns gboolean, a pointer (NULL) or -1.
 * 2. One error domain, GW_ERROR, with ten codes named after TensorFlow's.
 * 3. An error knows the node in which it arose: gw_error_get_node().
 * 4. Mistakes of the programmer are assertions; what users make never meets one.
 * 5. Big memory may fail: RESOURCE_EXHAUSTED, not an abort.
 * 6. A kernel checks everything first, then computes. Nothing jumps out of a loop.
 * 7. gw_x_new / ref / unref (or free); what a function returns is the caller's unless
 *    its comment says “owned by” or “borrowed”; arguments are borrowed unless it says
 *    “takes”. g_autoptr works for every type.
 * 8. Objects belong to one thread at a time unless the comment says “any thread”.
 * 9. The engine prints nothing, reads no environment, ends no program and needs no
 *    main loop. */
#pragma once

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/random.h"
#include "engine/base/workers.h"
#include "engine/data/iterator.h"
#include "engine/data/preview.h"
#include "engine/document/composite-apart.h"
#include "engine/document/composite-edits.h"
#include "engine/document/costs.h"
#include "engine/document/document.h"
#include "engine/document/example.h"
#include "engine/document/graph-import.h"
#include "engine/document/live.h"
#include "engine/document/lower.h"
#include "engine/files/atomic-file.h"
#include "engine/files/checkpoint-state.h"
#include "engine/files/checkpoint.h"
#include "engine/files/event-file.h"
#include "engine/files/graph-file.h"
#include "engine/files/npy.h"
#include "engine/graph/describe.h"
#include "engine/graph/graph-pb.h"
#include "engine/graph/registry.h"
#include "engine/runtime/session.h"
#include "engine/tensor/stats.h"
#include "engine/tensor/text.h"
#include "engine/train/run-folder.h"
#include "engine/train/text-model.h"
#include "engine/train/trainer.h"

G_BEGIN_DECLS

/* Registers the ops, once; further calls do nothing. Call before anything else, from
 * any thread. */
void gw_init (void);

/* "0.1.0" */
const char *gw_version (void);

G_END_DECLS
