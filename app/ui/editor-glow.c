/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluate here glows: what is computed lights up in the order that it runs in, each node
 * after all that it needs. The last ones stay lit until the value is there. Where the
 * desktop wants no animations, all of it is lit until then and nothing moves. */
#include "app/ui/editor-private.h"

#define TICK 50            /* ms, as all times here */
#define DECAY 400
#define LEAST_SWEEP 250
#define MOST_SWEEP 1000
#define EACH_RANK 60

static int
highest_rank (const GArray *steps)
{
  int highest = 0;

  for (guint i = 0; i < steps->len; i++)
    highest = MAX (highest, g_array_index (steps, GwValueStep, i).rank);
  return highest;
}

static gboolean
is_animated (GwEditorPage *self)
{
  gboolean animate = TRUE;

  g_object_get (gtk_widget_get_settings (self->canvas), "gtk-enable-animations", &animate, NULL);
  return animate;
}

/* The nodes that are lit that long after the beginning; NULL = it is over. */
static GHashTable *
lit_nodes (const GArray *steps,
           gint64        elapsed,
           gboolean      pending,
           gboolean      animate)
{
  int highest = highest_rank (steps);
  gint64 sweep = CLAMP ((highest + 1) * EACH_RANK, LEAST_SWEEP, MOST_SWEEP);
  GHashTable *lit;

  if (!pending && (!animate || elapsed >= sweep + DECAY))
    return NULL;
  lit = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < steps->len; i++)
    {
      const GwValueStep *step = &g_array_index (steps, GwValueStep, i);
      gint64 begin = sweep * step->rank / (highest + 1);
      gboolean waits = pending && step->rank == highest;

      if (!animate || (elapsed >= begin && (waits || elapsed < begin + DECAY)))
        g_hash_table_add (lit, GSIZE_TO_POINTER ((gsize) step->node));
    }
  return lit;
}

static gboolean
glow_cb (gpointer data)
{
  GwEditorPage *self = data;
  g_autoptr (GArray) pending = gw_values_get_pending (self->values);
  g_autoptr (GHashTable) lit = lit_nodes (self->glow, (g_get_monotonic_time () - self->glow_start) / 1000, pending != NULL,
                                          is_animated (self));

  gw_canvas_adapter_set_running (self->adapter, lit);
  if (lit != NULL)
    return G_SOURCE_CONTINUE;
  self->glow_timeout = 0;
  return G_SOURCE_REMOVE;
}

static void
on_asked (GwEditorPage *self)
{
  GArray *pending = gw_values_get_pending (self->values);

  if (pending == NULL)
    return;
  g_clear_pointer (&self->glow, g_array_unref);
  self->glow = pending;
  self->glow_start = g_get_monotonic_time ();
  if (self->glow_timeout == 0)
    self->glow_timeout = g_timeout_add (TICK, glow_cb, self);
  glow_cb (self);
}

void
gw_editor_page_make_glow (GwEditorPage *self)
{
  g_signal_connect_object (self->values, "asked", G_CALLBACK (on_asked), self, G_CONNECT_SWAPPED);
}

void
gw_editor_page_stop_glow (GwEditorPage *self)
{
  g_clear_handle_id (&self->glow_timeout, g_source_remove);
  g_clear_pointer (&self->glow, g_array_unref);
}
