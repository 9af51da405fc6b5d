/* SPDX-License-Identifier: Apache-2.0 */
/* Errors of the whole program: one domain, ten codes named after
 * TensorFlow's, and the node that failed carried beside the message. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  GW_ERROR_INVALID_ARGUMENT,    /* the graph, a value or a file's content breaks a rule */
  GW_ERROR_NOT_FOUND,           /* a name, key or file that does not exist */
  GW_ERROR_ALREADY_EXISTS,      /* a name that is taken */
  GW_ERROR_FAILED_PRECONDITION, /* e.g. a variable that was never initialised */
  GW_ERROR_OUT_OF_RANGE,        /* the end of a sequence */
  GW_ERROR_RESOURCE_EXHAUSTED,  /* memory or disk */
  GW_ERROR_UNIMPLEMENTED,       /* valid TensorFlow that this program does not do */
  GW_ERROR_CANCELLED,           /* the user stopped it */
  GW_ERROR_DATA_LOSS,           /* a damaged file */
  GW_ERROR_UNAVAILABLE,         /* a device, peer or folder that cannot be reached */
} GwErrorCode;

#define GW_ERROR (gw_error_quark ())
GQuark gw_error_quark (void);

/* TensorFlow's spelling of a code, e.g. "INVALID_ARGUMENT". */
const char *gw_error_code_name (GwErrorCode code);

/* The node that failed, or NULL. Owned by `error`. */
const char *gw_error_get_node (const GError *error);
const char *gw_error_get_op (const GError *error);
/* Where that node is a box of several ops, the full name of the one that failed; NULL = it is the node itself. */
const char *gw_error_get_inner (const GError *error);

/* What a person is told: the message, behind the node's name where the message does not
 * name it itself. Allocated. */
char *gw_error_text (const GError *error);

/* Records the node in which *error arose, unless one is recorded already: the
 * innermost wins. Does nothing when error or *error is NULL, or when the error
 * is of another domain. */
void gw_error_set_node (GError **error, const char *node, const char *op);

/* Records which op of the box it was. Does nothing where gw_error_set_node() does nothing. */
void gw_error_set_inner (GError **error, const char *inner);

/* A copy of `error` turned to GW_ERROR_`code` when it comes from another domain
 * (GFileError and its like); frees `error`. For passing library errors on. */
void gw_propagate_foreign_error (GError **dest, GError *error, GwErrorCode code, const char *what);

/* Sets INVALID_ARGUMENT and returns FALSE, so that a check is one line:
 *   return gw_invalid (error, "depth must be positive, not %d", depth);      */
gboolean gw_invalid (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
