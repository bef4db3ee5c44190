"""Changes of many targets: selection, tasks, workers, report."""
