"""The index of earlier releases: what they held, so that the next one pays only for what is new.

    update      adds a release
    removal     takes articles out, or the last release back
    revision    one such change: what it touches, and the files that say so
    arrivals    of a release, what the index does not have
    partners    which known articles new ones may be related to
    names       the ids of clusters stay what they were
    explanation why two known articles were joined or not
    shards      files of texts and sketches
    segments    files of clusters and relations
    commonness  files of counts: how often words and phrases occur
    parquet     files by row group and by row
    holdings    of a release, what is its own and what earlier ones have of it
    splits      files of splits: what each release split that none before had
    manifest    index.json: which files are in force; one writer at a time

docs/reference/index-format.md describes the files.
"""
