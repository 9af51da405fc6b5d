/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tensor/dtype.h"

#include <string.h>

typedef enum { FLOATING = 1, INTEGER, COMPLEX, OTHER } Kind;

typedef struct {
  GwDType     dtype;
  const char *name;
  const char *tf_name;
  const char *alias; /* a second spelling people write, or NULL */
  guint8      size;
  Kind        kind;
} DTypeInfo;

static const DTypeInfo infos[] = {
  { GW_FLOAT32, "float32", "DT_FLOAT", "float", 4, FLOATING },
  { GW_FLOAT64, "float64", "DT_DOUBLE", "double", 8, FLOATING },
  { GW_INT32, "int32", "DT_INT32", "int", 4, INTEGER },
  { GW_UINT8, "uint8", "DT_UINT8", NULL, 1, INTEGER },
  { GW_INT16, "int16", "DT_INT16", NULL, 2, INTEGER },
  { GW_INT8, "int8", "DT_INT8", NULL, 1, INTEGER },
  { GW_STRING, "string", "DT_STRING", NULL, sizeof (GwString), OTHER },
  { GW_COMPLEX64, "complex64", "DT_COMPLEX64", NULL, 8, COMPLEX },
  { GW_INT64, "int64", "DT_INT64", "long", 8, INTEGER },
  { GW_BOOL, "bool", "DT_BOOL", "boolean", 1, OTHER },
  { GW_BFLOAT16, "bfloat16", "DT_BFLOAT16", NULL, 2, FLOATING },
  { GW_UINT16, "uint16", "DT_UINT16", NULL, 2, INTEGER },
  { GW_COMPLEX128, "complex128", "DT_COMPLEX128", NULL, 16, COMPLEX },
  { GW_FLOAT16, "float16", "DT_HALF", "half", 2, FLOATING },
  { GW_RESOURCE, "resource", "DT_RESOURCE", NULL, sizeof (void *), OTHER },
  { GW_VARIANT, "variant", "DT_VARIANT", NULL, sizeof (void *), OTHER },
  { GW_UINT32, "uint32", "DT_UINT32", NULL, 4, INTEGER },
  { GW_UINT64, "uint64", "DT_UINT64", NULL, 8, INTEGER },
};

static const DTypeInfo *
find_info (GwDType dtype)
{
  for (gsize i = 0; i < G_N_ELEMENTS (infos); i++)
    if (infos[i].dtype == dtype)
      return &infos[i];
  return NULL;
}

static gboolean
has_kind (GwDType dtype,
          Kind    kind)
{
  const DTypeInfo *info = find_info (dtype);

  return info != NULL && info->kind == kind;
}

size_t
gw_dtype_size (GwDType dtype)
{
  const DTypeInfo *info = find_info (dtype);

  return info != NULL ? info->size : 0;
}

const char *
gw_dtype_name (GwDType dtype)
{
  const DTypeInfo *info = find_info (dtype);

  return info != NULL ? info->name : "invalid";
}

const char *
gw_dtype_tf_name (GwDType dtype)
{
  const DTypeInfo *info = find_info (dtype);

  return info != NULL ? info->tf_name : "DT_INVALID";
}

GwDType
gw_dtype_from_name (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (infos); i++)
    if (g_ascii_strcasecmp (name, infos[i].name) == 0 ||
        strcmp (name, infos[i].tf_name) == 0 ||
        g_strcmp0 (name, infos[i].alias) == 0)
      return infos[i].dtype;
  return GW_DTYPE_INVALID;
}

gboolean
gw_dtype_is_floating (GwDType dtype)
{
  return has_kind (dtype, FLOATING);
}

gboolean
gw_dtype_is_integer (GwDType dtype)
{
  return has_kind (dtype, INTEGER);
}

gboolean
gw_dtype_is_complex (GwDType dtype)
{
  return has_kind (dtype, COMPLEX);
}

gboolean
gw_dtype_is_numeric (GwDType dtype)
{
  const DTypeInfo *info = find_info (dtype);

  return info != NULL && info->kind != OTHER;
}
