/* SPDX-License-Identifier: Apache-2.0 */

/* Scenes for tests, the demo and the bench: the graph of the design and large
 * ones made by rule. */

#pragma once

#include "widgets/paint/canvas/scene.h"

/* Ids of the design's graph that tests speak of. */
enum
{
  FASHION_IMAGE = 1,
  FASHION_HIDDEN1,
  FASHION_DROP1,
  FASHION_HIDDEN2,
  FASHION_DROP2,
  FASHION_KEEP_PROB,
  FASHION_LOGITS,
  FASHION_LABEL,
  FASHION_XENT,
  FASHION_LOSS,
  FASHION_TRAIN,
  FASHION_ACCURACY,
  FASHION_STEPS,
  FASHION_W,
  FASHION_MATMUL,
  FASHION_ADD,
  FASHION_DOT1,
  FASHION_DOT2,
  FASHION_PROBE,
  FASHION_FIRST_WIRE = 100
};

/* running: with live values, glowing wires and parts that the run needs not. */
GwScene *fashion_scene_new (gboolean running);

/* n nodes in columns of 25, each wired to about 1.5 others to its right, some
 * back. */
GwScene *large_scene_new   (guint    n);
