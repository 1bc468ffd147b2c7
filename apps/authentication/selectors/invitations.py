"""Reading invitations."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.authentication.models import Invitation, User
from apps.authentication.types import Role
from apps.authentication.types.colleagues import InvitationOver, OpenInvitation, PendingInvitation
from apps.foundation.tenancy.services import current_practice_id


def pending_invitations(now: datetime) -> list[PendingInvitation]:
    """Who was asked to join the practice in scope and has not answered, the newest first; the expired included."""
    rows = list(unanswered(current_practice_id()).order_by("-created_at", "id"))
    names = dict(User.objects.filter(id__in={row.invited_by_id for row in rows}).values_list("id", "full_name"))
    return [
        PendingInvitation(
            id=row.id,
            full_name=row.full_name,
            email=row.email,
            role=Role(row.role),
            is_biller=row.is_biller,
            invited_by=names.get(row.invited_by_id, ""),
            created_at=row.created_at,
            expires_at=row.expires_at,
            is_expired=row.expires_at <= now,
        )
        for row in rows
    ]


def open_invitation(secret_hash: str, now: datetime) -> OpenInvitation:
    """The invitation behind a link. Raises InvitationOver."""
    row = usable(now).filter(secret_hash=secret_hash).select_related("practice").first()
    if row is None:
        raise InvitationOver
    user_id: UUID | None = User.objects.filter(email=row.email).values_list("id", flat=True).first()
    return OpenInvitation(row.id, row.practice.name, row.full_name, row.email, Role(row.role), row.is_biller, user_id)


def unanswered(practice_id: UUID) -> QuerySet[Invitation]:
    """Neither accepted nor revoked. For this app's own services."""
    return Invitation.objects.filter(practice_id=practice_id, accepted_at=None, revoked_at=None)


def usable(now: datetime) -> QuerySet[Invitation]:
    """Those whose link works now, of any practice. For this app's own services."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
