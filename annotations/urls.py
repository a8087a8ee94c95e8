"""Every address of the app. They are stable: ``docs`` and people's links depend on them."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from annotations.views import (
    annotation_list,
    codebook,
    codebook_entries,
    codebook_moves,
    codebook_split,
    comments,
    comparison,
    completion,
    contrasts,
    curation,
    curation_batch,
    decisions,
    figures,
    imports,
    keys,
    measures,
    members,
    networks,
    overview,
    pairs,
    progress,
    publishing,
    questions,
    read,
    reliability,
    report,
    review,
    search,
    settings,
    tags,
    undo,
    workbench,
)


class WordConverter(StringConverter):
    """A slug or a file's name. Nothing is called by a NUL, which PostgreSQL refuses to look for."""

    regex = r"[^/\x00]+"


register_converter(WordConverter, "word")

STUDY = "studies/<word:study>/"
CODEBOOK = STUDY + "codebook/"
ENTRY = CODEBOOK + "<word:kind>/<word:entry>/"
CODE = STUDY + "code/<word:document>/"
TAG = CODE + "tags/<uuid:tag>/"
TALK = CODE + "passages/<int:number>/talk/"
COMMENT = TALK + "comments/<uuid:comment>/"

urlpatterns = [
    path("", overview.study_list, name="study-list"),
    path("healthz", overview.healthz, name="healthz"),
    path("accounts/keys/", keys.keys, name="keys"),
    path(STUDY, overview.study_overview, name="study-overview"),
    path(STUDY + "stances.css", overview.stance_colours, name="stance-colours"),
    # Looked through in this order: what coders do all day comes first.
    path(STUDY + "code/", workbench.study_code, name="study-code"),
    path(CODE, workbench.document_code, name="document-code"),
    path(CODE + "passages/", workbench.document_passages, name="document-passages"),
    path(CODE + "map/", workbench.document_map, name="document-map"),
    path(CODE + "next/", keys.document_next, name="document-next"),
    path(CODE + "codebook/", workbench.document_codebook, name="document-codebook"),
    path(CODE + "neighbours/", workbench.topic_neighbours, name="topic-neighbours"),
    path(CODE + "tags/", tags.tag_create, name="tag-create"),
    path(TAG, tags.tag_change, name="tag-change"),
    path(TAG + "withdraw/", tags.tag_withdraw, name="tag-withdraw"),
    path(TAG + "restore/", tags.tag_restore, name="tag-restore"),
    path(CODE + "undo/", undo.document_undo, name="document-undo"),
    path(CODE + "redo/", undo.document_redo, name="document-redo"),
    path(CODE + "visits/", progress.document_visits, name="document-visits"),
    path(CODE + "passages/<int:number>/nothing/", progress.passage_nothing, name="passage-nothing"),
    path(TALK, comments.passage_talk, name="passage-talk"),
    path(TALK + "comments/", comments.comment_create, name="comment-create"),
    path(COMMENT + "withdraw/", comments.comment_withdraw, name="comment-withdraw"),
    path(COMMENT + "restore/", comments.comment_restore, name="comment-restore"),
    path(CODE + "finish/", completion.document_finish, name="document-finish"),
    path(CODE + "reopen/", completion.document_reopen, name="document-reopen"),
    path(CODEBOOK, codebook.codebook, name="codebook"),
    path(CODEBOOK + "guidelines/", codebook_entries.guidelines_edit, name="guidelines-edit"),
    path(CODEBOOK + "guidelines/versions/", codebook.guidelines_versions, name="guidelines-versions"),
    path(CODEBOOK + "gaps/", codebook.guideline_gaps, name="guideline-gaps"),
    path(CODEBOOK + "review/", review.tag_review, name="tag-review"),
    path(CODEBOOK + "acts/", codebook.codebook_acts, name="codebook-acts"),
    path(CODEBOOK + "acts/<int:act>/undo/", codebook_moves.codebook_act_undo, name="codebook-act-undo"),
    path(CODEBOOK + "<word:kind>/new/", codebook_entries.entry_add, name="entry-add"),
    path(ENTRY + "edit/", codebook_entries.entry_edit, name="entry-edit"),
    path(ENTRY + "versions/", codebook.entry_versions, name="entry-versions"),
    path(ENTRY + "merge/", codebook_moves.entry_merge, name="entry-merge"),
    path(ENTRY + "split/", codebook_split.entry_split, name="entry-split"),
    path(ENTRY + "retire/", codebook_moves.entry_retire, name="entry-retire"),
    path(ENTRY + "revive/", codebook_moves.entry_revive, name="entry-revive"),
    path(STUDY + "curate/", curation.curate, name="curate"),
    path(STUDY + "curate/unanimous/", curation_batch.curate_unanimous, name="curate-unanimous"),
    path(STUDY + "curate/batches/<uuid:batch>/undo/", curation_batch.batch_undo, name="batch-undo"),
    path(STUDY + "curate/<word:document>/settle/", curation.item_settle, name="item-settle"),
    path(
        STUDY + "curate/<word:document>/decisions/<uuid:decision>/undo/",
        curation.decision_undo,
        name="decision-undo",
    ),
    path(STUDY + "decisions/", decisions.decision_list, name="decision-list"),
    path(STUDY + "reliability/", reliability.reliability, name="reliability"),
    path(STUDY + "reliability.csv", reliability.reliability_csv, name="reliability-csv"),
    path(STUDY + "compare/", comparison.compare, name="compare"),
    path(STUDY + "compare.csv", comparison.compare_csv, name="compare-csv"),
    path(STUDY + "figures/<word:file>", figures.figure_file, name="figure-file"),
    path(STUDY + "report/", report.report, name="report"),
    path(STUDY + "report.html", report.report_file, name="report-file"),
    path(STUDY + "frozen/", publishing.frozen_list, name="frozen-list"),
    path(STUDY + "frozen/latest/", publishing.frozen_latest, name="frozen-latest"),
    path(STUDY + "frozen/<uuid:frozen>/", publishing.frozen_detail, name="frozen-detail"),
    path(STUDY + "frozen/<uuid:frozen>/<word:file>", publishing.frozen_file, name="frozen-file"),
    path(STUDY + "pairs/", pairs.pairs, name="pairs"),
    path(STUDY + "read/", read.read, name="read"),
    path(STUDY + "voices/", contrasts.voices, name="voices"),
    path(STUDY + "mediation/", contrasts.mediation, name="mediation"),
    path(STUDY + "silence/", contrasts.silence, name="silence"),
    path(STUDY + "networks/", networks.networks, name="networks"),
    path(STUDY + "networks/<word:file>", networks.network_file, name="network-file"),
    path(STUDY + "measures/", measures.measures, name="measures"),
    path(STUDY + "topics/<word:topic>/", comparison.topic_detail, name="topic-detail"),
    path(STUDY + "sources/<word:source>/", comparison.source_detail, name="source-detail"),
    path(STUDY + "annotations/", annotation_list.annotation_list, name="annotation-list"),
    path(STUDY + "annotations.csv", annotation_list.annotation_csv, name="annotation-csv"),
    path(STUDY + "questions/", questions.question_list, name="question-list"),
    path(STUDY + "search/", search.study_search, name="study-search"),
    path(STUDY + "members/", members.member_list, name="member-list"),
    path(STUDY + "members/assign/", members.member_assign, name="member-assign"),
    path(STUDY + "members/<int:member>/role/", members.member_role, name="member-role"),
    path(STUDY + "members/<int:member>/remove/", members.member_remove, name="member-remove"),
    path(STUDY + "settings/", settings.study_settings, name="study-settings"),
    path(STUDY + "import/", imports.study_import, name="study-import"),
]
