/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's headers that the program needs. */
#pragma once

#include "engine/base/error.h"
#include "engine/data/pipeline.h"
#include "engine/document/composites.h"
#include "engine/document/document.h"
#include "engine/document/lower.h"
#include "engine/files/checkpoint.h"
#include "engine/files/checkpoint-state.h"
#include "engine/files/event-file.h"
#include "engine/files/npy.h"
#include "engine/graph/registry.h"
#include "engine/tensor/stats.h"
#include "engine/tensor/text.h"
#include "engine/train/run-folder.h"
#include "engine/train/trainer.h"
