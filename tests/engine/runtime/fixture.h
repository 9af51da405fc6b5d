/* SPDX-License-Identifier: Apache-2.0 */
/* A graph with its builder and a session of two threads, for tests of graphs and of
 * what runs them. All of these stop the test when they fail. */
#pragma once

#include "engine/graph/builder.h"
#include "engine/runtime/session.h"

typedef struct {
  GwGraph   *graph;
  GwBuilder  b;
  GwSession *session;
} Fixture;

/* g_test_init() and the registry. */
void fixture_init (int *argc, char ***argv);
void fixture_set_up (Fixture *f, gconstpointer data);
/* The builder must hold no error. */
void fixture_tear_down (Fixture *f, gconstpointer data);
#define FIXTURE_ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

/* From text as gw_tensor_parse() reads it. */
GwTensor *fixture_tensor (const char *text, GwDType dtype);
GwOutput fixture_const (Fixture *f, const char *text, GwDType dtype);
/* float32 */
GwOutput fixture_placeholder (Fixture *f, GwShape shape);
GwOutput fixture_variable (Fixture *f, const char *name, GwShape shape);
/* The same with its Assign of `text` run. */
GwOutput fixture_initialized (Fixture *f, const char *name, GwShape shape, const char *text);

/* Runs the node that makes `target`. */
void fixture_run (Fixture *f, GwOutput target);
/* `fetch` with these feeds, as text. */
void fixture_assert (Fixture *f, GwOutput fetch, int n_feeds, const GwFeed *feeds, const char *expected);
/* Fetching it fails with this code and these words. */
void fixture_assert_fails (Fixture *f, GwOutput fetch, int n_feeds, const GwFeed *feeds,
                           GwErrorCode code, const char *part);
/* Fetches several outputs, and runs `targets`, in one run; `expected` are texts. */
void fixture_assert_all (Fixture *f, int n_fetches, const GwOutput *fetches, int n_targets,
                         GwNode *const *targets, const char *const *expected);
