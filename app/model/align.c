/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/align.h"

/* One node along the axis that matters. */
typedef struct {
  int64_t id;
  double  start, length;
} Span;

static int
compare_spans (gconstpointer a,
               gconstpointer b)
{
  const Span *x = a, *y = b;

  if (x->start != y->start)
    return x->start < y->start ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

static GArray *
collect (const GwDocument *document,
         const int64_t    *ids,
         int               n,
         gboolean          across,
         GwNodeSize    size,
         gpointer          data)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (Span));

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);
      double width, height;
      Span span = { ids[i] };

      if (node == NULL || (node->flags & GW_DOC_LOCKED) != 0)
        continue;
      size (ids[i], &width, &height, data);
      span.start = across ? node->x : node->y;
      span.length = across ? width : height;
      g_array_append_val (spans, span);
    }
  g_array_sort (spans, compare_spans);
  return spans;
}

static void
line_up (GArray   *spans,
         gboolean  far)
{
  double edge = 0;

  for (guint i = 0; i < spans->len; i++)
    {
      const Span *span = &g_array_index (spans, Span, i);
      double own = far ? span->start + span->length : span->start;

      edge = i == 0 ? own : far ? MAX (edge, own) : MIN (edge, own);
    }
  for (guint i = 0; i < spans->len; i++)
    {
      Span *span = &g_array_index (spans, Span, i);

      span->start = far ? edge - span->length : edge;
    }
}

static void
spread (GArray *spans)
{
  double room = 0, at;
  const Span *first, *last;

  if (spans->len < 3)
    return;
  first = &g_array_index (spans, Span, 0);
  last = &g_array_index (spans, Span, spans->len - 1);
  room = last->start - first->start;
  for (guint i = 0; i + 1 < spans->len; i++)
    room -= g_array_index (spans, Span, i).length;
  at = first->start;
  for (guint i = 0; i + 1 < spans->len; i++)
    {
      g_array_index (spans, Span, i).start = at;
      at += g_array_index (spans, Span, i).length + room / (spans->len - 1);
    }
}

GwEdit *
gw_edit_align (GwDocument     *document,
               const int64_t  *ids,
               int             n,
               GwAlign         how,
               GwNodeSize  size,
               gpointer        data)
{
  gboolean across = how == GW_ALIGN_LEFT || how == GW_ALIGN_RIGHT || how == GW_ALIGN_SPREAD_ACROSS;
  gboolean is_spread = how == GW_ALIGN_SPREAD_ACROSS || how == GW_ALIGN_SPREAD_DOWN;
  GwEdit *edit = gw_edit_new (is_spread ? "Distribute" : "Align");
  g_autoptr (GArray) spans = collect (document, ids, n, across, size, data);

  if (is_spread)
    spread (spans);
  else
    line_up (spans, how == GW_ALIGN_RIGHT || how == GW_ALIGN_BOTTOM);
  for (guint i = 0; i < spans->len; i++)
    {
      const Span *span = &g_array_index (spans, Span, i);
      const GwDocNode *node = gw_document_node (document, span->id);
      GwItem *item;

      if ((across ? node->x : node->y) == span->start)
        continue;
      item = gw_edit_take (edit, document, span->id);
      if (across)
        item->node.x = span->start;
      else
        item->node.y = span->start;
      gw_edit_put (edit, document, item);
    }
  return edit;
}
