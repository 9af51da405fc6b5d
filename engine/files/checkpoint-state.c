/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/checkpoint-state.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"
#include "engine/files/checkpoint.h"
#include "engine/files/input-file.h"

#include <string.h>

#define FILE_NAME "checkpoint"
#define MAX_FILE_SIZE ((uint64_t) 16 << 20)

GwCheckpointState *
gw_checkpoint_state_new (void)
{
  GwCheckpointState *state = g_new0 (GwCheckpointState, 1);

  state->all = g_ptr_array_new_with_free_func (g_free);
  state->timestamps = g_array_new (FALSE, FALSE, sizeof (double));
  return state;
}

void
gw_checkpoint_state_free (GwCheckpointState *state)
{
  if (state == NULL)
    return;
  g_free (state->latest);
  g_ptr_array_unref (state->all);
  g_array_unref (state->timestamps);
  g_free (state);
}

/* --- Reading protobuf's text form, as far as this message needs it --- */

typedef struct {
  const char *cursor;
  int         line;
} Text;

static void
skip_space (Text *text)
{
  for (; *text->cursor != '\0'; text->cursor++)
    {
      if (*text->cursor == '#')
        while (text->cursor[1] != '\0' && text->cursor[1] != '\n')
          text->cursor++;
      else if (*text->cursor == '\n')
        text->line++;
      else if (!g_ascii_isspace (*text->cursor) && *text->cursor != ',' && *text->cursor != ';')
        return;
    }
}

static gboolean
not_understood (const Text  *text,
                GError     **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "line %d of the file “checkpoint” is not understood", text->line);
  return FALSE;
}

/* The quoted string at the cursor, or NULL when it does not close. */
static char *
take_string (Text *text)
{
  char quote = *text->cursor;
  const char *start = ++text->cursor;
  g_autofree char *escaped = NULL;

  while (*text->cursor != quote)
    {
      if (*text->cursor == '\\' && text->cursor[1] != '\0')
        text->cursor++;
      if (*text->cursor == '\0' || *text->cursor == '\n')
        return NULL;
      text->cursor++;
    }
  escaped = g_strndup (start, (gsize) (text->cursor - start));
  text->cursor++;
  return g_strcompress (escaped);
}

/* A number or word. */
static char *
take_word (Text *text)
{
  const char *start = text->cursor;

  while (g_ascii_isalnum (*text->cursor) || (*text->cursor != '\0' && strchr ("_+-.", *text->cursor) != NULL))
    text->cursor++;
  return g_strndup (start, (gsize) (text->cursor - start));
}

/* Past a message in braces, whatever is in it. */
static gboolean
skip_message (Text *text)
{
  int depth = 0;

  for (;;)
    {
      skip_space (text);
      if (*text->cursor == '\0')
        return FALSE;
      if (*text->cursor == '"' || *text->cursor == '\'')
        {
          g_autofree char *string = take_string (text);

          if (string == NULL)
            return FALSE;
          continue;
        }
      depth += *text->cursor == '{' || *text->cursor == '<';
      depth -= *text->cursor == '}' || *text->cursor == '>';
      text->cursor++;
      if (depth <= 0)
        return TRUE;
    }
}

static void
set_field (GwCheckpointState *state,
           const char        *name,
           const char        *value)
{
  double number;

  if (g_str_equal (name, "model_checkpoint_path"))
    {
      g_free (state->latest);
      state->latest = g_strdup (value);
    }
  else if (g_str_equal (name, "all_model_checkpoint_paths"))
    g_ptr_array_add (state->all, g_strdup (value));
  else if (g_str_equal (name, "all_model_checkpoint_timestamps"))
    {
      number = g_ascii_strtod (value, NULL);
      g_array_append_val (state->timestamps, number);
    }
  else if (g_str_equal (name, "last_preserved_timestamp"))
    state->last_preserved = g_ascii_strtod (value, NULL);
}

static gboolean
read_field (GwCheckpointState  *state,
            Text               *text,
            GError            **error)
{
  g_autofree char *name = take_word (text);
  g_autofree char *value = NULL;

  if (name[0] == '\0')
    return not_understood (text, error);
  skip_space (text);
  if (*text->cursor == ':')
    {
      text->cursor++;
      skip_space (text);
    }
  if (*text->cursor == '{' || *text->cursor == '<')
    return skip_message (text) || not_understood (text, error);
  value = *text->cursor == '"' || *text->cursor == '\'' ? take_string (text) : take_word (text);
  if (value == NULL)
    return not_understood (text, error);
  set_field (state, name, value);
  return TRUE;
}

GwCheckpointState *
gw_checkpoint_state_parse (const char  *text,
                           gsize        size,
                           GError     **error)
{
  g_autoptr (GwCheckpointState) state = gw_checkpoint_state_new ();
  g_autofree char *copy = g_strndup (text, size);
  Text cursor = { copy, 1 };

  for (skip_space (&cursor); *cursor.cursor != '\0'; skip_space (&cursor))
    if (!read_field (state, &cursor, error))
      return NULL;
  return g_steal_pointer (&state);
}

GwCheckpointState *
gw_checkpoint_state_read (const char  *folder,
                          GError     **error)
{
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  g_autoptr (GwInput) input = gw_input_open (path, GW_INPUT_PLAIN, error);
  g_autofree char *text = NULL;
  GwCheckpointState *state;
  uint64_t size;

  if (input == NULL)
    return NULL;
  size = gw_input_limit (input);
  if (size > MAX_FILE_SIZE)
    {
      gw_invalid (error, "%s: is too large for a list of checkpoints", path);
      return NULL;
    }
  text = g_malloc (size + 1);
  if (!gw_input_read_all (input, text, size, "the list", error))
    return NULL;
  state = gw_checkpoint_state_parse (text, size, error);
  if (state == NULL)
    g_prefix_error (error, "%s: ", path);
  return state;
}

static void
append_path (GString    *text,
             const char *field,
             const char *path)
{
  g_autofree char *escaped = g_strescape (path, NULL);

  g_string_append_printf (text, "%s: \"%s\"\n", field, escaped);
}

static void
append_number (GString    *text,
               const char *field,
               double      number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, "%s: %s\n", field, g_ascii_dtostr (digits, sizeof digits, number));
}

gboolean
gw_checkpoint_state_write (const GwCheckpointState  *state,
                           const char               *folder,
                           GError                  **error)
{
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  if (state->latest != NULL)
    append_path (text, "model_checkpoint_path", state->latest);
  for (guint i = 0; i < state->all->len; i++)
    append_path (text, "all_model_checkpoint_paths", g_ptr_array_index (state->all, i));
  for (guint i = 0; i < state->timestamps->len; i++)
    append_number (text, "all_model_checkpoint_timestamps", g_array_index (state->timestamps, double, i));
  if (state->last_preserved != 0)
    append_number (text, "last_preserved_timestamp", state->last_preserved);
  return gw_atomic_write (path, text->str, text->len, error);
}

/* --- The newest, and the oldest --- */

/* Absolute, without "." and "..". */
static char *
resolve (const char *folder,
         const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);

  return g_canonicalize_filename (path, absolute);
}

char *
gw_checkpoint_latest (const char  *folder,
                      GError     **error)
{
  g_autoptr (GwCheckpointState) state = gw_checkpoint_state_read (folder, error);
  g_autofree char *prefix = NULL;
  g_autofree char *index = NULL;

  if (state == NULL)
    return NULL;
  if (state->latest == NULL)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s: the file “checkpoint” names none", folder);
      return NULL;
    }
  prefix = g_path_is_absolute (state->latest) ? g_strdup (state->latest)
                                              : g_build_filename (folder, state->latest, NULL);
  index = g_strconcat (prefix, ".index", NULL);
  if (g_file_test (index, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&prefix);
  g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s: Couldn't match files for checkpoint %s", folder, prefix);
  return NULL;
}

static void
remove_listed (GwCheckpointState *state,
               guint              i)
{
  g_ptr_array_remove_index (state->all, i);
  if (i < state->timestamps->len)
    g_array_remove_index (state->timestamps, i);
}

static void
append_newest (GwCheckpointState *state,
               const char        *folder,
               const char        *relative)
{
  g_autofree char *newest = resolve (folder, relative);
  gboolean timed = state->timestamps->len == state->all->len;
  double now = (double) g_get_real_time () / G_USEC_PER_SEC;

  if (!timed)
    g_array_set_size (state->timestamps, 0);
  for (guint i = state->all->len; i > 0; i--)
    {
      g_autofree char *path = resolve (folder, g_ptr_array_index (state->all, i - 1));

      if (g_str_equal (path, newest))
        remove_listed (state, i - 1);
    }
  g_ptr_array_add (state->all, g_strdup (relative));
  if (timed)
    g_array_append_val (state->timestamps, now);
  g_free (state->latest);
  state->latest = g_strdup (relative);
}

/* Deletes checkpoint `path`, but never one outside `folder`, whatever the list says. */
static gboolean
delete_listed (const char         *folder,
               const char         *path,
               const char *const  *side_suffixes,
               GError            **error)
{
  g_autofree char *inside = g_canonicalize_filename (folder, NULL);
  g_autofree char *prefix = resolve (folder, path);
  g_autofree char *parent = g_path_get_dirname (prefix);

  return !g_str_equal (parent, inside) || gw_checkpoint_delete (prefix, side_suffixes, error);
}

gboolean
gw_checkpoint_retain (const char         *folder,
                      const char         *prefix,
                      int                 max_to_keep,
                      const char *const  *side_suffixes,
                      GError            **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GwCheckpointState) state = gw_checkpoint_state_read (folder, &failure);
  g_autofree char *base = g_path_get_basename (prefix);
  g_autoptr (GPtrArray) surplus = g_ptr_array_new_with_free_func (g_free);

  if (state == NULL && g_error_matches (failure, GW_ERROR, GW_ERROR_UNAVAILABLE))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (state == NULL) /* none yet, or one that nobody can read: begin anew */
    state = gw_checkpoint_state_new ();
  append_newest (state, folder, base);
  while (max_to_keep > 0 && state->all->len > (guint) max_to_keep)
    {
      g_ptr_array_add (surplus, g_strdup (g_ptr_array_index (state->all, 0)));
      remove_listed (state, 0);
    }
  if (!gw_checkpoint_state_write (state, folder, error))
    return FALSE;
  for (guint i = 0; i < surplus->len; i++)
    if (!delete_listed (folder, g_ptr_array_index (surplus, i), side_suffixes, error))
      return FALSE;
  return TRUE;
}
