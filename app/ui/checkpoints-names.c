/* SPDX-License-Identifier: Apache-2.0 */
/* Names and sums that the Checkpoints page needs. */
#include "app/ui/checkpoints-private.h"

int
gw_checkpoints_find_text (const GPtrArray *texts,
                          const char      *text)
{
  for (guint i = 0; text != NULL && i < texts->len; i++)
    if (g_strcmp0 (g_ptr_array_index (texts, i), text) == 0)
      return (int) i;
  return -1;
}

void
gw_checkpoints_document_names (GwDocModel *model,
                               char     ***trainable,
                               char     ***known)
{
  const GPtrArray *variables = gw_live_variables (gw_doc_model_get_live (model));
  GStrvBuilder *first = g_strv_builder_new (), *second = g_strv_builder_new ();

  for (guint i = 0; i < variables->len; i++)
    {
      const GwLiveVariable *variable = g_ptr_array_index (variables, i);

      g_strv_builder_add (second, variable->name);
      if (variable->trainable)
        g_strv_builder_add (first, variable->name);
    }
  *trainable = g_strv_builder_end (first);
  *known = g_strv_builder_end (second);
  g_strv_builder_unref (first);
  g_strv_builder_unref (second);
}

const char *
gw_checkpoints_best_variable (GListModel *rows)
{
  const char *name = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GwVariableRow) row = g_list_model_get_item (rows, i);

      if (row->kind == GW_VARIABLE_TRAINABLE && row->shape.rank >= 2)
        return row->name;
      if (name == NULL || row->kind == GW_VARIABLE_TRAINABLE)
        name = row->name;
    }
  return name;
}

void
gw_checkpoints_page_show_summary (GwCheckpointsPage *self)
{
  guint n = self->list != NULL ? self->list->items->len : 0;
  guint64 bytes = 0;
  g_autofree char *size = NULL, *text = NULL;

  for (guint i = 0; i < n; i++)
    bytes += (guint64) ((const GwCheckpointItem *) g_ptr_array_index (self->list->items, i))->bytes;
  size = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
  text = g_strdup_printf ("%u checkpoint%s, %s", n, n == 1 ? "" : "s", size);
  gtk_label_set_label (GTK_LABEL (self->summary), text);
}
