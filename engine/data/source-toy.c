/* SPDX-License-Identifier: Apache-2.0 */
/* Problems that are drawn, not read: small enough to watch a network solve. */
#include "engine/data/source.h"

#include "engine/base/random.h"

#include <math.h>

/* The first three attributes of every toy, in this order. */
#define TOY_ATTRS(rows, noise_default)                                                           \
  { "n", GW_ATTR_INT, rows, .min = 1, .max = 10000000, .ui_min = 10, .ui_max = 10000,            \
    .label = "Rows", .help = "How many rows are drawn." },                                       \
  { "noise", GW_ATTR_FLOAT, noise_default, .min = 0, .max = 1000, .ui_min = 0, .ui_max = 1,      \
    .label = "Noise", .help = "Standard deviation of the normal noise that is added." },         \
  { "seed", GW_ATTR_SEED, "1", .label = "Seed", .help = "The same seed draws the same rows; 0 draws new ones each time." }
enum { N, NOISE, SEED, FIRST_OWN };

/* Streams of one seed that must not overlap. */
enum { STREAM_NOISE = 1, STREAM_POSITION = 2 };

static GwTensor *
draw (const GwAttrValue *attrs,
      uint64_t           seed,
      uint64_t           stream,
      int64_t            per_row,
      GError           **error)
{
  GwShape shape = GW_SHAPE (attrs[N].i, per_row);
  GwTensor *tensor = gw_tensor_new (GW_FLOAT32, &shape, error);
  GwPhilox philox;

  if (tensor == NULL)
    return NULL;
  gw_philox_init (&philox, seed, stream);
  if (stream == STREAM_NOISE)
    gw_philox_normal_float (&philox, 0, tensor->elements, GW_TENSOR_DATA (tensor, float));
  else
    gw_philox_uniform_float (&philox, 0, tensor->elements, GW_TENSOR_DATA (tensor, float));
  return tensor;
}

static uint64_t
seed_of (const GwAttrValue *attrs)
{
  return attrs[SEED].i != 0 ? (uint64_t) attrs[SEED].i : gw_random_seed ();
}

static gboolean
has_no_test (const GwAttrValue *attrs)
{
  return FALSE;
}

static char **
numbered_classes (const char *word,
                  int64_t     n)
{
  char **classes = g_new0 (char *, n + 1);

  for (int64_t i = 0; i < n; i++)
    classes[i] = g_strdup_printf ("%s%" G_GINT64_FORMAT, word, (gint64) i);
  return classes;
}

/* ---- xor ---- */

static const GwAttrDef xor_attrs[] = { TOY_ATTRS ("200", "0.1"), { NULL } };

static GArray *
xor_columns (const GwAttrValue *attrs,
             GError           **error)
{
  GArray *infos = gw_column_infos_new ();

  gw_column_infos_add (infos, "x", GW_FLOAT32, &GW_SHAPE (2), 0);
  gw_column_infos_add (infos, "y", GW_FLOAT32, &GW_SHAPE (1), 0);
  gw_column_infos_add (infos, "label", GW_INT32, &GW_SHAPE_SCALAR, 2);
  return infos;
}

static GwTable *
xor_open (const GwAttrValue *attrs,
          GwSplit            split,
          const GwTable     *train,
          GError           **error)
{
  int64_t n = attrs[N].i;
  g_autoptr (GwTensor) x = draw (attrs, seed_of (attrs), STREAM_NOISE, 2, error);
  g_autoptr (GwTensor) y = x != NULL ? gw_tensor_new (GW_FLOAT32, &GW_SHAPE (n, 1), error) : NULL;
  g_autoptr (GwTensor) label = y != NULL ? gw_tensor_new (GW_INT32, &GW_SHAPE (n), error) : NULL;
  GwTable *table;

  if (label == NULL)
    return NULL;
  for (int64_t i = 0; i < n; i++)
    {
      int a = (int) (i & 1), b = (int) (i >> 1 & 1);

      GW_TENSOR_DATA (x, float)[2 * i] = (float) a + (float) attrs[NOISE].f * GW_TENSOR_DATA (x, float)[2 * i];
      GW_TENSOR_DATA (x, float)[2 * i + 1] = (float) b + (float) attrs[NOISE].f * GW_TENSOR_DATA (x, float)[2 * i + 1];
      GW_TENSOR_DATA (y, float)[i] = (float) (a ^ b);
      GW_TENSOR_DATA (label, int32_t)[i] = a ^ b;
    }
  table = gw_table_new (n);
  gw_table_add (table, "x", g_steal_pointer (&x), NULL, 0);
  gw_table_add (table, "y", g_steal_pointer (&y), NULL, 0);
  gw_table_add (table, "label", g_steal_pointer (&label), numbered_classes ("", 2), 0);
  return table;
}

const GwSourceDef gw_source_xor = {
  .name = "xor",
  .title = "Exclusive or",
  .summary = "Noisy corners of the unit square; the label is 1 where exactly one coordinate is. No line parts them.",
  .attrs = xor_attrs,
  .columns = xor_columns,
  .has_test = has_no_test,
  .open = xor_open,
};

/* ---- sine ---- */

enum { LOW = FIRST_OWN, HIGH };

static const GwAttrDef sine_attrs[] = {
  TOY_ATTRS ("1000", "0.1"),
  { "low", GW_ATTR_FLOAT, "-3.141592653589793", .label = "From", .help = "Left end of x." },
  { "high", GW_ATTR_FLOAT, "3.141592653589793", .label = "To", .help = "Right end of x." },
  { NULL }
};

static GArray *
sine_columns (const GwAttrValue *attrs,
              GError           **error)
{
  GArray *infos = gw_column_infos_new ();

  gw_column_infos_add (infos, "x", GW_FLOAT32, &GW_SHAPE (1), 0);
  gw_column_infos_add (infos, "y", GW_FLOAT32, &GW_SHAPE (1), 0);
  return infos;
}

static GwTable *
sine_open (const GwAttrValue *attrs,
           GwSplit            split,
           const GwTable     *train,
           GError           **error)
{
  uint64_t seed = seed_of (attrs);
  g_autoptr (GwTensor) x = draw (attrs, seed, STREAM_POSITION, 1, error);
  g_autoptr (GwTensor) y = x != NULL ? draw (attrs, seed, STREAM_NOISE, 1, error) : NULL;
  GwTable *table;

  if (y == NULL)
    return NULL;
  for (int64_t i = 0; i < attrs[N].i; i++)
    {
      double at = attrs[LOW].f + (attrs[HIGH].f - attrs[LOW].f) * (double) GW_TENSOR_DATA (x, float)[i];

      GW_TENSOR_DATA (x, float)[i] = (float) at;
      GW_TENSOR_DATA (y, float)[i] = (float) (sin (at) + attrs[NOISE].f * (double) GW_TENSOR_DATA (y, float)[i]);
    }
  table = gw_table_new (attrs[N].i);
  gw_table_add (table, "x", g_steal_pointer (&x), NULL, 0);
  gw_table_add (table, "y", g_steal_pointer (&y), NULL, 0);
  return table;
}

const GwSourceDef gw_source_sine = {
  .name = "sine",
  .title = "Sine",
  .summary = "Noisy points of a sine: x drawn evenly over a range, y its sine. For regression.",
  .attrs = sine_attrs,
  .columns = sine_columns,
  .has_test = has_no_test,
  .open = sine_open,
};

/* ---- spirals ---- */

enum { CLASSES = FIRST_OWN, TURNS };

static const GwAttrDef spirals_attrs[] = {
  TOY_ATTRS ("600", "0.05"),
  { "classes", GW_ATTR_INT, "2", .min = 2, .max = 20, .label = "Classes", .help = "Arms, one for each class." },
  { "turns", GW_ATTR_FLOAT, "1.5", .min = 0.1, .max = 10, .label = "Turns", .help = "How often an arm goes round." },
  { NULL }
};

static GArray *
spirals_columns (const GwAttrValue *attrs,
                 GError           **error)
{
  GArray *infos = gw_column_infos_new ();

  gw_column_infos_add (infos, "x", GW_FLOAT32, &GW_SHAPE (2), 0);
  gw_column_infos_add (infos, "label", GW_INT32, &GW_SHAPE_SCALAR, (int) attrs[CLASSES].i);
  return infos;
}

/* Row i lies on arm i mod classes, as far out as its turn within the arm. */
static GwTable *
spirals_open (const GwAttrValue *attrs,
              GwSplit            split,
              const GwTable     *train,
              GError           **error)
{
  int64_t n = attrs[N].i, classes = attrs[CLASSES].i;
  int64_t per_class = (n + classes - 1) / classes;
  g_autoptr (GwTensor) x = draw (attrs, seed_of (attrs), STREAM_NOISE, 2, error);
  g_autoptr (GwTensor) label = x != NULL ? gw_tensor_new (GW_INT32, &GW_SHAPE (n), error) : NULL;
  GwTable *table;

  if (label == NULL)
    return NULL;
  for (int64_t i = 0; i < n; i++)
    {
      float *point = GW_TENSOR_DATA (x, float) + 2 * i;
      double radius = (double) (i / classes + 1) / (double) per_class;
      double angle = 2 * G_PI * ((double) (i % classes) / (double) classes + attrs[TURNS].f * radius);

      point[0] = (float) (radius * cos (angle) + attrs[NOISE].f * (double) point[0]);
      point[1] = (float) (radius * sin (angle) + attrs[NOISE].f * (double) point[1]);
      GW_TENSOR_DATA (label, int32_t)[i] = (int32_t) (i % classes);
    }
  table = gw_table_new (n);
  gw_table_add (table, "x", g_steal_pointer (&x), NULL, 0);
  gw_table_add (table, "label", g_steal_pointer (&label), numbered_classes ("arm ", classes), 0);
  return table;
}

const GwSourceDef gw_source_spirals = {
  .name = "spirals",
  .title = "Spirals",
  .summary = "Arms that wind round each other, a class each. Needs a network with hidden layers.",
  .attrs = spirals_attrs,
  .columns = spirals_columns,
  .has_test = has_no_test,
  .open = spirals_open,
};
