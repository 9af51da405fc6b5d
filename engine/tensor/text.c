/* SPDX-License-Identifier: Apache-2.0 */
/* Reading goes in two passes: the first finds brackets, elements and thereby the
 * shape, the second turns the elements into numbers of a type that may depend on
 * all of them. */
#include "engine/tensor/text.h"

#include "engine/base/error.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void
append_float (GString *out,
              double   value,
              int      max_digits,
              gboolean single)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value) || isinf (value))
    {
      g_string_append (out, isnan (value) ? "nan" : value > 0 ? "inf" : "-inf");
      return;
    }
  if (value == floor (value) && fabs (value) < 1e15)
    {
      /* 100, not 1e+02 */
      g_string_append (out, g_ascii_formatd (buffer, sizeof buffer, "%.0f", value));
      return;
    }
  for (int digits = 1; digits <= max_digits; digits++)
    {
      char format[8];
      double back;

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (buffer, sizeof buffer, format, value);
      back = g_ascii_strtod (buffer, NULL);
      if ((single ? (double) (float) back : back) == value)
        break;
    }
  g_string_append (out, buffer);
}

static void
append_complex (GString *out,
                double   real,
                double   imaginary,
                int      max_digits,
                gboolean single)
{
  append_float (out, real, max_digits, single);
  if (!signbit (imaginary) || isnan (imaginary))
    g_string_append_c (out, '+');
  append_float (out, imaginary, max_digits, single);
  g_string_append_c (out, 'j');
}

static void
append_quoted (GString        *out,
               const GwString *string)
{
  const char *end = string->data + string->length;

  g_string_append_c (out, '"');
  for (const char *c = string->data; c < end;)
    {
      gunichar character = g_utf8_get_char_validated (c, end - c);
      static const char escapes[] = "\"\"\\\\\nn\tt\rr";
      const char *escape = NULL;

      for (const char *e = escapes; *e != '\0'; e += 2)
        if (*e == *c)
          escape = e + 1;
      if (escape != NULL)
        g_string_append_printf (out, "\\%c", *escape);
      else if (character < 0x20 || character == 0x7f || character >= 0x110000)
        g_string_append_printf (out, "\\x%02x", (guchar) *c);
      else
        {
          g_string_append_unichar (out, character);
          c = g_utf8_next_char (c);
          continue;
        }
      c++;
    }
  g_string_append_c (out, '"');
}

static void
append_element (GString        *out,
                const GwTensor *tensor,
                int64_t         index)
{
  switch ((int) tensor->dtype)
    {
    case GW_FLOAT32:
      append_float (out, GW_TENSOR_DATA (tensor, float)[index], 9, TRUE);
      break;
    case GW_FLOAT16:
    case GW_BFLOAT16:
      append_float (out, gw_tensor_get_double (tensor, index), 9, TRUE);
      break;
    case GW_FLOAT64:
      append_float (out, GW_TENSOR_DATA (tensor, double)[index], 17, FALSE);
      break;
    case GW_COMPLEX64:
      append_complex (out, GW_TENSOR_DATA (tensor, float)[2 * index],
                      GW_TENSOR_DATA (tensor, float)[2 * index + 1], 9, TRUE);
      break;
    case GW_COMPLEX128:
      append_complex (out, GW_TENSOR_DATA (tensor, double)[2 * index],
                      GW_TENSOR_DATA (tensor, double)[2 * index + 1], 17, FALSE);
      break;
    case GW_BOOL:
      g_string_append (out, gw_tensor_get_int (tensor, index) != 0 ? "true" : "false");
      break;
    case GW_STRING:
      append_quoted (out, gw_tensor_get_string (tensor, index));
      break;
    case GW_UINT64:
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, (guint64) GW_TENSOR_DATA (tensor, uint64_t)[index]);
      break;
    default:
      if (gw_dtype_is_integer (tensor->dtype))
        g_string_append_printf (out, "%" G_GINT64_FORMAT, (gint64) gw_tensor_get_int (tensor, index));
      else
        g_string_append_printf (out, "<%s>", gw_dtype_name (tensor->dtype));
    }
}

char *
gw_tensor_element_to_string (const GwTensor *tensor,
                             int64_t         index)
{
  GString *out = g_string_new (NULL);

  append_element (out, tensor, index);
  return g_string_free (out, FALSE);
}

/* Lists that an empty tensor is written as without a cut. */
#define MAX_EMPTY_LISTS 10000

/* Elements that remain when each dimension keeps at most `edge` at both ends. */
static double
kept_elements (const GwShape *shape,
               int64_t        edge)
{
  double kept = 1;

  for (int i = 0; i < shape->rank; i++)
    kept *= (double) MIN (shape->dims[i], 2 * edge);
  return kept;
}

/* `edge` 0 = no cut. */
static void
append_dimension (GString        *out,
                  const GwTensor *tensor,
                  int             axis,
                  int64_t         offset,
                  int64_t         edge)
{
  const GwShape *shape = &tensor->shape;
  int64_t size, inner;

  if (axis == shape->rank)
    {
      append_element (out, tensor, offset);
      return;
    }
  size = shape->dims[axis];
  inner = tensor->elements > 0 ? gw_shape_span (shape, axis + 1, shape->rank) : 0;
  g_string_append_c (out, '[');
  for (int64_t i = 0; i < size; i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      if (edge > 0 && size > 2 * edge && i == edge)
        {
          g_string_append (out, "…, ");
          i = size - edge;
        }
      append_dimension (out, tensor, axis + 1, offset + i * inner, edge);
    }
  g_string_append_c (out, ']');
}

char *
gw_tensor_to_string (const GwTensor *tensor,
                     int64_t         max_elements)
{
  GString *out = g_string_new (NULL);
  GwShape written = tensor->shape;
  int64_t most = max_elements;
  int64_t edge = 0;

  /* Of an empty tensor the lists up to the empty dimension are written. */
  for (int i = 0; i < written.rank; i++)
    if (written.dims[i] == 0)
      written.rank = i;
  if (tensor->elements == 0 && most <= 0)
    most = MAX_EMPTY_LISTS;
  if (most > 0 && kept_elements (&written, G_MAXINT64 / 4) > (double) most)
    for (edge = 1; kept_elements (&written, edge + 1) <= (double) most;)
      edge++;
  append_dimension (out, tensor, 0, 0, edge);
  return g_string_free (out, FALSE);
}

typedef enum { WORD, QUOTED } TokenKind;

typedef struct {
  TokenKind kind;
  gsize     offset, length; /* in bytes; without the quotes */
} Token;

typedef struct {
  const char *text;
  const char *cursor;
  GArray     *tokens;
  int         leaf_depth;           /* brackets around each element, -1 = none seen */
  int64_t     sizes[GW_MAX_RANK];   /* of the lists at each depth, -1 = none closed */
  GError    **error;
} Reader;

static gboolean
fail_at (const Reader *reader,
         const char   *at,
         const char   *what)
{
  return gw_invalid (reader->error, "%s (character %ld of “%.60s”)", what,
                     g_utf8_pointer_to_offset (reader->text, at) + 1, reader->text);
}

static void
skip_space (Reader *reader)
{
  while (g_ascii_isspace (*reader->cursor))
    reader->cursor++;
}

static gboolean
is_open (char c)
{
  return c == '[' || c == '(';
}

static gboolean
read_token (Reader *reader)
{
  const char *start = reader->cursor;
  Token token = { .kind = WORD };

  if (*start == '"' || *start == '\'')
    {
      const char *end = start + 1;

      while (*end != '\0' && *end != *start)
        end += *end == '\\' && end[1] != '\0' ? 2 : 1;
      if (*end == '\0')
        return fail_at (reader, start, "a quote is not closed");
      token = (Token) { QUOTED, (gsize) (start + 1 - reader->text), (gsize) (end - start - 1) };
      reader->cursor = end + 1;
    }
  else
    {
      gsize length = strcspn (start, " \t\r\n\v\f,[]()\"'");

      if (length == 0)
        return fail_at (reader, start, *start == '\0' ? "the text ends where a value is wanted"
                                                      : "a value is wanted here");
      if (strncmp (start, "…", MIN (length, strlen ("…"))) == 0)
        return fail_at (reader, start, "the values were cut here; give all of them");
      token.offset = (gsize) (start - reader->text);
      token.length = length;
      reader->cursor = start + length;
    }
  g_array_append_val (reader->tokens, token);
  return TRUE;
}

static gboolean read_items (Reader *reader, int depth, char close);

static gboolean
read_item (Reader *reader,
           int     depth)
{
  const char *start = reader->cursor;

  if (is_open (*start))
    {
      if (depth >= GW_MAX_RANK)
        return fail_at (reader, start, "brackets nest deeper than the 8 dimensions a tensor may have");
      reader->cursor++;
      return read_items (reader, depth + 1, *start == '[' ? ']' : ')');
    }
  if (reader->leaf_depth >= 0 && reader->leaf_depth != depth)
    return fail_at (reader, start, "this value does not stand as deep in brackets as the others");
  reader->leaf_depth = depth;
  return read_token (reader);
}

/* The items of a list, up to `close`, which is eaten. */
static gboolean
read_items (Reader *reader,
            int     depth,
            char    close)
{
  int64_t n = 0;
  int64_t *size = &reader->sizes[depth - 1];

  for (;;)
    {
      skip_space (reader);
      if (*reader->cursor == close)
        break;
      if (*reader->cursor == '\0' || strchr ("])", *reader->cursor) != NULL)
        return fail_at (reader, reader->cursor, close == '\0' ? "there is a bracket too many here"
                                                              : "a bracket is not closed before here");
      if (!read_item (reader, depth))
        return FALSE;
      n++;
      skip_space (reader);
      if (*reader->cursor == ',')
        reader->cursor++;
    }
  if (*size >= 0 && *size != n)
    return fail_at (reader, reader->cursor, "this list is not as long as the one before it");
  if (reader->leaf_depth >= 0 && depth > reader->leaf_depth)
    return fail_at (reader, reader->cursor, "a list stands where a value is wanted");
  *size = n;
  if (close != '\0')
    reader->cursor++;
  return TRUE;
}

/* Several values without brackets around them are a vector. */
static gboolean
is_bare_list (const Reader *reader)
{
  Reader probe = *reader;
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (Token));

  probe.tokens = tokens;
  probe.error = NULL;
  skip_space (&probe);
  if (is_open (*probe.cursor))
    {
      int depth = 0;

      do
        {
          char c = *probe.cursor;

          if (c == '"' || c == '\'')
            {
              if (!read_token (&probe))
                return FALSE;
              continue;
            }
          depth += is_open (c) ? 1 : c == ']' || c == ')' ? -1 : 0;
          probe.cursor++;
        }
      while (depth > 0 && *probe.cursor != '\0');
    }
  else if (!read_token (&probe))
    return FALSE;
  skip_space (&probe);
  return *probe.cursor != '\0';
}

/* Tokens and shape of the whole text. */
static gboolean
read_text (Reader  *reader,
           GwShape *shape)
{
  int rank = 0;

  if (is_bare_list (reader))
    {
      if (!read_items (reader, 1, '\0'))
        return FALSE;
    }
  else
    {
      skip_space (reader);
      if (!read_item (reader, 0))
        return FALSE;
    }
  while (rank < GW_MAX_RANK && reader->sizes[rank] >= 0)
    rank++;
  if (reader->leaf_depth >= 0 && reader->leaf_depth != rank)
    return fail_at (reader, reader->cursor, "a list stands where a value is wanted");
  *shape = gw_shape_from_dims (rank, reader->sizes);
  return TRUE;
}

static gboolean
word_is (const char *word,
         const char *a,
         const char *b)
{
  return strcmp (word, a) == 0 || strcmp (word, b) == 0;
}

static gboolean
parse_real (const char *word,
            double     *value)
{
  char *end;

  if (word[0] == '\0')
    return FALSE;
  *value = g_ascii_strtod (word, &end);
  return *end == '\0';
}

static gboolean
parse_complex (const char *word,
               double     *real,
               double     *imaginary)
{
  char *end;

  *real = g_ascii_strtod (word, &end);
  *imaginary = 0;
  if (end == word)
    return FALSE;
  if (*end == 'j' && end[1] == '\0')
    {
      *imaginary = *real;
      *real = 0;
      return TRUE;
    }
  if (*end == '\0')
    return TRUE;
  if (*end != '+' && *end != '-')
    return FALSE;
  *imaginary = g_ascii_strtod (end, &end);
  return end[0] == 'j' && end[1] == '\0';
}

typedef enum { IS_BOOL = 1, IS_INT32 = 2, IS_INT = 4, IS_REAL = 8, IS_COMPLEX = 16, IS_TEXT = 32 } WordKind;

static WordKind
classify (const char *word)
{
  double real, imaginary;
  gint64 integer;

  if (word_is (word, "true", "True") || word_is (word, "false", "False"))
    return IS_BOOL;
  if (g_ascii_string_to_signed (word, 10, G_MININT64, G_MAXINT64, &integer, NULL))
    return integer == (gint32) integer ? IS_INT32 : IS_INT;
  if (parse_real (word, &real))
    return IS_REAL;
  return parse_complex (word, &real, &imaginary) ? IS_COMPLEX : IS_TEXT;
}

static char *
token_word (const Reader *reader,
            const Token  *token)
{
  return g_strndup (reader->text + token->offset, token->length);
}

/* The narrowest type that holds all the words. */
static gboolean
infer_dtype (const Reader *reader,
             GwDType      *dtype)
{
  guint kinds = 0;

  for (guint i = 0; i < reader->tokens->len; i++)
    {
      const Token *token = &g_array_index (reader->tokens, Token, i);
      g_autofree char *word = token_word (reader, token);
      guint kind = token->kind == QUOTED ? IS_TEXT : classify (word);

      if (kinds != 0 && ((kinds | kind) & (IS_BOOL | IS_TEXT)) != 0 && kinds != kind)
        return fail_at (reader, reader->text + token->offset, "this value is of another kind than those before it");
      kinds |= kind;
    }
  *dtype = kinds & IS_TEXT ? GW_STRING :
           kinds & IS_BOOL ? GW_BOOL :
           kinds & IS_COMPLEX ? GW_COMPLEX64 :
           kinds == 0 || kinds & IS_REAL ? GW_FLOAT32 :
           kinds & IS_INT ? GW_INT64 : GW_INT32;
  return TRUE;
}

static int
hex_pair (const char *text)
{
  if (!g_ascii_isxdigit (text[0]) || !g_ascii_isxdigit (text[1]))
    return -1;
  return g_ascii_xdigit_value (text[0]) * 16 + g_ascii_xdigit_value (text[1]);
}

/* Resolves the escapes of `length` bytes of quoted text. */
static void
set_quoted (GwString   *string,
            const char *text,
            gsize       length)
{
  static const char escapes[] = "n\nt\tr\ra\ab\bf\fv\v";
  g_autoptr (GString) out = g_string_sized_new (length);
  const char *end = text + length;

  for (const char *c = text; c < end; c++)
    {
      char plain;

      if (*c != '\\' || c + 1 == end)
        {
          g_string_append_c (out, *c);
          continue;
        }
      plain = *++c;
      for (const char *e = escapes; *e != '\0'; e += 2)
        if (*e == *c)
          plain = e[1];
      if (*c == '0')
        plain = '\0';
      else if (*c == 'x' && end - c > 2 && hex_pair (c + 1) >= 0)
        {
          plain = (char) hex_pair (c + 1);
          c += 2;
        }
      g_string_append_c (out, plain);
    }
  gw_string_set (string, out->str, out->len);
}

static gboolean
set_integer (GwTensor   *tensor,
             int64_t     index,
             const char *word,
             const char **problem)
{
  int base = word[0] == '0' && (word[1] == 'x' || word[1] == 'X') ? 16 : 10;
  char *end;
  double real;

  errno = 0;
  if (tensor->dtype == GW_UINT64 && word[0] != '-')
    {
      guint64 value = g_ascii_strtoull (word, &end, base);

      GW_TENSOR_DATA (tensor, uint64_t)[index] = value;
      *problem = errno == ERANGE ? "does not fit into uint64" : NULL;
    }
  else
    {
      gint64 value = g_ascii_strtoll (word, &end, base);

      GW_SWITCH_INTEGER (tensor->dtype, return FALSE, {
        GW_TENSOR_DATA (tensor, T)[index] = (T) value;
        if (errno == ERANGE || (gint64) (T) value != value || (value < 0 && (T) -1 > 0))
          *problem = "does not fit into the type";
      });
    }
  if (*end == '\0' && end != word)
    return *problem == NULL;
  *problem = "is not an integer";
  if (!parse_real (word, &real) || real != floor (real) || fabs (real) > 9007199254740992.0)
    return FALSE;
  GW_SWITCH_INTEGER (tensor->dtype, return FALSE, {
    if ((double) (T) (int64_t) real != real)
      return FALSE;
    GW_TENSOR_DATA (tensor, T)[index] = (T) (int64_t) real;
  });
  return TRUE;
}

static gboolean
set_bool (GwTensor   *tensor,
          int64_t     index,
          const char *word)
{
  gboolean value = word_is (word, "true", "True") || strcmp (word, "1") == 0;

  GW_TENSOR_DATA (tensor, uint8_t)[index] = value;
  return value || word_is (word, "false", "False") || strcmp (word, "0") == 0;
}

static gboolean
set_complex (GwTensor   *tensor,
             int64_t     index,
             const char *word)
{
  double real, imaginary;

  if (!parse_complex (word, &real, &imaginary))
    return FALSE;
  if (tensor->dtype == GW_COMPLEX64)
    {
      GW_TENSOR_DATA (tensor, float)[2 * index] = (float) real;
      GW_TENSOR_DATA (tensor, float)[2 * index + 1] = (float) imaginary;
      return TRUE;
    }
  GW_TENSOR_DATA (tensor, double)[2 * index] = real;
  GW_TENSOR_DATA (tensor, double)[2 * index + 1] = imaginary;
  return TRUE;
}

static gboolean
set_real (GwTensor    *tensor,
          int64_t      index,
          const char  *word,
          const char **problem)
{
  double value;

  if (!parse_real (word, &value))
    return FALSE;
  gw_tensor_set_double (tensor, index, value);
  if (isinf (gw_tensor_get_double (tensor, index)) && strchr (word, 'i') == NULL && strchr (word, 'I') == NULL)
    {
      *problem = "is too large for the type";
      return FALSE;
    }
  return TRUE;
}

static gboolean
set_element (const Reader *reader,
             GwTensor     *tensor,
             int64_t       index,
             const Token  *token)
{
  const char *at = reader->text + token->offset;
  g_autofree char *word = NULL;
  g_autofree char *message = NULL;
  const char *problem = NULL;
  gboolean ok = FALSE;

  if (tensor->dtype == GW_STRING)
    {
      if (token->kind == QUOTED)
        set_quoted (&GW_TENSOR_DATA (tensor, GwString)[index], at, token->length);
      else
        gw_string_set (&GW_TENSOR_DATA (tensor, GwString)[index], at, token->length);
      return TRUE;
    }
  word = token_word (reader, token);
  if (token->kind == WORD)
    {
      if (tensor->dtype == GW_BOOL)
        ok = set_bool (tensor, index, word);
      else if (gw_dtype_is_integer (tensor->dtype))
        ok = set_integer (tensor, index, word, &problem);
      else if (gw_dtype_is_complex (tensor->dtype))
        ok = set_complex (tensor, index, word);
      else
        ok = set_real (tensor, index, word, &problem);
    }
  if (ok)
    return TRUE;
  message = g_strdup_printf ("“%s” %s (the type is %s)", word, problem != NULL ? problem : "is no such value",
                             gw_dtype_name (tensor->dtype));
  return fail_at (reader, at, message);
}

/* Brings what was read to what is wanted: a single value may fill a known shape,
 * a flat list is reshaped to one. */
static gboolean
settle_shape (const Reader  *reader,
              const GwShape *wanted,
              GwShape       *shape)
{
  int64_t read = reader->tokens->len;
  g_autofree char *have = NULL;
  g_autofree char *want = NULL;

  if (wanted == NULL || gw_shape_matches (shape, wanted))
    return TRUE;
  if (gw_shape_is_known (wanted) &&
      (read == 1 || ((shape->rank <= 1 || read == 0) && read == gw_shape_elements (wanted))))
    {
      *shape = *wanted;
      return TRUE;
    }
  have = gw_shape_to_string (shape);
  want = gw_shape_to_string (wanted);
  return gw_invalid (reader->error, "“%.60s” has the shape %s, wanted is %s", reader->text, have, want);
}

static GwTensor *
build (const Reader  *reader,
       GwDType        dtype,
       const GwShape *shape)
{
  g_autoptr (GwTensor) tensor = NULL;
  const Token *tokens = (const Token *) reader->tokens->data;

  if (!gw_dtype_is_numeric (dtype) && dtype != GW_BOOL && dtype != GW_STRING)
    {
      gw_invalid (reader->error, "a value of type %s cannot be written as text", gw_dtype_name (dtype));
      return NULL;
    }
  tensor = gw_tensor_new (dtype, shape, reader->error);
  if (tensor == NULL)
    return NULL;
  for (int64_t i = 0; i < tensor->elements; i++)
    if (reader->tokens->len == 1 && i > 0 && dtype != GW_STRING)
      memcpy ((char *) tensor->data + (size_t) i * gw_dtype_size (dtype), tensor->data, gw_dtype_size (dtype));
    else if (!set_element (reader, tensor, i, &tokens[reader->tokens->len == 1 ? 0 : i]))
      return NULL;
  return g_steal_pointer (&tensor);
}

/* A text for a string that is not quoted and stands in no brackets is the string,
 * unless the shape wants several. */
static gboolean
is_bare_string (const char    *text,
                GwDType        dtype,
                const GwShape *shape)
{
  const char *start = text;
  g_autofree char *first_word = NULL;

  while (g_ascii_isspace (*start))
    start++;
  if (is_open (*start) || *start == '"' || *start == '\'' || (shape != NULL && shape->rank > 0))
    return FALSE;
  first_word = g_strndup (start, strcspn (start, " \t\r\n,"));
  return dtype == GW_STRING ||
         (dtype == GW_DTYPE_INVALID && g_ascii_isalpha (*start) && classify (first_word) == IS_TEXT);
}

GwTensor *
gw_tensor_parse (const char    *text,
                 GwDType        dtype,
                 const GwShape *shape,
                 GError       **error)
{
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (Token));
  Reader reader = { .text = text, .cursor = text, .tokens = tokens, .leaf_depth = -1, .error = error };
  GwShape read;

  for (int i = 0; i < GW_MAX_RANK; i++)
    reader.sizes[i] = -1;
  if (is_bare_string (text, dtype, shape))
    return gw_tensor_new_string (text);
  if (!read_text (&reader, &read))
    return NULL;
  if (dtype == GW_DTYPE_INVALID && !infer_dtype (&reader, &dtype))
    return NULL;
  if (!settle_shape (&reader, shape, &read))
    return NULL;
  return build (&reader, dtype, &read);
}
