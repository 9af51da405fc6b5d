/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/graph/describe.h"

#include "engine/graph/registry.h"
#include "engine/graph/shape-rules.h"

#include <string.h>

static const struct {
  GwOpFlags   flag;
  const char *word;
} flag_words[] = {
  { GW_OP_STATEFUL, "stateful" },
  { GW_OP_COMMUTATIVE, "commutative" },
  { GW_OP_NO_GRADIENT, "no gradient" },
  { GW_OP_STOPS_GRADIENT, "stops the gradient" },
  { GW_OP_HIDDEN, "hidden" },
  { GW_OP_RANDOM, "random" },
  { GW_OP_DYNAMIC_OUTPUT, "shape depends on values" },
  { GW_OP_METRIC, "metric" },
  { GW_OP_SUMMARY, "summary" },
};

const char *
gw_attr_type_word (GwAttrType type)
{
  static const char *const words[] = {
    [GW_ATTR_BOOL] = "bool", [GW_ATTR_INT] = "int", [GW_ATTR_FLOAT] = "float",
    [GW_ATTR_STRING] = "string", [GW_ATTR_CHOICE] = "string", [GW_ATTR_DTYPE] = "type",
    [GW_ATTR_SHAPE] = "shape", [GW_ATTR_INTS] = "list(int)", [GW_ATTR_FLOATS] = "list(float)",
    [GW_ATTR_STRINGS] = "list(string)", [GW_ATTR_DTYPES] = "list(type)",
    [GW_ATTR_SHAPES] = "list(shape)", [GW_ATTR_TENSOR] = "tensor", [GW_ATTR_FILE] = "file",
    [GW_ATTR_SEED] = "seed", [GW_ATTR_FUNC] = "func",
    [GW_ATTR_FUNCS] = "list(func)",
  };

  return (guint) type < G_N_ELEMENTS (words) ? words[type] : "unknown";
}

/* ---- JSON ---- */

static void
add_text (cJSON      *object,
          const char *key,
          const char *text)
{
  if (text != NULL && *text != '\0')
    cJSON_AddStringToObject (object, key, text);
}

static void
add_texts (cJSON             *object,
           const char        *key,
           const char *const *texts)
{
  cJSON *array;

  if (texts == NULL)
    return;
  array = cJSON_AddArrayToObject (object, key);
  for (; *texts != NULL; texts++)
    cJSON_AddItemToArray (array, cJSON_CreateString (*texts));
}

static void
add_ports (cJSON           *object,
           const char      *key,
           const GwPortDef *ports)
{
  cJSON *array = cJSON_AddArrayToObject (object, key);

  for (; ports != NULL && ports->name != NULL; ports++)
    {
      cJSON *port = cJSON_CreateObject ();

      cJSON_AddStringToObject (port, "name", ports->name);
      cJSON_AddStringToObject (port, "type", ports->type);
      add_text (port, "number_attr", ports->number_attr);
      if (ports->is_ref)
        cJSON_AddTrueToObject (port, "ref");
      add_text (port, "literal", ports->literal);
      add_text (port, "help", ports->help);
      cJSON_AddItemToArray (array, port);
    }
}

static gboolean
has_range (const GwAttrDef *attr)
{
  return attr->min != 0 || attr->max != 0;
}

cJSON *
gw_describe_attrs (const GwAttrDef *attrs)
{
  cJSON *array = cJSON_CreateArray ();

  for (; attrs != NULL && attrs->name != NULL; attrs++)
    {
      cJSON *attr = cJSON_CreateObject ();

      cJSON_AddStringToObject (attr, "name", attrs->name);
      cJSON_AddStringToObject (attr, "type", gw_attr_type_word (attrs->type));
      if ((attrs->flags & GW_ATTR_REQUIRED) != 0)
        cJSON_AddTrueToObject (attr, "required");
      else
        cJSON_AddStringToObject (attr, "default", attrs->def != NULL ? attrs->def : "");
      if (has_range (attrs))
        cJSON_AddItemToObject (attr, "min", gw_json_new_double (attrs->min));
      if (has_range (attrs) && attrs->max >= attrs->min)
        cJSON_AddItemToObject (attr, "max", gw_json_new_double (attrs->max));
      add_texts (attr, "choices", attrs->choices);
      add_text (attr, "label", attrs->label);
      add_text (attr, "unit", attrs->unit);
      add_text (attr, "help", attrs->help);
      cJSON_AddItemToArray (array, attr);
    }
  return array;
}

static gboolean
is_last_example (const GwOpExample *example)
{
  return example->inputs == NULL && example->attrs == NULL && example->outputs == NULL;
}

static void
add_examples (cJSON         *object,
              const GwOpDef *def)
{
  cJSON *array;

  if (def->examples == NULL)
    return;
  array = cJSON_AddArrayToObject (object, "examples");
  for (const GwOpExample *example = def->examples; !is_last_example (example); example++)
    {
      cJSON *entry = cJSON_CreateObject ();

      add_texts (entry, "inputs", example->inputs);
      add_text (entry, "attrs", example->attrs);
      add_texts (entry, "outputs", example->outputs);
      cJSON_AddItemToArray (array, entry);
    }
}

/* The rule of the outputs' shapes in words; NULL where there is none to tell. */
static const char *
shape_rule (const GwOpDef *def)
{
  static const struct {
    GwShapeFunc func;
    const char *words;
  } shared[] = {
    { gw_shape_rule_same, "the outputs have the shape of the first input" },
    { gw_shape_rule_broadcast, "the inputs broadcast against each other" },
    { gw_shape_rule_merge, "all inputs have one shape, which is the output's" },
    { gw_shape_rule_scalar, "the outputs are scalars" },
    { gw_shape_rule_reduce, "the input's without the axes reduced, or with 1 in their place" },
  };

  if (def->shape_rule != NULL)
    return def->shape_rule;
  if (gw_ports_length (def->outputs) == 0)
    return "it has no outputs";
  for (guint i = 0; i < G_N_ELEMENTS (shared); i++)
    if (def->shape == shared[i].func)
      return shared[i].words;
  return def->outputs[0].is_ref                     ? "the output is the variable, which keeps its shape"
         : def->expand != NULL                      ? "what the ops inside give; see the outputs"
         : (def->flags & GW_OP_DYNAMIC_OUTPUT) != 0 ? "follows from the values, when it runs"
                                                    : NULL;
}

cJSON *
gw_describe_op (const GwOpDef *def)
{
  cJSON *object = cJSON_CreateObject ();
  cJSON *flags;

  cJSON_AddStringToObject (object, "name", def->name);
  add_text (object, "title", def->title);
  cJSON_AddStringToObject (object, "category", gw_op_category (def)->name);
  add_text (object, "group", gw_op_group (def));
  cJSON_AddItemToObject (object, "since", gw_json_new_int (def->since));
  cJSON_AddStringToObject (object, "kind", def->expand != NULL ? "composite" : "primitive");
  add_text (object, "summary", def->summary);
  add_text (object, "doc", def->doc);
  flags = cJSON_AddArrayToObject (object, "flags");
  for (guint i = 0; i < G_N_ELEMENTS (flag_words); i++)
    if ((def->flags & flag_words[i].flag) != 0)
      cJSON_AddItemToArray (flags, cJSON_CreateString (flag_words[i].word));
  add_ports (object, "inputs", def->inputs);
  add_ports (object, "outputs", def->outputs);
  cJSON_AddItemToObject (object, "attrs", gw_describe_attrs (def->attrs));
  add_text (object, "shape", shape_rule (def));
  cJSON_AddBoolToObject (object, "gradient", def->grad != NULL || def->expand != NULL);
  cJSON_AddBoolToObject (object, "cuda", def->cuda != NULL);
  add_examples (object, def);
  return object;
}

cJSON *
gw_describe_ops (void)
{
  cJSON *array = cJSON_CreateArray ();
  int n;
  const GwOpDef *const *defs = gw_registry_list (&n);

  for (int i = 0; i < n; i++)
    cJSON_AddItemToArray (array, gw_describe_op (defs[i]));
  return array;
}

/* ---- Markdown ---- */

static void
append_names (GString         *text,
              const GwPortDef *ports)
{
  const char *separator = "";

  for (; ports != NULL && ports->name != NULL; ports++, separator = ", ")
    g_string_append_printf (text, "%s%s%s", separator, ports->name, ports->number_attr != NULL ? " …" : "");
}

char *
gw_describe_signature (const GwOpDef *def)
{
  GString *text = g_string_new (NULL);
  const char *separator = "; ";

  append_names (text, def->outputs);
  g_string_append_printf (text, "%s%s (", text->len > 0 ? " = " : "", def->name);
  append_names (text, def->inputs);
  for (const GwAttrDef *attr = def->attrs; attr != NULL && attr->name != NULL; attr++, separator = ", ")
    g_string_append_printf (text, "%s%s", def->inputs == NULL && attr == def->attrs ? "" : separator, attr->name);
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

/* Shapes, gradient and state: what a reader wants to know beside the ports. */
static void
append_nature (GString       *text,
               const GwOpDef *def)
{
  GwOpFlags flags = def->flags;
  const char *gradient = (flags & GW_OP_NO_GRADIENT) != 0      ? "none: to differentiate through it is an error"
                         : (flags & GW_OP_STOPS_GRADIENT) != 0 ? "nothing flows back through it"
                         : def->expand != NULL                 ? "that of the ops inside"
                                                               : "flows back through it to the inputs that are numbers";
  const char *shape = shape_rule (def);

  if (shape != NULL)
    g_string_append_printf (text, "Shape: %s.\n\n", shape);
  g_string_append_printf (text, "Gradient: %s.\n\n", gradient);
  if ((flags & GW_OP_RANDOM) != 0)
    g_string_append (text, "Random: a stream of its own, which the seeds begin.\n\n");
  else if ((flags & GW_OP_STATEFUL) != 0)
    g_string_append (text, "It depends on more than its inputs or changes more than its outputs: it is never merged with another one or left "
                            "out.\n\n");
}

static void
append_ports (GString         *text,
              const char      *heading,
              const GwPortDef *ports)
{
  if (ports == NULL || ports->name == NULL)
    return;
  g_string_append_printf (text, "%s:\n\n", heading);
  for (; ports->name != NULL; ports++)
    g_string_append_printf (text, "- `%s` (%s%s%s)%s%s\n", ports->name, ports->type,
                            ports->number_attr != NULL ? ", list of " : ports->is_ref ? ", reference" : "",
                            ports->number_attr != NULL ? ports->number_attr : "",
                            ports->help != NULL ? ": " : "", ports->help != NULL ? ports->help : "");
  g_string_append_c (text, '\n');
}

static gboolean
is_list (const GwAttrDef *attr)
{
  switch (attr->type)
    {
    case GW_ATTR_INTS: case GW_ATTR_FLOATS: case GW_ATTR_STRINGS: case GW_ATTR_DTYPES: case GW_ATTR_SHAPES:
    case GW_ATTR_FUNCS: return TRUE;
    default: return FALSE;
    }
}

/* Ends of ranges that only say what the type can hold are no news. */
static gboolean
has_upper_end (const GwAttrDef *attr)
{
  return attr->max >= attr->min && attr->max < G_MAXINT32;
}

/* “, 4 elements”, “, from 0 to 1”, “, from 1”, “, up to 8” */
static void
append_range (GString         *text,
              const GwAttrDef *attr)
{
  const char *unit = is_list (attr) ? " elements" : "";

  if (!has_range (attr) || (attr->min <= G_MININT32 && !has_upper_end (attr)))
    return;
  if (attr->min == attr->max)
    g_string_append_printf (text, ", %.10g%s", attr->min, unit);
  else if (attr->min <= G_MININT32)
    g_string_append_printf (text, ", up to %.10g%s", attr->max, unit);
  else if (has_upper_end (attr))
    g_string_append_printf (text, ", from %.10g to %.10g%s", attr->min, attr->max, unit);
  else
    g_string_append_printf (text, ", from %.10g%s", attr->min, unit);
}

/* What it is when nothing is said, as text; NULL for one that must be given. */
static const char *
default_text (const GwAttrDef *attr)
{
  if ((attr->flags & GW_ATTR_REQUIRED) != 0)
    return NULL;
  if (attr->def != NULL)
    return *attr->def != '\0' ? attr->def : NULL;
  return attr->type == GW_ATTR_CHOICE && attr->choices != NULL ? attr->choices[0] : NULL;
}

static gboolean
ends_sentence (const char *text)
{
  return g_str_has_suffix (text, ".") || g_str_has_suffix (text, "?") || g_str_has_suffix (text, ":");
}

static void
append_attr (GString         *text,
             const GwAttrDef *attr)
{
  g_string_append_printf (text, "- `%s` (%s", attr->name, gw_attr_type_word (attr->type));
  if ((attr->flags & GW_ATTR_REQUIRED) != 0)
    g_string_append (text, ", required");
  else if (default_text (attr) != NULL)
    g_string_append_printf (text, ", default `%s`", default_text (attr));
  append_range (text, attr);
  g_string_append_c (text, ')');
  if (attr->help != NULL)
    g_string_append_printf (text, ": %s%s", attr->help, ends_sentence (attr->help) ? "" : ".");
  if (attr->choices != NULL)
    {
      g_autofree char *choices = g_strjoinv ("`, `", (char **) attr->choices);

      g_string_append_printf (text, "%s `%s`.", attr->help != NULL ? " One of" : ": one of", choices);
    }
  g_string_append_c (text, '\n');
}

static void
append_example (GString           *text,
                const GwOpDef     *def,
                const GwOpExample *example)
{
  const char *separator = "";

  g_string_append_printf (text, "%s (", def->name);
  for (const char *const *input = example->inputs; input != NULL && *input != NULL; input++, separator = ", ")
    g_string_append_printf (text, "%s%s", separator, *input);
  if (example->attrs != NULL && *example->attrs != '\0')
    g_string_append_printf (text, "%s%s", *separator != '\0' ? "; " : "", example->attrs);
  g_string_append_c (text, ')');
  separator = " → ";
  for (const char *const *output = example->outputs; output != NULL && *output != NULL; output++, separator = ", ")
    g_string_append_printf (text, "%s%s", separator, *output);
  g_string_append_c (text, '\n');
}

void
gw_describe_op_markdown (const GwOpDef *def,
                         GString       *text)
{
  g_autofree char *signature = gw_describe_signature (def);

  g_string_append_printf (text, "### %s\n\n%s. %s\n\n    %s\n\n", def->name, def->title, def->summary, signature);
  if (def->doc != NULL)
    g_string_append_printf (text, "%s\n\n", def->doc);
  append_ports (text, "Inputs", def->inputs);
  append_ports (text, "Outputs", def->outputs);
  if (def->attrs != NULL && def->attrs->name != NULL)
    {
      g_string_append (text, "Attributes:\n\n");
      for (const GwAttrDef *attr = def->attrs; attr->name != NULL; attr++)
        append_attr (text, attr);
      g_string_append_c (text, '\n');
    }
  append_nature (text, def);
  if (def->examples == NULL || is_last_example (def->examples))
    return;
  g_string_append (text, "```\n");
  for (const GwOpExample *example = def->examples; !is_last_example (example); example++)
    append_example (text, def, example);
  g_string_append (text, "```\n\n");
}

char *
gw_describe_ops_markdown (void)
{
  GString *text = g_string_new ("# Ops\n\n");
  int n;
  const GwOpDef *const *defs = gw_registry_list_by_category (&n);

  for (int i = 0; i < n; i++)
    {
      if (i == 0 || gw_op_category (defs[i]) != gw_op_category (defs[i - 1]))
        g_string_append_printf (text, "## %s\n\n", gw_op_category (defs[i])->title);
      gw_describe_op_markdown (defs[i], text);
    }
  return g_string_free (text, FALSE);
}
