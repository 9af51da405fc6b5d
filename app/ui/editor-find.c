/* SPDX-License-Identifier: Apache-2.0 */
/* The editor page's two searches: nodes of the document, and all commands. */
#include "app/ui/editor-private.h"

#include "app/model/node-query.h"
#include "app/ui/actions.h"
#include "app/ui/picker.h"
#include "widgets/forms/fuzzy.h"

static void
fill_nodes (GwEditorPage *self,
            const char   *typed,
            GwPicker     *picker)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  GwLive *live = gw_doc_model_settle (self->model);
  g_autoptr (GwNodeQuery) query = gw_node_query_new (typed);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);

      if (gw_node_query_matches (query, live, ids[i]) &&
          !gw_picker_add (picker, node->name, node->op, (guint64) ids[i]))
        return;
    }
}

static void
on_node_chosen (GwEditorPage *self,
                guint64       id)
{
  gw_editor_page_go_to (self, (int64_t) id);
  gtk_widget_grab_focus (self->canvas);
}

static void
fill_commands (GwEditorPage *self,
               const char   *typed,
               GwPicker     *picker)
{
  for (guint i = 0; i < gw_actions_length (); i++)
    {
      g_autofree char *label = gw_action_key_label (i);

      if (gw_action_name (i) != NULL &&
          (typed[0] == 0 || gw_fuzzy_score (typed, gw_action_title (i)) > 0) &&
          !gw_picker_add (picker, gw_action_title (i), label, i))
        return;
    }
}

static void
on_command_chosen (GwEditorPage *self,
                   guint64       number)
{
  gtk_widget_grab_focus (self->canvas);
  if (!gw_action_activate (GTK_WIDGET (self), (guint) number))
    gw_editor_page_message (self, "That cannot be done just now");
}

static GtkWidget *
make_picker (GwEditorPage *self,
             const char   *placeholder,
             GCallback     fill,
             GCallback     chosen)
{
  GtkWidget *picker = gw_picker_new (placeholder);

  gtk_widget_set_parent (picker, self->overlay);
  g_signal_connect_object (picker, "chosen", chosen, self, G_CONNECT_SWAPPED);
  g_signal_connect_object (picker, "fill", fill, self, G_CONNECT_SWAPPED);
  return picker;
}

void
gw_editor_page_make_find (GwEditorPage *self)
{
  self->find = make_picker (self, "Name, op:MatMul, dtype:int64, device:gpu", G_CALLBACK (fill_nodes),
                            G_CALLBACK (on_node_chosen));
  self->commands = make_picker (self, "Search all commands", G_CALLBACK (fill_commands),
                                G_CALLBACK (on_command_chosen));
}

void
gw_editor_page_find (GwEditorPage *self)
{
  gw_picker_open (GW_PICKER (self->find));
}

void
gw_editor_page_search_commands (GwEditorPage *self)
{
  gw_picker_open (GW_PICKER (self->commands));
}
