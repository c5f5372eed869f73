"""The steps of a build: load, treat, form classes, render, measure. Rows rest in a scratch database."""
