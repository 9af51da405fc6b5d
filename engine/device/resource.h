/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives a step: the variables of a session, by name. One store belongs
 * to one session and is used by one thread at a time. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

typedef struct {
  char     *name;
  GwTensor *tensor;      /* allocated with the variable; its address never changes */
  gboolean  initialized; /* set by the first Assign */
  gboolean  has_handle;  /* graphs get at it by a handle (VarHandleOp): for messages */
  GwDType   key_dtype;   /* of a lookup table, whose tensor is a variant with what it holds; else GW_DTYPE_INVALID */
  GwDType   value_dtype;
  gboolean  changes;     /* a table that may be changed after it was filled */
} GwVariable;

typedef struct _GwResources GwResources;

GwResources *gw_resources_new (void);
void gw_resources_free (GwResources *resources);

/* The variable called `name`, created uninitialised on first use. INVALID_ARGUMENT
 * when it exists with another dtype or shape or `shape` is not fully known,
 * RESOURCE_EXHAUSTED when there is no memory. Owned by the store. */
GwVariable *gw_resources_variable (GwResources *resources, const char *name, GwDType dtype,
                                   const GwShape *shape, GError **error);
/* NULL when there is none of that name. */
GwVariable *gw_resources_lookup (GwResources *resources, const char *name);

/* All variables, sorted by name; an array of GwVariable, free with g_ptr_array_unref(). */
GPtrArray *gw_resources_list (GwResources *resources);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwResources, gw_resources_free)

G_END_DECLS
