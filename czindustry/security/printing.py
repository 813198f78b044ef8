"""Pages that are printed from the browser: the page itself says so."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from czindustry.security import trail
from czindustry.security.choices import Action
from registry.person import person

LONGEST = 500


@require_POST
def printed(request: HttpRequest) -> HttpResponse:
    """The page and its title, as the browser tells them."""
    page, title = (request.POST.get(name, "")[:LONGEST] for name in ("page", "title"))
    trail.note(Action.PRINT, request, person=person(request), subject=title, page=trail.clean(page, LONGEST))
    return HttpResponse(status=204)
