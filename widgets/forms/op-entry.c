/* SPDX-License-Identifier: Apache-2.0 */
/* One op of the palette. */
#include "widgets/forms/op-entry.h"

struct _GwOpEntry
{
  GObject parent_instance;
  GwOpEntryInfo info; /* strings owned */
};

enum
{
  PROP_0,
  PROP_NAME,
  PROP_TITLE,
  PROP_CATEGORY,
  PROP_CATEGORY_TITLE,
  PROP_GROUP,
  PROP_COLOR,
  PROP_ICON_NAME,
  PROP_DTYPE,
  PROP_SUMMARY,
  PROP_HIDDEN,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GwOpEntry, gw_op_entry, G_TYPE_OBJECT)

/* The string behind a property. */
static const char **
string_of (GwOpEntry *self, guint id)
{
  switch (id)
    {
    case PROP_NAME:
      return &self->info.name;
    case PROP_TITLE:
      return &self->info.title;
    case PROP_CATEGORY:
      return &self->info.category;
    case PROP_CATEGORY_TITLE:
      return &self->info.category_title;
    case PROP_GROUP:
      return &self->info.group;
    case PROP_COLOR:
      return &self->info.color;
    case PROP_ICON_NAME:
      return &self->info.icon_name;
    case PROP_DTYPE:
      return &self->info.dtype;
    case PROP_SUMMARY:
      return &self->info.summary;
    default:
      return NULL;
    }
}

static void
gw_op_entry_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GwOpEntry *self = GW_OP_ENTRY (object);

  if (id == PROP_HIDDEN)
    g_value_set_boolean (value, self->info.hidden);
  else if (string_of (self, id) != NULL)
    g_value_set_string (value, *string_of (self, id));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gw_op_entry_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GwOpEntry *self = GW_OP_ENTRY (object);

  if (id == PROP_HIDDEN)
    self->info.hidden = g_value_get_boolean (value);
  else if (string_of (self, id) != NULL)
    *string_of (self, id) = g_value_dup_string (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gw_op_entry_finalize (GObject *object)
{
  GwOpEntry *self = GW_OP_ENTRY (object);

  for (guint id = PROP_NAME; id < PROP_HIDDEN; id++)
    g_free ((char *) *string_of (self, id));
  G_OBJECT_CLASS (gw_op_entry_parent_class)->finalize (object);
}

static void
gw_op_entry_class_init (GwOpEntryClass *klass)
{
  static const char *const names[N_PROPS]
      = { NULL,    "name",      "title", "category", "category-title", "group",
          "color", "icon-name", "dtype", "summary",  "hidden" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = gw_op_entry_get_property;
  object_class->set_property = gw_op_entry_set_property;
  object_class->finalize = gw_op_entry_finalize;
  for (guint id = PROP_NAME; id < PROP_HIDDEN; id++)
    props[id] = g_param_spec_string (names[id], NULL, NULL, NULL, flags);
  props[PROP_HIDDEN] = g_param_spec_boolean (names[PROP_HIDDEN], NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gw_op_entry_init (GwOpEntry *self)
{
}

GwOpEntry *
gw_op_entry_new (const GwOpEntryInfo *info)
{
  g_return_val_if_fail (info != NULL && info->name != NULL, NULL);

  return g_object_new (GW_TYPE_OP_ENTRY, "name", info->name, "title",
                       info->title != NULL ? info->title : info->name, "category",
                       info->category != NULL ? info->category : "", "category-title",
                       info->category_title != NULL ? info->category_title : info->category,
                       "group", info->group, "color", info->color, "icon-name", info->icon_name, "dtype", info->dtype,
                       "summary", info->summary, "hidden", info->hidden, NULL);
}

const GwOpEntryInfo *
gw_op_entry_get_info (GwOpEntry *self)
{
  g_return_val_if_fail (GW_IS_OP_ENTRY (self), NULL);
  return &self->info;
}
