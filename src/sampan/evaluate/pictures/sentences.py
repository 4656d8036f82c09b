"""Sentences: what a report on pictures says of each score, chosen by its state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """The words of a score: what it measures, and what was found; {braces} are facts."""

    title: str
    what: str
    passed: str
    failed: str
    undecided: str = "Too little is known to say."


SENTENCES = {
    "frechet": Told(
        "Fréchet distance",
        "How far the cloud of made pictures lies from that of real ones, in what a network sees of them.",
        "No farther from the pictures learned from than other real pictures are, allowing for chance.",
        "Farther from the pictures learned from than other real pictures are.",
    ),
    "kernel": Told(
        "Kernel distance",
        "The same question without assuming a shape of the cloud; about 0 is the same.",
        "No farther than other real pictures are, allowing for chance.",
        "Farther than other real pictures are.",
    ),
    "precision": Told(
        "Precision",
        "The share of made pictures that lie where real ones do.",
        "Made pictures lie where real ones do.",
        "Some made pictures lie where no real ones are: they look wrong.",
    ),
    "recall": Told(
        "Recall",
        "The share of real pictures that lie where made ones do.",
        "What is real could be made.",
        "Some kinds of real pictures are never made.",
    ),
    "density": Told(
        "Density",
        "How crowded made pictures are around real ones; real ones reach about 1.",
        "Made pictures are as dense around real ones as real pictures are.",
        "Made pictures are thinner around real ones than real pictures are.",
    ),
    "coverage": Told(
        "Coverage",
        "The share of real pictures that have a made one among their nearest.",
        "Made pictures cover what real pictures cover.",
        "Made pictures leave out a part of what is real.",
    ),
    "repeats": Told(
        "Repeats",
        "The share of made pictures that have a near twin among the made ones.",
        "Made pictures repeat each other no more than real ones do.",
        "Made pictures repeat each other: the model knows fewer pictures than it makes.",
    ),
    "copies": Told(
        "Copies",
        "The share of made pictures that lie closer to a picture learned from than real ones ever do, also "
        "when mirrored, moved or cropped.",
        "No copying was found: made pictures keep as far from those learned from as other real ones do.",
        "Made pictures copy pictures that were learned from. Do not give them away as new; learn from more "
        "pictures, for a shorter time, or with a smaller model.",
        "A few made pictures lie closer to one learned from than real ones do, or there are too few to say. "
        "Look at the closest pairs before you give them away.",
    ),
    "near": Told(
        "Nearer to learned pictures",
        "The share of made pictures that lie nearer to a picture learned from than to one never seen, of as "
        "many; without copying one half.",
        "Made pictures lie no nearer to those learned from than to others.",
        "Made pictures lean towards those learned from.",
        "There are too few pictures to say.",
    ),
    "augmentation": Told(
        "Help with the rare class",
        "How well a classifier finds class {rare} among unseen pictures (average precision) with "
        "{rare_made} made pictures beside {rare_seen} real ones, against real ones alone.",
        "{says}: {gain}, from {gain_low} to {gain_high}.",
        "{says}: {gain}, from {gain_low} to {gain_high}.",
        "{says}, which is wide: {gain}, from {gain_low} to {gain_high}.",
    ),
}

COPYING = {
    "passed": "Copying: passed. No made picture lies closer to a learned one than real pictures explain.",
    "failed": "Copying: failed. {share} of the made pictures are copies of pictures learned from.",
    "undecided": "Copying: undecided. Look at the closest pairs yourself.",
}

VERDICTS = {
    "passed": "Passed. By everything that was asked, made pictures do as well as real ones never seen.",
    "failed": "Not passed. {failed}.",
    "undecided": "Undecided. Too little is known about these pictures to say.",
}

FAILED = {
    "look": "the made pictures do not look like the real ones",
    "work": "work done with the made pictures does worse",
    "found": "learned pictures come back in the made ones",
}

SKIPPED = {
    "no_labels": "There are no labels of made and real pictures, so whether made ones help was not asked.",
    "no_rare": "No class has 10 unseen pictures and a made one, so whether made ones help was not asked.",
    "no_unseen": "No real pictures were kept aside, so there are no floors to compare with.",
}
