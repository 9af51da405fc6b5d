/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody should set or feed, and files and people do: the op answers with what it
 * inferred, or refuses with an error that carries its node. It never crashes, never takes
 * more memory than there is. */
#include "tests/engine/ops/conformance.h"

#include "engine/base/alloc.h"

#include <math.h>
#include <string.h>

/* A block of more is refused, so that large sizes fail at once. */
#define LIMIT ((size_t) 64 << 20)

static void
try_ways (const Example *example,
          const char    *what)
{
  static const ExampleWay ways[] = { EXAMPLE_CONSTANT, EXAMPLE_FED, EXAMPLE_RANKLESS };

  for (guint w = 0; w < G_N_ELEMENTS (ways); w++)
    {
      GwTensor *results[EXAMPLE_MAX] = { NULL };
      Stage stage;

      gw_alloc_set_limit (LIMIT);
      stage_init (&stage, example, ways[w]);
      conformance_answers (example, &stage, results, what);
      stage_drop_results (&stage, results);
      stage_clear (&stage);
      gw_alloc_set_limit (0);
    }
}

/* ---- any input ---- */

static GwTensor *
random_tensor (GRand         *rand,
               const GwTensor *like)
{
  GwShape shape = { .rank = g_rand_int_range (rand, 0, 4) };
  GwTensor *tensor;

  for (int i = 0; i < shape.rank; i++)
    shape.dims[i] = g_rand_int_range (rand, 0, 4);
  if (g_rand_boolean (rand))
    shape = like->shape;
  tensor = gw_tensor_new_zeros (like->dtype, &shape, NULL);
  for (int64_t i = 0; i < tensor->elements && tensor->dtype != GW_STRING; i++)
    gw_tensor_set_double (tensor, i, tensor->dtype == GW_BOOL ? g_rand_int_range (rand, 0, 2)
                                     : g_rand_int_range (rand, gw_dtype_is_integer (tensor->dtype) &&
                                                         tensor->dtype != GW_UINT8 && tensor->dtype != GW_UINT16 ? -3 : 0, 5));
  return tensor;
}


void
conformance_any_input (gconstpointer data)
{
  const GwOpDef *def = data;
  GRand *rand = g_rand_new_with_seed (g_str_hash (def->name) + conformance_seed);

  FOR_EACH_EXAMPLE (def, text)
    for (int round = 0; round < 60 && example_is_harmless (def); round++)
      {
        g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);
        GwTensor *results[EXAMPLE_MAX] = { NULL };
        Stage stage;

        for (int i = 0; i < example->n_inputs; i++)
          example_set_input (example, i, random_tensor (rand, example->inputs[i]));
        stage_init (&stage, example, round % EXAMPLE_N_WAYS);
        conformance_answers (example, &stage, results, "any input");
        stage_drop_results (&stage, results);
        stage_clear (&stage);
      }
  g_rand_free (rand);
}

/* ---- attributes ---- */

static const int64_t integers[] = {
  0, 1, -1, 2, 3, -3, 7, 9, 100, -100, 65536, G_MAXINT32, G_MININT32, (int64_t) 1 << 31, (int64_t) 1 << 32, (int64_t) 1 << 62,
  G_MAXINT64, G_MININT64, -((int64_t) 1 << 62),
};
static const double reals[] = { 0, -1, 1, 2.5, -1e-30, 1e30, -1e300, INFINITY, -INFINITY, NAN };
static const char *const texts[] = {
  "", "x", "0", "-", "[", "%s%n", "SAME", "VALID", "\xff\xfe", "NHWC", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

/* Takes the value when the attribute allows it; others a graph refuses in any case. */
static void
try_attr (const GwOpDef     *def,
          const GwOpExample *text,
          const GwAttrDef   *attr,
          GwAttrValue        value)
{
  g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);
  g_autofree char *what = g_strdup_printf ("hostile %s", attr->name);

  value.type = attr->type;
  example_set_attr (example, attr->name, &value);
  try_ways (example, what);
}

static void
try_integers (const GwOpDef     *def,
              const GwOpExample *text,
              const GwAttrDef   *attr)
{
  for (guint i = 0; i < G_N_ELEMENTS (integers); i++)
    try_attr (def, text, attr, gw_attr_int (integers[i]));
}

/* Lists of every length, and each hostile number at one place of the example's. */
static void
try_integer_lists (const GwOpDef     *def,
                   const GwOpExample *text,
                   const GwAttrDef   *attr)
{
  g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);
  GwAttrValue own;
  int64_t list[16];

  gw_attr_default (attr, &own);
  for (guint i = 0; i < example->settings->len; i++)
    if (strcmp (g_array_index (example->settings, GwAttrSetting, i).name, attr->name) == 0)
      {
        gw_attr_value_clear (&own);
        gw_attr_value_copy (&own, &g_array_index (example->settings, GwAttrSetting, i).value);
      }
  for (int n = 0; n <= 12; n++)
    {
      for (int k = 0; k < n; k++)
        list[k] = n == 3 ? k : 1;
      try_attr (def, text, attr, gw_attr_ints (n, list));
    }
  for (int k = 0; k < MIN (own.list.n, 16); k++)
    for (guint i = 0; i < G_N_ELEMENTS (integers); i++)
      {
        memcpy (list, own.list.i, sizeof *list * (size_t) MIN (own.list.n, 16));
        list[k] = integers[i];
        try_attr (def, text, attr, gw_attr_ints (MIN (own.list.n, 16), list));
      }
  gw_attr_value_clear (&own);
}

static void
try_shapes (const GwOpDef     *def,
            const GwOpExample *text,
            const GwAttrDef   *attr)
{
  const int64_t large = (int64_t) 1 << 31;
  const GwShape shapes[] = {
    GW_SHAPE_UNKNOWN, GW_SHAPE_SCALAR, GW_SHAPE (-1), GW_SHAPE (0), GW_SHAPE (1), GW_SHAPE (7), GW_SHAPE (large),
    GW_SHAPE (large, large), GW_SHAPE (large, large, large), GW_SHAPE (large, large, 0), GW_SHAPE ((int64_t) 1 << 62),
    GW_SHAPE (1, 1, 1, 1, 1, 1, 1, 1), GW_SHAPE (2, -1, 3, -1, 2, -1, 1, -1),
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    try_attr (def, text, attr, gw_attr_shape (shapes[i]));
}

void
conformance_hostile_attrs (gconstpointer data)
{
  const GwOpDef *def = data;

  FOR_EACH_EXAMPLE (def, text)
    for (const GwAttrDef *attr = def->attrs; attr != NULL && attr->name != NULL && example_is_harmless (def); attr++)
      switch (attr->type)
        {
        case GW_ATTR_INT:
        case GW_ATTR_SEED:
          try_integers (def, text, attr);
          break;
        case GW_ATTR_INTS:
          try_integer_lists (def, text, attr);
          break;
        case GW_ATTR_FLOAT:
          for (guint i = 0; i < G_N_ELEMENTS (reals); i++)
            try_attr (def, text, attr, gw_attr_float (reals[i]));
          break;
        case GW_ATTR_BOOL:
          try_attr (def, text, attr, gw_attr_bool (TRUE));
          try_attr (def, text, attr, gw_attr_bool (FALSE));
          break;
        case GW_ATTR_STRING:
        case GW_ATTR_CHOICE:
          for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
            try_attr (def, text, attr, gw_attr_string (texts[i]));
          for (int i = 0; attr->choices != NULL && attr->choices[i] != NULL; i++)
            try_attr (def, text, attr, gw_attr_string (attr->choices[i]));
          break;
        case GW_ATTR_SHAPE:
          try_shapes (def, text, attr);
          break;
        default:
          break;
        }
}

/* ---- inputs ---- */

static GwTensor *
of_shape (const GwTensor *like,
          const GwShape  *shape)
{
  GwTensor *tensor = gw_tensor_new_zeros (like->dtype, shape, NULL);

  for (int64_t i = 0; tensor->dtype != GW_STRING && i < tensor->elements; i++)
    gw_tensor_set_double (tensor, i, 1);
  return tensor;
}

static void
try_input (const GwOpDef     *def,
           const GwOpExample *text,
           int                input,
           GwTensor          *tensor)
{
  g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);
  g_autofree char *what = g_strdup_printf ("hostile %s", example->ports[input]->name);

  example_set_input (example, input, tensor);
  try_ways (example, what);
}

static void
try_input_shapes (const GwOpDef     *def,
                  const GwOpExample *text,
                  int                input,
                  const GwTensor    *like)
{
  const int64_t huge = (int64_t) 1 << 40;
  const GwShape shapes[] = {
    GW_SHAPE_SCALAR, GW_SHAPE (0), GW_SHAPE (1), GW_SHAPE (2), GW_SHAPE (5), GW_SHAPE (9), GW_SHAPE (17), GW_SHAPE (0, 3),
    GW_SHAPE (3, 0), GW_SHAPE (1, 1), GW_SHAPE (2, 3), GW_SHAPE (3, 2, 1), GW_SHAPE (2, 2, 2, 2), GW_SHAPE (1, 2, 1, 2, 1),
    GW_SHAPE (1, 1, 1, 1, 1, 1, 1, 1), GW_SHAPE (2, 1, 2, 1, 2, 1, 2, 1), GW_SHAPE (0, 0, 0, 0, 0, 0, 0, 0),
    GW_SHAPE (huge, 0), GW_SHAPE (0, huge, huge), GW_SHAPE (huge, huge, huge, 0),
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    try_input (def, text, input, of_shape (like, &shapes[i]));
}

/* Each hostile number at one place of the example's value. */
static void
try_input_values (const GwOpDef     *def,
                  const GwOpExample *text,
                  int                input,
                  const GwTensor    *like)
{
  for (int64_t k = 0; k < MIN (like->elements, 4); k++)
    for (guint i = 0; i < G_N_ELEMENTS (integers); i++)
      {
        GwTensor *tensor = gw_tensor_duplicate (like, NULL);

        if (like->dtype == GW_INT64)
          GW_TENSOR_DATA (tensor, int64_t)[k] = integers[i];
        else if (like->dtype == GW_INT32)
          GW_TENSOR_DATA (tensor, int32_t)[k] = (int32_t) CLAMP (integers[i], G_MININT32, G_MAXINT32);
        else if (gw_dtype_is_integer (like->dtype))
          gw_tensor_set_double (tensor, k, (double) (integers[i] & 0x7f));
        else
          gw_tensor_set_double (tensor, k, reals[i % G_N_ELEMENTS (reals)]);
        try_input (def, text, input, tensor);
      }
}

void
conformance_hostile_inputs (gconstpointer data)
{
  const GwOpDef *def = data;

  FOR_EACH_EXAMPLE (def, text)
    {
      g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);

      for (int i = 0; i < example->n_inputs && example_is_harmless (def); i++)
        {
          try_input_shapes (def, text, i, example->inputs[i]);
          if (gw_dtype_is_integer (example->inputs[i]->dtype) || gw_dtype_is_floating (example->inputs[i]->dtype))
            try_input_values (def, text, i, example->inputs[i]);
        }
    }
}
