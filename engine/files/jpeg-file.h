/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG to and from tensors, with the choices that TensorFlow's ops have. */
#pragma once

#include "engine/tensor/tensor.h"

G_BEGIN_DECLS

typedef struct {
  int      channels;             /* 0 = as stored, 1 gray, 3 RGB */
  int      ratio;                /* 1, 2, 4, 8: that much smaller in each direction */
  gboolean fancy_upscaling;      /* colours of a coarser grid are blended */
  gboolean accurate;             /* the slow, exact cosine transform, else the fast one */
  gboolean recover;              /* a file that ends early gives what there is of it, */
  double   acceptable_fraction;  /* when at least this part of the rows is there */
} GwJpegDecoding;

#define GW_JPEG_DECODING ((GwJpegDecoding) { .ratio = 1, .fancy_upscaling = TRUE, .acceptable_fraction = 1 })

typedef struct {
  int         quality;            /* 0 … 100 */
  gboolean    progressive, optimize_size;
  gboolean    chroma_downsampling;/* colours on half the grid */
  gboolean    per_centimetre;     /* densities, else per inch */
  int         x_density, y_density;
  const char *xmp;                /* kept as metadata; NULL or "" = none */
} GwJpegEncoding;

#define GW_JPEG_ENCODING \
  ((GwJpegEncoding) { .quality = 95, .chroma_downsampling = TRUE, .x_density = 300, .y_density = 300 })

/* Whether the bytes begin as a JPEG file does. */
gboolean gw_jpeg_is_jpeg (const void *data, size_t size);

/* uint8 [h,w,channels]. DATA_LOSS for bytes that are no whole JPEG, RESOURCE_EXHAUSTED
 * beyond 2^28 pixels. */
GwTensor *gw_jpeg_decode (const void *data, size_t size, const GwJpegDecoding *decoding, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* uint8 [h,w,1] or [h,w,3]; INVALID_ARGUMENT for another type or shape, an empty
 * picture, or a side beyond 65535. */
GBytes *gw_jpeg_encode (const GwTensor *image, const GwJpegEncoding *encoding, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
