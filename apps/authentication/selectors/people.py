"""Reading people and their memberships."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.authentication.models import Membership, TotpDevice, User
from apps.authentication.rules import permissions_of
from apps.authentication.selectors.lockout import locks_of
from apps.authentication.selectors.sealed_sign_in import account_by_email, opened_emails
from apps.authentication.types import MemberRef, Role
from apps.authentication.types.colleagues import Colleague, NoSuchColleague
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def list_members(role: Role | None = None, *, roles: Collection[Role] = ()) -> list[MemberRef]:
    """The active people of the practice in scope, by name; of one role, of several, or of all but patients."""
    wanted = {role} if role is not None else set(roles)
    rows = Membership.objects.filter(practice_id=current_practice_id(), is_active=True, user__is_active=True)
    rows = rows.filter(role__in=wanted) if wanted else rows.exclude(role=Role.PATIENT)
    return [_ref(row) for row in rows.select_related("user").order_by("user__full_name", "user_id")]


def members_who_may(permission: str) -> list[MemberRef]:
    """The active people of the practice in scope who hold the permission, by name."""
    roles = [role for role in Role if str(permission) in permissions_of(role, True)]
    rows = Membership.objects.filter(practice_id=current_practice_id(), is_active=True, user__is_active=True)
    people = rows.filter(role__in=roles).select_related("user").order_by("user__full_name", "user_id")
    return [_ref(row) for row in people if str(permission) in permissions_of(row.role, row.is_biller)]


def members_by_id(user_ids: Collection[UUID]) -> dict[UUID, MemberRef]:
    """The named people of the practice in scope, those who left included, in one query."""
    rows = Membership.objects.filter(practice_id=current_practice_id(), user_id__in=set(user_ids))
    return {row.user_id: _ref(row) for row in rows.select_related("user")}


def member_emails(user_ids: Collection[UUID]) -> dict[UUID, str]:
    """The e-mails of the named people of the practice in scope, those who left included; no query for nobody.

    A patient's is opened for the mail that goes to it; one whose access has ended is left out.
    """
    if not user_ids:
        return {}
    rows = Membership.objects.filter(practice_id=current_practice_id(), user_id__in=set(user_ids))
    return opened_emails(dict(rows.values_list("user_id", "user__email")))


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
    return rows.select_related("user", "practice__sign_in_policy").order_by("created_at", "id").first()


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
        found = account_by_email(email)
        return None if found is None else found.id


def list_colleagues(now: datetime) -> list[Colleague]:
    """Everybody who works or worked in the practice in scope, those at work first, by name. Patients are not in it."""
    rows = team(current_practice_id()).order_by("-is_active", "user__full_name", "user_id")
    return _colleagues(list(rows), now)


def find_colleague(user_id: UUID, now: datetime) -> Colleague:
    """One of them. Raises NoSuchColleague."""
    found = _colleagues(list(team(current_practice_id()).filter(user_id=user_id)), now)
    if not found:
        raise NoSuchColleague
    return found[0]


def team(practice_id: UUID) -> QuerySet[Membership]:
    """The memberships of all but patients. For this app's own services and forms."""
    return Membership.objects.filter(practice_id=practice_id).exclude(role=Role.PATIENT).select_related("user")


def active_people(practice_id: UUID, roles: Collection[Role]) -> list[UUID]:
    """Who works there in one of these roles now. For this app's own services."""
    return list(team(practice_id).filter(is_active=True, role__in=roles).values_list("user_id", flat=True))


def works_elsewhere(user_id: UUID) -> bool:
    """Whether another practice than the one in scope counts on this account too."""
    others = Membership.objects.filter(user_id=user_id, is_active=True)
    return others.exclude(practice_id=current_practice_id()).exists()


def practices_of(user_id: UUID) -> list[tuple[UUID, str, Role]]:
    """Where the person works now: id and name of the practice, and their role in it, by name."""
    rows = Membership.objects.filter(user_id=user_id, is_active=True).select_related("practice")
    return [(row.practice_id, row.practice.name, Role(row.role)) for row in rows.order_by("practice__name", "id")]


def count_without_second_factor() -> dict[Role, int]:
    """How many people of each role in the practice in scope have no second factor; roles without any are left out."""
    rows = team(current_practice_id()).filter(is_active=True, user__is_active=True)
    bare = rows.exclude(user_id__in=_with_second_factor()).values_list("role").annotate(count=Count("id"))
    return {Role(role): count for role, count in bare.order_by("role")}


def _with_second_factor() -> QuerySet[TotpDevice, UUID]:
    enrolled: QuerySet[TotpDevice, UUID] = TotpDevice.objects.filter(confirmed=True).values_list("user_id", flat=True)
    return enrolled


def _colleagues(rows: list[Membership], now: datetime) -> list[Colleague]:
    enrolled = set(_with_second_factor().filter(user_id__in={row.user_id for row in rows}))
    locked = locks_of([row.user.email for row in rows], now)
    return [
        Colleague(
            user_id=row.user_id,
            full_name=row.user.full_name,
            email=row.user.email,
            role=Role(row.role),
            is_biller=row.is_biller,
            is_active=row.is_active and row.user.is_active,
            has_second_factor=row.user_id in enrolled,
            last_login=row.user.last_login,
            locked_until=locked.get(row.user.email),
        )
        for row in rows
    ]


def _ref(row: Membership) -> MemberRef:
    return MemberRef(row.user_id, row.user.full_name, Role(row.role))
