/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/data/source.h"

#include <string.h>

static const GwSourceDef *const sources[] = {
  &gw_source_fashion_mnist, &gw_source_idx, &gw_source_csv,
  &gw_source_xor, &gw_source_sine, &gw_source_spirals, &gw_source_text, &gw_source_text_pairs, NULL,
};

const GwSourceDef *const *
gw_sources (void)
{
  return sources;
}

const GwSourceDef *
gw_source_find (const char *name)
{
  for (int i = 0; sources[i] != NULL; i++)
    if (strcmp (sources[i]->name, name) == 0)
      return sources[i];
  return NULL;
}
