/* SPDX-License-Identifier: Apache-2.0 */
/* Serialised Summary messages, as TensorFlow's summary ops produce them. A
 * summary is a list of tagged values; being one repeated field, it grows by
 * appending, and summaries merge by being put one after the other. */
#pragma once

#include "engine/tensor/stats.h"
#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

/* Each appends one value to `summary`. Tags are UTF-8. */
void gw_summary_add_scalar (GByteArray *summary, const char *tag, float value);
void gw_summary_add_histogram (GByteArray *summary, const char *tag, const GwHistogram *histogram);
/* An encoded picture; `channels` 1, 2, 3 or 4 is TensorFlow's colorspace. */
void gw_summary_add_image (GByteArray *summary, const char *tag, int height, int width, int channels,
                           const void *png, size_t png_size);
/* A WAV file; `frames` samples per channel. */
void gw_summary_add_audio (GByteArray *summary, const char *tag, float sample_rate, int64_t channels,
                           int64_t frames, const void *wav, size_t wav_size);
/* Markdown, shown by TensorBoard's text plugin. */
void gw_summary_add_text (GByteArray *summary, const char *tag, const char *text);
/* Any tensor with the metadata of `plugin` (NULL: no metadata), as TensorSummaryV2
 * writes it; a string tensor with plugin "text" is a table of texts.
 * INVALID_ARGUMENT when the tensor cannot be serialised. */
gboolean gw_summary_add_tensor (GByteArray *summary, const char *tag, const char *plugin,
                                const GwTensor *tensor, GError **error);
/* The same with an already serialised SummaryMetadata (TensorSummaryV2's input). */
gboolean gw_summary_add_tensor_with_metadata (GByteArray *summary, const char *tag, const GwTensor *tensor,
                                              const void *metadata, size_t metadata_size, GError **error);

/* Appends `inputs` in order to `summary`. INVALID_ARGUMENT “Duplicate tag TAG found
 * in summary inputs” for a non-empty tag that comes twice (MergeSummary's rule);
 * DATA_LOSS when an input is no summary. `summary` keeps its old content then. */
gboolean gw_summary_merge (GByteArray *summary, int n_inputs, const GwString *inputs, GError **error);

G_END_DECLS
