/* SPDX-License-Identifier: Apache-2.0 */
/* What the canvas watches while a run goes: every needed output for its figures, those
 * with the eye for their histogram, breakpoints at every step. */
#include "app/ui/canvas-adapter-private.h"

#include "app/model/breakpoints.h"
#include "app/model/targets.h"

#include <math.h>

#define SHELF_BINS 30

void
gw_canvas_adapter_watch_all (GwCanvasAdapter *self)
{
  GwDocument *document = gw_doc_model_get_document (self->model);
  GwLive *live = gw_doc_model_get_live (self->model);
  g_autoptr (GHashTable) needed = gw_document_needed (document);
  g_autoptr (GArray) watches = gw_document_breakpoints (document); /* what stands first is never left out */
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwOutputFacts *facts = gw_live_output (live, ids[i], 0);
      GwDocNodeFlags flags = gw_document_node (document, ids[i])->flags;
      gboolean watched = (flags & GW_DOC_WATCHED) != 0;
      GwWatch watch = { .node = ids[i], .kind = watched ? GW_WATCH_HISTOGRAM : GW_WATCH_STATS, .per_second = 4 };

      if ((flags & (GW_DOC_BREAK | GW_DOC_BREAK_OFF)) != GW_DOC_BREAK && facts != NULL &&
          (watched ? gw_dtype_is_numeric (facts->dtype) : gw_dtype_is_floating (facts->dtype)) &&
          g_hash_table_contains (needed, &ids[i]))
        g_array_append_val (watches, watch);
    }
  gw_run_set_watches (self->run, (const GwWatch *) (gpointer) watches->data, (int) watches->len);
}

/* What of a node matters to the list above. */
static guint
watch_state (const GwDocNode *node)
{
  const GwAttrValue *when = node != NULL ? gw_named_attrs_get (node->attrs, "_break") : NULL;
  guint flags = node != NULL ? node->flags & (GW_DOC_WATCHED | GW_DOC_BREAK | GW_DOC_BREAK_OFF) : 0;

  return flags == 0 || when == NULL || when->type != GW_ATTR_STRING || when->s == NULL ? flags
         : flags ^ (g_str_hash (when->s) << 12);
}

void
gw_canvas_adapter_update_watches (GwCanvasAdapter *self,
                                  const GArray    *ids)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < ids->len; i++)
    {
      int64_t id = g_array_index (ids, int64_t, i);
      gpointer key = GSIZE_TO_POINTER ((gsize) id);
      guint state = watch_state (gw_document_node (gw_doc_model_get_document (self->model), id));

      if (state == GPOINTER_TO_UINT (g_hash_table_lookup (self->watch_states, key)))
        continue;
      changed = TRUE;
      if (state != 0)
        g_hash_table_insert (self->watch_states, key, GUINT_TO_POINTER (state));
      else
        g_hash_table_remove (self->watch_states, key);
    }
  if (changed && gw_run_get_n_watches (self->run) > 0)
    gw_canvas_adapter_watch_all (self);
}

/* The summary's buckets grow with the distance from 0; the strip wants equal ones. A
 * bucket's count is spread evenly over its width. */
static void
spread_bucket (float  *bins,
               double  low,
               double  high,
               double  from,
               double  to,
               double  count)
{
  double width = (high - low) / SHELF_BINS;
  int first, last;

  from = MAX (from, low);
  to = MIN (to, high);
  if (!(width > 0) || !(to > from))
    {
      bins[!(width > 0) ? SHELF_BINS / 2 : CLAMP ((int) ((from - low) / width), 0, SHELF_BINS - 1)] += (float) count;
      return;
    }
  first = CLAMP ((int) ((from - low) / width), 0, SHELF_BINS - 1);
  last = CLAMP ((int) ((to - low) / width), 0, SHELF_BINS - 1);
  for (int i = first; i <= last; i++)
    {
      double part = MIN (to, low + (i + 1) * width) - MAX (from, low + i * width);

      bins[i] += (float) (count * MAX (part, 0) / (to - from));
    }
}

void
gw_canvas_set_live_histogram (GwSceneLive       *live,
                              const GwHistogram *histogram)
{
  double from;

  g_clear_pointer (&live->histogram, g_free);
  live->n_bins = 0;
  if (histogram == NULL || !(histogram->num > 0))
    return;
  live->histogram = g_new0 (float, SHELF_BINS);
  live->n_bins = SHELF_BINS;
  from = histogram->min;
  for (int i = 0; i < histogram->n_buckets; i++)
    {
      if (histogram->counts[i] > 0)
        spread_bucket (live->histogram, histogram->min, histogram->max, from, histogram->limits[i], histogram->counts[i]);
      from = MAX (histogram->limits[i], histogram->min);
    }
}
