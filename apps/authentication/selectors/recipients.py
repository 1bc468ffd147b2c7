"""Who belongs to the practice in scope and can be told something: the directory that notifications ask."""

from collections.abc import Collection
from uuid import UUID

from django.conf import settings

from apps.authentication.models import Membership, SealedSignIn
from apps.authentication.rules import permissions_of
from apps.authentication.selectors.people import member_emails
from apps.authentication.types import Role
from apps.foundation.notifications.types import Recipient
from apps.foundation.tenancy.services import current_practice_id


class Colleagues:
    """The active members of the practice in scope, patients with an account included."""

    def recipients(self, person_ids: Collection[UUID] | None = None) -> list[Recipient]:
        """All of them, or those of them that are named. Two queries at the most."""
        rows = Membership.objects.filter(practice_id=current_practice_id(), is_active=True, user__is_active=True)
        if person_ids is not None:
            rows = rows.filter(user_id__in=set(person_ids))
        members = list(rows.order_by("created_at", "id"))
        outside = [row.user_id for row in members if row.role == Role.PATIENT]
        chosen = SealedSignIn.objects.filter(user_id__in=outside).values_list("user_id", "language") if outside else ()
        languages = dict(chosen)
        usual = settings.LANGUAGE_CODE.partition("-")[0]
        return [
            Recipient(
                person_id=row.user_id,
                role=row.role,
                language=languages.get(row.user_id) or usual,
                permissions=permissions_of(row.role, row.is_biller),
            )
            for row in members
        ]

    def mail_address(self, person_id: UUID) -> str:
        """Where the member reads mail, opened where it is sealed; empty where nobody does."""
        return member_emails([person_id]).get(person_id, "")
