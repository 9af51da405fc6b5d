/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in a checkpoint, alone or compared with a second one: the variables
 * with their statistics, and the whole value of one that is looked at. A worker
 * thread reads tensor by tensor; a value that was asked for goes before the
 * statistics that are left. Main thread only.
 *
 * Signals:
 *   "rows-changed"  other rows stand in the store, or opening failed
 *   "progress"      more statistics are there
 *   "value"         gw_checkpoint_store_get_value() is what was asked for */
#pragma once

#include <gio/gio.h>

#include "app/model/checkpoint-value.h"

G_BEGIN_DECLS

typedef enum {
  GW_VARIABLE_TRAINABLE,
  GW_VARIABLE_SLOT,    /* of an optimizer */
  GW_VARIABLE_OTHER,   /* counters and their like */
} GwVariableKind;

#define GW_VARIABLE_BINS 30

/* A line of the table. Read only; "changed" is emitted when the statistics came. */
#define GW_TYPE_VARIABLE_ROW (gw_variable_row_get_type ())
G_DECLARE_FINAL_TYPE (GwVariableRow, gw_variable_row, GW, VARIABLE_ROW, GObject)
struct _GwVariableRow {
  GObject        parent_instance;
  char          *name;
  GwDType        dtype;      /* of A, or of B when only B has it */
  GwShape        shape;
  int64_t        bytes;
  GwVariableKind kind;
  gboolean       in_a, in_b;
  gboolean       ready;      /* what follows is known */
  char          *problem;    /* why it could not be read, or NULL */
  GwTensorStats  stats;
  int64_t        bins[GW_VARIABLE_BINS]; /* of equal width over stats.min … stats.max */
  double         change;     /* ‖A−B‖ / ‖B‖; NaN = not compared, infinity = B is zero, A is not */
  double         scalar_b;   /* B's value of a scalar; NaN */
  gboolean       other_shape;/* A and B differ in type or shape */
};

#define GW_TYPE_CHECKPOINT_STORE (gw_checkpoint_store_get_type ())
G_DECLARE_FINAL_TYPE (GwCheckpointStore, gw_checkpoint_store, GW, CHECKPOINT_STORE, GObject)

GwCheckpointStore *gw_checkpoint_store_new (void);

/* Opens other checkpoints; NULL for none. What was being read is dropped; the selected
 * variable's value, and where they hold the same variables the rows with their figures,
 * stay until the new ones are read. `trainable`:
 * names of the document's variables that are trained, and of all, NULL-terminated;
 * others are told apart by their names. */
void gw_checkpoint_store_open (GwCheckpointStore *store, const char *a, const char *b,
                               const char *const *trainable, const char *const *known);
const char *gw_checkpoint_store_get_a (GwCheckpointStore *store);
const char *gw_checkpoint_store_get_b (GwCheckpointStore *store);

GListModel *gw_checkpoint_store_get_rows (GwCheckpointStore *store); /* of GwVariableRow, by name */
const GError *gw_checkpoint_store_get_error (GwCheckpointStore *store); /* of opening */
/* Rows whose statistics are known. */
guint gw_checkpoint_store_n_ready (GwCheckpointStore *store);

/* Reads the whole value of a variable; the one before is dropped. NULL: none. */
void gw_checkpoint_store_select (GwCheckpointStore *store, const char *name);
const char *gw_checkpoint_store_get_selected (GwCheckpointStore *store);
/* The selected variable's value; NULL when there is none (yet). Good until "value". */
const GwVariableValue *gw_checkpoint_store_get_value (GwCheckpointStore *store);
/* Why it could not be read, or NULL. */
const GError *gw_checkpoint_store_get_value_error (GwCheckpointStore *store);
gboolean gw_checkpoint_store_is_loading (GwCheckpointStore *store);

/* What of a checkpoint would go into the document's variables. */
typedef struct {
  GPtrArray *matching;  /* char *: names */
  GPtrArray *differing; /* char *: "hidden1/kernel is 784×500 here, 784×300 in the graph" */
  GPtrArray *missing;   /* char *: the graph has it, the checkpoint not */
  GPtrArray *unused;    /* char *: the checkpoint has it, the graph not */
} GwCheckpointMatch;

/* Compares names, types and shapes; `lowered` should have its training part. */
GwCheckpointMatch *gw_checkpoint_match_new (const GwCheckpoint *checkpoint, const GwLowered *lowered);
void gw_checkpoint_match_free (GwCheckpointMatch *match);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCheckpointMatch, gw_checkpoint_match_free)

/* ‖a−b‖ / ‖b‖ over all elements, 0 when both are zero; NaN for values that are no
 * numbers or of different shapes. */
double gw_tensor_change (const GwTensor *a, const GwTensor *b);
/* By the name alone: "hidden1/kernel/Adam" is a slot when "hidden1/kernel" is there. */
GwVariableKind gw_variable_kind_by_name (const char *name, GwDType dtype, GHashTable *names);

G_END_DECLS
