"""Sampan: learns a generative model from your own records, and makes new ones."""
