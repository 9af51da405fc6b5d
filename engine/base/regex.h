/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions in RE2's syntax, as TensorFlow's ops have them. A pattern is
 * checked and rewritten for GRegex: what RE2 has no notion of (back references, looking
 * around) is refused, and \d, \w, \s, \b and [:classes:] mean ASCII. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GwRegex GwRegex;

/* INVALID_ARGUMENT “Invalid pattern: …” with the reason. `full`: a match must cover the
 * whole text. */
GwRegex *gw_regex_new (const char *pattern, gsize length, gboolean full, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void gw_regex_free (GwRegex *regex);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRegex, gw_regex_free)

/* Texts that are no UTF-8 are matched byte by byte. RESOURCE_EXHAUSTED when a match
 * takes too many steps. */
gboolean gw_regex_match (const GwRegex *regex, const char *text, gsize length, gboolean *matches, GError **error);

/* Puts `rewrite` in place of the first match or of all: \0 is the match, \1 … \9 its
 * groups, \\ a backslash; anything else behind a backslash ends what is put there when
 * `all` is set, else nothing is replaced, as in RE2. A group that the pattern does not
 * have leaves the text as it is. Appends to `out`. */
gboolean gw_regex_replace (const GwRegex *regex, const char *text, gsize length, const char *rewrite,
                           gsize rewrite_length, gboolean all, GString *out, GError **error);

G_END_DECLS
