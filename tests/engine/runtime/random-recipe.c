/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/runtime/random-recipe.h"

#include "engine/graph/registry.h"
#include "engine/tensor/text.h"
#include "tests/engine/ops/example.h"
#include "tests/support/support.h"

#include <string.h>

static gboolean
chance (Recipe *recipe,
        double  probability)
{
  return g_rand_double (recipe->random) < probability;
}

static int
below (Recipe *recipe,
       int     n)
{
  return g_rand_int_range (recipe->random, 0, n);
}

/* ---- steps ---- */

static void
setting_clear (gpointer data)
{
  gw_attr_value_clear (&((GwAttrSetting *) data)->value);
}

static Step *
step_new (const char *op)
{
  Step *step = g_new0 (Step, 1);

  step->def = gw_registry_find (op);
  step->settings = g_array_new (FALSE, FALSE, sizeof (GwAttrSetting));
  g_array_set_clear_func (step->settings, setting_clear);
  step->inputs = g_array_new (FALSE, FALSE, sizeof (Source));
  return step;
}

static void
step_free (gpointer data)
{
  Step *step = data;

  g_array_unref (step->settings);
  g_array_unref (step->inputs);
  gw_tensor_unref (step->feed);
  gw_tensor_unref (step->start);
  g_free (step);
}

/* Copies the value. */
static void
set_attr (Step       *step,
          const char *name,
          GwAttrValue value)
{
  GwAttrSetting setting = { name };

  gw_attr_value_copy (&setting.value, &value);
  g_array_append_val (step->settings, setting);
}

/* ---- building ---- */

static Built *
built_new (const Recipe *recipe)
{
  Built *built = g_new0 (Built, 1);

  built->graph = gw_graph_new ();
  built->nodes = g_new0 (GwNode *, recipe->steps->len + 1);
  built->feeds = g_new0 (GwFeed, recipe->steps->len + 1);
  return built;
}

void
built_free (Built *built)
{
  gw_graph_unref (built->graph);
  g_free (built->nodes);
  g_free (built->feeds);
  g_free (built);
}

/* Adds one step; NULL when the graph refuses it, which leaves it as it was. */
static GwNode *
build_step (const Recipe *recipe,
            Built        *built,
            int           index,
            gboolean      shuffled)
{
  const Step *step = g_ptr_array_index (recipe->steps, index);
  g_autofree GwOutput *inputs = g_new0 (GwOutput, step->inputs->len + 1);
  g_autofree char *name = shuffled ? g_strdup_printf ("other/n%d", index) : g_strdup_printf ("n%d", index);
  GwNodeSpec spec = {
    .def = step->def, .name = name, .n_inputs = (int) step->inputs->len, .inputs = inputs,
    .n_attrs = (int) step->settings->len, .attrs = (const GwAttrSetting *) step->settings->data,
  };
  int before;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < step->inputs->len; i++)
    {
      Source source = g_array_index (step->inputs, Source, i);

      inputs[i] = (GwOutput) { built->nodes[source.step], source.output };
      if (shuffled && !gw_node_output_is_ref (inputs[i].node, inputs[i].index) && g_rand_boolean (recipe->random))
        {
          GwNodeSpec identity = { .def = gw_registry_find ("Identity"), .n_inputs = 1, .inputs = &inputs[i] };

          inputs[i] = (GwOutput) { gw_graph_add (built->graph, &identity, NULL), 0 };
        }
    }
  before = gw_graph_n_nodes (built->graph);
  built->nodes[index] = gw_graph_add (built->graph, &spec, &error);
  if (built->nodes[index] == NULL)
    {
      g_assert_nonnull (error);
      g_assert_nonnull (gw_error_get_node (error));
      g_assert_cmpint (gw_graph_n_nodes (built->graph), ==, before);
      return NULL;
    }
  if (step->feed != NULL)
    built->feeds[built->n_feeds++] = (GwFeed) { { built->nodes[index], 0 }, step->feed };
  return built->nodes[index];
}

static gboolean
is_ready (const Built *built,
          const Step  *step)
{
  for (guint i = 0; i < step->inputs->len; i++)
    if (built->nodes[g_array_index (step->inputs, Source, i).step] == NULL)
      return FALSE;
  return TRUE;
}

Built *
recipe_build (const Recipe *recipe,
              gboolean      shuffled)
{
  Built *built = built_new (recipe);
  guint left = recipe->steps->len;

  for (guint i = 0; !shuffled && i < recipe->steps->len; i++)
    g_assert_nonnull (build_step (recipe, built, (int) i, FALSE));
  while (shuffled && left > 0)
    {
      int i = g_rand_int_range (recipe->random, 0, (int) recipe->steps->len);

      if (built->nodes[i] != NULL || !is_ready (built, g_ptr_array_index (recipe->steps, i)))
        continue;
      g_assert_nonnull (build_step (recipe, built, i, TRUE));
      left--;
    }
  return built;
}

/* ---- drawing ---- */

/* While it is drawn it is built as well, to know types and shapes. */
typedef struct {
  Recipe *recipe;
  Built  *built;
} Draft;

/* Takes the step; its number, or -1 when the graph refuses it. */
static int
try_step (Draft *draft,
          Step  *step)
{
  GPtrArray *steps = draft->recipe->steps;
  int index = (int) steps->len;

  g_ptr_array_add (steps, step);
  draft->built->nodes = g_renew (GwNode *, draft->built->nodes, steps->len + 1);
  draft->built->feeds = g_renew (GwFeed, draft->built->feeds, steps->len + 1);
  if (build_step (draft->recipe, draft->built, index, FALSE) != NULL)
    return index;
  g_ptr_array_set_size (steps, index);
  return -1;
}

/* A value as a constant, or as a placeholder that is fed with it and knows all, some or
 * nothing of its shape. */
static Source
add_value (Draft    *draft,
           GwTensor *tensor)
{
  Recipe *recipe = draft->recipe;
  Step *step = step_new (chance (recipe, 0.5) ? "Const" : "Placeholder");
  GwShape shape = tensor->shape;

  set_attr (step, "dtype", gw_attr_dtype (tensor->dtype));
  if (g_str_equal (step->def->name, "Const"))
    set_attr (step, "value", gw_attr_tensor (tensor));
  else
    {
      step->feed = gw_tensor_ref (tensor);
      for (int i = 0; i < shape.rank; i++)
        if (chance (recipe, 0.2))
          shape.dims[i] = GW_DIM_UNKNOWN;
      set_attr (step, "shape", gw_attr_shape (chance (recipe, 0.1) ? GW_SHAPE_UNKNOWN : shape));
    }
  gw_tensor_unref (tensor);
  return (Source) { try_step (draft, step), 0 };
}

static GwTensor *
random_tensor (Recipe *recipe,
               GwDType dtype)
{
  GwShape shape = gw_shape_of_rank (below (recipe, 4));
  GwTensor *tensor;

  for (int i = 0; i < shape.rank; i++)
    shape.dims[i] = 1 + below (recipe, 3);
  tensor = gw_tensor_new_zeros (dtype, &shape, NULL);
  for (int64_t i = 0; dtype != GW_STRING && i < tensor->elements; i++)
    gw_tensor_set_double (tensor, i, gw_dtype_is_floating (dtype) ? g_rand_double_range (recipe->random, -2, 2)
                                                                  : dtype == GW_BOOL ? below (recipe, 2) : below (recipe, 4));
  return tensor;
}

static void
add_variable (Draft *draft,
              int    number)
{
  g_autofree char *name = g_strdup_printf ("variable%d", number);
  Step *step = step_new ("VariableV2");

  step->start = random_tensor (draft->recipe, GW_FLOAT32);
  set_attr (step, "shape", gw_attr_shape (step->start->shape));
  set_attr (step, "dtype", gw_attr_dtype (GW_FLOAT32));
  set_attr (step, "shared_name", gw_attr_string (name));
  try_step (draft, step);
}

/* Any output of this type (INVALID = any that `choices` allow), newer ones more often;
 * step -1 when there is none. */
static Source
pick (Draft             *draft,
      GwDType            dtype,
      const char *const *choices)
{
  for (int attempt = 0; attempt < 30; attempt++)
    {
      int n = (int) draft->recipe->steps->len;
      int step = MAX (below (draft->recipe, n), below (draft->recipe, n));
      const GwNode *node = draft->built->nodes[step];
      Source source = { step, node->n_outputs > 0 ? below (draft->recipe, node->n_outputs) : 0 };

      if (node->n_outputs == 0 ||
          (dtype != GW_DTYPE_INVALID && node->dtypes[source.output] != dtype) ||
          (choices != NULL && !g_strv_contains (choices, gw_dtype_name (node->dtypes[source.output]))))
        continue;
      return source;
    }
  return (Source) { -1, 0 };
}

static GwDType
source_dtype (const Draft *draft,
              Source       source)
{
  return draft->built->nodes[source.step]->dtypes[source.output];
}

/* What an earlier port of the same type attribute took. */
static GwDType
bound_dtype (const Draft     *draft,
             const Step      *step,
             const GwPortDef *port)
{
  for (const GwPortDef *other = step->def->inputs; other != port; other++)
    if (g_str_equal (other->type, port->type))
      return source_dtype (draft, g_array_index (step->inputs, Source, (guint) (other - step->def->inputs)));
  return GW_DTYPE_INVALID;
}

/* Wires the ports to what fits; FALSE when nothing does. Small integers, which are axes
 * and sizes, are often made anew. */
static gboolean
wire (Draft *draft,
      Step  *step)
{
  for (const GwPortDef *port = step->def->inputs; port != NULL && port->name != NULL; port++)
    {
      int attr = gw_attr_defs_find (step->def->attrs, port->type);
      const char *const *choices = attr >= 0 ? step->def->attrs[attr].choices : NULL;
      gboolean list = port->number_attr != NULL || (attr >= 0 && step->def->attrs[attr].type == GW_ATTR_DTYPES);
      GwDType dtype = attr < 0 ? gw_dtype_from_name (port->type) : bound_dtype (draft, step, port);
      int count = list ? 1 + below (draft->recipe, 3) : 1;

      for (int i = 0; i < count; i++)
        {
          gboolean index = dtype == GW_INT32 || (choices != NULL && !g_strv_contains (choices, "float32"));
          Source source = index && chance (draft->recipe, 0.6)
                            ? add_value (draft, random_tensor (draft->recipe, dtype != GW_DTYPE_INVALID ? dtype : GW_INT32))
                            : pick (draft, dtype, choices);

          if (source.step < 0)
            return FALSE;
          g_array_append_val (step->inputs, source);
          if (port->number_attr != NULL)
            dtype = source_dtype (draft, source);
        }
      if (list && port[1].name != NULL)
        return TRUE; /* bound_dtype() counts ports of one input */
    }
  return TRUE;
}

/* The inputs of one of the op's own examples. */
static void
take_example (Draft *draft,
              Step  *step)
{
  const GwOpExample *texts = step->def->examples;
  g_autoptr (Example) example = NULL;
  int n = 0;

  while (example_next (&texts[n]) != NULL)
    n++;
  example = example_new (step->def, &texts[below (draft->recipe, n)], GW_DTYPE_INVALID);
  for (guint i = 0; i < example->settings->len; i++)
    set_attr (step, g_array_index (example->settings, GwAttrSetting, i).name,
              g_array_index (example->settings, GwAttrSetting, i).value);
  for (int i = 0; i < example->n_inputs; i++)
    {
      Source source = add_value (draft, gw_tensor_ref (example->inputs[i]));

      g_array_append_val (step->inputs, source);
    }
}

static gboolean
is_usable (const GwOpDef *def)
{
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    if (port->is_ref)
      return FALSE;
  return def->cpu != NULL && def->inputs != NULL && def->outputs != NULL &&
         ((def->flags & GW_OP_STATEFUL) == 0 || (def->flags & GW_OP_RANDOM) != 0);
}

/* Wired to what is there, or, where `by_example`, as one of its examples has it. */
static void
add_op (Draft         *draft,
        const GwOpDef *def,
        gboolean       by_example)
{
  Step *step;

  if (!is_usable (def))
    return;
  step = step_new (def->name);
  if ((def->flags & GW_OP_RANDOM) != 0)
    {
      set_attr (step, "seed", gw_attr_int (1 + below (draft->recipe, 1000)));
      set_attr (step, "seed2", gw_attr_int (1 + below (draft->recipe, 1000)));
    }
  if (def->examples != NULL && by_example)
    take_example (draft, step);
  else if (!wire (draft, step))
    {
      step_free (step);
      return;
    }
  try_step (draft, step);
}

Recipe *
recipe_new (guint32 seed,
            int     n)
{
  Recipe *recipe = g_new0 (Recipe, 1);
  const GwOpDef *const *ops;
  int n_ops;
  Draft draft;

  recipe->random = g_rand_new_with_seed (seed);
  recipe->steps = g_ptr_array_new_with_free_func (step_free);
  draft = (Draft) { recipe, built_new (recipe) };
  for (int i = 0; i < 3; i++)
    {
      add_value (&draft, random_tensor (recipe, GW_FLOAT32));
      add_variable (&draft, i);
    }
  add_value (&draft, random_tensor (recipe, GW_INT32));
  ops = gw_registry_list (&n_ops);
  add_op (&draft, ops[seed % (guint32) n_ops], TRUE);
  for (int i = 0; i < 100 * n && (int) recipe->steps->len < n; i++)
    {
      const GwOpDef *def = ops[below (recipe, n_ops)];

      add_op (&draft, def, chance (recipe, 0.3));
    }
  built_free (draft.built);
  return recipe;
}

void
recipe_free (Recipe *recipe)
{
  g_ptr_array_unref (recipe->steps);
  g_rand_free (recipe->random);
  g_free (recipe);
}

/* Wires as the document has them: port and place within it. */
static void
draw_wires (GwDocNode    *node,
            const GwNode *like,
            const Step   *step)
{
  int place = 0;

  for (int i = 0; i < like->n_inputs; i++)
    {
      const GwPortDef *port = gw_node_input_port (like, i);
      Source source = g_array_index (step->inputs, Source, (guint) i);

      place = i > 0 && gw_node_input_port (like, i - 1) == port ? place + 1 : 0;
      gw_doc_node_set_input (node, port->name, place, source.step + 1, source.output, NULL);
    }
}

GwDocument *
recipe_document (const Recipe *recipe,
                 const Built  *built)
{
  GwDocument *document = gw_document_new ();
  g_autoptr (GwEdit) edit = gw_edit_new ("Draw");

  for (guint i = 0; i < recipe->steps->len; i++)
    {
      const Step *step = g_ptr_array_index (recipe->steps, i);
      GwItem *item = gw_item_new (GW_ITEM_NODE, gw_document_new_id (document));

      item->node.op = g_strdup (step->def->name);
      item->node.name = g_strdup_printf ("n%u", i);
      for (guint k = 0; k < step->settings->len; k++)
        gw_named_attrs_set (item->node.attrs, g_array_index (step->settings, GwAttrSetting, k).name,
                            &g_array_index (step->settings, GwAttrSetting, k).value);
      draw_wires (&item->node, built->nodes[i], step);
      g_assert_cmpint (item->id, ==, (int) i + 1);
      gw_edit_put (edit, document, item);
    }
  gw_document_apply (document, edit);
  return document;
}

GwSession *
recipe_session (const Recipe *recipe,
                int           n_threads)
{
  GwSession *session = gw_session_new (n_threads);

  for (guint i = 0; i < recipe->steps->len; i++)
    {
      const Step *step = g_ptr_array_index (recipe->steps, i);
      GwVariable *variable;

      if (step->start == NULL)
        continue;
      variable = gw_resources_variable (gw_session_resources (session),
                                        g_array_index (step->settings, GwAttrSetting, 2).value.s,
                                        step->start->dtype, &step->start->shape, NULL);
      gw_tensor_copy_data (variable->tensor, step->start);
      variable->initialized = TRUE;
    }
  return session;
}
