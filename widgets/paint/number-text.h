/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people read them: a true minus sign (U+2212), thousands by comma,
 * four significant digits, "1k" on axes. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Enough for every text of this file, with its end. */
#define GW_NUMBER_TEXT_SIZE 40

/* Four significant digits, without trailing zeros ("0.308", "6,000", "4.1e−4",
 * "−∞", "NaN").  Returns @buffer. */
const char *gw_number_text (char buffer[GW_NUMBER_TEXT_SIZE], double value);

/* The same with @digits significant digits (1..17). */
const char *gw_number_text_digits (char buffer[GW_NUMBER_TEXT_SIZE], double value, int digits);

/* Integer with commas: "443,610". */
const char *gw_number_text_count (char buffer[GW_NUMBER_TEXT_SIZE], gint64 value);

/* Label of a linear axis whose ticks lie @step apart and reach at most
 * @magnitude: "0.25", "1.5k", "3M". */
const char *gw_number_text_tick (char buffer[GW_NUMBER_TEXT_SIZE], double value, double step,
                                 double magnitude);

/* Seconds: "6.1 s", "3 min 20 s", "2 h 5 min". */
const char *gw_number_text_duration (char buffer[GW_NUMBER_TEXT_SIZE], double seconds);

G_END_DECLS
