/* SPDX-License-Identifier: Apache-2.0 */
/* A text as numbers: cut to characters or words, each of which has a number in a
 * vocabulary; in runs of equal length with what follows each, line by line padded to one
 * length, or as pairs of neighbouring words. */
#include "engine/data/source.h"

#include "engine/base/error.h"

#include <string.h>

#define MOST_BYTES (256 << 20)
#define UNKNOWN "<unk>"
#define PADDING "<pad>"

/* Attributes of both sources, in this order. */
#define TEXT_ATTRS(default_unit)                                                                          \
  { "path", GW_ATTR_FILE, .label = "File", .help = "A text in UTF-8.", .flags = GW_ATTR_REQUIRED },       \
  { "unit", GW_ATTR_CHOICE, default_unit, .choices = GW_CHOICES ("characters", "words"), .label = "Cut to", \
    .help = "Words are runs of letters, digits and apostrophes; any other sign is one by itself." },      \
  { "lower", GW_ATTR_BOOL, "false", .label = "Lower case", .help = "Makes no difference between A and a." }, \
  { "vocabulary_size", GW_ATTR_INT, "0", .min = 0, .max = 1e7, .ui_min = 0, .ui_max = 50000, .label = "Vocabulary", \
    .help = "Only so many of the most frequent ones; all others are " UNKNOWN ". 0: all." },              \
  { "vocabulary_path", GW_ATTR_FILE, .label = "Vocabulary file",                                          \
    .help = "One a line, in the order of their numbers, instead of those that the text has; others are " UNKNOWN "." }
enum { PATH, UNIT, LOWER, VOCABULARY_SIZE, VOCABULARY_PATH, FIRST_OWN };

/* ---- cutting ---- */

typedef struct {
  GArray     *ids;      /* of int32_t: the text, lines ended by −1 where they count */
  GPtrArray  *words;    /* of char *: the vocabulary, by number */
  GHashTable *numbers;  /* word → number plus one; words owned by `words` */
  GArray     *counts;   /* of int64_t, by number */
} Text;

static void
text_clear (Text *text)
{
  g_clear_pointer (&text->ids, g_array_unref);
  g_clear_pointer (&text->numbers, g_hash_table_unref);
  g_clear_pointer (&text->words, g_ptr_array_unref);
  g_clear_pointer (&text->counts, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Text, text_clear)

static int32_t
number_of (Text    *text,
           char    *word,   /* taken */
           gboolean may_add)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (text->numbers, word));
  int64_t none = 0;

  if (number > 0 || !may_add)
    {
      g_free (word);
      return (int32_t) number - 1;
    }
  g_ptr_array_add (text->words, word);
  g_array_append_val (text->counts, none);
  g_hash_table_insert (text->numbers, word, GUINT_TO_POINTER (text->words->len));
  return (int32_t) text->words->len - 1;
}

static void
text_init (Text *text)
{
  text->ids = g_array_new (FALSE, FALSE, sizeof (int32_t));
  text->words = g_ptr_array_new_with_free_func (g_free);
  text->numbers = g_hash_table_new (g_str_hash, g_str_equal);
  text->counts = g_array_new (FALSE, FALSE, sizeof (int64_t));
}

static gboolean
is_of_word (gunichar c)
{
  return g_unichar_isalnum (c) || c == '\'' || c == 0x2019 || g_unichar_ismark (c);
}

/* The end of what begins at `at`; NULL: nothing does, *after is where to go on. */
static const char *
end_of_unit (const char *at,
             gboolean    words)
{
  gunichar c = g_utf8_get_char (at);
  const char *end = g_utf8_next_char (at);

  if (!words)
    return end;
  if (g_unichar_isspace (c))
    return NULL;
  while (is_of_word (c) && *end != '\0' && is_of_word (g_utf8_get_char (end)))
    end = g_utf8_next_char (end);
  return end;
}

/* Appends the numbers of what stands in [at, end). New ones are added where there is no fixed
 * vocabulary; of a fixed one the first is what others count as. */
static void
cut (Text       *text,
     const char *at,
     const char *end,
     gboolean    words,
     gboolean    is_fixed)
{
  while (at < end)
    {
      const char *next = end_of_unit (at, words);
      int32_t id;

      if (next == NULL)
        {
          at = g_utf8_next_char (at);
          continue;
        }
      id = MAX (number_of (text, g_strndup (at, (gsize) (next - at)), !is_fixed), 0);
      g_array_index (text->counts, int64_t, id)++;
      g_array_append_val (text->ids, id);
      at = next;
    }
}

/* ---- reading ---- */

static char *
read_file (const char *path,
           gboolean    lower,
           GError    **error)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) local = NULL;
  gsize length;
  const char *end;

  if (!g_file_get_contents (path, &contents, &length, &local))
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s cannot be read: %s", path, local->message);
      return NULL;
    }
  if (length > MOST_BYTES)
    {
      gw_invalid (error, "%s is larger than %d MiB", path, MOST_BYTES >> 20);
      return NULL;
    }
  if (!g_utf8_validate (contents, (gssize) length, &end))
    {
      gw_invalid (error, "%s is not a text in UTF-8: byte %" G_GSIZE_FORMAT " is none of it", path, (gsize) (end - contents));
      return NULL;
    }
  return lower ? g_utf8_strdown (contents, (gssize) length) : g_steal_pointer (&contents);
}

static gboolean
read_vocabulary (Text       *text,
                 const char *path,
                 gboolean    lower,
                 GError    **error)
{
  g_autofree char *contents = read_file (path, lower, error);
  g_auto (GStrv) lines = NULL;

  if (contents == NULL)
    return FALSE;
  lines = g_strsplit (contents, "\n", -1);
  number_of (text, g_strdup (UNKNOWN), TRUE);
  for (int i = 0; lines[i] != NULL; i++)
    {
      g_strchomp (lines[i]);
      if (*lines[i] != '\0')
        number_of (text, g_strdup (lines[i]), TRUE);
    }
  if (text->words->len < 2)
    return gw_invalid (error, "the vocabulary %s is empty", path);
  return TRUE;
}

typedef struct {
  int64_t count;
  int32_t number;
} Rank;

static int
compare_ranks (gconstpointer a,
               gconstpointer b)
{
  const Rank *first = a, *second = b;

  return first->count != second->count ? (first->count < second->count ? 1 : -1) : (first->number > second->number ? 1 : -1);
}

/* Numbers by frequency, the first one met first of equals; `size` > 0: only so many, and
 * number 0 for all others. `padded`: number 0 is the padding's, before all that. */
static void
renumber (Text    *text,
          int64_t  size,
          gboolean padded)
{
  guint n = text->words->len, kept = size > 0 ? (guint) MIN ((int64_t) n, size) : n;
  int32_t first = padded + (size > 0);
  g_autofree Rank *ranks = g_new (Rank, n + 1);
  g_autofree int32_t *to = g_new (int32_t, n + 1);
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n; i++)
    ranks[i] = (Rank) { g_array_index (text->counts, int64_t, i), (int32_t) i };
  qsort (ranks, n, sizeof (Rank), compare_ranks);
  if (padded)
    g_ptr_array_add (words, g_strdup (PADDING));
  if (size > 0)
    g_ptr_array_add (words, g_strdup (UNKNOWN));
  for (guint i = 0; i < n; i++)
    {
      to[ranks[i].number] = i < kept ? first + (int32_t) i : first - 1;
      if (i < kept)
        g_ptr_array_add (words, g_strdup (g_ptr_array_index (text->words, ranks[i].number)));
    }
  for (guint i = 0; i < text->ids->len; i++)
    if (g_array_index (text->ids, int32_t, i) >= 0)
      g_array_index (text->ids, int32_t, i) = to[g_array_index (text->ids, int32_t, i)];
  g_hash_table_remove_all (text->numbers);
  g_ptr_array_unref (text->words);
  text->words = words;
}

/* The numbers of a text that has a vocabulary of its own: room for the padding before them. */
static void
make_room (Text *text)
{
  for (guint i = 0; i < text->ids->len; i++)
    if (g_array_index (text->ids, int32_t, i) >= 0)
      g_array_index (text->ids, int32_t, i)++;
  g_ptr_array_insert (text->words, 0, g_strdup (PADDING));
}

static gboolean
read_text (Text              *text,
           const GwAttrValue *attrs,
           gboolean           by_lines,
           GError           **error)
{
  gboolean lower = attrs[LOWER].b, words = g_str_equal (attrs[UNIT].s, "words");
  gboolean is_fixed = attrs[VOCABULARY_PATH].s != NULL && *attrs[VOCABULARY_PATH].s != '\0';
  g_autofree char *contents = NULL;
  const int32_t end_of_line = -1;

  text_init (text);
  contents = read_file (attrs[PATH].s, lower, error);
  if (contents == NULL || (is_fixed && !read_vocabulary (text, attrs[VOCABULARY_PATH].s, lower, error)))
    return FALSE;
  if (!by_lines)
    cut (text, contents, contents + strlen (contents), words, is_fixed);
  for (const char *at = contents; by_lines && *at != '\0';)
    {
      const char *end = strchrnul (at, '\n');

      cut (text, at, end, words, is_fixed);
      g_array_append_val (text->ids, end_of_line);
      at = *end == '\n' ? end + 1 : end;
    }
  if (!is_fixed)
    renumber (text, attrs[VOCABULARY_SIZE].i, by_lines);
  else if (by_lines)
    make_room (text);
  return TRUE;
}

/* ---- tables ---- */

static char **
classes_of (const Text *text)
{
  char **classes = g_new0 (char *, text->words->len + 1);

  for (guint i = 0; i < text->words->len; i++)
    classes[i] = g_strdup (g_ptr_array_index (text->words, i));
  return classes;
}

static gboolean
has_no_test (const GwAttrValue *attrs)
{
  return FALSE;
}

static GwTable *
too_short (const GwAttrValue *attrs,
           GError           **error)
{
  gw_invalid (error, "%s is too short for a single row", attrs[PATH].s);
  return NULL;
}

/* ---- text ---- */

enum { ROWS = FIRST_OWN, LENGTH, STRIDE };

static const GwAttrDef text_attrs[] = {
  TEXT_ATTRS ("characters"),
  { "rows", GW_ATTR_CHOICE, "runs", .choices = GW_CHOICES ("runs", "lines"), .label = "Rows",
    .help = "runs: pieces of the whole text, one after the other. lines: each line, padded with " PADDING "." },
  { "length", GW_ATTR_INT, "50", .min = 1, .max = 100000, .ui_min = 2, .ui_max = 500, .label = "Length",
    .help = "Of every row. Longer lines are cut." },
  { "stride", GW_ATTR_INT, "0", .min = 0, .max = 100000, .ui_min = 0, .ui_max = 500, .label = "Stride",
    .help = "From the beginning of a run to that of the next; 0: its length.", .visible_if = "rows=runs" },
  { NULL }
};

static gboolean
is_by_lines (const GwAttrValue *attrs)
{
  return g_str_equal (attrs[ROWS].s, "lines");
}

/* The number of classes is known only once the text was read. */
static GArray *
text_columns (const GwAttrValue *attrs,
              GError           **error)
{
  GArray *infos = gw_column_infos_new ();

  gw_column_infos_add (infos, "text", GW_INT32, &GW_SHAPE (attrs[LENGTH].i), 0);
  g_array_index (infos, GwColumnInfo, 0).padded = is_by_lines (attrs);
  gw_column_infos_add (infos, is_by_lines (attrs) ? "length" : "next", GW_INT32,
                       is_by_lines (attrs) ? &GW_SHAPE_SCALAR : &GW_SHAPE (attrs[LENGTH].i), 0);
  return infos;
}

static GwTable *
open_runs (const Text        *text,
           const GwAttrValue *attrs,
           GError           **error)
{
  int64_t length = attrs[LENGTH].i, stride = attrs[STRIDE].i > 0 ? attrs[STRIDE].i : length;
  int64_t n = text->ids->len > length ? ((int64_t) text->ids->len - 1 - length) / stride + 1 : 0;
  const int32_t *ids = (const int32_t *) text->ids->data;
  g_autoptr (GwTensor) runs = NULL;
  g_autoptr (GwTensor) next = NULL;
  GwTable *table;

  if (n == 0)
    return too_short (attrs, error);
  runs = gw_tensor_new (GW_INT32, &GW_SHAPE (n, length), error);
  next = runs != NULL ? gw_tensor_new (GW_INT32, &GW_SHAPE (n, length), error) : NULL;
  if (next == NULL)
    return NULL;
  for (int64_t i = 0; i < n; i++)
    {
      memcpy (GW_TENSOR_DATA (runs, int32_t) + i * length, ids + i * stride, sizeof (int32_t) * (size_t) length);
      memcpy (GW_TENSOR_DATA (next, int32_t) + i * length, ids + i * stride + 1, sizeof (int32_t) * (size_t) length);
    }
  table = gw_table_new (n);
  gw_table_add (table, "text", g_steal_pointer (&runs), classes_of (text), 0);
  gw_table_add (table, "next", g_steal_pointer (&next), classes_of (text), 0);
  return table;
}

static int64_t
count_lines (const Text *text)
{
  int64_t n = 0;

  for (guint i = 0; i < text->ids->len; i++)
    n += g_array_index (text->ids, int32_t, i) < 0 && i > 0 && g_array_index (text->ids, int32_t, i - 1) >= 0;
  return n;
}

/* Lines without anything in them are left out. */
static GwTable *
open_lines (const Text        *text,
            const GwAttrValue *attrs,
            GError           **error)
{
  int64_t length = attrs[LENGTH].i, n = count_lines (text), row = 0, at = 0;
  g_autoptr (GwTensor) lines = NULL;
  g_autoptr (GwTensor) lengths = NULL;
  GwTable *table;

  if (n == 0)
    return too_short (attrs, error);
  lines = gw_tensor_new_zeros (GW_INT32, &GW_SHAPE (n, length), error);
  lengths = lines != NULL ? gw_tensor_new (GW_INT32, &GW_SHAPE (n), error) : NULL;
  if (lengths == NULL)
    return NULL;
  for (guint i = 0; i < text->ids->len; i++)
    {
      int32_t id = g_array_index (text->ids, int32_t, i);

      if (id >= 0)
        {
          if (at < length)
            GW_TENSOR_DATA (lines, int32_t)[row * length + at++] = id;
          continue;
        }
      if (at > 0)
        GW_TENSOR_DATA (lengths, int32_t)[row++] = (int32_t) at;
      at = 0;
    }
  table = gw_table_new (n);
  gw_table_add (table, "text", g_steal_pointer (&lines), classes_of (text), 0);
  gw_table_add (table, "length", g_steal_pointer (&lengths), NULL, 0);
  gw_table_set_lengths (table, "text", "length");
  return table;
}

static GwTable *
text_open (const GwAttrValue *attrs,
           GwSplit            split,
           const GwTable     *train,
           GError           **error)
{
  g_auto (Text) text = { NULL };

  if (!read_text (&text, attrs, is_by_lines (attrs), error))
    return NULL;
  return is_by_lines (attrs) ? open_lines (&text, attrs, error) : open_runs (&text, attrs, error);
}

const GwSourceDef gw_source_text = {
  .name = "text",
  .title = "Text",
  .summary = "A text as numbers of characters or words: runs of it and what follows each of their places, or its lines.",
  .attrs = text_attrs,
  .columns = text_columns,
  .has_test = has_no_test,
  .open = text_open,
};

/* ---- word pairs ---- */

enum { WINDOW = FIRST_OWN };

static const GwAttrDef pairs_attrs[] = {
  TEXT_ATTRS ("words"),
  { "window", GW_ATTR_INT, "2", .min = 1, .max = 100, .ui_min = 1, .ui_max = 10, .label = "Window",
    .help = "How far neighbours may be from the word, on either side." },
  { NULL }
};

static GArray *
pairs_columns (const GwAttrValue *attrs,
               GError           **error)
{
  GArray *infos = gw_column_infos_new ();

  gw_column_infos_add (infos, "word", GW_INT32, &GW_SHAPE_SCALAR, 0);
  gw_column_infos_add (infos, "neighbour", GW_INT32, &GW_SHAPE (1), 0);
  return infos;
}

static GwTable *
pairs_open (const GwAttrValue *attrs,
            GwSplit            split,
            const GwTable     *train,
            GError           **error)
{
  g_auto (Text) text = { NULL };
  int64_t length, window, n, row = 0;
  g_autoptr (GwTensor) words = NULL;
  g_autoptr (GwTensor) neighbours = NULL;
  GwTable *table;

  if (!read_text (&text, attrs, FALSE, error))
    return NULL;
  length = text.ids->len;
  window = MIN (attrs[WINDOW].i, length - 1);
  n = window * (2 * length - window - 1);
  if (length < 2)
    return too_short (attrs, error);
  words = gw_tensor_new (GW_INT32, &GW_SHAPE (n), error);
  neighbours = words != NULL ? gw_tensor_new (GW_INT32, &GW_SHAPE (n, 1), error) : NULL;
  if (neighbours == NULL)
    return NULL;
  for (int64_t i = 0; i < length; i++)
    for (int64_t k = MAX (i - window, 0); k <= MIN (i + window, length - 1); k++)
      if (k != i)
        {
          GW_TENSOR_DATA (words, int32_t)[row] = g_array_index (text.ids, int32_t, i);
          GW_TENSOR_DATA (neighbours, int32_t)[row++] = g_array_index (text.ids, int32_t, k);
        }
  table = gw_table_new (n);
  gw_table_add (table, "word", g_steal_pointer (&words), classes_of (&text), 0);
  gw_table_add (table, "neighbour", g_steal_pointer (&neighbours), classes_of (&text), 0);
  return table;
}

const GwSourceDef gw_source_text_pairs = {
  .name = "text_pairs",
  .title = "Pairs of words",
  .summary = "Every word of a text with each of its neighbours: skip-grams, from which word vectors are learned.",
  .attrs = pairs_attrs,
  .columns = pairs_columns,
  .has_test = has_no_test,
  .open = pairs_open,
};
