"""The index of earlier releases: what they held, so that the next one pays only for what is new.

    update      adds a release, takes articles out
    arrivals    of a release, what the index does not have
    partners    which known articles new ones may be related to
    names       the ids of clusters stay what they were
    shards      files of texts and sketches
    segments    files of clusters and relations
    commonness  files of counts: how often words and phrases occur
    manifest    index.json: which files are in force; one writer at a time

docs/reference/index-format.md describes the files.
"""
