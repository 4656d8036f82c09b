"""Pictures: how likely, how new and how useful made ones are, beside real ones that were never learned."""

from sampan.evaluate.eyes.picture.features import FeatureNet, features, learn_features
from sampan.evaluate.look.likeness import likeness
from sampan.evaluate.pictures.augmentation import Augmentation, augmentation
from sampan.evaluate.pictures.comparison import compare_pictures, picture_in
from sampan.evaluate.pictures.copies import PicturePair, copies
from sampan.evaluate.pictures.judgement import judge_pictures
from sampan.evaluate.pictures.report import PictureReport

__all__ = [
    "Augmentation",
    "FeatureNet",
    "PicturePair",
    "PictureReport",
    "augmentation",
    "compare_pictures",
    "copies",
    "features",
    "judge_pictures",
    "learn_features",
    "likeness",
    "picture_in",
]
