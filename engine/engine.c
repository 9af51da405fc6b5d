/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include "engine/document/composites.h"
#include "engine/ops/families.h"
#include "engine/train/version.h"

void
gw_init (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  gw_register_all_ops ();
  gw_register_composites ();
  g_once_init_leave (&done, 1);
}

const char *
gw_version (void)
{
  return GW_PROGRAM_VERSION;
}
