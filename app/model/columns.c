/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/columns.h"

#include <string.h>

/* What the source of the last question has, by its description as text. */
static char   *last_source;
static GArray *last_infos;

static char *
source_key (const GwPipelineDef *pipeline)
{
  GString *key = g_string_new (pipeline->source->name);

  for (int i = 0; i < gw_attr_defs_length (pipeline->source->attrs); i++)
    {
      g_autofree char *text = gw_attr_to_string (&pipeline->source_attrs[i]);

      g_string_append_printf (key, "\n%s", text != NULL ? text : "");
    }
  return g_string_free (key, FALSE);
}

GArray *
gw_document_columns (const GwDocument *document,
                     GError          **error)
{
  g_autoptr (GwPipelineDef) pipeline = gw_document_resolve_pipeline (document);
  g_autofree char *key = NULL;

  if (pipeline == NULL)
    return NULL;
  key = source_key (pipeline);
  if (g_strcmp0 (key, last_source) != 0)
    {
      GArray *infos = pipeline->source->columns (pipeline->source_attrs, error);

      if (infos == NULL)
        return NULL;
      g_clear_pointer (&last_infos, g_array_unref);
      last_infos = infos;
      g_free (last_source);
      last_source = g_steal_pointer (&key);
    }
  return gw_pipeline_describe (pipeline, last_infos, error);
}
