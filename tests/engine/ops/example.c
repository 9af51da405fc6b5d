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

static GwTensor *
read_text (const char *text,
           GwDType     dtype)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *word = g_strndup (text, strcspn (text, " "));
  GwTensor *tensor;

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
  GwDType dtype = settled_type (example, port->type, which);
  GwTensor *tensor;
  Bound found;

  for (guint i = 0; dtype == GW_DTYPE_INVALID && i < bound->len; i++)
    if (strcmp (g_array_index (bound, Bound, i).type, port->type) == 0)
      dtype = g_array_index (bound, Bound, i).dtype;
  if (dtype == GW_DTYPE_INVALID)
    dtype = guess_type (example, port->type, text, prefer);
  tensor = read_text (text, dtype);
  found = (Bound) { port->type, tensor->dtype };
  if (gw_attr_defs_find (example->def->attrs, port->type) >= 0 &&
      example->def->attrs[gw_attr_defs_find (example->def->attrs, port->type)].type == GW_ATTR_DTYPE)
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

Example *
example_new (const GwOpDef     *def,
             const GwOpExample *example,
             GwDType            prefer)
{
  Example *self = g_new0 (Example, 1);
  g_autoptr (GArray) bound = g_array_new (FALSE, FALSE, sizeof (Bound));
  int left = example->inputs != NULL ? (int) g_strv_length ((char **) example->inputs) : 0;

  self->def = def;
  self->example = example;
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    for (int share = port_share (self, def->inputs, port, left), i = 0; i < share && left > 0; i++, left--)
      {
        self->is_ref[self->n_inputs] = port->is_ref;
        self->inputs[self->n_inputs] = read_port (self, port, i, example->inputs[self->n_inputs], prefer, bound);
        self->n_inputs++;
      }
  g_assert_cmpint (left, ==, 0);
  if (example->outputs == NULL)
    return self;
  left = (int) g_strv_length ((char **) example->outputs);
  for (const GwPortDef *port = def->outputs; port != NULL && port->name != NULL; port++)
    for (int share = port_share (self, def->outputs, port, left), i = 0; i < share && left > 0; i++, left--)
      {
        int index = gw_attr_defs_find (def->attrs, port->type);
        GwDType dtype = settled_type (self, port->type, i);

        for (guint k = 0; dtype == GW_DTYPE_INVALID && k < bound->len; k++)
          if (strcmp (g_array_index (bound, Bound, k).type, port->type) == 0)
            dtype = g_array_index (bound, Bound, k).dtype;
        if (dtype == GW_DTYPE_INVALID && index >= 0 && def->attrs[index].def != NULL)
          dtype = gw_dtype_from_name (def->attrs[index].def);
        self->outputs[self->n_outputs] = read_text (example->outputs[self->n_outputs], dtype);
        self->n_outputs++;
      }
  g_assert_cmpint (left, ==, 0);
  return self;
}

void
example_free (Example *example)
{
  for (int i = 0; i < example->n_inputs; i++)
    gw_tensor_unref (example->inputs[i]);
  for (int i = 0; i < example->n_outputs; i++)
    gw_tensor_unref (example->outputs[i]);
  g_free (example);
}

/* ---- graphs ---- */

static GwOutput
add_variable (Stage    *stage,
              GwTensor *tensor)
{
  GwNode *node = gw_node_new (&stage->builder, "VariableV2", NULL, GW_NO_IN,
                              GW_WITH ({ "dtype", gw_attr_dtype (tensor->dtype) },
                                       { "shape", gw_attr_shape (tensor->shape) }));
  GwOutput variable = gw_output_of (node, 0);

  g_ptr_array_add (stage->init, gw_node_new (&stage->builder, "Assign", NULL,
                                             GW_IN (variable, gw_const (&stage->builder, gw_tensor_ref (tensor))), NULL));
  return variable;
}

static GwOutput
add_input (Stage      *stage,
           GwTensor   *tensor,
           gboolean    is_ref,
           ExampleWay  way)
{
  GwShape shape = way == EXAMPLE_FED ? tensor->shape
                  : way == EXAMPLE_OPEN ? gw_shape_of_rank (tensor->shape.rank) : GW_SHAPE_UNKNOWN;
  GwOutput output;

  if (is_ref)
    return add_variable (stage, tensor);
  if (way == EXAMPLE_CONSTANT)
    return gw_const (&stage->builder, gw_tensor_ref (tensor));
  output = gw_op (&stage->builder, "Placeholder", GW_NO_IN,
                  GW_WITH ({ "dtype", gw_attr_dtype (tensor->dtype) }, { "shape", gw_attr_shape (shape) }));
  stage->feeds[stage->n_feeds++] = (GwFeed) { output, tensor };
  return output;
}

void
stage_init (Stage         *stage,
            const Example *example,
            ExampleWay     way)
{
  *stage = (Stage) { .graph = gw_graph_new (), .init = g_ptr_array_new () };
  gw_builder_init (&stage->builder, stage->graph);
  for (int i = 0; i < example->n_inputs; i++)
    stage->inputs[i] = add_input (stage, example->inputs[i], example->is_ref[i], way);
  if (stage->builder.error == NULL)
    stage->node = op_add (stage->graph, example->def->name, example->example->attrs, example->n_inputs, stage->inputs,
                          &stage->builder.error);
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
  gboolean none = n == 0;

  if (stage->init->len > 0 &&
      !gw_session_run (session, stage->graph, 0, NULL, 0, NULL, (int) stage->init->len,
                       (GwNode *const *) stage->init->pdata, NULL, NULL, error))
    return FALSE;
  return gw_session_run (session, stage->graph, stage->n_feeds, stage->feeds, n, fetches, none, &stage->node, NULL,
                         results, error);
}

gboolean
stage_run (Stage      *stage,
           GwSession  *session,
           GwTensor  **results,
           GError    **error)
{
  GwOutput fetches[EXAMPLE_MAX];

  for (int i = 0; i < stage->node->n_outputs; i++)
    fetches[i] = (GwOutput) { stage->node, i };
  return stage_fetch (stage, session, stage->node->n_outputs, fetches, results, error);
}

gboolean
example_is_harmless (const GwOpDef *def)
{
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    if (strcmp (port->name, "prefix") == 0 || strcmp (port->name, "filename") == 0)
      return FALSE;
  return TRUE;
}
