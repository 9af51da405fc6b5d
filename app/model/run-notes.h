/* SPDX-License-Identifier: Apache-2.0 */
/* runs.json in the folder of a document's runs: what the user gave each run, as
 * key → {name, color, visible}. Changes are written by a worker half a second later.
 * Main thread. */
#pragma once

#include <gio/gio.h>

#include "engine/engine.h"

G_BEGIN_DECLS

#define GW_RUNS_FILE "runs.json"

typedef struct _GwRunNotes GwRunNotes;

/* The file could not be written. */
typedef void (*GwRunNotesFailed) (const char *text, gpointer data);

GwRunNotes *gw_run_notes_new (GwRunNotesFailed failed, gpointer data);
/* Writes what still waits. */
void gw_run_notes_free (GwRunNotes *notes);
/* Writes what still waits, forgets all and goes on in another folder; NULL = none. */
void gw_run_notes_set_dir (GwRunNotes *notes, const char *runs_dir);
/* Takes an object that was read from the file, in place of what there is. */
void gw_run_notes_take (GwRunNotes *notes, cJSON *kept);
/* NULL = nothing is kept of this run; borrowed. */
const cJSON *gw_run_notes_get (const GwRunNotes *notes, const char *key);
/* Takes `value`; NULL takes the member away. */
void gw_run_notes_set (GwRunNotes *notes, const char *key, const char *member, cJSON *value);
void gw_run_notes_remove (GwRunNotes *notes, const char *key);

G_END_DECLS
