/* SPDX-License-Identifier: Apache-2.0 */
/* One computed value in the inspector: what it is, its picture, its figures, and a button
 * that copies all its numbers. */
#pragma once

#include <gtk/gtk.h>

#include "engine/engine.h"

G_BEGIN_DECLS

/* Keeps a reference to the tensor. */
GtkWidget *gw_inspector_value_new (const GwNamedTensor *value);

G_END_DECLS
