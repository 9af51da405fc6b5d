/* SPDX-License-Identifier: Apache-2.0 */
/* GwAttrDef → fields of a form: the one place where the engine's parameters become
 * rows, for nodes, data sources, pipelines and training settings alike. */
#pragma once

#include "engine/engine.h"
#include "widgets/forms/form.h"

G_BEGIN_DECLS

/* Fields under construction; owns every string in them. */
typedef struct {
  GArray       *fields;   /* of GwFormField */
  GStringChunk *strings;
  GPtrArray    *lists;    /* arrays of choices */
} GwFieldList;

GwFieldList *gw_field_list_new (void);
void gw_field_list_free (GwFieldList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwFieldList, gw_field_list_free)
void gw_field_list_show (GwFieldList *list, GwForm *form);

/* Adds the row of one attribute. `value` is what stands there now (NULL = default);
 * `key` and `group` may be NULL: the attribute's name, the card before. Returns the
 * field, good until the next is added. */
GwFormField *gw_field_list_add_attr (GwFieldList *list, const GwAttrDef *def, const GwAttrValue *value,
                                     const char *key, const char *group);
/* A row of any kind with a text. */
GwFormField *gw_field_list_add (GwFieldList *list, GwFieldType type, const char *key, const char *label,
                                const char *value, const char *group);
/* A text kept by the list. */
const char *gw_field_list_text (GwFieldList *list, const char *text);
/* Choices kept by the list; takes nothing. */
const char *const *gw_field_list_choices (GwFieldList *list, const char *const *choices);

/* Whether `visible_if` of a definition holds, given what `lookup` says of the other
 * attribute ("" = unset; its result is freed). */
typedef char *(*GwAttrLookup) (const char *name, gpointer data);
gboolean gw_attr_is_visible (const GwAttrDef *def, GwAttrLookup lookup, gpointer data);

/* The form's text of an attribute as gw_attr_parse() wants it. Free it. */
char *gw_form_text_to_attr (const GwAttrDef *def, const char *text);

G_END_DECLS
