/* SPDX-License-Identifier: Apache-2.0 */
/* The boxes for pictures against tf.image's results, with sizes that are known beforehand
 * and with sizes that only the run knows. */
#include "engine/document/lower.h"
#include "engine/engine.h"
#include "engine/runtime/session.h"
#include "engine/tensor/text.h"
#include "tests/support/support.h"

#include <string.h>

typedef struct {
  GwDocument *document;
  GwLowered  *lowered;
  GwSession  *session;
} Trial;

/* ' stands for ". */
static void
trial_init (Trial      *trial,
            GwMode      mode,
            const char *nodes)
{
  g_autofree char *text = g_strdup_printf ("{'graphwright': 1, 'nodes': [%s]}", nodes);
  g_autoptr (GError) error = NULL;

  g_strdelimit (text, "'", '"');
  trial->document = gw_document_from_json (text, strlen (text), &error);
  g_assert_no_error (error);
  trial->lowered = gw_lower (trial->document, &(GwLowerOptions) { mode, TRUE, 7 });
  trial->session = gw_session_new (2);
}

static void
trial_clear (Trial *trial)
{
  gw_session_free (trial->session);
  gw_lowered_unref (trial->lowered);
  gw_document_unref (trial->document);
}

static GwTensor *
result_of (Trial *trial,
           int    id)
{
  g_autoptr (GError) error = NULL;
  GwTensor *tensor;

  gw_lowered_check (trial->lowered, trial->document, NULL, 0, &error);
  g_assert_no_error (error);
  tensor = gw_session_fetch (trial->session, trial->lowered->graph, 0, NULL, gw_lowered_output (trial->lowered, id, 0), &error);
  g_assert_no_error (error);
  return tensor;
}

/* A picture of 3 × 4: 1, 2, … 12; `shape` is what is known of it beforehand. */
#define PICTURE(shape)                                                                                                  \
  "{'id':1,'name':'all','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[3,4,1],"                    \
  "'data':[1,2,3,4,5,6,7,8,9,10,11,12]}}},"                                                                              \
  "{'id':2,'name':'x','op':'PlaceholderWithDefault','at':[0,0],'attrs':{'shape':" shape "},'inputs':{'input':{'from':1}}},"
#define BOX(op, attrs) "{'id':3,'name':'box','op':'" op "','at':[0,0],'attrs':{" attrs "},'inputs':{'image':{'from':2}}}"

static void
assert_box (const char *op,
            const char *attrs,
            const char *want)
{
  static const char *const shapes[] = { PICTURE ("[3,4,1]"), PICTURE ("[null,null,1]"), PICTURE ("[3,null,1]") };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *nodes = g_strdup_printf ("%s{'id':3,'name':'box','op':'%s','at':[0,0],'attrs':{%s},"
                                                "'inputs':{'image':{'from':2}}}", shapes[i], op, attrs);
      g_autoptr (GwTensor) tensor = NULL;
      Trial trial;

      trial_init (&trial, GW_MODE_TRAIN, nodes);
      tensor = result_of (&trial, 3);
      gw_test_assert_tensor (tensor, want);
      trial_clear (&trial);
    }
}

static void
test_sizes (void)
{
  assert_box ("CentralCrop", "'central_fraction':0.5", "[[[2.0], [3]], [[6], [7]], [[10], [11]]]");
  assert_box ("CentralCrop", "'central_fraction':1", "[[[1.0], [2], [3], [4]], [[5], [6], [7], [8]], [[9], [10], [11], [12]]]");
  assert_box ("CropToBoundingBox", "'offset_height':1,'offset_width':1,'target_height':2,'target_width':3",
              "[[[6.0], [7], [8]], [[10], [11], [12]]]");
  assert_box ("PadToBoundingBox", "'offset_height':1,'offset_width':2,'target_height':5,'target_width':7",
              "[[[0.0], [0], [0], [0], [0], [0], [0]], [[0], [0], [1], [2], [3], [4], [0]], [[0], [0], [5], [6], [7], [8], [0]],"
              " [[0], [0], [9], [10], [11], [12], [0]], [[0], [0], [0], [0], [0], [0], [0]]]");
  assert_box ("ResizeWithCropOrPad", "'target_height':2,'target_width':6",
              "[[[0.0], [1], [2], [3], [4], [0]], [[0], [5], [6], [7], [8], [0]]]");
  assert_box ("ResizeWithCropOrPad", "'target_height':6,'target_width':1", "[[[0.0]], [[2]], [[6]], [[10]], [[0]], [[0]]]");
  assert_box ("FlipLeftRight", "", "[[[4.0], [3], [2], [1]], [[8], [7], [6], [5]], [[12], [11], [10], [9]]]");
  assert_box ("FlipUpDown", "", "[[[9.0], [10], [11], [12]], [[5], [6], [7], [8]], [[1], [2], [3], [4]]]");
}

static void
test_standardized (void)
{
  Trial trial;
  g_autoptr (GwTensor) tensor = NULL;

  trial_init (&trial, GW_MODE_TRAIN, PICTURE ("[3,4,1]") BOX ("PerImageStandardization", ""));
  tensor = result_of (&trial, 3);
  g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (tensor, 0), -1.5932550430297852, 1e-6);
  g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (tensor, 6), 0.14484135806560516, 1e-6);
  trial_clear (&trial);
}

#define BRIGHTER(dtype, values, delta)                                                                                  \
  "{'id':1,'name':'x','op':'Const','at':[0,0],'attrs':{'dtype':'" dtype "','value':{'dtype':'" dtype "','shape':[1,3,1],'data':" values "}}}," \
  "{'id':3,'name':'box','op':'AdjustBrightness','at':[0,0],'inputs':{'image':{'from':1},'delta':{'literal':'" delta "'}}}"

static void
assert_brighter (const char *nodes,
                 const char *want)
{
  Trial trial;
  g_autoptr (GwTensor) tensor = NULL;

  trial_init (&trial, GW_MODE_TRAIN, nodes);
  tensor = result_of (&trial, 3);
  gw_test_assert_tensor (tensor, want);
  trial_clear (&trial);
}

static void
test_brightness (void)
{
  assert_brighter (BRIGHTER ("uint8", "[0,100,250]", "0.1"), "uint8 [[[25], [125], [255]]]");
  assert_brighter (BRIGHTER ("uint8", "[0,100,250]", "-0.2"), "uint8 [[[0], [49], [199]]]");
  assert_brighter (BRIGHTER ("int16", "[-30000,100,32000]", "0.1"), "int16 [[[-26723], [3376], [32767]]]");
  assert_brighter (BRIGHTER ("float32", "[0,1,2]", "0.5"), "[[[0.5], [1.5], [2.5]]]");
}

/* 64 pictures of 1 × 2, each [1, 2]: some come out as [2, 1], others stay; the next step draws anew. */
#define BATCH                                                                                                           \
  "{'id':1,'name':'one','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[1,1,2,1],'data':[1,2]}}},"  \
  "{'id':2,'name':'x','op':'Tile','at':[0,0],'inputs':{'input':{'from':1},'multiples':{'literal':'[64, 1, 1, 1]'}}},"

static int64_t
count_flipped (const GwTensor *batch)
{
  int64_t n = 0;

  for (int64_t i = 0; i < 64; i++)
    {
      double left = gw_tensor_get_double (batch, 2 * i), right = gw_tensor_get_double (batch, 2 * i + 1);

      g_assert_true ((left == 1 && right == 2) || (left == 2 && right == 1));
      n += left == 2;
    }
  return n;
}

static void
test_random_flips (void)
{
  Trial trial;
  g_autoptr (GwTensor) first = NULL, second = NULL, unchanged = NULL;

  trial_init (&trial, GW_MODE_TRAIN, BATCH BOX ("RandomFlipLeftRight", "'seed':3"));
  first = result_of (&trial, 3);
  second = result_of (&trial, 3);
  g_assert_cmpint (count_flipped (first), >, 12);
  g_assert_cmpint (count_flipped (first), <, 52);
  g_assert_false (gw_tensor_equal (first, second));
  trial_clear (&trial);
  trial_init (&trial, GW_MODE_PREDICT, BATCH BOX ("RandomFlipLeftRight", "'seed':3"));
  unchanged = result_of (&trial, 3);
  g_assert_cmpint (count_flipped (unchanged), ==, 0);
  trial_clear (&trial);
}

/* The amount lies where it should, and is one for all pixels. */
static void
test_random_brightness (void)
{
  Trial trial;

  trial_init (&trial, GW_MODE_TRAIN, PICTURE ("[3,4,1]") BOX ("RandomBrightness", "'max_delta':0.25,'seed':5"));
  for (int step = 0; step < 8; step++)
    {
      g_autoptr (GwTensor) tensor = result_of (&trial, 3);
      double delta = gw_tensor_get_double (tensor, 0) - 1;

      g_assert_cmpfloat (delta, >=, -0.25);
      g_assert_cmpfloat (delta, <, 0.25);
      g_assert_cmpfloat (delta, !=, 0);
      for (int i = 0; i < 12; i++)
        g_assert_cmpfloat_with_epsilon (gw_tensor_get_double (tensor, i), i + 1 + delta, 1e-5);
    }
  trial_clear (&trial);
}

static void
assert_refused (const char *nodes,
                const char *part)
{
  Trial trial;
  g_autoptr (GError) error = NULL;

  trial_init (&trial, GW_MODE_TRAIN, nodes);
  g_assert_false (gw_lowered_check (trial.lowered, trial.document, NULL, 0, &error));
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” is not in “%s”", part, error->message);
  trial_clear (&trial);
}

static void
test_refusals (void)
{
  assert_refused (PICTURE ("[3,4,1]") BOX ("CropToBoundingBox", "'offset_height':2,'target_height':2,'target_width':4"),
                  "offset_height + height = 4 is more than the 3 there are");
  assert_refused (PICTURE ("[3,4,1]") BOX ("PadToBoundingBox", "'offset_width':2,'target_height':5,'target_width':5"),
                  "offset_width + width = 6 is more than the 5 there are");
  assert_refused (PICTURE ("[3,4,1]") BOX ("PadToBoundingBox", "'offset_height':9,'target_height':5,'target_width':5"),
                  "more than the 5 there are");
  assert_refused (PICTURE ("[3,4,1]") BOX ("RandomContrast", "'lower':2,'upper':1"), "upper must be above lower");
  assert_refused ("{'id':2,'name':'x','op':'Const','at':[0,0],'attrs':{'value':{'dtype':'float32','shape':[2],'data':[1,2]}}},"
                  BOX ("FlipUpDown", ""), "height × width × channels, or a batch of that, but its shape is [2]");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gw_init ();
  g_test_add_func ("/pictures/sizes", test_sizes);
  g_test_add_func ("/pictures/standardized", test_standardized);
  g_test_add_func ("/pictures/brightness", test_brightness);
  g_test_add_func ("/pictures/random-flips", test_random_flips);
  g_test_add_func ("/pictures/random-brightness", test_random_brightness);
  g_test_add_func ("/pictures/refusals", test_refusals);
  return g_test_run ();
}
