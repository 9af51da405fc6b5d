/* SPDX-License-Identifier: Apache-2.0 */
/* The document's nodes so that inputs come before those who take them; what stands at
 * an input; cycles. */
#include "engine/document/functions-private.h"

#include "engine/base/error.h"
#include "engine/document/composite-own.h"
#include "engine/document/variable-scopes.h"
#include "engine/graph/registry.h"

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

const GwPortDef *
gw_lowering_find_port (const GwOpDef *def,
                       const char    *name)
{
  for (const GwPortDef *port = def != NULL ? def->inputs : NULL; port != NULL && port->name != NULL; port++)
    if (g_str_equal (port->name, name))
      return port;
  return NULL;
}

int64_t
gw_lowering_source (const GwDocument *document,
                    const GwOpDef    *def,
                    const GwDocInput *input,
                    int              *output)
{
  const GwPortDef *port = gw_lowering_find_port (def, input->port);

  *output = input->output;
  if (input->from != 0)
    return gw_document_node (document, input->from) != NULL ? input->from : 0;
  return port != NULL && port->is_ref ? gw_document_find (document, input->literal) : 0;
}

/* A composite of the user's own waits for all that is in its definition. */
static void
add_definition (const GwDocument *document,
                const GwDocNode  *node,
                GArray           *before)
{
  int64_t group = gw_document_find_group (document, node->op);
  g_autoptr (GArray) content = NULL;

  if (group == 0 || gw_document_group (document, group)->kind != GW_GROUP_COMPOSITE ||
      gw_document_contains_use (document, group, group))
    return; /* what contains itself is no circle of wires: whoever expands it says so */
  content = gw_document_content (document, group, GW_ITEM_NODE);
  g_array_append_vals (before, content->data, content->len);
}

GArray *
gw_lowering_sources (const GwDocument *document,
                     const GwDocNode  *node)
{
  GArray *before = g_array_new (FALSE, FALSE, sizeof (int64_t));
  const GwOpDef *def = gw_registry_find (node->op);

  for (guint i = 0; i < node->inputs->len; i++)
    {
      int output;
      int64_t source = gw_lowering_source (document, def, &g_array_index (node->inputs, GwDocInput, i), &output);

      if (source != 0)
        g_array_append_val (before, source);
    }
  for (guint i = 0; i < node->controls->len; i++)
    if (gw_document_node (document, g_array_index (node->controls, int64_t, i)) != NULL)
      g_array_append_val (before, g_array_index (node->controls, int64_t, i));
  if (gw_op_calls (def))
    gw_document_called_nodes (document, node, before);
  if (def == NULL)
    add_definition (document, node, before);
  return before;
}

typedef struct {
  int64_t id;
  GArray *before;
  guint   next;
} Visit;

typedef struct {
  const GwDocument *document;
  GwLowering       *lowering;
  GHashTable       *states;   /* id → VISIT_OPEN or VISIT_DONE */
  GArray           *stack;    /* of Visit */
  int               n_cycles; /* reported so far */
  int64_t           body;     /* what stands elsewhere is visited, but not put in order */
} Sort;

enum { VISIT_OPEN = 1, VISIT_DONE };

/* Every wire that closes a cycle is one; a list of thousands helps nobody. */
#define MAX_CYCLES 20
#define MAX_NAMES 6

/* “a ← b ← c ← a”, with the middle of a long one left out. */
static char *
cycle_text (const GwDocument *document,
            guint             n,
            const int64_t    *ids)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    if (n <= MAX_NAMES || i < MAX_NAMES / 2 || i >= n - MAX_NAMES / 2)
      g_string_append_printf (text, "%s ← ", gw_document_node (document, ids[i])->name);
    else if (i == MAX_NAMES / 2)
      g_string_append_printf (text, "%u more ← ", n - MAX_NAMES / 2 * 2);
  g_string_append (text, gw_document_node (document, ids[0])->name);
  return g_string_free (text, FALSE);
}

void
gw_lowering_report_cycle (GwLowering    *lowering,
                          int64_t        blamed,
                          guint          n,
                          const int64_t *ids)
{
  const GwDocNode *node = gw_document_node (lowering->document, ids[n - 1]);
  g_autofree char *text = cycle_text (lowering->document, n, ids);
  GwProblem *problem = gw_lowering_problem (lowering, blamed, NULL,
                                            g_error_new (GW_ERROR, GW_ERROR_INVALID_ARGUMENT,
                                                         "a cycle: %s; cut one of these wires", text));
  const GwDocInput *input;
  guint wire = 0;

  while (wire < node->inputs->len && g_array_index (node->inputs, GwDocInput, wire).from != ids[0])
    wire++;
  if (wire == node->inputs->len)
    return; /* a control edge, or a name */
  input = &g_array_index (node->inputs, GwDocInput, wire);
  gw_problem_add_fix (problem, GW_FIX_DISCONNECT, ids[n - 1], input->port, NULL, 0,
                      g_strdup_printf ("Cut %s → %s", gw_document_node (lowering->document, ids[0])->name, node->name))
    ->index = input->index;
}

/* The node on top of the stack takes something from `id`, which waits for it. */
static void
report_cycle (Sort   *sort,
              int64_t id)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int64_t));
  guint first = sort->stack->len - 1;

  if (sort->n_cycles++ >= MAX_CYCLES)
    return;
  while (g_array_index (sort->stack, Visit, first).id != id)
    first--;
  for (guint i = first; i < sort->stack->len; i++)
    g_array_append_val (ids, g_array_index (sort->stack, Visit, i).id);
  gw_lowering_report_cycle (sort->lowering, id, ids->len, (const int64_t *) ids->data);
}

static int
state_of (const Sort *sort,
          int64_t     id)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (sort->states, id_key (id)));
}

static void
open_visit (Sort   *sort,
            int64_t id)
{
  Visit visit = { id, gw_lowering_sources (sort->document, gw_document_node (sort->document, id)), 0 };

  g_hash_table_insert (sort->states, id_key (id), GINT_TO_POINTER (VISIT_OPEN));
  g_array_append_val (sort->stack, visit);
}

/* Depth first without recursion: documents may be long chains. */
static void
visit_from (Sort   *sort,
            int64_t root)
{
  if (state_of (sort, root) != 0)
    return;
  open_visit (sort, root);
  while (sort->stack->len > 0)
    {
      Visit *visit = &g_array_index (sort->stack, Visit, sort->stack->len - 1);

      if (visit->next < visit->before->len)
        {
          int64_t id = g_array_index (visit->before, int64_t, visit->next++);
          int state = state_of (sort, id);

          if (state == 0)
            open_visit (sort, id);
          else if (state == VISIT_OPEN)
            report_cycle (sort, id);
          continue;
        }
      if (sort->body == GW_ALL_BODIES || gw_document_body (sort->document, visit->id) == sort->body)
        g_array_append_val (sort->lowering->order, visit->id);
      g_hash_table_insert (sort->states, id_key (visit->id), GINT_TO_POINTER (VISIT_DONE));
      g_array_unref (visit->before);
      g_array_set_size (sort->stack, sort->stack->len - 1);
    }
}

void
gw_lowering_sort (GwLowering *lowering,
                  int64_t     body)
{
  g_autoptr (GHashTable) states = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Visit));
  g_autoptr (GArray) makers = gw_variable_scope_layers (lowering->document);
  Sort sort = { lowering->document, lowering, states, stack, 0, body };
  int n;
  const int64_t *ids = gw_document_ids (lowering->document, GW_ITEM_NODE, &n);

  for (guint i = 0; i < makers->len; i++)
    if (body == GW_ALL_BODIES || gw_document_body (lowering->document, g_array_index (makers, int64_t, i)) == body)
      visit_from (&sort, g_array_index (makers, int64_t, i));
  for (int i = 0; i < n; i++)
    if (body == GW_ALL_BODIES || gw_document_body (lowering->document, ids[i]) == body)
      visit_from (&sort, ids[i]);
}
