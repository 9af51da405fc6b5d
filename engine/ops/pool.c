/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling: the largest element or the mean of every window, of pictures and of
 * volumes, with what flows back through it and what flows forward through that. */
#include "engine/device/cpu/pool.h"

#include "engine/base/error.h"
#include "engine/graph/builder.h"
#include "engine/ops/array-common.h"
#include "engine/ops/families.h"
#include "engine/ops/window-common.h"

#include <string.h>

/* Order of the attributes where window and strides are among them, and where they are
 * inputs. */
enum { POOL_T, POOL_STRIDES, POOL_PADDING, POOL_KSIZE, POOL_FORMAT, POOL_EXPLICIT };
enum { POOL_ARG_TYPE = POOL_FORMAT, POOL_ARG_BATCH };
enum { SIZED_T, SIZED_PADDING, SIZED_FORMAT };

/* A sort of pooling, and its ops: forward, gradient, gradient of that. */
typedef struct {
  GwWindowSpec spec;
  GwPoolOp     forward, backward, again;
  int          sizes_at[3];   /* of the three ops: the input ksize, strides following; 0 = attributes */
  const char  *backward_op, *again_op;
} Kind;

enum { FORWARD, BACKWARD, AGAIN };

/* ---- shapes ---- */

static gboolean
pooled_channels (const GwWindowParams *params,
                 const GwShape        *input,
                 int64_t              *channels,
                 GError              **error)
{
  *channels = input->dims[gw_window_channel_dim (params)];
  if (params->channel_window < 0)
    *channels = -1;
  if (*channels < 0 || params->channel_window == 1)
    return TRUE;
  if (*channels % params->channel_window != 0)
    return gw_invalid (error, "Depthwise max pooling requires the depth window of %" G_GINT64_FORMAT
                       " to evenly divide the input depth of %" G_GINT64_FORMAT, params->channel_window, *channels);
  *channels /= params->channel_window;
  return TRUE;
}

/* What pooling an input of this shape gives. */
static gboolean
resolve (const Kind        *kind,
         int                role,
         const GwAttrValue *attrs,
         const GwTensor    *ksize,
         const GwTensor    *strides,
         const GwShape     *input,
         GwWindowParams    *params,
         GwShape           *output,
         GError           **error)
{
  int64_t channels;

  if (!gw_window_read (&kind->spec, attrs, params, error) ||
      (kind->sizes_at[FORWARD] != 0 && !gw_window_read_sizes (params, ksize, strides, error)))
    return FALSE;
  if (role != FORWARD && params->channel_window > 1)
    return gw_invalid (error, "ksize: pooling over channels has no gradient");
  return pooled_channels (params, input, &channels, error) && gw_window_resolve (params, input, channels, output, error);
}

static gboolean
want_input (const Kind     *kind,
            GwShapeContext *context,
            int             input,
            GwShape        *shape,
            GError        **error)
{
  return gw_shape_want_rank (context, input, kind->spec.n_spatial + 2, shape, error);
}

static gboolean
resolve_inputs (const Kind     *kind,
                int             role,
                GwShapeContext *context,
                const GwShape  *input,
                GwShape        *output,
                GError        **error)
{
  int at = kind->sizes_at[role];
  GwWindowParams params;

  if (at != 0 && (!gw_array_want_vector (context, at, error) || !gw_array_want_vector (context, at + 1, error)))
    return FALSE;
  return resolve (kind, role, context->attrs, at != 0 ? gw_shape_input_value (context, at) : NULL,
                  at != 0 ? gw_shape_input_value (context, at + 1) : NULL, input, &params, output, error);
}

static gboolean
forward_shape (const Kind     *kind,
               GwShapeContext *context,
               GError        **error)
{
  GwShape input;

  if (!want_input (kind, context, 0, &input, error) ||
      !resolve_inputs (kind, FORWARD, context, &input, &context->outputs[0], error))
    return FALSE;
  for (int i = 1; i < context->n_outputs; i++)
    context->outputs[i] = context->outputs[0];
  return TRUE;
}

/* (orig_input, orig_output, grad) */
static gboolean
backward_shape (const Kind     *kind,
                GwShapeContext *context,
                GError        **error)
{
  GwShape input, output;

  if (!want_input (kind, context, 0, &input, error) ||
      !resolve_inputs (kind, BACKWARD, context, &input, &output, error) ||
      !gw_window_agree (context, 1, &output, error) || !gw_window_agree (context, 2, &output, error))
    return FALSE;
  context->outputs[0] = input;
  return TRUE;
}

static gboolean
again_shape (const Kind     *kind,
             GwShapeContext *context,
             GError        **error)
{
  GwShape input, output;

  if (!want_input (kind, context, 0, &input, error) || !gw_window_agree (context, 2, &input, error) ||
      !resolve_inputs (kind, AGAIN, context, &input, &output, error) || !gw_window_agree (context, 1, &output, error))
    return FALSE;
  context->outputs[0] = output;
  return TRUE;
}

/* (orig_input_shape, grad) */
static gboolean
mean_backward_shape (const Kind     *kind,
                     GwShapeContext *context,
                     GError        **error)
{
  int rank = kind->spec.n_spatial + 2;
  GwShape input, output, gradient;

  if (!gw_array_input_shape (context, 0, &input, error) || !want_input (kind, context, 1, &gradient, error))
    return FALSE;
  if (input.rank < 0)
    input = gw_shape_of_rank (rank);
  if (input.rank != rank)
    return gw_invalid (error, "orig_input_shape must contain %d values, but got: %d", rank, input.rank);
  if (!resolve_inputs (kind, BACKWARD, context, &input, &output, error) || !gw_window_agree (context, 1, &output, error))
    return FALSE;
  context->outputs[0] = input;
  return TRUE;
}

/* ---- kernels ---- */

/* Pooling over channels is pooling along the rows of a matrix of all the positions. */
static void
turn_to_channels (GwPool               *pool,
                  const GwWindowParams *params,
                  const GwShape        *input)
{
  GwWindowAxis axis = { .input = pool->window.channels, .window = params->channel_window, .stride = params->channel_window,
                        .dilation = 1, .output = pool->window.channels / params->channel_window };

  pool->window.batch = gw_shape_span (input, 0, params->n_spatial + 1);
  pool->window.channels = 1;
  pool->window.axes[0] = pool->window.axes[1] = GW_WINDOW_AXIS_NONE;
  pool->window.axes[2] = axis;
}

/* `input` and `output` have the shapes of the pooling's own. */
static gboolean
run_pool (const Kind      *kind,
          int              role,
          GwKernelContext *context,
          GwPoolOp         op,
          const GwShape   *input,
          GwPool          *pool,
          GError         **error)
{
  int at = kind->sizes_at[role];
  GwWindowParams params;
  GwShape output, last = *input;

  if (!resolve (kind, role, context->attrs, at != 0 ? context->inputs[at] : NULL, at != 0 ? context->inputs[at + 1] : NULL,
                input, &params, &output, error))
    return FALSE;
  pool->op = op;
  pool->dtype = context->outputs[0]->dtype;
  pool->result = context->outputs[0]->data;
  pool->window = gw_window_of (&params, input);
  pool->channels_first = params.channels_first;
  pool->input_shape = input;
  pool->output_shape = &output;
  if (params.channels_first)
    {
      memmove (last.dims + 1, last.dims + 2, (size_t) params.n_spatial * sizeof last.dims[0]);
      last.dims[params.n_spatial + 1] = input->dims[1];
    }
  if (params.channel_window != 1)
    turn_to_channels (pool, &params, &last);
  return gw_cpu_pool (context, pool, error);
}

static const GwOpDef *def_of (const Kind *kind, int role);

/* Checks values that have come with the run, where sizes are inputs. */
static gboolean
prepare (const Kind      *kind,
         int              role,
         GwKernelContext *context,
         GError         **error)
{
  return kind->sizes_at[role] == 0 || gw_array_prepare (context, def_of (kind, role), error);
}

static gboolean
forward_cpu (const Kind      *kind,
             GwKernelContext *context,
             GError         **error)
{
  GwPool pool = { .x = context->inputs[0]->data };

  if (kind->forward == GW_POOL_ARG_MAX)
    {
      pool.positions = context->outputs[1]->data;
      pool.wide = context->outputs[1]->dtype == GW_INT64;
      pool.whole_batch = context->attrs[POOL_ARG_BATCH].b;
    }
  return prepare (kind, FORWARD, context, error) &&
         run_pool (kind, FORWARD, context, kind->forward, &context->inputs[0]->shape, &pool, error);
}

static gboolean
backward_cpu (const Kind      *kind,
              GwKernelContext *context,
              GError         **error)
{
  GwPool pool = { .x = context->inputs[0]->data, .d = context->inputs[2]->data };

  return prepare (kind, BACKWARD, context, error) &&
         run_pool (kind, BACKWARD, context, kind->backward, &context->inputs[0]->shape, &pool, error);
}

static gboolean
again_cpu (const Kind      *kind,
           GwKernelContext *context,
           GError         **error)
{
  GwPool pool = { .x = context->inputs[0]->data, .d = context->inputs[2]->data };

  return prepare (kind, AGAIN, context, error) &&
         run_pool (kind, AGAIN, context, kind->again, &context->inputs[0]->shape, &pool, error);
}

static gboolean
mean_backward_cpu (const Kind      *kind,
                   GwKernelContext *context,
                   GError         **error)
{
  GwPool pool = { .d = context->inputs[1]->data };

  return gw_array_prepare (context, def_of (kind, BACKWARD), error) &&
         run_pool (kind, BACKWARD, context, kind->backward, &context->outputs[0]->shape, &pool, error);
}

/* ---- gradients ---- */

/* `op` of the first inputs a, b, c and the sizes of `role`, where they are inputs. */
static GwOutput
pool_node (GwGradContext *context,
           const Kind    *kind,
           int            role,
           const char    *op,
           GwOutput       a,
           GwOutput       b,
           GwOutput       c)
{
  int at = kind->sizes_at[role];

  if (at == 0)
    return gw_array_op_like (context, op, GW_IN (a, b, c));
  return gw_array_op_like (context, op, GW_IN (a, b, c, gw_grad_x (context, at), gw_grad_x (context, at + 1)));
}

static void
forward_grad (const Kind    *kind,
              GwGradContext *context)
{
  if (context->dy[0].node != NULL)
    context->dx[0] = pool_node (context, kind, FORWARD, kind->backward_op, gw_grad_x (context, 0), gw_grad_y (context, 0),
                                context->dy[0]);
}

/* Which element is the largest does not change with small changes: nothing flows to it. */
static void
second_grad (const Kind    *kind,
             GwGradContext *context,
             int            role,
             const char    *op)
{
  for (int i = 0; i < 2; i++)
    if (context->wanted[i])
      context->dx[i] = gw_op1 (context->builder, "ZerosLike", gw_grad_x (context, i));
  if (context->wanted[2])
    context->dx[2] = pool_node (context, kind, role, op, gw_grad_x (context, 0), gw_grad_x (context, 1), context->dy[0]);
}

static void
backward_grad (const Kind    *kind,
               GwGradContext *context)
{
  second_grad (kind, context, BACKWARD, kind->again_op);
}

static void
again_grad (const Kind    *kind,
            GwGradContext *context)
{
  second_grad (kind, context, AGAIN, kind->backward_op);
}

static void
mean_forward_grad (const Kind    *kind,
                   GwGradContext *context)
{
  context->dx[0] = gw_array_op_like (context, kind->backward_op,
                                     GW_IN (gw_op1 (context->builder, "Shape", gw_grad_x (context, 0)), context->dy[0]));
}

static void
mean_backward_grad (const Kind    *kind,
                    GwGradContext *context)
{
  context->dx[1] = gw_array_op_like (context, kind->again_op, GW_IN (context->dy[0]));
}

/* ---- the kinds ---- */

/* The three functions of one op, called as the registry calls them. */
#define FUNCTIONS(NAME, KIND, SHAPE, KERNEL, GRADIENT)          \
  static gboolean                                               \
  NAME##_shape (GwShapeContext *context, GError **error)        \
  {                                                             \
    return SHAPE##_shape (&KIND, context, error);               \
  }                                                             \
  static gboolean                                               \
  NAME##_cpu (GwKernelContext *context, GError **error)         \
  {                                                             \
    return KERNEL##_cpu (&KIND, context, error);                \
  }                                                             \
  static void                                                   \
  NAME##_grad (GwGradContext *context)                          \
  {                                                             \
    GRADIENT##_grad (&KIND, context);                           \
  }

#define MAX_FUNCTIONS(KIND)                                     \
  FUNCTIONS (KIND##_forward, KIND, forward, forward, forward)   \
  FUNCTIONS (KIND##_backward, KIND, backward, backward, backward) \
  FUNCTIONS (KIND##_again, KIND, again, again, again)
#define MEAN_FUNCTIONS(KIND)                                    \
  FUNCTIONS (KIND##_forward, KIND, forward, forward, mean_forward) \
  FUNCTIONS (KIND##_backward, KIND, mean_backward, mean_backward, mean_backward)

#define SPEC(N, EXPLICIT, CHANNELS)                                                                           \
  .spec = { .n_spatial = N, .strides = POOL_STRIDES, .padding = POOL_PADDING, .ksize = POOL_KSIZE,            \
            .data_format = POOL_FORMAT, .explicit_paddings = EXPLICIT, .pools_channels = CHANNELS }
#define MAX_LOOPS(BACKWARD) .forward = GW_POOL_MAX, .backward = BACKWARD, .again = GW_POOL_MAX_GRAD_GRAD
#define MEAN_LOOPS .forward = GW_POOL_AVG, .backward = GW_POOL_AVG_GRAD

static const Kind max2d = { SPEC (2, POOL_EXPLICIT, TRUE), MAX_LOOPS (GW_POOL_MAX_GRAD),
                            .backward_op = "MaxPoolGrad", .again_op = "MaxPoolGradGrad" };
/* The second gradient has no explicit padding. */
static const Kind max2d_plain = { SPEC (2, 0, FALSE), MAX_LOOPS (GW_POOL_MAX_GRAD),
                                  .backward_op = "MaxPoolGrad", .again_op = "MaxPoolGradGrad" };
static const Kind sized = { { .n_spatial = 2, .padding = SIZED_PADDING, .data_format = SIZED_FORMAT },
                            MAX_LOOPS (GW_POOL_MAX_GRAD), .sizes_at = { 1, 3, 3 },
                            .backward_op = "MaxPoolGradV2", .again_op = "MaxPoolGradGradV2" };
static const Kind max3d = { SPEC (3, 0, FALSE), MAX_LOOPS (GW_POOL_MAX_GRAD_TIES),
                            .backward_op = "MaxPool3DGrad", .again_op = "MaxPool3DGradGrad" };
static const Kind mean2d = { SPEC (2, 0, FALSE), MEAN_LOOPS, .backward_op = "AvgPoolGrad", .again_op = "AvgPool" };
static const Kind mean3d = { SPEC (3, 0, FALSE), MEAN_LOOPS, .backward_op = "AvgPool3DGrad", .again_op = "AvgPool3D" };
static const Kind placed = { { .n_spatial = 2, .strides = POOL_STRIDES, .padding = POOL_PADDING, .ksize = POOL_KSIZE },
                             .forward = GW_POOL_ARG_MAX, .backward_op = "MaxPoolGradWithArgmax" };

FUNCTIONS (max2d_forward, max2d, forward, forward, forward)
FUNCTIONS (max2d_backward, max2d, backward, backward, backward)
FUNCTIONS (max2d_again, max2d_plain, again, again, again)
MAX_FUNCTIONS (sized)
MAX_FUNCTIONS (max3d)
MEAN_FUNCTIONS (mean2d)
MEAN_FUNCTIONS (mean3d)

/* ---- with positions ---- */

static void
placed_grad (GwGradContext *context)
{
  if (context->dy[0].node != NULL)
    context->dx[0] = gw_array_op_like (context, placed.backward_op,
                                       GW_IN (gw_grad_x (context, 0), context->dy[0], gw_grad_y (context, 1)));
}

static gboolean
placed_shape (GwShapeContext *context,
              GError        **error)
{
  return forward_shape (&placed, context, error);
}

static gboolean
placed_cpu (GwKernelContext *context,
            GError         **error)
{
  return forward_cpu (&placed, context, error);
}

/* (input, grad, argmax) */
static gboolean
placed_backward_shape (GwShapeContext *context,
                       GError        **error)
{
  GwShape input, output;

  if (!want_input (&placed, context, 0, &input, error) ||
      !resolve_inputs (&placed, BACKWARD, context, &input, &output, error) ||
      !gw_window_agree (context, 1, &output, error) || !gw_window_agree (context, 2, &output, error))
    return FALSE;
  context->outputs[0] = input;
  return TRUE;
}

static gboolean
placed_backward_cpu (GwKernelContext *context,
                     GError         **error)
{
  const GwTensor *input = context->inputs[0], *gradient = context->inputs[1];
  int64_t batch = input->shape.dims[0];

  if (batch == 0)
    return TRUE;
  return gw_cpu_pool_scatter (context, input->dtype, batch, input->elements / batch, gradient->elements / batch,
                              gradient->data, context->inputs[2], context->attrs[POOL_ARG_BATCH].b,
                              context->outputs[0]->data, error);
}

/* ---- descriptions ---- */

#define ATTRS(types, ones, n, ...)                                                                 \
  [POOL_T] = GW_WINDOW_ATTR_T (types), [POOL_STRIDES] = GW_WINDOW_ATTR_STRIDES (ones, n),          \
  [POOL_PADDING] = __VA_ARGS__, [POOL_KSIZE] = GW_WINDOW_ATTR_KSIZE (ones, n)
#define PLAIN GW_WINDOW_ATTR_PADDING ("SAME", "VALID")
#define PICTURES(types) \
  GW_ATTRS (ATTRS (types, "[1,1,1,1]", 4, PLAIN), [POOL_FORMAT] = GW_WINDOW_ATTR_FORMAT ("NHWC", "NCHW"))
#define PICTURES_EXPLICIT(types)                                                                   \
  GW_ATTRS (ATTRS (types, "[1,1,1,1]", 4, GW_WINDOW_ATTR_PADDING ("SAME", "VALID", "EXPLICIT")),   \
            [POOL_FORMAT] = GW_WINDOW_ATTR_FORMAT ("NHWC", "NCHW"), [POOL_EXPLICIT] = GW_WINDOW_ATTR_EXPLICIT)
#define VOLUME_ATTRS(types)                                                                        \
  ATTRS (types, "[1,1,1,1,1]", 5, PLAIN), [POOL_FORMAT] = GW_WINDOW_ATTR_FORMAT ("NDHWC", "NCDHW")
#define SIZED(types)                                                                                    \
  GW_ATTRS ([SIZED_T] = GW_WINDOW_ATTR_T (types), [SIZED_PADDING] = PLAIN,               \
            [SIZED_FORMAT] = GW_WINDOW_ATTR_FORMAT ("NHWC", "NCHW"))
#define PLACED(types)                                                                              \
  GW_ATTRS (ATTRS (types, "[1,1,1,1]", 4, PLAIN),                                                  \
            [POOL_ARG_TYPE] = { "Targmax", GW_ATTR_DTYPE, .def = "int64", .choices = GW_CHOICES ("int64", "int32"), \
                                .label = "Position type", .help = "Type of the positions." },      \
            [POOL_ARG_BATCH] = { "include_batch_in_index", GW_ATTR_BOOL, .def = "false", .label = "Count through the batch", \
                                 .help = "Whether positions are counted from the start of the batch instead of each picture." })
#define FLOAT_OR_HALF GW_CHOICES ("float32", "bfloat16", "float16")

#define SIZE_PORTS                                                                                 \
  { "ksize", "int32", "Size of the window, one number for each dimension of the input." },         \
  { "strides", "int32", "How far the window moves, one number for each dimension of the input." }
#define BACKWARD_PORTS(type)                                                                       \
  { "orig_input", type, "What was pooled." }, { "orig_output", type, "What that gave." },          \
  { "grad", "T", "The gradient that arrives at the pooling's output." }
#define AGAIN_PORTS                                                                                \
  { "orig_input", "T", "What was pooled." }, { "orig_output", "T", "What that gave." },            \
  { "grad", "T", "The gradient that arrives at the input's gradient." }
#define SHAPE_PORT { "orig_input_shape", "int32", "Shape of what was pooled." }
#define BACKWARD_OUT GW_PORTS ({ "output", "T", "The gradient for what was pooled." })
#define AGAIN_OUT GW_PORTS ({ "output", "T", "The gradient, shaped like the pooling's output." })

#define USES(NAME, RULE) .shape_rule = RULE, .shape = NAME##_shape, .grad = NAME##_grad, .cpu = NAME##_cpu
#define POOLING(NAME, TITLE, MORE)                                                                 \
  .name = NAME, .since = 1, .title = TITLE, .category = "neural/Pooling", .flags = GW_OP_IN_FLOAT | (MORE)
#define TELLS .tell = GW_CHOICES ("ksize", "strides", "padding")

#define FORWARD_RULE "[batch, sizes…, channels]: ⌈n / stride⌉ of n with SAME, ⌈(n - size + 1) / stride⌉ with VALID"
#define BACKWARD_RULE "that of what was pooled"
#define AGAIN_RULE "that of what the pooling gave"

#define SQUARE "[[[[1.5], [2]], [[3], [4]]]]"
#define CUBE "[[[[[1.5], [2]], [[3], [4]]]]]"
#define HALVES "padding=VALID ksize=[1,2,2,1] strides=[1,2,2,1]"
#define CUBE_HALVES "padding=VALID ksize=[1,1,2,2,1] strides=[1,1,2,2,1]"

static const GwOpDef max2d_forward_op = {
  POOLING ("MaxPool", "Max pooling", 0),
  .summary = "Keeps the largest element of every window.",
  .doc = "For each channel by itself. Windows of `ksize` move by `strides`; with SAME padding an input of n gives ⌈n / stride⌉, "
         "with VALID ⌈(n - size + 1) / stride⌉. Padding never counts. The usual halving is a window of 2 × 2 with strides of 2."
         "\n\nA window over channels, `[1, 1, 1, k]` with the same strides, keeps the largest of every k channels instead; that "
         "has no gradient. On the way back the gradient goes to the first of equal elements.",
  .inputs = GW_PORTS ({ "input", "T", "Pictures: batch × height × width × channels." }),
  .outputs = GW_PORTS ({ "output", "T", "Smaller pictures." }),
  .attrs = PICTURES_EXPLICIT (GW_NUMBER_AND_HALF_TYPES),
  USES (max2d_forward, FORWARD_RULE), TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (SQUARE), HALVES, GW_TEXTS ("[[[[4]]]]") },
    { GW_TEXTS (SQUARE), "padding=SAME ksize=[1,2,2,1] strides=[1,1,1,1]", GW_TEXTS ("[[[[4], [4]], [[4], [4]]]]") },
    { GW_TEXTS (SQUARE), "data_format=NCHW padding=VALID ksize=[1,1,2,1] strides=[1,1,1,1]", GW_TEXTS ("[[[[2.0]], [[4]]]]") },
    { GW_TEXTS (SQUARE), "padding=EXPLICIT explicit_paddings=[0,0,1,0,0,0,0,0] ksize=[1,2,2,1] strides=[1,2,2,1]",
      GW_TEXTS ("[[[[2.0]]]]") }),
};

static const GwOpDef max2d_backward_op = {
  POOLING ("MaxPoolGrad", "Gradient of max pooling", GW_OP_HIDDEN | GW_OP_TAIL),
  .summary = "Sends the gradient of every window to its largest element.",
  .doc = "The first one, where several are equal. Where windows overlap, gradients add up.",
  .inputs = GW_PORTS (BACKWARD_PORTS ("T")), .outputs = BACKWARD_OUT,
  .attrs = PICTURES_EXPLICIT (GW_REAL_TYPES),
  USES (max2d_backward, BACKWARD_RULE), TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (SQUARE, "[[[[4.0]]]]", "[[[[0.5]]]]"), HALVES, GW_TEXTS ("[[[[0], [0]], [[0], [0.5]]]]") }),
};

static const GwOpDef max2d_again_op = {
  POOLING ("MaxPoolGradGrad", "Second gradient of max pooling", GW_OP_HIDDEN),
  .summary = "Picks, for every window, what stands where the largest element is.",
  .doc = "The gradient of *MaxPoolGrad* for the gradient that it gets.",
  .inputs = GW_PORTS (AGAIN_PORTS), .outputs = AGAIN_OUT,
  .attrs = PICTURES (GW_REAL_TYPES),
  USES (max2d_again, AGAIN_RULE), TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (SQUARE, "[[[[4.0]]]]", "[[[[0.5], [1]], [[2], [3]]]]"), HALVES, GW_TEXTS ("[[[[3]]]]") }),
};

static const GwOpDef sized_forward_op = {
  POOLING ("MaxPoolV2", "Max pooling of given sizes", 0),
  .summary = "Keeps the largest element of every window; window and strides are inputs.",
  .doc = "*MaxPool* with sizes that may be computed: `ksize` and `strides` are vectors of 4.",
  .inputs = GW_PORTS ({ "input", "T", "Pictures: batch × height × width × channels." }, SIZE_PORTS),
  .outputs = GW_PORTS ({ "output", "T", "Smaller pictures." }),
  .attrs = SIZED (GW_NUMBER_AND_HALF_TYPES),
  USES (sized_forward, FORWARD_RULE),
  .examples = GW_EXAMPLES (
    { GW_TEXTS (SQUARE, "[1, 2, 2, 1]", "[1, 2, 2, 1]"), "padding=VALID", GW_TEXTS ("[[[[4]]]]") }),
};

static const GwOpDef sized_backward_op = {
  POOLING ("MaxPoolGradV2", "Gradient of max pooling of given sizes", GW_OP_HIDDEN),
  .summary = "Sends the gradient of every window to its largest element; window and strides are inputs.",
  .doc = "*MaxPoolGrad* with sizes that may be computed: `ksize` and `strides` are vectors of 4.",
  .inputs = GW_PORTS (BACKWARD_PORTS ("T"), SIZE_PORTS), .outputs = BACKWARD_OUT,
  .attrs = SIZED (GW_REAL_TYPES),
  USES (sized_backward, BACKWARD_RULE),
  .examples = GW_EXAMPLES (
    { GW_TEXTS (SQUARE, "[[[[4.0]]]]", "[[[[0.5]]]]", "[1, 2, 2, 1]", "[1, 2, 2, 1]"), "padding=VALID",
      GW_TEXTS ("[[[[0], [0]], [[0], [0.5]]]]") }),
};

static const GwOpDef sized_again_op = {
  POOLING ("MaxPoolGradGradV2", "Second gradient of max pooling of given sizes", GW_OP_HIDDEN),
  .summary = "Picks, for every window, what stands where the largest element is; window and strides are inputs.",
  .doc = "The gradient of *MaxPoolGradV2* for the gradient that it gets.",
  .inputs = GW_PORTS (AGAIN_PORTS, SIZE_PORTS), .outputs = AGAIN_OUT,
  .attrs = SIZED (GW_REAL_TYPES),
  USES (sized_again, AGAIN_RULE),
  .examples = GW_EXAMPLES (
    { GW_TEXTS (SQUARE, "[[[[4.0]]]]", "[[[[0.5], [1]], [[2], [3]]]]", "[1, 2, 2, 1]", "[1, 2, 2, 1]"), "padding=VALID",
      GW_TEXTS ("[[[[3]]]]") }),
};

static const GwOpDef placed_op = {
  POOLING ("MaxPoolWithArgmax", "Max pooling with positions", 0),
  .summary = "Keeps the largest element of every window and says where it was.",
  .doc = "Position (y, x, c) of a picture is written as `(y · width + x) · channels + c`, counted through the whole batch when "
         "*Count through the batch* is set. What unpooling needs.",
  .inputs = GW_PORTS ({ "input", "T", "Pictures: batch × height × width × channels." }),
  .outputs = GW_PORTS ({ "output", "T", "Smaller pictures." }, { "argmax", "Targmax", "Positions of those elements." }),
  .attrs = PLACED (GW_REAL_TYPES),
  .shape_rule = "both as *MaxPool* has it",
  .shape = placed_shape, .grad = placed_grad, .cpu = placed_cpu, TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (SQUARE), HALVES, GW_TEXTS ("[[[[4]]]]", "[[[[3]]]]") },
    { GW_TEXTS (SQUARE), "Targmax=int32 padding=SAME ksize=[1,1,2,1] strides=[1,1,2,1]",
      GW_TEXTS ("[[[[2]], [[4]]]]", "[[[[1]], [[3]]]]") }),
};

static const GwOpDef placed_backward_op = {
  POOLING ("MaxPoolGradWithArgmax", "Gradient of max pooling with positions", GW_OP_HIDDEN | GW_OP_NO_GRADIENT),
  .summary = "Sends gradients to the positions that max pooling found.",
  .doc = "Gradients of one position add up. A position outside of its picture is an error.",
  .inputs = GW_PORTS ({ "input", "T", "What was pooled: gives the shape." },
                      { "grad", "T", "The gradient that arrives at the pooling's output." },
                      { "argmax", "Targmax", "The positions that the pooling gave." }),
  .outputs = BACKWARD_OUT,
  .attrs = PLACED (GW_REAL_TYPES),
  .shape_rule = "the input's",
  .shape = placed_backward_shape, .cpu = placed_backward_cpu, TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (SQUARE, "[[[[0.5]]]]", "[[[[3]]]]"), HALVES, GW_TEXTS ("[[[[0], [0]], [[0], [0.5]]]]") }),
};

static const GwOpDef max3d_forward_op = {
  POOLING ("MaxPool3D", "Max pooling of volumes", 0),
  .summary = "Keeps the largest element of every window of a volume.",
  .doc = "*MaxPool* with one more dimension: depth, or time. On the way back every one of equal elements gets the gradient.",
  .inputs = GW_PORTS ({ "input", "T", "Volumes: batch × depth × height × width × channels." }),
  .outputs = GW_PORTS ({ "output", "T", "Smaller volumes." }),
  .attrs = GW_ATTRS (VOLUME_ATTRS (FLOAT_OR_HALF)),
  USES (max3d_forward, FORWARD_RULE), TELLS,
  .examples = GW_EXAMPLES ({ GW_TEXTS (CUBE), CUBE_HALVES, GW_TEXTS ("[[[[[4]]]]]") }),
};

static const GwOpDef max3d_backward_op = {
  POOLING ("MaxPool3DGrad", "Gradient of max pooling of volumes", GW_OP_HIDDEN),
  .summary = "Sends the gradient of every window of a volume to its largest element.",
  .doc = "What *MaxPoolGrad* is for pictures. Where several elements are the largest, every one of them gets the gradient.",
  .inputs = GW_PORTS (BACKWARD_PORTS ("TInput")), .outputs = BACKWARD_OUT,
  .attrs = GW_ATTRS (VOLUME_ATTRS (FLOAT_OR_HALF),
                     { "TInput", GW_ATTR_DTYPE, .def = "float32", .choices = FLOAT_OR_HALF, .label = "Input type",
                       .help = "Element type of what was pooled; follows from what is wired.", .flags = GW_ATTR_HIDDEN }),
  USES (max3d_backward, BACKWARD_RULE), TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (CUBE, "[[[[[4.0]]]]]", "[[[[[0.5]]]]]"), CUBE_HALVES, GW_TEXTS ("[[[[[0], [0]], [[0], [0.5]]]]]") }),
};

static const GwOpDef max3d_again_op = {
  POOLING ("MaxPool3DGradGrad", "Second gradient of max pooling of volumes", GW_OP_HIDDEN),
  .summary = "Picks, for every window of a volume, what stands where the largest element is.",
  .doc = "The gradient of *MaxPool3DGrad* for the gradient that it gets.",
  .inputs = GW_PORTS (AGAIN_PORTS), .outputs = AGAIN_OUT,
  .attrs = GW_ATTRS (VOLUME_ATTRS (FLOAT_OR_HALF)),
  USES (max3d_again, AGAIN_RULE), TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (CUBE, "[[[[[4.0]]]]]", "[[[[[0.5], [1]], [[2], [3]]]]]"), CUBE_HALVES, GW_TEXTS ("[[[[[3]]]]]") }),
};

static const GwOpDef mean2d_forward_op = {
  POOLING ("AvgPool", "Average pooling", 0),
  .summary = "Keeps the mean of every window.",
  .doc = "For each channel by itself. Sizes as in *MaxPool*. Padding does not count: at the edge the mean is that of the elements "
         "inside of the picture.",
  .inputs = GW_PORTS ({ "value", "T", "Pictures: batch × height × width × channels." }),
  .outputs = GW_PORTS ({ "output", "T", "Smaller pictures." }),
  .attrs = PICTURES (GW_ALL_FLOAT_TYPES),
  USES (mean2d_forward, FORWARD_RULE), TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS (SQUARE), HALVES, GW_TEXTS ("[[[[2.625]]]]") },
    { GW_TEXTS (SQUARE), "padding=SAME ksize=[1,2,2,1] strides=[1,1,1,1]",
      GW_TEXTS ("[[[[2.625], [3]], [[3.5], [4]]]]") }),
};

static const GwOpDef mean2d_backward_op = {
  POOLING ("AvgPoolGrad", "Gradient of average pooling", GW_OP_HIDDEN),
  .summary = "Shares the gradient of every window out over its elements.",
  .doc = "Each element of a window of n gets one n-th; where windows overlap, shares add up.",
  .inputs = GW_PORTS (SHAPE_PORT, { "grad", "T", "The gradient that arrives at the pooling's output." }),
  .outputs = BACKWARD_OUT,
  .attrs = PICTURES (GW_ALL_FLOAT_TYPES),
  USES (mean2d_backward, BACKWARD_RULE), TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1, 2, 2, 1]", "[[[[2.0]]]]"), HALVES, GW_TEXTS ("[[[[0.5], [0.5]], [[0.5], [0.5]]]]") }),
};

static const GwOpDef mean3d_forward_op = {
  POOLING ("AvgPool3D", "Average pooling of volumes", 0),
  .summary = "Keeps the mean of every window of a volume.",
  .doc = "*AvgPool* with one more dimension: depth, or time.",
  .inputs = GW_PORTS ({ "input", "T", "Volumes: batch × depth × height × width × channels." }),
  .outputs = GW_PORTS ({ "output", "T", "Smaller volumes." }),
  .attrs = GW_ATTRS (VOLUME_ATTRS (GW_ALL_FLOAT_TYPES)),
  USES (mean3d_forward, FORWARD_RULE), TELLS,
  .examples = GW_EXAMPLES ({ GW_TEXTS (CUBE), CUBE_HALVES, GW_TEXTS ("[[[[[2.625]]]]]") }),
};

static const GwOpDef mean3d_backward_op = {
  POOLING ("AvgPool3DGrad", "Gradient of average pooling of volumes", GW_OP_HIDDEN),
  .summary = "Shares the gradient of every window of a volume out over its elements.",
  .doc = "What *AvgPoolGrad* is for pictures: every element of a window gets the window's gradient, divided by their number.",
  .inputs = GW_PORTS (SHAPE_PORT, { "grad", "T", "The gradient that arrives at the pooling's output." }),
  .outputs = BACKWARD_OUT,
  .attrs = GW_ATTRS (VOLUME_ATTRS (GW_ALL_FLOAT_TYPES)),
  USES (mean3d_backward, BACKWARD_RULE), TELLS,
  .examples = GW_EXAMPLES (
    { GW_TEXTS ("[1, 1, 2, 2, 1]", "[[[[[2.0]]]]]"), CUBE_HALVES, GW_TEXTS ("[[[[[0.5], [0.5]], [[0.5], [0.5]]]]]") }),
};

/* The ops that check values when they run. */
static const GwOpDef *
def_of (const Kind *kind,
        int         role)
{
  static const GwOpDef *const of_sized[] = { &sized_forward_op, &sized_backward_op, &sized_again_op };

  if (kind == &sized)
    return of_sized[role];
  return kind == &mean2d ? &mean2d_backward_op : &mean3d_backward_op;
}

const GwOpDef *const gw_ops_pool[] = {
  &max2d_forward_op, &max2d_backward_op, &max2d_again_op,
  &sized_forward_op, &sized_backward_op, &sized_again_op,
  &placed_op, &placed_backward_op,
  &max3d_forward_op, &max3d_backward_op, &max3d_again_op,
  &mean2d_forward_op, &mean2d_backward_op, &mean3d_forward_op, &mean3d_backward_op, NULL,
};
