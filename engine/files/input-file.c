/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/input-file.h"

#include "engine/base/error.h"
#include "engine/files/atomic-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK ((size_t) 64 << 10)
#define DEFLATE_MAX_RATIO 1032

struct _GwInput {
  char         *name;
  int           fd;        /* -1 for memory */
  const guint8 *memory;
  size_t        memory_size;
  uint64_t      consumed;  /* raw bytes taken from the file or memory */
  uint64_t      position;

  guint8       *chunk;     /* raw bytes read ahead */
  size_t        chunk_start, chunk_end;  /* of plain input: what is left in it */

  gboolean      inflating;
  gboolean      stream_open;  /* inside a compressed member */
  z_stream      stream;
};

/* Up to `size` raw bytes; -1 with an error. */
static gssize
read_raw (GwInput  *input,
          void     *buffer,
          size_t    size,
          GError  **error)
{
  size_t done = 0;

  if (input->fd < 0)
    {
      done = MIN (size, input->memory_size - (size_t) input->consumed);
      if (done > 0)
        memcpy (buffer, input->memory + input->consumed, done);
      input->consumed += done;
      return (gssize) done;
    }
  while (done < size)
    {
      ssize_t n = pread (input->fd, (char *) buffer + done, MIN (size - done, (size_t) 1 << 30),
                         (off_t) input->consumed);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          gw_set_file_error (error, errno, "read", input->name);
          return -1;
        }
      if (n == 0)
        break;
      done += (size_t) n;
      input->consumed += (uint64_t) n;
    }
  return (gssize) done;
}

static gboolean
begins_as_gzip (GwInput *input)
{
  guint8 magic[2] = { 0, 0 };
  gssize n = read_raw (input, magic, sizeof magic, NULL);

  input->consumed = 0;
  return n == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

static void
start (GwInput       *input,
       GwInputFormat  format)
{
  input->chunk = g_malloc (CHUNK);
  input->inflating = format == GW_INPUT_ZLIB || (format == GW_INPUT_AUTO && begins_as_gzip (input));
  if (!input->inflating)
    return;
  if (inflateInit2 (&input->stream, 15 + 32) != Z_OK) /* 32: zlib or gzip, whichever it is */
    g_error ("out of memory");
}

GwInput *
gw_input_open (const char     *path,
               GwInputFormat   format,
               GError        **error)
{
  struct stat info;
  GwInput *input;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold us up */

  if (fd < 0)
    {
      gw_set_file_error (error, errno, "read", path);
      return NULL;
    }
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      close (fd);
      if (S_ISDIR (info.st_mode))
        gw_set_file_error (error, EISDIR, "read", path);
      else
        gw_invalid (error, "cannot read %s: it is not a regular file", path);
      return NULL;
    }
  input = g_new0 (GwInput, 1);
  input->name = g_strdup (path);
  input->fd = fd;
  start (input, format);
  return input;
}

GwInput *
gw_input_new_memory (const void    *data,
                     size_t         size,
                     const char    *name,
                     GwInputFormat  format)
{
  GwInput *input = g_new0 (GwInput, 1);

  input->name = g_strdup (name);
  input->fd = -1;
  input->memory = data;
  input->memory_size = size;
  start (input, format);
  return input;
}

void
gw_input_free (GwInput *input)
{
  if (input == NULL)
    return;
  if (input->inflating)
    inflateEnd (&input->stream);
  if (input->fd >= 0)
    close (input->fd);
  g_free (input->chunk);
  g_free (input->name);
  g_free (input);
}

const char *
gw_input_name (const GwInput *input)
{
  return input->name;
}

uint64_t
gw_input_position (const GwInput *input)
{
  return input->position;
}

/* Small reads come out of the chunk, large ones go past it. */
static gssize
read_plain (GwInput  *input,
            guint8   *buffer,
            size_t    size,
            GError  **error)
{
  size_t done = 0;

  while (done < size)
    {
      size_t ready = MIN (size - done, input->chunk_end - input->chunk_start);
      gssize n;

      if (ready > 0)
        memcpy (buffer + done, input->chunk + input->chunk_start, ready);
      input->chunk_start += ready;
      done += ready;
      if (done == size)
        break;
      if (size - done >= CHUNK)
        {
          n = read_raw (input, buffer + done, size - done, error);
          return n < 0 ? n : (gssize) done + n;
        }
      n = read_raw (input, input->chunk, CHUNK, error);
      if (n < 0)
        return n;
      input->chunk_start = 0;
      input->chunk_end = (size_t) n;
      if (n == 0)
        break;
    }
  return (gssize) done;
}

static gssize
damaged (GwInput     *input,
         const char  *how,
         GError     **error)
{
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s: the compressed data %s", input->name, how);
  return -1;
}

/* Makes sure that the stream has input; FALSE with *end at the end of the file. */
static gboolean
refill (GwInput   *input,
        gboolean  *end,
        GError   **error)
{
  gssize n;

  *end = FALSE;
  if (input->stream.avail_in > 0)
    return TRUE;
  n = read_raw (input, input->chunk, CHUNK, error);
  if (n <= 0)
    {
      *end = n == 0;
      return FALSE;
    }
  input->stream.next_in = input->chunk;
  input->stream.avail_in = (uInt) n;
  return TRUE;
}

static gssize
read_inflated (GwInput  *input,
               guint8   *buffer,
               size_t    size,
               GError  **error)
{
  size_t done = 0;

  while (done < size)
    {
      uInt ask = (uInt) MIN (size - done, (size_t) 1 << 30);
      gboolean end;
      int status;

      if (!refill (input, &end, error))
        {
          if (!end)
            return -1;
          if (input->stream_open)
            return damaged (input, "ends too early", error);
          break;
        }
      if (!input->stream_open && inflateReset (&input->stream) != Z_OK)
        return damaged (input, "cannot be read", error);
      input->stream_open = TRUE;
      input->stream.next_out = buffer + done;
      input->stream.avail_out = ask;
      status = inflate (&input->stream, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        return damaged (input, "is damaged", error);
      done += ask - input->stream.avail_out;
      if (status == Z_STREAM_END)
        input->stream_open = FALSE; /* another member may follow */
    }
  return (gssize) done;
}

gssize
gw_input_read (GwInput  *input,
               void     *buffer,
               size_t    size,
               GError  **error)
{
  gssize n = input->inflating ? read_inflated (input, buffer, size, error)
                              : read_plain (input, buffer, size, error);

  if (n > 0)
    input->position += (uint64_t) n;
  return n;
}

gboolean
gw_input_read_all (GwInput     *input,
                   void        *buffer,
                   size_t       size,
                   const char  *what,
                   GError     **error)
{
  gssize n = gw_input_read (input, buffer, size, error);

  if (n < 0)
    return FALSE;
  if ((size_t) n == size)
    return TRUE;
  g_set_error (error, GW_ERROR, GW_ERROR_DATA_LOSS, "%s: ends in the middle of %s", input->name, what);
  return FALSE;
}

gboolean
gw_input_rewind (GwInput  *input,
                 uint64_t  position)
{
  g_return_val_if_fail (position <= input->position, FALSE);

  if (input->inflating)
    return FALSE;
  input->consumed = position;
  input->position = position;
  input->chunk_start = 0;
  input->chunk_end = 0;
  return TRUE;
}

uint64_t
gw_input_limit (const GwInput *input)
{
  uint64_t total = input->memory_size;
  uint64_t left;
  struct stat info;

  if (input->fd >= 0)
    total = fstat (input->fd, &info) == 0 ? (uint64_t) info.st_size : 0;
  left = total > input->consumed ? total - input->consumed : 0;
  if (!input->inflating)
    return left + (input->chunk_end - input->chunk_start);
  left += input->stream.avail_in;
  /* What inflate holds back in its window comes on top. */
  return left > UINT64_MAX / DEFLATE_MAX_RATIO - CHUNK ? UINT64_MAX
                                                       : left * DEFLATE_MAX_RATIO + CHUNK;
}
