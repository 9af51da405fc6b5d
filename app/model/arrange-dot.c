/* SPDX-License-Identifier: Apache-2.0 */
/* Layout by Graphviz: the graph goes to a dot process as text and comes back as lines
 * "node NAME X Y …" (https://graphviz.org/docs/outputs/plain/), in inches. */
#include "app/model/arrange.h"

#include <math.h>
#include <string.h>

#define INCH 72.0
#define GRID 8.0
#define COLUMN_GAP 72.0
#define ROW_GAP 56.0
#define MOST_PORTS 64   /* of one side; wires to those beyond go to the box */

/* Where the wires meet a box, on the average: dot aligns boxes by their middles, so it is
 * told of boxes whose middle is there. */
static double *
find_middles (const GwArrangement *self)
{
  double *middles = g_new0 (double, self->boxes->len + 1);
  g_autofree int *counts = g_new0 (int, self->boxes->len + 1);

  for (guint i = 0; i < self->links->len; i++)
    {
      const GwArrangeLink *link = &g_array_index (self->links, GwArrangeLink, i);

      middles[link->from] += link->from_y;
      middles[link->to] += link->to_y;
      counts[link->from]++;
      counts[link->to]++;
    }
  for (guint i = 0; i < self->boxes->len; i++)
    {
      double height = g_array_index (self->boxes, GwArrangeBox, i).height;

      middles[i] = counts[i] > 0 ? CLAMP (middles[i] / counts[i], 0, height) : height / 2;
    }
  return middles;
}

/* How many fields the box's sides need. */
static void
count_ports (const GwArrangement *self,
             int                 *inputs,
             int                 *outputs)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      const GwArrangeLink *link = &g_array_index (self->links, GwArrangeLink, i);

      outputs[link->from] = MAX (outputs[link->from], MIN (link->from_port + 1, MOST_PORTS));
      inputs[link->to] = MAX (inputs[link->to], MIN (link->to_port + 1, MOST_PORTS));
    }
}

static void
write_fields (GString *text,
              char     side,
              int      n)
{
  g_string_append_c (text, '{');
  for (int i = 0; i < MAX (n, 1); i++)
    g_string_append_printf (text, "%s<%c%d>", i > 0 ? "|" : "", side, i);
  g_string_append_c (text, '}');
}

static void
write_number (GString    *text,
              const char *name,
              double      px)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, "%s=%s", name, g_ascii_formatd (number, sizeof number, "%.4f", px / INCH));
}

static void
write_end (GString *text,
           char     side,
           int      box,
           int      port)
{
  if (port >= 0 && port < MOST_PORTS)
    g_string_append_printf (text, "b%d:%c%d:%c", box, side, port, side == 'o' ? 'e' : 'w');
  else
    g_string_append_printf (text, "b%d", box);
}

static char *
write_graph (const GwArrangement *self,
             const double        *middles)
{
  GString *text = g_string_new ("digraph {rankdir=LR;");
  g_autofree int *inputs = g_new0 (int, self->boxes->len + 1);
  g_autofree int *outputs = g_new0 (int, self->boxes->len + 1);

  count_ports (self, inputs, outputs);
  write_number (text, "nodesep", ROW_GAP);
  write_number (text, ";ranksep", COLUMN_GAP);
  g_string_append (text, ";splines=false;node[shape=record,fixedsize=true,fontsize=1];\n");
  for (guint i = 0; i < self->boxes->len; i++)
    {
      const GwArrangeBox *box = &g_array_index (self->boxes, GwArrangeBox, i);

      g_string_append_printf (text, "b%u[", i);
      write_number (text, "width", box->width);
      write_number (text, ",height", 2 * MAX (middles[i], box->height - middles[i]));
      g_string_append (text, ",label=\"{");
      write_fields (text, 'i', inputs[i]);
      g_string_append_c (text, '|');
      write_fields (text, 'o', outputs[i]);
      g_string_append (text, "}\"];\n");
    }
  for (guint i = 0; i < self->links->len; i++)
    {
      const GwArrangeLink *link = &g_array_index (self->links, GwArrangeLink, i);

      write_end (text, 'o', link->from, link->from_port);
      g_string_append (text, "->");
      write_end (text, 'i', link->to, link->to_port);
      g_string_append (text, ";\n");
    }
  g_string_append (text, "}\n");
  return g_string_free (text, FALSE);
}

/* The centres of all boxes, in px, the y axis down; FALSE when one is missing. */
static gboolean
read_places (GwArrangement *self,
             const double  *middles,
             const char    *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree double *places = g_new (double, 2 * self->boxes->len + 1);
  guint found = 0;
  double left = INFINITY, top = INFINITY;

  for (int i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_str_has_prefix (lines[i], "node b") ? g_strsplit (lines[i], " ", 5) : NULL;
      guint64 number = words != NULL && g_strv_length (words) == 5 ? g_ascii_strtoull (words[1] + 1, NULL, 10)
                                                                    : G_MAXUINT64;
      const GwArrangeBox *box;

      if (number >= self->boxes->len)
        continue;
      box = &g_array_index (self->boxes, GwArrangeBox, number);
      places[2 * number] = INCH * g_ascii_strtod (words[2], NULL) - box->width / 2;
      places[2 * number + 1] = INCH * g_ascii_strtod (words[3], NULL) - middles[number];
      left = MIN (left, places[2 * number]);
      top = MIN (top, places[2 * number + 1]);
      found++;
    }
  if (found != self->boxes->len)
    return FALSE;
  for (guint i = 0; i < self->boxes->len; i++)
    {
      GwArrangeBox *box = &g_array_index (self->boxes, GwArrangeBox, i);

      box->x = GRID * round ((places[2 * i] - left + self->left) / GRID);
      box->y = GRID * round ((places[2 * i + 1] - top + self->top) / GRID);
    }
  return TRUE;
}

gboolean
gw_arrangement_dot (GwArrangement *self,
                    GCancellable  *cancellable,
                    GError       **error)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree double *middles = find_middles (self);
  g_autofree char *input = write_graph (self, middles);
  g_autofree char *output = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                              G_SUBPROCESS_FLAGS_STDERR_SILENCE, error, "dot", "-Tplain", "-y", NULL);
  if (process == NULL)
    return FALSE;
  if (!g_subprocess_communicate_utf8 (process, input, cancellable, &output, NULL, error))
    {
      g_subprocess_force_exit (process);
      g_subprocess_wait (process, NULL, NULL);
      return FALSE;
    }
  if (!g_subprocess_wait_check (process, cancellable, error))
    return FALSE;
  if (output != NULL && read_places (self, middles, output))
    return TRUE;
  return gw_invalid (error, "dot gave no place for some of the nodes");
}
