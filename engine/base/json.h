/* SPDX-License-Identifier: Apache-2.0 */
/* cJSON with what it lacks: errors, 64-bit integers, non-finite numbers, size
 * limits. cJSON holds doubles, so integers beyond 2^53 and NaN or infinity are
 * written as strings ("NaN", "Infinity", "-Infinity"). */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (cJSON, cJSON_Delete)

/* INVALID_ARGUMENT with line and column of the first mistake. */
cJSON *gw_json_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NOT_FOUND, UNAVAILABLE or INVALID_ARGUMENT, naming the file. */
cJSON *gw_json_load (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Indented by two, arrays of scalars on one line; ends in a newline. */
char *gw_json_print (const cJSON *json);
/* One line. */
char *gw_json_print_compact (const cJSON *json);

cJSON *gw_json_new_int (int64_t value);
cJSON *gw_json_new_double (double value);
/* FALSE when `json` is no such number (or its string form). */
gboolean gw_json_get_int (const cJSON *json, int64_t *value);
gboolean gw_json_get_double (const cJSON *json, double *value);

/* Members of an object, with a default where absent or of another type. */
const char *gw_json_member_string (const cJSON *object, const char *key, const char *otherwise);
int64_t gw_json_member_int (const cJSON *object, const char *key, int64_t otherwise);
double gw_json_member_double (const cJSON *object, const char *key, double otherwise);
gboolean gw_json_member_bool (const cJSON *object, const char *key, gboolean otherwise);

G_END_DECLS
