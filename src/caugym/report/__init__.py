"""The report of finished studies: tables, charts, sentences and a page, from result files alone."""
