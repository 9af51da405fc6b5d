/* SPDX-License-Identifier: Apache-2.0 */
/* Models of ONNX: `onnx` (what it shows), `base64` (the file), `inputs` and `outputs` by their names
 * in it. The numbers are onnxruntime's; make-onnx.py writes them. */
#include "engine/document/graph-import.h"
#include "engine/files/graph-file.h"
#include "tests/golden/golden-sketch.h"

#define MOST_INPUTS 4

typedef struct {
  GwDocument *document;
  GwLowered  *lowered;
  GwSession  *session;
  GwFeed      feeds[MOST_INPUTS];
  int         n_feeds;
} OnnxCase;

static gboolean
open_model (OnnxCase    *c,
            const cJSON *golden,
            GError     **error)
{
  gsize size;
  guchar *data = g_base64_decode (gw_json_member_string (golden, "base64", ""), &size);
  g_autoptr (GBytes) content = g_bytes_new_take (data, size);
  g_autoptr (GBytes) graph = gw_graph_file_read (content, "model.onnx", NULL, error);
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);

  if (graph != NULL)
    c->document = gw_document_from_graph_def (g_bytes_get_data (graph, NULL), g_bytes_get_size (graph), notes, error);
  if (c->document != NULL && notes->len > 0)
    return gw_invalid (error, "%s", (const char *) g_ptr_array_index (notes, 0));
  if (c->document != NULL)
    c->lowered = gw_lower (c->document, &(GwLowerOptions) { .mode = GW_MODE_PREDICT, .seed = -1 });
  return c->lowered != NULL && gw_lowered_check (c->lowered, c->document, NULL, 0, error);
}

static GwOutput
output_of (const OnnxCase *c,
           const cJSON    *tensor)
{
  return gw_lowered_output (c->lowered, gw_document_find (c->document, gw_json_member_string (tensor, "port", "")), 0);
}

static gboolean
read_feeds (OnnxCase    *c,
            const cJSON *golden,
            GError     **error)
{
  const cJSON *input;

  cJSON_ArrayForEach (input, cJSON_GetObjectItemCaseSensitive (golden, "inputs"))
    {
      GwFeed *feed = &c->feeds[c->n_feeds];

      if (c->n_feeds == MOST_INPUTS)
        return gw_invalid (error, "it has too many inputs");
      feed->output = output_of (c, input);
      feed->tensor = gw_tensor_from_json (input, error);
      if (feed->tensor == NULL)
        return FALSE;
      c->n_feeds++;
    }
  return TRUE;
}

static char *
compare_outputs (OnnxCase    *c,
                 const cJSON *golden)
{
  char *problem = NULL;
  const cJSON *want;

  cJSON_ArrayForEach (want, cJSON_GetObjectItemCaseSensitive (golden, "outputs"))
    {
      GwOutput output = output_of (c, want);
      g_autoptr (GError) error = NULL;
      g_autoptr (GwTensor) value =
        output.node != NULL ? gw_session_fetch (c->session, c->lowered->graph, c->n_feeds, c->feeds, output, &error) : NULL;

      if (value == NULL)
        return g_strdup_printf ("%s: %s", gw_json_member_string (want, "port", ""), error != NULL ? error->message : "there is none");
      if (!golden_compare (gw_json_member_string (want, "port", ""), value, want, -1, &problem))
        return problem;
    }
  return NULL;
}

void
golden_onnx_case (GoldenReport *report,
                  const cJSON  *golden)
{
  OnnxCase c = { .session = gw_session_new (2) };
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;

  if (open_model (&c, golden, &error) && read_feeds (&c, golden, &error))
    problem = compare_outputs (&c, golden);
  if (problem != NULL || error != NULL)
    golden_failed (report, golden, "%s", problem != NULL ? problem : error->message);
  else
    golden_passed (report);
  for (int i = 0; i < c.n_feeds; i++)
    gw_tensor_unref (c.feeds[i].tensor);
  gw_session_free (c.session);
  g_clear_pointer (&c.lowered, gw_lowered_unref);
  g_clear_pointer (&c.document, gw_document_unref);
}
