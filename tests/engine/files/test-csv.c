/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/files/csv.h"

#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static GwCsvReader *
reader_of (const char          *text,
           const GwCsvOptions  *options,
           GError             **error)
{
  return gw_csv_reader_new (gw_input_new_memory (text, strlen (text), "table.csv", GW_INPUT_AUTO), options, error);
}

/* All rows as “a|b;c|d”, led by the names and a colon when there is a header. */
static char *
digest (const char         *text,
        const GwCsvOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCsvReader) reader = reader_of (text, options, &error);
  GString *all = g_string_new (NULL);
  const GwCsvField *fields;
  GwReadStatus status;

  if (reader == NULL)
    return g_string_free (g_string_assign (all, error->message), FALSE);
  for (int i = 0; gw_csv_reader_has_header (reader) && i < gw_csv_reader_n_columns (reader); i++)
    g_string_append_printf (all, "%s%s", i > 0 ? "|" : "", gw_csv_reader_column_name (reader, i));
  if (gw_csv_reader_has_header (reader))
    g_string_append_c (all, ':');
  while ((status = gw_csv_reader_next (reader, &fields, &error)) == GW_READ_OK)
    {
      for (int i = 0; i < gw_csv_reader_n_columns (reader); i++)
        {
          g_assert_cmpuint (strlen (fields[i].text), ==, fields[i].length);
          g_string_append_printf (all, "%s%s", i > 0 ? "|" : "", fields[i].text);
        }
      g_string_append_c (all, ';');
    }
  if (status == GW_READ_ERROR)
    g_string_append (all, error->message);
  return g_string_free (all, FALSE);
}

static void
test_forms (void)
{
  static const struct {
    const char *text;
    const char *digest;
  } cases[] = {
    { "x,y\n1,2\n3,4\n", "x|y:1|2;3|4;" },
    { "x,y\r\n1,2\r\n3,4", "x|y:1|2;3|4;" },
    { "x,y\r1,2\r3,4\r", "x|y:1|2;3|4;" },
    { "1,2\n3,4\n", "1|2;3|4;" },
    { "\xef\xbb\xbfx;y\n1;2,5\n3;4,5\n", "x|y:1|2,5;3|4,5;" },
    { "name\tvalue\nan apple, red\t1\npear\t2\n", "name|value:an apple, red|1;pear|2;" },
    { "a|b\n1|2\n", "a|b:1|2;" },
    { "\n\nx,y\n\n1,2\n   \n3,4\n\n", "x|y:1|2;3|4;" },
    { " x , y \n 1 ,\t2 \n", "x|y:1|2;" },
    { "x,y\n\"1,5\",\"a \"\"b\"\" c\"\n\"two\nlines\" ,\" kept \"\n", "x|y:1,5|a \"b\" c;two\nlines| kept ;" },
    { "x,y\n1,\n,2\n", "x|y:1|;|2;" },
    { "5.1\n4.9\n", "5.1;4.9;" },
    { "len\n5.1\n4.9\n", "len:5.1;4.9;" },
    { "city,country\nBern,CH\nParis,FR\nRome,IT\n", "city|country:Bern|CH;Paris|FR;Rome|IT;" },
    { "a,b\na,c\nb,c\n", "a|b;a|c;b|c;" },
    { "x,,x\n1,2,3\n", "x|column 2|x (2):1|2|3;" },
    { "id,2019,2020\n1,5,6\n2,7,8\n", "id|2019|2020:1|5|6;2|7|8;" },
    { "NA,1\n2,3\n", "NA|1;2|3;" },
    { "a,b\n1,\"it's 5\"\" wide\"\n", "a|b:1|it's 5\" wide;" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *got = digest (cases[i].text, NULL);

      g_assert_cmpstr (got, ==, cases[i].digest);
    }
}

static void
test_options (void)
{
  GwCsvOptions no_header = { ',', GW_CSV_HEADER_NO };
  GwCsvOptions header = { ':', GW_CSV_HEADER_YES };
  g_autofree char *first = digest ("x,y\n1,2\n", &no_header);
  g_autofree char *second = digest ("1:2\n3:4\n", &header);

  g_assert_cmpstr (first, ==, "x|y;1|2;");
  g_assert_cmpstr (second, ==, "1|2:3|4;");
}

static void
test_errors (void)
{
  static const struct {
    const char *text;
    const char *digest;
  } cases[] = {
    { "", "table.csv: has no rows" },
    { "\n \n", "table.csv: has no rows" },
    { "x,y\n1,2\n\n3,4,5\n", "x|y:1|2;table.csv: line 4: 3 fields instead of 2" },
    { "x,y\n1,2\n3\n", "x|y:1|2;table.csv: line 3: 1 fields instead of 2" },
    { "x,y\n1,\"a\nb\"\n3\n", "x|y:1|a\nb;table.csv: line 4: 1 fields instead of 2" },
    { "x,y\n1,\"open\n2,3\n", "x,y\n1,\"open" },
    { "x,y\n1,\"a\"b\n", "text follows" },
  };

  for (gsize i = 0; i < 5; i++)
    {
      g_autofree char *got = digest (cases[i].text, NULL);

      g_assert_cmpstr (got, ==, cases[i].digest);
    }
  {
    g_autofree char *open = digest (cases[5].text, NULL);
    g_autofree char *behind = digest (cases[6].text, NULL);
    g_autofree char *utf16 = digest ("\xff\xfex", NULL);

    g_assert_nonnull (strstr (open, "line 2: a quote is opened here and never closed"));
    g_assert_nonnull (strstr (behind, "line 2: text follows a closing quote"));
    g_assert_nonnull (strstr (utf16, "UTF-16"));
  }
}

/* Rows that cross the reader's buffer, with a line count that stays right. */
static void
test_large (void)
{
  g_autoptr (GString) text = g_string_new ("id,text,value\n");
  g_autoptr (GwCsvReader) reader = NULL;
  g_autofree char *filler = g_strnfill (3000, 'f');
  g_autoptr (GError) error = NULL;
  const GwCsvField *fields;

  for (int i = 0; i < 500; i++)
    g_string_append_printf (text, "%d,\"%.*s\n%d\",%d.5\r\n", i, i * 13 % 3000, filler, i, i);
  reader = reader_of (text->str, NULL, &error);
  for (int i = 0; i < 500; i++)
    {
      g_autofree char *want = g_strdup_printf ("%.*s\n%d", i * 13 % 3000, filler, i);

      g_assert_cmpint (gw_csv_reader_next (reader, &fields, &error), ==, GW_READ_OK);
      g_assert_cmpint (gw_csv_reader_line (reader), ==, 2 + 2 * i);
      g_assert_cmpint (atoi (fields[0].text), ==, i);
      g_assert_cmpstr (fields[1].text, ==, want);
      g_assert_true (fields[1].quoted);
      g_assert_cmpfloat (g_ascii_strtod (fields[2].text, NULL), ==, i + 0.5);
    }
  g_assert_cmpint (gw_csv_reader_next (reader, &fields, &error), ==, GW_READ_END);
  g_assert_cmpint (gw_csv_reader_next (reader, &fields, &error), ==, GW_READ_END);
}

static void
test_table (void)
{
  char *dir = gw_test_dir_new ();
  g_autofree char *path = gw_test_write_file (dir, "t.csv",
                                              "n,x,s,m\n1,0.5,one,\n-2,1e3,two,NA\n300,?,\"3\",\n", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwCsvTable) table = gw_csv_load (path, NULL, &error);
  g_autoptr (GwTensor) n = NULL;
  g_autoptr (GwTensor) x = NULL;
  g_autoptr (GwTensor) s = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (gw_csv_table_n_rows (table), ==, 3);
  g_assert_cmpint (gw_csv_table_n_columns (table), ==, 4);
  g_assert_cmpint (gw_csv_table_find_column (table, "s"), ==, 2);
  g_assert_cmpint (gw_csv_table_find_column (table, "none"), ==, -1);
  g_assert_cmpint (gw_csv_table_column_kind (table, 0), ==, GW_CSV_INTEGER);
  g_assert_cmpint (gw_csv_table_column_kind (table, 1), ==, GW_CSV_NUMBER);
  g_assert_cmpint (gw_csv_table_column_kind (table, 2), ==, GW_CSV_TEXT);
  g_assert_cmpint (gw_csv_table_column_kind (table, 3), ==, GW_CSV_TEXT);
  g_assert_cmpstr (gw_csv_table_text (table, 1, 2), ==, "two");
  g_assert_cmpint (gw_csv_table_line (table, 2), ==, 4);
  n = gw_csv_table_column (table, 0, GW_INT16, &error);
  gw_test_assert_tensor (n, "int16 [1, -2, 300]");
  x = gw_csv_table_column (table, 1, GW_FLOAT32, &error);
  g_assert_cmpfloat (GW_TENSOR_DATA (x, float)[1], ==, 1000);
  g_assert_true (isnan (GW_TENSOR_DATA (x, float)[2]));
  s = gw_csv_table_column (table, 2, GW_STRING, &error);
  gw_test_assert_tensor (s, "string [\"one\", \"two\", \"3\"]");
  g_assert_no_error (error);
  g_assert_null (gw_csv_table_column (table, 0, GW_INT8, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "line 4, n: “300” is not an int8 number");
  g_assert_null (gw_csv_table_column (table, 2, GW_FLOAT32, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "line 2, s: “one” is not a float32 number");
  g_assert_null (gw_csv_table_column (table, 1, GW_INT32, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "0.5");
  g_assert_null (gw_csv_table_column (table, 1, GW_BOOL, &error));
  gw_test_assert_error (&error, GW_ERROR_INVALID_ARGUMENT, "bool");
  gw_test_dir_remove (dir);
}

static void
test_max_rows (void)
{
  g_autoptr (GwCsvReader) reader = reader_of ("x\n1\n2\n3\n", NULL, NULL);
  g_autoptr (GwCsvTable) first = gw_csv_table_read (reader, 2, NULL);
  g_autoptr (GwCsvTable) rest = gw_csv_table_read (reader, 2, NULL);

  g_assert_cmpint (gw_csv_table_n_rows (first), ==, 2);
  g_assert_cmpint (gw_csv_table_n_rows (rest), ==, 1);
  g_assert_cmpstr (gw_csv_table_text (rest, 0, 0), ==, "3");
}

static void
test_numbers (void)
{
  static const char *const good[] = {
    "0", "-0", "+3", "1.", ".5", "-1.25", "123456789.123456789", "0.1", "9007199254740993", "1e308", "5e-324",
    "1e22", "2.2250738585072014e-308", "17976931348623157e292", "-inf", "nan", "0.30000000000000004",
    "8.41", "1234567890123456789012", "  7 ",
  };
  static const char *const bad[] = { "", " ", "x", "1x", "0x10", "1,5", "--1", "1e", ".", "+", "e5", "nan(1)", "1 2" };
  double value;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      double want = g_ascii_strtod (good[i], NULL);

      g_assert_true (gw_csv_parse_number (good[i], &value));
      g_assert_true (memcmp (&value, &want, sizeof value) == 0 || (isnan (value) && isnan (want)));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (gw_csv_parse_number (bad[i], &value));
  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%d.%0*d", i * 7919 % 100003, i % 9 + 1, i);
      double want = g_ascii_strtod (text, NULL);

      g_assert_true (gw_csv_parse_number (text, &value));
      g_assert_cmpmem (&value, sizeof value, &want, sizeof want);
    }
}

static void
test_integers (void)
{
  g_autoptr (GwCsvReader) reader =
    reader_of ("a,b\n9223372036854775807,255\n-9223372036854775808,3.0\n", NULL, NULL);
  g_autoptr (GwCsvTable) table = gw_csv_table_read (reader, 0, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GwTensor) a = gw_csv_table_column (table, 0, GW_INT64, &error);
  g_autoptr (GwTensor) b = gw_csv_table_column (table, 1, GW_UINT8, &error);

  g_assert_no_error (error);
  g_assert_cmpint (GW_TENSOR_DATA (a, int64_t)[0], ==, INT64_MAX);
  g_assert_cmpint (GW_TENSOR_DATA (a, int64_t)[1], ==, INT64_MIN);
  gw_test_assert_tensor (b, "uint8 [255, 3]");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/csv/forms", test_forms);
  g_test_add_func ("/files/csv/options", test_options);
  g_test_add_func ("/files/csv/errors", test_errors);
  g_test_add_func ("/files/csv/large", test_large);
  g_test_add_func ("/files/csv/table", test_table);
  g_test_add_func ("/files/csv/max-rows", test_max_rows);
  g_test_add_func ("/files/csv/numbers", test_numbers);
  g_test_add_func ("/files/csv/integers", test_integers);
  return g_test_run ();
}
