/* SPDX-License-Identifier: Apache-2.0 */
/* How Predict shows an output: a figure, bars with the classes' names, or a grid of
 * numbers. */
#include "app/ui/data-private.h"

#include <math.h>
#include <string.h>

#include "app/model/checkpoint-slice.h"
#include "widgets/charts/tensor-grid.h"
#include "widgets/paint/number-text.h"

#define MAX_BARS 20

typedef struct {
  double *values;     /* 0 … 1 for probabilities, else as they are */
  char  **names;      /* or NULL */
  int     n;
  gboolean shares;
} Bars;

static void
bars_free (gpointer data)
{
  Bars *bars = data;

  g_free (bars->values);
  g_strfreev (bars->names);
  g_free (bars);
}

static void
draw_bars (GwChartPen *pen,
           double      width,
           double      height,
           gpointer    data)
{
  const Bars *bars = data;
  double row = height / bars->n, most = 0, left = 0, right = 58;
  int best = 0;
  char text[GW_NUMBER_TEXT_SIZE], number[24];

  for (int i = 0; i < bars->n; i++)
    {
      most = MAX (most, fabs (bars->values[i]));
      if (bars->values[i] > bars->values[best])
        best = i;
      if (bars->names != NULL)
        left = MAX (left, gw_chart_pen_text_width (pen, bars->names[i], 11, GW_TEXT_BOLD));
    }
  left = CLAMP (left + 10, 24, width * 0.4);
  most = bars->shares ? 1 : most > 0 ? most : 1;
  for (int i = 0; i < bars->n; i++)
    {
      double y = i * row, share = fabs (bars->values[i]) / most;

      g_snprintf (number, sizeof number, "%d", i);
      gw_chart_pen_color (pen, i == best ? pen->theme->text : pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, bars->names != NULL ? bars->names[i] : number, 11, i == best ? GW_TEXT_BOLD : GW_TEXT_PLAIN,
                         left - 8, y + row / 2, 1, 0.5, left - 8);
      gw_chart_pen_color (pen, bars->values[i] < 0 ? pen->theme->positive : pen->theme->negative, i == best ? 1 : 0.55);
      cairo_rectangle (pen->cr, left, y + 2, MAX (1, (width - left - right) * share), row - 5);
      cairo_fill (pen->cr);
      if (bars->shares)
        g_snprintf (text, sizeof text, "%.1f %%", bars->values[i] * 100);
      else
        gw_number_text (text, bars->values[i]);
      gw_chart_pen_color (pen, i == best ? pen->theme->text : pen->theme->dim_text, 1);
      gw_chart_pen_text (pen, text, 11, GW_TEXT_PLAIN, width, y + row / 2, 1, 0.5, 0);
    }
}

static void
softmax (double *values,
         int     n)
{
  double most = values[0], sum = 0;

  for (int i = 1; i < n; i++)
    most = MAX (most, values[i]);
  for (int i = 0; i < n; i++)
    sum += values[i] = exp (values[i] - most);
  for (int i = 0; i < n; i++)
    values[i] /= sum;
}

/* Whether a loss takes the output as logits. */
static gboolean
is_logits (GwDocument *document,
           const char *name)
{
  int64_t id = gw_document_find (document, name);
  int n;
  const int64_t *ids = gw_document_ids (document, GW_ITEM_NODE, &n);

  for (int i = 0; i < n; i++)
    {
      const GwDocNode *node = gw_document_node (document, ids[i]);

      if (strstr (node->op, "SoftmaxCrossEntropy") == NULL)
        continue;
      for (guint k = 0; k < node->inputs->len; k++)
        {
          const GwDocInput *input = &g_array_index (node->inputs, GwDocInput, k);

          if (id != 0 && input->from == id && (strcmp (input->port, "features") == 0 || strcmp (input->port, "logits") == 0))
            return TRUE;
        }
    }
  return FALSE;
}

static GtkWidget *
bars_new (GwDataPage     *page,
          const GwTensor *tensor,
          gboolean        logits)
{
  Bars *bars = g_new0 (Bars, 1);
  const char *const *names = gw_data_view_class_names (gw_dataset_loader_get_view (page->loader),
                                                       (int) tensor->elements);
  double sum = 0;
  gboolean positive = TRUE;
  GtkWidget *area;

  bars->n = (int) tensor->elements;
  bars->values = g_new (double, bars->n);
  bars->names = g_strdupv ((char **) names);
  for (int i = 0; i < bars->n; i++)
    {
      bars->values[i] = gw_tensor_get_double (tensor, i);
      sum += bars->values[i];
      positive &= bars->values[i] >= 0;
    }
  if (logits)
    softmax (bars->values, bars->n);
  bars->shares = logits || (positive && fabs (sum - 1) < 1e-3);
  area = gw_area_new (200, bars->n * 18, draw_bars, bars);
  g_object_set_data_full (G_OBJECT (area), "bars", bars, bars_free);
  return area;
}

static GtkWidget *
grid_new (const GwTensor *tensor)
{
  GtkWidget *grid = gw_tensor_grid_new (), *scrolled = gtk_scrolled_window_new ();
  gsize rows, columns;
  float *values = gw_matrix_floats (tensor, NULL, (gsize) MIN (tensor->elements, 1 << 20), NULL);

  if (values != NULL && gw_matrix_size (&tensor->shape, &rows, &columns) && columns > 0 &&
      !gw_tensor_grid_set_floats (GW_TENSOR_GRID (grid), values, MIN (rows, (1 << 20) / columns), columns, 0, 0))
    g_debug ("no memory for the grid");
  gw_free (values);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), grid);
  gtk_widget_set_size_request (scrolled, -1, 200);
  return scrolled;
}

void
gw_data_result_add (GwDataPage          *page,
                    GtkWidget           *box,
                    const GwNamedTensor *named)
{
  const GwTensor *tensor = named->tensor;
  gboolean number = tensor->dtype == GW_BOOL || (gw_dtype_is_numeric (tensor->dtype) && !gw_dtype_is_complex (tensor->dtype));
  g_autofree char *bare = g_strndup (named->name, strcspn (named->name, ":"));
  gboolean logits = is_logits (gw_doc_model_get_document (page->model), bare), row, title_logits;
  g_autofree char *shape = gw_shape_to_label (&tensor->shape), *title = NULL, *text = NULL;

  row = number && tensor->elements > 1 && tensor->elements <= MAX_BARS &&
        (tensor->shape.rank == 1 || (tensor->shape.rank == 2 && tensor->shape.dims[0] == 1));
  title_logits = logits && row;
  title = g_strdup_printf ("%s%s · %s, %s", named->name, title_logits ? " (softmax)" : "", gw_dtype_name (tensor->dtype), shape);
  gtk_box_append (GTK_BOX (box), gw_cut_text_new (title, "gw-caption"));
  if (row)
    gtk_box_append (GTK_BOX (box), bars_new (page, tensor, logits));
  else if (number && tensor->elements > 1)
    gtk_box_append (GTK_BOX (box), grid_new (tensor));
  else
    {
      GtkWidget *label;

      text = gw_tensor_to_string (tensor, 100);
      label = gw_text_new (text, number ? "gw-big gw-number" : NULL);
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_selectable (GTK_LABEL (label), TRUE);
      gtk_box_append (GTK_BOX (box), label);
    }
}
