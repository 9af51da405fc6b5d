/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/npy.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/raw-private.h"

#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_SIZE 6
#define MAX_HEADER ((uint32_t) 1 << 20)
#define HEADER_ALIGNMENT 64

/* What the header says. */
typedef struct {
  char     kind;          /* f i u b c S U, as in descr */
  size_t   width;         /* bytes of one element as stored */
  gboolean swapped;       /* the other byte order */
  gboolean fortran_order;
  GwDType  dtype;
  GwShape  shape;
} Header;

static const struct {
  char    kind;
  size_t  width;
  GwDType dtype;
} types[] = {
  { 'f', 2, GW_FLOAT16 }, { 'f', 4, GW_FLOAT32 }, { 'f', 8, GW_FLOAT64 },
  { 'i', 1, GW_INT8 },    { 'i', 2, GW_INT16 },   { 'i', 4, GW_INT32 },     { 'i', 8, GW_INT64 },
  { 'u', 1, GW_UINT8 },   { 'u', 2, GW_UINT16 },  { 'u', 4, GW_UINT32 },    { 'u', 8, GW_UINT64 },
  { 'b', 1, GW_BOOL },    { 'c', 8, GW_COMPLEX64 }, { 'c', 16, GW_COMPLEX128 },
};

static gboolean
damaged (GwInput     *input,
         const char  *what,
         GError     **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s: %s", gw_input_name (input), what);
  return FALSE;
}

static gboolean
unsupported (GwInput     *input,
             const char  *what,
             GError     **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_UNIMPLEMENTED, "%s: %s", gw_input_name (input), what);
  return FALSE;
}

/* --- The header: a Python dict literal with three known keys --- */

static void
skip_space (const char **cursor)
{
  while (g_ascii_isspace (**cursor))
    (*cursor)++;
}

static gboolean
take_char (const char **cursor,
           char         c)
{
  skip_space (cursor);
  if (**cursor != c)
    return FALSE;
  (*cursor)++;
  return TRUE;
}

/* A quoted string, without escapes: keys and type codes have none. */
static char *
take_string (const char **cursor)
{
  const char *start, *end;
  char quote;

  skip_space (cursor);
  quote = **cursor;
  if (quote != '\'' && quote != '"')
    return NULL;
  start = *cursor + 1;
  end = strchr (start, quote);
  if (end == NULL)
    return NULL;
  *cursor = end + 1;
  return g_strndup (start, (gsize) (end - start));
}

static gboolean
take_bool (const char **cursor,
           gboolean    *value)
{
  skip_space (cursor);
  *value = g_str_has_prefix (*cursor, "True");
  if (!*value && !g_str_has_prefix (*cursor, "False"))
    return FALSE;
  *cursor += *value ? 4 : 5;
  return TRUE;
}

static gboolean
take_shape (GwInput      *input,
            const char  **cursor,
            GwShape      *shape,
            GError      **error)
{
  *shape = GW_SHAPE_SCALAR;
  if (!take_char (cursor, '('))
    return damaged (input, "the shape is not understood", error);
  while (!take_char (cursor, ')'))
    {
      char *end;
      gint64 size;

      skip_space (cursor);
      if (!g_ascii_isdigit (**cursor))
        return damaged (input, "the shape is not understood", error);
      size = g_ascii_strtoll (*cursor, &end, 10);
      if (shape->rank == GW_MAX_RANK)
        return unsupported (input, "has too many dimensions", error);
      shape->dims[shape->rank++] = size;
      *cursor = end + (*end == 'L'); /* Python 2 wrote (3L,) */
      if (!take_char (cursor, ',') && **cursor != ')')
        return damaged (input, "the shape is not understood", error);
    }
  return TRUE;
}

static gboolean
parse_descr (GwInput     *input,
             const char  *descr,
             Header      *header,
             GError     **error)
{
  char order = descr[0];
  guint64 count;
  char *end;

  if (order != '\0' && strchr ("<>|=", order) != NULL)
    descr++;
  else
    order = '=';
  header->kind = descr[0];
  count = g_ascii_strtoull (descr[0] != '\0' ? descr + 1 : descr, &end, 10);
  if (header->kind == 'O')
    return unsupported (input, "holds pickled Python objects, which are not read", error);
  if (header->kind == '\0' || *end != '\0' || end == descr + 1 || count < 1 || count > (1 << 30))
    return unsupported (input, "the element type is not supported", error);
  header->width = header->kind == 'U' ? (size_t) count * 4 : (size_t) count;
  header->swapped = order == (G_BYTE_ORDER == G_LITTLE_ENDIAN ? '>' : '<');
  header->dtype = header->kind == 'S' || header->kind == 'U' ? GW_STRING : GW_DTYPE_INVALID;
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].kind == header->kind && types[i].width == header->width)
      header->dtype = types[i].dtype;
  if (header->dtype == GW_DTYPE_INVALID)
    return unsupported (input, "the element type is not supported", error);
  return TRUE;
}

static gboolean
parse_header (GwInput     *input,
              const char  *text,
              Header      *header,
              GError     **error)
{
  gboolean has_descr = FALSE, has_order = FALSE, has_shape = FALSE;

  if (!take_char (&text, '{'))
    return damaged (input, "the header is not understood", error);
  while (!take_char (&text, '}'))
    {
      g_autofree char *key = take_string (&text);
      g_autofree char *descr = NULL;

      if (key == NULL || !take_char (&text, ':'))
        return damaged (input, "the header is not understood", error);
      if (g_str_equal (key, "descr"))
        {
          descr = take_string (&text);
          if (descr == NULL)
            return unsupported (input, "holds records, which are not read", error);
          has_descr = parse_descr (input, descr, header, error);
          if (!has_descr)
            return FALSE;
        }
      else if (g_str_equal (key, "fortran_order"))
        has_order = take_bool (&text, &header->fortran_order);
      else if (g_str_equal (key, "shape"))
        {
          has_shape = take_shape (input, &text, &header->shape, error);
          if (!has_shape)
            return FALSE;
        }
      else
        return damaged (input, "the header has an unknown key", error);
      if (!take_char (&text, ',') && *text != '}')
        return damaged (input, "the header is not understood", error);
    }
  return (has_descr && has_order && has_shape) || damaged (input, "the header is not complete", error);
}

static gboolean
read_header (GwInput  *input,
             Header   *header,
             GError  **error)
{
  guint8 start[MAGIC_SIZE + 2];
  g_autofree char *text = NULL;
  guint8 raw[4] = { 0 };
  uint32_t size;

  if (!gw_input_read_all (input, start, sizeof start, "the header", error))
    return FALSE;
  if (memcmp (start, MAGIC, MAGIC_SIZE) != 0)
    return damaged (input, "is not a NumPy array file", error);
  if (start[6] < 1 || start[6] > 3)
    return unsupported (input, "is of an unknown version", error);
  if (!gw_input_read_all (input, raw, start[6] == 1 ? 2 : 4, "the header", error))
    return FALSE;
  size = raw[0] | (uint32_t) raw[1] << 8 | (uint32_t) raw[2] << 16 | (uint32_t) raw[3] << 24;
  if (size > MAX_HEADER)
    return damaged (input, "the header is too long", error);
  text = g_malloc0 (size + 1);
  return gw_input_read_all (input, text, size, "the header", error) &&
         parse_header (input, text, header, error);
}

/* --- The values --- */

/* Position, in file order, of the element that stands at `index` row-major. */
static int64_t
fortran_index (const GwShape *shape,
               int64_t        index)
{
  int64_t coordinates[GW_MAX_RANK];
  int64_t position = 0;

  for (int i = shape->rank - 1; i >= 0; i--)
    {
      coordinates[i] = index % shape->dims[i];
      index /= shape->dims[i];
    }
  for (int i = shape->rank - 1; i >= 0; i--)
    position = position * shape->dims[i] + coordinates[i];
  return position;
}

/* UTF-32 in `bytes` up to the padding zeros, as UTF-8; what is no character becomes U+FFFD. */
static void
set_unicode (GwString     *string,
             const guint8 *bytes,
             const Header *header)
{
  g_autoptr (GString) text = g_string_new (NULL);
  size_t n = header->width / 4;

  for (; n > 0; n--)
    if (memcmp (bytes + 4 * (n - 1), "\0\0\0\0", 4) != 0)
      break;
  for (size_t i = 0; i < n; i++)
    {
      uint32_t c;

      memcpy (&c, bytes + 4 * i, sizeof c);
      c = header->swapped ? GUINT32_SWAP_LE_BE (c) : c;
      if (c == 0)
        g_string_append_c (text, '\0');
      else
        g_string_append_unichar (text, g_unichar_validate (c) ? c : 0xfffd);
    }
  gw_string_set (string, text->str, text->len);
}

static void
set_bytes (GwString     *string,
           const guint8 *bytes,
           size_t        n)
{
  while (n > 0 && bytes[n - 1] == 0)
    n--;
  gw_string_set (string, (const char *) bytes, n);
}

static gboolean
read_strings (GwInput       *input,
              const Header  *header,
              GwTensor      *tensor,
              GError       **error)
{
  g_autofree guint8 *bytes = g_try_malloc (header->width);

  if (bytes == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "%s: out of memory", gw_input_name (input));
      return FALSE;
    }
  for (int64_t i = 0; i < tensor->elements; i++)
    {
      GwString *string = &GW_TENSOR_DATA (tensor, GwString)[i];

      if (!gw_input_read_all (input, bytes, header->width, "the values", error))
        return FALSE;
      if (header->kind == 'U')
        set_unicode (string, bytes, header);
      else
        set_bytes (string, bytes, header->width);
    }
  return TRUE;
}

static gboolean
read_numbers (GwInput       *input,
              const Header  *header,
              GwTensor      *tensor,
              GError       **error)
{
  if (!gw_input_read_all (input, tensor->data, tensor->bytes, "the values", error))
    return FALSE;
  if (header->swapped)
    gw_swap_elements (tensor->data, (size_t) tensor->elements, header->dtype);
  if (header->dtype == GW_BOOL)
    gw_normalize_bools (tensor->data, tensor->bytes);
  return TRUE;
}

/* Takes the elements over (strings with what they own) from file order. */
static GwTensor *
to_row_major (GwTensor  *columns,
              GError   **error)
{
  GwTensor *tensor = gw_tensor_new (columns->dtype, &columns->shape, error);

  if (tensor == NULL)
    return NULL;
  for (int64_t i = 0; i < tensor->elements; i++)
    {
      int64_t from = fortran_index (&tensor->shape, i);

      GW_SWITCH_WIDTH (gw_dtype_size (tensor->dtype), break,
                       GW_TENSOR_DATA (tensor, T)[i] = GW_TENSOR_DATA (columns, T)[from]);
    }
  if (columns->dtype == GW_STRING)
    memset (columns->data, 0, columns->bytes);
  return tensor;
}

GwTensor *
gw_npy_read (GwInput  *input,
             GError  **error)
{
  g_autoptr (GwTensor) tensor = NULL;
  Header header = { 0 };
  int64_t elements;
  gboolean ok;

  if (!read_header (input, &header, error))
    return NULL;
  elements = gw_shape_elements (&header.shape);
  if (elements < 0 || (uint64_t) elements > gw_input_limit (input) / header.width)
    {
      damaged (input, "is shorter than its header says", error);
      return NULL;
    }
  tensor = gw_tensor_new (header.dtype, &header.shape, error);
  if (tensor == NULL)
    return NULL;
  ok = header.dtype == GW_STRING ? read_strings (input, &header, tensor, error)
                                 : read_numbers (input, &header, tensor, error);
  if (!ok)
    return NULL;
  if (header.fortran_order && header.shape.rank > 1)
    return to_row_major (tensor, error);
  return g_steal_pointer (&tensor);
}

GwTensor *
gw_npy_load (const char  *path,
             GError     **error)
{
  g_autoptr (GwInput) input = gw_input_open (path, GW_INPUT_PLAIN, error);

  return input != NULL ? gw_npy_read (input, error) : NULL;
}

/* --- Writing --- */

/* How the strings are stored, and their width in bytes. */
static void
measure_strings (const GwTensor *tensor,
                 char           *kind,
                 size_t         *width)
{
  size_t bytes = 1, characters = 1;
  gboolean utf8 = TRUE;

  for (int64_t i = 0; i < tensor->elements; i++)
    {
      const GwString *string = gw_tensor_get_string (tensor, i);

      bytes = MAX (bytes, string->length);
      utf8 = utf8 && (string->length == 0 || g_utf8_validate_len (string->data, string->length, NULL));
      if (utf8 && string->length > 0)
        characters = MAX (characters, (size_t) g_utf8_strlen (string->data, (gssize) string->length));
    }
  *kind = utf8 ? 'U' : 'S';
  *width = utf8 ? 4 * characters : bytes;
}

static gboolean
find_kind (const GwTensor  *tensor,
           char            *kind,
           size_t          *width,
           GError         **error)
{
  if (tensor->dtype == GW_STRING)
    {
      measure_strings (tensor, kind, width);
      return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].dtype == tensor->dtype)
      {
        *kind = types[i].kind;
        *width = types[i].width;
        return TRUE;
      }
  return gw_invalid (error, "NumPy has no type for %s", gw_dtype_name (tensor->dtype));
}

static char *
compose_header (const GwTensor *tensor,
                char            kind,
                size_t          width)
{
  GString *text = g_string_new ("{'descr': '");

  g_string_append_c (text, width == 1 || kind == 'S' ? '|' : G_BYTE_ORDER == G_LITTLE_ENDIAN ? '<' : '>');
  g_string_append_printf (text, "%c%" G_GSIZE_FORMAT "', 'fortran_order': False, 'shape': (", kind,
                          kind == 'U' ? width / 4 : width);
  for (int i = 0; i < tensor->shape.rank; i++)
    g_string_append_printf (text, "%" G_GINT64_FORMAT "%s", tensor->shape.dims[i],
                            i + 1 < tensor->shape.rank ? ", " : tensor->shape.rank == 1 ? "," : "");
  g_string_append (text, "), }");
  while ((MAGIC_SIZE + 4 + text->len + 1) % HEADER_ALIGNMENT != 0)
    g_string_append_c (text, ' ');
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

static gboolean
write_string (GwAtomicFile    *file,
              const GwString  *string,
              char             kind,
              size_t           width,
              guint8          *buffer,
              GError         **error)
{
  const char *cursor = string->data;

  memset (buffer, 0, width);
  if (kind == 'S' && string->length > 0)
    memcpy (buffer, string->data, string->length);
  for (size_t i = 0; kind == 'U' && cursor < string->data + string->length; i += 4)
    {
      uint32_t c = g_utf8_get_char (cursor);

      memcpy (buffer + i, &c, sizeof c);
      cursor = g_utf8_next_char (cursor);
    }
  return gw_atomic_file_write (file, buffer, width, error);
}

static gboolean
write_values (GwAtomicFile    *file,
              const GwTensor  *tensor,
              char             kind,
              size_t           width,
              GError         **error)
{
  g_autofree guint8 *buffer = NULL;

  if (tensor->dtype != GW_STRING)
    return gw_atomic_file_write (file, tensor->data, tensor->bytes, error);
  buffer = g_try_malloc (width);
  if (buffer == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_RESOURCE_EXHAUSTED, "out of memory for a string of %" G_GSIZE_FORMAT
                   " bytes", width);
      return FALSE;
    }
  for (int64_t i = 0; i < tensor->elements; i++)
    if (!write_string (file, gw_tensor_get_string (tensor, i), kind, width, buffer, error))
      return FALSE;
  return TRUE;
}

gboolean
gw_npy_save (const char      *path,
             const GwTensor  *tensor,
             GError         **error)
{
  g_autoptr (GwAtomicFile) file = NULL;
  g_autofree char *header = NULL;
  guint8 start[MAGIC_SIZE + 4];
  size_t width = 0, length;
  char kind = 0;

  if (!find_kind (tensor, &kind, &width, error))
    return FALSE;
  header = compose_header (tensor, kind, width);
  length = strlen (header);
  memcpy (start, MAGIC "\x01\x00", MAGIC_SIZE + 2);
  start[MAGIC_SIZE + 2] = (guint8) length;
  start[MAGIC_SIZE + 3] = (guint8) (length >> 8);
  file = gw_atomic_file_new (path, error);
  return file != NULL && gw_atomic_file_write (file, start, sizeof start, error) &&
         gw_atomic_file_write (file, header, length, error) &&
         write_values (file, tensor, kind, width, error) && gw_atomic_file_commit (file, error);
}
