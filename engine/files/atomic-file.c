/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/atomic-file.h"

#include "engine/base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t) 256 << 10)

struct _GwAtomicFile {
  char    *path;       /* what will be replaced */
  char    *temporary;  /* NULL once renamed */
  int      fd;         /* -1 once closed */
  int      failed;     /* errno of the first failure, 0 = none */
  guint8  *buffer;
  size_t   used;
  uint64_t position;
};

gboolean
gw_set_file_error (GError     **error,
                   int          error_number,
                   const char  *verb,
                   const char  *path)
{
  GwErrorCode code;

  switch (error_number)
    {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      code = GW_ERROR_RESOURCE_EXHAUSTED;
      break;
    case ENOENT:
      code = GW_ERROR_NOT_FOUND;
      break;
    case EISDIR:
    case ENOTDIR:
    case ENAMETOOLONG:
    case EINVAL:
    case ELOOP:
      code = GW_ERROR_INVALID_ARGUMENT;
      break;
    default:
      code = GW_ERROR_UNAVAILABLE;
      break;
    }
  g_set_error (error, GW_ERROR, code, "cannot %s %s: %s", verb, path, g_strerror (error_number));
  return FALSE;
}

/* Where the file belongs to somebody else, the default permissions will do. */
static void
keep_mode (int    fd,
           mode_t mode)
{
  int ignored G_GNUC_UNUSED = fchmod (fd, mode & 07777);
}

/* A new file beside `path`, with the permissions of the file that it will replace,
 * or those that the process gives to new files. */
static gboolean
open_temporary (GwAtomicFile  *file,
                GError       **error)
{
  g_autofree char *folder = g_path_get_dirname (file->path);
  g_autofree char *base = g_path_get_basename (file->path);
  struct stat old;

  if (g_mkdir_with_parents (folder, 0777) != 0)
    return gw_set_file_error (error, errno, "make the folder", folder);
  for (int attempt = 0; attempt < 100; attempt++)
    {
      g_autofree char *name = g_strdup_printf (".%.200s.%08x.tmp", base, g_random_int ());
      g_autofree char *temporary = g_build_filename (folder, name, NULL);

      file->fd = open (temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
      if (file->fd < 0 && errno == EEXIST)
        continue;
      if (file->fd < 0)
        return gw_set_file_error (error, errno, "write", file->path);
      file->temporary = g_steal_pointer (&temporary);
      if (stat (file->path, &old) == 0)
        keep_mode (file->fd, old.st_mode);
      return TRUE;
    }
  return gw_set_file_error (error, EEXIST, "write", file->path);
}

GwAtomicFile *
gw_atomic_file_new (const char  *path,
                    GError     **error)
{
  g_autoptr (GwAtomicFile) file = g_new0 (GwAtomicFile, 1);
  char *target = realpath (path, NULL);

  file->fd = -1;
  file->path = g_strdup (target != NULL ? target : path);
  free (target);
  if (g_file_test (file->path, G_FILE_TEST_IS_DIR))
    {
      gw_set_file_error (error, EISDIR, "write", path);
      return NULL;
    }
  if (!open_temporary (file, error))
    return NULL;
  file->buffer = g_malloc (BUFFER_SIZE);
  return g_steal_pointer (&file);
}

static gboolean
write_out (GwAtomicFile *file,
           const guint8 *data,
           size_t        size)
{
  while (size > 0)
    {
      ssize_t written = write (file->fd, data, MIN (size, (size_t) 1 << 30));

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        {
          file->failed = errno;
          return FALSE;
        }
      data += written;
      size -= (size_t) written;
    }
  return TRUE;
}

static gboolean
flush (GwAtomicFile *file)
{
  gboolean ok = write_out (file, file->buffer, file->used);

  file->used = 0;
  return ok;
}

gboolean
gw_atomic_file_write (GwAtomicFile  *file,
                      const void    *data,
                      size_t         size,
                      GError       **error)
{
  g_return_val_if_fail (file->fd >= 0, FALSE);

  if (file->failed == 0 && size > BUFFER_SIZE - file->used)
    flush (file);
  if (file->failed == 0 && size > BUFFER_SIZE)
    write_out (file, data, size);
  else if (file->failed == 0 && size > 0)
    {
      memcpy (file->buffer + file->used, data, size);
      file->used += size;
    }
  if (file->failed != 0)
    return gw_set_file_error (error, file->failed, "write", file->path);
  file->position += size;
  return TRUE;
}

uint64_t
gw_atomic_file_position (const GwAtomicFile *file)
{
  return file->position;
}

gboolean
gw_atomic_file_sync (GwAtomicFile  *file,
                     GError       **error)
{
  if (file->fd < 0)
    return TRUE;
  if (file->failed == 0)
    flush (file);
  if (file->failed == 0 && fsync (file->fd) != 0 && errno != EINVAL)
    file->failed = errno;
  if (file->failed == 0 && close (file->fd) != 0)
    file->failed = errno;
  if (file->failed != 0)
    return gw_set_file_error (error, file->failed, "write", file->path);
  file->fd = -1;
  return TRUE;
}

/* So that the new name survives a crash of the machine; not every file system
 * can do it, and the file itself is safe, so failing is no error. */
static void
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return;
  (void) fsync (fd);
  close (fd);
}

gboolean
gw_atomic_file_commit (GwAtomicFile  *file,
                       GError       **error)
{
  if (file->temporary == NULL)
    return TRUE;
  if (!gw_atomic_file_sync (file, error))
    return FALSE;
  if (rename (file->temporary, file->path) != 0)
    return gw_set_file_error (error, errno, "write", file->path);
  g_clear_pointer (&file->temporary, g_free);
  sync_folder (file->path);
  return TRUE;
}

void
gw_atomic_file_free (GwAtomicFile *file)
{
  if (file == NULL)
    return;
  if (file->fd >= 0)
    close (file->fd);
  if (file->temporary != NULL)
    unlink (file->temporary);
  g_free (file->temporary);
  g_free (file->path);
  g_free (file->buffer);
  g_free (file);
}

gboolean
gw_atomic_write (const char  *path,
                 const void  *data,
                 size_t       size,
                 GError     **error)
{
  g_autoptr (GwAtomicFile) file = gw_atomic_file_new (path, error);

  return file != NULL && gw_atomic_file_write (file, data, size, error) &&
         gw_atomic_file_commit (file, error);
}
