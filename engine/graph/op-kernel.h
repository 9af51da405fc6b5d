/* SPDX-License-Identifier: Apache-2.0 */
/* Which function runs an op: its own kernel or, for 16-bit floating-point types that
 * this kernel does not know (GW_OP_IN_FLOAT), one that runs it on float32 copies. */
#pragma once

#include "engine/graph/op-def.h"

G_BEGIN_DECLS

/* What to call for an op with these attributes; NULL for a composite. context->def must
 * be the op's definition when it runs. */
GwKernelFunc gw_op_kernel (const GwOpDef *def, const GwAttrValue *attrs);

/* Element type of output `index`; of an op without output lists of DTYPES. */
GwDType gw_op_output_dtype (const GwOpDef *def, const GwAttrValue *attrs, int index);

G_END_DECLS
