"""The study that ships with Summit, by name."""

#: Its slug, and the folder it lies in under ``seeds/``.
SHIPPED = "biden-putin-2021"
#: Who its codings belong to: a language model that applied the codebook twice, for demonstration.
SHIPPED_CODERS = ("coder-1", "coder-2")
