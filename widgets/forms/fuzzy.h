/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzy matching of what was typed against the names of ops. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* 0 = no match; higher is better: equal > prefix > start of a word > inside >
 * letters in order.  Case is ignored. */
int gw_fuzzy_score (const char *typed, const char *text);

/* Letters to change, add or drop to make @a of @b, ignoring case. */
guint gw_fuzzy_distance (const char *a, const char *b);

G_END_DECLS
