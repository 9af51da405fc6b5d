/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ui/actions.h"

#include <string.h>

typedef struct {
  const char *group;
  const char *title;
  const char *keys;     /* gtk_shortcut_trigger_parse_string(): alternatives by |; NULL: none */
  const char *action;   /* NULL: the canvas or a chart has the key itself */
  gboolean    late;     /* entries take it first */
} Action;

static const Action actions[] = {
  { "Document", "New", "<Control>n", "win.new", FALSE },
  { "Document", "Open", "<Control>o", "win.open", FALSE },
  { "Document", "Open an example", "<Shift><Control>o", "win.examples", FALSE },
  { "Document", "Save", "<Control>s", "win.save", FALSE },
  { "Document", "Save as", "<Shift><Control>s", "win.save-as", FALSE },
  { "Document", "Undo", "<Control>z", "win.undo", TRUE },
  { "Document", "Redo", "<Shift><Control>z|<Control>y", "win.redo", TRUE },
  { "Document", "Close", "<Control>w", "window.close", FALSE },
  { "Document", "Quit", "<Control>q", "app.quit", FALSE },
  { "Document", "Shortcuts", "<Control>question|<Shift><Control>question|<Control>F1", "win.shortcuts", FALSE },

  { "Training", "Train or pause", "F5", "win.play", FALSE },
  { "Training", "Stop", "<Shift>F5", "win.stop", FALSE },
  { "Training", "One step", "F10|F6", "win.step", FALSE },
  { "Training", "Evaluate the test set", "<Control>F5", "win.evaluate", FALSE },
  { "Training", "Continue from the present values", "<Shift><Control>F5", "win.continue", FALSE },
  { "Training", "Save a checkpoint", "<Control>F10", "win.checkpoint", FALSE },
  { "Training", "Generate text", "<Shift><Control>t", "win.generate", FALSE },
  { "Training", "Nearest words", "<Shift><Control>n", "win.neighbours", FALSE },
  { "Training", "Initialise all variables", "<Shift><Control>i", "win.initialise", FALSE },

  { "View", "Graph", "<Alt>1", "win.page::graph", FALSE },
  { "View", "Data", "<Alt>2", "win.page::data", FALSE },
  { "View", "Board", "<Alt>3", "win.page::board", FALSE },
  { "View", "Checkpoints", "<Alt>4", "win.page::checkpoints", FALSE },
  { "View", "Palette", "F9", "win.palette", FALSE },
  { "View", "Inspector", "<Shift>F9", "win.inspector", FALSE },
  { "View", "Wires: curved", NULL, "win.wires::spline", FALSE },
  { "View", "Wires: square", NULL, "win.wires::square", FALSE },
  { "View", "Wires: hidden", NULL, "win.wires::hidden", FALSE },
  { "View", "Colour by device", NULL, "win.show-devices", FALSE },
  { "View", "Find a node", "<Control>f", "win.find", FALSE },
  { "View", "All commands", "<Control>k", "win.commands", FALSE },
  { "View", "Next problem", "F8", "win.next-problem", FALSE },
  { "View", "Previous problem", "<Shift>F8", "win.previous-problem", FALSE },
  { "View", "Apply the first fix", "<Control>period|<Shift><Control>period", "win.fix-problem", TRUE },

  { "Canvas", "Add an op", "Tab|<Shift>a|space", NULL, FALSE },
  { "Canvas", "Zoom in", "<Control>plus", NULL, FALSE },
  { "Canvas", "Zoom out", "<Control>minus", NULL, FALSE },
  { "Canvas", "100 %", "<Control>1", NULL, FALSE },
  { "Canvas", "Fit everything", "<Control>0|Home", NULL, FALSE },
  { "Canvas", "Fit the selection", "f", NULL, FALSE },
  { "Canvas", "Walk along wires", "Left|Right", NULL, FALSE },
  { "Canvas", "Move by 8 px", "<Alt>Left|<Alt>Right", NULL, FALSE },
  { "Canvas", "Move by 1 px", "<Shift><Alt>Left", NULL, FALSE },
  { "Canvas", "Select all", "<Control>a", NULL, FALSE },
  { "Canvas", "Select what feeds it", "<Control>Up", NULL, FALSE },
  { "Canvas", "Select what it feeds", "<Control>Down", NULL, FALSE },
  { "Canvas", "Join the selected", "j", NULL, FALSE },
  { "Canvas", "Select similar nodes", "<Shift>g", NULL, FALSE },
  { "Canvas", "Pull a wire from the node", "l", NULL, FALSE },
  { "Canvas", "Delete", "Delete", NULL, FALSE },
  { "Canvas", "Delete and reconnect", "<Control>Delete", NULL, FALSE },
  { "Canvas", "Rename", "F2", NULL, FALSE },
  { "Canvas", "Minimap", "<Alt>m", NULL, FALSE },

  { "Nodes", "Evaluate here", "<Control>Return|<Control>KP_Enter", "win.compute", FALSE },
  { "Nodes", "Copy", "<Control>c", NULL, FALSE },
  { "Nodes", "Cut", "<Control>x", NULL, FALSE },
  { "Nodes", "Paste", "<Control>v", NULL, FALSE },
  { "Nodes", "Paste with inputs", "<Shift><Control>v", NULL, FALSE },
  { "Nodes", "Duplicate", "<Control>d", NULL, FALSE },
  { "Nodes", "Align left edges", "<Shift><Control>Left", "win.align::left", TRUE },
  { "Nodes", "Align right edges", "<Shift><Control>Right", "win.align::right", TRUE },
  { "Nodes", "Align top edges", "<Shift><Control>Up", "win.align::top", TRUE },
  { "Nodes", "Align bottom edges", "<Shift><Control>Down", "win.align::bottom", TRUE },
  { "Nodes", "Show a watch slot", "1", NULL, FALSE },
  { "Nodes", "Set a watch slot", "<Shift>1", NULL, FALSE },
  { "Nodes", "Mute", "m", NULL, FALSE },
  { "Nodes", "Lock", "p", NULL, FALSE },
  { "Nodes", "Fold", "h", NULL, FALSE },
  { "Nodes", "Hide unused ports", "<Control>h", NULL, FALSE },
  { "Nodes", "Watch while it trains", "w", NULL, FALSE },
  { "Nodes", "Breakpoint", "b", NULL, FALSE },
  { "Nodes", "Condition of the breakpoint", "<Shift><Control>b", "win.breakpoint-condition", TRUE },
  { "Nodes", "Disable the breakpoint", NULL, "win.breakpoint-off", FALSE },
  { "Nodes", "Bypass", "<Control>b", "win.bypass", TRUE },
  { "Nodes", "Frame", "<Control>j", "win.frame", TRUE },
  { "Nodes", "Group into a scope", "<Control>g", "win.group", TRUE },
  { "Nodes", "Make a composite", "<Shift><Control>j", "win.make-composite", TRUE },
  { "Nodes", "Keep the composite in the palette", NULL, "win.keep-composite", FALSE },
  { "Nodes", "Update the composite from the palette", NULL, "win.update-composite", FALSE },
  { "Nodes", "Break apart", "<Shift><Control>g", "win.ungroup", TRUE },
  { "Nodes", "Enter a scope or composite", "Return", NULL, FALSE },
  { "Nodes", "Leave it", "Escape", NULL, FALSE },
  { "Nodes", "Lay out", "<Control>l", "win.lay-out", TRUE },
};

static const struct {
  const char *action, *key;
} shown_keys[] = {
  { "win.copy", "<Control>c" }, { "win.cut", "<Control>x" }, { "win.paste", "<Control>v" },
  { "win.duplicate", "<Control>d" }, { "win.delete", "Delete" }, { "win.delete-reconnect", "<Control>Delete" },
  { "win.rename", "F2" }, { "win.mute", "m" }, { "win.lock", "p" }, { "win.fold", "h" }, { "win.hide-ports", "<Control>h" },
  { "win.watch", "w" }, { "win.breakpoint", "b" }, { "win.add-op", "Tab" },
  { "win.select-all", "<Control>a" }, { "win.zoom-fit", "<Control>0" }, { "win.enter", "Return" }, { "win.leave", "Escape" },
};

static GtkShortcutAction *
action_of (const Action *action)
{
  const char *target = strstr (action->action, "::");
  g_autofree char *text = NULL;

  if (strcmp (action->action, "window.close") == 0)
    return gtk_named_action_new ("window.close");
  if (target == NULL)
    return gtk_named_action_new (action->action);
  text = g_strndup (action->action, (gsize) (target - action->action));
  return gtk_named_action_new (text);
}

void
gw_actions_add_keys (GtkWidget *window)
{
  GtkEventController *early = gtk_shortcut_controller_new ();
  GtkEventController *late = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (early, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      const char *target = actions[i].action != NULL ? strstr (actions[i].action, "::") : NULL;
      GtkShortcut *shortcut;

      if (actions[i].action == NULL || actions[i].keys == NULL)
        continue;
      shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (actions[i].keys), action_of (&actions[i]));
      if (target != NULL)
        gtk_shortcut_set_arguments (shortcut, g_variant_new_string (target + 2));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (actions[i].late ? late : early), shortcut);
    }
  gtk_widget_add_controller (window, early);
  gtk_widget_add_controller (window, late);
}

const char *
gw_action_key (const char *action)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (actions[i].keys != NULL && g_strcmp0 (actions[i].action, action) == 0)
      {
        g_auto (GStrv) keys = g_strsplit (actions[i].keys, "|", 2);

        return g_intern_string (keys[0]);
      }
  for (guint i = 0; i < G_N_ELEMENTS (shown_keys); i++)
    if (strcmp (shown_keys[i].action, action) == 0)
      return shown_keys[i].key;
  return NULL;
}

GMenuItem *
gw_action_menu_item (const char *label,
                     const char *action)
{
  GMenuItem *item = g_menu_item_new (label, action);
  const char *key = gw_action_key (action);

  if (key != NULL)
    g_menu_item_set_attribute (item, "accel", "s", key);
  return item;
}

guint
gw_actions_length (void)
{
  return G_N_ELEMENTS (actions);
}

const char *
gw_action_title (guint number)
{
  return actions[number].title;
}

const char *
gw_action_name (guint number)
{
  return actions[number].action;
}

char *
gw_action_key_label (guint number)
{
  const char *keys = actions[number].keys != NULL ? actions[number].keys : "";
  g_autofree char *first = g_strndup (keys, strcspn (keys, "|"));
  GdkModifierType modifiers;
  guint key;

  return gtk_accelerator_parse (first, &key, &modifiers) ? gtk_accelerator_get_label (key, modifiers)
                                                         : g_strdup (first);
}

gboolean
gw_action_activate (GtkWidget *widget,
                    guint      number)
{
  const char *action = actions[number].action;
  const char *target = strstr (action, "::");
  g_autofree char *name = target != NULL ? g_strndup (action, (gsize) (target - action)) : g_strdup (action);

  return gtk_widget_activate_action_variant (widget, name,
                                             target != NULL ? g_variant_new_string (target + 2) : NULL);
}

/* "a|b" → "a b", as GtkShortcutsShortcut wants it. */
static char *
accelerators (const char *keys)
{
  return g_strdelimit (g_strdup (keys), "|", ' ');
}

GtkWidget *
gw_shortcuts_window_new (void)
{
  GtkWidget *window = g_object_new (GTK_TYPE_SHORTCUTS_WINDOW, "modal", TRUE, NULL);
  GtkWidget *section = g_object_new (GTK_TYPE_SHORTCUTS_SECTION, "section-name", "all", "visible", TRUE,
                                     "max-height", 12, NULL);
  GtkWidget *group = NULL;
  const char *name = "";

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autofree char *keys = actions[i].keys != NULL ? accelerators (actions[i].keys) : NULL;
      GtkWidget *row = keys == NULL ? NULL : g_object_new (GTK_TYPE_SHORTCUTS_SHORTCUT, "title", actions[i].title, "accelerator", keys,
                                     "visible", TRUE, NULL);

      if (row == NULL)
        continue;
      if (strcmp (name, actions[i].group) != 0)
        {
          name = actions[i].group;
          group = g_object_new (GTK_TYPE_SHORTCUTS_GROUP, "title", name, "visible", TRUE, NULL);
          gtk_box_append (GTK_BOX (section), group);
        }
      gtk_box_append (GTK_BOX (group), row);
    }
  gtk_window_set_child (GTK_WINDOW (window), section);
  return window;
}
