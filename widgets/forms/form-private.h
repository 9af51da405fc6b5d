/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and editors of the form, shared by its files. */
#pragma once

#include "widgets/forms/form.h"

G_BEGIN_DECLS

typedef struct _GwFormRow GwFormRow;

/* How one type of field is edited. */
typedef struct
{
  /* Makes the widgets into @line (a horizontal box) and connects them. */
  void (*build) (GwFormRow *row, GtkWidget *line);
  /* Shows @text without telling anybody. */
  void (*show) (GwFormRow *row, const char *text);
} GwFormEditor;

struct _GwFormRow
{
  GwForm *form;           /* borrowed: the form owns its rows */
  const GwFormEditor *editor;

  char *key;
  char *group;
  GwFieldType type;
  char *default_value;
  double hard_min, hard_max, soft_min, soft_max;
  char **choices;
  char *unit;

  char *committed;        /* the owner's value */
  char *text;             /* what the editor shows */
  char *error;
  guint rest;             /* source of the 400 ms, 0 = none */
  gboolean updating;      /* the editor is being set, not typed in */
  gboolean dead;          /* taken off the form, with widgets that may still call it */

  GtkWidget *widget;      /* the whole row */
  GtkWidget *label;
  GtkWidget *reset;
  GtkWidget *error_label;
  GtkWidget *focus;       /* what takes the focus: entry, switch, drop-down */
  GtkWidget *slider;
  GtkWidget *button;      /* of the field's action, or NULL */
  GPtrArray *toggles;     /* of a choice with few values */
};

GwFormRow *gw_form_row_new (GwForm *form, const GwFormField *field);
/* Takes the row off its form. */
void gw_form_row_free (GwFormRow *row);
/* Calls @callback with the row, which lives as long as @instance, a widget of it or what
 * belongs to one. */
void gw_form_row_connect (GwFormRow *row, gpointer instance, const char *signal, GCallback callback);

/* TRUE when @field differs only in what gw_form_row_update() can change. */
gboolean gw_form_row_matches (const GwFormRow *row, const GwFormField *field);
void gw_form_row_update (GwFormRow *row, const GwFormField *field);

void gw_form_row_set_value (GwFormRow *row, const char *value);
void gw_form_row_set_error (GwFormRow *row, const char *error);
/* Checks and commits what is shown, if it differs from the owner's value. */
void gw_form_row_commit (GwFormRow *row);
/* Back to the owner's value. */
void gw_form_row_revert (GwFormRow *row);

/* Editors call these: the user changed the text; with @now it is committed at
 * once, else after a rest. */
void gw_form_row_typed (GwFormRow *row, const char *text, gboolean now);

/* The plain entry, which other editors stand on; it becomes the row's focus. */
GtkWidget *gw_form_add_entry (GwFormRow *row, GtkWidget *line);
void gw_form_show_entry (GwFormRow *row, const char *text);
extern const GwFormEditor gw_form_shape_editor;

const GwFormEditor *gw_form_editor_for (GwFieldType type);

/* The form emits "field-committed". */
void gw_form_emit_committed (GwForm *form, const char *key, const char *text);

/* A choice is shown as toggles when it has few and short values. */
gboolean gw_form_few_choices (char **choices);

G_END_DECLS
