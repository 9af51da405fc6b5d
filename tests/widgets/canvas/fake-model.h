/* SPDX-License-Identifier: Apache-2.0 */

/* A model that does what it is asked on a scene of its own, and writes down
 * each request as a line of text. */

#pragma once

#include "widgets/canvas/canvas-model.h"

#define FAKE_TYPE_MODEL (fake_model_get_type ())
G_DECLARE_FINAL_TYPE (FakeModel, fake_model, FAKE, MODEL, GObject)

/* Takes the scene. */
FakeModel  *fake_model_new   (GwScene    *scene);
GwScene    *fake_model_scene (FakeModel  *model);
/* The requests since the last clear, one a line. */
const char *fake_model_log   (FakeModel  *model);
void        fake_model_clear (FakeModel  *model);
