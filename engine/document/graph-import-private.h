/* SPDX-License-Identifier: Apache-2.0 */
/* A GraphDef while it becomes a document. */
#pragma once

#include "engine/document/graph-import.h"
#include "engine/files/proto/graph.pb-c.h"

G_BEGIN_DECLS

/* A node of the file. Its item is made, filled, and then either put into the document or
 * left out because something else says the same. */
typedef struct {
  const Gw__NodeDef *def;
  const GwOpDef     *op;      /* NULL = not one of ours */
  GwItem            *item;
  gboolean           folded;  /* left out */
} GwImportNode;

/* The graph itself or the body of a function. */
typedef struct {
  GPtrArray  *nodes;   /* of GwImportNode */
  GHashTable *names;   /* name in the file → GwImportNode */
  GHashTable *by_id;   /* document id → GwImportNode */
  int64_t     owner;   /* the sub-graph, 0 = the main graph */
  char       *prefix;  /* what names get before them: "body/", or "" */
} GwImportBody;

typedef struct {
  GwDocument *document;
  GwEdit     *edit;
  GHashTable *functions; /* name in the file → id of the sub-graph */
  GHashTable *taken;     /* set of char *: names of the document's nodes so far, and all of the main graph */
  GPtrArray  *notes;     /* of char *, or NULL */
} GwImport;

const Gw__AttrValue *gw_import_attr (const Gw__NodeDef *def, const char *name);
void gw_import_note (GwImport *import, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Takes over what the file sets. */
void gw_import_attrs (GwImport *import, GwImportNode *node);

/* Variables whose first value is one of our initializers: it becomes an attribute, the
 * nodes that made it are folded, and what read the variable through its own Identity
 * reads it directly. */
void gw_import_fold_variables (GwImport *import, GwImportBody *body);
/* Groups for the name scopes of what is left. */
void gw_import_scopes (GwImport *import, GwImportBody *body);

G_END_DECLS
