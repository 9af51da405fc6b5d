/* SPDX-License-Identifier: Apache-2.0 */
/* A window in which single numbers of a variable are changed. Each change goes to the
 * running graph at once and can be taken back in its toast. */
#pragma once

#include <adwaita.h>

#include "app/model/run.h"

G_BEGIN_DECLS

#define GW_TYPE_VARIABLE_EDITOR (gw_variable_editor_get_type ())
G_DECLARE_FINAL_TYPE (GwVariableEditor, gw_variable_editor, GW, VARIABLE_EDITOR, AdwWindow)

#define GW_VARIABLE_EDITOR_MOST 10000 /* elements */

/* `value` is what the variable holds now, of at most GW_VARIABLE_EDITOR_MOST real elements;
 * it is copied. NULL with the reason. */
GtkWidget *gw_variable_editor_new (GwRun *run, const char *name, const GwTensor *value, GError **error);

G_END_DECLS
