"""dedupe(): texts in, clusters and relations out."""
