/* SPDX-License-Identifier: Apache-2.0 */
/* Serialised Example messages, as TFRecord files hold them, into tensors
 * (core/util/example_proto_fast_parsing.cc). */
#include "engine/base/error.h"
#include "engine/files/proto-arena.h"
#include "engine/ops/families.h"
#include "engine/ops/strings-common.h"

#include "engine/files/proto/example.pb-c.h"

#include <string.h>

/* What both ops parse by. Outputs stand in the order sparse indices, sparse values,
 * sparse shapes, dense values. */
typedef struct {
  GwKernelContext *context;
  gboolean         single;         /* one example: no batch dimension */
  int              n_sparse, n_dense;
  GwString        *keys;           /* sparse, then dense; borrowed */
  const GwDType   *sparse_types, *dense_types;
  const GwShape   *dense_shapes;
  GwTensor *const *defaults;       /* of the dense ones */
  const GwTensor  *names;          /* of the examples, or NULL */
  int64_t          n_examples;
  Gw__Example    **examples;
} Parse;

/* ---- features ---- */

/* The last feature of that key counts; one without a list is none. */
static const Gw__Feature *
find_feature (const Gw__Example *example,
              const GwString    *key)
{
  size_t n = example->features != NULL ? example->features->n_feature : 0;

  for (size_t i = n; i > 0; i--)
    {
      const Gw__FeatureEntry *entry = example->features->feature[i - 1];

      if (entry->key != NULL && strlen (entry->key) == key->length &&
          memcmp (entry->key, key->length > 0 ? key->data : "", key->length) == 0)
        return entry->value != NULL && entry->value->kind_case != GW__FEATURE__KIND__NOT_SET ? entry->value : NULL;
    }
  return NULL;
}

static GwDType
feature_type (const Gw__Feature *feature)
{
  switch (feature->kind_case)
    {
    case GW__FEATURE__KIND_BYTES_LIST: return GW_STRING;
    case GW__FEATURE__KIND_FLOAT_LIST: return GW_FLOAT32;
    default:                           return GW_INT64;
    }
}

static int64_t
feature_count (const Gw__Feature *feature)
{
  if (feature == NULL)
    return 0;
  switch (feature->kind_case)
    {
    case GW__FEATURE__KIND_BYTES_LIST: return (int64_t) feature->bytes_list->n_value;
    case GW__FEATURE__KIND_FLOAT_LIST: return (int64_t) feature->float_list->n_value;
    default:                           return (int64_t) feature->int64_list->n_value;
    }
}

/* All its values to `output`, from element `at` on. */
static void
copy_feature (const Gw__Feature *feature,
              GwTensor          *output,
              int64_t            at)
{
  size_t n = (size_t) feature_count (feature);

  if (n == 0)
    return;
  if (output->dtype == GW_STRING)
    for (size_t i = 0; i < n; i++)
      gw_string_set (gw_string_at (output, at + (int64_t) i), (const char *) feature->bytes_list->value[i].data,
                     feature->bytes_list->value[i].len);
  else if (output->dtype == GW_FLOAT32)
    memcpy (GW_TENSOR_DATA (output, float) + at, feature->float_list->value, n * sizeof (float));
  else
    memcpy (GW_TENSOR_DATA (output, int64_t) + at, feature->int64_list->value, n * sizeof (int64_t));
}

/* “Name: a, Key: b. ” of an error. */
static char *
place (const Parse    *parse,
       int64_t         example,
       const GwString *key)
{
  g_autofree char *quoted = gw_string_quote (key);
  g_autofree char *name = parse->names != NULL && parse->names->elements > example
                          ? gw_string_quote (gw_string_at (parse->names, example)) : NULL;

  return g_strdup_printf ("serialized[%" G_GINT64_FORMAT "]%s%s: Key: %s. ", example, name != NULL ? ", name " : "",
                          name != NULL ? name : "", quoted);
}

static gboolean
check_type (const Parse       *parse,
            int64_t            example,
            const GwString    *key,
            const Gw__Feature *feature,
            GwDType            dtype,
            GError           **error)
{
  g_autofree char *where = NULL;

  if (feature == NULL || feature_type (feature) == dtype)
    return TRUE;
  where = place (parse, example, key);
  return gw_invalid (error, "%sData types don't match. Expected type: %s, got %s", where, gw_dtype_name (dtype),
                     gw_dtype_name (feature_type (feature)));
}

/* ---- sparse ---- */

static gboolean
parse_sparse (const Parse *parse,
              int          which,
              GError     **error)
{
  const GwString *key = &parse->keys[which];
  GwDType dtype = parse->sparse_types[which];
  int rank = parse->single ? 1 : 2;
  int64_t total = 0, widest = 0, at = 0;
  int first = which, values = parse->n_sparse + which, shape = 2 * parse->n_sparse + which;
  GwTensor **outputs = parse->context->outputs;

  for (int64_t i = 0; i < parse->n_examples; i++)
    {
      const Gw__Feature *feature = find_feature (parse->examples[i], key);

      if (!check_type (parse, i, key, feature, dtype, error))
        return FALSE;
      total += feature_count (feature);
      widest = MAX (widest, feature_count (feature));
    }
  if (!gw_kernel_allocate_output (parse->context, first, GW_INT64, &GW_SHAPE (total, rank), error) ||
      !gw_kernel_allocate_output (parse->context, values, dtype, &GW_SHAPE (total), error) ||
      !gw_kernel_allocate_output (parse->context, shape, GW_INT64, &GW_SHAPE (rank), error))
    return FALSE;
  for (int64_t i = 0; i < parse->n_examples; i++)
    {
      const Gw__Feature *feature = find_feature (parse->examples[i], key);
      int64_t *indices = GW_TENSOR_DATA (outputs[first], int64_t) + at * rank;

      copy_feature (feature, outputs[values], at);
      for (int64_t k = 0; k < feature_count (feature); k++)
        {
          if (!parse->single)
            indices[k * rank] = i;
          indices[k * rank + rank - 1] = k;
        }
      at += feature_count (feature);
    }
  if (!parse->single)
    GW_TENSOR_DATA (outputs[shape], int64_t)[0] = parse->n_examples;
  GW_TENSOR_DATA (outputs[shape], int64_t)[rank - 1] = widest;
  return TRUE;
}

/* ---- dense ---- */

/* A dense feature: `stride` elements a row; rows < 0 = as many as there are. */
typedef struct {
  const GwString *key;
  GwDType         dtype;
  const GwTensor *fallback;
  int64_t         rows, stride;
} Dense;

/* How many rows example `i` has, checked. */
static gboolean
count_rows (const Parse *parse,
            const Dense *dense,
            int64_t      i,
            int64_t     *rows,
            GError     **error)
{
  const Gw__Feature *feature = find_feature (parse->examples[i], dense->key);
  int64_t n = feature_count (feature);
  g_autofree char *where = NULL;

  *rows = MAX (dense->rows, 0);
  if (!check_type (parse, i, dense->key, feature, dense->dtype, error))
    return FALSE;
  if (feature == NULL && (dense->rows < 0 || dense->fallback->elements == dense->rows * dense->stride))
    {
      if (dense->rows < 0 || dense->fallback->elements > 0 || dense->rows * dense->stride == 0)
        return TRUE;
    }
  else if (feature != NULL && (dense->rows < 0 ? (dense->stride > 0 ? n % dense->stride == 0 : n == 0)
                                               : n == dense->rows * dense->stride))
    {
      if (dense->rows < 0 && dense->stride > 0)
        *rows = n / dense->stride;
      return TRUE;
    }
  where = place (parse, i, dense->key);
  if (feature == NULL)
    return gw_invalid (error, "%sThe feature (data type: %s) is required but could not be found", where,
                       gw_dtype_name (dense->dtype));
  return gw_invalid (error, "%sNumber of %s values != expected. Values size: %" G_GINT64_FORMAT " but %s%" G_GINT64_FORMAT
                     " elements", where, gw_dtype_name (dense->dtype), n,
                     dense->rows < 0 ? "rows are of " : "the shape has ",
                     dense->rows < 0 ? dense->stride : dense->rows * dense->stride);
}

/* Element `from` of `tensor` to `n` elements of output from `at` on, one source
 * element each when `many`, else the same. */
static void
fill_from (const GwTensor *tensor,
           gboolean        many,
           GwTensor       *output,
           int64_t         at,
           int64_t         n)
{
  size_t size = gw_dtype_size (output->dtype);

  for (int64_t i = 0; i < n; i++)
    if (output->dtype == GW_STRING)
      gw_string_copy (gw_string_at (output, at + i), gw_string_at (tensor, many ? i : 0));
    else
      memcpy ((char *) output->data + (size_t) (at + i) * size, (const char *) tensor->data + (many ? (size_t) i * size : 0),
              size);
}

static gboolean
parse_dense (const Parse *parse,
             int          which,
             GError     **error)
{
  GwShape shape = parse->dense_shapes[which];
  int index = 3 * parse->n_sparse + which;
  Dense dense = {
    .key = &parse->keys[parse->n_sparse + which], .dtype = parse->dense_types[which],
    .fallback = parse->defaults[which],
    .rows = shape.rank > 0 ? shape.dims[0] : 1, .stride = shape.rank > 0 ? gw_shape_span (&shape, 1, shape.rank) : 1,
  };
  GwShape out = parse->single ? GW_SHAPE_SCALAR : GW_SHAPE (parse->n_examples);
  int64_t most = 0, rows;
  GwTensor *output;

  if (dense.rows < 0 && !parse->single && dense.fallback->elements != 1)
    return gw_invalid (error, "dense_defaults[%d] must be a single element, with which rows of different length are filled up, "
                       "but has %" G_GINT64_FORMAT, which, dense.fallback->elements);
  for (int64_t i = 0; i < parse->n_examples; i++)
    {
      if (!count_rows (parse, &dense, i, &rows, error))
        return FALSE;
      most = MAX (most, rows);
    }
  if (shape.rank > 0 && dense.rows < 0)
    shape.dims[0] = most;
  for (int i = 0; i < shape.rank; i++)
    out.dims[out.rank++] = shape.dims[i];
  if (!gw_kernel_allocate_output (parse->context, index, dense.dtype, &out, error))
    return FALSE;
  output = parse->context->outputs[index];
  for (int64_t i = 0; i < parse->n_examples; i++)
    {
      const Gw__Feature *feature = find_feature (parse->examples[i], dense.key);
      int64_t size = (dense.rows < 0 ? most : dense.rows) * dense.stride;
      int64_t n = feature_count (feature);

      copy_feature (feature, output, i * size);
      if (feature == NULL && dense.rows >= 0)
        fill_from (dense.fallback, TRUE, output, i * size, size);
      else if (n < size)
        fill_from (dense.fallback, FALSE, output, i * size + n, size - n);
    }
  return TRUE;
}

/* ---- both ---- */

static gboolean
run_parse (Parse          *parse,
           const GwTensor *serialized,
           GError        **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autofree Gw__Example **examples = g_try_new0 (Gw__Example *, MAX (serialized->elements, 1));

  if (examples == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "no memory for %" G_GINT64_FORMAT " examples",
                   serialized->elements);
      return FALSE;
    }
  parse->n_examples = serialized->elements;
  parse->examples = examples;
  for (int64_t i = 0; i < parse->n_examples; i++)
    {
      const GwString *text = gw_string_at (serialized, i);
      g_autofree char *what = g_strdup_printf ("serialized[%" G_GINT64_FORMAT "]", i);
      g_autoptr (GError) problem = NULL;

      examples[i] = gw_proto_unpack (arena, &gw__example__descriptor, text->length > 0 ? text->data : "", text->length, what,
                                     &problem);
      if (examples[i] == NULL && g_error_matches (problem, GW_ERROR, GW_ERROR_DATA_LOSS))
        return gw_invalid (error, "Could not parse example input: %s", problem->message);
      if (examples[i] == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
    }
  for (int i = 0; i < parse->n_sparse; i++)
    if (!parse_sparse (parse, i, error))
      return FALSE;
  for (int i = 0; i < parse->n_dense; i++)
    if (!parse_dense (parse, i, error))
      return FALSE;
  return TRUE;
}

/* The lists must be as long as the numbers say, and of the dense shapes only the first
 * dimension may be open. */
static gboolean
check_lists (int                n_sparse,
             int                n_dense,
             const GwAttrValue *sparse_types,
             const GwAttrValue *dense_types,
             const GwAttrValue *shapes,
             GError           **error)
{
  if (sparse_types->list.n != n_sparse)
    return gw_invalid (error, "sparse_types has %d entries for %d sparse features", sparse_types->list.n, n_sparse);
  if (dense_types->list.n != n_dense || shapes->list.n != n_dense)
    return gw_invalid (error, "Tdense has %d and dense_shapes %d entries for %d dense features", dense_types->list.n,
                       shapes->list.n, n_dense);
  for (int i = 0; i < n_dense; i++)
    {
      const GwShape *shape = &shapes->list.shapes[i];
      g_autofree char *text = gw_shape_to_string (shape);

      if (shape->rank < 0 || shape->rank == GW_MAX_RANK)
        return gw_invalid (error, "dense_shapes[%d] must have a known rank below %d, but is %s", i, GW_MAX_RANK, text);
      for (int k = 0; k < shape->rank; k++)
        if (shape->dims[k] < 0 && k > 0)
          return gw_invalid (error, "dense_shapes[%d]: only the first dimension may be open, but it is %s", i, text);
      if (gw_shape_is_known (shape) && gw_shape_elements (shape) < 0)
        return gw_invalid (error, "dense_shapes[%d] has more elements than can be counted", i);
    }
  return TRUE;
}

/* Shapes of all outputs; `batch` < -1: there is no batch dimension. */
static gboolean
set_shapes (GwShapeContext *context,
            int             n_sparse,
            const GwShape  *dense_shapes,
            int64_t         batch,
            GError        **error)
{
  gboolean single = batch < GW_DIM_UNKNOWN;

  for (int i = 0; i < context->n_outputs; i++)
    {
      const GwShape *dense = i >= 3 * n_sparse ? &dense_shapes[i - 3 * n_sparse] : NULL;
      GwShape *out = &context->outputs[i];

      if (i < n_sparse)
        *out = GW_SHAPE (GW_DIM_UNKNOWN, single ? 1 : 2);
      else if (i < 2 * n_sparse)
        *out = GW_SHAPE (GW_DIM_UNKNOWN);
      else if (dense == NULL)
        *out = GW_SHAPE (single ? 1 : 2);
      else
        {
          *out = single ? GW_SHAPE_SCALAR : GW_SHAPE (batch);
          for (int k = 0; k < dense->rank; k++)
            out->dims[out->rank++] = dense->dims[k];
          if (!gw_array_check_size (out, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* ---- ParseExample ---- */

enum { EXAMPLE_NSPARSE, EXAMPLE_NDENSE, EXAMPLE_SPARSE_TYPES, EXAMPLE_TDENSE, EXAMPLE_DENSE_SHAPES };
enum { EXAMPLE_SERIALIZED, EXAMPLE_NAMES, EXAMPLE_SPARSE_KEYS };

static gboolean
example_shape (GwShapeContext *context,
               GError        **error)
{
  const GwAttrValue *attrs = context->attrs;
  int n_sparse = (int) attrs[EXAMPLE_NSPARSE].i, n_dense = (int) attrs[EXAMPLE_NDENSE].i;
  GwShape serialized;

  if (!check_lists (n_sparse, n_dense, &attrs[EXAMPLE_SPARSE_TYPES], &attrs[EXAMPLE_TDENSE], &attrs[EXAMPLE_DENSE_SHAPES],
                    error) ||
      !gw_shape_want_rank (context, EXAMPLE_SERIALIZED, 1, &serialized, error) ||
      !gw_array_want_vector (context, EXAMPLE_NAMES, error))
    return FALSE;
  for (int i = 0; i < n_sparse + n_dense; i++)
    if (!gw_array_want_scalar (context, EXAMPLE_SPARSE_KEYS + i, error))
      return FALSE;
  return set_shapes (context, n_sparse, attrs[EXAMPLE_DENSE_SHAPES].list.shapes, serialized.dims[0], error);
}

static gboolean
example_cpu (GwKernelContext *context,
             GError         **error)
{
  const GwAttrValue *attrs = context->attrs;
  Parse parse = {
    .context = context, .n_sparse = (int) attrs[EXAMPLE_NSPARSE].i, .n_dense = (int) attrs[EXAMPLE_NDENSE].i,
    .sparse_types = attrs[EXAMPLE_SPARSE_TYPES].list.dtypes, .dense_types = attrs[EXAMPLE_TDENSE].list.dtypes,
    .dense_shapes = attrs[EXAMPLE_DENSE_SHAPES].list.shapes, .names = context->inputs[EXAMPLE_NAMES],
  };
  int n_keys = parse.n_sparse + parse.n_dense;
  g_autofree GwString *keys = g_new (GwString, MAX (n_keys, 1));
  const GwTensor *serialized = context->inputs[EXAMPLE_SERIALIZED];

  if (serialized->shape.rank != 1)
    return gw_invalid (error, "serialized must be a vector, but is rank %d", serialized->shape.rank);
  if (parse.names->elements != 0 && parse.names->elements != serialized->elements)
    return gw_invalid (error, "names must be empty or as many as serialized, but are %" G_GINT64_FORMAT " for %" G_GINT64_FORMAT,
                       parse.names->elements, serialized->elements);
  for (int i = 0; i < n_keys; i++)
    {
      const GwTensor *key = context->inputs[EXAMPLE_SPARSE_KEYS + i];

      if (key->elements != 1)
        return gw_invalid (error, "a key must be a scalar, but number %d has %" G_GINT64_FORMAT " elements", i, key->elements);
      keys[i] = *gw_string_at (key, 0);
    }
  parse.keys = keys;
  parse.defaults = context->inputs + EXAMPLE_SPARSE_KEYS + n_keys;
  return run_parse (&parse, serialized, error);
}

#define FEATURE_TYPES GW_CHOICES ("float32", "int64", "string")
#define SPARSE_TYPES                                                                                     \
  { "sparse_types", GW_ATTR_DTYPES, .choices = FEATURE_TYPES, .label = "Sparse types", .help = "One for each sparse feature." }
#define DENSE_TYPES                                                                                      \
  { "Tdense", GW_ATTR_DTYPES, .choices = FEATURE_TYPES, .label = "Dense types", .help = "One for each dense feature." }
#define DENSE_SHAPES                                                                                     \
  { "dense_shapes", GW_ATTR_SHAPES, .label = "Dense shapes", .help = "One for each dense feature; its first dimension may be open." }
#define PARSED(number)                                                                                   \
  GW_PORTS ({ "sparse_indices", "int64", "Where the values of each sparse feature stand.", .number_attr = number }, \
            { "sparse_values", "sparse_types", "The values of each sparse feature." },                   \
            { "sparse_shapes", "int64", "Number of examples and largest number of values.", .number_attr = number }, \
            { "dense_values", "Tdense", "The dense features." })

static const GwOpDef example_op = {
  .name = "ParseExample", .since = 1, .title = "Parse examples", .category = "strings/Decoding",
  .summary = "Takes a batch of serialised Example messages apart into features.",
  .doc = "TFRecord files hold examples: named features, each a list of floats, of integers or of texts. A **dense** feature has "
         "one shape in every example; where it is missing its default stands, and an empty default means that it must be there. "
         "With an open first dimension rows are filled up with the default. A **sparse** feature may have any number of values.",
  .inputs = GW_PORTS ({ "serialized", "string", "[batch]: the messages." },
                      { "names", "string", "[batch] or empty: what to call them in errors.", .literal = "[]" },
                      { "sparse_keys", "string", "Names of the sparse features, scalars.", .number_attr = "Nsparse" },
                      { "dense_keys", "string", "Names of the dense features, scalars.", .number_attr = "Ndense" },
                      { "dense_defaults", "Tdense", "For each dense feature its default, of its shape, or empty." }),
  .outputs = PARSED ("Nsparse"),
  .attrs = GW_ATTRS (
    [EXAMPLE_NSPARSE] = { "Nsparse", GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXINT16, .label = "Sparse features",
                          .help = "How many." },
    [EXAMPLE_NDENSE] = { "Ndense", GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXINT16, .label = "Dense features",
                         .help = "How many." },
    [EXAMPLE_SPARSE_TYPES] = SPARSE_TYPES, [EXAMPLE_TDENSE] = DENSE_TYPES, [EXAMPLE_DENSE_SHAPES] = DENSE_SHAPES),
  .shape_rule = "dense_values[i] is [examples] followed by dense_shapes[i]; sparse indices are [entries, 2], values "
                "[entries], shapes [2]",
  .flags = GW_OP_NO_GRADIENT | GW_OP_DYNAMIC_OUTPUT, .shape = example_shape, .cpu = example_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[\"\", \"\"]", "string []", "\"s\"", "\"d\"", "float32 [1.5]"),
      "Nsparse=1 Ndense=1 sparse_types=[int64] Tdense=[float32] dense_shapes=[[1]]",
      NULL }),
};

/* ---- ParseSingleExample ---- */

enum {
  SINGLE_NUM_SPARSE, SINGLE_SPARSE_KEYS, SINGLE_DENSE_KEYS, SINGLE_SPARSE_TYPES, SINGLE_TDENSE, SINGLE_DENSE_SHAPES,
};

static gboolean
single_shape (GwShapeContext *context,
              GError        **error)
{
  const GwAttrValue *attrs = context->attrs;
  int n_sparse = (int) attrs[SINGLE_NUM_SPARSE].i, n_dense = attrs[SINGLE_DENSE_KEYS].list.n;

  if (attrs[SINGLE_SPARSE_KEYS].list.n != n_sparse)
    return gw_invalid (error, "sparse_keys has %d entries for num_sparse = %d", attrs[SINGLE_SPARSE_KEYS].list.n, n_sparse);
  return check_lists (n_sparse, n_dense, &attrs[SINGLE_SPARSE_TYPES], &attrs[SINGLE_TDENSE], &attrs[SINGLE_DENSE_SHAPES],
                      error) &&
         gw_array_want_scalar (context, 0, error) &&
         set_shapes (context, n_sparse, attrs[SINGLE_DENSE_SHAPES].list.shapes, GW_DIM_UNKNOWN - 1, error);
}

static gboolean
single_cpu (GwKernelContext *context,
            GError         **error)
{
  const GwAttrValue *attrs = context->attrs;
  Parse parse = {
    .context = context, .single = TRUE, .n_sparse = attrs[SINGLE_SPARSE_KEYS].list.n, .n_dense = attrs[SINGLE_DENSE_KEYS].list.n,
    .sparse_types = attrs[SINGLE_SPARSE_TYPES].list.dtypes, .dense_types = attrs[SINGLE_TDENSE].list.dtypes,
    .dense_shapes = attrs[SINGLE_DENSE_SHAPES].list.shapes, .defaults = context->inputs + 1,
  };
  g_autofree GwString *keys = g_new (GwString, MAX (parse.n_sparse + parse.n_dense, 1));

  if (context->inputs[0]->shape.rank != 0)
    return gw_invalid (error, "serialized must be a scalar, but is rank %d", context->inputs[0]->shape.rank);
  for (int i = 0; i < parse.n_sparse + parse.n_dense; i++)
    {
      char *key = i < parse.n_sparse ? attrs[SINGLE_SPARSE_KEYS].list.s[i]
                                     : attrs[SINGLE_DENSE_KEYS].list.s[i - parse.n_sparse];

      keys[i] = (GwString) { key, strlen (key) };
    }
  parse.keys = keys;
  return run_parse (&parse, context->inputs[0], error);
}

static const GwOpDef single_op = {
  .name = "ParseSingleExample", .since = 1, .title = "Parse one example", .category = "strings/Decoding",
  .summary = "Takes one serialised Example message apart into features.",
  .doc = "As ParseExample, without the batch dimension and with the names of the features as attributes.",
  .inputs = GW_PORTS ({ "serialized", "string", "Scalar: the message." },
                      { "dense_defaults", "Tdense", "For each dense feature its default, of its shape, or empty." }),
  .outputs = PARSED ("num_sparse"),
  .attrs = GW_ATTRS (
    [SINGLE_NUM_SPARSE] = { "num_sparse", GW_ATTR_INT, .def = "0", .min = 0, .max = G_MAXINT16, .label = "Sparse features",
                            .help = "How many." },
    [SINGLE_SPARSE_KEYS] = { "sparse_keys", GW_ATTR_STRINGS, .label = "Sparse keys", .help = "Names of the sparse features." },
    [SINGLE_DENSE_KEYS] = { "dense_keys", GW_ATTR_STRINGS, .label = "Dense keys", .help = "Names of the dense features." },
    [SINGLE_SPARSE_TYPES] = SPARSE_TYPES, [SINGLE_TDENSE] = DENSE_TYPES, [SINGLE_DENSE_SHAPES] = DENSE_SHAPES),
  .shape_rule = "dense_values[i] is dense_shapes[i]; sparse indices are [entries, 1], values [entries], shapes [1]",
  .flags = GW_OP_NO_GRADIENT | GW_OP_DYNAMIC_OUTPUT, .shape = single_shape, .cpu = single_cpu,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("\"\"", "float32 [1.5]"),
      "num_sparse=1 sparse_keys=[s] dense_keys=[d] sparse_types=[int64] Tdense=[float32] dense_shapes=[[1]]",
      NULL }),
};

const GwOpDef *const gw_ops_parse_example[] = { &example_op, &single_op, NULL };
