/* SPDX-License-Identifier: Apache-2.0 */
#include "app/model/node-query.h"

#include <string.h>

typedef enum { WORD_NAME, WORD_OP, WORD_DTYPE, WORD_DEVICE } WordKind;

typedef struct {
  WordKind  kind;
  char     *text;   /* case folded */
} Word;

struct _GwNodeQuery {
  GArray *words;    /* of Word */
};

static void
word_clear (gpointer word)
{
  g_free (((Word *) word)->text);
}

GwNodeQuery *
gw_node_query_new (const char *text)
{
  static const struct { const char *prefix; WordKind kind; } prefixes[] = {
    { "op:", WORD_OP }, { "dtype:", WORD_DTYPE }, { "device:", WORD_DEVICE }, { "name:", WORD_NAME },
  };
  GwNodeQuery *query = g_new0 (GwNodeQuery, 1);
  g_auto (GStrv) parts = g_strsplit_set (text, " \t\n", -1);

  query->words = g_array_new (FALSE, FALSE, sizeof (Word));
  g_array_set_clear_func (query->words, word_clear);
  for (int i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *folded = g_utf8_casefold (parts[i], -1);
      Word word = { WORD_NAME, NULL };
      const char *rest = folded;

      for (guint k = 0; k < G_N_ELEMENTS (prefixes); k++)
        if (g_str_has_prefix (folded, prefixes[k].prefix))
          {
            word.kind = prefixes[k].kind;
            rest = folded + strlen (prefixes[k].prefix);
            break;
          }
      if (*rest == '\0')
        continue;
      word.text = g_strdup (rest);
      g_array_append_val (query->words, word);
    }
  return query;
}

void
gw_node_query_free (GwNodeQuery *query)
{
  g_array_unref (query->words);
  g_free (query);
}

static gboolean
holds (const char *text,
       const char *word)
{
  g_autofree char *folded = text != NULL ? g_utf8_casefold (text, -1) : NULL;

  return folded != NULL && strstr (folded, word) != NULL;
}

static gboolean
has_dtype (const GwLive *live,
           int64_t       id,
           const char   *word)
{
  for (int i = 0; i < gw_live_n_outputs (live, id); i++)
    {
      const GwOutputFacts *facts = gw_live_output (live, id, i);

      if (facts != NULL && facts->dtype != GW_DTYPE_INVALID && holds (gw_dtype_name (facts->dtype), word))
        return TRUE;
    }
  return FALSE;
}

gboolean
gw_node_query_matches (const GwNodeQuery *query,
                       const GwLive      *live,
                       int64_t            id)
{
  const GwDocNode *node = gw_document_node (gw_live_document (live), id);
  const GwOpDef *op = node != NULL ? gw_document_op (gw_live_document (live), node->op) : NULL;

  if (node == NULL)
    return FALSE;
  for (guint i = 0; i < query->words->len; i++)
    {
      const Word *word = &g_array_index (query->words, Word, i);
      gboolean is_op = holds (node->op, word->text);
      gboolean fits = FALSE;

      switch (word->kind)
        {
        case WORD_NAME:
          fits = is_op || holds (node->name, word->text);
          break;
        case WORD_OP:
          fits = is_op || (op != NULL && holds (op->title, word->text));
          break;
        case WORD_DTYPE:
          fits = has_dtype (live, id, word->text);
          break;
        case WORD_DEVICE:
          fits = holds (node->device != NULL ? node->device : "auto", word->text);
          break;
        }
      if (!fits)
        return FALSE;
    }
  return TRUE;
}
