/* SPDX-License-Identifier: Apache-2.0 */
/* The registry as text: for `gw ops`, the documentation and tests that want every
 * change of an op's surface to be a visible difference. */
#pragma once

#include "engine/base/json.h"
#include "engine/graph/op-def.h"

G_BEGIN_DECLS

/* {"name","title","category","since","summary","doc","flags":[…],
 *  "inputs":[{"name","type","number_attr","ref","literal","help"}…],"outputs":[…],
 *  "attrs":[{"name","type","default","required","min","max","choices","label","unit","help"}…],
 *  "kind":"primitive"|"composite","gradient":bool,"cuda":bool,
 *  "examples":[{"inputs","attrs","outputs"}…]}. What is absent is left out. */
cJSON *gw_describe_op (const GwOpDef *def) G_GNUC_WARN_UNUSED_RESULT;
/* All of them, sorted by name. */
cJSON *gw_describe_ops (void) G_GNUC_WARN_UNUSED_RESULT;
/* A list of attribute definitions, as in "attrs" above: training settings, pipelines,
 * sources. */
cJSON *gw_describe_attrs (const GwAttrDef *attrs) G_GNUC_WARN_UNUSED_RESULT;

/* A section with heading, ports, attributes and examples. */
void gw_describe_op_markdown (const GwOpDef *def, GString *text);
/* The whole page, by category. */
char *gw_describe_ops_markdown (void);

/* "product = MatMul (a, b; T, transpose_a, transpose_b)". */
char *gw_describe_signature (const GwOpDef *def);

/* "float32", "list(int)": TensorFlow's word for an attribute's type. */
const char *gw_attr_type_word (GwAttrType type);

G_END_DECLS
