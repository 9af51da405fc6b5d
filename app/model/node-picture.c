/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/node-picture.h"

#include <string.h>

#define POINTS 161
#define MOST_DRAWN (1 << 20)   /* elements of a variable whose initial value is drawn for a picture */
#define STEPS_WITHOUT_END 1000 /* of a schedule that names no number of steps */

void
gw_node_sketch_free (GwNodeSketch *sketch)
{
  if (sketch == NULL)
    return;
  gw_document_unref (sketch->document);
  g_free (sketch->title);
  g_free (sketch->fetch);
  g_free (sketch->feed);
  g_free (sketch->key);
  g_free (sketch);
}

void
gw_node_picture_free (GwNodePicture *picture)
{
  if (picture == NULL)
    return;
  gw_tensor_unref (picture->x);
  gw_tensor_unref (picture->y);
  g_free (picture);
}

/* ---- the small graph ---- */

static int64_t
add (GwDocument *document,
     const char *op)
{
  int64_t id;
  g_autoptr (GwEdit) edit = gw_edit_add_node (document, gw_registry_find (op), 0, 0, &id);

  gw_document_apply (document, edit);
  return id;
}

static void
set (GwDocument *document,
     int64_t     node,
     const char *name,
     const char *text)
{
  g_autoptr (GwEdit) edit = gw_edit_set_attr (document, node, name, text, NULL);

  if (edit != NULL)
    gw_document_apply (document, edit);
}

static void
wire (GwDocument *document,
      int64_t     from,
      int64_t     to,
      const char *port)
{
  g_autoptr (GwEdit) edit = gw_edit_new ("Wire");
  GwItem *item = gw_edit_take (edit, document, to);

  gw_doc_node_set_input (&item->node, port, 0, from, 0, NULL);
  gw_edit_put (edit, document, item);
  gw_document_apply (document, edit);
}

/* A placeholder of `shape`, called x, wired to the first input of `node`. */
static void
feed_by_x (GwDocument *document,
           int64_t     node,
           const char *port,
           const char *shape)
{
  int64_t x = add (document, "Placeholder");

  set (document, x, "name", "x");
  set (document, x, "shape", shape);
  wire (document, x, node, port);
}

static void
copy_attrs (GwDocument      *document,
            int64_t          to,
            const GwDocNode *node)
{
  for (guint i = 0; i < node->attrs->len; i++)
    {
      const GwNamedAttr *attr = &g_array_index (node->attrs, GwNamedAttr, i);
      g_autofree char *text = gw_attr_to_string (&attr->value);

      set (document, to, attr->name, text);
    }
}

/* Takes the document and the title. */
static GwNodeSketch *
finish (GwDocument *document,
        char       *title,
        const char *fetch,
        const char *feed,
        double      from,
        double      to)
{
  GwNodeSketch *sketch = g_new0 (GwNodeSketch, 1);
  g_autofree char *json = gw_document_to_json (document);

  *sketch = (GwNodeSketch) { title, document, g_strdup (fetch), g_strdup (feed), from, to, NULL };
  sketch->key = g_strdup_printf ("%s\n%s", title, json);
  return sketch;
}

static char *
attr_text (const GwDocNode *node,
           const char      *name)
{
  GwAttrValue value;
  char *text;

  if (!gw_doc_node_attr (node, name, &value))
    return NULL;
  text = gw_attr_to_string (&value);
  gw_attr_value_clear (&value);
  return text;
}

/* ---- kinds ---- */

/* Twice the steps that the schedule takes, so that what follows is seen. */
static double
steps_of (const GwDocNode *node)
{
  static const char *const names[] = { "decay_steps", "first_decay_steps", NULL };
  g_autofree char *boundaries = attr_text (node, "boundaries");
  double steps = 0;

  for (int i = 0; names[i] != NULL; i++)
    {
      g_autofree char *text = attr_text (node, names[i]);

      if (text != NULL)
        steps = MAX (steps, g_ascii_strtod (text, NULL));
    }
  for (char *c = boundaries; c != NULL && *c != '\0'; c++)
    if (g_ascii_isdigit (*c))
      steps = MAX (steps, g_ascii_strtod (c, &c));
  return steps > 0 ? 2 * steps : STEPS_WITHOUT_END;
}

static GwNodeSketch *
sketch_schedule (const GwDocNode *node)
{
  GwDocument *document = gw_document_new ();
  int64_t id = add (document, node->op);

  copy_attrs (document, id, node);
  set (document, id, "name", "schedule");
  return finish (document, g_strdup ("Learning rate over steps"), "schedule", "global_step", 0, steps_of (node));
}

/* A layer's: a dense one of one unit that only passes x on does it. */
static GwNodeSketch *
sketch_activation (const char *activation)
{
  GwDocument *document = gw_document_new ();
  int64_t dense = add (document, "Dense");

  set (document, dense, "name", "y");
  set (document, dense, "units", "1");
  set (document, dense, "kernel_initializer", "ones");
  set (document, dense, "use_bias", "false");
  set (document, dense, "activation", activation);
  feed_by_x (document, dense, "inputs", "[?, 1]");
  return finish (document, g_strdup (activation), "y", "x", -4, 4);
}

static GwNodeSketch *
sketch_function (const GwDocNode *node,
                 const GwOpDef   *op)
{
  GwDocument *document = gw_document_new ();
  int64_t id = add (document, node->op);

  copy_attrs (document, id, node);
  set (document, id, "name", "y");
  feed_by_x (document, id, op->inputs[0].name, "[?, 1]");
  return finish (document, g_strdup (op->title), "y", "x", -4, 4);
}

static GwNodeSketch *
sketch_initializer (const GwLiveVariable *variable,
                    const char           *initializer)
{
  const char *slash = strrchr (variable->name, '/');
  g_autofree char *shape = gw_shape_to_string (&variable->shape);
  GwDocument *document;
  int64_t id;

  if (gw_shape_elements (&variable->shape) < 2 || gw_shape_elements (&variable->shape) > MOST_DRAWN ||
      (variable->dtype != GW_FLOAT32 && variable->dtype != GW_FLOAT64))
    return NULL;
  document = gw_document_new ();
  id = add (document, "VariableV2");
  set (document, id, "name", "drawn");
  set (document, id, "dtype", gw_dtype_name (variable->dtype));
  set (document, id, "shape", shape);
  set (document, id, "_initializer", initializer);
  return finish (document, g_strdup_printf ("%s as drawn: %s", slash != NULL ? slash + 1 : variable->name, initializer),
                 "drawn", NULL, 0, 0);
}

/* The initializer of the node's first variable that has one: "kernel_initializer" of
 * "hidden1/kernel", "_initializer" of a variable itself. */
static GwNodeSketch *
find_initializer (GwLive          *live,
                  const GwDocNode *node,
                  int64_t          id)
{
  const GPtrArray *variables = gw_live_variables (live);

  for (guint i = 0; i < variables->len; i++)
    {
      const GwLiveVariable *variable = g_ptr_array_index (variables, i);
      const char *slash = strrchr (variable->name, '/');
      g_autofree char *name = g_strdup_printf ("%s_initializer", slash != NULL ? slash + 1 : variable->name);
      g_autofree char *text = NULL;
      GwNodeSketch *sketch;

      if (variable->node != id)
        continue;
      text = attr_text (node, name);
      if (text == NULL)
        text = attr_text (node, "_initializer");
      sketch = text != NULL ? sketch_initializer (variable, text) : NULL;
      if (sketch != NULL)
        return sketch;
    }
  return NULL;
}

static gboolean
is_function (const GwOpDef *op)
{
  return strcmp (op->category, "neural/Activations") == 0 && gw_ports_length (op->inputs) == 1 &&
         strstr (op->name, "Softmax") == NULL;
}

GwNodeSketch *
gw_node_sketch_new (const GwDocument *document,
                    GwLive           *live,
                    int64_t           id)
{
  const GwDocNode *node = gw_document_node (document, id);
  const GwOpDef *op = node != NULL ? gw_registry_find (node->op) : NULL;
  g_autofree char *activation = op != NULL ? attr_text (node, "activation") : NULL;

  if (op == NULL)
    return NULL;
  if (strcmp (op->category, "training/Schedules") == 0)
    return sketch_schedule (node);
  if (is_function (op))
    return sketch_function (node, op);
  if (activation != NULL && strcmp (activation, "linear") != 0 && strcmp (activation, "softmax") != 0 &&
      gw_attr_defs_find (gw_registry_find ("Dense")->attrs, "activation") >= 0)
    return sketch_activation (activation);
  return find_initializer (live, node, id);
}

/* ---- computing it ---- */

typedef struct {
  GwLowered *lowered;
  GwSession *session;
} Bench;

static gboolean
initialize (const Bench *bench,
            GError     **error)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();

  for (guint i = 0; i < bench->lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (bench->lowered->variables, i);

      if (variable->initializer != NULL)
        g_ptr_array_add (targets, variable->initializer);
    }
  return targets->len == 0 || gw_session_run (bench->session, bench->lowered->graph, 0, NULL, 0, NULL,
                                              (int) targets->len, (GwNode *const *) targets->pdata, NULL, NULL, error);
}

static GwOutput
find_feed (const Bench *bench,
           const char  *name)
{
  for (guint i = 0; i < bench->lowered->variables->len; i++)
    {
      const GwLoweredVariable *variable = g_ptr_array_index (bench->lowered->variables, i);

      if (strcmp (variable->name, name) == 0)
        return variable->read;
    }
  for (guint i = 0; i < bench->lowered->inputs->len; i++)
    {
      const GwLoweredInput *input = g_ptr_array_index (bench->lowered->inputs, i);

      if (strcmp (input->name, name) == 0)
        return input->output;
    }
  return GW_NO_OUTPUT;
}

/* y of one x: the feed is a scalar or [1, 1], by what it goes to. */
static gboolean
run_point (const Bench *bench,
           GwOutput     fetch,
           GwOutput     feed,
           double       x,
           double      *y,
           GError     **error)
{
  GwShape shape = gw_output_shape (feed)->rank == 2 ? GW_SHAPE (1, 1) : GW_SHAPE_SCALAR;
  g_autoptr (GwTensor) plain = gw_tensor_new (GW_FLOAT64, &shape, error);
  g_autoptr (GwTensor) fed = NULL, result = NULL;

  if (plain == NULL)
    return FALSE;
  *GW_TENSOR_DATA (plain, double) = x;
  fed = gw_tensor_cast (plain, gw_output_dtype (feed), error);
  if (fed == NULL)
    return FALSE;
  result = gw_session_fetch (bench->session, bench->lowered->graph, 1, &(GwFeed) { feed, fed }, fetch, error);
  if (result != NULL && result->elements > 0)
    *y = gw_tensor_get_double (result, 0);
  return result != NULL;
}

static gboolean
draw_curve (const Bench        *bench,
            const GwNodeSketch *sketch,
            GwOutput            fetch,
            GwNodePicture      *picture,
            GError            **error)
{
  GwOutput feed = find_feed (bench, sketch->feed);
  GwShape shape = GW_SHAPE (POINTS);

  if (feed.node == NULL)
    return gw_invalid (error, "the picture has no input %s", sketch->feed);
  picture->x = gw_tensor_new (GW_FLOAT64, &shape, error);
  picture->y = picture->x != NULL ? gw_tensor_new (GW_FLOAT64, &shape, error) : NULL;
  for (int i = 0; picture->y != NULL && i < POINTS; i++)
    {
      double x = sketch->from + (sketch->to - sketch->from) * i / (POINTS - 1);

      if (gw_output_dtype (feed) == GW_INT64)
        x = (double) (int64_t) x;
      GW_TENSOR_DATA (picture->x, double)[i] = x;
      if (!run_point (bench, fetch, feed, x, &GW_TENSOR_DATA (picture->y, double)[i], error))
        return FALSE;
    }
  return picture->y != NULL;
}

GwNodePicture *
gw_node_sketch_draw (const GwNodeSketch *sketch,
                     GError            **error)
{
  g_autoptr (GwNodePicture) picture = g_new0 (GwNodePicture, 1);
  g_autoptr (GwLowered) lowered = gw_lower (sketch->document, &(GwLowerOptions) { GW_MODE_TRAIN, FALSE, 1 });
  g_autoptr (GwSession) session = gw_session_new (1);
  Bench bench = { lowered, session };
  GwOutput fetch = GW_NO_OUTPUT;
  gboolean ok = gw_lowered_check (lowered, sketch->document, NULL, 0, error) &&
                gw_lowered_find (lowered, sketch->document, sketch->fetch, &fetch, error) && initialize (&bench, error);

  if (ok && sketch->feed != NULL)
    ok = draw_curve (&bench, sketch, fetch, picture, error);
  else if (ok)
    ok = (picture->y = gw_session_fetch (session, lowered->graph, 0, NULL, fetch, error)) != NULL;
  return ok ? g_steal_pointer (&picture) : NULL;
}
