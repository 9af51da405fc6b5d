/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/ops/example.h"

#include "engine/base/error.h"
#include "engine/tensor/text.h"
#include "tests/engine/ops/op-runner.h"
#include "tests/support/support.h"

#include <string.h>

const char *const example_way_names[EXAMPLE_N_WAYS] = {
  "constant", "fed", "fed with open sizes", "fed with open rank",
};

/* ---- texts to tensors ---- */

const char *
example_type_attr (const GwOpDef   *def,
                   const GwPortDef *port)
{
  const char *name = !example_is_handle (port) ? port->type : gw_attr_defs_find (def->attrs, "dtype") >= 0 ? "dtype" : "T";
  int index = gw_attr_defs_find (def->attrs, name);

  return index >= 0 && def->attrs[index].type == GW_ATTR_DTYPE ? name : NULL;
}

/* The value that the example's attributes give to `name`, or NULL. */
static char *
attr_text (const char *attrs,
           const char *name)
{
  g_auto (GStrv) parts = g_strsplit (attrs != NULL ? attrs : "", " ", -1);
  size_t length = strlen (name);

  for (int i = 0; parts[i] != NULL; i++)
    if (strncmp (parts[i], name, length) == 0 && parts[i][length] == '=')
      return g_strdup (parts[i] + length + 1);
  return NULL;
}

static gboolean
allowed (const GwAttrDef *attr,
         GwDType          dtype)
{
  return attr->choices == NULL || g_strv_contains (attr->choices, gw_dtype_name (dtype));
}

/* Type of an attribute before the text is looked at: GW_DTYPE_INVALID = open. */
static GwDType
settled_type (const Example *example,
              const char    *type,
              int            which)
{
  int index = gw_attr_defs_find (example->def->attrs, type);
  g_autofree char *text = attr_text (example->example->attrs, type);
  g_auto (GStrv) list = NULL;

  if (index < 0)
    return gw_dtype_from_name (type);
  if (example->def->attrs[index].type == GW_ATTR_DTYPES)
    {
      list = text != NULL ? g_strsplit_set (text, "[],", -1) : NULL;
      for (int i = 0; list != NULL && list[i] != NULL; i++)
        if (*list[i] != '\0' && which-- == 0)
          return gw_dtype_from_name (g_strstrip (list[i]));
      return GW_DTYPE_INVALID;
    }
  return text != NULL ? gw_dtype_from_name (text) : GW_DTYPE_INVALID;
}

/* The type that the text alone is of, made one that the op has. */
static GwDType
guess_type (const Example *example,
            const char    *type,
            const char    *text,
            GwDType        prefer)
{
  int index = gw_attr_defs_find (example->def->attrs, type);
  const GwAttrDef *attr = index >= 0 ? &example->def->attrs[index] : NULL;
  g_autoptr (GwTensor) tensor = gw_tensor_parse (text, GW_DTYPE_INVALID, NULL, NULL);
  GwDType dtype = tensor != NULL ? tensor->dtype : GW_FLOAT32;

  if (attr != NULL && !allowed (attr, dtype))
    dtype = attr->def != NULL ? gw_dtype_from_name (attr->def) : gw_dtype_from_name (attr->choices[0]);
  if (dtype == GW_FLOAT32 && prefer != GW_DTYPE_INVALID && (attr == NULL || allowed (attr, prefer)))
    dtype = prefer;
  return dtype;
}

/* “int64 [0,2] []”: an empty tensor whose shape brackets cannot say. */
static GwTensor *
read_empty (const char *word,
            const char *text)
{
  g_autofree char *inner = g_strndup (text + strlen (word), strlen (text) - strlen (word) - strlen (" []"));
  g_autoptr (GError) error = NULL;
  GwTensor *tensor;
  GwShape shape;

  gw_shape_parse (g_strstrip (inner), &shape, &error);
  g_assert_no_error (error);
  tensor = gw_tensor_new_zeros (gw_dtype_from_name (word), &shape, &error);
  g_assert_no_error (error);
  return tensor;
}

static GwTensor *
read_text (const char *text,
           GwDType     dtype)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *word = g_strndup (text, strcspn (text, " "));
  GwTensor *tensor;

  if (g_str_has_suffix (text, "] []"))
    return read_empty (word, text);
  if (gw_dtype_from_name (word) != GW_DTYPE_INVALID && strlen (word) > 1)
    return gw_test_tensor (text);
  tensor = gw_tensor_parse (text, dtype, NULL, &error);
  g_assert_no_error (error);
  return tensor;
}

typedef struct {
  const char *type;
  GwDType     dtype;
} Bound;

/* One text of a port; types that are found bind their attribute for the ports after. */
static GwTensor *
read_port (const Example   *example,
           const GwPortDef *port,
           int              which,
           const char      *text,
           GwDType          prefer,
           GArray          *bound)
{
  const char *attr = example_type_attr (example->def, port);
  const char *type = attr != NULL ? attr : port->type;
  GwDType dtype = example_is_handle (port) && attr == NULL ? GW_DTYPE_INVALID : settled_type (example, type, which);
  GwTensor *tensor;
  Bound found;

  for (guint i = 0; dtype == GW_DTYPE_INVALID && i < bound->len; i++)
    if (strcmp (g_array_index (bound, Bound, i).type, type) == 0)
      dtype = g_array_index (bound, Bound, i).dtype;
  if (dtype == GW_DTYPE_INVALID)
    dtype = guess_type (example, type, text, prefer);
  tensor = read_text (text, dtype);
  found = (Bound) { type, tensor->dtype };
  if (attr != NULL)
    g_array_append_val (bound, found);
  return tensor;
}

static gboolean
is_list (const GwOpDef   *def,
         const GwPortDef *port)
{
  int index = gw_attr_defs_find (def->attrs, port->type);

  return port->number_attr != NULL || (index >= 0 && def->attrs[index].type == GW_ATTR_DTYPES);
}

/* How many of the `left` texts belong to a port: what its number says, or all but
 * one for each port behind it. */
static int
port_share (const Example   *example,
            const GwPortDef *ports,
            const GwPortDef *port,
            int              left)
{
  g_autofree char *number = port->number_attr != NULL ? attr_text (example->example->attrs, port->number_attr) : NULL;
  int behind = gw_ports_length (port) - 1;

  if (!is_list (example->def, port))
    return 1;
  return number != NULL ? atoi (number) : left - behind;
}

/* What an output's text is read as; types that inputs have are in `bound`. */
static GwDType
output_type (const Example   *example,
             const GwPortDef *port,
             int              which,
             const GArray    *bound)
{
  const char *attr = example_type_attr (example->def, port);
  int index = attr != NULL ? gw_attr_defs_find (example->def->attrs, attr) : -1;
  GwDType dtype = settled_type (example, attr != NULL ? attr : port->type, which);

  for (guint k = 0; attr != NULL && dtype == GW_DTYPE_INVALID && k < bound->len; k++)
    if (strcmp (g_array_index (bound, Bound, k).type, attr) == 0)
      dtype = g_array_index (bound, Bound, k).dtype;
  if (dtype == GW_DTYPE_INVALID && index >= 0 && example->def->attrs[index].def != NULL)
    dtype = gw_dtype_from_name (example->def->attrs[index].def);
  return dtype;
}

static void
read_outputs (Example      *self,
              const GArray *bound)
{
  const GwOpDef *def = self->def;
  const char *const *texts = self->example->outputs;
  int left = (int) g_strv_length ((char **) texts);

  if (def->outputs == NULL)
    {
      g_assert_true (left == 1 && self->n_inputs > 0 && example_is_handle (self->ports[0]));
      self->out_ports[0] = self->ports[0];
      self->outputs[self->n_outputs++] = read_text (texts[0], self->inputs[0]->dtype);
      return;
    }
  for (const GwPortDef *port = def->outputs; port != NULL && port->name != NULL; port++)
    for (int share = port_share (self, def->outputs, port, left), i = 0; i < share && left > 0; i++, left--)
      {
        self->out_ports[self->n_outputs] = port;
        self->outputs[self->n_outputs] = read_text (texts[self->n_outputs], output_type (self, port, i, bound));
        self->n_outputs++;
      }
  g_assert_cmpint (left, ==, 0);
}

static void
setting_clear (gpointer data)
{
  gw_attr_value_clear (&((GwAttrSetting *) data)->value);
}

static GArray *
settings_new (void)
{
  GArray *settings = g_array_new (FALSE, TRUE, sizeof (GwAttrSetting));

  g_array_set_clear_func (settings, setting_clear);
  return settings;
}

Example *
example_new (const GwOpDef     *def,
             const GwOpExample *example,
             GwDType            prefer)
{
  Example *self = g_new0 (Example, 1);
  g_autoptr (GArray) bound = g_array_new (FALSE, FALSE, sizeof (Bound));
  GwAttrSetting settings[EXAMPLE_MAX] = { 0 };
  int left = example->inputs != NULL ? (int) g_strv_length ((char **) example->inputs) : 0;

  self->def = def;
  self->example = example;
  self->settings = settings_new ();
  g_array_append_vals (self->settings, settings, (guint) op_parse_attrs (def, example->attrs, settings));
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    for (int share = port_share (self, def->inputs, port, left), i = 0; i < share && left > 0; i++, left--)
      {
        self->ports[self->n_inputs] = port;
        self->inputs[self->n_inputs] = read_port (self, port, i, example->inputs[self->n_inputs], prefer, bound);
        self->n_inputs++;
      }
  g_assert_cmpint (left, ==, 0);
  if (example->outputs != NULL)
    read_outputs (self, bound);
  return self;
}

void
example_free (Example *example)
{
  for (int i = 0; i < example->n_inputs; i++)
    gw_tensor_unref (example->inputs[i]);
  for (int i = 0; i < example->n_outputs; i++)
    gw_tensor_unref (example->outputs[i]);
  g_array_unref (example->settings);
  g_free (example);
}

/* ---- variants ---- */

void
example_set_attr (Example           *example,
                  const char        *name,
                  const GwAttrValue *value)
{
  GwAttrSetting setting = { name };

  for (guint i = example->settings->len; i > 0; i--)
    if (strcmp (g_array_index (example->settings, GwAttrSetting, i - 1).name, name) == 0)
      g_array_remove_index (example->settings, i - 1);
  gw_attr_value_copy (&setting.value, value);
  g_array_append_val (example->settings, setting);
}

void
example_set_input (Example  *example,
                   int       input,
                   GwTensor *tensor)
{
  gw_tensor_unref (example->inputs[input]);
  example->inputs[input] = tensor;
}

/* Zeros become empty texts: what an op fills with is the one or the other. */
static GwTensor *
to_strings (const GwTensor *tensor)
{
  GwTensor *strings = gw_tensor_new (GW_STRING, &tensor->shape, NULL);

  for (int64_t i = 0; i < tensor->elements; i++)
    {
      double value = gw_tensor_get_double (tensor, i);
      g_autofree char *text = value != 0 ? g_strdup_printf ("%g", value) : g_strdup ("");

      gw_string_set (&GW_TENSOR_DATA (strings, GwString)[i], text, strlen (text));
    }
  return strings;
}

static GwTensor *
to_complex (const GwTensor *tensor,
            GwDType         dtype)
{
  GwTensor *made = gw_tensor_new (dtype, &tensor->shape, NULL);

  for (int64_t i = 0; i < tensor->elements; i++)
    if (dtype == GW_COMPLEX64)
      GW_TENSOR_DATA (made, GwComplex64)[i] = (GwComplex64) gw_tensor_get_complex (tensor, i);
    else
      GW_TENSOR_DATA (made, GwComplex128)[i] = gw_tensor_get_complex (tensor, i);
  return made;
}

static GwTensor *
cast (GwTensor *tensor,
      GwDType   dtype)
{
  if (tensor->dtype == dtype)
    return gw_tensor_ref (tensor);
  if (gw_dtype_is_complex (dtype) && tensor->dtype != GW_STRING)
    return to_complex (tensor, dtype);
  if (tensor->dtype == GW_STRING || (gw_dtype_is_complex (tensor->dtype) && !gw_dtype_is_complex (dtype)))
    return NULL;
  return dtype == GW_STRING ? to_strings (tensor) : gw_tensor_cast (tensor, dtype, NULL);
}

static gboolean
follows (const Example   *example,
         const GwPortDef *port,
         const char      *attr)
{
  const char *type = example_type_attr (example->def, port);

  return type != NULL && strcmp (type, attr) == 0;
}

Example *
example_cast (const Example *example,
              const char    *attr,
              GwDType        dtype)
{
  g_autoptr (Example) made = g_memdup2 (example, sizeof *example);
  GwAttrValue value = gw_attr_dtype (dtype);
  gboolean ok = TRUE;

  made->settings = settings_new ();
  for (guint i = 0; i < example->settings->len; i++)
    example_set_attr (made, g_array_index (example->settings, GwAttrSetting, i).name,
                      &g_array_index (example->settings, GwAttrSetting, i).value);
  example_set_attr (made, attr, &value);
  for (int i = 0; i < example->n_inputs; i++)
    {
      made->inputs[i] = follows (example, example->ports[i], attr) ? cast (example->inputs[i], dtype)
                                                                  : gw_tensor_ref (example->inputs[i]);
      ok = ok && made->inputs[i] != NULL;
    }
  for (int i = 0; i < example->n_outputs; i++)
    {
      made->outputs[i] = follows (example, example->out_ports[i], attr) ? cast (example->outputs[i], dtype)
                                                                       : gw_tensor_ref (example->outputs[i]);
      ok = ok && made->outputs[i] != NULL;
    }
  return ok ? g_steal_pointer (&made) : NULL;
}

/* ---- graphs ---- */

static GwOutput
add_variable (Stage    *stage,
              GwTensor *tensor,
              gboolean  is_handle)
{
  GwNode *node = gw_node_new (&stage->builder, is_handle ? "VarHandleOp" : "VariableV2", NULL, GW_NO_IN,
                              GW_WITH ({ "dtype", gw_attr_dtype (tensor->dtype) },
                                       { "shape", gw_attr_shape (tensor->shape) }));
  GwOutput variable = gw_output_of (node, 0);

  g_ptr_array_add (stage->init, gw_node_new (&stage->builder, is_handle ? "AssignVariableOp" : "Assign", NULL,
                                             GW_IN (variable, gw_const (&stage->builder, gw_tensor_ref (tensor))), NULL));
  return variable;
}

static GwOutput
add_placeholder (Stage    *stage,
                 GwTensor *tensor,
                 GwShape   shape)
{
  GwOutput output = gw_op (&stage->builder, "Placeholder", GW_NO_IN,
                           GW_WITH ({ "dtype", gw_attr_dtype (tensor->dtype) }, { "shape", gw_attr_shape (shape) }));

  stage->feeds[stage->n_feeds++] = (GwFeed) { output, tensor };
  return output;
}

static void
add_op (Stage         *stage,
        const Example *example)
{
  GwNodeSpec spec = {
    .def = example->def, .n_inputs = example->n_inputs, .inputs = stage->inputs,
    .attrs = (const GwAttrSetting *) example->settings->data, .n_attrs = (int) example->settings->len,
  };

  stage->node = gw_graph_add (stage->graph, &spec, &stage->builder.error);
  for (int i = 0; stage->node != NULL && i < MIN (stage->node->n_outputs, EXAMPLE_MAX); i++)
    stage->fetches[stage->n_fetches++] = (GwOutput) { stage->node, i };
  if (stage->node != NULL && stage->n_fetches == 0 && example->n_outputs > 0)
    stage->fetches[stage->n_fetches++] = stage->inputs[0];
}

void
stage_init_shapes (Stage          *stage,
                   const Example  *example,
                   const GwShape  *shapes,
                   const gboolean *is_constant)
{
  *stage = (Stage) { .graph = gw_graph_new (), .init = g_ptr_array_new () };
  gw_builder_init (&stage->builder, stage->graph);
  for (int i = 0; i < example->n_inputs; i++)
    if (example_is_variable (example, i))
      stage->inputs[i] = add_variable (stage, example->inputs[i], example_is_handle (example->ports[i]));
    else if (is_constant != NULL && is_constant[i])
      stage->inputs[i] = gw_const (&stage->builder, gw_tensor_ref (example->inputs[i]));
    else
      stage->inputs[i] = add_placeholder (stage, example->inputs[i], shapes[i]);
  if (stage->builder.error == NULL)
    add_op (stage, example);
}

void
stage_init (Stage         *stage,
            const Example *example,
            ExampleWay     way)
{
  GwShape shapes[EXAMPLE_MAX];
  gboolean constant[EXAMPLE_MAX];

  for (int i = 0; i < example->n_inputs; i++)
    {
      const GwShape *shape = &example->inputs[i]->shape;

      constant[i] = way == EXAMPLE_CONSTANT;
      shapes[i] = way == EXAMPLE_FED ? *shape : way == EXAMPLE_OPEN ? gw_shape_of_rank (shape->rank) : GW_SHAPE_UNKNOWN;
    }
  stage_init_shapes (stage, example, shapes, constant);
}

void
stage_clear (Stage *stage)
{
  g_ptr_array_unref (stage->init);
  gw_builder_clear (&stage->builder);
  gw_graph_unref (stage->graph);
}

gboolean
stage_fetch (Stage          *stage,
             GwSession      *session,
             int             n,
             const GwOutput *fetches,
             GwTensor      **results,
             GError        **error)
{
  gboolean target = n == 0 || stage->node->n_outputs == 0;

  if (stage->init->len > 0 &&
      !gw_session_run (session, stage->graph, 0, NULL, 0, NULL, (int) stage->init->len,
                       (GwNode *const *) stage->init->pdata, NULL, NULL, error))
    return FALSE;
  return gw_session_run (session, stage->graph, stage->n_feeds, stage->feeds, n, fetches, target, &stage->node, NULL,
                         results, error);
}

gboolean
stage_run (Stage      *stage,
           GwSession  *session,
           GwTensor  **results,
           GError    **error)
{
  return stage_fetch (stage, session, stage->n_fetches, stage->fetches, results, error);
}

void
stage_drop_results (const Stage *stage,
                    GwTensor   **results)
{
  for (int i = 0; i < stage->n_fetches; i++)
    g_clear_pointer (&results[i], gw_tensor_unref);
}

gboolean
example_is_harmless (const GwOpDef *def)
{
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    if (strstr (port->name, "prefix") != NULL || strstr (port->name, "filename") != NULL ||
        strstr (port->name, "pattern") != NULL)
      return FALSE;
  return TRUE;
}
