/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/candidate-tables.h"

#include "engine/base/error.h"

#include <string.h>

struct _GwCandidateTable {
  int64_t  range;
  /* counts: a tree of sums, node 1 the root, node leaves + k the count of class k */
  int32_t *counts;
  int64_t  leaves;
  int64_t *waiting;    /* values that gw_candidate_table_expect() left */
  int64_t  n_waiting, room;
  uint64_t run;        /* the one they count in */
  /* weights: Walker's alias method */
  float   *weights;
  float    total;
  float   *keep;       /* probability of staying with the class that was hit */
  int32_t *alias;      /* else this one is drawn */
  int64_t  n_possible;
};

void
gw_candidate_table_free (gpointer data)
{
  GwCandidateTable *table = data;

  if (table == NULL)
    return;
  g_free (table->counts);
  g_free (table->waiting);
  g_free (table->weights);
  g_free (table->keep);
  g_free (table->alias);
  g_free (table);
}

static GwCandidateTable *
no_memory (GwCandidateTable *table,
           GError          **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "no memory for the weights of %" G_GINT64_FORMAT " classes",
               table->range);
  gw_candidate_table_free (table);
  return NULL;
}

GwCandidateTable *
gw_candidate_table_new_counts (int64_t   range,
                               GError  **error)
{
  GwCandidateTable *table = g_new0 (GwCandidateTable, 1);

  table->range = table->n_possible = range;
  for (table->leaves = 1; table->leaves < range;)
    table->leaves *= 2;
  table->counts = g_try_malloc0_n ((gsize) table->leaves * 2, sizeof (int32_t));
  if (table->counts == NULL)
    return no_memory (table, error);
  for (int64_t i = 0; i < range; i++)
    table->counts[table->leaves + i] = 1;
  for (int64_t i = table->leaves - 1; i > 0; i--)
    table->counts[i] = table->counts[2 * i] + table->counts[2 * i + 1];
  return table;
}

/* Pairs a class below the average with one above it until none is left; both stacks
 * are taken from their ends (Vose 1991). `share` is weight × range / sum; `stack` has
 * room for `range` numbers: the low ones from its beginning, the high ones from its end. */
static void
pair_classes (GwCandidateTable *table,
              double           *share,
              int32_t          *stack)
{
  int64_t n_low = 0, high = table->range;

  for (int64_t i = 0; i < table->range; i++)
    if (share[i] < 1)
      stack[n_low++] = (int32_t) i;
    else
      stack[--high] = (int32_t) i;
  while (n_low > 0 && high < table->range)
    {
      int32_t l = stack[--n_low];
      int32_t h = stack[high++];

      table->alias[l] = h;
      share[h] = share[h] - (1 - share[l]);
      if (share[h] < 1)
        stack[n_low++] = h;
      else
        stack[--high] = h;
    }
  for (int64_t i = 0; i < table->range; i++)
    table->keep[i] = (float) share[i];
  for (int64_t i = 0; i < n_low; i++)
    table->keep[stack[i]] = 1, table->alias[stack[i]] = stack[i];
  for (int64_t i = high; i < table->range; i++)
    table->keep[stack[i]] = 1, table->alias[stack[i]] = stack[i];
}

GwCandidateTable *
gw_candidate_table_new_weights (const float *weights,
                                int64_t      range,
                                GError     **error)
{
  GwCandidateTable *table = g_new0 (GwCandidateTable, 1);
  g_autofree double *share = g_try_new (double, range);
  g_autofree int32_t *stack = g_try_new (int32_t, range);
  double sum = 0;

  table->range = range;
  table->weights = g_try_new (float, range);
  table->keep = g_try_new (float, range);
  table->alias = g_try_new (int32_t, range);
  if (share == NULL || stack == NULL || table->weights == NULL || table->keep == NULL || table->alias == NULL)
    return no_memory (table, error);
  for (int64_t i = 0; i < range; i++)
    {
      table->weights[i] = weights[i];
      table->total += weights[i];
      table->n_possible += weights[i] > 0;
      sum += weights[i];
    }
  if (!(sum > 0) || sum > G_MAXFLOAT)
    {
      gw_invalid (error, "the weights of the classes add up to %g: no class can be drawn by them", sum);
      gw_candidate_table_free (table);
      return NULL;
    }
  for (int64_t i = 0; i < range; i++)
    share[i] = (double) (weights[i] * (float) range) / sum;
  pair_classes (table, share, stack);
  return table;
}

int64_t
gw_candidate_table_n_possible (const GwCandidateTable *table)
{
  return table->n_possible;
}

int64_t
gw_candidate_table_sample (const GwCandidateTable *table,
                           GwPhiloxReader         *reader)
{
  int64_t node = 1;

  if (table->counts == NULL)
    {
      float drawn = gw_philox_read_float (reader);
      uint32_t hit = gw_philox_read_below (reader, (uint32_t) table->range);

      return drawn < table->keep[hit] ? hit : (uint32_t) table->alias[hit];
    }
  for (int32_t position = (int32_t) gw_philox_read_below (reader, (uint32_t) table->counts[1]); node < table->leaves;)
    {
      node *= 2;
      if (position >= table->counts[node])
        position -= table->counts[node++];
    }
  return node - table->leaves;
}

float
gw_candidate_table_probability (const GwCandidateTable *table,
                                int64_t                 value)
{
  if (table->counts == NULL)
    return table->weights[value] / table->total;
  return (float) table->counts[table->leaves + value] / (float) table->counts[1];
}

static void
count (GwCandidateTable *table,
       const int64_t    *values,
       int64_t           n)
{
  n = MIN (n, G_MAXINT32 - table->counts[1]);
  for (int64_t i = 0; i < n; i++)
    for (int64_t node = table->leaves + values[i]; node > 0; node /= 2)
      table->counts[node]++;
}

gboolean
gw_candidate_table_begin (GwCandidateTable *table,
                          uint64_t          run,
                          int64_t           room,
                          GError          **error)
{
  if (table->n_waiting > 0 && table->run == run)
    count (table, table->waiting, table->n_waiting);
  table->n_waiting = 0;
  if (room > table->room)
    {
      int64_t *waiting = g_try_new (int64_t, room);

      if (waiting == NULL)
        {
          g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "no memory to count %" G_GINT64_FORMAT " right classes", room);
          return FALSE;
        }
      g_free (table->waiting);
      table->waiting = waiting;
      table->room = room;
    }
  return TRUE;
}

void
gw_candidate_table_expect (GwCandidateTable *table,
                           uint64_t          run,
                           const int64_t    *values,
                           int64_t           n)
{
  if (n > 0)
    memcpy (table->waiting, values, (size_t) n * sizeof *values);
  table->n_waiting = n;
  table->run = run;
}
