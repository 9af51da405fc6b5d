/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ops/window-common.h"

#include "engine/base/error.h"
#include "engine/ops/array-common.h"

#include <string.h>

/* ---- reading attributes ---- */

int
gw_window_channel_dim (const GwWindowParams *params)
{
  return params->channels_first ? 1 : params->n_spatial + 1;
}

int
gw_window_spatial_dim (const GwWindowParams *params,
                       int                   i)
{
  return params->channels_first ? i + 2 : i + 1;
}

static gboolean
check_length (const char *name,
              int         n,
              int         want,
              GError    **error)
{
  if (n == want)
    return TRUE;
  return gw_invalid (error, "%s must contain %d values, but got: %d", name, want, n);
}

/* One number a dimension: positive, and 1 for batch and channels. */
static gboolean
check_sizes (const GwWindowParams *params,
             const char           *name,
             int                   n,
             const int64_t        *values,
             GError              **error)
{
  if (!check_length (name, n, params->n_spatial + 2, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    if (values[i] < 1 || values[i] > G_MAXINT32)
      return gw_invalid (error, "%s must be positive 32-bit numbers, but dimension %d has %" G_GINT64_FORMAT, name, i, values[i]);
  if (values[0] != 1 || values[gw_window_channel_dim (params)] != 1)
    return gw_invalid (error, "%s must be 1 for the batch and the channels, but they are %" G_GINT64_FORMAT " and %"
                       G_GINT64_FORMAT, name, values[0], values[gw_window_channel_dim (params)]);
  return TRUE;
}

static gboolean
read_explicit (GwWindowParams    *params,
               const GwAttrValue *value,
               GError           **error)
{
  int channel = gw_window_channel_dim (params);
  const int64_t *pads = value->list.i;

  if (params->padding != GW_PADDING_EXPLICIT)
    return value->list.n == 0 ||
           gw_invalid (error, "explicit_paddings must be empty if the padding attribute is not EXPLICIT");
  if (!check_length ("explicit_paddings", value->list.n, 2 * (params->n_spatial + 2), error))
    return FALSE;
  for (int i = 0; i < value->list.n; i++)
    if (pads[i] < 0)
      return gw_invalid (error, "All elements of explicit_paddings must be nonnegative, but one is %" G_GINT64_FORMAT, pads[i]);
  if (pads[0] != 0 || pads[1] != 0 || pads[2 * channel] != 0 || pads[2 * channel + 1] != 0)
    return gw_invalid (error, "Nonzero explicit padding in the batch or depth dimensions is not supported");
  for (int i = 0; i < params->n_spatial; i++)
    {
      GwWindowAxis *axis = gw_window_axis (params, i);

      axis->before = pads[2 * gw_window_spatial_dim (params, i)];
      axis->after = pads[2 * gw_window_spatial_dim (params, i) + 1];
      if (axis->window > 0 && (axis->before >= axis->window || axis->after >= axis->window))
        return gw_invalid (error, "explicit_paddings must be smaller than the window of %" G_GINT64_FORMAT, axis->window);
    }
  return TRUE;
}

/* Pooling over channels: the window and the stride there, and nowhere else. */
static gboolean
read_channel_window (GwWindowParams *params,
                     const int64_t  *ksize,
                     const int64_t  *strides,
                     GError        **error)
{
  int channel = gw_window_channel_dim (params);

  if (ksize[channel] < 1 || ksize[channel] > G_MAXINT32 || strides[channel] != ksize[channel])
    return gw_invalid (error, "Depthwise max pooling requires the depth window to equal the depth stride, but they are %"
                       G_GINT64_FORMAT " and %" G_GINT64_FORMAT, ksize[channel], strides[channel]);
  for (int i = 0; i < params->n_spatial + 2; i++)
    if (i != channel && (ksize[i] != 1 || strides[i] != 1))
      return gw_invalid (error, "MaxPooling supports exactly one of pooling across depth or pooling across width/height");
  params->channel_window = ksize[channel];
  return TRUE;
}

static void
read_axes (GwWindowParams *params,
           const int64_t  *ksize,
           const int64_t  *strides,
           const int64_t  *dilations)
{
  for (int i = 0; i < params->n_spatial; i++)
    {
      int dim = gw_window_spatial_dim (params, i);
      GwWindowAxis *axis = gw_window_axis (params, i);

      axis->window = ksize != NULL ? ksize[dim] : -1;
      axis->stride = strides != NULL ? strides[dim] : -1;
      axis->dilation = dilations != NULL ? dilations[dim] : 1;
    }
}

static GwPadding
padding_of (const GwAttrValue *value)
{
  return strcmp (value->s, "SAME") == 0 ? GW_PADDING_SAME : strcmp (value->s, "VALID") == 0 ? GW_PADDING_VALID
                                                                                            : GW_PADDING_EXPLICIT;
}

static gboolean
read_lists (const GwWindowSpec *spec,
            const GwAttrValue  *attrs,
            GwWindowParams     *params,
            GError            **error)
{
  const GwAttrValue *strides = &attrs[spec->strides], *ksize = &attrs[spec->ksize], *dilations = &attrs[spec->dilations];
  int n = params->n_spatial + 2, channel = gw_window_channel_dim (params);
  gboolean joins = spec->pools_channels && ksize->list.n == n && ksize->list.i[channel] != 1;

  if (joins && strides->list.n == n)
    return read_channel_window (params, ksize->list.i, strides->list.i, error);
  if (!check_sizes (params, "strides", strides->list.n, strides->list.i, error) ||
      (spec->ksize != 0 && !check_sizes (params, "ksize", ksize->list.n, ksize->list.i, error)) ||
      (spec->dilations != 0 && !check_sizes (params, "dilations", dilations->list.n, dilations->list.i, error)))
    return FALSE;
  read_axes (params, spec->ksize != 0 ? ksize->list.i : NULL, strides->list.i,
             spec->dilations != 0 ? dilations->list.i : NULL);
  return TRUE;
}

gboolean
gw_window_read (const GwWindowSpec *spec,
                const GwAttrValue  *attrs,
                GwWindowParams     *params,
                GError            **error)
{
  *params = (GwWindowParams) {
    .n_spatial = spec->n_spatial, .may_be_empty = spec->may_be_empty, .padding = padding_of (&attrs[spec->padding]),
    .channels_first = spec->data_format != 0 && attrs[spec->data_format].s[1] == 'C', .channel_window = 1,
    .axes = { GW_WINDOW_AXIS_NONE, GW_WINDOW_AXIS_NONE, GW_WINDOW_AXIS_NONE },
  };
  if (spec->strides == 0)
    read_axes (params, NULL, NULL, NULL);
  else if (!read_lists (spec, attrs, params, error))
    return FALSE;
  return spec->explicit_paddings == 0 || read_explicit (params, &attrs[spec->explicit_paddings], error);
}

gboolean
gw_window_read_sizes (GwWindowParams *params,
                      const GwTensor *ksize,
                      const GwTensor *strides,
                      GError        **error)
{
  int64_t sizes[2 * GW_MAX_RANK], steps[2 * GW_MAX_RANK];
  int channel = gw_window_channel_dim (params);
  int n_sizes = ksize != NULL ? gw_array_read_ints (ksize, sizes) : 0;
  int n_steps = strides != NULL ? gw_array_read_ints (strides, steps) : 0;

  if ((ksize != NULL && !check_length ("ksize", n_sizes, params->n_spatial + 2, error)) ||
      (strides != NULL && !check_length ("strides", n_steps, params->n_spatial + 2, error)))
    return FALSE;
  params->channel_window = -1;
  if (ksize == NULL || strides == NULL)
    return TRUE;
  params->channel_window = 1;
  if (sizes[channel] != 1)
    return read_channel_window (params, sizes, steps, error);
  if (!check_sizes (params, "ksize", n_sizes, sizes, error) || !check_sizes (params, "strides", n_steps, steps, error))
    return FALSE;
  read_axes (params, sizes, steps, NULL);
  return TRUE;
}

/* ---- shapes ---- */

gboolean
gw_window_want (GwShapeContext       *context,
                const GwWindowParams *params,
                int                   input,
                GwShape              *shape,
                GError              **error)
{
  return gw_shape_want_rank (context, input, params->n_spatial + 2, shape, error);
}

gboolean
gw_window_resolve (GwWindowParams *params,
                   const GwShape  *input,
                   int64_t         channels,
                   GwShape        *output,
                   GError        **error)
{
  static const char *const names[] = { "depth", "height", "width" };
  GwShape shape = gw_shape_of_rank (params->n_spatial + 2);

  shape.dims[0] = input->dims[0];
  shape.dims[gw_window_channel_dim (params)] = channels;
  for (int i = 0; i < params->n_spatial; i++)
    {
      GwWindowAxis *axis = gw_window_axis (params, i);
      int dim = gw_window_spatial_dim (params, i);

      axis->input = input->dims[dim];
      axis->output = -1;
      if (axis->stride < 0)
        continue;
      if (!gw_window_axis_resolve (axis, params->padding, params->may_be_empty, error))
        {
          g_prefix_error (error, "%s (dimension %d): ", names[GW_WINDOW_AXES - params->n_spatial + i], dim);
          return FALSE;
        }
      shape.dims[dim] = axis->output;
    }
  *output = shape;
  return gw_array_check_size (output, error);
}

GwWindow
gw_window_of (const GwWindowParams *params,
              const GwShape        *input)
{
  GwWindow window = { .batch = input->dims[0], .channels = input->dims[gw_window_channel_dim (params)] };

  memcpy (window.axes, params->axes, sizeof window.axes);
  return window;
}

gboolean
gw_window_agree (GwShapeContext *context,
                 int             input,
                 const GwShape  *want,
                 GError        **error)
{
  g_autofree char *got_text = NULL;
  g_autofree char *want_text = NULL;

  if (gw_shape_compatible (&context->inputs[input], want))
    return TRUE;
  got_text = gw_shape_to_string (&context->inputs[input]);
  want_text = gw_shape_to_string (want);
  return gw_invalid (error, "%s has the shape %s, but the window gives %s", gw_shape_input_name (context, input), got_text,
                     want_text);
}
