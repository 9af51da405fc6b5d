/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/op-help.h"

#include <string.h>

/* `a` and *b*; what is not closed in its line stays as it is written. */
static void
add_inline (GString    *markup,
            const char *line)
{
  while (*line != '\0')
    {
      const char *close = *line == '`' || *line == '*' ? strchr (line + 1, *line) : NULL;
      g_autofree char *inside = close != NULL ? g_strndup (line + 1, (gsize) (close - line - 1)) : NULL;
      g_autofree char *text = NULL;

      if (close == NULL || inside[0] == '\0' || inside[0] == ' ')
        {
          gsize n = 1 + strcspn (line + 1, "`*");

          text = g_markup_escape_text (line, (gssize) n);
          g_string_append (markup, text);
          line += n;
          continue;
        }
      text = g_markup_escape_text (inside, -1);
      g_string_append_printf (markup, *line == '`' ? "<tt>%s</tt>" : "<i>%s</i>", text);
      line = close + 1;
    }
}

static void
add_line (GString    *markup,
          const char *line,
          gboolean    fenced)
{
  gsize level = strspn (line, "#");
  g_autofree char *text = NULL;

  if (fenced || g_str_has_prefix (line, "    "))
    {
      text = g_markup_escape_text (line, -1);
      g_string_append_printf (markup, "<tt>%s</tt>\n", text);
      return;
    }
  if (level > 0 && line[level] == ' ')
    {
      text = g_markup_escape_text (line + level + 1, -1);
      g_string_append_printf (markup, "<b>%s</b>\n", text);
      return;
    }
  if (g_str_has_prefix (line, "- "))
    {
      g_string_append (markup, "• ");
      line += strlen ("- ");
    }
  add_inline (markup, line);
  g_string_append_c (markup, '\n');
}

char *
gw_markdown_to_markup (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *markup = g_string_new (NULL);
  gboolean fenced = FALSE;

  for (int i = 0; lines[i] != NULL; i++)
    {
      if (g_str_has_prefix (lines[i], "```"))
        fenced = !fenced;
      else
        add_line (markup, lines[i], fenced);
    }
  return g_strchomp (g_string_free (markup, FALSE));
}

char *
gw_op_help_markup (const GwOpDef *op)
{
  g_autoptr (GString) text = g_string_new (NULL);

  gw_describe_op_markdown (op, text);
  return gw_markdown_to_markup (text->str);
}
