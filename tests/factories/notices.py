"""Notices in the bells of a practice, and a phone that gets pushes."""

from uuid import UUID, uuid4

from django.utils import timezone

from apps.authentication.types import Role
from apps.foundation.audit import services as audit
from apps.foundation.notifications import services
from apps.foundation.notifications.models import NotificationDelivery
from apps.foundation.notifications.selectors import bell_page
from apps.foundation.notifications.types import Channel
from tests.cast import CastPractice


def notice_to_everybody(practice: CastPractice) -> UUID:
    """Something that lies in the bell of everybody, the patient's account included; the notification's id."""
    with practice.scope():
        with audit.batch("test", by=practice.system):
            services.queue_notification(kind="hand_over", reference=uuid4())
        services.make_due_deliveries(only_bell=True)
        mine = NotificationDelivery.objects.filter(notification__kind="hand_over").order_by("-created_at").first()
        assert mine is not None
        of_the_patient = {"person_id": practice.people["patient"], "target_id": practice.people["patient"]}
        row = NotificationDelivery(
            practice_id=practice.id,
            notification_id=mine.notification_id,
            channel="in_app",
            urgency="normal",
            state="done",
            **of_the_patient,
        )
        NotificationDelivery._base_manager.bulk_create([row])
        rows = bell_page(by=practice.actor(Role.NURSE.value), page=1, page_size=50).rows
        return next(row.id for row in rows if row.kind == "hand_over")


def phone_of(practice: CastPractice, role: str = Role.NURSE.value) -> UUID:
    """The person's phone, which gets pushes; its id."""
    with practice.scope():
        by, token = practice.actor(role), f"fcm:{uuid4().hex}"
        return services.register_app(channel=Channel.FCM, token=token, by=by, now=timezone.now())
