"""The tasks of the data DAG other than SQL: list the sources, land them, publish the features."""
