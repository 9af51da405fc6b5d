/* SPDX-License-Identifier: Apache-2.0 */
/* One switch for each direction: text, JSON, copy, comparison. The list types
 * borrow the reader and writer of tensors for their text form. */
#include "engine/tensor/attr.h"

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/tensor/text.h"

#include <math.h>
#include <string.h>

int
gw_attr_defs_length (const GwAttrDef *defs)
{
  int n = 0;

  while (defs != NULL && defs[n].name != NULL)
    n++;
  return n;
}

int
gw_attr_defs_find (const GwAttrDef *defs,
                   const char      *name)
{
  for (int i = 0; defs != NULL && defs[i].name != NULL; i++)
    if (strcmp (defs[i].name, name) == 0)
      return i;
  return -1;
}

/* Bytes of one item of a list type; 0 when `type` is no list. */
static size_t
item_size (GwAttrType type)
{
  switch (type)
    {
    case GW_ATTR_INTS: return sizeof (int64_t);
    case GW_ATTR_FLOATS: return sizeof (double);
    case GW_ATTR_STRINGS:
    case GW_ATTR_FUNCS: return sizeof (char *);
    case GW_ATTR_DTYPES: return sizeof (GwDType);
    case GW_ATTR_SHAPES: return sizeof (GwShape);
    default: return 0;
    }
}

static gboolean
holds_string (GwAttrType type)
{
  return type == GW_ATTR_STRING || type == GW_ATTR_CHOICE || type == GW_ATTR_FILE || type == GW_ATTR_FUNC;
}

static gboolean
holds_strings (GwAttrType type)
{
  return type == GW_ATTR_STRINGS || type == GW_ATTR_FUNCS;
}

char *const *
gw_attr_func_names (const GwAttrValue *value,
                    int               *n)
{
  *n = value->type == GW_ATTR_FUNC ? 1 : value->type == GW_ATTR_FUNCS ? value->list.n : 0;
  return value->type == GW_ATTR_FUNCS ? value->list.s : &value->s;
}

void
gw_attr_value_copy (GwAttrValue       *dest,
                    const GwAttrValue *src)
{
  size_t size = item_size (src->type);

  *dest = *src;
  if (holds_string (src->type))
    dest->s = g_strdup (src->s);
  else if (src->type == GW_ATTR_TENSOR && src->tensor != NULL)
    gw_tensor_ref (dest->tensor);
  else if (size > 0)
    dest->list.i = src->list.n > 0 ? g_memdup2 (src->list.i, size * (size_t) src->list.n) : NULL;
  if (holds_strings (src->type))
    for (int i = 0; i < src->list.n; i++)
      dest->list.s[i] = g_strdup (src->list.s[i]);
}

void
gw_attr_value_clear (GwAttrValue *value)
{
  if (holds_strings (value->type))
    for (int i = 0; i < value->list.n; i++)
      g_free (value->list.s[i]);
  if (holds_string (value->type))
    g_free (value->s);
  else if (value->type == GW_ATTR_TENSOR)
    gw_tensor_unref (value->tensor);
  else if (item_size (value->type) > 0)
    g_free (value->list.i);
  memset (value, 0, sizeof *value);
}

static gboolean
same_number (double a,
             double b)
{
  return a == b || (isnan (a) && isnan (b));
}

static gboolean
same_item (const GwAttrValue *a,
           const GwAttrValue *b,
           int                i)
{
  switch (a->type)
    {
    case GW_ATTR_INTS: return a->list.i[i] == b->list.i[i];
    case GW_ATTR_FLOATS: return same_number (a->list.f[i], b->list.f[i]);
    case GW_ATTR_STRINGS:
    case GW_ATTR_FUNCS: return g_strcmp0 (a->list.s[i], b->list.s[i]) == 0;
    case GW_ATTR_DTYPES: return a->list.dtypes[i] == b->list.dtypes[i];
    default: return gw_shape_equal (&a->list.shapes[i], &b->list.shapes[i]);
    }
}

gboolean
gw_attr_value_equal (const GwAttrValue *a,
                     const GwAttrValue *b)
{
  if (a->type != b->type)
    return FALSE;
  switch (a->type)
    {
    case GW_ATTR_BOOL: return !a->b == !b->b;
    case GW_ATTR_INT:
    case GW_ATTR_SEED: return a->i == b->i;
    case GW_ATTR_FLOAT: return same_number (a->f, b->f);
    case GW_ATTR_STRING:
    case GW_ATTR_CHOICE:
    case GW_ATTR_FILE:
    case GW_ATTR_FUNC: return g_strcmp0 (a->s, b->s) == 0;
    case GW_ATTR_DTYPE: return a->dtype == b->dtype;
    case GW_ATTR_SHAPE: return gw_shape_equal (&a->shape, &b->shape);
    case GW_ATTR_TENSOR:
      return a->tensor == b->tensor ||
             (a->tensor != NULL && b->tensor != NULL && gw_tensor_equal (a->tensor, b->tensor));
    default:
      if (a->list.n != b->list.n)
        return FALSE;
      for (int i = 0; i < a->list.n; i++)
        if (!same_item (a, b, i))
          return FALSE;
      return TRUE;
    }
}

static gboolean
is_choice (const GwAttrDef *def,
           const char      *text)
{
  return def->choices == NULL || (text != NULL && g_strv_contains (def->choices, text));
}

static gboolean
wrong_choice (const GwAttrDef *def,
              const char      *text,
              GError         **error)
{
  g_autofree char *choices = g_strjoinv (", ", (char **) def->choices);

  return gw_invalid (error, "%s is “%s”, but must be one of %s", def->name, text != NULL ? text : "", choices);
}

/* `what` is what the range counts: "" for the value itself. */
static gboolean
check_range (const GwAttrDef *def,
             double           value,
             const char      *what,
             GError         **error)
{
  gboolean open_above = def->max < def->min;

  if (def->min == 0 && def->max == 0)
    return TRUE;
  if (value >= def->min && (open_above || value <= def->max))
    return TRUE;
  if (open_above)
    return gw_invalid (error, "%s%s is %g, but must be at least %g", def->name, what, value, def->min);
  return gw_invalid (error, "%s%s is %g, but must be from %g to %g", def->name, what, value, def->min, def->max);
}

static const char *
type_label (GwAttrType type)
{
  static const char *const labels[] = {
    "true or false", "a whole number", "a number", "a text", "one of its choices", "a type such as float32",
    "a shape such as ?,28,28", "a list of whole numbers", "a list of numbers", "a list of texts",
    "a list of types", "a list of shapes", "a tensor", "a file name", "a whole number",
    "the name of a sub-graph", "a list of names of sub-graphs",
  };

  return type < G_N_ELEMENTS (labels) ? labels[type] : "a value";
}

static gboolean
wrong_type (const GwAttrDef *def,
            const char      *got,
            GError         **error)
{
  return gw_invalid (error, "%s is “%.60s”, but must be %s", def->name, got, type_label (def->type));
}

static gboolean
check_list (const GwAttrDef *def,
            GwAttrValue     *value,
            GError         **error)
{
  for (int i = 0; i < value->list.n; i++)
    {
      const char *text = holds_strings (value->type) ? value->list.s[i] :
                         value->type == GW_ATTR_DTYPES ? gw_dtype_name (value->list.dtypes[i]) : NULL;

      if (text != NULL && !is_choice (def, text))
        return wrong_choice (def, text, error);
    }
  return check_range (def, value->list.n, "'s length", error);
}

gboolean
gw_attr_check (const GwAttrDef *def,
               GwAttrValue     *value,
               GError         **error)
{
  if (def->type == GW_ATTR_FLOAT && value->type == GW_ATTR_INT)
    *value = gw_attr_float ((double) value->i);
  else if ((holds_string (def->type) && value->type == GW_ATTR_STRING) ||
           (def->type == GW_ATTR_FUNCS && value->type == GW_ATTR_STRINGS))
    value->type = def->type;
  else if (def->type == GW_ATTR_SEED && value->type == GW_ATTR_INT)
    value->type = GW_ATTR_SEED;
  if (value->type != def->type)
    {
      g_autofree char *got = gw_attr_to_string (value);

      return wrong_type (def, got, error);
    }
  switch (def->type)
    {
    case GW_ATTR_INT:
    case GW_ATTR_SEED:
      return check_range (def, (double) value->i, "", error);
    case GW_ATTR_FLOAT:
      return check_range (def, value->f, "", error);
    case GW_ATTR_CHOICE:
      return is_choice (def, value->s) || wrong_choice (def, value->s, error);
    case GW_ATTR_DTYPE:
      return is_choice (def, gw_dtype_name (value->dtype)) ||
             wrong_choice (def, gw_dtype_name (value->dtype), error);
    default:
      return item_size (def->type) == 0 || check_list (def, value, error);
    }
}

void
gw_attr_default (const GwAttrDef *def,
                 GwAttrValue     *value)
{
  memset (value, 0, sizeof *value);
  value->type = def->type;
  if (def->def != NULL)
    {
      GwAttrDef unchecked = *def;
      g_autoptr (GError) error = NULL;

      unchecked.min = unchecked.max = 0;
      if (!gw_attr_parse (&unchecked, def->def, value, &error))
        g_error ("default of attribute %s: %s", def->name, error->message);
    }
  else if (holds_string (def->type))
    value->s = g_strdup (def->type == GW_ATTR_CHOICE && def->choices != NULL ? def->choices[0] : "");
  else if (def->type == GW_ATTR_SHAPE)
    value->shape = GW_SHAPE_UNKNOWN;
}

/* ---- text ---- */

/* A list of numbers or texts, read as the tensor it looks like. */
static gboolean
parse_list (const GwAttrDef *def,
            GwDType          dtype,
            const char      *text,
            GwAttrValue     *value,
            GError         **error)
{
  g_autoptr (GwTensor) tensor = NULL;
  GwShape vector = gw_shape_of_rank (1);
  const GwShape *shape = dtype == GW_STRING ? &vector : NULL;
  GError *inner = NULL;
  int n;

  value->list.n = 0;
  value->list.i = NULL;
  if (text[strspn (text, " \t\n")] == '\0')
    return TRUE;
  if (dtype == GW_STRING && strpbrk (text, "[](),\"' ") == NULL)
    {
      value->list.n = 1;
      value->list.s = g_new0 (char *, 1);
      value->list.s[0] = g_strdup (text);
      return TRUE;
    }
  tensor = gw_tensor_parse (text, dtype, shape, &inner);
  if (tensor == NULL || tensor->shape.rank > 1 || tensor->elements > G_MAXINT / 64)
    {
      gw_invalid (error, "%s is “%.60s”, but must be %s%s%s", def->name, text, type_label (def->type),
                  inner != NULL ? ": " : "", inner != NULL ? inner->message : "");
      g_clear_error (&inner);
      return FALSE;
    }
  n = value->list.n = (int) tensor->elements;
  if (dtype == GW_INT64)
    value->list.i = g_memdup2 (tensor->data, sizeof (int64_t) * (size_t) n);
  else if (dtype == GW_FLOAT64)
    value->list.f = g_memdup2 (tensor->data, sizeof (double) * (size_t) n);
  else
    {
      value->list.s = g_new0 (char *, n);
      for (int i = 0; i < n; i++)
        value->list.s[i] = g_strdup (gw_tensor_get_string (tensor, i)->data);
    }
  return TRUE;
}

static gboolean
parse_dtype (const GwAttrDef *def,
             const char      *text,
             GwDType         *dtype,
             GError         **error)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));

  *dtype = gw_dtype_from_name (copy);
  return *dtype != GW_DTYPE_INVALID || wrong_type (def, text, error);
}

static gboolean
parse_dtypes (const GwAttrDef *def,
              const char      *text,
              GwAttrValue     *value,
              GError         **error)
{
  GwAttrValue names = { .type = GW_ATTR_STRINGS };
  gboolean ok;

  value->list.n = 0;
  value->list.dtypes = NULL;
  ok = parse_list (def, GW_STRING, text, &names, error);
  if (ok && names.list.n > 0)
    value->list.dtypes = g_new (GwDType, names.list.n);
  for (int i = 0; ok && i < names.list.n; i++)
    ok = parse_dtype (def, names.list.s[i], &value->list.dtypes[i], error);
  value->list.n = names.list.n;
  gw_attr_value_clear (&names);
  return ok;
}

/* The next item of "[2,3], ?, [4]": bracketed, or a word for an unknown rank. */
static char *
next_shape_text (const char **cursor)
{
  const char *start = *cursor + strspn (*cursor, " ,");
  size_t length;

  if (*start == '\0' || *start == ']')
    {
      *cursor = start;
      return NULL;
    }
  length = *start == '[' || *start == '(' ? strcspn (start, "])") + 1 : strcspn (start, " ,]");
  length = MIN (length, strlen (start));
  *cursor = start + length;
  return g_strndup (start, length);
}

/* Whether the bracket that `text` begins with closes at its end. */
static gboolean
is_bracketed (const char *text)
{
  int depth = 0;

  for (const char *c = text; *c != '\0'; c++)
    {
      depth += *c == '[' ? 1 : *c == ']' ? -1 : 0;
      if (depth == 0)
        return c > text && c[1] == '\0';
    }
  return FALSE;
}

static gboolean
parse_shapes (const GwAttrDef *def,
              const char      *text,
              GwAttrValue     *value,
              GError         **error)
{
  g_autoptr (GArray) shapes = g_array_new (FALSE, FALSE, sizeof (GwShape));
  g_autofree char *copy = g_strstrip (g_strdup (text));
  gboolean bracket = is_bracketed (copy);
  const char *cursor = copy + (bracket ? 1 : 0);
  char *item;

  value->list.n = 0;
  value->list.shapes = NULL;
  while ((item = next_shape_text (&cursor)) != NULL)
    {
      g_autofree char *owned = item;
      gboolean listed = strchr ("[(", *item) != NULL || strcmp (item, "?") == 0 ||
                        strcmp (item, "any") == 0 || strcmp (item, "scalar") == 0;
      GwShape shape;

      if (!listed)
        return gw_invalid (error, "%s is “%.60s”, but must be a list of shapes such as [[?,2],[3]]", def->name, text);
      if (!gw_shape_parse (item, &shape, error))
        {
          g_prefix_error (error, "%s: ", def->name);
          return FALSE;
        }
      g_array_append_val (shapes, shape);
    }
  if (bracket ? strcmp (cursor, "]") != 0 : *cursor != '\0')
    return wrong_type (def, text, error);
  value->list.n = (int) shapes->len;
  value->list.shapes = shapes->len > 0 ? g_memdup2 (shapes->data, sizeof (GwShape) * shapes->len) : NULL;
  return TRUE;
}

static gboolean
parse_bool (const GwAttrDef *def,
            const char      *text,
            GwAttrValue     *value,
            GError         **error)
{
  static const char *const yes[] = { "true", "True", "yes", "on", "1", NULL };
  static const char *const no[] = { "false", "False", "no", "off", "0", NULL };
  g_autofree char *copy = g_strstrip (g_strdup (text));

  value->b = g_strv_contains (yes, copy);
  return value->b || g_strv_contains (no, copy) || wrong_type (def, text, error);
}

static gboolean
parse_int (const GwAttrDef *def,
           const char      *text,
           GwAttrValue     *value,
           GError         **error)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  gint64 parsed;

  if (!g_ascii_string_to_signed (copy, 10, G_MININT64, G_MAXINT64, &parsed, NULL))
    return wrong_type (def, text, error);
  value->i = parsed;
  return TRUE;
}

static gboolean
parse_float (const GwAttrDef *def,
             const char      *text,
             GwAttrValue     *value,
             GError         **error)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  char *end;

  value->f = g_ascii_strtod (copy, &end);
  return (end != copy && *end == '\0') || wrong_type (def, text, error);
}

/* A tensor may be led by its type, "float32 [1, 2]", where the text alone would
 * give another. */
static gboolean
parse_tensor (const GwAttrDef *def,
              const char      *text,
              GwAttrValue     *value,
              GError         **error)
{
  g_autofree char *word = g_strndup (text, strcspn (text, " "));
  GwDType dtype = gw_dtype_from_name (word);

  value->tensor = gw_tensor_parse (dtype != GW_DTYPE_INVALID ? text + strlen (word) : text, dtype, NULL, error);
  if (value->tensor == NULL)
    g_prefix_error (error, "%s: ", def->name);
  return value->tensor != NULL;
}

static gboolean
parse_value (const GwAttrDef *def,
             const char      *text,
             GwAttrValue     *value,
             GError         **error)
{
  switch (def->type)
    {
    case GW_ATTR_BOOL: return parse_bool (def, text, value, error);
    case GW_ATTR_INT:
    case GW_ATTR_SEED: return parse_int (def, text, value, error);
    case GW_ATTR_FLOAT: return parse_float (def, text, value, error);
    case GW_ATTR_DTYPE: return parse_dtype (def, text, &value->dtype, error);
    case GW_ATTR_INTS: return parse_list (def, GW_INT64, text, value, error);
    case GW_ATTR_FLOATS: return parse_list (def, GW_FLOAT64, text, value, error);
    case GW_ATTR_STRINGS:
    case GW_ATTR_FUNCS: return parse_list (def, GW_STRING, text, value, error);
    case GW_ATTR_DTYPES: return parse_dtypes (def, text, value, error);
    case GW_ATTR_SHAPES: return parse_shapes (def, text, value, error);
    case GW_ATTR_TENSOR: return parse_tensor (def, text, value, error);
    case GW_ATTR_SHAPE:
      if (gw_shape_parse (text, &value->shape, error))
        return TRUE;
      g_prefix_error (error, "%s: ", def->name);
      return FALSE;
    default:
      value->s = g_strdup (text);
      return TRUE;
    }
}

gboolean
gw_attr_parse (const GwAttrDef *def,
               const char      *text,
               GwAttrValue     *value,
               GError         **error)
{
  memset (value, 0, sizeof *value);
  value->type = def->type;
  if (parse_value (def, text, value, error) && gw_attr_check (def, value, error))
    return TRUE;
  gw_attr_value_clear (value);
  return FALSE;
}

static void
append_item (GString           *out,
             const GwAttrValue *value,
             int                i)
{
  g_autofree char *text = NULL;

  switch (value->type)
    {
    case GW_ATTR_INTS:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, (gint64) value->list.i[i]);
      return;
    case GW_ATTR_FLOATS:
      {
        GwAttrValue one = gw_attr_float (value->list.f[i]);

        text = gw_attr_to_string (&one);
        break;
      }
    case GW_ATTR_STRINGS:
    case GW_ATTR_FUNCS:
      {
        g_autoptr (GwTensor) one = gw_tensor_new_string (value->list.s[i]);

        text = gw_tensor_element_to_string (one, 0);
        break;
      }
    case GW_ATTR_DTYPES:
      g_string_append (out, gw_dtype_name (value->list.dtypes[i]));
      return;
    default:
      text = gw_shape_to_string (&value->list.shapes[i]);
    }
  g_string_append (out, text);
}

static char *
list_to_string (const GwAttrValue *value)
{
  GString *out = g_string_new ("[");

  for (int i = 0; i < value->list.n; i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      append_item (out, value, i);
    }
  g_string_append_c (out, ']');
  return g_string_free (out, FALSE);
}

static char *
tensor_attr_to_string (const GwTensor *tensor)
{
  g_autofree char *text = NULL;
  g_autoptr (GwTensor) back = NULL;

  if (tensor == NULL)
    return g_strdup ("");
  text = gw_tensor_to_string (tensor, 0);
  back = gw_tensor_parse (text, GW_DTYPE_INVALID, NULL, NULL);
  if (back != NULL && back->dtype == tensor->dtype)
    return g_steal_pointer (&text);
  return g_strdup_printf ("%s %s", gw_dtype_name (tensor->dtype), text);
}

char *
gw_attr_to_label (const GwAttrValue *value,
                  int64_t            max_elements)
{
  if (value->type == GW_ATTR_TENSOR && value->tensor != NULL && value->tensor->elements > max_elements)
    return gw_tensor_to_string (value->tensor, max_elements);
  return gw_attr_to_string (value);
}

char *
gw_attr_to_string (const GwAttrValue *value)
{
  switch (value->type)
    {
    case GW_ATTR_BOOL: return g_strdup (value->b ? "true" : "false");
    case GW_ATTR_INT:
    case GW_ATTR_SEED: return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) value->i);
    case GW_ATTR_FLOAT:
      {
        g_autoptr (GwTensor) scalar = gw_tensor_new_scalar (GW_FLOAT64, value->f);

        return gw_tensor_element_to_string (scalar, 0);
      }
    case GW_ATTR_STRING:
    case GW_ATTR_CHOICE:
    case GW_ATTR_FILE:
    case GW_ATTR_FUNC: return g_strdup (value->s != NULL ? value->s : "");
    case GW_ATTR_DTYPE: return g_strdup (gw_dtype_name (value->dtype));
    case GW_ATTR_SHAPE: return gw_shape_to_string (&value->shape);
    case GW_ATTR_TENSOR: return tensor_attr_to_string (value->tensor);
    default: return list_to_string (value);
    }
}
