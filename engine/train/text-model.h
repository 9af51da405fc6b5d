/* SPDX-License-Identifier: Apache-2.0 */
/* What a model has learned about words: whether a document can continue a text, and the
 * vectors of words with those that are nearest to one of them. */
#pragma once

#include "engine/train/trainer.h"

G_BEGIN_DECLS

/* The node whose output draws what comes next, for GwGenerateOptions.next: the one called
 * “next”, else the only Multinomial. NULL, with the reason, where the document cannot continue
 * texts: a placeholder must be bound to a column of a text as well. Looks at the drawing alone;
 * types and shapes are found wanting when it generates. Borrowed from the document. */
const char *gw_document_draws_text (const GwDocument *document, GError **error);
/* Whether a placeholder that is bound to a column picks vectors out of a table, by an Embedding
 * or a gather. FALSE with the reason. */
gboolean gw_document_has_embeddings (const GwDocument *document, GError **error);

/* A variable of one vector a word. */
typedef struct {
  char     *name;     /* "letters/embeddings" */
  char    **words;    /* what its rows stand for, NULL-terminated: as many as it has rows, or fewer */
  int64_t   n_words;
  GwTensor *vectors;  /* [rows, size], floating */
} GwEmbedding;
void gw_embedding_free (GwEmbedding *embedding);

/* Those of the trainer's document with their present values: GPtrArray of GwEmbedding. For the
 * worker's own thread, while gw_trainer_run() is not active. NOT_FOUND when there are none. */
GPtrArray *gw_trainer_embeddings_now (GwTrainer *trainer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  int64_t row;
  double  cosine;  /* of the angle between both vectors, −1 … 1; 0 where one is zero */
} GwNeighbour;
/* The `n` words whose vectors point most nearly where that of `word` does, the word itself left
 * out, nearest first, the earlier one of equals first: GArray of GwNeighbour. NOT_FOUND for a word
 * without a vector, which names words that begin like it. */
GArray *gw_embedding_nearest (const GwEmbedding *embedding, const char *word, int n, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
