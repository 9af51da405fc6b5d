/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/import.h"

#include "app/model/arrange.h"

#include <string.h>

/* The kit's measures of a box, px. */
#define HEADER 38
#define ROW 20
#define BOTTOM 6
#define NARROWEST 104
#define WIDEST 248
#define LETTER 7     /* of a name, about */
#define BESIDE_NAME 46
#define SMALL_LETTER 6 /* of a row, about */
#define BESIDE_ROW 24
#define MOST_TOLD 16   /* elements of a constant */
#define CORNER 80    /* of the first box */

/* One canvas: the boxes of a group, or of the main graph. */
typedef struct {
  GwArrangement *arrangement;
  GHashTable    *places;  /* id → place in the boxes, plus one */
} Canvas;

static gpointer
id_key (int64_t id)
{
  return GSIZE_TO_POINTER ((gsize) id);
}

static void
canvas_free (Canvas *canvas)
{
  gw_arrangement_free (canvas->arrangement);
  g_hash_table_unref (canvas->places);
  g_free (canvas);
}

/* ---- ports of scopes ---- */

/* group → set of the values that cross its border, in one direction. */
static void
cross (GHashTable *ports,
       int64_t     group,
       int64_t     node,
       int         output)
{
  GHashTable *values = g_hash_table_lookup (ports, id_key (group));
  gint64 value = node * 64 + output; /* more outputs than 64 are counted together */

  if (values == NULL)
    g_hash_table_insert (ports, id_key (group),
                         values = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL));
  g_hash_table_add (values, g_memdup2 (&value, sizeof value));
}

static void
cross_border (const GwDocument *document,
              const GwDocInput *input,
              int64_t           to,
              GHashTable       *inwards,
              GHashTable       *outwards)
{
  for (int64_t group = gw_document_owner (document, to); group != 0; group = gw_document_owner (document, group))
    if (input->from != 0 && !gw_document_is_inside (document, input->from, group))
      cross (inwards, group, input->from, input->output);
  for (int64_t group = gw_document_owner (document, input->from); group != 0; group = gw_document_owner (document, group))
    if (!gw_document_is_inside (document, to, group))
      cross (outwards, group, input->from, input->output);
}

static guint
n_values (GHashTable *ports,
          int64_t     group)
{
  GHashTable *values = g_hash_table_lookup (ports, id_key (group));

  return values != NULL ? g_hash_table_size (values) : 0;
}

/* What nobody takes is a port of the scope as well. */
static void
cross_unused (const GwDocument *document,
              GHashTable       *used,
              GHashTable       *outwards,
              int64_t           id)
{
  const GwOpDef *op = gw_registry_find (gw_document_node (document, id)->op);

  if (g_hash_table_contains (used, id_key (id)) || op == NULL)
    return;
  for (int64_t group = gw_document_owner (document, id); group != 0; group = gw_document_owner (document, group))
    for (int i = 0; i < gw_ports_length (op->outputs); i++)
      cross (outwards, group, id, i);
}

static void
count_ports (const GwDocument *document,
             GHashTable       *inwards,
             GHashTable       *outwards)
{
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GArray *inputs = gw_document_node (document, ids[i])->inputs;

      for (guint k = 0; k < inputs->len; k++)
        {
          const GwDocInput *input = &g_array_index (inputs, GwDocInput, k);

          g_hash_table_add (used, id_key (input->from));
          cross_border (document, input, ids[i], inwards, outwards);
        }
    }
  for (int i = 0; i < n; i++)
    cross_unused (document, used, outwards, ids[i]);
}

/* ---- boxes ---- */

static double
width_of (const char *name,
          const char *below)
{
  glong letters = MAX (g_utf8_strlen (name, -1), g_utf8_strlen (below, -1));
  double width = (double) ((letters * LETTER + BESIDE_NAME + 7) / 8 * 8);

  return CLAMP (width, NARROWEST, WIDEST);
}

/* A constant shows its numbers. */
static double
value_width (const GwDocNode *node)
{
  const GwAttrValue *value = gw_named_attrs_get (node->attrs, "value");
  g_autofree char *text = value != NULL ? gw_attr_to_label (value, MOST_TOLD) : NULL;

  return text != NULL ? MIN ((double) g_utf8_strlen (text, -1) * SMALL_LETTER + BESIDE_ROW, WIDEST) : 0;
}

static Canvas *
canvas_of (GHashTable *canvases,
           int64_t     owner)
{
  Canvas *canvas = g_hash_table_lookup (canvases, id_key (owner));

  if (canvas == NULL)
    {
      canvas = g_new0 (Canvas, 1);
      canvas->arrangement = gw_arrangement_new ();
      canvas->arrangement->left = canvas->arrangement->top = CORNER;
      canvas->places = g_hash_table_new (NULL, NULL);
      g_hash_table_insert (canvases, id_key (owner), canvas);
    }
  return canvas;
}

static void
add_box (GHashTable *canvases,
         int64_t     owner,
         int64_t     id,
         double      width,
         guint       rows)
{
  Canvas *canvas = canvas_of (canvases, owner);
  GwArrangeBox box = { id, 0, 0, width, HEADER + ROW * (double) rows + BOTTOM };

  g_array_append_val (canvas->arrangement->boxes, box);
  g_hash_table_insert (canvas->places, id_key (id), GUINT_TO_POINTER (canvas->arrangement->boxes->len));
}

static void
add_boxes (const GwDocument *document,
           GHashTable       *canvases)
{
  g_autoptr (GHashTable) inwards = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_hash_table_unref);
  g_autoptr (GHashTable) outwards = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_hash_table_unref);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  count_ports (document, inwards, outwards);
  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);
      const GwOpDef *op = gw_registry_find (node->op);
      guint outputs = op != NULL ? (guint) gw_ports_length (op->outputs) : 1u;

      add_box (canvases, gw_document_owner (document, ids[i]), ids[i],
               MAX (width_of (gw_document_leaf_name (document, ids[i]), node->op), value_width (node)), MAX (node->inputs->len, outputs) + 1);
    }
  ids = gw_document_ids (document, GW_ITEM_GROUP, &n);
  for (int i = 0; i < n; i++)
    {
      const GwDocGroup *group = gw_document_group (document, ids[i]);

      if (group->kind == GW_GROUP_SCOPE)
        add_box (canvases, gw_document_owner (document, ids[i]), ids[i], WIDEST,
                 MAX (n_values (inwards, ids[i]), n_values (outwards, ids[i])) + 1);
    }
}

/* ---- links ---- */

/* The item and the groups around it, innermost first; at most `most`. */
static int
chain_of (const GwDocument *document,
          int64_t           id,
          int64_t          *chain,
          int               most)
{
  int n = 0;

  for (; id != 0 && n < most; id = gw_document_owner (document, id))
    chain[n++] = id;
  return n;
}

/* A link on the one canvas where both ends, or the boxes that they are in, stand beside
 * each other. */
static void
add_link (const GwDocument *document,
          GHashTable       *canvases,
          int64_t           from,
          int               output,
          int64_t           to,
          int               input)
{
  int64_t sources[GW_MAX_DEPTH + 2], targets[GW_MAX_DEPTH + 2];
  int n_sources = chain_of (document, from, sources, GW_MAX_DEPTH + 2);
  int n_targets = chain_of (document, to, targets, GW_MAX_DEPTH + 2);
  GwArrangeLink link = { 0 };
  Canvas *canvas;

  while (n_sources > 1 && n_targets > 1 && sources[n_sources - 1] == targets[n_targets - 1])
    {
      n_sources--;
      n_targets--;
    }
  if (n_sources == 0 || n_targets == 0 || sources[n_sources - 1] == targets[n_targets - 1])
    return;
  canvas = canvas_of (canvases, gw_document_owner (document, sources[n_sources - 1]));
  link.from = (int) GPOINTER_TO_UINT (g_hash_table_lookup (canvas->places, id_key (sources[n_sources - 1]))) - 1;
  link.to = (int) GPOINTER_TO_UINT (g_hash_table_lookup (canvas->places, id_key (targets[n_targets - 1]))) - 1;
  link.from_port = output;
  link.to_port = input;
  link.from_y = HEADER + ROW * (output + 0.5);
  link.to_y = HEADER + ROW * (input + 0.5);
  if (link.from >= 0 && link.to >= 0)
    g_array_append_val (canvas->arrangement->links, link);
}

static void
add_links (const GwDocument *document,
           GHashTable       *canvases)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);

      for (guint k = 0; k < node->inputs->len; k++)
        {
          const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, k);

          add_link (document, canvases, input->from, input->output, ids[i], (int) k);
        }
      for (guint k = 0; k < node->controls->len; k++)
        add_link (document, canvases, g_array_index (node->controls, int64_t, k), 0, ids[i], 0);
    }
}

void
gw_import_lay_out (GwDocument   *document,
                   GCancellable *cancellable)
{
  g_autoptr (GHashTable) canvases = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) canvas_free);
  GHashTableIter iter;
  gpointer value;

  add_boxes (document, canvases);
  add_links (document, canvases);
  g_hash_table_iter_init (&iter, canvases);
  while (g_hash_table_iter_next (&iter, NULL, &value) && !g_cancellable_is_cancelled (cancellable))
    {
      Canvas *canvas = value;
      g_autoptr (GwEdit) edit = NULL;

      canvas->arrangement->cancellable = cancellable;
      gw_arrangement_layers (canvas->arrangement);
      edit = gw_arrangement_edit (canvas->arrangement, document);
      gw_document_apply (document, edit);
    }
}

/* ---- files ---- */

gboolean
gw_import_is_graph (const char *path)
{
  g_autofree char *inside = g_build_filename (path, "saved_model.pb", NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR) ? g_file_test (inside, G_FILE_TEST_EXISTS) : gw_graph_file_is_name (path);
}

/* A document that carries its layout has boxes at more than one place. */
static gboolean
is_laid_out (const GwDocument *document)
{
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    if (gw_document_node (document, ids[i])->x != 0 || gw_document_node (document, ids[i])->y != 0)
      return TRUE;
  return FALSE;
}

GwDocument *
gw_import_graph (const char   *path,
                 GPtrArray    *notes,
                 GCancellable *cancellable,
                 GError      **error)
{
  g_autoptr (GBytes) graph = gw_graph_file_load (path, NULL, error);
  g_autoptr (GwDocument) document = NULL;

  if (graph == NULL)
    return NULL;
  document = gw_document_from_graph_def (g_bytes_get_data (graph, NULL), g_bytes_get_size (graph), notes, error);
  if (document != NULL && !is_laid_out (document))
    gw_import_lay_out (document, cancellable);
  if (document != NULL && g_cancellable_is_cancelled (cancellable))
    {
      g_set_error_literal (error, GW_ERROR, GW_ERROR_CANCELLED, "the import was cancelled");
      return NULL;
    }
  return g_steal_pointer (&document);
}
