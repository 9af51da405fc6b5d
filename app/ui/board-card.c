/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-card.h"

#include <string.h>

typedef struct {
  GwRunDataKind  kind;
  char          *tag;
  GwChartCursor *cursor;
  GwBoardOptions options;
  GPtrArray     *runs;
  GtkWidget     *card;     /* GwChartCard, NULL = not built */
} GwBoardCardPrivate;

enum { LAYOUT_CHANGED, EXPORT, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GwBoardCard, gw_board_card, GTK_TYPE_WIDGET)

#define PRIVATE(card) ((GwBoardCardPrivate *) gw_board_card_get_instance_private (card))

GwRunDataKind
gw_board_card_get_kind (GwBoardCard *self)
{
  return PRIVATE (self)->kind;
}

const char *
gw_board_card_get_tag (GwBoardCard *self)
{
  return PRIVATE (self)->tag;
}

/* Whether the same is recorded of the test split. */
static gboolean
has_test (GwBoardCardPrivate *priv)
{
  g_autofree char *tag = g_strconcat ("test/", priv->tag, NULL);

  for (guint i = 0; i < priv->runs->len; i++)
    if (gw_run_log_find (priv->runs->pdata[i], GW_RUN_SCALAR, tag) != NULL)
      return TRUE;
  return FALSE;
}

char *
gw_board_card_title (GwBoardCard *self,
                     char       **small)
{
  GwBoardCardPrivate *priv = PRIVATE (self);

  if (priv->kind == GW_RUN_SCALAR)
    {
      gboolean test = g_str_has_prefix (priv->tag, "test/");

      *small = g_strdup (test ? "test" : has_test (priv) ? "train" : "");
      return g_strdup (test ? priv->tag + 5 : priv->tag);
    }
  *small = g_strdup (priv->runs->len > 0 ? gw_run_log_get_name (priv->runs->pdata[0]) : "");
  return g_strdup (priv->tag);
}

GwChartCursor *
gw_board_card_get_cursor (GwBoardCard *self)
{
  return PRIVATE (self)->cursor;
}

const GwBoardOptions *
gw_board_card_get_options (GwBoardCard *self)
{
  return &PRIVATE (self)->options;
}

const GPtrArray *
gw_board_card_get_runs (GwBoardCard *self)
{
  return PRIVATE (self)->runs;
}

gboolean
gw_board_card_is_built (GwBoardCard *self)
{
  return PRIVATE (self)->card != NULL;
}

GwChartCard *
gw_board_card_get_card (GwBoardCard *self)
{
  return (GwChartCard *) PRIVATE (self)->card;
}

gboolean
gw_board_card_is_expanded (GwBoardCard *self)
{
  GwBoardCardPrivate *priv = PRIVATE (self);

  return priv->card != NULL && gw_chart_card_get_expanded (GW_CHART_CARD (priv->card));
}

int
gw_board_card_height_for (GwBoardCard *self,
                          int          width)
{
  if (gw_board_card_is_expanded (self))
    return CLAMP (width / 2, 360, 620);
  return PRIVATE (self)->kind == GW_RUN_SCALAR ? CLAMP (width * 7 / 10, 250, 440) : CLAMP (width * 9 / 10, 280, 400);
}

/* ---- building ---- */

static void
on_expanded (GwBoardCard *self)
{
  g_signal_emit (self, signals[LAYOUT_CHANGED], 0);
}

static void
on_export (GwBoardCard *self,
           const char  *format)
{
  g_signal_emit (self, signals[EXPORT], 0, format);
}

static void
restyle (GwBoardCard *self)
{
  GwBoardCardPrivate *priv = PRIVATE (self);
  g_autofree char *small = NULL;
  g_autofree char *title = gw_board_card_title (self, &small);

  gw_chart_card_set_title (GW_CHART_CARD (priv->card), title);
  gw_chart_card_set_tag (GW_CHART_CARD (priv->card), small);
  GW_BOARD_CARD_GET_CLASS (self)->restyle (self);
}

void
gw_board_card_ensure (GwBoardCard *self)
{
  GwBoardCardPrivate *priv = PRIVATE (self);

  if (priv->card != NULL)
    return;
  priv->card = GW_BOARD_CARD_GET_CLASS (self)->build (self);
  gtk_widget_set_parent (priv->card, GTK_WIDGET (self));
  g_signal_connect_object (priv->card, "notify::expanded", G_CALLBACK (on_expanded), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (priv->card, "export", G_CALLBACK (on_export), self, G_CONNECT_SWAPPED);
  restyle (self);
}

void
gw_board_card_set (GwBoardCard          *self,
                   const GwBoardOptions *options,
                   GPtrArray            *runs)
{
  GwBoardCardPrivate *priv = PRIVATE (self);

  priv->options = *options;
  g_ptr_array_ref (runs);
  g_ptr_array_unref (priv->runs);
  priv->runs = runs;
  if (priv->card != NULL)
    restyle (self);
}

gboolean
gw_board_card_refresh (GwBoardCard *self,
                       gint64       deadline)
{
  return PRIVATE (self)->card != NULL && GW_BOARD_CARD_GET_CLASS (self)->refresh (self, deadline);
}

/* ---- object ---- */

void
gw_board_card_set_up (GwBoardCard   *self,
                      GwRunDataKind  kind,
                      const char    *tag,
                      GwChartCursor *cursor)
{
  GwBoardCardPrivate *priv = PRIVATE (self);

  priv->kind = kind;
  priv->tag = g_strdup (tag);
  priv->cursor = g_object_ref (cursor);
}

static void
gw_board_card_dispose (GObject *object)
{
  GwBoardCardPrivate *priv = PRIVATE (GW_BOARD_CARD (object));

  g_clear_pointer (&priv->card, gtk_widget_unparent);
  g_clear_object (&priv->cursor);
  G_OBJECT_CLASS (gw_board_card_parent_class)->dispose (object);
}

static void
gw_board_card_finalize (GObject *object)
{
  GwBoardCardPrivate *priv = PRIVATE (GW_BOARD_CARD (object));

  g_free (priv->tag);
  g_ptr_array_unref (priv->runs);
  G_OBJECT_CLASS (gw_board_card_parent_class)->finalize (object);
}

static void
gw_board_card_class_init (GwBoardCardClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_board_card_dispose;
  G_OBJECT_CLASS (klass)->finalize = gw_board_card_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[LAYOUT_CHANGED] =
    g_signal_new ("layout-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[EXPORT] =
    g_signal_new ("export", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gw_board_card_init (GwBoardCard *self)
{
  PRIVATE (self)->runs = g_ptr_array_new ();
}
