/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/run-log-facts.h"

#include "app/model/background.h"

#include <string.h>

#define NOT_THERE "–"

static void
difference_free (gpointer data)
{
  GwRunDifference *difference = data;

  g_free (difference->where);
  g_free (difference->what);
  g_free (difference->mine);
  g_free (difference->theirs);
  g_free (difference);
}

void
gw_run_facts_free (GwRunFacts *facts)
{
  if (facts == NULL)
    return;
  g_clear_pointer (&facts->differences, g_ptr_array_unref);
  g_free (facts);
}

/* Adds a row when the two texts differ (NULL = not there). */
static void
compare (GPtrArray  *list,
         const char *where,
         const char *what,
         const char *mine,
         const char *theirs)
{
  GwRunDifference *difference;

  if (g_strcmp0 (mine, theirs) == 0)
    return;
  difference = g_new0 (GwRunDifference, 1);
  difference->where = g_strdup (where);
  difference->what = g_strdup (what);
  difference->mine = g_strdup (mine != NULL ? mine : NOT_THERE);
  difference->theirs = g_strdup (theirs != NULL ? theirs : NOT_THERE);
  g_ptr_array_add (list, difference);
}

/* Takes both values. */
static void
compare_values (GPtrArray   *list,
                const char  *where,
                const char  *what,
                GwAttrValue *mine,
                GwAttrValue *theirs)
{
  gboolean are_equal = mine != NULL && theirs != NULL && gw_attr_value_equal (mine, theirs);
  g_autofree char *a = mine != NULL && !are_equal ? gw_attr_to_string (mine) : NULL;
  g_autofree char *b = theirs != NULL && !are_equal ? gw_attr_to_string (theirs) : NULL;

  compare (list, where, what, a, b);
  if (mine != NULL)
    gw_attr_value_clear (mine);
  if (theirs != NULL)
    gw_attr_value_clear (theirs);
}

/* ---- settings ---- */

static void
compare_training (GPtrArray        *list,
                  const GwDocument *mine,
                  const GwDocument *theirs)
{
  for (const GwAttrDef *def = gw_training_attrs (); def->name != NULL; def++)
    {
      GwAttrValue a, b;
      gboolean has_a = gw_training_setting (gw_document_settings (mine), def->name, &a);
      gboolean has_b = gw_training_setting (gw_document_settings (theirs), def->name, &b);

      compare_values (list, "training", def->name, has_a ? &a : NULL, has_b ? &b : NULL);
    }
}

static void
compare_pipeline_values (GPtrArray         *list,
                         const GwAttrDef   *defs,
                         const GwAttrValue *mine,
                         const GwAttrValue *theirs)
{
  for (int i = 0; i < gw_attr_defs_length (defs); i++)
    {
      g_autofree char *a = gw_attr_to_string (&mine[i]);
      g_autofree char *b = gw_attr_to_string (&theirs[i]);

      compare (list, "data", defs[i].name, a, b);
    }
}

static void
compare_data (GPtrArray        *list,
              const GwDocument *mine,
              const GwDocument *theirs)
{
  const GwPipelineDef *a = gw_document_settings (mine)->pipeline;
  const GwPipelineDef *b = gw_document_settings (theirs)->pipeline;

  compare (list, "data", "source", a != NULL ? a->source->name : NULL, b != NULL ? b->source->name : NULL);
  if (a == NULL || b == NULL)
    return;
  compare_pipeline_values (list, gw_pipeline_attrs, a->attrs, b->attrs);
  if (a->source == b->source)
    compare_pipeline_values (list, a->source->attrs, a->source_attrs, b->source_attrs);
}

/* ---- nodes ---- */

static char *
input_text (const GwDocument *document,
            const GwDocInput *input)
{
  const GwDocNode *from = input != NULL && input->from != 0 ? gw_document_node (document, input->from) : NULL;

  if (from != NULL)
    return input->output == 0 ? g_strdup (from->name) : g_strdup_printf ("%s:%d", from->name, input->output);
  return input != NULL ? g_strdup (input->literal) : NULL;
}

static void
compare_input (GPtrArray        *list,
               const GwDocument *mine,
               const GwDocNode  *a,
               const GwDocument *theirs,
               const GwDocNode  *b,
               const GwDocInput *input)
{
  g_autofree char *text_a = input_text (mine, gw_doc_node_input (a, input->port, input->index));
  g_autofree char *text_b = input_text (theirs, gw_doc_node_input (b, input->port, input->index));

  compare (list, a->name, input->port, text_a, text_b);
}

static void
compare_inputs (GPtrArray        *list,
                const GwDocument *mine,
                const GwDocNode  *a,
                const GwDocument *theirs,
                const GwDocNode  *b)
{
  for (guint i = 0; i < a->inputs->len; i++)
    compare_input (list, mine, a, theirs, b, &g_array_index (a->inputs, GwDocInput, i));
  for (guint i = 0; i < b->inputs->len; i++)
    {
      const GwDocInput *input = &g_array_index (b->inputs, GwDocInput, i);

      if (gw_doc_node_input (a, input->port, input->index) == NULL)
        compare_input (list, mine, a, theirs, b, input);
    }
}

static void
compare_attr (GPtrArray       *list,
              const GwDocNode *a,
              const GwDocNode *b,
              const char      *name)
{
  GwAttrValue value_a, value_b;
  gboolean has_a = gw_doc_node_attr (a, name, &value_a);
  gboolean has_b = gw_doc_node_attr (b, name, &value_b);

  compare_values (list, a->name, name, has_a ? &value_a : NULL, has_b ? &value_b : NULL);
}

static void
compare_attrs (GPtrArray       *list,
               const GwDocNode *a,
               const GwDocNode *b)
{
  for (guint i = 0; i < a->attrs->len; i++)
    compare_attr (list, a, b, g_array_index (a->attrs, GwNamedAttr, i).name);
  for (guint i = 0; i < b->attrs->len; i++)
    {
      const char *name = g_array_index (b->attrs, GwNamedAttr, i).name;

      if (gw_named_attrs_get (a->attrs, name) == NULL)
        compare_attr (list, a, b, name);
    }
}

static void
compare_node (GPtrArray        *list,
              const GwDocument *mine,
              const GwDocNode  *a,
              const GwDocument *theirs,
              const GwDocNode  *b)
{
  static const struct { GwDocNodeFlags flag; const char *name; } flags[] = {
    { GW_DOC_MUTED, "muted" }, { GW_DOC_BYPASSED, "bypassed" }, { GW_DOC_REPORT, "report" },
  };

  compare (list, a->name, "op", a->op, b->op);
  if (strcmp (a->op, b->op) != 0)
    return;
  compare_attrs (list, a, b);
  compare_inputs (list, mine, a, theirs, b);
  compare (list, a->name, "device", a->device, b->device);
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    compare (list, a->name, flags[i].name, (a->flags & flags[i].flag) != 0 ? "yes" : "no",
             (b->flags & flags[i].flag) != 0 ? "yes" : "no");
}

GPtrArray *
gw_document_differences (const GwDocument *mine,
                         const GwDocument *theirs)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (difference_free);
  int n;
  const int64_t *ids = gw_document_ids (mine, GW_ITEM_NODE, &n);

  compare_training (list, mine, theirs);
  compare_data (list, mine, theirs);
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *a = gw_document_node (mine, ids[i]);
      const GwDocNode *b = gw_document_node (theirs, gw_document_find (theirs, a->name));

      if (b != NULL)
        compare_node (list, mine, a, theirs, b);
      else
        compare (list, a->name, "", a->op, NULL);
    }
  ids = gw_document_ids (theirs, GW_ITEM_NODE, &n);
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *b = gw_document_node (theirs, ids[i]);

      if (gw_document_find (mine, b->name) == 0)
        compare (list, b->name, "", NULL, b->op);
    }
  return list;
}

/* ---- loading ---- */

static gint64
count_parameters (const GwDocument *document)
{
  GwLowerOptions options = { .mode = GW_MODE_TRAIN, .training = FALSE, .seed = -1 };
  g_autoptr (GwLowered) lowered = gw_lower (document, &options);
  gint64 count = 0;

  for (guint i = 0; i < lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (lowered->variables, i);
      gint64 elements = variable->trainable ? gw_shape_elements (gw_output_shape (variable->read)) : 0;

      if (elements < 0)
        return -1;
      count += elements;
    }
  return count;
}

typedef struct {
  char *path, *other_path;
} Paths;

static void
paths_free (gpointer data)
{
  Paths *paths = data;

  g_free (paths->path);
  g_free (paths->other_path);
  g_free (paths);
}

static void
load_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  const Paths *paths = data;
  GError *error = NULL;
  g_autoptr (GwDocument) mine = gw_document_load (paths->path, &error);
  g_autoptr (GwDocument) theirs = NULL;
  GwRunFacts *facts;

  if (mine == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (paths->other_path != NULL)
    theirs = gw_document_load (paths->other_path, NULL);
  facts = g_new0 (GwRunFacts, 1);
  facts->parameters = g_cancellable_is_cancelled (cancellable) ? -1 : count_parameters (mine);
  if (theirs != NULL)
    facts->differences = gw_document_differences (mine, theirs);
  g_task_return_pointer (task, facts, (GDestroyNotify) gw_run_facts_free);
}

void
gw_run_facts_load_async (const char         *path,
                         const char         *other_path,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Paths *paths = g_new0 (Paths, 1);

  paths->path = g_strdup (path);
  paths->other_path = g_strdup (other_path);
  g_task_set_task_data (task, paths, paths_free);
  gw_background_run_task (task, load_thread);
}

GwRunFacts *
gw_run_facts_load_finish (GAsyncResult *result,
                          GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
