/* SPDX-License-Identifier: Apache-2.0 */
/* Making composites of one's own from a selection, and carrying them between documents. */
#pragma once

#include "engine/document/composite-own.h"
#include "engine/document/live.h"

G_BEGIN_DECLS

/* A port that the new composite gets. */
typedef struct {
  char    *name;    /* unique among those of its side */
  int64_t  node;    /* output: of the node inside; input: of the source outside, 0 = not wired */
  int      output;
  GwDType  dtype;   /* INVALID = not known */
  GwShape  shape;
  GArray  *ends;    /* of an input: GwDraftEnd that take it */
} GwDraftPort;

typedef struct {
  int64_t node;
  char   *port;
  int     index;
} GwDraftEnd;

/* An attribute that can be given to the box. */
typedef struct {
  gboolean chosen;
  int64_t  node;
  char    *attr;
  char    *name;    /* on the box */
  char    *help;    /* or NULL */
} GwDraftParam;

/* What a selection would become; names, order and what is chosen may be changed before it
 * is made. */
typedef struct {
  char      *name;
  char      *category; /* or NULL */
  char      *summary;  /* or NULL */
  GPtrArray *inputs;   /* of GwDraftPort */
  GPtrArray *outputs;
  GPtrArray *params;   /* of GwDraftParam: of every node that is selected */
  GArray    *members;  /* of int64_t: nodes, frames and scopes of one canvas */
} GwCompositeDraft;

/* Finds the ports: a wire that comes from outside, or an input that must be wired and is
 * not, is an input; an output that something outside takes, or nothing, is an output, the
 * loss first. Refused in words: nothing selected, a placeholder, a variable or shared
 * weights on the other side of the border. `live` tells types and shapes. */
GwCompositeDraft *gw_composite_draft_new (const GwDocument *document, const GwLive *live, const int64_t *ids, int n,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void gw_composite_draft_free (GwCompositeDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwCompositeDraft, gw_composite_draft_free)

/* Whether an op of the document could be called so; the error says why not. */
gboolean gw_document_check_op_name (const GwDocument *document, const char *name, GError **error);

/* Makes the definition, with what was selected in it, and a node that uses it in its place;
 * *use gets its id. */
GwEdit *gw_edit_make_composite (GwDocument *document, const GwCompositeDraft *draft, int64_t *use, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* Inputs of uses follow the new name of an `_Arg`. */
void gw_edit_follow_port (GwEdit *edit, const GwDocument *document, int64_t argument, const char *name);

/* ---- between documents ---- */

/* A document of the definition alone, with those that it uses. */
GwDocument *gw_document_extract_composite (const GwDocument *document, int64_t group);
/* Brings the definition called `name` of `library`, with those that it uses and that are not
 * there yet, into the document; in place of the one of that name, if it is there. */
GwEdit *gw_edit_take_composite (GwDocument *document, const GwDocument *library, const char *name, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
