"""Tables, a plot and a page from a study's result files. Nothing here scores a completion."""
