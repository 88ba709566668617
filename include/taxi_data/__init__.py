"""What the data engineering DAG does beyond SQL: find sources, land them, publish the features."""
