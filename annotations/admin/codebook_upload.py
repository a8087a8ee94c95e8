"""The upload of a codebook file, from the preview to the confirmation, without keeping anything on disk."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.tmp_storages import BaseStorage

#: The largest file that is read, and the most that a workbook may unfold to, in bytes.
UPLOAD_BYTES = 1024 * 1024
UNFOLDED_BYTES = 20 * UPLOAD_BYTES

SALT = "annotations.admin.codebook_upload"
SECONDS_TO_CONFIRM = 60 * 60


class SignedStorage(BaseStorage):  # type: ignore[misc]
    """Keeps the uploaded file in the confirmation form itself, signed: any server process can go on."""

    def save(self, data: bytes) -> None:
        self.name = signing.dumps(base64.b64encode(zlib.compress(data)).decode("ascii"), salt=SALT)

    def read(self) -> bytes | str:
        packed = signing.loads(self.name, salt=SALT, max_age=SECONDS_TO_CONFIRM)
        data = zlib.decompress(base64.b64decode(packed))
        return data.decode(self.encoding) if self.encoding else data

    def remove(self) -> None:
        """Nothing was left behind."""


class CodebookImportForm(ImportForm):  # type: ignore[misc]
    """A CSV or XLSX file of a size that a codebook can have."""

    def clean_import_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["import_file"]
        if (file.size or 0) > UPLOAD_BYTES:
            raise forms.ValidationError(_("The file is larger than 1 MiB: a codebook is smaller."))
        head = file.read()
        file.seek(0)
        if zipfile.is_zipfile(io.BytesIO(head)):
            _check_unfolded(head)
        return file


class CodebookConfirmForm(ConfirmImportForm):  # type: ignore[misc]
    """The confirmation, with the file that was previewed in it."""

    def clean_import_file_name(self) -> str:
        name: str = self.cleaned_data["import_file_name"]
        try:
            SignedStorage(name=name).read()
        except signing.BadSignature as error:
            raise forms.ValidationError(_("The preview has expired: upload the file again.")) from error
        return name


def _check_unfolded(data: bytes) -> None:
    """A small workbook can unfold to gigabytes; what it declares is what reading it would give at most."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as workbook:
            size = sum(part.file_size for part in workbook.infolist())
    except zipfile.BadZipFile as error:
        raise forms.ValidationError(_("The workbook cannot be read.")) from error
    if size > UNFOLDED_BYTES:
        raise forms.ValidationError(_("The workbook unfolds to more than 20 MiB: a codebook is smaller."))
