"""Reading people and their memberships."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from apps.authentication.models import Membership, User
from apps.authentication.rules import permissions_of
from apps.authentication.types import MemberRef, Role
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def list_members(role: Role | None = None, *, roles: Collection[Role] = ()) -> list[MemberRef]:
    """The active people of the practice in scope, by name; of one role, of several, or of all."""
    wanted = {role} if role is not None else set(roles)
    rows = Membership.objects.filter(practice_id=current_practice_id(), is_active=True, user__is_active=True)
    if wanted:
        rows = rows.filter(role__in=wanted)
    return [_ref(row) for row in rows.select_related("user").order_by("user__full_name", "user_id")]


def members_who_may(permission: str) -> list[MemberRef]:
    """The active people of the practice in scope who hold the permission, by name."""
    rows = Membership.objects.filter(practice_id=current_practice_id(), is_active=True, user__is_active=True)
    people = rows.select_related("user").order_by("user__full_name", "user_id")
    return [_ref(row) for row in people if str(permission) in permissions_of(row.role, row.is_biller)]


def members_by_id(user_ids: Collection[UUID]) -> dict[UUID, MemberRef]:
    """The named people of the practice in scope, those who left included, in one query."""
    rows = Membership.objects.filter(practice_id=current_practice_id(), user_id__in=set(user_ids))
    return {row.user_id: _ref(row) for row in rows.select_related("user")}


def member_emails(user_ids: Collection[UUID]) -> dict[UUID, str]:
    """The e-mails of the named people of the practice in scope, those who left included; no query for nobody."""
    if not user_ids:
        return {}
    rows = Membership.objects.filter(practice_id=current_practice_id(), user_id__in=set(user_ids))
    return dict(rows.values_list("user_id", "user__email"))


def is_member(user_id: UUID) -> bool:
    """Whether this person works in the practice in scope now; a patient's account is no member."""
    return (
        Membership.objects.filter(
            practice_id=current_practice_id(), user_id=user_id, is_active=True, user__is_active=True
        )
        .exclude(role=Role.PATIENT)
        .exists()
    )


def membership_for(user_id: UUID, practice_id: UUID | None = None) -> Membership | None:
    """The person's active membership in the practice, or their first one when none is named. One query."""
    rows = Membership.objects.filter(user_id=user_id, user__is_active=True, is_active=True)
    if practice_id is not None:
        rows = rows.filter(practice_id=practice_id)
    return rows.select_related("user", "practice").order_by("created_at", "id").first()


def actor_of(membership: Membership, *, ip: str = "", request_id: str = "") -> Actor:
    """The actor that this membership makes of its person."""
    return Actor(
        user_id=membership.user_id,
        practice_id=membership.practice_id,
        role=membership.role,
        permissions=permissions_of(membership.role, membership.is_biller),
        ip=ip,
        request_id=request_id,
    )


def actor_for(user_id: UUID, practice_id: UUID | None = None) -> Actor | None:
    """The person as actor in the practice, or None where they hold no active membership."""
    membership = membership_for(user_id, practice_id)
    return None if membership is None else actor_of(membership)


def active_administrators(practice_id: UUID) -> QuerySet[Membership]:
    """Who could administer the practice now. For this app's own services and forms."""
    return Membership.objects.filter(practice_id=practice_id, role=Role.ADMIN, is_active=True, user__is_active=True)


def is_last_administrator(user_id: UUID) -> bool:
    """Whether this person alone administers the practice in scope."""
    people = {row.user_id for row in active_administrators(current_practice_id())}
    return people == {user_id}


def find_user_id(email: str) -> UUID | None:
    """The id behind an e-mail or user name, or None."""
    try:
        return User.objects.get_by_natural_key(email).id
    except User.DoesNotExist:
        return None


def _ref(row: Membership) -> MemberRef:
    return MemberRef(row.user_id, row.user.full_name, Role(row.role))
