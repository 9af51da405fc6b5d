/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/onnx-private.h"

#include "engine/base/error.h"

/* onnx.proto, AttributeProto.AttributeType */
enum { NO_KIND, A_FLOAT, AN_INT, A_TEXT, A_TENSOR, A_GRAPH, FLOATS, INTS, TEXTS };

static void
value_free (gpointer data)
{
  GwOnnxValue *value = data;

  g_free (value->text);
  g_free (value->name);
  g_clear_pointer (&value->tensor, gw_tensor_unref);
  g_free (value);
}

/* ---- operators that are kept as they are ---- */

static void
keep_tensor (GwOnnx                  *onnx,
             Gw__NodeDef             *def,
             const Gw__OnnxAttribute *attribute)
{
  GwTensor *tensor = attribute->t != NULL ? gw_onnx_tensor (attribute->t, onnx->folder, NULL) : NULL;

  if (tensor != NULL)
    gw_onnx_set_tensor (onnx, def, attribute->name, tensor);
  else
    gw_onnx_set_text (onnx, def, attribute->name, "a tensor that cannot be read");
  g_clear_pointer (&tensor, gw_tensor_unref);
}

/* Graphs of graphs are not followed: they say how large they are. */
static void
keep_graph (GwOnnx                  *onnx,
            Gw__NodeDef             *def,
            const Gw__OnnxAttribute *attribute)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  const Gw__OnnxGraph *graph =
    gw_proto_unpack (arena, &gw__onnx_graph__descriptor, attribute->g.data, attribute->g.len, attribute->name, NULL);
  g_autofree char *text = g_strdup_printf ("a graph of %" G_GSIZE_FORMAT " nodes", graph != NULL ? graph->n_node : 0);

  gw_onnx_set_text (onnx, def, attribute->name, text);
}

/* Versions before 1.0.1 do not tell the kind: then the field that is filled does. */
static int
kind_of (const Gw__OnnxAttribute *attribute)
{
  if (attribute->type != NO_KIND)
    return attribute->type;
  return attribute->n_ints > 0      ? INTS
         : attribute->n_floats > 0  ? FLOATS
         : attribute->n_strings > 0 ? TEXTS
         : attribute->t != NULL     ? A_TENSOR
         : attribute->g.len > 0     ? A_GRAPH
         : attribute->s.len > 0     ? A_TEXT
         : attribute->f != 0        ? A_FLOAT
                                    : AN_INT;
}

static void
keep_attribute (GwOnnx                  *onnx,
                Gw__NodeDef             *def,
                const Gw__OnnxAttribute *attribute)
{
  switch (kind_of (attribute))
    {
    case A_FLOAT: gw_onnx_set_float (onnx, def, attribute->name, (double) attribute->f); break;
    case AN_INT: gw_onnx_set_int (onnx, def, attribute->name, attribute->i); break;
    case A_TENSOR: keep_tensor (onnx, def, attribute); break;
    case A_GRAPH: keep_graph (onnx, def, attribute); break;
    case FLOATS: gw_onnx_set_floats (onnx, def, attribute->name, attribute->n_floats, attribute->floats); break;
    case INTS: gw_onnx_set_ints (onnx, def, attribute->name, attribute->n_ints, attribute->ints); break;
    case TEXTS: gw_onnx_set_texts (onnx, def, attribute->name, attribute->n_strings, attribute->strings); break;
    case A_TEXT:
      {
        g_autofree char *text = gw_proto_bytes_to_text (&attribute->s);

        gw_onnx_set_text (onnx, def, attribute->name, text);
        break;
      }
    default: gw_onnx_set_text (onnx, def, attribute->name, "of a kind that is not shown"); break;
    }
}

/* Which inputs are left out, where one behind them is not: the wires do not show it. */
static void
keep_holes (GwOnnxStep  *step,
            Gw__NodeDef *def)
{
  int64_t holes[GW_MAX_RANK];
  size_t n = 0;

  for (size_t i = 0; i < step->node->n_input && n < G_N_ELEMENTS (holes); i++)
    if (*step->node->input[i] == '\0')
      holes[n++] = (int64_t) i;
  if (n > 0)
    gw_onnx_set_ints (step->onnx, def, "inputs_left_out", n, holes);
}

static gboolean
is_standard (const char *domain)
{
  return *domain == '\0' || g_str_equal (domain, "ai.onnx");
}

static void
keep_operator (GwOnnxStep *step)
{
  GwOnnx *onnx = step->onnx;
  const Gw__OnnxNode *node = step->node;
  g_autofree char *op = g_strconcat (is_standard (node->domain) ? "ONNX" : node->domain, ">", node->op_type, NULL);
  Gw__NodeDef *def = gw_onnx_new_node (onnx, op, step->name, node->n_input, node->n_attribute + 1);

  for (size_t i = 0; i < node->n_input; i++)
    if (*node->input[i] != '\0')
      def->input[def->n_input++] = gw_onnx_keep_text (onnx, gw_onnx_input (step, i));
  for (size_t i = 0; i < node->n_attribute; i++)
    keep_attribute (onnx, def, node->attribute[i]);
  keep_holes (step, def);
  for (size_t i = 0; i < node->n_output; i++)
    gw_onnx_give (step, i, def, (int) i, -1, GW_DTYPE_INVALID);
}

/* ---- inputs and constants ---- */

static void
add_constant (GwOnnx     *onnx,
              const char *name,
              GwTensor   *tensor)
{
  GwOnnxValue *value = gw_onnx_new_value (onnx, name, tensor->shape.rank, tensor->dtype);

  value->name = gw_onnx_free_name (onnx, name);
  value->tensor = tensor;
}

/* A node without inputs that only shows that something is there. */
static void
add_stranger (GwOnnx     *onnx,
              const char *op,
              const char *name,
              const char *why,
              int         rank,
              GwDType     dtype)
{
  g_autofree char *own = gw_onnx_free_name (onnx, name);
  Gw__NodeDef *def = gw_onnx_new_node (onnx, op, own, 0, 1);

  gw_onnx_set_text (onnx, def, "note", why);
  gw_onnx_new_value (onnx, name, rank, dtype)->text = g_strdup (own);
}

/* A model whose weights are not there, or of a type of which there is none here, can be looked at. */
static gboolean
add_tensor (GwOnnx                *onnx,
            const char            *name,
            const Gw__OnnxTensor  *message,
            GError               **error)
{
  GError *own = NULL;
  GwTensor *tensor = gw_onnx_tensor (message, onnx->folder, &own);

  if (tensor != NULL)
    add_constant (onnx, name, tensor);
  else if (g_error_matches (own, GW_ERROR, GW_ERROR_UNIMPLEMENTED) || g_error_matches (own, GW_ERROR, GW_ERROR_NOT_FOUND))
    add_stranger (onnx, "ONNX>Initializer", name, own->message, (int) MIN (message->n_dims, GW_MAX_RANK),
                  gw_onnx_dtype (message->data_type));
  else
    {
      g_propagate_prefixed_error (error, own, "the weights “%s”: ", name);
      return FALSE;
    }
  g_clear_error (&own);
  return TRUE;
}

/* Type and rank of something that is no tensor, or not told, are unknown. */
static GwShape
shape_of (const Gw__OnnxValueInfo *info,
          GwDType                 *dtype)
{
  const Gw__OnnxTensorType *type = info->type != NULL ? info->type->tensor_type : NULL;
  GwShape shape = GW_SHAPE_UNKNOWN;

  *dtype = type != NULL ? gw_onnx_dtype (type->elem_type) : GW_DTYPE_INVALID;
  if (type == NULL || type->shape == NULL || type->shape->n_dim > GW_MAX_RANK)
    return shape;
  shape.rank = (int) type->shape->n_dim;
  for (size_t i = 0; i < type->shape->n_dim; i++)
    {
      const Gw__OnnxDimension *dimension = type->shape->dim[i];

      shape.dims[i] = dimension->dim_value > 0 && *dimension->dim_param == '\0' ? dimension->dim_value : -1;
    }
  return shape;
}

static void
add_input (GwOnnx                  *onnx,
           const Gw__OnnxValueInfo *info)
{
  GwDType dtype;
  GwShape shape = shape_of (info, &dtype);
  g_autofree char *name = NULL;
  Gw__NodeDef *def;

  if (g_hash_table_contains (onnx->values, info->name))
    return; /* weights are listed among the inputs up to version 3 of the format */
  if (dtype == GW_DTYPE_INVALID)
    {
      add_stranger (onnx, "ONNX>Input", info->name, "of a type that is not supported", -1, GW_DTYPE_INVALID);
      return;
    }
  name = gw_onnx_free_name (onnx, info->name);
  def = gw_onnx_new_node (onnx, "Placeholder", name, 0, 2);
  gw_onnx_set_dtype (onnx, def, "dtype", dtype);
  gw_onnx_set_shape (onnx, def, "shape", &shape);
  gw_onnx_new_value (onnx, info->name, shape.rank, dtype)->text = g_strdup (name);
}

/* ---- Constant ---- */

static GwTensor *
tensor_of_list (GwDType     dtype,
                size_t      n,
                const void *values,
                gboolean    is_vector)
{
  int64_t size = (int64_t) n;
  GwShape shape = gw_shape_from_dims (is_vector ? 1 : 0, &size);

  return gw_tensor_new_copy (dtype, &shape, values, NULL);
}

/* NULL: it says its value in a way that is not known here (sparse, text). */
static GwTensor *
constant_of (const GwOnnxStep *step)
{
  const Gw__OnnxAttribute *attribute;

  if ((attribute = gw_onnx_attribute (step, "value")) != NULL && attribute->t != NULL)
    return gw_onnx_tensor (attribute->t, step->onnx->folder, NULL);
  if ((attribute = gw_onnx_attribute (step, "value_float")) != NULL)
    return tensor_of_list (GW_FLOAT32, 1, &attribute->f, FALSE);
  if ((attribute = gw_onnx_attribute (step, "value_int")) != NULL)
    return tensor_of_list (GW_INT64, 1, &attribute->i, FALSE);
  if ((attribute = gw_onnx_attribute (step, "value_floats")) != NULL)
    return tensor_of_list (GW_FLOAT32, attribute->n_floats, attribute->floats, TRUE);
  if ((attribute = gw_onnx_attribute (step, "value_ints")) != NULL)
    return tensor_of_list (GW_INT64, attribute->n_ints, attribute->ints, TRUE);
  return NULL;
}

/* FALSE: it is no constant, or one that has to be kept as it is. */
static gboolean
take_constant (GwOnnxStep *step)
{
  GwTensor *tensor = NULL;

  if (!g_str_equal (step->node->op_type, "Constant") || !is_standard (step->node->domain) || step->node->n_output == 0)
    return FALSE;
  tensor = constant_of (step);
  if (tensor != NULL)
    add_constant (step->onnx, step->node->output[0], tensor);
  return tensor != NULL;
}

/* ---- nodes ---- */

/* FALSE: nobody has a rule for it, or the rule says no. */
static gboolean
apply (GwOnnxStep *step)
{
  const GwOnnxOperator *const tables[] = {
    gw_onnx_maths, gw_onnx_arrays, gw_onnx_indices, gw_onnx_pictures, gw_onnx_layers, gw_onnx_recurrent,
  };

  for (size_t i = 0; is_standard (step->node->domain) && i < G_N_ELEMENTS (tables); i++)
    for (const GwOnnxOperator *own = tables[i]; own->name != NULL; own++)
      if (g_str_equal (own->name, step->node->op_type))
        return own->rule (step, own->op);
  return FALSE;
}

static gboolean
has_inputs (const GwOnnxStep *step,
            GError          **error)
{
  for (size_t i = 0; i < step->node->n_input; i++)
    if (*step->node->input[i] != '\0' && gw_onnx_value (step, i) == NULL)
      return gw_invalid (error, "%s “%s” reads “%s”, which nothing before it gives", step->node->op_type, step->name,
                         step->node->input[i]);
  return TRUE;
}

static const char *
title_of (const Gw__OnnxNode *node)
{
  return *node->name != '\0'                                  ? node->name
         : node->n_output > 0 && *node->output[0] != '\0' ? node->output[0]
                                                              : node->op_type;
}

static gboolean
add_node (GwOnnx              *onnx,
          const Gw__OnnxNode  *node,
          GError             **error)
{
  GwOnnxStep step = { .onnx = onnx, .node = node };
  g_autofree char *name = NULL;

  if (take_constant (&step))
    return TRUE;
  step.name = name = gw_onnx_free_name (onnx, title_of (node));
  if (!has_inputs (&step, error))
    return FALSE;
  if (!apply (&step))
    keep_operator (&step);
  return TRUE;
}

/* What a rule could not tell of an output, the model often does. */
static void
apply_info (GwOnnx                  *onnx,
            const Gw__OnnxNode      *node,
            GHashTable              *infos)
{
  for (size_t i = 0; i < node->n_output; i++)
    {
      GwOnnxValue *value = g_hash_table_lookup (onnx->values, node->output[i]);
      const Gw__OnnxValueInfo *info = g_hash_table_lookup (infos, node->output[i]);
      GwDType dtype = GW_DTYPE_INVALID;
      GwShape shape = info != NULL ? shape_of (info, &dtype) : GW_SHAPE_UNKNOWN;

      if (value != NULL && value->rank < 0)
        value->rank = shape.rank;
      if (value != NULL && value->dtype == GW_DTYPE_INVALID)
        value->dtype = dtype;
    }
}

/* An identity of the output's name, unless the node that gives it is called so. */
static void
add_output (GwOnnx                  *onnx,
            const Gw__OnnxValueInfo *info)
{
  Gw__OnnxNode node = GW__ONNX_NODE__INIT;
  GwOnnxStep step = { .onnx = onnx, .node = &node };
  char *names[] = { info->name };
  g_autofree char *name = NULL;
  const char *text;

  node.n_input = 1;
  node.input = names;
  text = gw_onnx_input (&step, 0);
  if (text == NULL || g_str_equal (text, info->name))
    return;
  step.name = name = gw_onnx_free_name (onnx, info->name);
  gw_onnx_emit (&step, "Identity", NULL, 1, &text);
}

/* ---- the model ---- */

static void
note_reads (GwOnnx              *onnx,
            const Gw__OnnxGraph *graph)
{
  for (size_t i = 0; i < graph->n_node; i++)
    for (size_t k = 0; k < graph->node[i]->n_input; k++)
      if (*graph->node[i]->input[k] != '\0')
        g_hash_table_add (onnx->read, graph->node[i]->input[k]);
  for (size_t i = 0; i < graph->n_output; i++)
    g_hash_table_add (onnx->read, graph->output[i]->name);
}

static gboolean
add_graph (GwOnnx               *onnx,
           const Gw__OnnxGraph  *graph,
           GError              **error)
{
  g_autoptr (GHashTable) infos = g_hash_table_new (g_str_hash, g_str_equal);

  note_reads (onnx, graph);
  for (size_t i = 0; i < graph->n_value_info; i++)
    g_hash_table_insert (infos, graph->value_info[i]->name, graph->value_info[i]);
  for (size_t i = 0; i < graph->n_output; i++)
    g_hash_table_insert (infos, graph->output[i]->name, graph->output[i]);
  for (size_t i = 0; i < graph->n_initializer; i++)
    if (!add_tensor (onnx, graph->initializer[i]->name, graph->initializer[i], error))
      return FALSE;
  for (size_t i = 0; i < graph->n_input; i++)
    add_input (onnx, graph->input[i]);
  for (size_t i = 0; i < graph->n_node; i++)
    {
      if (!add_node (onnx, graph->node[i], error))
        return FALSE;
      apply_info (onnx, graph->node[i], infos);
    }
  for (size_t i = 0; i < graph->n_output; i++)
    add_output (onnx, graph->output[i]);
  return TRUE;
}

static int64_t
opset_of (const Gw__OnnxModel *model)
{
  for (size_t i = 0; i < model->n_opset_import; i++)
    if (is_standard (model->opset_import[i]->domain))
      return model->opset_import[i]->version;
  return 1;
}

static GBytes *
pack (const GwOnnx  *onnx,
      const char    *name,
      GError       **error)
{
  Gw__GraphDef graph = GW__GRAPH_DEF__INIT;

  graph.n_node = onnx->nodes->len;
  graph.node = (Gw__NodeDef **) onnx->nodes->pdata;
  return gw_proto_pack (&graph.base, name, error);
}

GBytes *
gw_onnx_to_graph_def (GBytes      *model,
                      const char  *folder,
                      const char  *name,
                      GError     **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, value_free);
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) read = g_hash_table_new (g_str_hash, g_str_equal);
  const Gw__OnnxModel *message =
    gw_proto_unpack (arena, &gw__onnx_model__descriptor, g_bytes_get_data (model, NULL), g_bytes_get_size (model), name, error);
  GwOnnx onnx = { .arena = arena, .nodes = nodes, .keep = keep, .values = values, .taken = taken, .read = read,
                  .folder = folder };
  GBytes *graph = NULL;

  if (message == NULL)
    return NULL;
  if (message->graph == NULL || message->graph->n_node == 0)
    {
      g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND, "%s holds no graph of ONNX's", name);
      return NULL;
    }
  onnx.opset = opset_of (message);
  if (!add_graph (&onnx, message->graph, error))
    g_prefix_error (error, "%s: ", name);
  else if (onnx.error != NULL)
    g_propagate_prefixed_error (error, g_steal_pointer (&onnx.error), "%s: ", name);
  else
    graph = pack (&onnx, name, error);
  g_clear_error (&onnx.error);
  return graph;
}
