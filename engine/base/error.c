/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/error.h"

#include <string.h>

typedef struct {
  char *node;
  char *op;
  char *inner;
} GwErrorPrivate;

static void
gw_error_private_init (GwErrorPrivate *priv)
{
}

static void
gw_error_private_copy (const GwErrorPrivate *src,
                       GwErrorPrivate       *dest)
{
  dest->node = g_strdup (src->node);
  dest->op = g_strdup (src->op);
  dest->inner = g_strdup (src->inner);
}

static void
gw_error_private_clear (GwErrorPrivate *priv)
{
  g_free (priv->node);
  g_free (priv->op);
  g_free (priv->inner);
}

G_DEFINE_EXTENDED_ERROR (GwError, gw_error)

const char *
gw_error_code_name (GwErrorCode code)
{
  static const char *const names[] = {
    "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "OUT_OF_RANGE",
    "RESOURCE_EXHAUSTED", "UNIMPLEMENTED", "CANCELLED", "DATA_LOSS", "UNAVAILABLE",
  };

  return code < G_N_ELEMENTS (names) ? names[code] : "UNKNOWN";
}

const char *
gw_error_get_node (const GError *error)
{
  if (error == NULL || error->domain != GW_ERROR)
    return NULL;
  return gw_error_get_private (error)->node;
}

const char *
gw_error_get_op (const GError *error)
{
  if (error == NULL || error->domain != GW_ERROR)
    return NULL;
  return gw_error_get_private (error)->op;
}

const char *
gw_error_get_inner (const GError *error)
{
  if (error == NULL || error->domain != GW_ERROR)
    return NULL;
  return gw_error_get_private (error)->inner;
}

static gboolean
is_part_of_name (char c)
{
  return g_ascii_isalnum (c) || (c != 0 && strchr ("_./-", c) != NULL);
}

/* As a word of its own: "x" is not in "expected". */
static gboolean
names (const char *message,
       const char *node)
{
  size_t length = strlen (node);

  for (const char *at = strstr (message, node); at != NULL && length > 0; at = strstr (at + 1, node))
    if ((at == message || !is_part_of_name (at[-1])) && !is_part_of_name (at[length]))
      return TRUE;
  return FALSE;
}

char *
gw_error_text (const GError *error)
{
  const char *node = gw_error_get_node (error);

  return node == NULL || names (error->message, node) ? g_strdup (error->message)
                                                      : g_strdup_printf ("%s: %s", node, error->message);
}

void
gw_error_set_node (GError     **error,
                   const char  *node,
                   const char  *op)
{
  GwErrorPrivate *priv;

  if (error == NULL || *error == NULL || (*error)->domain != GW_ERROR)
    return;
  priv = gw_error_get_private (*error);
  if (priv->node != NULL)
    return;
  priv->node = g_strdup (node);
  priv->op = g_strdup (op);
}

void
gw_error_set_inner (GError     **error,
                    const char  *inner)
{
  GwErrorPrivate *priv;

  if (error == NULL || *error == NULL || (*error)->domain != GW_ERROR)
    return;
  priv = gw_error_get_private (*error);
  g_free (priv->inner);
  priv->inner = g_strdup (inner);
}

void
gw_propagate_foreign_error (GError     **dest,
                            GError      *error,
                            GwErrorCode  code,
                            const char  *what)
{
  if (error->domain == GW_ERROR)
    {
      g_propagate_error (dest, error);
      return;
    }
  g_set_error (dest, GW_ERROR, code, "%s: %s", what, error->message);
  g_error_free (error);
}

gboolean
gw_invalid (GError     **error,
            const char  *format,
            ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, GW_ERROR, GW_ERROR_INVALID_ARGUMENT, message);
  return FALSE;
}
