"""From catalogue to data: what harvested catalogues offer as rows, and the sources that it becomes."""
