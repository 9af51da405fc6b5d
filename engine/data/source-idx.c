/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and labels in IDX files: any such pair, and Fashion-MNIST where Debian
 * installs it. The pixels stay uint8; files are inflated straight into the tensor. */
#include "engine/data/source.h"

#include "engine/base/error.h"
#include "engine/files/idx.h"

#include <string.h>

static gboolean
check_counts (const GwShape *images,
              const GwShape *labels,
              const char    *images_path,
              const char    *labels_path,
              GError       **error)
{
  if (images->rank > 0 && labels->rank > 0 && images->dims[0] == labels->dims[0])
    return TRUE;
  return gw_invalid (error, "%s holds %" G_GINT64_FORMAT " pictures, but %s %" G_GINT64_FORMAT " labels",
                     images_path, (gint64) images->dims[0], labels_path, (gint64) labels->dims[0]);
}

static gboolean
read_header (const char *path,
             GwDType    *dtype,
             GwShape    *shape,
             GError    **error)
{
  g_autoptr (GwInput) input = gw_input_open (path, GW_INPUT_AUTO, error);

  return input != NULL && gw_idx_read_header (input, dtype, shape, error);
}

static GArray *
describe_pair (const char *images_path,
               const char *labels_path,
               int         n_classes,
               GError    **error)
{
  GwDType image_dtype, label_dtype;
  GwShape images, labels;
  GArray *infos;

  if (!read_header (images_path, &image_dtype, &images, error) ||
      !read_header (labels_path, &label_dtype, &labels, error) ||
      !check_counts (&images, &labels, images_path, labels_path, error))
    return NULL;
  images = gw_shape_from_dims (images.rank - 1, images.dims + 1);
  labels = gw_shape_from_dims (labels.rank - 1, labels.dims + 1);
  infos = gw_column_infos_new ();
  gw_column_infos_add (infos, "image", image_dtype, &images, 0);
  gw_column_infos_add (infos, "label", label_dtype, &labels, n_classes);
  return infos;
}

/* `classes` is copied; NULL for none. */
static GwTable *
open_pair (const char        *images_path,
           const char        *labels_path,
           const char *const *classes,
           GError           **error)
{
  g_autoptr (GwTensor) labels = gw_idx_load (labels_path, error);
  g_autoptr (GwTensor) images = labels != NULL ? gw_idx_load (images_path, error) : NULL;
  GwTable *table;

  if (images == NULL || !check_counts (&images->shape, &labels->shape, images_path, labels_path, error))
    return NULL;
  table = gw_table_new (images->shape.dims[0]);
  gw_table_add (table, "image", g_steal_pointer (&images), NULL, 0);
  gw_table_add (table, "label", g_steal_pointer (&labels), g_strdupv ((char **) classes), 0);
  return table;
}

/* ---- idx ---- */

enum { IMAGES, LABELS, TEST_IMAGES, TEST_LABELS };

static const GwAttrDef idx_attrs[] = {
  { "images", GW_ATTR_FILE, .label = "Pictures", .help = "IDX file of the pictures, plain or gzip.", .flags = GW_ATTR_REQUIRED },
  { "labels", GW_ATTR_FILE, .label = "Labels", .help = "IDX file of the labels, as many as pictures.", .flags = GW_ATTR_REQUIRED },
  { "test_images", GW_ATTR_FILE, .label = "Test pictures", .help = "Left empty, a part of the pictures is set apart for tests." },
  { "test_labels", GW_ATTR_FILE, .label = "Test labels", .visible_if = "test_images=*" },
  { NULL }
};

static const char *
path_of (const GwAttrValue *attrs,
         int                i)
{
  return attrs[i].s != NULL ? attrs[i].s : "";
}

static gboolean
idx_has_test (const GwAttrValue *attrs)
{
  return *path_of (attrs, TEST_IMAGES) != '\0';
}

static GArray *
idx_columns (const GwAttrValue *attrs,
             GError           **error)
{
  return describe_pair (path_of (attrs, IMAGES), path_of (attrs, LABELS), 0, error);
}

static GwTable *
idx_open (const GwAttrValue *attrs,
          GwSplit            split,
          const GwTable     *train,
          GError           **error)
{
  int first = split == GW_SPLIT_TEST ? TEST_IMAGES : IMAGES;

  return open_pair (path_of (attrs, first), path_of (attrs, first + 1), NULL, error);
}

const GwSourceDef gw_source_idx = {
  .name = "idx",
  .title = "IDX files",
  .summary = "Pictures and labels in the container of MNIST and its kin.",
  .attrs = idx_attrs,
  .columns = idx_columns,
  .has_test = idx_has_test,
  .open = idx_open,
};

/* ---- fashion_mnist ---- */

static const GwAttrDef fashion_attrs[] = {
  { "dir", GW_ATTR_FILE, "/usr/share/datasets/fashion-mnist", .label = "Folder",
    .help = "Where the four files lie; the Debian package dataset-fashion-mnist puts them into the default." },
  { NULL }
};

static const char *const fashion_classes[] = {
  "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot", NULL
};

/* The path of a file, with .gz where it is only there so; NULL when it is missing. */
static char *
fashion_path (const GwAttrValue *attrs,
              GwSplit            split,
              const char        *what,
              GError           **error)
{
  g_autofree char *name = g_strdup_printf ("%s-%s-ubyte", split == GW_SPLIT_TEST ? "t10k" : "train", what);
  g_autofree char *packed = g_strconcat (name, ".gz", NULL);
  g_autofree char *path = g_build_filename (path_of (attrs, 0), packed, NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);
  g_free (path);
  path = g_build_filename (path_of (attrs, 0), name, NULL);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);
  g_set_error (error, GW_ERROR, GW_ERROR_NOT_FOUND,
               "Fashion-MNIST is not in %s (no %s): install the Debian package dataset-fashion-mnist "
               "(apt install dataset-fashion-mnist), or set “dir” to the folder that holds the files",
               path_of (attrs, 0), packed);
  return NULL;
}

static gboolean
fashion_has_test (const GwAttrValue *attrs)
{
  return TRUE;
}

static GArray *
fashion_columns (const GwAttrValue *attrs,
                 GError           **error)
{
  g_autofree char *images = fashion_path (attrs, GW_SPLIT_TRAIN, "images-idx3", error);
  g_autofree char *labels = images != NULL ? fashion_path (attrs, GW_SPLIT_TRAIN, "labels-idx1", error) : NULL;

  return labels != NULL ? describe_pair (images, labels, G_N_ELEMENTS (fashion_classes) - 1, error) : NULL;
}

static GwTable *
fashion_open (const GwAttrValue *attrs,
              GwSplit            split,
              const GwTable     *train,
              GError           **error)
{
  g_autofree char *images = fashion_path (attrs, split, "images-idx3", error);
  g_autofree char *labels = images != NULL ? fashion_path (attrs, split, "labels-idx1", error) : NULL;

  return labels != NULL ? open_pair (images, labels, fashion_classes, error) : NULL;
}

const GwSourceDef gw_source_fashion_mnist = {
  .name = "fashion_mnist",
  .title = "Fashion-MNIST",
  .summary = "60,000 + 10,000 gray pictures of clothes, 28 × 28, ten classes.",
  .attrs = fashion_attrs,
  .columns = fashion_columns,
  .has_test = fashion_has_test,
  .open = fashion_open,
};
