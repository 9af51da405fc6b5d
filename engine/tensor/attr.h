/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes: the one vocabulary in which ops, data sources, transformations
 * and training settings describe their parameters. A definition gives the form
 * field, the JSON key, the command-line option, the check and the help. */
#pragma once

#include "engine/tensor/tensor.h"

#include <cjson/cJSON.h>

G_BEGIN_DECLS

typedef enum {
  GW_ATTR_BOOL,
  GW_ATTR_INT,     /* int64 */
  GW_ATTR_FLOAT,
  GW_ATTR_STRING,
  GW_ATTR_CHOICE,  /* a string out of `choices` */
  GW_ATTR_DTYPE,   /* allowed ones in `choices` (names), NULL = any */
  GW_ATTR_SHAPE,
  GW_ATTR_INTS,    /* list(int) */
  GW_ATTR_FLOATS,
  GW_ATTR_STRINGS,
  GW_ATTR_DTYPES,  /* list(type) */
  GW_ATTR_SHAPES,  /* list(shape) */
  GW_ATTR_TENSOR,
  GW_ATTR_FILE,    /* a path */
  GW_ATTR_SEED,    /* int64; 0 = drawn when the run starts */
  GW_ATTR_FUNC,    /* the name of a sub-graph */
  GW_ATTR_FUNCS,   /* list(func): names of sub-graphs */
} GwAttrType;

/* A tagged value. Owns what it points to once stored in a node, document or set;
 * the constructors below borrow. */
typedef struct {
  GwAttrType type;
  union {
    gboolean   b;
    int64_t    i;       /* INT, SEED */
    double     f;
    char      *s;       /* STRING, CHOICE, FILE, FUNC */
    GwDType    dtype;
    GwShape    shape;
    GwTensor  *tensor;
    struct {
      int n;
      union {
        int64_t *i;
        double  *f;
        char   **s;
        GwDType *dtypes;
        GwShape *shapes;
      };
    } list;
  };
} GwAttrValue;

typedef enum {
  GW_ATTR_REQUIRED = 1 << 0, /* no default: must be given (or inferred, for types) */
  GW_ATTR_HIDDEN = 1 << 1,   /* not shown in forms: follows from the wires, or for experts */
} GwAttrFlags;

typedef struct {
  const char        *name;       /* TensorFlow's; key in JSON and on the command line */
  GwAttrType         type;
  const char        *def;        /* default in text form; NULL = 0, "", false, first choice, empty list, shape ? */
  double             min, max;   /* hard range, both 0 = none, max < min = no upper end: validation (list: its length) */
  double             ui_min, ui_max; /* soft range, both 0 = none: slider */
  const char *const *choices;    /* NULL-terminated */
  const char        *label, *unit, *help;
  const char        *visible_if; /* "name=value" of another attribute, or several values: "name=value|value"; or NULL */
  GwAttrFlags        flags;
} GwAttrDef;

#define GW_CHOICES(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* Borrowing constructors for literal values. */
static inline GwAttrValue gw_attr_bool (gboolean b) { return (GwAttrValue) { GW_ATTR_BOOL, { .b = b } }; }
static inline GwAttrValue gw_attr_int (int64_t i) { return (GwAttrValue) { GW_ATTR_INT, { .i = i } }; }
static inline GwAttrValue gw_attr_float (double f) { return (GwAttrValue) { GW_ATTR_FLOAT, { .f = f } }; }
static inline GwAttrValue gw_attr_string (const char *s) { return (GwAttrValue) { GW_ATTR_STRING, { .s = (char *) s } }; }
static inline GwAttrValue gw_attr_func (const char *s) { return (GwAttrValue) { GW_ATTR_FUNC, { .s = (char *) s } }; }
static inline GwAttrValue gw_attr_dtype (GwDType d) { return (GwAttrValue) { GW_ATTR_DTYPE, { .dtype = d } }; }
static inline GwAttrValue gw_attr_shape (GwShape shape) { return (GwAttrValue) { GW_ATTR_SHAPE, { .shape = shape } }; }
static inline GwAttrValue gw_attr_tensor (GwTensor *t) { return (GwAttrValue) { GW_ATTR_TENSOR, { .tensor = t } }; }
static inline GwAttrValue gw_attr_ints (int n, const int64_t *v) { return (GwAttrValue) { GW_ATTR_INTS, { .list = { n, { .i = (int64_t *) v } } } }; }
static inline GwAttrValue gw_attr_dtypes (int n, const GwDType *v) { return (GwAttrValue) { GW_ATTR_DTYPES, { .list = { n, { .dtypes = (GwDType *) v } } } }; }
static inline GwAttrValue gw_attr_funcs (int n, const char *const *v) { return (GwAttrValue) { GW_ATTR_FUNCS, { .list = { n, { .s = (char **) v } } } }; }
static inline GwAttrValue gw_attr_strings (int n, const char *const *v) { return (GwAttrValue) { GW_ATTR_STRINGS, { .list = { n, { .s = (char **) v } } } }; }

/* Number of definitions up to the one without a name; `defs` may be NULL. */
int gw_attr_defs_length (const GwAttrDef *defs);
/* Index of `name`, or -1. */
int gw_attr_defs_find (const GwAttrDef *defs, const char *name);

void gw_attr_value_copy (GwAttrValue *dest, const GwAttrValue *src); /* dest is overwritten, not cleared */
void gw_attr_value_clear (GwAttrValue *value);
gboolean gw_attr_value_equal (const GwAttrValue *a, const GwAttrValue *b);

/* The names of sub-graphs in a value of type FUNC (one) or FUNCS, NULL texts among them as they
 * stand; of any other type none. They are the value's. */
char *const *gw_attr_func_names (const GwAttrValue *value, int *n);

/* The default of `def` (owned by the caller). */
void gw_attr_default (const GwAttrDef *def, GwAttrValue *value);

/* From text as typed by a person or after `--set`: "true", "0.5", "relu",
 * "?,28,28", "[1,2,2,1]", "[[1,2],[3,4]]". Checks the range. INVALID_ARGUMENT
 * names the attribute, what it got and what it wants. */
gboolean gw_attr_parse (const GwAttrDef *def, const char *text, GwAttrValue *value, GError **error);
char *gw_attr_to_string (const GwAttrValue *value);
/* The same for the eye: a tensor of more than `max_elements` is cut by "…" and cannot be read back. */
char *gw_attr_to_label (const GwAttrValue *value, int64_t max_elements);

/* Type, hard range and choices of a value that comes from elsewhere. An INT where
 * a FLOAT is wanted is converted in place, a STRING where CHOICE, FILE or FUNC is. */
gboolean gw_attr_check (const GwAttrDef *def, GwAttrValue *value, GError **error);

/* JSON: bool, number, string; shapes as [null,28,28] with null for unknown (and
 * the string "?" for unknown rank); dtypes by name; a tensor as
 * {"dtype","shape","data":[flat]} ; integers beyond 2^53 and non-finite numbers
 * as strings. Tensors of GW_ATTR_MOST_LISTED numbers and more stand as {"dtype","shape","base64"}:
 * their bytes in memory's order, the lowest first. */
#define GW_ATTR_MOST_LISTED 4096
cJSON *gw_attr_to_json (const GwAttrValue *value);
gboolean gw_attr_from_json (const GwAttrDef *def, const cJSON *json, GwAttrValue *value, GError **error);

/* The tensor form of the above on its own: always as a list; read in either form. */
cJSON *gw_tensor_to_json (const GwTensor *tensor);
GwTensor *gw_tensor_from_json (const cJSON *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
