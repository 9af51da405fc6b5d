/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed set of column transformations: their descriptions. What they do is in
 * recipe.c. */
#include "engine/data/recipe-private.h"

#include <string.h>

#define PER_FEATURE \
  { "per_feature", GW_ATTR_BOOL, "false", .label = "Each element by itself", \
    .help = "Statistics of every element of a row instead of the whole column." }

const GwTransformDef gw_transform_cast = {
  .name = "cast",
  .title = "Cast",
  .summary = "Turns the values into another type.",
  .attrs = (const GwAttrDef[]) {
    { "dtype", GW_ATTR_DTYPE, "float32", .choices = GW_CHOICES ("float32", "float64", "int32", "int64", "uint8", "bool"),
      .label = "Type" },
    { NULL } },
};

const GwTransformDef gw_transform_scale = {
  .name = "scale",
  .title = "Scale",
  .summary = "factor × value + offset, as float32. The default takes bytes to 0 … 1.",
  .attrs = (const GwAttrDef[]) {
    { "factor", GW_ATTR_FLOAT, "0.00392156862745098", .label = "Factor" },
    { "offset", GW_ATTR_FLOAT, "0", .label = "Offset" },
    { NULL } },
};

const GwTransformDef gw_transform_standardize = {
  .name = "standardize",
  .title = "Standardise",
  .summary = "Takes the training rows to mean 0 and standard deviation 1, as float32.",
  .attrs = (const GwAttrDef[]) { PER_FEATURE, { NULL } },
};

const GwTransformDef gw_transform_min_max = {
  .name = "min_max",
  .title = "Fit to a range",
  .summary = "Takes the least and the largest value of the training rows to the ends of a range, as float32.",
  .attrs = (const GwAttrDef[]) {
    { "low", GW_ATTR_FLOAT, "0", .label = "From" },
    { "high", GW_ATTR_FLOAT, "1", .label = "To" },
    PER_FEATURE,
    { NULL } },
};

const GwTransformDef gw_transform_fill_missing = {
  .name = "fill_missing",
  .title = "Fill missing values",
  .summary = "Puts a number where there is none (NaN).",
  .attrs = (const GwAttrDef[]) {
    { "with", GW_ATTR_CHOICE, "mean", .choices = GW_CHOICES ("mean", "value"), .label = "With",
      .help = "The mean of the training rows, or a value." },
    { "value", GW_ATTR_FLOAT, "0", .label = "Value", .visible_if = "with=value" },
    { NULL } },
};

const GwTransformDef gw_transform_vocabulary = {
  .name = "vocabulary",
  .title = "Vocabulary",
  .summary = "Numbers the words of a text column by a list instead of by first appearance.",
  .attrs = (const GwAttrDef[]) {
    { "words", GW_ATTR_STRINGS, NULL, .label = "Words", .help = "The first is number 0." },
    { "unknown", GW_ATTR_INT, "-1", .label = "Unknown", .help = "The number of a word that is not in the list." },
    { NULL } },
};

const GwTransformDef gw_transform_one_hot = {
  .name = "one_hot",
  .title = "One-hot",
  .summary = "Turns a number of a class into a row of zeros with a one; a number outside gives zeros alone.",
  .attrs = (const GwAttrDef[]) {
    { "depth", GW_ATTR_INT, "0", .min = 0, .max = 1000000, .label = "Classes", .help = "0 = as many as the data has." },
    { "on_value", GW_ATTR_FLOAT, "1", .label = "On" },
    { "off_value", GW_ATTR_FLOAT, "0", .label = "Off" },
    { NULL } },
};

const GwTransformDef gw_transform_reshape = {
  .name = "reshape",
  .title = "Reshape",
  .summary = "Gives each row another shape of as many elements.",
  .attrs = (const GwAttrDef[]) {
    { "shape", GW_ATTR_SHAPE, "[?]", .label = "Shape", .help = "Of one row; one size may be ?." },
    { NULL } },
};

static const GwTransformDef *const transforms[] = {
  &gw_transform_cast, &gw_transform_scale, &gw_transform_standardize, &gw_transform_min_max,
  &gw_transform_fill_missing, &gw_transform_vocabulary, &gw_transform_one_hot, &gw_transform_reshape, NULL,
};

const GwTransformDef *const *
gw_transforms (void)
{
  return transforms;
}

const GwTransformDef *
gw_transform_find (const char *name)
{
  for (int i = 0; transforms[i] != NULL; i++)
    if (strcmp (transforms[i]->name, name) == 0)
      return transforms[i];
  return NULL;
}
