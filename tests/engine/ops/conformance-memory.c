/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of a run may fail: that is said, or done without, and nothing leaks. */
#include "tests/engine/ops/conformance.h"

#include "engine/base/alloc.h"
#include "engine/base/error.h"
#include "tests/support/support.h"

/* More are not made by an example. */
#define MOST 400

/* The n-th allocation fails; FALSE when the run needs fewer. */
static gboolean
fail_nth (const Example *example,
          ExampleWay     way,
          int            n)
{
  GError *error = NULL;
  GwTensor *results[EXAMPLE_MAX] = { NULL };
  int live = gw_alloc_live_count ();
  GwSession *session;
  gboolean ran, more;
  Stage stage;

  stage_init (&stage, example, way);
  g_assert_no_error (stage.builder.error);
  session = gw_session_new (1);
  gw_alloc_fail_after (n);
  ran = stage_run (&stage, session, results, &error);
  more = gw_alloc_fail_after (0) == 0;
  stage_drop_results (&stage, results);
  gw_session_free (session);
  stage_clear (&stage);
  if (!ran)
    gw_test_assert_error (&error, GW_ERROR_RESOURCE_EXHAUSTED, NULL);
  if (gw_alloc_live_count () != live)
    g_error ("%s, %s: allocation %d fails, and %d blocks are lost", example->def->name, example_way_names[way], n,
             gw_alloc_live_count () - live);
  return more;
}

void
conformance_allocations (gconstpointer data)
{
  const GwOpDef *def = data;

  FOR_EACH_EXAMPLE (def, text)
    {
      g_autoptr (Example) example = example_new (def, text, GW_DTYPE_INVALID);

      for (ExampleWay way = EXAMPLE_CONSTANT; way < EXAMPLE_OPEN; way++)
        {
          int n = 1;

          while (n < MOST && fail_nth (example, way, n))
            n++;
          g_assert_cmpint (n, <, MOST);
        }
    }
}
