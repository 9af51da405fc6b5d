/* SPDX-License-Identifier: Apache-2.0 */
/* Every composite that the registry has, by one table: broken apart into the user's own
 * primitive nodes it gives the same bits; it survives saving, loading, undo and redo; its
 * gradients are those that differences give; an open batch changes nothing; every choice of
 * its attributes works or is refused in words that name the box. */
#include "engine/document/composite-apart.h"
#include "engine/document/lower.h"
#include "engine/engine.h"
#include "engine/graph/gradient.h"
#include "engine/runtime/session.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

enum { BOX = 100, SINK = 200 };
#define MAX_INPUTS 8

typedef enum {
  NO_GRADIENT = 1 << 0,  /* none flows to the inputs, or it is not smooth */
  RANDOM = 1 << 1,       /* draws while training: compared in evaluation only */
  STAYS = 1 << 2,        /* is one thing in training and another in evaluation: cannot be broken apart */
  FIXED = 1 << 3,        /* wants to know the size of the batch */
} RecipeFlags;

/* One input: "f 2,3" numbers of that shape in floating point, else a type and a value:
 * "int32 [0, 1]". Items of a list port stand one behind the other. */
typedef struct {
  const char *op;
  const char *inputs[MAX_INPUTS];  /* "port text" or "port[k] text" */
  const char *attrs;               /* JSON, with ' for " */
  RecipeFlags flags;
} Recipe;

#define PICTURE "image f 4,5,3"
#define LSTM_INPUTS "inputs f 2,3,4"

static const Recipe recipes[] = {
  { "Accuracy", { "predictions f 3,4", "labels int32 [0, 3, 1]" }, "", NO_GRADIENT },
  { "AdjustBrightness", { PICTURE }, "" },
  { "Attention", { "query f 2,3,4", "key f 2,5,4", "value f 2,5,3" }, "" },
  { "Attention", { "query f 2,3,4", "key f 2,5,4", "value f 2,5,3", "mask bool [[[true, true, false, true, false]], [[true, false, true, true, true]]]" }, "" },
  { "Attention", { "query f 2,3,4", "key f 2,3,4", "value f 2,3,4" }, "'causal':true" },
  { "BatchNormalization", { "inputs f 4,3" }, "", STAYS },
  { "CentralCrop", { PICTURE }, "'central_fraction':0.5" },
  { "ClipByGlobalNorm", { "t_list[0] f 2,3", "t_list[1] f 4" }, "" },
  { "ClipByNorm", { "t f 2,3" }, "" },
  { "Concatenate", { "inputs[0] f 2,3", "inputs[1] f 2,4" }, "" },
  { "Conv1DLayer", { "inputs f 2,6,3" }, "'filters':4,'activation':'tanh'" },
  { "Conv2DLayer", { "inputs f 2,5,4,3" }, "'filters':2,'activation':'sigmoid'" },
  { "Conv2DTransposeLayer", { "inputs f 2,3,3,2" }, "'filters':2,'strides':[2,2]" },
  { "Conv3DLayer", { "inputs f 1,4,4,4,2" }, "'filters':2" },
  { "Conv3DTransposeLayer", { "inputs f 1,2,2,2,2" }, "'filters':2" },
  { "CosineDecay", { NULL }, "", NO_GRADIENT },
  { "CosineDecayRestarts", { NULL }, "", NO_GRADIENT },
  { "CropToBoundingBox", { PICTURE }, "'offset_height':1,'offset_width':1,'target_height':2,'target_width':3" },
  { "Dense", { "inputs f 3,4" }, "'units':5,'activation':'tanh'" },
  { "DepthwiseConv2DLayer", { "inputs f 2,5,4,3" }, "" },
  { "Dropout", { "x f 3,4" }, "", RANDOM | STAYS },
  { "Embedding", { "inputs int32 [[0, 2], [1, 3]]" }, "'input_dim':4,'output_dim':3", NO_GRADIENT },
  { "ExponentialDecay", { NULL }, "", NO_GRADIENT },
  { "Flatten", { "inputs f 2,3,4" }, "" },
  { "FlipLeftRight", { PICTURE }, "" },
  { "FlipUpDown", { PICTURE }, "" },
  { "GRU", { LSTM_INPUTS }, "'units':3" },
  { "GRU", { LSTM_INPUTS, "sequence_length int32 [2, 3]", "initial_state f 2,3" }, "'units':3" },
  { "GRU", { LSTM_INPUTS, "sequence_length int32 [2, 3]" }, "'units':3,'direction':'bidirectional','num_layers':2" },
  { "InverseTimeDecay", { NULL }, "", NO_GRADIENT },
  { "LSTM", { LSTM_INPUTS }, "'units':3" },
  { "LSTM", { LSTM_INPUTS, "sequence_length int32 [2, 3]", "initial_state f 2,3", "initial_cell f 2,3" }, "'units':3" },
  { "LSTM", { LSTM_INPUTS }, "'units':3,'use_peepholes':true" },
  { "LSTM", { LSTM_INPUTS }, "'units':4,'num_proj':2,'direction':'backward'" },
  { "LSTM", { LSTM_INPUTS, "sequence_length int32 [2, 3]" }, "'units':3,'direction':'bidirectional','num_layers':2" },
  { "LayerNormalization", { "inputs f 3,4" }, "" },
  { "LinearCosineDecay", { NULL }, "", NO_GRADIENT },
  { "Loss", { "predictions f 3,4", "labels int32 [0, 3, 1]" }, "" },
  { "Loss", { "predictions f 3,4", "labels f 3,4" }, "'kind':'mean_squared_error'" },
  { "Loss", { "predictions f 3,4", "labels f 3,4", "weights f 3,1" }, "'kind':'mean_squared_error','reduction':'weighted_mean'" },
  { "Metric", { "predictions int32 [0, 1, 2, 1]", "labels int32 [0, 2, 2, 1]" }, "", NO_GRADIENT },
  { "MultiHeadAttention", { "query f 2,3,4", "key f 2,5,4", "value f 2,5,4" }, "'num_heads':2" },
  { "NaturalExpDecay", { NULL }, "", NO_GRADIENT },
  { "NceLoss", { "weights f 6,3", "biases f 6", "labels int64 [[1], [4]]", "inputs f 2,3" }, "'num_sampled':2,'num_classes':6,'seed':3",
    NO_GRADIENT | FIXED },
  { "NoisyLinearCosineDecay", { NULL }, "", NO_GRADIENT | RANDOM },
  { "PadToBoundingBox", { PICTURE }, "'offset_height':1,'offset_width':2,'target_height':8,'target_width':9" },
  { "PerImageStandardization", { PICTURE }, "" },
  { "PiecewiseConstant", { NULL }, "", NO_GRADIENT },
  { "PolynomialDecay", { NULL }, "", NO_GRADIENT },
  { "Pool", { "inputs f 2,4,4,3" }, "'kind':'average'" },
  { "RNN", { "inputs f 2,3,4" }, "'units':3" },
  { "RNN", { "inputs f 2,3,4", "sequence_length int32 [2, 3]", "initial_state f 2,3" }, "'units':3" },
  { "RandomBrightness", { PICTURE }, "'seed':3", NO_GRADIENT | RANDOM },
  { "RandomContrast", { PICTURE }, "'seed':3", NO_GRADIENT | RANDOM },
  { "RandomFlipLeftRight", { PICTURE }, "'seed':3", NO_GRADIENT | RANDOM },
  { "RandomFlipUpDown", { PICTURE }, "'seed':3", NO_GRADIENT | RANDOM },
  { "RandomHue", { PICTURE }, "'seed':3", NO_GRADIENT | RANDOM },
  { "RandomSaturation", { PICTURE }, "'seed':3", NO_GRADIENT | RANDOM },
  { "Reroute", { "input f 2,3" }, "" },
  { "Residual", { "shortcut f 2,3", "branch f 2,3" }, "" },
  { "Residual", { "shortcut f 2,3", "branch f 2,4" }, "'activation':'tanh'" },
  { "ResizeWithCropOrPad", { PICTURE }, "'target_height':6,'target_width':3" },
  { "SampledSoftmaxLoss", { "weights f 6,3", "biases f 6", "labels int64 [[1], [4]]", "inputs f 2,3" }, "'num_sampled':2,'num_classes':6,'seed':3",
    NO_GRADIENT | FIXED },
  { "SeparableConv2DLayer", { "inputs f 2,5,4,3" }, "'filters':2" },
  { "Tokens", { "texts string [\"to be or\", \"not\"]" }, "", NO_GRADIENT },
  { "Tokens", { "texts string [\"to be or\", \"not\"]" }, "'into':'characters','length':4,'padding':'_'", NO_GRADIENT },
  { "TotalLoss", { "losses[0] f ", "losses[1] f " }, "" },
  { "Vocabulary", { "words string [[\"be\", \"to\"], [\"or\", \"be\"]]" }, "'words':['to','be']", NO_GRADIENT },
  { "Vocabulary", { "words string [\"be\", \"hamlet\", \"to\"]" }, "'words':['to','be'],'num_oov_buckets':5", NO_GRADIENT },
  { "VocabularyWords", { "ids int64 [1, 0, 7]" }, "'words':['to','be']", NO_GRADIENT },
};

/* Composites whose inside is that of the document around them: what they train, differentiate
 * or call. test-gradients.c, test-functions.c and tests/golden have these. */
static const char *const of_others[] = { "ApplyGradients", "Gradients", "Minimize", "Scan" };

/* ---- documents ---- */

typedef struct {
  const Recipe *recipe;
  GwDType       dtype;
  gboolean      open;       /* the batch is not known */
  int           n_boxes;    /* of one kind, on the same inputs; without seeds of their own where there are two */
  GwDocument   *document;
  int           n_outputs;  /* of all boxes together */
  GwTensor     *values[MAX_INPUTS];
  int           n_inputs;
} Drawing;

static GwTensor *
make_value (const Drawing *drawing,
            const char    *text)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) parts = g_strsplit (text, " ", 3);  /* port, type, value */
  GwTensor *tensor;
  GwShape shape = GW_SHAPE_SCALAR;

  if (!g_str_equal (parts[1], "f"))
    tensor = gw_tensor_parse (parts[2], gw_dtype_from_name (parts[1]), NULL, &error);
  else
    {
      g_auto (GStrv) sizes = g_strsplit (parts[2], ",", -1);

      for (int i = 0; sizes[i] != NULL && *sizes[i] != '\0'; i++)
        shape.dims[shape.rank++] = g_ascii_strtoll (sizes[i], NULL, 10);
      tensor = gw_tensor_new (drawing->dtype, &shape, &error);
      for (int64_t i = 0; tensor != NULL && i < tensor->elements; i++)
        gw_tensor_set_double (tensor, i, 0.6 * sin ((double) i * 1.7 + 0.3 * (double) strlen (text)) + 0.1 * cos ((double) (i * i)));
    }
  g_assert_no_error (error);
  return tensor;
}

static void
append_placeholder (const Drawing  *drawing,
                    GString        *json,
                    int             i,
                    const GwTensor *value)
{
  GwShape shape = value->shape;
  GwAttrValue attr;
  g_autofree char *text = NULL;
  cJSON *dims;

  if (drawing->open && shape.rank > 0 && (drawing->recipe->flags & FIXED) == 0)
    shape.dims[0] = GW_DIM_UNKNOWN;
  attr = gw_attr_shape (shape);
  dims = gw_attr_to_json (&attr);
  text = cJSON_PrintUnformatted (dims);
  cJSON_Delete (dims);
  g_string_append_printf (json, "{'id':%d,'name':'in%d','op':'Placeholder','at':[0,0],'attrs':{'dtype':'%s','shape':%s}},", i + 1, i,
                          gw_dtype_name (value->dtype), text);
}

static void
append_wires (const Drawing *drawing,
              GString       *json)
{
  for (int i = 0; i < drawing->n_inputs; i++)
    {
      g_auto (GStrv) parts = g_strsplit (drawing->recipe->inputs[i], " ", 2);

      g_string_append_printf (json, "%s'%s':{'from':%d}", i > 0 ? "," : "", parts[0], i + 1);
    }
}

static void
append_box (const Drawing *drawing,
            GString       *json,
            int            number)
{
  g_string_append_printf (json, "%s{'id':%d,'name':'%s','op':'%s','at':[0,0],'attrs':{%s},'inputs':{", number > 0 ? "," : "", BOX + number,
                          number > 0 ? "beside" : "box", drawing->recipe->op, drawing->recipe->attrs);
  append_wires (drawing, json);
  g_string_append (json, "}}");
}

static GwDocument *
make_document (const Drawing *drawing)
{
  g_autoptr (GString) json = g_string_new ("{'graphwright':1,'nodes':[");
  g_autoptr (GError) error = NULL;
  GwDocument *document;

  for (int i = 0; i < drawing->n_inputs; i++)
    append_placeholder (drawing, json, i, drawing->values[i]);
  for (int i = 0; i < drawing->n_boxes; i++)
    append_box (drawing, json, i);
  for (int i = 0, n = drawing->n_outputs / drawing->n_boxes; i < drawing->n_outputs; i++)
    g_string_append_printf (json, ",{'id':%d,'name':'out%d','op':'Identity','at':[0,0],'inputs':{'input':{'from':%d,'output':%d}}}",
                            SINK + i, i, BOX + i / n, i % n);
  g_string_append (json, "]}");
  if (drawing->n_boxes > 1)
    g_string_replace (json, "'seed':3", "'seed':0", 0);
  g_strdelimit (json->str, "'", '"');
  document = gw_document_from_json (json->str, json->len, &error);
  g_assert_no_error (error);
  return document;
}

static GwLowered *
lower (const GwDocument *document,
       GwMode            mode)
{
  return gw_lower (document, &(GwLowerOptions) { mode, TRUE, 7 });
}

static void
drawing_init_many (Drawing      *drawing,
                   const Recipe *recipe,
                   GwDType       dtype,
                   gboolean      open,
                   int           n_boxes)
{
  g_autoptr (GwDocument) bare = NULL;
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GError) error = NULL;

  *drawing = (Drawing) { recipe, dtype, open, n_boxes };
  for (; recipe->inputs[drawing->n_inputs] != NULL; drawing->n_inputs++)
    drawing->values[drawing->n_inputs] = make_value (drawing, recipe->inputs[drawing->n_inputs]);
  bare = make_document (drawing);
  lowered = lower (bare, GW_MODE_TRAIN);
  gw_lowered_check (lowered, bare, NULL, 0, &error);
  g_assert_no_error (error);
  drawing->n_outputs = n_boxes * gw_lowered_n_outputs (lowered, BOX);
  g_assert_cmpint (drawing->n_outputs, >, 0);
  drawing->document = make_document (drawing);
}

static void
drawing_init (Drawing      *drawing,
              const Recipe *recipe,
              GwDType       dtype,
              gboolean      open)
{
  drawing_init_many (drawing, recipe, dtype, open, 1);
}

static void
drawing_clear (Drawing *drawing)
{
  gw_document_unref (drawing->document);
  for (int i = 0; i < drawing->n_inputs; i++)
    gw_tensor_unref (drawing->values[i]);
}

/* ---- running ---- */

static int
make_feeds (const Drawing   *drawing,
            const GwLowered *lowered,
            GwFeed          *feeds)
{
  for (int i = 0; i < drawing->n_inputs; i++)
    feeds[i] = (GwFeed) { gw_lowered_output (lowered, i + 1, 0), drawing->values[i] };
  return drawing->n_inputs;
}

static gboolean
initialize (GwSession       *session,
            const GwLowered *lowered,
            GError         **error)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();

  for (guint i = 0; i < lowered->variables->len; i++)
    g_ptr_array_add (targets, ((GwLoweredVariable *) g_ptr_array_index (lowered->variables, i))->initializer);
  return gw_session_run (session, lowered->graph, 0, NULL, 0, NULL, (int) targets->len, (GwNode *const *) targets->pdata, NULL, NULL, error);
}

/* What the box gives, as its consumers get it. */
static GwTensor **
run (const Drawing   *drawing,
     GwSession       *session,
     const GwLowered *lowered)
{
  g_autoptr (GError) error = NULL;
  GwFeed feeds[MAX_INPUTS];
  GwTensor **results = g_new0 (GwTensor *, drawing->n_outputs);
  g_autofree GwOutput *fetches = g_new (GwOutput, drawing->n_outputs);

  for (int i = 0; i < drawing->n_outputs; i++)
    fetches[i] = gw_lowered_output (lowered, SINK + i, 0);
  gw_session_run (session, lowered->graph, make_feeds (drawing, lowered, feeds), feeds, drawing->n_outputs, fetches, 0, NULL, NULL, results,
                  &error);
  g_assert_no_error (error);
  return results;
}

static void
assert_same_and_free (const Drawing *drawing,
                      GwTensor     **a,
                      GwTensor     **b)
{
  for (int i = 0; i < drawing->n_outputs; i++)
    {
      if (!gw_tensor_equal (a[i], b[i]))
        {
          g_autofree char *first = gw_tensor_to_string (a[i], 0);
          g_autofree char *second = gw_tensor_to_string (b[i], 0);

          g_error ("%s, output %d: %s and %s", drawing->recipe->op, i, first, second);
        }
      gw_tensor_unref (a[i]);
      gw_tensor_unref (b[i]);
    }
  g_free (a);
  g_free (b);
}

/* ---- the checks ---- */

static const GwMode modes[] = { GW_MODE_EVALUATE, GW_MODE_TRAIN };

static int
n_modes (const Recipe *recipe)
{
  return (recipe->flags & RANDOM) != 0 ? 1 : 2;
}

/* Each begins its own variables: what draws at random draws the same. */
static void
compare_documents (const Drawing    *drawing,
                   const GwDocument *other,
                   GwMode            mode)
{
  g_autoptr (GwSession) first = gw_session_new (1);
  g_autoptr (GwSession) second = gw_session_new (1);
  g_autoptr (GwLowered) before = lower (drawing->document, mode);
  g_autoptr (GwLowered) after = lower (other, mode);
  g_autoptr (GError) error = NULL;

  gw_lowered_check (after, other, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_true (initialize (first, before, &error) && initialize (second, after, &error));
  assert_same_and_free (drawing, run (drawing, first, before), run (drawing, second, after));
}

static void
test_apart (gconstpointer data)
{
  const Recipe *recipe = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEdit) edit = NULL;
  g_autoptr (GwDocument) apart = NULL;
  g_autofree char *before = NULL, *after = NULL, *again = NULL;
  Drawing drawing;

  drawing_init (&drawing, recipe, GW_FLOAT32, FALSE);
  apart = gw_document_copy (drawing.document);
  edit = gw_edit_break_apart (apart, BOX, &error);
  if ((recipe->flags & STAYS) != 0 || edit == NULL)
    {
      g_assert_null (edit);
      g_assert_cmpint (recipe->flags & (STAYS | RANDOM), !=, 0);
      g_assert_nonnull (strstr (error->message, "box does one thing while it trains and another while it evaluates"));
      drawing_clear (&drawing);
      return;
    }
  before = gw_document_to_json (apart);
  gw_document_apply (apart, edit);
  after = gw_document_to_json (apart);
  for (int k = 0, n; k == 0; k++)
    {
      const int64_t *ids = gw_document_ids (apart, GW_ITEM_NODE, &n);

      for (int i = 0; i < n; i++)
        g_assert_true (gw_registry_find (gw_document_node (apart, ids[i])->op)->expand == NULL || g_str_equal (recipe->op, "Reroute"));
    }
  for (int m = 0; m < n_modes (recipe); m++)
    compare_documents (&drawing, apart, modes[m]);
  gw_document_revert (apart, edit);
  again = gw_document_to_json (apart);
  g_assert_cmpstr (before, ==, again);
  gw_document_apply (apart, edit);
  g_clear_pointer (&again, g_free);
  again = gw_document_to_json (apart);
  g_assert_cmpstr (after, ==, again);
  drawing_clear (&drawing);
}

/* The sum of output 0, each element with a weight of its own. */
static GwOutput
weighted_sum (GwBuilder *b,
              GwOutput   y)
{
  const GwShape *shape = gw_output_shape (y);
  GwTensor *weights = gw_tensor_new (gw_output_dtype (y), shape, &b->error);
  int64_t axes[GW_MAX_RANK];

  for (int64_t i = 0; weights != NULL && i < weights->elements; i++)
    gw_tensor_set_double (weights, i, cos ((double) i * 0.9) + 0.1);
  for (int i = 0; i < shape->rank; i++)
    axes[i] = i;
  return gw_op2 (b, "Sum", gw_op2 (b, "Mul", y, gw_const (b, weights)), gw_const_ints (b, shape->rank, axes));
}

/* The gradients of both boxes' first outputs, of which each input gets one by every path. */
static GwTensor **
run_gradients (const Drawing   *drawing,
               GwSession       *session,
               const GwLowered *lowered,
               int             *n)
{
  const int per_box = drawing->n_outputs / drawing->n_boxes;
  GwTensor **results = g_new0 (GwTensor *, MAX_INPUTS);
  GwOutput xs[MAX_INPUTS], dxs[MAX_INPUTS], sums[2];
  g_autoptr (GError) error = NULL;
  GwFeed feeds[MAX_INPUTS];
  GwBuilder b;

  *n = 0;
  gw_builder_init (&b, lowered->graph);
  for (int i = 0; i < 2; i++)
    sums[i] = weighted_sum (&b, gw_lowered_output (lowered, SINK + i * per_box, 0));
  for (int i = 0; i < drawing->n_inputs; i++)
    if (gw_dtype_is_floating (drawing->values[i]->dtype))
      xs[(*n)++] = gw_lowered_output (lowered, i + 1, 0);
  gw_gradients (&b, 2, sums, NULL, *n, xs, dxs);
  g_assert_no_error (b.error);
  gw_builder_clear (&b);
  gw_session_run (session, lowered->graph, make_feeds (drawing, lowered, feeds), feeds, *n, dxs, 0, NULL, NULL, results, &error);
  g_assert_no_error (error);
  return results;
}

/* Two of a kind, and the first comes apart: what both draw, give and send back stays, bit for bit. */
static void
test_beside (gconstpointer data)
{
  const Recipe *recipe = data;
  g_autoptr (GwDocument) apart = NULL;
  g_autoptr (GwSession) first = gw_session_new (1);
  g_autoptr (GwSession) second = gw_session_new (1);
  g_autoptr (GwLowered) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEdit) edit = NULL;
  GwTensor **a, **b;
  Drawing drawing;
  int n;

  drawing_init_many (&drawing, recipe, GW_FLOAT32, FALSE, 2);
  apart = gw_document_copy (drawing.document);
  edit = gw_edit_break_apart (apart, BOX, &error);
  if (edit != NULL)
    {
      gw_document_apply (apart, edit);
      g_assert_true (gw_document_node (apart, BOX + 1) != NULL && g_str_equal (gw_document_node (apart, BOX + 1)->op, recipe->op));
      compare_documents (&drawing, apart, GW_MODE_EVALUATE);
      compare_documents (&drawing, apart, GW_MODE_TRAIN);
      before = lower (drawing.document, GW_MODE_TRAIN);
      after = lower (apart, GW_MODE_TRAIN);
      g_assert_true (initialize (first, before, NULL) && initialize (second, after, NULL));
    }
  if (edit != NULL && (recipe->flags & NO_GRADIENT) == 0)
    {
      a = run_gradients (&drawing, first, before, &n);
      b = run_gradients (&drawing, second, after, &n);
      drawing.n_outputs = n;
      assert_same_and_free (&drawing, a, b);
    }
  drawing_clear (&drawing);
}

static void
test_saved (gconstpointer data)
{
  const Recipe *recipe = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwDocument) loaded = NULL;
  g_autofree char *text = NULL, *again = NULL;
  Drawing drawing;

  drawing_init (&drawing, recipe, GW_FLOAT32, FALSE);
  text = gw_document_to_json (drawing.document);
  loaded = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  again = gw_document_to_json (loaded);
  g_assert_cmpstr (text, ==, again);
  g_assert_true (gw_document_equal (drawing.document, loaded));
  for (int m = 0; m < n_modes (recipe); m++)
    compare_documents (&drawing, loaded, modes[m]);
  drawing_clear (&drawing);
}

/* These have no batch, and some count in float32 whatever they are given. */
static gboolean
is_picture (const Recipe *recipe)
{
  return recipe->inputs[0] != NULL && g_str_equal (recipe->inputs[0], PICTURE);
}

/* With the first size of every input open: the same bits, and no shape that the run breaks. */
static void
test_open (gconstpointer data)
{
  const Recipe *recipe = data;
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwLowered) closed = NULL;
  g_autoptr (GwLowered) open = NULL;
  g_autoptr (GError) error = NULL;
  Drawing drawing, drawn_open;
  GwTensor **results;

  if (is_picture (recipe))
    return g_test_skip ("a picture has no batch");
  drawing_init (&drawing, recipe, GW_FLOAT32, FALSE);
  drawing_init (&drawn_open, recipe, GW_FLOAT32, TRUE);
  closed = lower (drawing.document, GW_MODE_EVALUATE);
  open = lower (drawn_open.document, GW_MODE_EVALUATE);
  gw_lowered_check (open, drawn_open.document, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_true (initialize (session, closed, &error));
  results = run (&drawn_open, session, open);
  for (int i = 0; i < drawing.n_outputs; i++)
    g_assert_true (gw_shape_matches (&results[i]->shape, gw_output_shape (gw_lowered_output (open, BOX, i))));
  assert_same_and_free (&drawing, run (&drawing, session, closed), results);
  drawing_clear (&drawing);
  drawing_clear (&drawn_open);
}

static double
value_at (GwSession       *session,
          const GwLowered *lowered,
          int              n,
          const GwFeed    *feeds,
          GwOutput         fetch,
          int64_t          index)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) value = gw_session_fetch (session, lowered->graph, n, feeds, fetch, &error);

  g_assert_no_error (error);
  return gw_tensor_get_double (value, index);
}

static void
check_differences (const Drawing   *drawing,
                   GwSession       *session,
                   const GwLowered *lowered,
                   GwOutput         sum,
                   int              input,
                   GwOutput         gradient)
{
  GwTensor *x = drawing->values[input];
  double step = drawing->dtype == GW_FLOAT64 ? 1e-5 : 1e-2, tolerance = drawing->dtype == GW_FLOAT64 ? 1e-6 : 2e-2;
  GwFeed feeds[MAX_INPUTS];
  int n = make_feeds (drawing, lowered, feeds);

  for (int64_t i = 0; i < x->elements; i++)
    {
      double at = gw_tensor_get_double (x, i), above, below, got;

      gw_tensor_set_double (x, i, at + step);
      above = value_at (session, lowered, n, feeds, sum, 0);
      gw_tensor_set_double (x, i, at - step);
      below = value_at (session, lowered, n, feeds, sum, 0);
      gw_tensor_set_double (x, i, at);
      got = gradient.node != NULL ? value_at (session, lowered, n, feeds, gradient, i) : 0;
      if (fabs (got - (above - below) / (2 * step)) > tolerance * MAX (1, fabs (got)))
        g_error ("%s, input %d, element %" G_GINT64_FORMAT ": gradient %g, difference %g", drawing->recipe->op, input, i, got,
                 (above - below) / (2 * step));
    }
}

static gboolean
has_float64 (const GwOpDef *def)
{
  int i = gw_attr_defs_find (def->attrs, "T");

  return i >= 0 && (def->attrs[i].choices == NULL || g_strv_contains (def->attrs[i].choices, "float64"));
}

static void
test_gradient (gconstpointer data)
{
  const Recipe *recipe = data;
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GError) error = NULL;
  GwOutput xs[MAX_INPUTS], dxs[MAX_INPUTS], sum;
  int inputs[MAX_INPUTS], n = 0;
  GwBuilder b;
  Drawing drawing;

  drawing_init (&drawing, recipe, has_float64 (gw_registry_find (recipe->op)) && !is_picture (recipe) ? GW_FLOAT64 : GW_FLOAT32, FALSE);
  lowered = lower (drawing.document, GW_MODE_EVALUATE);
  g_assert_true (initialize (session, lowered, &error));
  gw_builder_init (&b, lowered->graph);
  sum = weighted_sum (&b, gw_lowered_output (lowered, BOX, 0));
  for (int i = 0; i < drawing.n_inputs; i++)
    if (gw_dtype_is_floating (drawing.values[i]->dtype))
      {
        xs[n] = gw_lowered_output (lowered, i + 1, 0);
        inputs[n++] = i;
      }
  g_assert_cmpint (n, >, 0);
  gw_gradients (&b, 1, &sum, NULL, n, xs, dxs);
  g_assert_no_error (b.error);
  g_assert_nonnull (dxs[0].node);
  for (int i = 0; i < n; i++)
    if (drawing.values[inputs[i]]->dtype == drawing.dtype)
      check_differences (&drawing, session, lowered, sum, inputs[i], dxs[i]);
  gw_builder_clear (&b);
  drawing_clear (&drawing);
}

/* ---- every choice ---- */

/* It runs, or says at the box why not. */
static void
check_choice (const Drawing *drawing,
              const char    *attr,
              const char    *value)
{
  g_autoptr (GwDocument) document = gw_document_copy (drawing->document);
  g_autoptr (GwSession) session = gw_session_new (1);
  g_autoptr (GwLowered) lowered = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEdit) edit = gw_edit_set_attr (document, BOX, attr, value, &error);
  GwFeed feeds[MAX_INPUTS];
  GwOutput y;
  GwTensor *result = NULL;

  g_assert_no_error (error);
  gw_document_apply (document, edit);
  for (int m = 0; m < 2; m++)
    {
      g_clear_pointer (&lowered, gw_lowered_unref);
      lowered = lower (document, modes[m]);
      if (gw_lowered_has_errors (lowered))
        {
          const GwProblem *problem = g_ptr_array_index (lowered->problems, 0);

          if (problem->node != BOX || strlen (problem->message) < 8)
            g_error ("%s, %s=%s: the problem is at node %" G_GINT64_FORMAT ": %s", drawing->recipe->op, attr, value, problem->node,
                     problem->message);
          g_assert_cmpstr (problem->node_name, ==, "box");
          return;
        }
      y = gw_lowered_output (lowered, BOX, 0);
      if (!initialize (session, lowered, &error) ||
          !gw_session_run (session, lowered->graph, make_feeds (drawing, lowered, feeds), feeds, 1, &y, 0, NULL, NULL, &result, &error))
        g_error ("%s, %s=%s: %s", drawing->recipe->op, attr, value, error->message);
      g_assert_true (gw_shape_matches (&result->shape, gw_output_shape (y)));
      g_clear_pointer (&result, gw_tensor_unref);
    }
}

static void
test_choices (gconstpointer data)
{
  const Recipe *recipe = data;
  const GwOpDef *def = gw_registry_find (recipe->op);
  Drawing drawing;

  drawing_init (&drawing, recipe, GW_FLOAT32, FALSE);
  for (const GwAttrDef *attr = def->attrs; attr != NULL && attr->name != NULL; attr++)
    if (attr->type == GW_ATTR_CHOICE)
      for (int i = 0; attr->choices[i] != NULL; i++)
        check_choice (&drawing, attr->name, attr->choices[i]);
    else if (attr->type == GW_ATTR_BOOL)
      {
        check_choice (&drawing, attr->name, "false");
        check_choice (&drawing, attr->name, "true");
      }
  drawing_clear (&drawing);
}

/* ---- all of them ---- */

static void
test_complete (void)
{
  int n;
  const GwOpDef *const *list = gw_registry_list (&n);

  for (int i = 0; i < n; i++)
    {
      gboolean found = list[i]->expand == NULL;

      for (guint k = 0; k < G_N_ELEMENTS (recipes) && !found; k++)
        found = g_str_equal (recipes[k].op, list[i]->name);
      for (guint k = 0; k < G_N_ELEMENTS (of_others) && !found; k++)
        found = g_str_equal (of_others[k], list[i]->name);
      if (!found)
        g_error ("the composite %s is not in the table", list[i]->name);
    }
}

int
main (int   argc,
      char *argv[])
{
  static const struct {
    const char *name;
    void      (*func) (gconstpointer data);
  } checks[] = {
    { "apart", test_apart }, { "beside", test_beside }, { "saved", test_saved }, { "open", test_open }, { "gradient", test_gradient }, { "choices", test_choices },
  };

  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/composites/complete", test_complete);
  for (guint c = 0; c < G_N_ELEMENTS (checks); c++)
    for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
      {
        g_autofree char *path = g_strdup_printf ("/composites/%s/%s-%u", checks[c].name, recipes[i].op, i);

        if (checks[c].func != test_gradient || (recipes[i].flags & NO_GRADIENT) == 0)
          g_test_add_data_func (path, &recipes[i], checks[c].func);
      }
  return g_test_run ();
}
