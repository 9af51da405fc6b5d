/* SPDX-License-Identifier: Apache-2.0 */
/* Widgets filled with the sample data. */
#include "tests/widgets/charts/sample-widgets.h"

#include "tests/widgets/charts/sample-data.h"

#define INPUTS "inputs", "Inputs", "#2190a4", "op-inputs-symbolic"
#define LAYERS "layers", "Layers", "#9141ac", "op-layers-symbolic"
#define MATHS "maths", "Maths and matrices", "#3574d4", "op-maths-symbolic"
#define RANDOM "random", "Random", "#986a44", "op-random-symbolic"

GListModel *
sample_ops (void)
{
  static const GwOpEntryInfo infos[] = {
    { "Placeholder", NULL, INPUTS, "float32", "A value fed from outside.", FALSE },
    { "Const", NULL, INPUTS, "float32", "A value that never changes.", FALSE },
    { "Dense", NULL, LAYERS, "float32", "A fully connected layer.", FALSE },
    { "ConvLayer", "Conv layer", LAYERS, "float32", "A convolution with bias.", FALSE },
    { "Dropout", NULL, LAYERS, "float32", "Drops values at random.", FALSE },
    { "MatMul", NULL, MATHS, "float32", "Product of two matrices.", FALSE },
    { "Add", NULL, MATHS, "float32", "x + y, element by element.", FALSE },
    { "Mean", NULL, MATHS, "float32", "Mean along axes.", FALSE },
    { "Max", NULL, MATHS, "float32", "Largest along axes.", FALSE },
    { "Equal", NULL, MATHS, "bool", "x = y, element by element.", FALSE },
    { "ArgMax", NULL, MATHS, "int64", "Index of the largest.", FALSE },
    { "RandomUniform", NULL, RANDOM, "float32", "Uniform numbers.", FALSE },
    { "_Recv", NULL, INPUTS, "float32", "Receives from another device.", TRUE },
  };
  GListStore *store = g_list_store_new (GW_TYPE_OP_ENTRY);

  for (guint i = 0; i < G_N_ELEMENTS (infos); i++)
    {
      g_autoptr (GwOpEntry) entry = gw_op_entry_new (&infos[i]);

      g_list_store_append (store, entry);
    }
  return G_LIST_MODEL (store);
}

void
sample_form (GwForm *form)
{
  static const char *const devices[] = { "Automatic", "CPU", "GPU", NULL };
  static const char *const activations[]
      = { "linear", "relu", "tanh", "sigmoid", "softmax", NULL };
  static const char *const paddings[] = { "SAME", "VALID", NULL };
  static const char *const types[] = { "float32", "float64", "int32", "bool", NULL };
  const GwFormField fields[] = {
    { .key = "name", .label = "Name", .group = "Node", .type = GW_FIELD_STRING,
      .value = "hidden1" },
    { .key = "device", .label = "Device", .type = GW_FIELD_CHOICE, .value = "Automatic",
      .default_value = "Automatic", .choices = devices },
    { .key = "units", .label = "Units", .group = "Layer", .type = GW_FIELD_INT, .value = "500",
      .default_value = "10", .hard_min = 1, .hard_max = 1e6, .help = "Outputs of the layer" },
    { .key = "activation", .label = "Activation", .type = GW_FIELD_CHOICE, .value = "relu",
      .default_value = "linear", .choices = activations },
    { .key = "padding", .label = "Padding", .type = GW_FIELD_CHOICE, .value = "SAME",
      .default_value = "SAME", .choices = paddings },
    { .key = "rate", .label = "Keep", .type = GW_FIELD_FLOAT, .value = "0.75",
      .default_value = "0.75", .hard_min = 0, .hard_max = 1, .soft_min = 0.1, .soft_max = 1 },
    { .key = "dtype", .label = "Type", .type = GW_FIELD_DTYPE, .value = "float32",
      .default_value = "float32", .choices = types },
    { .key = "shape", .label = "Shape", .type = GW_FIELD_SHAPE, .value = "?,28,28,1" },
    { .key = "strides", .label = "Strides", .type = GW_FIELD_INTS, .value = "1,1",
      .hard_min = 1, .hard_max = 64, .error = "Stride 1,1 needs 4 numbers here" },
    { .key = "seed", .label = "Seed", .type = GW_FIELD_SEED, .value = "42" },
    { .key = "path", .label = "File", .type = GW_FIELD_FILE, .value = "train.csv" },
    { .key = "bias", .label = "Use bias", .type = GW_FIELD_BOOL, .value = "true",
      .default_value = "true" },
    { .key = "in", .label = "inputs", .group = "Inferred shapes", .type = GW_FIELD_READONLY,
      .value = "?×784", .unit = "float32" },
    { .key = "out", .label = "outputs", .type = GW_FIELD_READONLY, .value = "?×500",
      .unit = "float32" },
  };

  gw_form_set_fields (form, fields, G_N_ELEMENTS (fields));
}

GtkWidget *
sample_chart_view (void)
{
  GtkWidget *view = gw_chart_view_new ();
  GwLineChart *line = gw_chart_view_get_line_chart (GW_CHART_VIEW (view));
  g_autoptr (GwSeries) adam = sample_loss (6000, 2.3, 0.21, 1);
  g_autoptr (GwSeries) sgd = sample_loss (6000, 2.35, 0.42, 2);

  gw_series_set_smoothing (adam, GW_SMOOTHING_EMA, 0.9);
  gw_series_set_smoothing (sgd, GW_SMOOTHING_EMA, 0.9);
  gw_line_chart_add (line, adam, "adam 0.001", 0);
  gw_line_chart_add (line, sgd, "sgd 0.1", 1);
  gw_chart_area_changed (GW_CHART_AREA (view));
  return view;
}
