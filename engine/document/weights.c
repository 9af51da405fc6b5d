/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/document/weights.h"

#include "engine/document/parts.h"

#include <math.h>
#include <string.h>

/* ---- regularizers ---- */

static const struct {
  const char *name;
  int         n;           /* scales in brackets */
  int         l1, l2;      /* place of the scale, -1 = it has no such part */
} regularizers[] = {
  { "l1", 1, 0, -1 },
  { "l2", 1, -1, 0 },
  { "l1_l2", 2, 0, 1 },
};

/* "(0.1, 0.2)" with exactly `n` numbers that are not negative. */
static gboolean
read_scales (const char *text,
             int         n,
             double     *scales)
{
  for (int i = 0; i < n; i++)
    {
      char *end;

      if (*text != (i == 0 ? '(' : ','))
        return FALSE;
      scales[i] = g_ascii_strtod (text + 1, &end);
      if (end == text + 1 || !isfinite (scales[i]) || scales[i] < 0)
        return FALSE;
      for (text = end; *text == ' '; text++)
        ;
    }
  return g_str_equal (text, ")");
}

static GwOutput
scaled (GwBuilder *b,
        GwOutput   x,
        double     scale)
{
  return gw_op2 (b, "Mul", gw_const_like (b, x, scale), x);
}

static GwOutput
penalty (GwBuilder *b,
         GwOutput   weights,
         double     l1,
         double     l2)
{
  GwOutput parts[2];
  int n = 0;

  if (l1 > 0)
    parts[n++] = scaled (b, gw_part_sum (b, gw_op1 (b, "Abs", weights)), l1);
  if (l2 > 0)
    parts[n++] = scaled (b, gw_op1 (b, "L2Loss", weights), l2);
  if (n == 0)
    return GW_NO_OUTPUT;
  return n == 1 ? parts[0] : gw_op (b, "AddN", n, parts, NULL);
}

GwOutput
gw_regularizer_build (GwBuilder  *builder,
                      const char *text,
                      GwOutput    weights)
{
  double scales[2];

  if (builder->error != NULL || text == NULL || *text == '\0' || g_str_equal (text, "none"))
    return GW_NO_OUTPUT;
  for (gsize i = 0; i < G_N_ELEMENTS (regularizers); i++)
    {
      gsize length = strlen (regularizers[i].name);

      if (strncmp (text, regularizers[i].name, length) == 0 && read_scales (text + length, regularizers[i].n, scales))
        return penalty (builder, weights, regularizers[i].l1 >= 0 ? scales[regularizers[i].l1] : 0,
                        regularizers[i].l2 >= 0 ? scales[regularizers[i].l2] : 0);
    }
  gw_builder_fail (builder, GW_ERROR_INVALID_ARGUMENT,
                   "“%.60s” is no regularizer; there are none, l1(s), l2(s) and l1_l2(s1, s2), with scales of 0 or more", text);
  return GW_NO_OUTPUT;
}

/* ---- variables ---- */

/* The text of an attribute “<part><suffix>”, NULL when the layer has none. */
static const char *
part_attr (const GwExpandContext *context,
           const char            *part,
           const char            *suffix)
{
  g_autofree char *name = g_strconcat (part, suffix, NULL);
  int i = gw_attr_defs_find (context->def->attrs, name);

  return i >= 0 ? context->attrs[i].s : NULL;
}

static void
penalise (GwExpandContext *context,
          const char      *name,
          const char      *text,
          GwOutput         weights)
{
  GwBuilder *b = context->builder;
  g_autofree char *scope = g_strconcat (name, "/Regularizer", NULL);
  GwOutput added;
  char *previous;

  if (text == NULL || g_str_equal (text, "none") || weights.node == NULL || gw_lowering_has_penalty (context, weights))
    return;
  previous = gw_builder_enter (b, scope);
  added = gw_regularizer_build (b, text, weights);
  gw_builder_leave (b, previous);
  if (added.node != NULL)
    gw_lowering_add_penalty (context, weights, added);
}

GwOutput
gw_layer_weights (GwExpandContext *context,
                  const char      *name,
                  const char      *part,
                  GwDType          dtype,
                  const GwShape   *shape)
{
  GwOutput weights = gw_lowering_variable (context, name, dtype, shape, part_attr (context, part, "_initializer"),
                                           gw_expand_attr (context, "trainable")->b);

  penalise (context, name, part_attr (context, part, "_regularizer"), weights);
  return weights;
}
