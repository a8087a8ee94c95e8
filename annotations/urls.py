"""Every address of the app. They are stable: ``docs`` and people's links depend on them."""

from django.urls import path

from annotations.views import annotation_list, comparison, completion, imports, overview, tags, workbench

STUDY = "studies/<str:study>/"
CODE = STUDY + "code/<str:document>/"
TAG = CODE + "tags/<uuid:tag>/"

urlpatterns = [
    path("", overview.study_list, name="study-list"),
    path("healthz", overview.healthz, name="healthz"),
    path(STUDY, overview.study_overview, name="study-overview"),
    path(STUDY + "stances.css", overview.stance_colours, name="stance-colours"),
    path(STUDY + "codebook/", overview.codebook, name="codebook"),
    path(STUDY + "code/", workbench.study_code, name="study-code"),
    path(CODE, workbench.document_code, name="document-code"),
    path(CODE + "tags/", tags.tag_create, name="tag-create"),
    path(TAG, tags.tag_change, name="tag-change"),
    path(TAG + "withdraw/", tags.tag_withdraw, name="tag-withdraw"),
    path(TAG + "restore/", tags.tag_restore, name="tag-restore"),
    path(TAG + "undo/", tags.tag_undo, name="tag-undo"),
    path(CODE + "finish/", completion.document_finish, name="document-finish"),
    path(CODE + "reopen/", completion.document_reopen, name="document-reopen"),
    path(STUDY + "compare/", comparison.compare, name="compare"),
    path(STUDY + "compare.csv", comparison.compare_csv, name="compare-csv"),
    path(STUDY + "topics/<str:topic>/", comparison.topic_detail, name="topic-detail"),
    path(STUDY + "sources/<str:source>/", comparison.source_detail, name="source-detail"),
    path(STUDY + "annotations/", annotation_list.annotation_list, name="annotation-list"),
    path(STUDY + "annotations.csv", annotation_list.annotation_csv, name="annotation-csv"),
    path(STUDY + "import/", imports.study_import, name="study-import"),
]
