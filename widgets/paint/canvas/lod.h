/* SPDX-License-Identifier: Apache-2.0 */

/* Levels of detail: from which zoom (px on screen per canvas px) what is
 * drawn. */

#pragma once

#define GW_CANVAS_LOD_HISTOGRAM 1.5     /* histogram strip of watched nodes */
#define GW_CANVAS_LOD_FULL 0.85         /* op type, attributes, text on wires */
#define GW_CANVAS_LOD_NOTES 0.7         /* words of notes, bars before */
#define GW_CANVAS_LOD_LABELS 0.6        /* port labels and shapes */
#define GW_CANVAS_LOD_PORTS 0.4         /* tile, name, ports */
#define GW_CANVAS_LOD_NAMES 0.15        /* names on boxes that are wide enough */

#define GW_CANVAS_MIN_TEXT 9.0          /* px on screen; smaller is left out */
