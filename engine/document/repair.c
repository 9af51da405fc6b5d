/* SPDX-License-Identifier: Apache-2.0 */
/* Repairs for a node that refuses its inputs: every likely change of one input (another
 * size of the layer or variable before it, a Cast, ExpandDims, Transpose or Reshape in
 * between) is tried on the op's own rules, and those that they accept are offered. */
#include "engine/document/lower-private.h"
#include "engine/graph/registry.h"
#include "engine/graph/shape-rules.h"

#include <string.h>

#define MOST_FIXES 5
#define MOST_TRIALS 64
#define MOST_SIZES 8
/* Shape-preserving nodes that are looked through for the layer that sets a size. */
#define MOST_STEPS 16

/* One input of the node. */
typedef struct {
  const GwPortDef *port;
  int              index;   /* within a list port */
  int64_t          source;  /* document node wired to it, or 0 */
  GwOutputFacts    facts;   /* dtype GW_DTYPE_INVALID = left out */
} RepairInput;

typedef struct {
  GwLowering      *lowering;
  GwProblem       *problem;
  const GwDocNode *node;
  const GwOpDef   *def;
  RepairInput     *inputs;
  int              n;
  int              trials;
} Repair;

static RepairInput *
make_inputs (const Repair   *repair,
             const GwOutput *outputs)
{
  RepairInput *inputs = g_new0 (RepairInput, MAX (repair->n, 1));
  int place = 0;

  for (const GwPortDef *port = repair->def->inputs; port != NULL && port->name != NULL; port++)
    for (int k = 0; k < gw_doc_node_port_size (repair->node, port) && place < repair->n; k++, place++)
      {
        const GwDocInput *wire = gw_doc_node_input (repair->node, port->name, k);

        inputs[place].port = port;
        inputs[place].index = k;
        inputs[place].source = wire != NULL ? wire->from : 0;
        inputs[place].facts.dtype = GW_DTYPE_INVALID;
        if (outputs[place].node != NULL)
          gw_output_facts_init (&inputs[place].facts, outputs[place]);
      }
  return inputs;
}

static void
free_inputs (RepairInput *inputs,
             int          n)
{
  for (int i = 0; i < n; i++)
    gw_output_facts_clear (&inputs[i].facts);
  g_free (inputs);
}

/* Whether the node would take a plain tensor of that type and shape at input `i`. */
static gboolean
takes (Repair  *repair,
       int      i,
       GwDType  dtype,
       GwShape  shape)
{
  g_autofree GwOutputFacts *facts = g_new0 (GwOutputFacts, repair->n);

  if (repair->trials++ >= MOST_TRIALS)
    return FALSE;
  for (int k = 0; k < repair->n; k++)
    facts[k] = repair->inputs[k].facts;
  facts[i] = (GwOutputFacts) { .dtype = dtype, .shape = shape };
  return gw_lowering_accepts (repair->lowering, repair->node, repair->def, repair->n, facts);
}

static gboolean
is_full (const Repair *repair)
{
  return repair->problem->fixes->len >= MOST_FIXES || repair->trials >= MOST_TRIALS;
}

/* Something may stand between the input and its wire. */
static gboolean
can_insert (const RepairInput *input)
{
  return input->source != 0 && !input->port->is_ref && !input->facts.is_handle &&
         input->facts.dtype != GW_DTYPE_INVALID;
}

static char *
input_label (const RepairInput *input)
{
  return input->port->number_attr == NULL ? g_strdup (input->port->name)
                                          : g_strdup_printf ("%s[%d]", input->port->name, input->index);
}

static void
note_place (Repair            *repair,
            const RepairInput *input)
{
  if (repair->problem->port == NULL)
    repair->problem->port = g_strdup (input->port->name);
}

/* Takes `label`. */
static void
offer_node (Repair            *repair,
            const RepairInput *input,
            const char        *op,
            const char        *attr,
            const char        *value,
            char              *label)
{
  GwFix *fix = gw_problem_add_fix (repair->problem, GW_FIX_INSERT, repair->lowering->current, input->port->name, op, 0,
                                   label);

  fix->index = input->index;
  fix->attr = g_strdup (attr);
  fix->value = g_strdup (value);
  note_place (repair, input);
}

/* ---- sizes of what stands before ---- */

/* The known sizes of the other inputs, each once. */
static int
other_sizes (const Repair *repair,
             int           i,
             int64_t       sizes[MOST_SIZES])
{
  int n = 0;

  for (int k = 0; k < repair->n; k++)
    for (int axis = repair->inputs[k].facts.shape.rank - 1; k != i && axis >= 0 && n < MOST_SIZES; axis--)
      {
        int64_t size = repair->inputs[k].facts.shape.dims[axis];
        gboolean fresh = size > 0;

        for (int j = 0; j < n; j++)
          fresh = fresh && sizes[j] != size;
        if (fresh)
          sizes[n++] = size;
      }
  return n;
}

/* The attribute that sets the last dimension of the op's output, or NULL. */
static const char *
width_attr (const GwOpDef *def)
{
  static const char *const names[] = { "units", "filters", "num_units" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      int attr = gw_attr_defs_find (def->attrs, names[i]);

      if (attr >= 0 && def->attrs[attr].type == GW_ATTR_INT)
        return names[i];
    }
  return NULL;
}

/* The layer that sets the width of what comes out of `source`, seen through activations
 * and the like; 0 = none. */
static int64_t
find_layer (const Repair  *repair,
            int64_t        source,
            const char   **attr)
{
  for (int step = 0; step < MOST_STEPS && source != 0; step++)
    {
      const GwDocNode *node = gw_document_node (repair->lowering->document, source);
      const GwOpDef *def = node != NULL ? gw_registry_find (node->op) : NULL;
      const GwDocInput *input;

      if (def == NULL)
        return 0;
      *attr = width_attr (def);
      if (*attr != NULL)
        return source;
      if (def->shape != gw_shape_rule_same && def->shape != gw_shape_rule_merge && !g_str_equal (def->name, "Dropout"))
        return 0;
      input = gw_doc_node_input (node, def->inputs[0].name, 0);
      source = input != NULL ? input->from : 0;
    }
  return 0;
}

static void
offer_width (Repair *repair,
             int     i)
{
  const RepairInput *input = &repair->inputs[i];
  GwShape shape = input->facts.shape;
  const char *attr;
  int64_t layer = find_layer (repair, input->source, &attr);
  int64_t sizes[MOST_SIZES];
  int n = other_sizes (repair, i, sizes);

  if (layer == 0 || shape.rank < 1)
    return;
  for (int k = 0; k < n && !is_full (repair); k++)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, sizes[k]);

      shape.dims[shape.rank - 1] = sizes[k];
      if (!takes (repair, i, input->facts.dtype, shape))
        continue;
      gw_problem_add_fix (repair->problem, GW_FIX_SET_ATTR, layer, attr, text, 0,
                          g_strdup_printf ("Give %s %s %s", gw_document_node (repair->lowering->document, layer)->name,
                                           text, attr));
      note_place (repair, input);
      return;
    }
}

static void
offer_variable_shape (Repair *repair,
                      int     i)
{
  const RepairInput *input = &repair->inputs[i];
  const GwDocNode *source = gw_document_node (repair->lowering->document, input->source);
  int64_t sizes[MOST_SIZES];
  int n = other_sizes (repair, i, sizes);

  if (source == NULL || !g_str_equal (source->op, "VariableV2"))
    return;
  for (int axis = 0; axis < input->facts.shape.rank; axis++)
    for (int k = 0; k < n && !is_full (repair); k++)
      {
        GwShape shape = input->facts.shape;
        g_autofree char *text = NULL;
        g_autofree char *label = NULL;

        shape.dims[axis] = sizes[k];
        if (!takes (repair, i, input->facts.dtype, shape))
          continue;
        text = gw_shape_to_string (&shape);
        label = gw_shape_to_label (&shape);
        gw_problem_add_fix (repair->problem, GW_FIX_SET_ATTR, input->source, "shape", text, 0,
                            g_strdup_printf ("Make %s %s", source->name, label));
        note_place (repair, input);
        return;
      }
}

/* ---- something in between ---- */

static void
offer_cast (Repair *repair,
            int     i)
{
  const RepairInput *input = &repair->inputs[i];
  GwDType wanted[MOST_SIZES] = { GW_FLOAT32, GW_INT32, GW_INT64, GW_BOOL };
  int n = 4;

  for (guint k = 0; k < repair->problem->fixes->len; k++)
    if (g_strcmp0 (((GwFix *) g_ptr_array_index (repair->problem->fixes, k))->text, "Cast") == 0)
      return; /* the other way round loses digits */
  if (!can_insert (input) || input->facts.dtype == GW_STRING)
    return;
  for (int k = 0; k < repair->n && n < MOST_SIZES; k++)
    if (k != i && repair->inputs[k].facts.dtype != GW_DTYPE_INVALID)
      wanted[n++] = repair->inputs[k].facts.dtype;
  for (int k = 0; k < n && !is_full (repair); k++)
    {
      GwDType dtype = wanted[n - 1 - k]; /* what is there already first */
      g_autofree char *name = NULL;

      if (dtype == input->facts.dtype || dtype == GW_STRING || !takes (repair, i, dtype, input->facts.shape))
        continue;
      name = input_label (input);
      offer_node (repair, input, "Cast", "DstT", gw_dtype_name (dtype),
                  g_strdup_printf ("Cast %s to %s", name, gw_dtype_name (dtype)));
      return;
    }
}

/* Whether an input has fewer axes than another one (or is alone). */
static gboolean
is_low (const Repair *repair,
        int           i)
{
  gboolean alone = TRUE;

  for (int k = 0; k < repair->n; k++)
    {
      if (k == i || repair->inputs[k].source == 0)
        continue;
      if (repair->inputs[k].facts.shape.rank > repair->inputs[i].facts.shape.rank)
        return TRUE;
      alone = FALSE;
    }
  return alone;
}

static void
offer_expand (Repair *repair,
              int     i)
{
  const RepairInput *input = &repair->inputs[i];
  const GwShape *shape = &input->facts.shape;

  if (!can_insert (input) || shape->rank < 0 || shape->rank >= GW_MAX_RANK || !is_low (repair, i))
    return;
  for (int k = 0; k < 2 && !is_full (repair); k++)
    {
      int axis = k == 0 ? shape->rank : 0; /* behind, else in front */
      GwShape fresh = *shape;
      g_autofree char *name = NULL;
      g_autofree char *text = NULL;
      g_autofree char *label = NULL;

      memmove (fresh.dims + axis + 1, fresh.dims + axis, sizeof *fresh.dims * (gsize) (shape->rank - axis));
      fresh.dims[axis] = 1;
      fresh.rank++;
      if (!takes (repair, i, input->facts.dtype, fresh))
        continue;
      name = input_label (input);
      text = g_strdup_printf ("%d", axis);
      label = gw_shape_to_label (&fresh);
      offer_node (repair, input, "ExpandDims", "axis", text, g_strdup_printf ("Expand %s to %s", name, label));
      return;
    }
}

static void
offer_transpose (Repair *repair,
                 int     i)
{
  static const struct { int rank; int axes[4]; const char *text; } orders[] = {
    { 2, { 1, 0 }, "[1,0]" }, { 3, { 0, 2, 1 }, "[0,2,1]" },
    { 4, { 0, 2, 3, 1 }, "[0,2,3,1]" }, { 4, { 0, 3, 1, 2 }, "[0,3,1,2]" },
  };
  const RepairInput *input = &repair->inputs[i];
  const GwShape *shape = &input->facts.shape;

  if (!can_insert (input))
    return;
  for (guint k = 0; k < G_N_ELEMENTS (orders) && !is_full (repair); k++)
    {
      GwShape fresh = *shape;
      g_autofree char *name = NULL;
      g_autofree char *label = NULL;

      if (orders[k].rank != shape->rank)
        continue;
      for (int axis = 0; axis < shape->rank; axis++)
        fresh.dims[axis] = shape->dims[orders[k].axes[axis]];
      if (gw_shape_equal (&fresh, shape) || !takes (repair, i, input->facts.dtype, fresh))
        continue;
      name = input_label (input);
      label = gw_shape_to_label (&fresh);
      offer_node (repair, input, "Transpose", "perm", orders[k].text,
                  g_strdup_printf ("Transpose %s to %s", name, label));
      return;
    }
}

/* "[-1,784]": at most one size may be unknown. */
static char *
reshape_text (const GwShape *shape)
{
  GString *text = g_string_new ("[");

  for (int axis = 0; axis < shape->rank; axis++)
    g_string_append_printf (text, axis > 0 ? ",%" G_GINT64_FORMAT : "%" G_GINT64_FORMAT, shape->dims[axis]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static int
n_unknown (const GwShape *shape)
{
  int n = 0;

  for (int axis = 0; axis < shape->rank; axis++)
    n += shape->dims[axis] < 0;
  return n;
}

static gboolean
offer_reshape_to (Repair  *repair,
                  int      i,
                  GwShape  shape)
{
  const RepairInput *input = &repair->inputs[i];
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autofree char *label = NULL;

  if (gw_shape_equal (&shape, &input->facts.shape) || is_full (repair) ||
      !takes (repair, i, input->facts.dtype, shape))
    return FALSE;
  name = input_label (input);
  text = reshape_text (&shape);
  label = gw_shape_to_label (&shape);
  offer_node (repair, input, "Reshape", "shape", text, g_strdup_printf ("Reshape %s to %s", name, label));
  return TRUE;
}

/* One row an example, without sizes of 1, or as another input of as many elements. */
static void
offer_reshape (Repair *repair,
               int     i)
{
  const RepairInput *input = &repair->inputs[i];
  const GwShape *shape = &input->facts.shape;
  GwShape rest = GW_SHAPE_SCALAR, squeezed = GW_SHAPE_SCALAR;
  int64_t row;

  if (!can_insert (input) || shape->rank < 2)
    return;
  for (int axis = 1; axis < shape->rank; axis++)
    rest.dims[rest.rank++] = shape->dims[axis];
  for (int axis = 0; axis < shape->rank; axis++)
    if (shape->dims[axis] != 1)
      squeezed.dims[squeezed.rank++] = shape->dims[axis];
  row = gw_shape_elements (&rest);
  if (shape->rank > 2 && row > 0 && offer_reshape_to (repair, i, GW_SHAPE (shape->dims[0], row)))
    return;
  if (squeezed.rank > 0 && n_unknown (&squeezed) < 2 && offer_reshape_to (repair, i, squeezed))
    return;
  for (int k = 0; k < repair->n; k++)
    if (k != i && gw_shape_elements (shape) > 0 &&
        gw_shape_elements (&repair->inputs[k].facts.shape) == gw_shape_elements (shape) &&
        offer_reshape_to (repair, i, repair->inputs[k].facts.shape))
      return;
}

/* ---- the whole ---- */

/* “?×10 ≠ ?×100” on the wire, when there are two sides to compare. */
static void
tell_conflict (Repair *repair)
{
  const GwOutputFacts *a = &repair->inputs[0].facts;
  const GwOutputFacts *b = &repair->inputs[repair->n - 1].facts;
  g_autofree char *a_text = NULL;
  g_autofree char *b_text = NULL;

  if (repair->problem->conflict != NULL || repair->problem->fixes->len == 0 || repair->n != 2 ||
      a->shape.rank < 0 || b->shape.rank < 0 || gw_shape_equal (&a->shape, &b->shape))
    return;
  a_text = gw_shape_to_label (&a->shape);
  b_text = gw_shape_to_label (&b->shape);
  repair->problem->conflict = g_strdup_printf ("%s ≠ %s", a_text, b_text);
}

void
gw_problem_offer_repairs (GwLowering     *lowering,
                          GwProblem      *problem,
                          const GwOpDef  *def,
                          const GwOutput *outputs,
                          int             n)
{
  static void (*const offers[]) (Repair *repair, int i) = {
    offer_cast, offer_variable_shape, offer_width, offer_reshape, offer_transpose, offer_expand,
  };
  Repair repair = { lowering, problem, gw_lowering_doc_node (lowering, lowering->current), def, NULL, n, 0 };

  if (lowering->on_trial || n == 0 || problem->is_gap)
    return;
  repair.inputs = make_inputs (&repair, outputs);
  if (repair.inputs[n - 1].port != NULL) /* ports and inputs go side by side */
    for (guint k = 0; k < G_N_ELEMENTS (offers); k++)
      for (int i = n; i > 0 && !is_full (&repair); i--)
        offers[k] (&repair, i - 1);
  tell_conflict (&repair);
  free_inputs (repair.inputs, n);
}
