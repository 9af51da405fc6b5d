/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics that are no mean of their batches' figures: their totals are added up, in double,
 * and the sums fed to the graph in the place of a batch's own. */
#include "engine/train/trainer-private.h"

#include "engine/base/error.h"
#include "engine/graph/registry.h"

#include <string.h>

struct _GwTotals {
  GwOutput value, details, totals;
  GwShape  shape;
  double  *sums;
  int64_t  n;
};

static int
find_port (const GwPortDef *ports,
           const char      *name)
{
  for (int i = 0; i < gw_ports_length (ports); i++)
    if (g_str_equal (ports[i].name, name))
      return i;
  return -1;
}

GwTotals *
gw_totals_new (const GwLowered *lowered,
               const GwDocNode *node,
               int64_t          id)
{
  const GwOpDef *def = gw_registry_find (node->op);
  int place = def != NULL && (def->flags & GW_OP_METRIC) != 0 ? find_port (def->outputs, "totals") : -1;
  GwOutput output = place >= 0 ? gw_lowered_output (lowered, id, place) : GW_NO_OUTPUT;
  GwTotals *totals;

  if (output.node == NULL)
    return NULL;
  totals = g_new0 (GwTotals, 1);
  totals->totals = output;
  totals->value = gw_lowered_output (lowered, id, 0);
  totals->details = gw_lowered_output (lowered, id, 1);
  return totals;
}

void
gw_totals_free (GwTotals *totals)
{
  if (totals == NULL)
    return;
  g_free (totals->sums);
  g_free (totals);
}

GwOutput
gw_totals_output (const GwTotals *totals)
{
  return totals->totals;
}

gboolean
gw_totals_add (GwTotals       *totals,
               const GwTensor *tensor,
               GError        **error)
{
  if (totals->sums == NULL)
    {
      totals->shape = tensor->shape;
      totals->n = tensor->elements;
      totals->sums = g_try_new0 (double, MAX (totals->n, 1));
      if (totals->sums == NULL)
        {
          g_set_error_literal (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "no memory for the totals of a metric");
          return FALSE;
        }
    }
  if (!gw_shape_equal (&totals->shape, &tensor->shape))
    return gw_invalid (error, "the totals of a metric must have the same shape in every batch");
  for (int64_t i = 0; i < totals->n; i++)
    totals->sums[i] += gw_tensor_get_double (tensor, i);
  return TRUE;
}

gboolean
gw_totals_finish (const GwTotals *totals,
                  GwSession      *session,
                  GwGraph        *graph,
                  double         *value,
                  GwTensor      **details,
                  GError        **error)
{
  GwOutput fetches[] = { totals->value, totals->details };
  GwTensor *results[2] = { NULL, NULL };
  g_autoptr (GwTensor) sums = NULL;
  GwFeed feed = { totals->totals, NULL };

  if (totals->sums == NULL)
    return gw_invalid (error, "there were no batches");
  sums = gw_tensor_new (GW_FLOAT32, &totals->shape, error);
  if (sums == NULL)
    return FALSE;
  for (int64_t i = 0; i < totals->n; i++)
    gw_tensor_set_double (sums, i, totals->sums[i]);
  feed.tensor = sums;
  if (!gw_session_run (session, graph, 1, &feed, 2, fetches, 0, NULL, NULL, results, error))
    return FALSE;
  *value = gw_tensor_get_double (results[0], 0);
  *details = results[1];
  gw_tensor_unref (results[0]);
  return TRUE;
}
