"""The eye for pictures: features of the user's own, and what a picture looks like when touched up."""

from sampan.evaluate.eyes.picture.eye import PictureEye

__all__ = ["PictureEye"]
