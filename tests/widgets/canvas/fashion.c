/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/widgets/canvas/fashion.h"

#include <math.h>

#define F32 GW_CANVAS_ELEMENT_FLOAT32
#define I32 GW_CANVAS_ELEMENT_INT32

typedef struct
{
  guint64 id;
  const char *name, *op;
  GwCanvasCategory category;
  double x, y;
  const char *attribute;
  guint64 scope;
} NodeDef;

static const NodeDef nodes[] = {
  { FASHION_IMAGE, "image", "Placeholder", GW_CANVAS_CATEGORY_INPUTS, 24, 48, "column: pixels", 0 },
  { FASHION_HIDDEN1, "hidden1", "Dense", GW_CANVAS_CATEGORY_LAYERS, 200, 48, "500 units · relu", 0 },
  { FASHION_DROP1, "drop1", "Dropout", GW_CANVAS_CATEGORY_LAYERS, 400, 48, NULL, 0 },
  { FASHION_HIDDEN2, "hidden2", "Dense", GW_CANVAS_CATEGORY_LAYERS, 576, 48, "100 units · relu", 0 },
  { FASHION_DROP2, "drop2", "Dropout", GW_CANVAS_CATEGORY_LAYERS, 776, 48, NULL, 0 },
  { FASHION_KEEP_PROB, "keep_prob", "Placeholder", GW_CANVAS_CATEGORY_INPUTS, 216, 182,
    "train 0.75, test 1", 0 },
  { FASHION_LOGITS, "logits", "Dense", GW_CANVAS_CATEGORY_LAYERS, 32, 308, "10 units · linear", 0 },
  { FASHION_LABEL, "label", "Placeholder", GW_CANVAS_CATEGORY_INPUTS, 32, 436, "column: label", 0 },
  { FASHION_XENT, "xent", "SparseSoftmaxCrossEntropyWithLogits", GW_CANVAS_CATEGORY_LOSSES, 256,
    308, NULL, 0 },
  { FASHION_LOSS, "loss", "Mean", GW_CANVAS_CATEGORY_MATHS, 568, 308, "over axis 0", 0 },
  { FASHION_TRAIN, "train", "Minimize", GW_CANVAS_CATEGORY_TRAINING, 760, 308, "Adam · rate 0.001",
    0 },
  { FASHION_ACCURACY, "accuracy", "Accuracy", GW_CANVAS_CATEGORY_LOSSES, 568, 440, NULL, 0 },
  { FASHION_STEPS, "steps_seen", "AssignAdd", GW_CANVAS_CATEGORY_VARIABLES, 776, 464, NULL, 0 },
  { FASHION_W, "W", "VariableV2", GW_CANVAS_CATEGORY_VARIABLES, 48, 580, "glorot_uniform",
    FASHION_PROBE },
  { FASHION_MATMUL, "MatMul", "MatMul", GW_CANVAS_CATEGORY_MATHS, 264, 580, NULL, FASHION_PROBE },
  { FASHION_ADD, "Add", "Add", GW_CANVAS_CATEGORY_MATHS, 424, 580, NULL, FASHION_PROBE },
};

typedef struct
{
  guint64 node;
  gboolean is_output;
  const char *name;
  GwCanvasElement element;
  const char *shape, *literal;
  gboolean is_ref, connected;
} PortDef;

static const PortDef ports[] = {
  { FASHION_IMAGE, TRUE, "output", F32, "?×784", NULL, FALSE, TRUE },
  { FASHION_HIDDEN1, FALSE, "inputs", F32, "?×784", NULL, FALSE, TRUE },
  { FASHION_HIDDEN1, TRUE, "outputs", F32, "?×500", NULL, FALSE, TRUE },
  { FASHION_DROP1, FALSE, "x", F32, "?×500", NULL, FALSE, TRUE },
  { FASHION_DROP1, FALSE, "keep_prob", F32, "scalar", NULL, FALSE, TRUE },
  { FASHION_DROP1, TRUE, "y", F32, "?×500", NULL, FALSE, TRUE },
  { FASHION_HIDDEN2, FALSE, "inputs", F32, "?×500", NULL, FALSE, TRUE },
  { FASHION_HIDDEN2, TRUE, "outputs", F32, "?×100", NULL, FALSE, TRUE },
  { FASHION_DROP2, FALSE, "x", F32, "?×100", NULL, FALSE, TRUE },
  { FASHION_DROP2, FALSE, "keep_prob", F32, "scalar", NULL, FALSE, TRUE },
  { FASHION_DROP2, TRUE, "y", F32, "?×100", NULL, FALSE, TRUE },
  { FASHION_KEEP_PROB, TRUE, "output", F32, "scalar", NULL, FALSE, TRUE },
  { FASHION_LOGITS, FALSE, "inputs", F32, "?×100", NULL, FALSE, TRUE },
  { FASHION_LOGITS, TRUE, "outputs", F32, "?×10", NULL, FALSE, TRUE },
  { FASHION_LABEL, TRUE, "output", I32, "[?]", NULL, FALSE, TRUE },
  { FASHION_XENT, FALSE, "features", F32, "?×10", NULL, FALSE, TRUE },
  { FASHION_XENT, FALSE, "labels", I32, "[?]", NULL, FALSE, TRUE },
  { FASHION_XENT, TRUE, "loss", F32, "[?]", NULL, FALSE, TRUE },
  { FASHION_LOSS, FALSE, "input", F32, "[?]", NULL, FALSE, TRUE },
  { FASHION_LOSS, TRUE, "output", F32, "scalar", NULL, FALSE, TRUE },
  { FASHION_TRAIN, FALSE, "loss", F32, "scalar", NULL, FALSE, TRUE },
  { FASHION_ACCURACY, FALSE, "predictions", F32, "?×10", NULL, FALSE, TRUE },
  { FASHION_ACCURACY, FALSE, "labels", I32, "[?]", NULL, FALSE, TRUE },
  { FASHION_ACCURACY, TRUE, "output", F32, "scalar", NULL, FALSE, FALSE },
  { FASHION_STEPS, FALSE, "ref", I32, "scalar", "steps", TRUE, FALSE },
  { FASHION_STEPS, FALSE, "value", I32, "scalar", "1", FALSE, FALSE },
  { FASHION_STEPS, TRUE, "output_ref", I32, "scalar", NULL, TRUE, FALSE },
  { FASHION_W, TRUE, "ref", F32, "100×2", NULL, TRUE, TRUE },
  { FASHION_MATMUL, FALSE, "a", F32, "?×10", NULL, FALSE, TRUE },
  { FASHION_MATMUL, FALSE, "b", F32, "100×2", NULL, FALSE, TRUE },
  { FASHION_MATMUL, TRUE, "product", F32, "any", NULL, FALSE, TRUE },
  { FASHION_ADD, FALSE, "x", F32, "any", NULL, FALSE, TRUE },
  { FASHION_ADD, FALSE, "y", F32, "scalar", "0.1", FALSE, FALSE },
  { FASHION_ADD, TRUE, "z", F32, "any", NULL, FALSE, FALSE },
  { FASHION_DOT1, FALSE, "", F32, NULL, NULL, FALSE, TRUE },
  { FASHION_DOT1, TRUE, "", F32, NULL, NULL, FALSE, TRUE },
  { FASHION_DOT2, FALSE, "", F32, NULL, NULL, FALSE, TRUE },
  { FASHION_DOT2, TRUE, "", F32, NULL, NULL, FALSE, TRUE },
};

typedef struct
{
  guint64 from;
  int output;
  guint64 to;
  int input;
  GwCanvasElement element;
  const char *shape;
  double n_elements;
} WireDef;

static const WireDef wires[] = {
  { FASHION_IMAGE, 0, FASHION_HIDDEN1, 0, F32, "?×784", 78400 },
  { FASHION_HIDDEN1, 0, FASHION_DROP1, 0, F32, "?×500", 50000 },
  { FASHION_DROP1, 0, FASHION_HIDDEN2, 0, F32, "?×500", 50000 },
  { FASHION_HIDDEN2, 0, FASHION_DROP2, 0, F32, "?×100", 10000 },
  { FASHION_KEEP_PROB, 0, FASHION_DROP1, 1, F32, "scalar", 1 },
  { FASHION_KEEP_PROB, 0, FASHION_DOT1, 0, F32, "scalar", 1 },
  { FASHION_DOT1, 0, FASHION_DROP2, 1, F32, NULL, 1 },
  { FASHION_DROP2, 0, FASHION_LOGITS, 0, F32, "?×100", 10000 },
  { FASHION_LOGITS, 0, FASHION_XENT, 0, F32, "?×10", 1000 },
  { FASHION_LABEL, 0, FASHION_XENT, 1, I32, "[?]", 100 },
  { FASHION_LOGITS, 0, FASHION_DOT2, 0, F32, "?×10", 1000 },
  { FASHION_DOT2, 0, FASHION_ACCURACY, 0, F32, "?×10", 1000 },
  { FASHION_DOT2, 0, FASHION_MATMUL, 0, F32, "?×10", 1000 },
  { FASHION_LABEL, 0, FASHION_ACCURACY, 1, I32, "[?]", 100 },
  { FASHION_XENT, 0, FASHION_LOSS, 0, F32, "[?]", 100 },
  { FASHION_LOSS, 0, FASHION_TRAIN, 0, F32, "scalar", 1 },
  { FASHION_W, 0, FASHION_MATMUL, 1, F32, "100×2", 200 },
  { FASHION_MATMUL, 0, FASHION_ADD, 0, F32, "any", 1 },
  { FASHION_TRAIN, GW_SCENE_CONTROL_PORT, FASHION_STEPS, GW_SCENE_CONTROL_PORT,
    GW_CANVAS_ELEMENT_UNKNOWN, NULL, 1 },
};

#define CONFLICT_WIRE (FASHION_FIRST_WIRE + 12)
#define REFERENCE_WIRE (FASHION_FIRST_WIRE + 16)
#define CONTROL_WIRE (FASHION_FIRST_WIRE + 18)

static void
add_dot (GwScene *scene,
         guint64  id,
         double   x,
         double   y)
{
  GwSceneNode *node = gw_scene_node_new (id, "", "", GW_CANVAS_CATEGORY_MATHS);

  node->flags = GW_SCENE_NODE_REROUTE;
  node->x = x - 4.5;
  node->y = y - 4.5;
  gw_scene_add_node (scene, node);
}

static void
add_nodes (GwScene *scene)
{
  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      GwSceneNode *node = gw_scene_node_new (nodes[i].id, nodes[i].name, nodes[i].op,
                                             nodes[i].category);

      node->x = nodes[i].x;
      node->y = nodes[i].y;
      node->scope = nodes[i].scope;
      if (nodes[i].attribute != NULL)
        node->attributes = g_strsplit (nodes[i].attribute, "\n", -1);
      gw_scene_add_node (scene, node);
    }
  add_dot (scene, FASHION_DOT1, 728, 228);
  add_dot (scene, FASHION_DOT2, 232, 444);
}

static void
add_ports (GwScene *scene)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      GwSceneNode *node = gw_scene_get_node (scene, ports[i].node);
      GwScenePort *port = ports[i].is_output
                              ? gw_scene_node_add_output (node, ports[i].name, ports[i].element,
                                                          ports[i].shape)
                              : gw_scene_node_add_input (node, ports[i].name, ports[i].element,
                                                         ports[i].shape);

      gw_scene_set_string (&port->literal, ports[i].literal);
      port->is_ref = ports[i].is_ref;
      port->connected = ports[i].connected;
    }
}

static void
add_wires (GwScene *scene)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wires); i++)
    {
      GwSceneWire *wire = gw_scene_wire_new (FASHION_FIRST_WIRE + i, wires[i].from,
                                             wires[i].output, wires[i].to, wires[i].input);

      wire->element = wires[i].element;
      wire->n_elements = wires[i].n_elements;
      gw_scene_set_string (&wire->shape, wires[i].shape);
      gw_scene_set_string (&wire->dtype, gw_canvas_element_name (wires[i].element));
      gw_scene_add_wire (scene, wire);
    }
  gw_scene_set_string (&gw_scene_get_wire (scene, CONFLICT_WIRE)->conflict, "10 ≠ 100");
  gw_scene_get_wire (scene, REFERENCE_WIRE)->kind = GW_SCENE_WIRE_REFERENCE;
  gw_scene_get_wire (scene, CONTROL_WIRE)->kind = GW_SCENE_WIRE_CONTROL;
}

/* A curve that goes down and jitters the same way each time. */
static void
add_live (GwScene    *scene,
          guint64     id,
          const char *value,
          double      negative,
          double      positive)
{
  GwSceneNode *node = gw_scene_get_node (scene, id);
  GwSceneLive *live = gw_scene_node_ensure_live (node);
  guint seed = id * 2654435761u;

  gw_scene_set_string (&live->value, value);
  live->n_samples = 30;
  live->samples = g_new (float, live->n_samples);
  for (guint i = 0; i < live->n_samples; i++)
    {
      seed = seed * 1664525u + 1013904223u;
      live->samples[i] = exp (-(double) i / 12) + 0.6 * (seed >> 8) / (double) (1 << 24);
    }
  live->has_health = negative + positive > 0;
  live->health[2] = negative;
  live->health[4] = positive;
}

static void
make_running (GwScene *scene)
{
  static const guint64 glowing[] = { 0, 1, 2, 4 };
  GwSceneLive *live;

  add_live (scene, FASHION_IMAGE, "μ 0.286", 0.5, 0.5);
  add_live (scene, FASHION_HIDDEN1, "μ 0.31", 0.55, 0.45);
  add_live (scene, FASHION_DROP1, "μ 0.31", 0.6, 0.4);
  add_live (scene, FASHION_HIDDEN2, "μ 0.54", 0.4, 0.6);
  add_live (scene, FASHION_DROP2, "μ 0.53", 0.5, 0.5);
  add_live (scene, FASHION_LOGITS, "μ −1.24", 0.64, 0.36);
  add_live (scene, FASHION_XENT, "μ 0.42", 0, 1);
  add_live (scene, FASHION_LOSS, "0.412", 0, 0);
  add_live (scene, FASHION_TRAIN, "Δw/w 9e−4", 0, 0);
  live = gw_scene_node_ensure_live (gw_scene_get_node (scene, FASHION_ACCURACY));
  gw_scene_set_string (&live->value, "86.9 %");
  gw_scene_set_string (&live->detail, "step 1,000");
  live->stale = TRUE;
  live = gw_scene_node_ensure_live (gw_scene_get_node (scene, FASHION_STEPS));
  gw_scene_set_string (&live->value, "1,240");
  gw_scene_get_node (scene, FASHION_HIDDEN2)->flags |= GW_SCENE_NODE_RUNNING;
  for (gsize i = 0; i < G_N_ELEMENTS (glowing); i++)
    gw_scene_get_wire (scene, FASHION_FIRST_WIRE + glowing[i])->flags |= GW_SCENE_WIRE_RUNNING;
  gw_scene_get_wire (scene, FASHION_FIRST_WIRE + 3)->flags |= GW_SCENE_WIRE_BREAKPOINT;
  gw_scene_set_string (&gw_scene_get_wire (scene, FASHION_FIRST_WIRE + 3)->condition,
                       "any NaN or inf");
  for (guint64 id = FASHION_W; id <= FASHION_ADD; id++)
    gw_scene_get_node (scene, id)->flags |= GW_SCENE_NODE_NOT_NEEDED;
  gw_scene_get_wire (scene, REFERENCE_WIRE)->flags |= GW_SCENE_WIRE_NOT_NEEDED;
  gw_scene_get_wire (scene, FASHION_FIRST_WIRE + 17)->flags |= GW_SCENE_WIRE_NOT_NEEDED;
  gw_scene_set_string (&gw_scene_get_frame (scene, FASHION_PROBE)->hint, "not needed by this run");
}

GwScene *
fashion_scene_new (gboolean running)
{
  static const char *const fixes[] = { "Make W 10×2", "Connect hidden2 to a", NULL };
  GwScene *scene = gw_scene_new ();
  GwSceneFrame *probe = gw_scene_frame_new (FASHION_PROBE, GW_SCENE_FRAME_SCOPE, "probe");

  probe->x = 24;
  probe->y = 536;
  probe->width = 528;
  probe->height = 194;
  gw_scene_set_string (&probe->detail, "3 ops · name scope");
  gw_scene_set_string (&probe->hint, "Enter opens it alone");
  gw_scene_add_frame (scene, probe);
  add_nodes (scene);
  add_ports (scene);
  add_wires (scene);
  gw_scene_node_set_problem (gw_scene_get_node (scene, FASHION_MATMUL),
                             "a is ?×10 and b is 100×2: the inner sizes 10 and 100 differ.", fixes);
  gw_scene_get_node (scene, FASHION_MATMUL)->inputs[0].problem = TRUE;
  gw_scene_get_node (scene, FASHION_TRAIN)->flags |= GW_SCENE_NODE_CONTROL_OUT;
  gw_scene_get_node (scene, FASHION_STEPS)->flags |= GW_SCENE_NODE_CONTROL_IN;
  if (running)
    make_running (scene);
  return scene;
}

GwScene *
large_scene_new (guint n)
{
  GwScene *scene = gw_scene_new ();
  guint64 wire_id = (guint64) n + 1;
  guint seed = 1;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("layer%u/node%u", i / 25, i % 25);
      GwSceneNode *node = gw_scene_node_new (i + 1, name, i % 3 == 0 ? "MatMul" : "BiasAdd",
                                             i / 25 % GW_CANVAS_N_CATEGORIES);

      node->x = i / 25 * 240;
      node->y = i % 25 * 144;
      gw_scene_node_add_input (node, "a", F32, "?×100")->connected = TRUE;
      gw_scene_node_add_input (node, "b", F32, "100×100")->connected = TRUE;
      gw_scene_node_add_output (node, "product", F32, "?×100")->connected = TRUE;
      gw_scene_add_node (scene, node);
    }
  for (guint i = 0; i < n; i++)
    for (int input = 0; input < 2; input++)
      {
        guint from;

        seed = seed * 1664525u + 1013904223u;
        if (input == 1 && (seed >> 10) % 2 == 0)
          continue;
        from = (seed >> 12) % 50 == 0 ? MIN (i + 30, n - 1) : i - MIN (i, 20 + (seed >> 20) % 12);
        if (from == i)
          continue;
        gw_scene_add_wire (scene, gw_scene_wire_new (wire_id, from + 1, 0, i + 1, input));
        gw_scene_get_wire (scene, wire_id)->element = F32;
        gw_scene_get_wire (scene, wire_id)->n_elements = 100 * (1 + i % 1000);
        gw_scene_set_string (&gw_scene_get_wire (scene, wire_id)->shape, "?×100");
        wire_id++;
      }
  return scene;
}
