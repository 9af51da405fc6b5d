/* SPDX-License-Identifier: Apache-2.0 */
/* Where data comes from. Each source describes itself and its parameters, as ops
 * do; adding one is one `static const GwSourceDef` and its line in source.c. */
#pragma once

#include "engine/data/table.h"
#include "engine/tensor/attr.h"

G_BEGIN_DECLS

typedef enum {
  GW_SPLIT_TRAIN,
  GW_SPLIT_TEST,
} GwSplit;

typedef struct _GwSourceDef GwSourceDef;

/* `attrs` hold a checked value for each of the source's definitions, in order. */
struct _GwSourceDef {
  const char      *name;    /* stored in files: never changes */
  const char      *title, *summary;
  const GwAttrDef *attrs;

  /* The columns, without reading the data where that can be avoided; what comes
   * from a part of a file may turn out different in the whole. */
  GArray *(*columns) (const GwAttrValue *attrs, GError **error);
  /* Whether test data comes from a file of its own. */
  gboolean (*has_test) (const GwAttrValue *attrs);
  /* All the rows of a split (TRAIN: all there are, without a test file). `train`
   * is the table of TRAIN when TEST is opened, else NULL. May take seconds. */
  GwTable *(*open) (const GwAttrValue *attrs, GwSplit split, const GwTable *train, GError **error);
};

/* All of them, NULL-terminated. */
const GwSourceDef *const *gw_sources (void);
const GwSourceDef *gw_source_find (const char *name); /* NULL when there is none */

/* The sources of each file of this room. */
extern const GwSourceDef gw_source_fashion_mnist, gw_source_idx, gw_source_csv;
extern const GwSourceDef gw_source_xor, gw_source_sine, gw_source_spirals;
extern const GwSourceDef gw_source_text, gw_source_text_pairs;

G_END_DECLS
