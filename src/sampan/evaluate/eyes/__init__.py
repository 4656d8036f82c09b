"""Eyes: what the judge needs to know of each modality whose cells no number and no word compares."""
