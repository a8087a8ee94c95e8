"""Curation in Django's admin: see ``scope`` for who sees what."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from annotations.admin import codebook, codebook_acts, coding, decisions, documents, studies, users

__all__ = ["codebook", "codebook_acts", "coding", "decisions", "documents", "studies", "users"]

admin.site.site_title = admin.site.site_header = "Summit"
admin.site.index_title = _("Curation")
# It deletes row by row without asking any rule: an entry is deleted on its own page, by its service.
admin.site.disable_action("delete_selected")
