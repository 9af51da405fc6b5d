/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/form-adapter.h"

#include <string.h>

#define MOST_EDITED 1000 /* elements of a tensor that is edited as text */

GwFieldList *
gw_field_list_new (void)
{
  GwFieldList *list = g_new0 (GwFieldList, 1);

  list->fields = g_array_new (FALSE, TRUE, sizeof (GwFormField));
  list->strings = g_string_chunk_new (1024);
  list->lists = g_ptr_array_new_with_free_func (g_free);
  return list;
}

void
gw_field_list_free (GwFieldList *list)
{
  if (list == NULL)
    return;
  g_array_unref (list->fields);
  g_string_chunk_free (list->strings);
  g_ptr_array_unref (list->lists);
  g_free (list);
}

void
gw_field_list_show (GwFieldList *list,
                    GwForm      *form)
{
  gw_form_set_fields (form, (const GwFormField *) (gpointer) list->fields->data, list->fields->len);
}

const char *
gw_field_list_text (GwFieldList *list,
                    const char  *text)
{
  return text != NULL ? g_string_chunk_insert (list->strings, text) : NULL;
}

const char *const *
gw_field_list_choices (GwFieldList       *list,
                       const char *const *choices)
{
  guint n = g_strv_length ((char **) choices);
  const char **copy = g_new0 (const char *, n + 1);

  for (guint i = 0; i < n; i++)
    copy[i] = g_string_chunk_insert (list->strings, choices[i]);
  g_ptr_array_add (list->lists, copy);
  return copy;
}

GwFormField *
gw_field_list_add (GwFieldList *list,
                   GwFieldType  type,
                   const char  *key,
                   const char  *label,
                   const char  *value,
                   const char  *group)
{
  GwFormField field = {
    .key = gw_field_list_text (list, key),
    .label = gw_field_list_text (list, label),
    .type = type,
    .value = gw_field_list_text (list, value),
    .group = gw_field_list_text (list, group),
  };

  g_array_append_val (list->fields, field);
  return &g_array_index (list->fields, GwFormField, list->fields->len - 1);
}

static GwFieldType
field_type (const GwAttrDef *def)
{
  switch (def->type)
    {
    case GW_ATTR_BOOL: return GW_FIELD_BOOL;
    case GW_ATTR_INT: return GW_FIELD_INT;
    case GW_ATTR_FLOAT: return GW_FIELD_FLOAT;
    case GW_ATTR_CHOICE: return GW_FIELD_CHOICE;
    case GW_ATTR_DTYPE: return GW_FIELD_DTYPE;
    case GW_ATTR_SHAPE: return GW_FIELD_SHAPE;
    case GW_ATTR_INTS: return GW_FIELD_INTS;
    case GW_ATTR_FILE: return GW_FIELD_FILE;
    case GW_ATTR_SEED: return GW_FIELD_SEED;
    case GW_ATTR_STRING:
    case GW_ATTR_FUNC:
    case GW_ATTR_FUNCS:
    case GW_ATTR_FLOATS:
    case GW_ATTR_STRINGS:
    case GW_ATTR_DTYPES:
    case GW_ATTR_SHAPES:
    case GW_ATTR_TENSOR:
      break;
    }
  return GW_FIELD_STRING;
}

/* "[1,2]" → "1,2" for fields that draw their own brackets. */
static char *
without_brackets (const char *text)
{
  gsize n = strlen (text);

  return n >= 2 && text[0] == '[' && text[n - 1] == ']' ? g_strndup (text + 1, n - 2) : g_strdup (text);
}

static char *
field_text (const GwAttrDef   *def,
            const GwAttrValue *value)
{
  g_autofree char *text = gw_attr_to_label (value, MOST_EDITED);

  if (def->type == GW_ATTR_SHAPE && value->shape.rank < 0)
    return g_strdup ("unknown");
  if (def->type == GW_ATTR_SHAPE || def->type == GW_ATTR_INTS)
    return without_brackets (text != NULL ? text : "");
  return text != NULL ? g_steal_pointer (&text) : g_strdup ("");
}

char *
gw_form_text_to_attr (const GwAttrDef *def,
                      const char      *text)
{
  if (def->type == GW_ATTR_SHAPE)
    return strcmp (text, "unknown") == 0 ? g_strdup ("?") : g_strdup_printf ("[%s]", text);
  if (def->type == GW_ATTR_INTS)
    return g_strdup_printf ("[%s]", text);
  return g_strdup (text);
}

static const char *const all_dtypes[] = { "float32", "float64", "int32", "int64", "uint8", "bool", "string", NULL };

/* "transpose_a" → "Transpose a" where the op gives no label. */
static char *
label_of (const GwAttrDef *def)
{
  char *label = g_strdup (def->label != NULL ? def->label : def->name);

  if (def->label == NULL)
    {
      g_strdelimit (label, "_", ' ');
      label[0] = g_ascii_toupper (label[0]);
    }
  return label;
}

static gboolean
is_long (const GwAttrValue *value)
{
  return value->type == GW_ATTR_TENSOR && value->tensor != NULL && value->tensor->elements > MOST_EDITED;
}

GwFormField *
gw_field_list_add_attr (GwFieldList       *list,
                        const GwAttrDef   *def,
                        const GwAttrValue *value,
                        const char        *key,
                        const char        *group)
{
  GwAttrValue standard;
  g_autofree char *label = label_of (def);
  g_autofree char *default_text = NULL, *text = NULL;
  GwFormField *field;

  gw_attr_default (def, &standard);
  default_text = field_text (def, &standard);
  text = value != NULL ? field_text (def, value) : g_strdup (default_text);
  gw_attr_value_clear (&standard);
  field = gw_field_list_add (list, field_type (def), key != NULL ? key : def->name, label, text, group);
  field->default_value = (def->flags & GW_ATTR_REQUIRED) == 0 ? gw_field_list_text (list, default_text) : NULL;
  field->hard_min = def->min;
  field->hard_max = def->max < def->min ? G_MAXDOUBLE : def->max;
  field->soft_min = def->ui_min;
  field->soft_max = def->ui_max;
  field->choices = def->choices;
  if (def->type == GW_ATTR_DTYPE && def->choices == NULL)
    field->choices = all_dtypes;
  field->unit = def->unit;
  field->help = def->help;
  if (value != NULL && is_long (value))
    {
      field->insensitive = TRUE;
      field->help = "Too many numbers to be typed; a value of fewer can be.";
    }
  return field;
}

gboolean
gw_attr_is_visible (const GwAttrDef *def,
                    GwAttrLookup     lookup,
                    gpointer         data)
{
  const char *equals = def->visible_if != NULL ? strchr (def->visible_if, '=') : NULL;
  g_autofree char *name = NULL, *value = NULL;
  g_auto (GStrv) values = NULL;

  if ((def->flags & GW_ATTR_HIDDEN) != 0)
    return FALSE;
  if (equals == NULL)
    return TRUE;
  name = g_strndup (def->visible_if, (gsize) (equals - def->visible_if));
  value = lookup (name, data);
  values = g_strsplit (equals + 1, "|", -1);
  return value != NULL && g_strv_contains ((const char *const *) values, value);
}
