/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/board-grid.h"

#define GAP 12
#define PADDING 16
#define HEADER_HEIGHT 36
#define WIDEST 735
#define NARROWEST 288
#define MARGIN 160 /* px above and below the view within which cards are made ready */
#define BUILD_MICROSECONDS 8000

typedef struct {
  char      *key;
  GtkWidget *header, *arrow, *label, *detail;
  GPtrArray *cards;   /* of GwBoardCard, borrowed: children of the grid */
  gboolean   folded;
  gboolean   used;
  int        top;     /* of the header, by the last layout */
} Section;

typedef struct {
  GwBoardCard  *card;
  GdkRectangle  place;
} Place;

struct _GwBoardGrid {
  GtkWidget      parent_instance;

  GtkAdjustment *adjustment;
  GPtrArray     *known;      /* of Section, all that ever were */
  GPtrArray     *sections;   /* of Section, borrowed, as shown */
  GHashTable    *given;      /* cards given since begin */
  GArray        *places;     /* of Place, by the last allocation */
  int            card_width;
  guint          sync;       /* idle */
};

static guint shown_signal;

G_DEFINE_FINAL_TYPE (GwBoardGrid, gw_board_grid, GTK_TYPE_WIDGET)

/* ---- layout ---- */

static int
least_width (GwBoardGrid *self,
             GwBoardCard *card)
{
  int width = gw_board_card_get_kind (card) == GW_RUN_SCALAR ? self->card_width : self->card_width * 7 / 10;

  return CLAMP (width, NARROWEST, WIDEST);
}

static void
place_card (GwBoardGrid *self,
            GwBoardCard *card,
            int          x,
            int          y,
            int          width,
            int          height)
{
  Place place = { card, { x, y, width, height } };

  g_array_append_val (self->places, place);
}

/* Places the cards of one section from `top` on; returns where it ends. */
static int
place_cards (GwBoardGrid   *self,
             const Section *section,
             int            top,
             int            width)
{
  int least = least_width (self, section->cards->pdata[0]);
  int columns = MAX ((width + GAP) / (MIN (least, width) + GAP), 1);
  int card_width = MIN ((width - (columns - 1) * GAP) / columns, WIDEST);
  int column = 0, row_height = 0, y = top;

  for (guint i = 0; i < section->cards->len; i++)
    {
      GwBoardCard *card = section->cards->pdata[i];
      gboolean wide = gw_board_card_is_expanded (card);
      int height = gw_board_card_height_for (card, wide ? width : card_width);

      if (column > 0 && (wide || column == columns))
        {
          y += row_height + GAP;
          column = row_height = 0;
        }
      place_card (self, card, PADDING + column * (card_width + GAP), y, wide ? width : card_width, height);
      row_height = MAX (row_height, height);
      column += wide ? columns : 1;
    }
  return y + row_height + GAP;
}

/* Fills `places`; returns the height. */
static int
lay_out (GwBoardGrid *self,
         int          width)
{
  int y = 4;

  g_array_set_size (self->places, 0);
  width = MAX (width - 2 * PADDING, 64);
  for (guint i = 0; i < self->sections->len; i++)
    {
      Section *section = self->sections->pdata[i];

      section->top = y;
      y += HEADER_HEIGHT;
      if (!section->folded && section->cards->len > 0)
        y = place_cards (self, section, y, width);
    }
  return y + PADDING;
}

static void
gw_board_grid_measure (GtkWidget      *widget,
                       GtkOrientation  orientation,
                       int             for_size,
                       int            *minimum,
                       int            *natural,
                       int            *minimum_baseline,
                       int            *natural_baseline)
{
  GwBoardGrid *self = GW_BOARD_GRID (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = NARROWEST + 2 * PADDING;
      *natural = 2 * self->card_width + GAP + 2 * PADDING;
    }
  else
    {
      /* What is asked here need not be what comes: the places stay those of the allocation. */
      g_autoptr (GArray) places = g_steal_pointer (&self->places);

      self->places = g_array_new (FALSE, FALSE, sizeof (Place));
      *minimum = *natural = lay_out (self, for_size < 0 ? NARROWEST + 2 * PADDING : for_size);
      g_array_unref (self->places);
      self->places = g_steal_pointer (&places);
    }
}

static void
allocate (GtkWidget          *child,
          const GdkRectangle *place)
{
  int width, height;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  width = MAX (width, place->width);
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  gtk_widget_size_allocate (child, &(GdkRectangle) { place->x, place->y, width, MAX (height, place->height) }, -1);
}

static gboolean
is_near (GwBoardGrid        *self,
         const GdkRectangle *place,
         double              margin)
{
  double top = self->adjustment != NULL ? gtk_adjustment_get_value (self->adjustment) : 0;
  double bottom = top + (self->adjustment != NULL ? gtk_adjustment_get_page_size (self->adjustment) : 4096);

  return place->y + place->height > top - margin && place->y < bottom + margin;
}

gboolean
gw_board_grid_is_shown (GwBoardGrid *self,
                        GwBoardCard *card)
{
  for (guint i = 0; i < self->places->len; i++)
    {
      const Place *place = &g_array_index (self->places, Place, i);

      if (place->card == card)
        return gtk_widget_get_mapped (GTK_WIDGET (card)) && is_near (self, &place->place, 0);
    }
  return FALSE;
}

static void queue_sync (GwBoardGrid *self);

/* Makes ready what came near the view, and takes off what has left it. */
static gboolean
sync_cb (gpointer data)
{
  GwBoardGrid *self = data;
  gint64 deadline = g_get_monotonic_time () + BUILD_MICROSECONDS;
  gboolean came = FALSE;

  self->sync = 0;
  for (guint i = 0; i < self->places->len; i++)
    {
      const Place *place = &g_array_index (self->places, Place, i);
      gboolean near = is_near (self, &place->place, MARGIN);

      if (near && !gw_board_card_is_built (place->card))
        {
          if (g_get_monotonic_time () > deadline)
            {
              queue_sync (self);
              break;
            }
          gw_board_card_ensure (place->card);
        }
      if (near == gtk_widget_get_child_visible (GTK_WIDGET (place->card)))
        continue;
      came |= near;
      gtk_widget_set_child_visible (GTK_WIDGET (place->card), near);
      gtk_widget_queue_draw (GTK_WIDGET (self));
    }
  if (came)
    g_signal_emit (self, shown_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
queue_sync (GwBoardGrid *self)
{
  if (self->sync == 0)
    self->sync = g_idle_add_full (GTK_PRIORITY_RESIZE - 1, sync_cb, self, NULL);
}

static void
gw_board_grid_size_allocate (GtkWidget *widget,
                             int        width,
                             int        height,
                             int        baseline)
{
  GwBoardGrid *self = GW_BOARD_GRID (widget);

  lay_out (self, width);
  for (guint i = 0; i < self->sections->len; i++)
    {
      const Section *section = self->sections->pdata[i];
      GtkRequisition size;

      gtk_widget_get_preferred_size (section->header, &size, NULL);
      allocate (section->header, &(GdkRectangle) { PADDING - 8, section->top + (HEADER_HEIGHT - size.height) / 2,
                                                   MAX (width - 2 * PADDING + 16, size.width), size.height });
    }
  for (guint i = 0; i < self->places->len; i++)
    allocate (GTK_WIDGET (g_array_index (self->places, Place, i).card),
              &g_array_index (self->places, Place, i).place);
  queue_sync (self);
}

/* ---- sections ---- */

static void
show_fold (GwBoardGrid *self,
           Section     *section)
{
  gtk_image_set_from_icon_name (GTK_IMAGE (section->arrow),
                                section->folded ? "pan-end-symbolic" : "pan-down-symbolic");
  gtk_accessible_update_state (GTK_ACCESSIBLE (section->header), GTK_ACCESSIBLE_STATE_EXPANDED, !section->folded, -1);
  for (guint i = 0; i < section->cards->len; i++)
    gtk_widget_set_visible (section->cards->pdata[i], !section->folded);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
on_header (GtkButton   *header,
           GwBoardGrid *self)
{
  Section *section = g_object_get_data (G_OBJECT (header), "section");

  section->folded = !section->folded;
  show_fold (self, section);
}

static void
section_free (gpointer data)
{
  Section *section = data;

  g_free (section->key);
  g_ptr_array_unref (section->cards);
  g_free (section);
}

static Section *
section_new (GwBoardGrid *self,
             const char  *key)
{
  Section *section = g_new0 (Section, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  section->key = g_strdup (key);
  section->cards = g_ptr_array_new ();
  section->header = gtk_button_new ();
  section->arrow = gtk_image_new ();
  section->label = gtk_label_new ("");
  section->detail = gtk_label_new ("");
  gtk_widget_add_css_class (section->header, "flat");
  gtk_widget_add_css_class (section->header, "gw-board-section");
  gtk_widget_add_css_class (section->label, "gw-board-heading");
  gtk_widget_add_css_class (section->detail, "gw-board-caption");
  gtk_widget_add_css_class (section->detail, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (section->label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_box_append (GTK_BOX (box), section->arrow);
  gtk_box_append (GTK_BOX (box), section->label);
  gtk_box_append (GTK_BOX (box), section->detail);
  gtk_button_set_child (GTK_BUTTON (section->header), box);
  g_object_set_data (G_OBJECT (section->header), "section", section);
  g_signal_connect_object (section->header, "clicked", G_CALLBACK (on_header), self, 0);
  gtk_widget_set_parent (section->header, GTK_WIDGET (self));
  g_ptr_array_add (self->known, section);
  return section;
}

static Section *
find_section (GwBoardGrid *self,
              const char  *key)
{
  for (guint i = 0; i < self->known->len; i++)
    if (g_str_equal (((Section *) self->known->pdata[i])->key, key))
      return self->known->pdata[i];
  return section_new (self, key);
}

void
gw_board_grid_begin (GwBoardGrid *self)
{
  g_ptr_array_set_size (self->sections, 0);
  g_array_set_size (self->places, 0);
  g_hash_table_remove_all (self->given);
  for (guint i = 0; i < self->known->len; i++)
    {
      Section *section = self->known->pdata[i];

      section->used = FALSE;
      g_ptr_array_set_size (section->cards, 0);
    }
}

void
gw_board_grid_add_section (GwBoardGrid *self,
                           const char  *key,
                           const char  *title,
                           const char  *detail)
{
  Section *section = find_section (self, key);

  section->used = TRUE;
  gtk_label_set_text (GTK_LABEL (section->label), title);
  gtk_label_set_text (GTK_LABEL (section->detail), detail);
  g_ptr_array_add (self->sections, section);
}

static void
on_layout_changed (GwBoardGrid *self)
{
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
gw_board_grid_add_card (GwBoardGrid *self,
                        GwBoardCard *card)
{
  Section *section = self->sections->pdata[self->sections->len - 1];
  GtkWidget *widget = GTK_WIDGET (card);

  g_ptr_array_add (section->cards, card);
  g_hash_table_add (self->given, card);
  if (gtk_widget_get_parent (widget) != NULL)
    return;
  gtk_widget_set_child_visible (widget, FALSE);
  gtk_widget_set_parent (widget, GTK_WIDGET (self));
  g_signal_connect_object (card, "layout-changed", G_CALLBACK (on_layout_changed), self, G_CONNECT_SWAPPED);
}

void
gw_board_grid_end (GwBoardGrid *self)
{
  GtkWidget *next;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL; child = next)
    {
      next = gtk_widget_get_next_sibling (child);
      if (GW_IS_BOARD_CARD (child) && !g_hash_table_contains (self->given, child))
        gtk_widget_unparent (child);
    }
  for (guint i = 0; i < self->known->len; i++)
    {
      Section *section = self->known->pdata[i];

      gtk_widget_set_visible (section->header, section->used);
      show_fold (self, section);
    }
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* ---- object ---- */

void
gw_board_grid_set_adjustment (GwBoardGrid   *self,
                              GtkAdjustment *adjustment)
{
  g_set_object (&self->adjustment, adjustment);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (queue_sync), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "notify::page-size", G_CALLBACK (queue_sync), self, G_CONNECT_SWAPPED);
}

void
gw_board_grid_set_card_width (GwBoardGrid *self,
                              int          width)
{
  if (self->card_width == width)
    return;
  self->card_width = width;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static GtkSizeRequestMode
gw_board_grid_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
gw_board_grid_dispose (GObject *object)
{
  GwBoardGrid *self = GW_BOARD_GRID (object);
  GtkWidget *child;

  g_clear_handle_id (&self->sync, g_source_remove);
  g_array_set_size (self->places, 0);
  g_ptr_array_set_size (self->sections, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->adjustment);
  G_OBJECT_CLASS (gw_board_grid_parent_class)->dispose (object);
}

static void
gw_board_grid_finalize (GObject *object)
{
  GwBoardGrid *self = GW_BOARD_GRID (object);

  g_ptr_array_unref (self->sections);
  g_ptr_array_unref (self->known);
  g_hash_table_unref (self->given);
  g_array_unref (self->places);
  G_OBJECT_CLASS (gw_board_grid_parent_class)->finalize (object);
}

static void
gw_board_grid_class_init (GwBoardGridClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gw_board_grid_dispose;
  G_OBJECT_CLASS (klass)->finalize = gw_board_grid_finalize;
  widget_class->measure = gw_board_grid_measure;
  widget_class->size_allocate = gw_board_grid_size_allocate;
  widget_class->get_request_mode = gw_board_grid_get_request_mode;
  shown_signal = g_signal_new ("shown", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
gw_board_grid_init (GwBoardGrid *self)
{
  self->known = g_ptr_array_new_with_free_func (section_free);
  self->sections = g_ptr_array_new ();
  self->given = g_hash_table_new (NULL, NULL);
  self->places = g_array_new (FALSE, FALSE, sizeof (Place));
  self->card_width = 420;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
gw_board_grid_new (void)
{
  return g_object_new (GW_TYPE_BOARD_GRID, NULL);
}
