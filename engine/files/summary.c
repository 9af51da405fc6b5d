/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/summary.h"

#include "engine/base/error.h"
#include "engine/files/proto-arena.h"
#include "engine/files/proto/event.pb-c.h"
#include "engine/files/tensor-proto.h"

#include <string.h>

/* Number of the repeated field `value` of Summary. */
#define VALUE_FIELD 1

static Gw__SummaryValue
value_of (const char                  *tag,
          Gw__SummaryValue__ValueCase  kind)
{
  Gw__SummaryValue value = GW__SUMMARY_VALUE__INIT;

  value.tag = gw_proto_bytes_from_text (tag);
  value.value_case = kind;
  return value;
}

void
gw_summary_add_scalar (GByteArray *summary,
                       const char *tag,
                       float       value)
{
  Gw__SummaryValue message = value_of (tag, GW__SUMMARY_VALUE__VALUE_SIMPLE_VALUE);

  message.simple_value = value;
  gw_proto_append (summary, VALUE_FIELD, &message.base);
}

void
gw_summary_add_histogram (GByteArray        *summary,
                          const char        *tag,
                          const GwHistogram *histogram)
{
  Gw__SummaryValue message = value_of (tag, GW__SUMMARY_VALUE__VALUE_HISTO);
  Gw__HistogramProto histo = GW__HISTOGRAM_PROTO__INIT;

  histo.min = histogram->min;
  histo.max = histogram->max;
  histo.num = histogram->num;
  histo.sum = histogram->sum;
  histo.sum_squares = histogram->sum_squares;
  histo.n_bucket_limit = histo.n_bucket = (size_t) histogram->n_buckets;
  histo.bucket_limit = histogram->limits;
  histo.bucket = histogram->counts;
  message.histo = &histo;
  gw_proto_append (summary, VALUE_FIELD, &message.base);
}

void
gw_summary_add_image (GByteArray *summary,
                      const char *tag,
                      int         height,
                      int         width,
                      int         channels,
                      const void *png,
                      size_t      png_size)
{
  Gw__SummaryValue message = value_of (tag, GW__SUMMARY_VALUE__VALUE_IMAGE);
  Gw__SummaryImage image = GW__SUMMARY_IMAGE__INIT;

  image.height = height;
  image.width = width;
  image.colorspace = channels;
  image.encoded_image_string = (ProtobufCBinaryData) { png_size, (uint8_t *) png };
  message.image = &image;
  gw_proto_append (summary, VALUE_FIELD, &message.base);
}

void
gw_summary_add_audio (GByteArray *summary,
                      const char *tag,
                      float       sample_rate,
                      int64_t     channels,
                      int64_t     frames,
                      const void *wav,
                      size_t      wav_size)
{
  Gw__SummaryValue message = value_of (tag, GW__SUMMARY_VALUE__VALUE_AUDIO);
  Gw__SummaryAudio audio = GW__SUMMARY_AUDIO__INIT;

  audio.sample_rate = sample_rate;
  audio.num_channels = channels;
  audio.length_frames = frames;
  audio.encoded_audio_string = (ProtobufCBinaryData) { wav_size, (uint8_t *) wav };
  audio.content_type = gw_proto_bytes_from_text ("audio/wav");
  message.audio = &audio;
  gw_proto_append (summary, VALUE_FIELD, &message.base);
}

/* `metadata` may be NULL. */
static gboolean
add_tensor (GByteArray           *summary,
            const char           *tag,
            Gw__SummaryMetadata  *metadata,
            const GwTensor       *tensor,
            GError              **error)
{
  Gw__SummaryValue message = value_of (tag, GW__SUMMARY_VALUE__VALUE_TENSOR);
  g_autoptr (GBytes) proto = gw_tensor_to_proto (tensor, error);

  if (proto == NULL)
    {
      g_prefix_error (error, "summary “%s”: ", tag);
      return FALSE;
    }
  message.tensor.data = (uint8_t *) g_bytes_get_data (proto, &message.tensor.len);
  message.metadata = metadata;
  gw_proto_append (summary, VALUE_FIELD, &message.base);
  return TRUE;
}

gboolean
gw_summary_add_tensor (GByteArray      *summary,
                       const char      *tag,
                       const char      *plugin,
                       const GwTensor  *tensor,
                       GError         **error)
{
  Gw__SummaryMetadata metadata = GW__SUMMARY_METADATA__INIT;
  Gw__SummaryPluginData plugin_data = GW__SUMMARY_PLUGIN_DATA__INIT;

  if (plugin == NULL)
    return add_tensor (summary, tag, NULL, tensor, error);
  plugin_data.plugin_name = gw_proto_bytes_from_text (plugin);
  metadata.plugin_data = &plugin_data;
  return add_tensor (summary, tag, &metadata, tensor, error);
}

gboolean
gw_summary_add_tensor_with_metadata (GByteArray      *summary,
                                     const char      *tag,
                                     const GwTensor  *tensor,
                                     const void      *metadata,
                                     size_t           metadata_size,
                                     GError         **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  Gw__SummaryMetadata *message = gw_proto_unpack (arena, &gw__summary_metadata__descriptor, metadata,
                                                  metadata_size, "the metadata of a summary", error);

  return message != NULL && add_tensor (summary, tag, message, tensor, error);
}

void
gw_summary_add_text (GByteArray *summary,
                     const char *tag,
                     const char *text)
{
  g_autoptr (GwTensor) tensor = gw_tensor_new_string (text);
  g_autoptr (GError) error = NULL;

  if (!gw_summary_add_tensor (summary, tag, "text", tensor, &error))
    g_error ("%s", error->message); /* one string below 2 GiB always goes */
}

/* FALSE when a tag of `input` is in `tags` already; adds those that are not. */
static gboolean
collect_tags (GHashTable      *tags,
              GwProtoArena    *arena,
              const GwString  *input,
              GError         **error)
{
  Gw__Summary *message = gw_proto_unpack (arena, &gw__summary__descriptor, input->data, input->length,
                                          "a summary to be merged", error);

  if (message == NULL)
    return FALSE;
  for (size_t i = 0; i < message->n_value; i++)
    {
      ProtobufCBinaryData *tag = &message->value[i]->tag;

      if (tag->len > 0 && !g_hash_table_add (tags, tag))
        return gw_invalid (error, "Duplicate tag %.*s found in summary inputs",
                           (int) MIN (tag->len, 1000), (const char *) tag->data);
    }
  return TRUE;
}

gboolean
gw_summary_merge (GByteArray      *summary,
                  int              n_inputs,
                  const GwString  *inputs,
                  GError         **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autoptr (GHashTable) tags = g_hash_table_new (gw_proto_bytes_hash, gw_proto_bytes_equal);

  for (int i = 0; i < n_inputs; i++)
    if (!collect_tags (tags, arena, &inputs[i], error))
      return FALSE;
  for (int i = 0; i < n_inputs; i++)
    if (inputs[i].length > 0)
      g_byte_array_append (summary, (const guint8 *) inputs[i].data, (guint) inputs[i].length);
  return TRUE;
}
