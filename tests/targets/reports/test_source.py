"""The plan's document: every quotation marked, every other number greyed."""

import pytest

from targets.citations import Place
from targets.models import Document, Plan
from targets.reports.source import pieces
from tests.targets.reports.conftest import Reader

pytestmark = pytest.mark.django_db


def test_pieces_joined_are_the_text_and_overlap_keeps_both() -> None:
    text = "绿色工厂40家，其中国家级5家，共12项。"
    whole, part = Place(0, 15), Place(7, 15)
    found = pieces(text, [("all", whole), ("national", part)], [Place(17, 19)], {"all", "national"})
    assert "".join(piece.text for piece in found) == text
    assert [(piece.text, piece.targets) for piece in found if piece.targets] == [
        ("绿色工厂40家", ("all",)),
        ("，其中国家级5家"[:8], ("all", "national")),
    ]
    assert [piece.text for piece in found if piece.is_number] == ["12"]
    assert [piece.anchors for piece in found if piece.anchors] == [("all",), ("national",)]


def test_a_stored_document_shows_the_quotation_and_what_is_none(clerk: Reader, plan: Plan) -> None:
    page = clerk.open(f"/plans/{plan.code}/document/").content.decode()
    assert "load_document" in page, "nothing is stored yet"
    text = "数读\n到2025年，green.all4家，另有77项。\n<b>加快建设龙城实验室</b>"
    plan.document = Document.objects.create(code="paper", title="规划文件", text=text)
    plan.save()
    page = clerk.open(f"/plans/{plan.code}/document/").content.decode()
    assert 'id="target-green.all"' in page
    assert '<span class="no-target">77</span>' in page
    assert "<b>" not in page
    assert (
        f"/plans/{plan.code}/document/#target-green.all" in clerk.open("/targets/green.all/").content.decode()
    )


def test_a_draft_is_for_those_who_work_on_it(clerk: Reader, wujin: Reader, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(is_draft=True)
    address = f"/plans/{plan.code}/document/"
    assert clerk.open(address, plan=plan.code).status_code == 200
    assert wujin.open(address, plan=plan.code).status_code == 404
    assert clerk.open("/plans/nothing/document/", plan=plan.code).status_code == 404
