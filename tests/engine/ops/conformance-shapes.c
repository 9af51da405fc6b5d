/* SPDX-License-Identifier: Apache-2.0 */
/* Inference over what is known in part: sizes, ranks and values are hidden at random, and
 * the examples are made of other sizes. What is inferred must hold, and the answer must
 * not depend on what was known beforehand. */
#include "tests/engine/ops/conformance.h"

#include "engine/base/error.h"

#include <string.h>

guint conformance_seed;

#define N_RESIZED 12
#define N_HIDDEN 6

/* ---- other sizes ---- */

/* The elements of `tensor`, over and over, in another shape. */
static GwTensor *
reshaped (const GwTensor *tensor,
          const GwShape  *shape)
{
  GwTensor *made = gw_tensor_new (tensor->dtype, shape, NULL);
  size_t size = gw_dtype_size (tensor->dtype);

  for (int64_t i = 0; tensor->elements > 0 && i < made->elements; i++)
    if (tensor->dtype == GW_STRING)
      gw_string_copy (&GW_TENSOR_DATA (made, GwString)[i], gw_tensor_get_string (tensor, i % tensor->elements));
    else
      memcpy ((char *) made->data + size * (size_t) i, (char *) tensor->data + size * (size_t) (i % tensor->elements), size);
  if (tensor->elements == 0 && tensor->dtype != GW_STRING)
    memset (made->data, 0, made->bytes);
  return made;
}

/* One size that occurs, by chance; -1 when there is none. */
static int64_t
pick_size (const Example *example,
           GRand         *rand)
{
  int64_t sizes[EXAMPLE_MAX * GW_MAX_RANK];
  int n = 0;

  for (int i = 0; i < example->n_inputs; i++)
    for (int k = 0; k < example->inputs[i]->shape.rank; k++)
      sizes[n++] = example->inputs[i]->shape.dims[k];
  return n > 0 ? sizes[g_rand_int_range (rand, 0, n)] : -1;
}

/* That size becomes another one wherever it stands (or, now and then, in one input
 * alone), so that what fits together still does. */
static void
resize (Example *example,
        GRand   *rand)
{
  int64_t from = pick_size (example, rand);
  int64_t to = g_rand_int_range (rand, 0, 6);
  int only = g_rand_int_range (rand, 0, 4) == 0 ? g_rand_int_range (rand, 0, MAX (example->n_inputs, 1)) : -1;

  for (int i = 0; i < example->n_inputs; i++)
    {
      GwShape shape = example->inputs[i]->shape;

      if (only >= 0 && i != only)
        continue;
      for (int k = 0; k < shape.rank; k++)
        if (shape.dims[k] == from)
          shape.dims[k] = to;
      if (!gw_shape_equal (&shape, &example->inputs[i]->shape) && gw_shape_elements (&shape) < 100000)
        example_set_input (example, i, reshaped (example->inputs[i], &shape));
    }
}

/* ---- hidden ---- */

static void
hide (const Example *example,
      GRand         *rand,
      GwShape       *shapes,
      gboolean      *is_constant)
{
  for (int i = 0; i < example->n_inputs; i++)
    {
      shapes[i] = example->inputs[i]->shape;
      is_constant[i] = g_rand_int_range (rand, 0, 4) == 0;
      for (int k = 0; k < shapes[i].rank; k++)
        if (g_rand_boolean (rand))
          shapes[i].dims[k] = GW_DIM_UNKNOWN;
      if (g_rand_int_range (rand, 0, 5) == 0)
        shapes[i] = GW_SHAPE_UNKNOWN;
    }
}

static void
check_same (const Example   *example,
            const Stage     *stage,
            GwTensor *const *expected,
            GwTensor *const *results)
{
  for (int i = 0; i < stage->n_fetches; i++)
    if ((example->def->flags & GW_OP_RANDOM) == 0 && !gw_tensor_equal (expected[i], results[i]))
      {
        g_autofree char *inputs = conformance_describe (example);

        g_error ("%s: output %d differs when less of the shapes is known", inputs, i);
      }
}

/* Runs it with all shapes known, then with some hidden. */
static void
check_hidden (const Example *example,
              GRand         *rand)
{
  GwTensor *expected[EXAMPLE_MAX] = { NULL };
  GwTensor *results[EXAMPLE_MAX] = { NULL };
  GwShape shapes[EXAMPLE_MAX];
  gboolean is_constant[EXAMPLE_MAX];
  gboolean answers;
  Stage known, hidden;

  stage_init (&known, example, EXAMPLE_FED);
  answers = conformance_answers (example, &known, expected, "all known");
  for (int round = 0; round < N_HIDDEN; round++)
    {
      hide (example, rand, shapes, is_constant);
      stage_init_shapes (&hidden, example, shapes, is_constant);
      if (answers && hidden.node == NULL)
        {
          g_autofree char *inputs = conformance_describe (example);

          g_error ("%s: refused when less is known: %s", inputs, hidden.builder.error->message);
        }
      if (conformance_answers (example, &hidden, results, "less is known") != answers)
        {
          g_autofree char *inputs = conformance_describe (example);

          g_error ("%s: %s with all shapes known, and not with less", inputs, answers ? "an answer" : "refused");
        }
      if (answers)
        check_same (example, &hidden, expected, results);
      stage_drop_results (&hidden, results);
      stage_clear (&hidden);
    }
  stage_drop_results (&known, expected);
  stage_clear (&known);
}

void
conformance_shapes (gconstpointer data)
{
  const GwOpDef *def = data;
  GRand *rand = g_rand_new_with_seed (g_str_hash (def->name) + conformance_seed);

  FOR_EACH_EXAMPLE (def, text)
    for (int round = 0; round < N_RESIZED && example_is_harmless (def); round++)
      {
        g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);

        for (int i = round % 3; round > 0 && i >= 0; i--)
          resize (example, rand);
        check_hidden (example, rand);
      }
  g_rand_free (rand);
}
