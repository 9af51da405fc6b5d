/* SPDX-License-Identifier: Apache-2.0 */
/* Texts into numbers, buckets, bytes, and Base64 both ways. */
#include "engine/base/error.h"
#include "engine/base/fingerprint.h"
#include "engine/graph/shape-rules.h"
#include "engine/ops/families.h"
#include "engine/ops/strings-common.h"

#include <string.h>

/* ---- StringToNumber ---- */

static gboolean
number_one (const GwString *in,
            void           *data,
            GwTensor       *output,
            int64_t         index,
            GError        **error)
{
  g_autofree char *quoted = NULL;

  if (gw_string_to_number (in->data, in->length, output->dtype, output, index))
    return TRUE;
  quoted = gw_string_quote (in);
  return gw_invalid (error, "string_tensor: could not correctly convert %s to %s, at index %" G_GINT64_FORMAT, quoted,
                     gw_dtype_name (output->dtype), index);
}

static gboolean
to_number_cpu (GwKernelContext *context,
               GError         **error)
{
  return gw_string_map (context, number_one, NULL, error);
}

static const GwOpDef to_number_op = {
  .name = "StringToNumber", .since = 1, .title = "Texts to numbers", .category = "strings/Converting",
  .summary = "Reads each text as a number.",
  .doc = "White space at both ends is ignored. A text that is no number, or an integer that does not fit, is an error.",
  .inputs = GW_PORTS ({ "string_tensor", "string", "Texts, any shape." }),
  .outputs = GW_PORTS ({ "output", "out_type", "The numbers, of the same shape." }),
  .attrs = GW_ATTRS ({ "out_type", GW_ATTR_DTYPE, .def = "float32",
                       .choices = GW_CHOICES ("float32", "float64", "int32", "int64"), .label = "Type",
                       .help = "What to read them as." }),
  .flags = GW_OP_STOPS_GRADIENT, .shape = gw_shape_rule_same, .cpu = to_number_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\" 7\", \"-300\"]"), NULL, GW_TEXTS ("[7.0, -300.0]") }),
  .tell = GW_TEXTS ("out_type"),
};

/* ---- buckets ---- */

enum { BUCKET_NUM, BUCKET_KEY };

typedef struct {
  uint64_t (*hash) (const char *data, size_t length);
  uint64_t key[2];
  uint64_t n;
} Buckets;

static gboolean
bucket_one (const GwString *in,
            void           *data,
            GwTensor       *output,
            int64_t         index,
            GError        **error)
{
  const Buckets *buckets = data;
  const char *text = in->length > 0 ? in->data : "";
  uint64_t hash = buckets->hash != NULL ? buckets->hash (text, in->length) : gw_siphash (buckets->key, text, in->length);

  GW_TENSOR_DATA (output, int64_t)[index] = (int64_t) (hash % buckets->n);
  return TRUE;
}

static gboolean
bucket_cpu (GwKernelContext *context,
            GError         **error)
{
  Buckets buckets = { .hash = gw_hash64, .n = (uint64_t) context->attrs[BUCKET_NUM].i };

  return gw_string_map (context, bucket_one, &buckets, error);
}

static gboolean
bucket_fast_cpu (GwKernelContext *context,
                 GError         **error)
{
  Buckets buckets = { .hash = gw_fingerprint64, .n = (uint64_t) context->attrs[BUCKET_NUM].i };

  return gw_string_map (context, bucket_one, &buckets, error);
}

static gboolean
bucket_strong_shape (GwShapeContext *context,
                     GError        **error)
{
  int n = context->attrs[BUCKET_KEY].list.n;

  if (n != 2)
    return gw_invalid (error, "key must have 2 elements, but has %d", n);
  return gw_shape_rule_same (context, error);
}

static gboolean
bucket_strong_cpu (GwKernelContext *context,
                   GError         **error)
{
  const int64_t *key = context->attrs[BUCKET_KEY].list.i;
  Buckets buckets = { .key = { (uint64_t) key[0], (uint64_t) key[1] }, .n = (uint64_t) context->attrs[BUCKET_NUM].i };

  return gw_string_map (context, bucket_one, &buckets, error);
}

#define BUCKETS_ATTR                                                                                     \
  [BUCKET_NUM] = { "num_buckets", GW_ATTR_INT, .min = 1, .max = -1, .label = "Buckets",                  \
                   .help = "How many there are.", .flags = GW_ATTR_REQUIRED }
#define BUCKETS_OUT GW_PORTS ({ "output", "int64", "A bucket in [0, num_buckets) for each, of the same shape." })

static const GwOpDef bucket_op = {
  .name = "StringToHashBucket", .since = 1, .title = "Texts to buckets, older", .category = "strings/Converting",
  .summary = "Gives each text a bucket by its hash.",
  .doc = "Kept for graphs that were trained with it; StringToHashBucketFast is the one to use.",
  .inputs = GW_PORTS ({ "string_tensor", "string", "Texts, any shape." }), .outputs = BUCKETS_OUT,
  .attrs = GW_ATTRS (BUCKETS_ATTR), .flags = GW_OP_STOPS_GRADIENT | GW_OP_HIDDEN,
  .shape = gw_shape_rule_same, .cpu = bucket_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"a\", \"tensor\"]"), "num_buckets=1", GW_TEXTS ("int64 [0, 0]") }),
};

static const GwOpDef bucket_fast_op = {
  .name = "StringToHashBucketFast", .since = 1, .title = "Texts to buckets", .category = "strings/Converting",
  .summary = "Gives each text a bucket by its hash.",
  .doc = "Equal texts come into equal buckets, on every machine and in every version (FarmHash's fingerprint). Different texts may "
         "meet in one; more buckets make that rarer. Who must fear texts chosen so that they meet takes "
         "StringToHashBucketStrong.",
  .inputs = GW_PORTS ({ "input", "string", "Texts, any shape." }), .outputs = BUCKETS_OUT,
  .attrs = GW_ATTRS (BUCKETS_ATTR), .flags = GW_OP_STOPS_GRADIENT, .shape = gw_shape_rule_same, .cpu = bucket_fast_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"a\", \"tensor\", \"\", \"ein Wort\"]"), "num_buckets=1000",
                             GW_TEXTS ("int64 [939, 442, 263, 882]") }),
  .tell = GW_TEXTS ("num_buckets"),
};

static const GwOpDef bucket_strong_op = {
  .name = "StringToHashBucketStrong", .since = 1, .title = "Texts to buckets by key", .category = "strings/Converting",
  .summary = "Gives each text a bucket by a hash that nobody can foresee without the key.",
  .doc = "SipHash: about four times the work of StringToHashBucketFast.",
  .inputs = GW_PORTS ({ "input", "string", "Texts, any shape." }), .outputs = BUCKETS_OUT,
  .attrs = GW_ATTRS (BUCKETS_ATTR,
                     [BUCKET_KEY] = { "key", GW_ATTR_INTS, .label = "Key", .help = "Two integers.",
                                      .flags = GW_ATTR_REQUIRED }),
  .shape_rule = "the input's",
  .flags = GW_OP_STOPS_GRADIENT, .shape = bucket_strong_shape, .cpu = bucket_strong_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"Hello\", \"TF\"]"), "num_buckets=3 key=[1,2]", GW_TEXTS ("int64 [2, 0]") }),
  .tell = GW_TEXTS ("num_buckets"),
};

/* ---- DecodeRaw ---- */

enum { RAW_OUT_TYPE, RAW_LITTLE_ENDIAN };

static gboolean
raw_shape (GwShapeContext *context,
           GError        **error)
{
  GwShape *out = &context->outputs[0];

  if (context->inputs[0].rank < 0)
    return TRUE;
  if (context->inputs[0].rank == GW_MAX_RANK)
    return gw_invalid (error, "bytes: the result has more than %d dimensions", GW_MAX_RANK);
  *out = context->inputs[0];
  out->dims[out->rank++] = GW_DIM_UNKNOWN;
  return TRUE;
}

/* Turns the bytes of each part of `width` round. */
static void
swap_bytes (char    *data,
            size_t   bytes,
            size_t   width)
{
  for (size_t at = 0; at + width <= bytes; at += width)
    for (size_t i = 0; i < width / 2; i++)
      {
        char swap = data[at + i];

        data[at + i] = data[at + width - 1 - i];
        data[at + width - 1 - i] = swap;
      }
}

static gboolean
raw_cpu (GwKernelContext *context,
         GError         **error)
{
  const GwTensor *input = context->inputs[0];
  GwDType dtype = context->attrs[RAW_OUT_TYPE].dtype;
  size_t size = gw_dtype_size (dtype);
  size_t length = input->elements > 0 ? gw_string_at (input, 0)->length : 0;
  GwShape shape = input->shape;
  GwTensor *output;

  if (shape.rank == GW_MAX_RANK)
    return gw_invalid (error, "bytes: the result has more than %d dimensions", GW_MAX_RANK);
  for (int64_t i = 1; i < input->elements; i++)
    if (gw_string_at (input, i)->length != length)
      return gw_invalid (error, "bytes: DecodeRaw requires input strings to all be the same size, but element %" G_GINT64_FORMAT
                         " has size %" G_GSIZE_FORMAT " != %" G_GSIZE_FORMAT, i, gw_string_at (input, i)->length, length);
  if (length % size != 0)
    return gw_invalid (error, "bytes: Input to DecodeRaw has length %" G_GSIZE_FORMAT " that is not a multiple of %"
                       G_GSIZE_FORMAT ", the size of %s", length, size, gw_dtype_name (dtype));
  shape.dims[shape.rank++] = (int64_t) (length / size);
  if (!gw_kernel_allocate_output (context, 0, dtype, &shape, error))
    return FALSE;
  output = context->outputs[0];
  for (int64_t i = 0; i < input->elements && length > 0; i++)
    memcpy ((char *) output->data + (size_t) i * length, gw_string_at (input, i)->data, length);
  if (context->attrs[RAW_LITTLE_ENDIAN].b != (G_BYTE_ORDER == G_LITTLE_ENDIAN))
    swap_bytes (output->data, output->bytes, gw_dtype_is_complex (dtype) ? size / 2 : size);
  return TRUE;
}

static const GwOpDef raw_op = {
  .name = "DecodeRaw", .since = 1, .title = "Bytes to numbers", .category = "strings/Decoding",
  .summary = "Takes the bytes of each text as numbers.",
  .doc = "All texts must be of one length, a multiple of the type's size; the result has one more dimension, that of the "
         "numbers.\n\nExample: `DecodeRaw ([\"AB\", \"CD\"]; out_type=uint8)` is [[65, 66], [67, 68]].",
  .inputs = GW_PORTS ({ "bytes", "string", "Texts of one length." }),
  .outputs = GW_PORTS ({ "output", "out_type", "Shape of bytes + [length / size of out_type]." }),
  .attrs = GW_ATTRS (
    [RAW_OUT_TYPE] = { "out_type", GW_ATTR_DTYPE,
                       .choices = GW_CHOICES ("uint8", "int8", "int16", "uint16", "int32", "int64", "float16", "float32",
                                              "float64", "complex64", "complex128", "bool", "bfloat16"),
                       .label = "Type", .help = "What the bytes are.", .flags = GW_ATTR_REQUIRED },
    [RAW_LITTLE_ENDIAN] = { "little_endian", GW_ATTR_BOOL, .def = "true", .label = "Lowest byte first",
                            .help = "Off: the highest byte of each number stands first." }),
  .shape_rule = "that of bytes and one more dimension: the number of values in each text, which follows from the "
                "texts",
  .flags = GW_OP_STOPS_GRADIENT | GW_OP_DYNAMIC_OUTPUT, .shape = raw_shape, .cpu = raw_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"ABCDEFGHIJKLMNOP\"]"), "out_type=uint8", NULL }),
  .tell = GW_TEXTS ("out_type"),
};

/* ---- Base64, the alphabet that is safe in web addresses ---- */

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum { ENCODE_PAD };

static gboolean
encode_one (const GwString *in,
            void           *data,
            GwTensor       *output,
            int64_t         index,
            GError        **error)
{
  g_autoptr (GString) text = g_string_sized_new (in->length / 3 * 4 + 4);

  for (size_t i = 0; i < in->length; i += 3)
    {
      size_t n = MIN (3, in->length - i);
      guint32 bits = 0;

      for (size_t k = 0; k < 3; k++)
        bits = bits << 8 | (k < n ? (guchar) in->data[i + k] : 0);
      for (size_t k = 0; k <= n; k++)
        g_string_append_c (text, base64_digits[bits >> (18 - 6 * k) & 63]);
      for (size_t k = n; k < 3 && *(const gboolean *) data; k++)
        g_string_append_c (text, '=');
    }
  gw_string_set (gw_string_at (output, index), text->str, text->len);
  return TRUE;
}

static gboolean
encode_cpu (GwKernelContext *context,
            GError         **error)
{
  gboolean pad = context->attrs[ENCODE_PAD].b;

  return gw_string_map (context, encode_one, &pad, error);
}

static gboolean
decode_one (const GwString *in,
            void           *data,
            GwTensor       *output,
            int64_t         index,
            GError        **error)
{
  size_t length = in->length;
  g_autoptr (GString) text = g_string_sized_new (length / 4 * 3 + 3);
  guint32 bits = 0;

  for (int i = 0; i < 2 && in->length > 0 && in->length % 4 == 0 && in->data[length - 1] == '='; i++)
    length--;
  if (length % 4 == 1)
    return gw_invalid (error, "input: Base64 string length cannot be 1 modulo 4, at index %" G_GINT64_FORMAT, index);
  for (size_t i = 0; i < length; i++)
    {
      const char *digit = in->data[i] != '\0' ? strchr (base64_digits, in->data[i]) : NULL;

      if (digit == NULL)
        return gw_invalid (error, "input: Invalid character found in base64, at index %" G_GINT64_FORMAT, index);
      bits = bits << 6 | (guint32) (digit - base64_digits);
      if (i % 4 > 0)
        g_string_append_c (text, (char) (bits >> (6 - 2 * (i % 4))));
    }
  gw_string_set (gw_string_at (output, index), text->str, text->len);
  return TRUE;
}

static gboolean
decode_cpu (GwKernelContext *context,
            GError         **error)
{
  return gw_string_map (context, decode_one, NULL, error);
}

static const GwOpDef encode_op = {
  .name = "EncodeBase64", .since = 1, .title = "To Base64", .category = "strings/Converting",
  .summary = "Writes bytes with 64 characters that are safe in web addresses.",
  .doc = "Four characters for three bytes, with - and _ as the last two of the alphabet.",
  .inputs = GW_PORTS ({ "input", "string", "Bytes, any shape." }),
  .outputs = GW_PORTS ({ "output", "string", "The encoded texts." }),
  .attrs = GW_ATTRS ([ENCODE_PAD] = { "pad", GW_ATTR_BOOL, .def = "false", .label = "Pad",
                                      .help = "Fill up with = to a multiple of four characters." }),
  .flags = GW_OP_STOPS_GRADIENT, .shape = gw_shape_rule_same, .cpu = encode_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"ab\", \"???\"]"), "pad=true", GW_TEXTS ("[\"YWI=\", \"Pz8_\"]") }),
};

static const GwOpDef decode_op = {
  .name = "DecodeBase64", .since = 1, .title = "From Base64", .category = "strings/Decoding",
  .summary = "The bytes that Base64 texts stand for.",
  .doc = "The alphabet of web addresses: - and _ instead of + and /. Padding by = may be there or not.",
  .inputs = GW_PORTS ({ "input", "string", "Encoded texts, any shape." }),
  .outputs = GW_PORTS ({ "output", "string", "The bytes." }),
  .flags = GW_OP_STOPS_GRADIENT, .shape = gw_shape_rule_same, .cpu = decode_cpu,
  .examples = GW_EXAMPLES ({ GW_TEXTS ("[\"YWI=\", \"Pz8_\"]"), NULL, GW_TEXTS ("[\"ab\", \"???\"]") }),
};

const GwOpDef *const gw_ops_string_convert[] = {
  &to_number_op, &bucket_op, &bucket_fast_op, &bucket_strong_op, &raw_op, &encode_op, &decode_op, NULL,
};
