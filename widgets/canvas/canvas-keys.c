/* SPDX-License-Identifier: Apache-2.0 */

/* Keys.  A table of local shortcuts (single letters count only for a
 * selection); what is left over types into the op search when nothing is
 * selected.  Space is a search when tapped and a hand while it is held. */

#include "widgets/canvas/canvas-private.h"

#include <string.h>

#define PAN_STEP 64.0
#define MOVE_STEP 8.0

typedef gboolean (*KeyFunc) (GwCanvas *canvas,
                             int       a,
                             int       b);

typedef struct
{
  const char *trigger;          /* of gtk_shortcut_trigger_parse_string () */
  KeyFunc func;
  int a, b;
} KeyBinding;

static GwCanvasModelInterface *
model_iface (GwCanvas *canvas)
{
  return canvas->model != NULL ? GW_CANVAS_MODEL_GET_IFACE (canvas->model) : NULL;
}

static gboolean
has_selection (GwCanvas *canvas)
{
  return g_hash_table_size (canvas->selected) > 0;
}

/* The node that a command for one node means: the focus, else a single
 * selected item. */
static guint64
single_item (GwCanvas *canvas)
{
  GHashTableIter iter;
  gpointer key;

  if (canvas->focus != 0)
    return canvas->focus;
  if (g_hash_table_size (canvas->selected) != 1)
    return 0;
  g_hash_table_iter_init (&iter, canvas->selected);
  g_hash_table_iter_next (&iter, &key, NULL);
  return *(guint64 *) key;
}

/* ---- the commands ---- */

static gboolean
key_zoom (GwCanvas *canvas,
          int       direction,
          int       unused)
{
  if (direction > 0)
    gw_canvas_zoom_in (canvas);
  else if (direction < 0)
    gw_canvas_zoom_out (canvas);
  else
    gw_canvas_zoom_to_normal (canvas);
  return TRUE;
}

static gboolean
key_fit (GwCanvas *canvas,
         int       selection,
         int       unused)
{
  if (selection && !has_selection (canvas))
    return FALSE;
  if (selection)
    gw_canvas_frame_selection (canvas);
  else
    gw_canvas_zoom_to_fit (canvas);
  return TRUE;
}

/* While the keys pull a wire the arrows go from port to port. */
static gboolean
key_walk (GwCanvas *canvas,
          int       dx,
          int       dy)
{
  if (canvas->drag.candidates != NULL)
    {
      gw_canvas_wire_keys_step (canvas, dx + dy);
      return TRUE;
    }
  return gw_canvas_walk (canvas, dx, dy);
}

static gboolean
key_wire (GwCanvas *canvas,
          int       unused_a,
          int       unused_b)
{
  return has_selection (canvas) && gw_canvas_wire_keys_begin (canvas);
}

static gboolean
key_similar (GwCanvas *canvas,
             int       unused_a,
             int       unused_b)
{
  if (!has_selection (canvas))
    return FALSE;
  gw_canvas_select_similar (canvas);
  return TRUE;
}

static gboolean
key_pan (GwCanvas *canvas,
         int       dx,
         int       dy)
{
  gw_canvas_pan_by (canvas, dx * PAN_STEP, dy * PAN_STEP);
  return TRUE;
}

static gboolean
key_move (GwCanvas *canvas,
          int       dx,
          int       dy)
{
  GwCanvasModelInterface *iface = model_iface (canvas);
  g_autoptr (GArray) ids = gw_canvas_movable_ids (canvas);

  if (iface != NULL && iface->move != NULL && ids->len > 0)
    iface->move (canvas->model, (guint64 *) ids->data, ids->len, dx, dy, TRUE);
  return TRUE;
}

static gboolean
key_cone (GwCanvas *canvas,
          int       inputs,
          int       unused)
{
  gw_canvas_select_cone (canvas, inputs);
  return TRUE;
}

static gboolean
key_select_all (GwCanvas *canvas,
                int       unused_a,
                int       unused_b)
{
  gw_canvas_select_all (canvas);
  return TRUE;
}

static gboolean
key_delete (GwCanvas *canvas,
            int       reconnect,
            int       unused)
{
  gw_canvas_delete_selection (canvas, reconnect);
  return TRUE;
}

/* Escape ends a drag, then clears the selection, then leaves. */
static gboolean
key_escape (GwCanvas *canvas,
            int       unused_a,
            int       unused_b)
{
  GwCanvasModelInterface *iface = model_iface (canvas);

  if (canvas->drag.kind != GW_CANVAS_DRAG_NONE)
    gw_canvas_drag_cancel (canvas);
  else if (has_selection (canvas))
    gw_canvas_clear_selection (canvas);
  else if (iface != NULL && iface->leave != NULL)
    iface->leave (canvas->model);
  gw_canvas_set_focus_item (canvas, 0);
  return TRUE;
}

static gboolean
key_activate (GwCanvas *canvas,
              int       unused_a,
              int       unused_b)
{
  GwCanvasModelInterface *iface = model_iface (canvas);
  guint64 id = single_item (canvas);

  if (canvas->drag.candidates != NULL)
    {
      gw_canvas_drag_release (canvas);
      return TRUE;
    }
  if (id == 0 || iface == NULL || iface->activate == NULL)
    return FALSE;
  iface->activate (canvas->model, id);
  return TRUE;
}

static gboolean
key_rename (GwCanvas *canvas,
            int       unused_a,
            int       unused_b)
{
  guint64 id = single_item (canvas);

  if (id != 0)
    gw_canvas_rename (canvas, id);
  return id != 0;
}

static gboolean
key_search (GwCanvas *canvas,
            int       unused_a,
            int       unused_b)
{
  gw_canvas_search (canvas, "");
  return TRUE;
}

static gboolean
key_join (GwCanvas *canvas,
          int       unused_a,
          int       unused_b)
{
  if (!has_selection (canvas))
    return FALSE;
  gw_canvas_join_selection (canvas);
  return TRUE;
}

static gboolean
key_minimap (GwCanvas *canvas,
             int       unused_a,
             int       unused_b)
{
  gw_canvas_set_show_minimap (canvas, !canvas->show_minimap);
  return TRUE;
}

static gboolean
key_menu (GwCanvas *canvas,
          int       unused_a,
          int       unused_b)
{
  GwCanvasModelInterface *iface = model_iface (canvas);
  double x = gtk_widget_get_width (GTK_WIDGET (canvas)) / 2.0;
  double y = gtk_widget_get_height (GTK_WIDGET (canvas)) / 2.0;
  guint64 id = single_item (canvas);
  GwCanvasRect rect;

  if (iface == NULL || iface->context_menu == NULL)
    return FALSE;
  if (id != 0 && gw_canvas_layout_bounds_of (canvas->layout, &id, 1, &rect))
    gw_canvas_to_widget (canvas, rect.x + rect.width / 2, rect.y + 19, &x, &y);
  iface->context_menu (canvas->model, id, x, y);
  return TRUE;
}

static const char *const command_names[] = { "mute", "lock", "watch", "breakpoint", "fold",
                                             "expand", "hide-ports" };

static gboolean
key_command (GwCanvas *canvas,
             int       command,
             int       unused)
{
  GwCanvasModelInterface *iface = model_iface (canvas);

  if (!has_selection (canvas) || iface == NULL || iface->command == NULL)
    return FALSE;
  iface->command (canvas->model, command_names[command]);
  return TRUE;
}

static const KeyBinding bindings[] = {
  { "<Control>plus|<Control>equal|<Control>KP_Add", key_zoom, 1, 0 },
  { "<Control>minus|<Control>KP_Subtract", key_zoom, -1, 0 },
  { "<Control>1|<Control>KP_1", key_zoom, 0, 0 },
  { "<Control>0|<Control>KP_0|Home|KP_Home", key_fit, 0, 0 },
  { "f", key_fit, 1, 0 },
  { "Left|KP_Left", key_walk, -1, 0 },
  { "Right|KP_Right", key_walk, 1, 0 },
  { "Up|KP_Up", key_walk, 0, -1 },
  { "Down|KP_Down", key_walk, 0, 1 },
  { "<Shift>Left", key_pan, -1, 0 },
  { "<Shift>Right", key_pan, 1, 0 },
  { "<Shift>Up", key_pan, 0, -1 },
  { "<Shift>Down", key_pan, 0, 1 },
  { "<Alt>Left", key_move, -MOVE_STEP, 0 },
  { "<Alt>Right", key_move, MOVE_STEP, 0 },
  { "<Alt>Up", key_move, 0, -MOVE_STEP },
  { "<Alt>Down", key_move, 0, MOVE_STEP },
  { "<Shift><Alt>Left", key_move, -1, 0 },
  { "<Shift><Alt>Right", key_move, 1, 0 },
  { "<Shift><Alt>Up", key_move, 0, -1 },
  { "<Shift><Alt>Down", key_move, 0, 1 },
  { "<Control>Up", key_cone, TRUE, 0 },
  { "<Control>Down", key_cone, FALSE, 0 },
  { "<Control>a", key_select_all, 0, 0 },
  { "Delete|KP_Delete|BackSpace", key_delete, FALSE, 0 },
  { "<Control>Delete", key_delete, TRUE, 0 },
  { "Escape", key_escape, 0, 0 },
  { "Return|KP_Enter|ISO_Enter", key_activate, 0, 0 },
  { "F2", key_rename, 0, 0 },
  { "Tab|<Shift>a", key_search, 0, 0 },
  { "j", key_join, 0, 0 },
  { "<Alt>m", key_minimap, 0, 0 },
  { "Menu|<Shift>F10", key_menu, 0, 0 },
  { "m", key_command, 0, 0 },
  { "p", key_command, 1, 0 },
  { "w", key_command, 2, 0 },
  { "b", key_command, 3, 0 },
  { "h", key_command, 4, 0 },
  { "e", key_command, 5, 0 },
  { "<Control>h", key_command, 6, 0 },
  { "l", key_wire, 0, 0 },
  { "<Shift>g", key_similar, 0, 0 },
};

static gboolean
run_binding (GtkWidget *widget,
             GVariant  *args,
             gpointer   data)
{
  const KeyBinding *binding = data;

  return binding->func (GW_CANVAS (widget), binding->a, binding->b);
}

/* ---- keys that are no shortcuts ---- */

/* Digits go by their place: with Shift they are other characters. */
static gboolean
press_digit (GwCanvas        *canvas,
             guint            keycode,
             GdkModifierType  modifiers)
{
  GwCanvasModelInterface *iface = model_iface (canvas);
  g_autofree char *name = NULL;
  guint digit = keycode - 9;    /* 10 is the key of "1" */

  if (digit < 1 || digit > 9 || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0
      || iface == NULL || iface->command == NULL)
    return FALSE;
  name = g_strdup_printf ("%s-%u", modifiers & GDK_SHIFT_MASK ? "set-slot" : "slot", digit);
  return iface->command (canvas->model, name);
}

static gboolean
on_key_pressed (GtkEventControllerKey *controller,
                guint                  key,
                guint                  keycode,
                GdkModifierType        modifiers,
                GwCanvas              *canvas)
{
  gunichar character = gdk_keyval_to_unicode (key);
  char text[7] = { 0 };

  if (key == GDK_KEY_space && (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) == 0)
    {
      if (!canvas->space_down)
        canvas->space_used = FALSE;
      canvas->space_down = TRUE;
      gtk_widget_set_cursor_from_name (GTK_WIDGET (canvas), "grab");
      return TRUE;
    }
  if (press_digit (canvas, keycode, modifiers))
    return TRUE;
  if (has_selection (canvas) || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0
      || !g_unichar_isalpha (character))
    return FALSE;
  g_unichar_to_utf8 (character, text);
  gw_canvas_search (canvas, text);
  return TRUE;
}

static void
on_key_released (GtkEventControllerKey *controller,
                 guint                  key,
                 guint                  keycode,
                 GdkModifierType        modifiers,
                 GwCanvas              *canvas)
{
  if (key != GDK_KEY_space || !canvas->space_down)
    return;
  canvas->space_down = FALSE;
  gw_canvas_update_hover (canvas);
  if (!canvas->space_used)
    gw_canvas_search (canvas, "");
}

static void
on_focus_changed (GtkEventControllerFocus *controller,
                  GwCanvas                *canvas)
{
  canvas->space_down = FALSE;
  gw_canvas_item_damaged (canvas, canvas->focus);
  gw_canvas_update_accessible (canvas);
}

void
gw_canvas_search (GwCanvas   *canvas,
                  const char *text)
{
  GwCanvasModelInterface *iface;
  double x, y;

  g_return_if_fail (GW_IS_CANVAS (canvas));
  iface = model_iface (canvas);
  gw_canvas_get_pointer (canvas, &x, &y);
  if (iface != NULL && iface->request_search != NULL)
    iface->request_search (canvas->model, x, y, &(GwCanvasPort) { 0, 0, FALSE }, text);
}

void
gw_canvas_init_keys (GwCanvas *canvas)
{
  GtkWidget *widget = GTK_WIDGET (canvas);
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), canvas);
  g_signal_connect (keys, "key-released", G_CALLBACK (on_key_released), canvas);
  gtk_widget_add_controller (widget, keys);
  g_signal_connect (focus, "enter", G_CALLBACK (on_focus_changed), canvas);
  g_signal_connect (focus, "leave", G_CALLBACK (on_focus_changed), canvas);
  gtk_widget_add_controller (widget, focus);
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (shortcuts),
                                     GTK_SHORTCUT_SCOPE_LOCAL);
  for (gsize i = 0; i < G_N_ELEMENTS (bindings); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (shortcuts),
        gtk_shortcut_new (gtk_shortcut_trigger_parse_string (bindings[i].trigger),
                          gtk_callback_action_new (run_binding, (gpointer) &bindings[i], NULL)));
  gtk_widget_add_controller (widget, shortcuts);
}
