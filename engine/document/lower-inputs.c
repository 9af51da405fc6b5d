/* SPDX-License-Identifier: Apache-2.0 */
/* What stands at the inputs of a node: wires to what is lowered already, literals, and
 * what is missing. */
#include "engine/document/lower-private.h"

#include "engine/base/error.h"
#include "engine/document/averages.h"
#include "engine/graph/registry.h"
#include "engine/tensor/text.h"

/* One input of the node. */
typedef struct {
  const GwPortDef  *port;
  int               index;  /* within a list port */
  const GwDocInput *input;  /* or NULL */
  GwOutput          value;  /* node == NULL: a literal that is still to be made */
} Slot;

typedef struct {
  GwLowering      *lowering;
  const GwDocNode *node;
  const GwOpDef   *def;
  GArray          *slots;   /* of Slot */
  gboolean         ok;
} Gather;

/* ---- problems ---- */

static GwProblem *
report (Gather          *gather,
        const Slot      *slot,
        GError          *error)
{
  gather->ok = FALSE;
  return gw_lowering_problem (gather->lowering, gather->lowering->current, slot->port->name, error);
}

static GwFix *
offer (Gather     *gather,
       const Slot *slot,
       GwProblem  *problem,
       GwFixKind   kind,
       const char *text,
       int64_t     other,
       char       *label)
{
  GwFix *fix = gw_problem_add_fix (problem, kind, gather->lowering->current, slot->port->name, text, other, label);

  fix->index = slot->index;
  return fix;
}

/* “b”, “inputs[2]” */
static char *
slot_label (const Slot *slot)
{
  return slot->port->number_attr == NULL ? g_strdup (slot->port->name)
                                         : g_strdup_printf ("%s[%d]", slot->port->name, slot->index);
}

static void
report_missing (Gather     *gather,
                const Slot *slot)
{
  g_autofree char *label = slot_label (slot);
  GwProblem *problem = report (gather, slot, g_error_new (GW_ERROR, GW_ERROR_INVALID_ARGUMENT,
                                                          "nothing is wired to %s", label));

  problem->is_gap = TRUE;
  if (!slot->port->is_ref)
    offer (gather, slot, problem, GW_FIX_SET_INPUT, "0", 0, g_strdup_printf ("Set %s to 0", label));
}

static void
report_dangling (Gather     *gather,
                 const Slot *slot)
{
  g_autofree char *label = slot_label (slot);
  GwProblem *problem = report (gather, slot, g_error_new (GW_ERROR, GW_ERROR_NOT_FOUND,
                                                          "%s is wired to node %" G_GINT64_FORMAT
                                                          ", which does not exist", label, slot->input->from));

  problem->is_gap = TRUE;
  offer (gather, slot, problem, GW_FIX_DISCONNECT, NULL, 0, g_strdup_printf ("Disconnect %s", label));
}

static void
report_output (Gather     *gather,
               const Slot *slot,
               int64_t     source,
               int         output)
{
  const GwDocNode *node = gw_document_node (gather->lowering->document, source);
  int n = gw_lowered_n_outputs (gather->lowering->lowered, source);
  g_autofree char *label = slot_label (slot);
  GwProblem *problem = report (gather, slot,
                               g_error_new (GW_ERROR, GW_ERROR_OUT_OF_RANGE,
                                            "%s is wired to output %d of %s, which only has %d output%s",
                                            label, output, node->name, n, n == 1 ? "" : "s"));

  if (n > 0)
    offer (gather, slot, problem, GW_FIX_CONNECT, NULL, source,
           g_strdup_printf ("Connect output 0 of %s", node->name));
  offer (gather, slot, problem, GW_FIX_DISCONNECT, NULL, 0, g_strdup_printf ("Disconnect %s", label));
}

static void
report_no_variable (Gather     *gather,
                    const Slot *slot)
{
  report (gather, slot, g_error_new (GW_ERROR, GW_ERROR_NOT_FOUND,
                                     "%s names the variable “%s”, and no node is called so",
                                     slot->port->name, slot->input->literal));
}

/* ---- wires ---- */

/* The value at one input; none yet for a literal. */
static void
gather_slot (Gather *gather,
             Slot   *slot)
{
  GwLowered *lowered = gather->lowering->lowered;
  int output = 0;
  int64_t source = slot->input != NULL
                     ? gw_lowering_source (gather->lowering->document, gather->def, slot->input, &output) : 0;

  if (source != 0)
    {
      slot->value = gw_lowered_output (lowered, source, output);
      if (g_hash_table_contains (lowered->outputs, GSIZE_TO_POINTER ((gsize) source)) &&
          output >= gw_lowered_n_outputs (lowered, source))
        report_output (gather, slot, source, output);
      if (slot->value.node != NULL && !slot->port->is_ref && g_str_equal (slot->value.node->def->name, "VariableV2"))
        slot->value = gw_averaged_value (gather->lowering, slot->value);
      gather->ok = gather->ok && slot->value.node != NULL; /* else the fault is before it */
    }
  else if (slot->input != NULL && slot->input->from != 0)
    report_dangling (gather, slot);
  else if (slot->input != NULL && slot->port->is_ref)
    report_no_variable (gather, slot);
  else if (slot->input == NULL && slot->port->literal == NULL)
    report_missing (gather, slot);
}

/* All that stands at one port. Of a list with gaps the first one is reported. */
static void
gather_port (Gather          *gather,
             const GwPortDef *port)
{
  int count = gw_doc_node_port_size (gather->node, port);
  Slot none = { port };

  if (count == 0 && port->literal == NULL)
    report_missing (gather, &none);
  for (int i = 0; i < count; i++)
    {
      Slot slot = { port, i, gw_doc_node_input (gather->node, port->name, i) };

      gather_slot (gather, &slot);
      g_array_append_val (gather->slots, slot);
      if (slot.input == NULL && count > 1 && port->literal == NULL)
        return;
    }
}

/* ---- literals ---- */

static gboolean
allows (const GwAttrDef *def,
        GwDType          dtype)
{
  return def->choices == NULL || g_strv_contains (def->choices, gw_dtype_name (dtype));
}

/* The type that a literal at `slot` should have: the port's own, that of the attribute
 * when it is set, or that of another input that shares the attribute (and may have it). */
static GwDType
literal_dtype (const Gather *gather,
               const Slot   *slot)
{
  const GwPortDef *port = slot->port;
  int attr = gw_attr_defs_find (gather->def->attrs, port->type);
  const GwAttrValue *set = attr >= 0 ? gw_named_attrs_get (gather->node->attrs, port->type) : NULL;

  if (attr < 0)
    return gw_dtype_from_name (port->type);
  if (gather->def->attrs[attr].type == GW_ATTR_DTYPES) /* each of the list has its own */
    return set != NULL && set->type == GW_ATTR_DTYPES && slot->index < set->list.n
             ? set->list.dtypes[slot->index] : GW_DTYPE_INVALID;
  if (set != NULL && set->type == GW_ATTR_DTYPE)
    return set->dtype;
  for (guint i = 0; i < gather->slots->len; i++)
    {
      const Slot *other = &g_array_index (gather->slots, Slot, i);

      if (other->value.node != NULL && g_str_equal (other->port->type, port->type) &&
          allows (&gather->def->attrs[attr], gw_output_dtype (other->value)))
        return gw_output_dtype (other->value);
    }
  return gather->def->attrs[attr].def != NULL ? gw_dtype_from_name (gather->def->attrs[attr].def) : GW_DTYPE_INVALID;
}

static void
make_literal (Gather *gather,
              Slot   *slot)
{
  const char *text = slot->input != NULL ? slot->input->literal : slot->port->literal;
  GError *error = NULL;
  GwTensor *tensor = gw_tensor_parse (text, literal_dtype (gather, slot), &GW_SHAPE_UNKNOWN, &error);
  g_autofree char *name = g_strdup_printf ("%s/%s", gather->node->name, slot->port->name);
  GwNode *constant;

  if (tensor == NULL)
    {
      report (gather, slot, error);
      return;
    }
  constant = gw_node_new (&gather->lowering->builder, "Const", name, GW_NO_IN,
                          GW_WITH ({ "dtype", gw_attr_dtype (tensor->dtype) },
                                   { "value", gw_attr_tensor (tensor) }));
  gw_tensor_unref (tensor);
  slot->value = gw_output_of (constant, 0);
  gather->ok = constant != NULL;
}

/* A gap in a list that may have them. */
static gboolean
is_left_out (const Slot *slot)
{
  return slot->input == NULL && slot->port->literal != NULL && *slot->port->literal == '\0';
}

/* Once the types of the wired inputs are known. */
static void
make_literals (Gather *gather)
{
  for (guint i = 0; i < gather->slots->len && gather->ok; i++)
    {
      Slot *slot = &g_array_index (gather->slots, Slot, i);

      if (slot->value.node == NULL && !is_left_out (slot))
        make_literal (gather, slot);
    }
}

/* ---- the whole ---- */

GwOutput *
gw_lowering_gather (GwLowering    *lowering,
                    int64_t        id,
                    const GwOpDef *def,
                    int           *n)
{
  g_autoptr (GArray) slots = g_array_new (FALSE, FALSE, sizeof (Slot));
  Gather gather = { lowering, gw_lowering_doc_node (lowering, id), def, slots, TRUE };
  GwOutput *inputs;

  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    gather_port (&gather, port);
  make_literals (&gather);
  if (!gather.ok)
    return NULL;
  *n = (int) slots->len;
  inputs = g_new (GwOutput, MAX (slots->len, 1));
  for (guint i = 0; i < slots->len; i++)
    inputs[i] = g_array_index (slots, Slot, i).value;
  return inputs;
}

GwOutput
gw_lowering_first_input (GwLowering    *lowering,
                         int64_t        id,
                         const GwOpDef *def)
{
  g_autoptr (GArray) slots = g_array_new (FALSE, FALSE, sizeof (Slot));
  const GwDocNode *node = gw_lowering_doc_node (lowering, id);
  Gather gather = { lowering, node, def, slots, TRUE };

  if (gw_ports_length (def->inputs) == 0)
    {
      gw_lowering_problem (lowering, id, NULL,
                           g_error_new (GW_ERROR, GW_ERROR_INVALID_ARGUMENT,
                                        "%s has no input that could stand in for its output", def->name));
      return GW_NO_OUTPUT;
    }
  {
    Slot slot = { def->inputs, 0, gw_doc_node_input (node, def->inputs[0].name, 0) };

    gather_slot (&gather, &slot);
    g_array_append_val (slots, slot);
  }
  make_literals (&gather);
  return gather.ok ? g_array_index (slots, Slot, 0).value : GW_NO_OUTPUT;
}

/* ---- types of composites ---- */

/* An input that shares the type attribute `attr` with that at place `i` and stands before
 * it: its place, or -1; *port gets its port. */
static int
find_sharer (const GwOpDef    *def,
             const int        *sizes,
             const GwOutput   *inputs,
             const char       *attr,
             int               i,
             const GwPortDef **port)
{
  int place = 0;

  for (*port = def->inputs; (*port)->name != NULL; (*port)++)
    for (int k = 0; k < sizes[*port - def->inputs]; k++, place++)
      {
        if (place >= i)
          return -1;
        if (inputs[place].node != NULL && g_str_equal ((*port)->type, attr))
          return place;
      }
  return -1;
}

static gboolean
check_type (const GwOpDef   *def,
            const int       *sizes,
            const GwOutput  *inputs,
            const GwPortDef *port,
            int              i,
            GError         **error)
{
  const char *name = gw_dtype_name (gw_output_dtype (inputs[i]));
  int attr = gw_attr_defs_find (def->attrs, port->type);
  const GwPortDef *other;
  g_autofree char *list = NULL;
  int sharer;

  if (attr < 0 && !g_str_equal (port->type, name))
    return gw_invalid (error, "%s: %s must be %s, and is %s", def->name, port->name, port->type, name);
  if (attr >= 0 && !allows (&def->attrs[attr], gw_output_dtype (inputs[i])))
    {
      list = g_strjoinv (", ", (char **) def->attrs[attr].choices);
      return gw_invalid (error, "%s: %s cannot be %s, only %s", def->name, port->name, name, list);
    }
  sharer = attr >= 0 ? find_sharer (def, sizes, inputs, port->type, i, &other) : -1;
  if (sharer >= 0 && gw_output_dtype (inputs[sharer]) != gw_output_dtype (inputs[i]))
    return gw_invalid (error, "%s: %s is %s and %s is %s, and both must be of one type", def->name,
                       port->name, name, other->name, gw_dtype_name (gw_output_dtype (inputs[sharer])));
  return TRUE;
}

gboolean
gw_lowering_check_types (const GwOpDef  *def,
                         const int      *sizes,
                         const GwOutput *inputs,
                         GError        **error)
{
  int i = 0;

  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    for (int k = 0; k < sizes[port - def->inputs]; k++, i++)
      if (inputs[i].node != NULL && !check_type (def, sizes, inputs, port, i, error))
        return FALSE;
  return TRUE;
}
