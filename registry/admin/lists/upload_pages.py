"""The way of a list into the register: bring it, look at what it would do, let it in, see what became of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import jobs, tasks
from registry.admin.lists import downloads
from registry.admin.lists.changes import described
from registry.admin.lists.forms import ApplyForm, ColumnsForm, FilesForm, OptionsForm
from registry.admin.lists.words import options_in_words, outcomes, progress_words, tabs
from registry.choices import RowOutcome, UploadState
from registry.models import RosterUpload
from registry.person import person
from registry.rosters import progress, uploads, workbook
from registry.rosters.errors import RosterError

PER_PAGE = 50
SHOWN = 20
WARNED = "warned"
# What no page needs: megabytes.
FILES = ("content", "roster__content")
# Where a person lands whose upload is not there (any more).
BACK = "admin:registry_roster_upload"
SHOW = "admin:registry_roster_upload_show"


class Pages:
    """What the pages share: the frame of the admin of lists, and whose upload it is."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def _own(self, request: HttpRequest, pk: int) -> RosterUpload:
        """Who brought a list decides about it; nobody else learns what is in it."""
        found = RosterUpload.objects.filter(uploaded_by=person(request), pk=pk)
        upload = found.select_related("uploaded_by", "roster").defer(*FILES).first()
        if upload is None:
            raise Http404
        return upload

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        request.current_app = self.admin.admin_site.name
        frame = {**self.admin.admin_site.each_context(request), "opts": self.admin.opts}
        return TemplateResponse(request, f"registry/admin/lists/{name}.html", {**frame, **context})

    @staticmethod
    def _progress(upload: RosterUpload) -> dict[str, Any]:
        is_applying = upload.state == UploadState.APPLYING
        return {
            "percent": progress.percent(upload.step, upload.done, upload.total, applying=is_applying),
            "words": progress_words(upload),
            "is_idle": not jobs.worker_is_there(),
        }


class BringPages(Pages):
    """Bringing files, and what was brought."""

    def bring(self, request: HttpRequest) -> HttpResponse:
        form = FilesForm(request.POST, request.FILES) if request.method == "POST" else FilesForm()
        if form.is_valid():
            taken = [one for one in (self._take(request, file) for file in form.cleaned_data["file"]) if one]
            if len(taken) == 1:
                return redirect(SHOW, pk=taken[0].pk)
            return redirect(BACK)
        own = RosterUpload.objects.filter(uploaded_by=person(request)).defer(*FILES[:1])
        return self._page(
            request,
            "bring",
            title="上传名单",
            form=form,
            waiting=own.filter(state__in=uploads.WAITING),
            applied=own.filter(state=UploadState.APPLIED)
            .select_related("roster")
            .defer("content", "roster__content")[:SHOWN],
        )

    def _take(self, request: HttpRequest, file: Any) -> RosterUpload | None:
        try:
            if file.size > workbook.MAX_BYTES:
                raise RosterError(workbook.too_large())
            with transaction.atomic():
                upload = uploads.receive(by=person(request), file_name=file.name, content=file.read())
                tasks.read_later(upload)
        except RosterError as error:
            messages.error(request, f"{file.name}：{error}")
            return None
        return upload


class PreviewPages(Pages):
    """What a list would do, and how it is read."""

    def show(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._own(request, pk)
        if upload.state in (UploadState.READING, UploadState.APPLYING):
            return self._page(
                request, "working", title=upload.file_name, upload=upload, **self._progress(upload)
            )
        if upload.state == UploadState.APPLIED:
            return self._page(
                request,
                "applied",
                title=upload.file_name,
                upload=upload,
                outcomes=outcomes(upload.counts),
                upload_again=reverse(BACK),
            )
        forms = {"options": OptionsForm(upload, timezone.localdate()), "columns": ColumnsForm(upload)}
        return self._preview(request, upload, forms, ApplyForm(upload))

    def _preview(
        self, request: HttpRequest, upload: RosterUpload, forms: dict[str, Any], apply_form: ApplyForm
    ) -> HttpResponse:
        chosen = request.GET.get("outcome", "")
        text = request.GET.get("q", "").strip()
        page = Paginator(self._rows(upload, chosen, text), PER_PAGE).get_page(request.GET.get("page"))
        rows = list(page.object_list)
        found = outcomes(upload.counts)
        return self._page(
            request,
            "preview",
            title=upload.file_name,
            upload=upload,
            is_readable=upload.state == UploadState.PREVIEWED,
            outcomes=found,
            tabs=tabs(upload, chosen),
            page=page,
            rows=list(zip(rows, described(row.changes for row in rows), strict=True)),
            said=options_in_words(upload.options),
            search=text,
            chosen=chosen,
            apply_form=apply_form,
            rejected=found.rejected,
            has_rows=found.rows > found.rejected,
            **forms,
        )

    @staticmethod
    def _rows(upload: RosterUpload, chosen: str, text: str) -> Any:
        rows = upload.rows.order_by("number", "pk")
        if chosen == WARNED:
            rows = rows.exclude(warnings="")
        elif chosen in RowOutcome.values:
            rows = rows.filter(outcome=chosen)
        if text.isdecimal():
            return rows.filter(number=min(int(text), 2**31 - 1))
        return rows.filter(name__icontains=text) if text else rows

    def settings(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._own(request, pk)
        if request.method != "POST":
            return redirect(SHOW, pk=pk)
        options = OptionsForm(upload, timezone.localdate(), request.POST)
        columns = ColumnsForm(upload, request.POST)
        if not (options.is_valid() and columns.is_valid()):
            return self._preview(request, upload, {"options": options, "columns": columns}, ApplyForm(upload))
        with transaction.atomic():
            changed = uploads.change(
                upload,
                kind=options.cleaned_data["kind"],
                sheet=options.chosen_sheet,
                options=options.options(),
                chosen=columns.chosen(),
            )
            if changed:
                tasks.read_later(upload)
        if not changed:
            messages.warning(request, _("The list is being worked on, or is in already."))
        return redirect(SHOW, pk=pk)


class DecisionPages(Pages):
    """Letting a list in, or throwing it away, and how far that is."""

    def apply(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._own(request, pk)
        form = ApplyForm(upload, request.POST)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    uploads.confirm(
                        upload,
                        fingerprint=form.cleaned_data["fingerprint"],
                        partial=form.cleaned_data.get("partial", False),
                        reason=form.cleaned_data["reason"],
                    )
                    tasks.apply_later(upload)
            except RosterError as error:
                messages.error(request, str(error))
        return redirect(SHOW, pk=pk)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._own(request, pk)
        if request.method != "POST":
            return redirect(SHOW, pk=pk)
        if uploads.discard(upload):
            messages.success(
                request, _("%(name)s was discarded; nothing of it was imported.") % {"name": upload}
            )
            return redirect(BACK)
        messages.warning(request, _("The list is being worked on, or is in already."))
        return redirect(SHOW, pk=pk)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._own(request, pk)
        return JsonResponse(
            {"state": upload.state, **self._progress(upload)}, headers={"Cache-Control": "no-store"}
        )

    def rejected(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self._own(request, pk)
        headers = [(one["header"], one.get("written", one["header"])) for one in upload.headers]
        return downloads.rejected(upload.file_name, headers, upload.rows)


class UploadPages(BringPages, PreviewPages, DecisionPages):
    """All of them, each open to those who may import lists."""

    def urls(self) -> list[Any]:
        one = "upload/<int:pk>/"
        views: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("upload/", self.bring, ""),
            (one, self.show, "_show"),
            (f"{one}settings/", self.settings, "_settings"),
            (f"{one}apply/", self.apply, "_apply"),
            (f"{one}discard/", self.discard, "_discard"),
            (f"{one}progress/", self.progress, "_progress"),
            (f"{one}rejected/", self.rejected, "_rejected"),
        ]
        return [
            path(
                route,
                self.admin.admin_site.admin_view(self._for_clerks(view)),
                name=f"registry_roster_upload{name}",
            )
            for route, view, name in views
        ]

    @staticmethod
    def _for_clerks(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def checked(request: HttpRequest, **names: Any) -> HttpResponse:
            if not request.user.has_perm("registry.import_roster"):
                raise PermissionDenied
            return view(request, **names)

        return checked
