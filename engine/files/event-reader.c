/* SPDX-License-Identifier: Apache-2.0 */
/* The reading half of event-file.h: one event at a time is decoded into an arena,
 * its values are brought to one form, whichever TensorFlow wrote them. */
#include "engine/files/event-file.h"

#include "engine/base/error.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/event.pb-c.h"
#include "engine/files/record-file.h"
#include "engine/files/tensor-proto.h"

#include <string.h>

typedef struct {
  GwEventTag          stats;
  ProtobufCBinaryData key;     /* the tag's bytes, owned */
  char               *tag;
  char               *plugin;  /* "" until metadata or an old form tells */
} Tag;

struct _GwEventReader {
  GwRecordReader *records;
  GwProtoArena   *arena;
  GHashTable     *tags;        /* ProtobufCBinaryData in Tag → Tag */
  GPtrArray      *listed;      /* the same Tags */
  gboolean        sorted;
  int64_t         n_skipped;

  Gw__Event      *event;       /* the one being given out, or NULL */
  Gw__Summary    *summary;     /* its values, or NULL */
  size_t          next_value;
  int             next_item;   /* within a value that holds several pictures */
  GwTensor       *tensor;      /* of the value being given out */
  char           *text;
  char           *path;
};

/* --- Folders --- */

gboolean
gw_event_file_is_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  return strstr (base, "tfevents") != NULL;
}

static int
compare_paths (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

GPtrArray *
gw_event_files_in_folder (const char  *folder,
                          GError     **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &failure);
  const char *name;

  if (dir == NULL)
    {
      gboolean missing = g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT);

      gw_propagate_foreign_error (error, g_steal_pointer (&failure),
                                  missing ? GW_ERROR_NOT_FOUND : GW_ERROR_UNAVAILABLE, folder);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (gw_event_file_is_name (name) && !g_file_test (path, G_FILE_TEST_IS_DIR))
        g_ptr_array_add (paths, g_steal_pointer (&path));
    }
  g_ptr_array_sort (paths, compare_paths);
  return g_steal_pointer (&paths);
}

/* --- Opening and closing --- */

static void
tag_free (gpointer data)
{
  Tag *tag = data;

  g_free (tag->key.data);
  g_free (tag->tag);
  g_free (tag->plugin);
  g_free (tag);
}

GwEventReader *
gw_event_reader_new (GwInput *input)
{
  GwEventReader *reader = g_new0 (GwEventReader, 1);

  reader->records = gw_record_reader_new (input, GW_RECORD_TAIL);
  reader->arena = gw_proto_arena_new ();
  reader->tags = g_hash_table_new (gw_proto_bytes_hash, gw_proto_bytes_equal);
  reader->listed = g_ptr_array_new_with_free_func (tag_free);
  return reader;
}

GwEventReader *
gw_event_reader_open (const char  *path,
                      GError     **error)
{
  GwInput *input = gw_input_open (path, GW_INPUT_PLAIN, error);

  return input != NULL ? gw_event_reader_new (input) : NULL;
}

static void
release_value (GwEventReader *reader)
{
  g_clear_pointer (&reader->tensor, gw_tensor_unref);
  g_clear_pointer (&reader->text, g_free);
  g_clear_pointer (&reader->path, g_free);
}

void
gw_event_reader_free (GwEventReader *reader)
{
  if (reader == NULL)
    return;
  release_value (reader);
  gw_record_reader_free (reader->records);
  gw_proto_arena_free (reader->arena);
  g_hash_table_unref (reader->tags);
  g_ptr_array_unref (reader->listed);
  g_free (reader);
}

int64_t
gw_event_reader_n_skipped (const GwEventReader *reader)
{
  return reader->n_skipped;
}

/* --- Tags --- */

static Tag *
find_tag (GwEventReader             *reader,
          const ProtobufCBinaryData *name)
{
  Tag *tag = g_hash_table_lookup (reader->tags, name);

  if (tag != NULL)
    return tag;
  tag = g_new0 (Tag, 1);
  tag->key.len = name->len;
  tag->key.data = g_memdup2 (name->data, name->len);
  tag->tag = gw_proto_bytes_to_text (name);
  tag->plugin = g_strdup ("");
  g_hash_table_insert (reader->tags, &tag->key, tag);
  g_ptr_array_add (reader->listed, tag);
  reader->sorted = FALSE;
  return tag;
}

static void
set_plugin (Tag        *tag,
            const char *plugin)
{
  if (g_str_equal (tag->plugin, plugin))
    return;
  g_free (tag->plugin);
  tag->plugin = g_strdup (plugin);
}

static void
count_value (Tag                *tag,
             const GwEventValue *value)
{
  GwEventTag *stats = &tag->stats;

  if (value->index > 0)
    return; /* one more picture of the same value */
  if (stats->count++ == 0)
    {
      stats->first_step = value->step;
      stats->first_wall_time = value->wall_time;
    }
  stats->last_step = value->step;
  stats->last_wall_time = value->wall_time;
  stats->kind = value->kind;
}

static int
compare_tags (gconstpointer a,
              gconstpointer b)
{
  return strcmp ((*(Tag *const *) a)->tag, (*(Tag *const *) b)->tag);
}

const GPtrArray *
gw_event_reader_tags (GwEventReader *reader)
{
  if (!reader->sorted)
    g_ptr_array_sort (reader->listed, compare_tags);
  reader->sorted = TRUE;
  for (guint i = 0; i < reader->listed->len; i++)
    {
      Tag *tag = g_ptr_array_index (reader->listed, i);

      tag->stats.tag = tag->tag;
      tag->stats.plugin = tag->plugin;
    }
  return reader->listed; /* stats is a Tag's first member */
}

/* --- Values in TensorFlow 1's forms --- */

static gboolean
read_histogram (const Gw__HistogramProto *histo,
                GwEventValue             *value)
{
  if (histo->n_bucket != histo->n_bucket_limit || histo->n_bucket > INT32_MAX)
    return FALSE;
  value->kind = GW_EVENT_HISTOGRAM;
  value->histogram = (GwHistogram) {
    .min = histo->min, .max = histo->max, .num = histo->num, .sum = histo->sum,
    .sum_squares = histo->sum_squares, .n_buckets = (int) histo->n_bucket,
    .limits = histo->bucket_limit, .counts = histo->bucket,
  };
  return TRUE;
}

static void
set_bytes (GwEventValue              *value,
           GwEventKind                kind,
           const ProtobufCBinaryData *bytes)
{
  value->kind = kind;
  value->bytes = bytes->data;
  value->size = bytes->len;
}

/* --- Values in TensorFlow 2's forms: tensors with a plugin's name --- */

/* Rows of left edge, right edge, count. */
static gboolean
histogram_from_tensor (GwEventReader *reader,
                       GwEventValue  *value)
{
  const GwTensor *tensor = reader->tensor;
  GwHistogram *histogram = &value->histogram;
  int64_t n;

  if (tensor->shape.rank != 2 || tensor->shape.dims[1] != 3 || tensor->shape.dims[0] > INT32_MAX ||
      (tensor->dtype != GW_FLOAT64 && tensor->dtype != GW_FLOAT32))
    return FALSE;
  n = tensor->shape.dims[0];
  histogram->n_buckets = (int) n;
  histogram->limits = gw_proto_arena_alloc (reader->arena, (size_t) n * sizeof (double));
  histogram->counts = gw_proto_arena_alloc (reader->arena, (size_t) n * sizeof (double));
  if (histogram->limits == NULL || histogram->counts == NULL)
    return FALSE;
  for (int64_t i = 0; i < n; i++)
    {
      double left = gw_tensor_get_double (tensor, 3 * i);
      double right = gw_tensor_get_double (tensor, 3 * i + 1);
      double count = gw_tensor_get_double (tensor, 3 * i + 2);
      double middle = left / 2 + right / 2;

      histogram->limits[i] = right;
      histogram->counts[i] = count;
      histogram->num += count;
      histogram->sum += count * middle;
      histogram->sum_squares += count * middle * middle;
    }
  if (n > 0)
    {
      histogram->min = gw_tensor_get_double (tensor, 0);
      histogram->max = gw_tensor_get_double (tensor, 3 * (n - 1) + 1);
    }
  value->kind = GW_EVENT_HISTOGRAM;
  return TRUE;
}

static void
set_string_bytes (GwEventValue   *value,
                  const GwString *string)
{
  value->bytes = (const guint8 *) string->data;
  value->size = string->length;
}

static int
string_to_int (const GwString *string)
{
  gint64 number = string->length > 0 ? g_ascii_strtoll (string->data, NULL, 10) : 0;

  return (int) CLAMP (number, 0, INT32_MAX);
}

/* Width, height, then one picture after the other; gives out one each time. */
static gboolean
image_from_tensor (GwEventReader *reader,
                   GwEventValue  *value,
                   gboolean      *more)
{
  const GwTensor *tensor = reader->tensor;
  int item = reader->next_item;

  if (tensor->dtype != GW_STRING || tensor->shape.rank != 1 || tensor->elements < 3 + item ||
      tensor->elements > INT32_MAX)
    return FALSE;
  value->kind = GW_EVENT_IMAGE;
  value->width = string_to_int (gw_tensor_get_string (tensor, 0));
  value->height = string_to_int (gw_tensor_get_string (tensor, 1));
  value->index = item;
  set_string_bytes (value, gw_tensor_get_string (tensor, 2 + item));
  *more = tensor->elements > 3 + item;
  return TRUE;
}

/* [k] sounds, or [k,2] of sound and label. */
static gboolean
audio_from_tensor (GwEventReader *reader,
                   GwEventValue  *value,
                   gboolean      *more)
{
  const GwTensor *tensor = reader->tensor;
  int64_t width = tensor->shape.rank == 2 ? tensor->shape.dims[1] : 1;
  int item = reader->next_item;

  if (tensor->dtype != GW_STRING || tensor->shape.rank < 1 || tensor->shape.rank > 2 || width < 1 ||
      tensor->shape.dims[0] <= item || tensor->shape.dims[0] > INT32_MAX)
    return FALSE;
  value->kind = GW_EVENT_AUDIO;
  value->index = item;
  set_string_bytes (value, gw_tensor_get_string (tensor, item * width));
  *more = tensor->shape.dims[0] > item + 1;
  return TRUE;
}

/* TRUE when the tensor has the form that `plugin` asks for. */
static gboolean
read_plugin_tensor (GwEventReader *reader,
                    const char    *plugin,
                    GwEventValue  *value,
                    gboolean      *more)
{
  const GwTensor *tensor = reader->tensor;

  if (g_str_equal (plugin, "images"))
    return image_from_tensor (reader, value, more);
  if (g_str_equal (plugin, "audio"))
    return audio_from_tensor (reader, value, more);
  if (g_str_equal (plugin, "histograms"))
    return histogram_from_tensor (reader, value);
  if (g_str_equal (plugin, "scalars") && tensor->elements == 1 && tensor->dtype != GW_STRING &&
      !gw_dtype_is_complex (tensor->dtype))
    {
      value->kind = GW_EVENT_SCALAR;
      value->scalar = gw_tensor_get_double (tensor, 0);
      return TRUE;
    }
  if (g_str_equal (plugin, "text") && tensor->dtype == GW_STRING)
    {
      value->kind = GW_EVENT_TEXT;
      value->tensor = reader->tensor;
      return TRUE;
    }
  return FALSE;
}

static void
read_tensor (GwEventReader             *reader,
             const ProtobufCBinaryData *bytes,
             const char                *plugin,
             GwEventValue              *value,
             gboolean                  *more)
{
  g_autoptr (GError) error = NULL;

  if (reader->tensor == NULL)
    reader->tensor = gw_tensor_from_proto (bytes->data, bytes->len, &error);
  if (reader->tensor != NULL && read_plugin_tensor (reader, plugin, value, more))
    return;
  value->kind = GW_EVENT_TENSOR;
  value->tensor = reader->tensor;
  if (error != NULL)
    value->text = reader->text = g_strdup (error->message);
}

/* --- One value of a summary --- */

static void
note_plugin (Tag                    *tag,
             const Gw__SummaryValue *message)
{
  g_autofree char *name = NULL;

  if (message->metadata != NULL && message->metadata->plugin_data != NULL &&
      message->metadata->plugin_data->plugin_name.len > 0)
    {
      name = gw_proto_bytes_to_text (&message->metadata->plugin_data->plugin_name);
      set_plugin (tag, name);
    }
  else if (message->value_case == GW__SUMMARY_VALUE__VALUE_SIMPLE_VALUE)
    set_plugin (tag, "scalars");
  else if (message->value_case == GW__SUMMARY_VALUE__VALUE_HISTO)
    set_plugin (tag, "histograms");
  else if (message->value_case == GW__SUMMARY_VALUE__VALUE_IMAGE)
    set_plugin (tag, "images");
  else if (message->value_case == GW__SUMMARY_VALUE__VALUE_AUDIO)
    set_plugin (tag, "audio");
}

/* FALSE when what the value says does not fit together. */
static gboolean
read_value (GwEventReader          *reader,
            const Gw__SummaryValue *message,
            const Tag              *tag,
            GwEventValue           *value,
            gboolean               *more)
{
  value->kind = GW_EVENT_OTHER;
  switch (message->value_case)
    {
    case GW__SUMMARY_VALUE__VALUE_SIMPLE_VALUE:
      value->kind = GW_EVENT_SCALAR;
      value->scalar = message->simple_value;
      return TRUE;
    case GW__SUMMARY_VALUE__VALUE_HISTO:
      return read_histogram (message->histo, value);
    case GW__SUMMARY_VALUE__VALUE_IMAGE:
      set_bytes (value, GW_EVENT_IMAGE, &message->image->encoded_image_string);
      value->width = message->image->width;
      value->height = message->image->height;
      return TRUE;
    case GW__SUMMARY_VALUE__VALUE_AUDIO:
      set_bytes (value, GW_EVENT_AUDIO, &message->audio->encoded_audio_string);
      value->sample_rate = message->audio->sample_rate;
      return TRUE;
    case GW__SUMMARY_VALUE__VALUE_TENSOR:
      read_tensor (reader, &message->tensor, tag->plugin, value, more);
      return TRUE;
    default:
      return TRUE;
    }
}

static gboolean
next_summary_value (GwEventReader *reader,
                    GwEventValue  *value)
{
  const Gw__SummaryValue *message = reader->summary->value[reader->next_value];
  Tag *tag = find_tag (reader, &message->tag);
  gboolean more = FALSE;
  gboolean ok;

  note_plugin (tag, message);
  value->tag = tag->tag;
  value->plugin = tag->plugin;
  ok = read_value (reader, message, tag, value, &more);
  if (ok)
    count_value (tag, value);
  else
    reader->n_skipped++;
  reader->next_item = more ? reader->next_item + 1 : 0;
  if (!more)
    reader->next_value++;
  return ok;
}

/* --- Events --- */

static void
read_run_metadata (GwEventReader                 *reader,
                   const Gw__TaggedRunMetadata   *tagged,
                   GwEventValue                  *value)
{
  Tag *tag = find_tag (reader, &tagged->tag);

  set_plugin (tag, "graph_tagged_run_metadata");
  value->tag = tag->tag;
  value->plugin = tag->plugin;
  set_bytes (value, GW_EVENT_RUN_METADATA, &tagged->run_metadata);
  count_value (tag, value);
}

/* An event that holds one thing. */
static void
read_single (GwEventReader   *reader,
             const Gw__Event *event,
             GwEventValue    *value)
{
  value->kind = GW_EVENT_OTHER;
  switch (event->what_case)
    {
    case GW__EVENT__WHAT_FILE_VERSION:
      value->kind = GW_EVENT_FILE_VERSION;
      value->text = reader->text = gw_proto_bytes_to_text (&event->file_version);
      break;
    case GW__EVENT__WHAT_GRAPH_DEF:
      set_bytes (value, GW_EVENT_GRAPH, &event->graph_def);
      break;
    case GW__EVENT__WHAT_META_GRAPH_DEF:
      set_bytes (value, GW_EVENT_META_GRAPH, &event->meta_graph_def);
      break;
    case GW__EVENT__WHAT_LOG_MESSAGE:
      value->kind = GW_EVENT_LOG_MESSAGE;
      value->level = event->log_message->level;
      value->text = reader->text = gw_proto_bytes_to_text (&event->log_message->message);
      break;
    case GW__EVENT__WHAT_SESSION_LOG:
      value->kind = GW_EVENT_SESSION_LOG;
      value->status = event->session_log->status;
      value->path = reader->path = gw_proto_bytes_to_text (&event->session_log->checkpoint_path);
      value->text = reader->text = gw_proto_bytes_to_text (&event->session_log->msg);
      break;
    case GW__EVENT__WHAT_TAGGED_RUN_METADATA:
      read_run_metadata (reader, event->tagged_run_metadata, value);
      break;
    default:
      break;
    }
}

/* Decodes the next event that can be decoded into reader->event. */
static GwReadStatus
next_event (GwEventReader  *reader,
            GError        **error)
{
  for (;;)
    {
      const guint8 *payload;
      size_t size;
      GwReadStatus status = gw_record_reader_next (reader->records, &payload, &size, error);
      gboolean ok;

      if (status != GW_READ_OK)
        return status;
      gw_proto_arena_reset (reader->arena);
      reader->summary = NULL;
      reader->next_value = 0;
      reader->next_item = 0;
      reader->event = gw_proto_unpack (reader->arena, &gw__event__descriptor, payload, size, "an event", NULL);
      ok = reader->event != NULL;
      if (ok && reader->event->what_case == GW__EVENT__WHAT_SUMMARY)
        {
          reader->summary = gw_proto_unpack (reader->arena, &gw__summary__descriptor, reader->event->summary.data,
                                             reader->event->summary.len, "a summary", NULL);
          ok = reader->summary != NULL;
        }
      if (ok)
        return GW_READ_OK;
      reader->event = NULL;
      reader->n_skipped++;
    }
}

GwReadStatus
gw_event_reader_next (GwEventReader  *reader,
                      GwEventValue   *value,
                      GError        **error)
{
  for (;;)
    {
      if (reader->next_item == 0)
        release_value (reader);
      if (reader->event == NULL)
        {
          GwReadStatus status = next_event (reader, error);

          if (status != GW_READ_OK)
            return status;
        }
      *value = (GwEventValue) {
        .wall_time = reader->event->wall_time, .step = reader->event->step, .tag = "", .plugin = "",
      };
      if (reader->summary == NULL)
        {
          read_single (reader, reader->event, value);
          reader->event = NULL;
          return GW_READ_OK;
        }
      if (reader->next_value >= reader->summary->n_value)
        reader->event = NULL;
      else if (next_summary_value (reader, value))
        return GW_READ_OK;
    }
}
