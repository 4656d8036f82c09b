"""Networks, chosen by the geometry of a record and not by its modality."""
