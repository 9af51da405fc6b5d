/* SPDX-License-Identifier: Apache-2.0 */
/* The small picture under a node's attributes: what its initializer draws, its activation,
 * its schedule. Computed in a worker; hidden where there is nothing to show. */
#pragma once

#include <gtk/gtk.h>

#include "app/model/node-picture.h"

G_BEGIN_DECLS

#define GW_TYPE_INSPECTOR_PICTURE (gw_inspector_picture_get_type ())
G_DECLARE_FINAL_TYPE (GwInspectorPicture, gw_inspector_picture, GW, INSPECTOR_PICTURE, GtkBox)

GtkWidget *gw_inspector_picture_new (void);
/* Takes the sketch; NULL hides the picture. An equal one is not computed again. */
void gw_inspector_picture_show (GwInspectorPicture *picture, GwNodeSketch *sketch);

G_END_DECLS
