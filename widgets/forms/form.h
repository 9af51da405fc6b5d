/* SPDX-License-Identifier: Apache-2.0 */
/* The inspector's form, built from plain descriptions of fields.  A value is
 * committed on Enter, when the focus leaves or after 400 ms of rest; what the
 * owner refuses shows its reason under the field. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  GW_FIELD_BOOL,     /* "true" or "false" */
  GW_FIELD_INT,
  GW_FIELD_FLOAT,
  GW_FIELD_STRING,
  GW_FIELD_CHOICE,   /* one of choices */
  GW_FIELD_DTYPE,    /* one of choices, shown with its port glyph */
  GW_FIELD_SHAPE,    /* "?,28,28,1"; "" = scalar; "unknown" = any rank */
  GW_FIELD_INTS,     /* "1,2,2,1" */
  GW_FIELD_FILE,     /* a path, with a button that chooses */
  GW_FIELD_SEED,     /* an integer, with a dice */
  GW_FIELD_TEXT,     /* several lines */
  GW_FIELD_READONLY  /* value only; unit stands before it, dim */
} GwFieldType;

/* One row.  All strings are copied by the form. */
typedef struct
{
  const char *key;                /* unique in the form */
  const char *label;
  const char *group;              /* title of its card; NULL = the card of the row before */
  GwFieldType type;
  const char *value;              /* present text; NULL = "" */
  const char *default_value;      /* NULL = no reset button */
  double hard_min, hard_max;      /* refused beyond; both 0 = no limit */
  double soft_min, soft_max;      /* slider's range; both 0 = no slider */
  const char *const *choices;     /* NULL-terminated; NULL = none */
  const char *unit;               /* after the value, dim */
  const char *help;               /* tooltip */
  const char *action;             /* detailed name of the action of a button beside it; NULL = none */
  const char *action_label;       /* what the button says */
  const char *error;              /* reason under the field; NULL = none */
  gboolean hidden;
  gboolean insensitive;           /* help should say what would enable it */
} GwFormField;

#define GW_TYPE_FORM (gw_form_get_type ())
G_DECLARE_FINAL_TYPE (GwForm, gw_form, GW, FORM, GtkWidget)

/* Signal "field-committed" (string key, string text): a value that passed the
 * form's own check (syntax and hard range).  The form keeps showing it; call
 * gw_form_set_error() to refuse it or gw_form_set_value() to normalise it. */
GtkWidget *gw_form_new (void);

/* Shows these rows.  When keys, types, groups and choices are those shown now,
 * rows are updated in place and a field being edited keeps its text and focus. */
void gw_form_set_fields (GwForm *form, const GwFormField *fields, guint n_fields);

/* Unknown keys are ignored; a field being edited keeps its text. */
void gw_form_set_value (GwForm *form, const char *key, const char *value);
void gw_form_set_error (GwForm *form, const char *key, const char *text);
void gw_form_set_hidden (GwForm *form, const char *key, gboolean hidden);
/* The text shown now, committed or not; NULL for unknown keys. */
const char *gw_form_get_text (GwForm *form, const char *key);
const char *gw_form_get_error (GwForm *form, const char *key);
/* Commits what is being typed now (before a save or a run). */
void gw_form_commit_pending (GwForm *form);
gboolean gw_form_focus_field (GwForm *form, const char *key);

/* Checks @text as the form does: NULL when it is good, else the reason (free). */
char *gw_form_check (GwFieldType type, const char *text, double hard_min, double hard_max);

G_END_DECLS
