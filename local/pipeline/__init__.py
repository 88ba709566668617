"""What runs the pipeline on the stack and shows it: compiling the flows, following their runs, the report."""
