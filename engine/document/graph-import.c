/* SPDX-License-Identifier: Apache-2.0 */
/* GraphDef → document: nodes, wires, functions. */
#include "engine/document/graph-import-private.h"

#include "engine/base/error.h"
#include "engine/document/groups-private.h"
#include "engine/files/proto-arena.h"
#include "engine/graph/registry.h"

#include <string.h>

/* What inputs of ops that this program has not are called: “input[3]”. */
#define UNKNOWN_PORT "input"

void
gw_import_note (GwImport   *import,
                const char *format,
                ...)
{
  va_list args;

  if (import->notes == NULL)
    return;
  va_start (args, format);
  g_ptr_array_add (import->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
body_free (GwImportBody *body)
{
  for (guint i = 0; i < body->nodes->len; i++)
    {
      GwImportNode *node = g_ptr_array_index (body->nodes, i);

      gw_item_unref (node->item);
      g_free (node);
    }
  g_ptr_array_unref (body->nodes);
  g_hash_table_unref (body->names);
  g_hash_table_unref (body->by_id);
  g_free (body->prefix);
  g_free (body);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwImportBody, body_free)

static GwImportBody *
body_new (int64_t     owner,
          const char *name)
{
  GwImportBody *body = g_new0 (GwImportBody, 1);

  body->nodes = g_ptr_array_new ();
  body->names = g_hash_table_new (g_str_hash, g_str_equal);
  body->by_id = g_hash_table_new (NULL, NULL);
  body->owner = owner;
  body->prefix = name != NULL ? g_strconcat (name, "/", NULL) : g_strdup ("");
  return body;
}

/* ---- nodes ---- */

static gboolean
check_texts (const Gw__NodeDef *def,
             GError           **error)
{
  if (!gw_node_name_check (def->name, error))
    return FALSE;
  if (*def->op == '\0' || !g_utf8_validate (def->op, -1, NULL) || !g_utf8_validate (def->device, -1, NULL))
    return gw_invalid (error, "%s: its op or its device is no text", def->name);
  for (size_t i = 0; i < def->n_attr; i++)
    if (!g_utf8_validate (def->attr[i]->key, -1, NULL))
      return gw_invalid (error, "%s: the name of an attribute is no text", def->name);
  return TRUE;
}

/* "/job:worker/replica:0/task:0/device:CPU:0" → "/cpu:0"; others stay as they are. */
static char *
device_of (const char *device)
{
  g_autofree char *lower = g_ascii_strdown (device, -1);
  const char *type = strstr (lower, "cpu:");

  if (*device == '\0')
    return NULL;
  return type != NULL ? g_strdup_printf ("/%s", type) : g_strdup (device);
}

/* Of a node in a sub-graph: nobody else in the document has it. */
static char *
free_name (GwImport   *import,
           const char *prefix,
           const char *name)
{
  char *whole = g_strconcat (prefix, name, NULL);

  for (int i = 1; g_hash_table_contains (import->taken, whole); i++)
    {
      g_free (whole);
      whole = g_strdup_printf ("%s%s_%d", prefix, name, i);
    }
  g_hash_table_add (import->taken, g_strdup (whole));
  return whole;
}

/* `op` and `name` as they are in the document. */
static GwImportNode *
add_item (GwImport     *import,
          GwImportBody *body,
          const char   *op,
          const char   *name)
{
  GwImportNode *node = g_new0 (GwImportNode, 1);
  int64_t id = gw_document_new_id (import->document);

  node->op = gw_registry_find (op);
  node->item = gw_item_new (GW_ITEM_NODE, id);
  node->item->owner = body->owner;
  node->item->node.op = g_strdup (op);
  node->item->node.name = body->owner != 0 ? free_name (import, body->prefix, name) : g_strdup (name);
  g_ptr_array_add (body->nodes, node);
  g_hash_table_insert (body->by_id, GSIZE_TO_POINTER ((gsize) id), node);
  return node;
}

static gboolean
add_nodes (GwImport     *import,
           GwImportBody *body,
           Gw__NodeDef **defs,
           size_t        n,
           GError      **error)
{
  for (size_t i = 0; i < n; i++)
    {
      GwImportNode *node;

      if (!check_texts (defs[i], error))
        return FALSE;
      if (g_hash_table_contains (body->names, defs[i]->name))
        return gw_invalid (error, "two nodes are called “%s”", defs[i]->name);
      node = add_item (import, body, defs[i]->op, defs[i]->name);
      node->def = defs[i];
      node->item->node.device = device_of (defs[i]->device);
      g_hash_table_insert (body->names, defs[i]->name, node);
    }
  return TRUE;
}

/* ---- wires ---- */

/* Number of tensors at a port, as the file's attributes tell. */
static int64_t
port_size (const GwImportNode *node,
           const GwPortDef    *port)
{
  const Gw__AttrValue *number = port->number_attr != NULL ? gw_import_attr (node->def, port->number_attr) : NULL;
  const Gw__AttrValue *type = gw_import_attr (node->def, port->type);

  if (port->number_attr != NULL)
    return number != NULL && number->value_case == GW__ATTR_VALUE__VALUE_I ? CLAMP (number->i, 0, 65535) : 1;
  if (type != NULL && type->value_case == GW__ATTR_VALUE__VALUE_LIST)
    return (int64_t) MIN (type->list->n_type, 65535);
  return 1;
}

/* Place of output `place` of port `name` among all outputs of the node; -1 = it has no such
 * port. */
static int64_t
flat_output (const GwImportNode *node,
             const char         *name,
             int64_t             place)
{
  for (int i = 0; node->def != NULL && node->op != NULL && i < gw_ports_length (node->op->outputs); i++)
    {
      if (g_str_equal (node->op->outputs[i].name, name))
        return place;
      place += port_size (node, &node->op->outputs[i]);
    }
  return node->op == NULL || node->def == NULL ? place : -1;
}

/* "node", "node:1" and, in functions, "node:port:1". */
static gboolean
find_source (const GwImportBody *body,
             const char         *text,
             GwImportNode      **node,
             int                *output,
             GError            **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 3);
  guint n = g_strv_length (parts);
  char *end = NULL;
  int64_t place = n > 1 ? g_ascii_strtoll (parts[n - 1], &end, 10) : 0;

  *node = n > 0 ? g_hash_table_lookup (body->names, parts[0]) : NULL;
  if (*node == NULL)
    return gw_invalid (error, "there is no node “%s”", n > 0 ? parts[0] : "");
  if (n == 2 && end == parts[1])
    {
      end = NULL;
      place = flat_output (*node, parts[1], 0);
    }
  else if (n == 3 && place >= 0 && place <= 65535)
    place = flat_output (*node, parts[1], place);
  if ((end != NULL && *end != '\0') || place < 0 || place > 65535)
    return gw_invalid (error, "“%s” is no output", text);
  *output = (int) place;
  return TRUE;
}

static gboolean
add_control (const GwImportBody *body,
             GwImportNode       *node,
             const char         *name,
             GError            **error)
{
  GwImportNode *before = g_hash_table_lookup (body->names, name);

  if (before == NULL)
    return gw_invalid (error, "%s: it waits for “%s”, which is not there", node->def->name, name);
  g_array_append_val (node->item->node.controls, before->item->id);
  return TRUE;
}

static gboolean
add_wire (const GwImportBody *body,
          GwImportNode       *node,
          const char         *port,
          int                 index,
          const char         *text,
          GError            **error)
{
  GwImportNode *from;
  int output;

  if (!find_source (body, text, &from, &output, error))
    {
      g_prefix_error (error, "%s: ", node->def->name);
      return FALSE;
    }
  gw_doc_node_set_input (&node->item->node, port, index, from->item->id, output, NULL);
  return TRUE;
}

/* Inputs in the file are one list; ports take from it in order. */
static gboolean
add_wires (GwImport           *import,
           const GwImportBody *body,
           GwImportNode       *node,
           GError            **error)
{
  const Gw__NodeDef *def = node->def;
  int port = 0, n_ports = node->op != NULL ? gw_ports_length (node->op->inputs) : 0;
  int64_t index = 0, surplus = 0;

  for (size_t i = 0; i < def->n_input; i++)
    {
      if (*def->input[i] == '^')
        {
          if (!add_control (body, node, def->input[i] + 1, error))
            return FALSE;
          continue;
        }
      while (port < n_ports && index >= port_size (node, &node->op->inputs[port]))
        {
          port++;
          index = 0;
        }
      if (node->op != NULL && port == n_ports)
        surplus++;
      else if (index > 65535 || !add_wire (body, node, node->op != NULL ? node->op->inputs[port].name : UNKNOWN_PORT,
                                           (int) index++, def->input[i], error))
        return FALSE;
    }
  if (surplus > 0)
    gw_import_note (import, "%s: %" G_GINT64_FORMAT " of its inputs are left out: %s has no more ports", def->name, surplus,
                    def->op);
  return TRUE;
}

static gboolean
fill_nodes (GwImport     *import,
            GwImportBody *body,
            GError      **error)
{
  for (guint i = 0; i < body->nodes->len; i++)
    {
      GwImportNode *node = g_ptr_array_index (body->nodes, i);

      if (node->def == NULL)
        continue;
      if (!add_wires (import, body, node, error))
        return FALSE;
      gw_import_attrs (import, node);
      if (node->op == NULL)
        gw_import_note (import, "%s: there is no op “%s” here; it keeps what was set and cannot run", node->def->name,
                        node->def->op);
    }
  return TRUE;
}

static void
put_nodes (GwImport     *import,
           GwImportBody *body)
{
  for (guint i = 0; i < body->nodes->len; i++)
    {
      GwImportNode *node = g_ptr_array_index (body->nodes, i);

      if (!node->folded)
        gw_edit_put (import->edit, import->document, g_steal_pointer (&node->item));
    }
}

/* ---- functions ---- */

static gboolean
name_functions (GwImport                    *import,
                const Gw__FunctionDefLibrary *library,
                GError                     **error)
{
  for (size_t i = 0; i < library->n_function; i++)
    {
      const Gw__OpDef *signature = library->function[i]->signature;
      g_autofree char *name = NULL;
      int64_t id;

      if (signature == NULL || *signature->name == '\0' || !g_utf8_validate (signature->name, -1, NULL))
        return gw_invalid (error, "a function has no name");
      name = g_strcanon (g_strdup (signature->name), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-", '_');
      for (id = 0; name[id] != '\0' && !g_ascii_isalnum (name[id]); id++)
        ;
      id = gw_edit_add_definition (import->edit, import->document, GW_GROUP_FUNCTION, name[id] != '\0' ? name + id : "function");
      g_hash_table_insert (import->functions, signature->name, GSIZE_TO_POINTER ((gsize) id));
    }
  return TRUE;
}

static void
add_port (GwImportNode *node,
          GwDType       type,
          size_t        index)
{
  GwAttrValue dtype = gw_attr_dtype (type), number = gw_attr_int ((int64_t) index);

  if (type != GW_DTYPE_INVALID)
    gw_named_attrs_set (node->item->node.attrs, "T", &dtype);
  if (index > 0)
    gw_named_attrs_set (node->item->node.attrs, "index", &number);
}

/* Names of ports as the file has them, where no node is called so. */
static GwImportNode *
add_port_node (GwImport     *import,
               GwImportBody *body,
               const char   *op,
               const char   *kind,
               size_t        index)
{
  g_autofree char *name = g_strdup_printf ("%s%" G_GSIZE_FORMAT, kind, index);

  while (g_hash_table_contains (body->names, name))
    {
      char *longer = g_strconcat (name, "_", NULL);

      g_free (name);
      name = longer;
    }
  return add_item (import, body, op, name);
}

static gboolean
add_results (GwImport                *import,
             GwImportBody            *body,
             const Gw__FunctionDef   *function,
             GError                 **error)
{
  for (size_t i = 0; i < function->signature->n_output_arg; i++)
    {
      const char *name = function->signature->output_arg[i]->name, *text = NULL;
      GwImportNode *node = add_port_node (import, body, "_Retval", "result", i), *from;
      int output;

      for (size_t k = 0; k < function->n_ret; k++)
        if (g_str_equal (function->ret[k]->key, name))
          text = function->ret[k]->value;
      if (text == NULL)
        return gw_invalid (error, "function %s: nothing is said of its result “%s”", function->signature->name, name);
      if (!find_source (body, text, &from, &output, error))
        return FALSE;
      add_port (node, GW_DTYPE_INVALID, i);
      gw_doc_node_set_input (&node->item->node, "input", 0, from->item->id, output, NULL);
    }
  return TRUE;
}

static gboolean
add_function (GwImport              *import,
              const Gw__FunctionDef *function,
              GError               **error)
{
  int64_t id = (int64_t) GPOINTER_TO_SIZE (g_hash_table_lookup (import->functions, function->signature->name));
  g_autoptr (GwItem) group = gw_edit_take (import->edit, import->document, id);
  g_autoptr (GwImportBody) body = body_new (id, group->group.name);
  const Gw__OpDef *signature = function->signature;

  for (size_t i = 0; i < signature->n_input_arg; i++)
    {
      GwImportNode *node = add_port_node (import, body, "_Arg", "argument", i);
      int32_t type = signature->input_arg[i]->type;

      add_port (node, type > 0 && gw_dtype_from_name (gw_dtype_name ((GwDType) type)) == (GwDType) type ? (GwDType) type
                                                                                                  : GW_DTYPE_INVALID, i);
      g_hash_table_insert (body->names, signature->input_arg[i]->name, node);
    }
  if (!add_nodes (import, body, function->node_def, function->n_node_def, error) || !fill_nodes (import, body, error) ||
      !add_results (import, body, function, error))
    return FALSE;
  put_nodes (import, body);
  return TRUE;
}

static gboolean
add_library (GwImport                     *import,
             const Gw__FunctionDefLibrary *library,
             GError                      **error)
{
  if (library == NULL)
    return TRUE;
  if (!name_functions (import, library, error))
    return FALSE;
  for (size_t i = 0; i < library->n_function; i++)
    if (!add_function (import, library->function[i], error))
      {
        g_prefix_error (error, "function %s: ", library->function[i]->signature->name);
        return FALSE;
      }
  return TRUE;
}

/* ---- the document that it was made of ---- */

static gboolean
is_same_graph (const Gw__GraphDef *graph,
               const GwLowered    *lowered)
{
  int n = gw_graph_n_nodes (lowered->graph);

  if ((size_t) n != graph->n_node)
    return FALSE;
  for (int i = 0; i < n; i++)
    {
      const GwNode *node = gw_graph_node (lowered->graph, i);

      if (!g_str_equal (node->name, graph->node[i]->name) || !g_str_equal (node->def->name, graph->node[i]->op))
        return FALSE;
    }
  return TRUE;
}

/* NULL: it carries none, or has been changed since. */
static GwDocument *
carried_document (const Gw__GraphDef *graph)
{
  const Gw__AttrValue *carried = graph->n_node > 0 ? gw_import_attr (graph->node[0], GW_GRAPH_DOCUMENT_ATTR) : NULL;
  g_autoptr (GwDocument) document = NULL;

  if (carried == NULL || carried->value_case != GW__ATTR_VALUE__VALUE_S)
    return NULL;
  document = gw_document_from_json ((const char *) carried->s.data, carried->s.len, NULL);
  for (int mode = 0; document != NULL && mode <= GW_MODE_PREDICT; mode++)
    for (gboolean training = FALSE; training <= TRUE; training++)
      {
        g_autoptr (GwLowered) lowered = gw_lower (document, &(GwLowerOptions) { (GwMode) mode, training, -1 });

        if (is_same_graph (graph, lowered))
          return g_steal_pointer (&document);
      }
  return NULL;
}

/* ---- all ---- */

static gboolean
fill_document (GwImport           *import,
               const Gw__GraphDef *graph,
               GError            **error)
{
  g_autoptr (GwImportBody) body = body_new (0, NULL);

  for (size_t i = 0; i < graph->n_node; i++)
    g_hash_table_add (import->taken, g_strdup (graph->node[i]->name));
  if (!add_library (import, graph->library, error) || !add_nodes (import, body, graph->node, graph->n_node, error) ||
      !fill_nodes (import, body, error))
    return FALSE;
  gw_import_fold_variables (import, body);
  gw_import_scopes (import, body);
  put_nodes (import, body);
  gw_document_apply (import->document, import->edit);
  return gw_document_check_groups (import->document, error);
}

GwDocument *
gw_document_from_graph_def (const void *data,
                            size_t      size,
                            GPtrArray  *notes,
                            GError    **error)
{
  g_autoptr (GwProtoArena) arena = gw_proto_arena_new ();
  const Gw__GraphDef *graph = gw_proto_unpack (arena, &gw__graph_def__descriptor, data, size, "the graph", error);
  g_autoptr (GwDocument) document = graph != NULL ? carried_document (graph) : NULL;
  g_autoptr (GHashTable) functions = NULL, taken = NULL;
  g_autoptr (GwEdit) edit = NULL;
  GwImport import;

  if (graph == NULL || document != NULL)
    return g_steal_pointer (&document);
  if (graph->n_node == 0)
    {
      g_set_error_literal (error, GW_ERROR, GW_ERROR_NOT_FOUND, "the graph has no nodes");
      return NULL;
    }
  document = gw_document_new ();
  functions = g_hash_table_new (g_str_hash, g_str_equal);
  taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  edit = gw_edit_new ("");
  import = (GwImport) { document, edit, functions, taken, notes };
  return fill_document (&import, graph, error) ? g_steal_pointer (&document) : NULL;
}
