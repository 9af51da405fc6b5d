/* SPDX-License-Identifier: Apache-2.0 */
/* The layered pass, after Sugiyama: layers, stand-ins for wires that pass layers, an order
 * in each column, and places in it as near as the gaps allow to the means of what the
 * wires join (isotonic regression, by pooling neighbours that would overlap). */
#include "app/model/arrange.h"

#include <math.h>

#define COLUMN_GAP 72.0
#define ROW_GAP 56.0
#define WIRE_GAP 16.0         /* around a wire that passes a column */
#define WIRE_HEIGHT 8.0
#define PART_GAP 72.0         /* between parts that no wire joins */
#define GRID 8.0
#define SWEEPS 8
#define FINAL_SWEEPS 3
#define LONGEST_WIRE 64       /* layers; longer ones get no stand-ins */
#define MOST_STAND_INS 4      /* for each box */

/* A box, or the place where a wire passes a layer. */
typedef struct {
  int    box;       /* -1 = a wire's */
  int    layer, part;
  double y, height, width;
  double wanted;
} Spot;

/* A piece of a wire. */
typedef struct {
  int    from, to;       /* spots */
  double from_y, to_y;
} Piece;

typedef struct {
  GwArrangement *graph;
  GArray        *spots;    /* of Spot; the boxes first */
  GArray        *pieces;   /* of Piece */
  int           *starts[2];  /* of each spot's pieces: into it, out of it */
  int           *lists[2];
  int           *order;    /* spots by part, layer and place in it */
  int            work_done, work_all;
} Pass;

static Spot *
spot_at (Pass *self,
         int   i)
{
  return &g_array_index (self->spots, Spot, i);
}

static const GwArrangeLink *
link_at (const Pass *self,
         int         i)
{
  return &g_array_index (self->graph->links, GwArrangeLink, i);
}

static gboolean
is_cancelled (Pass *self)
{
  self->work_done++;
  if (self->work_done % 16 == 0)
    atomic_store (&self->graph->progress, (int) (1000.0 * MIN (self->work_done, self->work_all) / MAX (self->work_all, 1)));
  return self->work_done % 16 == 0 && g_cancellable_is_cancelled (self->graph->cancellable);
}

/* ---- lists of what is joined ---- */

/* Places of the items 0 … n in one list, by a key: starts[key] … starts[key + 1]. */
static void
make_lists (int        n_keys,
            int        n,
            const int *keys,
            int      **starts,
            int      **list)
{
  g_autofree int *next = NULL;

  *starts = g_new0 (int, n_keys + 2);
  *list = g_new (int, n + 1);
  for (int i = 0; i < n; i++)
    (*starts)[keys[i] + 1]++;
  for (int k = 0; k < n_keys; k++)
    (*starts)[k + 1] += (*starts)[k];
  next = g_memdup2 (*starts, sizeof (int) * (gsize) (n_keys + 1));
  for (int i = 0; i < n; i++)
    (*list)[next[keys[i]]++] = i;
}

/* ---- layers ---- */

/* Takes boxes when all before them are taken; in a cycle the first of what is left. Ranks
 * in `rank`; links that run against them are left out of the layers. */
static void
rank_boxes (Pass      *self,
            const int *starts,
            const int *list,
            int       *rank)
{
  int n = (int) self->graph->boxes->len, n_links = (int) self->graph->links->len;
  g_autofree int *waiting = g_new0 (int, n + 1);
  g_autofree int *queue = g_new (int, n + 1);
  int first = 0, end = 0, next = 0, ranked = 0;

  for (int i = 0; i < n; i++)
    rank[i] = -1;
  for (int i = 0; i < n_links; i++)
    waiting[link_at (self, i)->to] += link_at (self, i)->from != link_at (self, i)->to;
  for (int i = 0; i < n; i++)
    if (waiting[i] == 0)
      queue[end++] = i;
  while (ranked < n)
    {
      int box;

      if (first == end)
        {
          while (rank[next] >= 0)
            next++;
          queue[end++] = next;
        }
      box = queue[first++];
      if (rank[box] >= 0)
        continue;
      rank[box] = ranked++;
      for (int i = starts[box]; i < starts[box + 1]; i++)
        {
          int to = link_at (self, list[i])->to;

          if (rank[to] < 0 && --waiting[to] == 0 && end < n)
            queue[end++] = to;
        }
    }
}

static void
find_layers (Pass *self)
{
  int n = (int) self->graph->boxes->len, n_links = (int) self->graph->links->len;
  g_autofree int *keys = g_new (int, n_links + 1);
  g_autofree int *rank = g_new (int, n + 1);
  g_autofree int *by_rank = g_new (int, n + 1);
  g_autofree gboolean *fed = g_new0 (gboolean, n + 1);
  g_autofree int *starts = NULL;
  g_autofree int *list = NULL;

  for (int i = 0; i < n_links; i++)
    keys[i] = link_at (self, i)->from;
  make_lists (n, n_links, keys, &starts, &list);
  rank_boxes (self, starts, list, rank);
  for (int i = 0; i < n; i++)
    by_rank[rank[i]] = i;
  for (int r = 0; r < n; r++)
    for (int i = starts[by_rank[r]]; i < starts[by_rank[r] + 1]; i++)
      {
        int to = link_at (self, list[i])->to;

        if (rank[to] <= r)
          continue;
        fed[to] = TRUE;
        spot_at (self, to)->layer = MAX (spot_at (self, to)->layer, spot_at (self, by_rank[r])->layer + 1);
      }
  for (int box = 0; box < n; box++)
    {
      int nearest = G_MAXINT;

      for (int i = starts[box]; i < starts[box + 1] && !fed[box]; i++)
        if (rank[link_at (self, list[i])->to] > rank[box])
          nearest = MIN (nearest, spot_at (self, link_at (self, list[i])->to)->layer);
      if (nearest != G_MAXINT)
        spot_at (self, box)->layer = nearest - 1;
    }
}

/* ---- parts ---- */

static int
root_of (int *parents,
         int  i)
{
  while (parents[i] != i)
    i = parents[i] = parents[parents[i]];
  return i;
}

static void
find_parts (Pass *self)
{
  int n = (int) self->graph->boxes->len;
  g_autofree int *parents = g_new (int, n + 1);

  for (int i = 0; i < n; i++)
    parents[i] = i;
  for (guint i = 0; i < self->graph->links->len; i++)
    {
      int a = root_of (parents, link_at (self, (int) i)->from), b = root_of (parents, link_at (self, (int) i)->to);

      parents[MAX (a, b)] = MIN (a, b);
    }
  for (int i = 0; i < n; i++)
    spot_at (self, i)->part = root_of (parents, i);
}

/* ---- wires that pass layers ---- */

static void
add_piece (Pass  *self,
           int    from,
           double from_y,
           int    to,
           double to_y)
{
  Piece piece = { from, to, from_y, to_y };

  g_array_append_val (self->pieces, piece);
}

static void
add_wires (Pass *self)
{
  guint most = MOST_STAND_INS * self->graph->boxes->len + 64;

  for (guint i = 0; i < self->graph->links->len; i++)
    {
      GwArrangeLink link = *link_at (self, (int) i);
      Spot from = *spot_at (self, link.from), to = *spot_at (self, link.to);
      int last = link.from;
      double y = link.from_y;

      if (link.from == link.to)
        continue;
      for (int layer = from.layer + 1; layer < to.layer && to.layer - from.layer <= LONGEST_WIRE &&
                                       self->spots->len < most; layer++)
        {
          double share = (double) (layer - from.layer) / (to.layer - from.layer);
          Spot spot = { -1, layer, from.part, from.y + share * (to.y - from.y), WIRE_HEIGHT, 0, 0 };

          g_array_append_val (self->spots, spot);
          add_piece (self, last, y, (int) self->spots->len - 1, WIRE_HEIGHT / 2);
          last = (int) self->spots->len - 1;
          y = WIRE_HEIGHT / 2;
        }
      add_piece (self, last, y, link.to, link.to_y);
    }
}

static void
list_pieces (Pass *self)
{
  int n = (int) self->pieces->len;
  g_autofree int *keys = g_new (int, n + 1);

  for (int side = 0; side < 2; side++)
    {
      for (int i = 0; i < n; i++)
        {
          const Piece *piece = &g_array_index (self->pieces, Piece, i);

          keys[i] = side == 0 ? piece->to : piece->from;
        }
      make_lists ((int) self->spots->len, n, keys, &self->starts[side], &self->lists[side]);
    }
}

/* ---- columns ---- */

static gint
compare_spots (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  const Spot *x = spot_at (data, *(const int *) a), *y = spot_at (data, *(const int *) b);

  if (x->part != y->part)
    return x->part - y->part;
  if (x->layer != y->layer)
    return x->layer - y->layer;
  if (x->wanted != y->wanted)
    return x->wanted < y->wanted ? -1 : 1;
  return *(const int *) a - *(const int *) b;
}

static void
sort_spots (Pass *self,
            int   first,
            int   n)
{
  g_qsort_with_data (self->order + first, n, sizeof (int), compare_spots, self);
}

/* Where the wires of one side (2: of both) would have the spot. */
static double
wanted_place (Pass *self,
              int   spot,
              int   side)
{
  double sum = 0;
  int n = 0;

  for (int s = side == 2 ? 0 : side; s <= (side == 2 ? 1 : side); s++)
    for (int i = self->starts[s][spot]; i < self->starts[s][spot + 1]; i++)
      {
        const Piece *piece = &g_array_index (self->pieces, Piece, self->lists[s][i]);

        sum += s == 0 ? spot_at (self, piece->from)->y + piece->from_y - piece->to_y
                      : spot_at (self, piece->to)->y + piece->to_y - piece->from_y;
        n++;
      }
  return n > 0 ? sum / n : spot_at (self, spot)->y;
}

static double
gap_between (const Spot *upper,
             const Spot *lower)
{
  return upper->box < 0 || lower->box < 0 ? WIRE_GAP : ROW_GAP;
}

/* Spots order[first … + n] of one column: as near as can be to where they want to be. */
static void
place_column (Pass *self,
              int   first,
              int   n)
{
  g_autofree double *means = g_new (double, n + 1);
  g_autofree int *sizes = g_new (int, n + 1);
  double offset = 0;
  int n_pools = 0, i = 0;

  for (int k = 0; k < n; k++)
    {
      const Spot *spot = spot_at (self, self->order[first + k]);

      if (k > 0)
        {
          const Spot *above = spot_at (self, self->order[first + k - 1]);

          offset += above->height + gap_between (above, spot);
        }
      means[n_pools] = spot->wanted - offset;
      sizes[n_pools++] = 1;
      while (n_pools > 1 && means[n_pools - 2] > means[n_pools - 1])
        {
          int all = sizes[n_pools - 2] + sizes[n_pools - 1];

          means[n_pools - 2] = (means[n_pools - 2] * sizes[n_pools - 2] + means[n_pools - 1] * sizes[n_pools - 1]) / all;
          sizes[n_pools - 2] = all;
          n_pools--;
        }
    }
  offset = 0;
  for (int pool = 0; pool < n_pools; pool++)
    for (int k = 0; k < sizes[pool]; k++, i++)
      {
        Spot *spot = spot_at (self, self->order[first + i]);

        if (i > 0)
          {
            const Spot *above = spot_at (self, self->order[first + i - 1]);

            offset += above->height + gap_between (above, spot);
          }
        spot->y = means[pool] + offset;
      }
}

/* Length of the column that begins (or, `backwards`, ends) at a place of the order. */
static int
column_length (Pass    *self,
               int      place,
               gboolean backwards)
{
  const Spot *spot = spot_at (self, self->order[place]);
  int step = backwards ? -1 : 1;
  int n = 0;

  for (int i = place; i >= 0 && i < (int) self->spots->len; i += step, n++)
    {
      const Spot *other = spot_at (self, self->order[i]);

      if (other->part != spot->part || other->layer != spot->layer)
        break;
    }
  return n;
}

/* From left to right by what feeds (side 0), or back by what is fed. */
static gboolean
sweep (Pass    *self,
       int      side,
       gboolean backwards,
       gboolean reorder)
{
  int n = (int) self->spots->len;

  for (int place = backwards ? n - 1 : 0; place >= 0 && place < n;)
    {
      int length = column_length (self, place, backwards);
      int first = backwards ? place - length + 1 : place;

      for (int i = first; i < first + length; i++)
        spot_at (self, self->order[i])->wanted = wanted_place (self, self->order[i], side);
      if (reorder)
        sort_spots (self, first, length);
      place_column (self, first, length);
      if (is_cancelled (self))
        return FALSE;
      place = backwards ? first - 1 : first + length;
    }
  return TRUE;
}

/* ---- the whole ---- */

typedef struct {
  int    first, n;        /* places of the order */
  double top, width, height;
} Part;

static gint
compare_parts (gconstpointer a,
               gconstpointer b)
{
  const Part *x = a, *y = b;

  if (x->height != y->height)
    return x->height > y->height ? -1 : 1;
  return x->first - y->first;
}

static double
to_grid (double value)
{
  return GRID * ceil (value / GRID - 1e-9);
}

/* Columns of the part from x = 0; its extent. */
static Part
place_part (Pass *self,
            int   first,
            double *xs)
{
  Part part = { first, 0, INFINITY, 0, 0 };
  int n = (int) self->spots->len;
  double bottom = -INFINITY;
  int number = spot_at (self, self->order[first])->part;

  while (first + part.n < n && spot_at (self, self->order[first + part.n])->part == number)
    {
      int length = column_length (self, first + part.n, FALSE);
      double width = 0;

      for (int i = first + part.n; i < first + part.n + length; i++)
        {
          const Spot *spot = spot_at (self, self->order[i]);

          xs[self->order[i]] = part.width;
          width = MAX (width, spot->width);
          if (spot->box >= 0)
            part.top = MIN (part.top, spot->y);
          bottom = MAX (bottom, spot->y + spot->height);
        }
      part.width = to_grid (part.width + width + COLUMN_GAP);
      part.n += length;
    }
  part.width -= COLUMN_GAP;
  part.height = bottom - part.top;
  return part;
}

static void
move_part (Pass         *self,
           const Part   *part,
           const double *xs,
           double        x,
           double        y)
{
  for (int i = part->first; i < part->first + part->n; i++)
    {
      const Spot *spot = spot_at (self, self->order[i]);

      if (spot->box >= 0)
        {
          GwArrangeBox *box = &g_array_index (self->graph->boxes, GwArrangeBox, spot->box);

          box->x = x + xs[self->order[i]];
          box->y = y + GRID * round ((spot->y - part->top) / GRID);
        }
    }
}

/* The parts in rows, the tallest first; a row is about as wide as all of it is high. */
static void
place_parts (Pass *self)
{
  int n = (int) self->spots->len;
  g_autofree double *xs = g_new0 (double, n + 1);
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (Part));
  double left = to_grid (self->graph->left), top = to_grid (self->graph->top);
  double x = 0, y = 0, row = 0, area = 0, widest = 0;

  for (int i = 0; i < n; i += g_array_index (parts, Part, parts->len - 1).n)
    {
      Part part = place_part (self, i, xs);

      g_array_append_val (parts, part);
      area += (part.width + PART_GAP) * (part.height + PART_GAP);
      widest = MAX (widest, part.width);
    }
  g_array_sort (parts, compare_parts);
  widest = MAX (widest, 1.6 * sqrt (area));
  for (guint i = 0; i < parts->len; i++)
    {
      const Part *part = &g_array_index (parts, Part, i);

      if (x > 0 && x + part->width > widest)
        {
          x = 0;
          y = to_grid (y + row + PART_GAP);
          row = 0;
        }
      move_part (self, part, xs, left + x, top + y);
      row = MAX (row, part->height);
      x = to_grid (x + part->width + PART_GAP);
    }
}

static void
begin (Pass          *self,
       GwArrangement *graph)
{
  *self = (Pass) { graph, g_array_new (FALSE, FALSE, sizeof (Spot)), g_array_new (FALSE, FALSE, sizeof (Piece)) };
  for (guint i = 0; i < graph->boxes->len; i++)
    {
      const GwArrangeBox *box = &g_array_index (graph->boxes, GwArrangeBox, i);
      Spot spot = { (int) i, 0, 0, box->y, box->height, box->width, box->y };

      g_array_append_val (self->spots, spot);
    }
  find_layers (self);
  find_parts (self);
  add_wires (self);
  list_pieces (self);
  self->order = g_new (int, self->spots->len + 1);
  for (int i = 0; i < (int) self->spots->len; i++)
    {
      self->order[i] = i;
      spot_at (self, i)->wanted = spot_at (self, i)->y;
    }
  sort_spots (self, 0, (int) self->spots->len);
  for (int i = 0; i < (int) self->spots->len; i += column_length (self, i, FALSE))
    self->work_all += SWEEPS + FINAL_SWEEPS;
}

gboolean
gw_arrangement_layers (GwArrangement *graph)
{
  Pass self;
  gboolean ok = TRUE;

  begin (&self, graph);
  for (int i = 0; i < SWEEPS && ok; i++)
    ok = sweep (&self, i % 2, i % 2 == 1, TRUE);
  /* The last goes with the wires, so that what has one feeder stands straight behind it. */
  for (int i = 0; i < FINAL_SWEEPS && ok; i++)
    ok = sweep (&self, FINAL_SWEEPS - 1 - i, i % 2 == 1, FALSE);
  if (ok)
    place_parts (&self);
  g_array_unref (self.spots);
  g_array_unref (self.pieces);
  for (int side = 0; side < 2; side++)
    {
      g_free (self.starts[side]);
      g_free (self.lists[side]);
    }
  g_free (self.order);
  return ok;
}
