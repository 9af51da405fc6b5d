/* SPDX-License-Identifier: Apache-2.0 */
/* An op's description is whole: texts, ports, attributes whose defaults parse, a shape
 * rule, a kernel, a gradient or the word that there is none. */
#include "tests/engine/ops/conformance.h"

#include "engine/graph/describe.h"
#include "engine/graph/registry.h"

#include <string.h>

static void
check_port (const GwOpDef   *def,
            const GwPortDef *port)
{
  int type = gw_attr_defs_find (def->attrs, port->type);

  g_assert_true (port->help != NULL && *port->help != '\0');
  if (type >= 0)
    g_assert_true (def->attrs[type].type == GW_ATTR_DTYPE || def->attrs[type].type == GW_ATTR_DTYPES);
  else
    g_assert_cmpint (gw_dtype_from_name (port->type), !=, GW_DTYPE_INVALID);
  if (port->number_attr != NULL)
    {
      int number = gw_attr_defs_find (def->attrs, port->number_attr);

      g_assert_cmpint (number, >=, 0);
      g_assert_cmpint (def->attrs[number].type, ==, GW_ATTR_INT);
    }
}

static void
check_attr (const GwOpDef   *def,
            const GwAttrDef *attr)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GwAttrValue value, again;
  cJSON *json;

  g_assert_true (attr->help != NULL && *attr->help != '\0');
  if ((attr->flags & GW_ATTR_HIDDEN) == 0)
    g_assert_nonnull (attr->label);
  g_assert_cmpint (gw_attr_defs_find (def->attrs, attr->name), ==, (int) (attr - def->attrs));
  for (int i = 0; attr->type == GW_ATTR_DTYPE && attr->choices != NULL && attr->choices[i] != NULL; i++)
    g_assert_cmpint (gw_dtype_from_name (attr->choices[i]), !=, GW_DTYPE_INVALID);
  if ((attr->flags & GW_ATTR_REQUIRED) != 0)
    return;
  gw_attr_default (attr, &value);
  g_assert_true (gw_attr_check (attr, &value, &error));
  g_assert_no_error (error);
  json = gw_attr_to_json (&value);
  gw_attr_from_json (attr, json, &again, &error);
  g_assert_no_error (error);
  g_assert_true (gw_attr_value_equal (&value, &again));
  cJSON_Delete (json);
  gw_attr_value_clear (&again);
  gw_attr_value_clear (&value);
}

/* What `gw ops NAME` prints says all that a reader looks for. */
static void
check_page (const GwOpDef *def)
{
  g_autoptr (GString) page = g_string_new (NULL);

  gw_describe_op_markdown (def, page);
  g_assert_nonnull (strstr (page->str, "\nGradient: "));
  g_assert_nonnull (strstr (page->str, "\nShape: "));
  g_assert_true (strstr (page->str, "\n```\n") != NULL || strstr (page->str, "\nExample: ") != NULL);
  for (const GwAttrDef *attr = def->attrs; attr != NULL && attr->name != NULL; attr++)
    {
      g_autofree char *entry = g_strdup_printf ("\n- `%s` (", attr->name);

      g_assert_nonnull (strstr (page->str, entry));
    }
}

void
conformance_description (gconstpointer data)
{
  const GwOpDef *def = data;

  g_assert_cmpint (def->since, >=, 1);
  g_assert_nonnull (gw_op_category (def));
  g_assert_true ((gw_op_group (def) != NULL) == (strchr (def->category, '/') != NULL));
  g_assert_true (def->title != NULL && *def->title != '\0');
  g_assert_true (def->summary != NULL && g_str_has_suffix (def->summary, "."));
  g_assert_true (def->doc == NULL || *def->doc != '\0');
  for (const GwPortDef *port = def->inputs; port != NULL && port->name != NULL; port++)
    check_port (def, port);
  for (const GwPortDef *port = def->outputs; port != NULL && port->name != NULL; port++)
    check_port (def, port);
  for (const GwAttrDef *attr = def->attrs; attr != NULL && attr->name != NULL; attr++)
    check_attr (def, attr);
  for (int i = 0; def->tell != NULL && def->tell[i] != NULL; i++)
    g_assert_cmpint (gw_attr_defs_find (def->attrs, def->tell[i]), >=, 0);
  check_page (def);
  if (def->expand != NULL)
    return;
  g_assert_nonnull (def->shape);
  g_assert_nonnull (def->cpu);
  g_assert_true ((def->grad == NULL) == ((def->flags & (GW_OP_NO_GRADIENT | GW_OP_STOPS_GRADIENT)) != 0));
}
